/* fuzz_json.c - the JSON reader: what it accepts, it can skip, unescape and write. */
#include "base/json.h"
#include "fuzz.h"

/* Text that was accepted must come back from what is written of it. */
static void check_text(awl_str text)
{
    struct awl_buf plain, json, again;
    struct awl_json_reader reader;

    awl_buf_init(&plain, 1 << 20);
    awl_buf_init(&json, 8 << 20);
    awl_buf_init(&again, 1 << 20);
    if (awl_json_unescape(&plain, text) != AWL_OK ||
        awl_json_append_string(&json, awl_buf_str(&plain)) != AWL_OK)
        abort();
    awl_json_reader_init(&reader, awl_buf_str(&json));
    if (awl_json_next(&reader) != AWL_JSON_STRING ||
        awl_json_unescape(&again, reader.text) != AWL_OK ||
        !awl_str_eq(awl_buf_str(&plain), awl_buf_str(&again)) ||
        awl_json_next(&reader) != AWL_JSON_END)
        abort();
    awl_buf_release(&plain);
    awl_buf_release(&json);
    awl_buf_release(&again);
}

/* True if the input is one JSON value. */
static bool read_all(awl_str input)
{
    struct awl_json_reader reader;
    enum awl_json_token token;

    awl_json_reader_init(&reader, input);
    while ((token = awl_json_next(&reader)) != AWL_JSON_END) {
        if (token == AWL_JSON_ERROR)
            return awl_json_error(&reader, NULL) == AWL_OK;
        if (token == AWL_JSON_STRING || token == AWL_JSON_KEY)
            check_text(reader.text);
        double number;
        if (token == AWL_JSON_NUMBER && reader.text.len < 4096 &&
            !awl_str_to_double(reader.text, &number))
            abort();
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    awl_str input = awl_str_make((const char *)data, size);
    struct awl_json_reader reader;

    bool good = read_all(input);
    awl_json_reader_init(&reader, input);
    enum awl_rc skipped = awl_json_skip(&reader, awl_json_next(&reader));
    if (good != (skipped == AWL_OK && awl_json_next(&reader) == AWL_JSON_END))
        abort();
    return 0;
}
