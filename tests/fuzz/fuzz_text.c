/* Base64, UTF-8 and numbers. */
#include "aws/base64.h"
#include "base/utf8.h"
#include "fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

static void check_base64(awl_str text, enum awl_base64 variant)
{
    struct awl_buf bytes, again;
    awl_buf_init(&bytes, TEXT_MAX);
    awl_buf_init(&again, TEXT_MAX);
    require(awl_base64_encode(&bytes, text.ptr, text.len, variant) == AWL_OK);
    require(awl_base64_decode(&again, awl_buf_str(&bytes), variant) == AWL_OK);
    require(awl_str_eq(awl_buf_str(&again), text));
    awl_buf_clear(&bytes);
    awl_buf_clear(&again);
    if (awl_base64_decode(&bytes, text, variant) == AWL_OK) {
        require(awl_base64_encode(&again, bytes.ptr, bytes.len,
                                  AWL_BASE64_URL_NO_PADDING) == AWL_OK);
        require(again.len <= text.len && text.len <= again.len + 2);
    } else {
        require(bytes.len == 0);
    }
    awl_buf_release(&bytes);
    awl_buf_release(&again);
}

static void check_utf8(awl_str text)
{
    while (text.len > 0) {
        size_t len = awl_utf8_len(text);
        require(len <= text.len && len <= 4);
        text = awl_str_slice(text, len > 0 ? len : 1, text.len);
    }
}

static void check_numbers(awl_str text)
{
    int64_t integer;
    double real;
    if (text.len < 64 && awl_str_to_int64(text, &integer))
        require(awl_str_to_double(text, &real) && real >= (double)INT64_MIN);
    else
        (void)awl_str_to_double(text, &real);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    awl_str text = awl_str_make((const char *)data, size);
    for (int variant = AWL_BASE64_STANDARD; variant <= AWL_BASE64_URL_NO_PADDING;
         variant++)
        check_base64(text, (enum awl_base64)variant);
    check_utf8(text);
    check_numbers(text);
    return 0;
}
