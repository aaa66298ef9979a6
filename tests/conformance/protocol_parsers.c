/* The suites of the JSON reader and of the CBOR decoder. */
#include "protocol_vectors.h"

#include "base/json.h"

#define TEXT_MAX ((size_t)1 << 20)

/* ---- JSON: y_ must parse, n_ must not, i_ may ---- */

static bool parses(awl_str text)
{
    struct awl_json_reader json;
    enum awl_json_token token;
    awl_json_reader_init(&json, text);
    do
        token = awl_json_next(&json);
    while (token != AWL_JSON_END && token != AWL_JSON_ERROR);
    return token == AWL_JSON_END;
}

void protocol_json_parsing(struct vectors_suite *suite, const char *folder)
{
    const char **files = vectors_list(folder);
    for (; files != NULL && *files != NULL; files++) {
        awl_str text;
        if ((*files)[1] != '_' || !vectors_read(vectors_path(folder, *files), &text))
            continue;
        bool ok = parses(text);
        if (((*files)[0] == 'y' && !ok) || ((*files)[0] == 'n' && ok))
            vectors_fail(suite, *files, ok ? "parsed" : "not parsed");
        else
            vectors_pass(suite);
    }
}

/* ---- CBOR ---- */

static awl_str bytes_of_hex(awl_str hex, struct awl_buf *out)
{
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        unsigned byte = 0;
        for (size_t j = i; j < i + 2; j++) {
            char c = awl_char_lower(hex.ptr[j]);
            byte = byte * 16 + (unsigned)(awl_char_is_digit(c) ? c - '0' : c - 'a' + 10);
        }
        awl_buf_append_char(out, (char)byte);
    }
    return awl_buf_str(out);
}

static void spell_expected(const struct vectors_json *value, struct awl_buf *out);

static void spell_negint(awl_str text, struct awl_buf *out)
{
    unsigned long long size = 0;
    for (size_t i = 1; i < text.len; i++)
        size = size * 10 + (unsigned)(text.ptr[i] - '0');
    awl_buf_printf(out, "-1-%llu ", size - 1); /* of -2^64 too: size wraps to 0 */
}

static void spell_bits(const struct vectors_json *value, bool single, struct awl_buf *out)
{
    int64_t number = 0;
    double real;
    awl_str_to_int64(value->text, &number);
    uint64_t bits = (uint64_t)number;
    if (single) {
        uint32_t low = (uint32_t)bits;
        float narrow;
        memcpy(&narrow, &low, sizeof(narrow));
        real = (double)narrow;
    } else {
        memcpy(&real, &bits, sizeof(real));
    }
    bodies_spell_real(out, real);
}

static void spell_items(const struct vectors_json *value, bool map, struct awl_buf *out)
{
    awl_buf_append_char(out, map ? '{' : '[');
    for (const struct vectors_json *item = value->first; item != NULL;
         item = item->next) {
        if (map)
            awl_buf_printf(out, "'%.*s':", STR_ARG(item->key));
        spell_expected(item, out);
    }
    awl_buf_append_char(out, map ? '}' : ']');
}

static void spell_expected(const struct vectors_json *value, struct awl_buf *out)
{
    const struct vectors_json *what = value != NULL ? value->first : NULL;
    awl_str kind = what != NULL ? what->key : STR("null");
    if (awl_str_eq(kind, STR("uint"))) {
        awl_buf_printf(out, "+%.*s ", STR_ARG(what->text));
    } else if (awl_str_eq(kind, STR("negint"))) {
        spell_negint(what->text, out);
    } else if (awl_str_eq(kind, STR("bytestring"))) {
        awl_buf_append_str(out, STR("h'"));
        for (const struct vectors_json *b = what->first; b != NULL; b = b->next) {
            int64_t byte = 0;
            awl_str_to_int64(b->text, &byte);
            awl_buf_append_char(out, (char)byte);
        }
        awl_buf_append_char(out, '\'');
    } else if (awl_str_eq(kind, STR("string"))) {
        awl_buf_printf(out, "'%.*s'", STR_ARG(what->text));
    } else if (awl_str_eq(kind, STR("list"))) {
        spell_items(what, false, out);
    } else if (awl_str_eq(kind, STR("map"))) {
        spell_items(what, true, out);
    } else if (awl_str_eq(kind, STR("tag"))) {
        awl_buf_printf(out, "tag %.*s ", STR_ARG(vectors_text(what, "id")));
        spell_expected(vectors_get(what, "value"), out);
    } else if (awl_str_eq(kind, STR("bool"))) {
        awl_buf_append_str(out, what->boolean ? STR("true ") : STR("false "));
    } else if (awl_str_eq(kind, STR("float32"))) {
        spell_bits(what, true, out);
    } else if (awl_str_eq(kind, STR("float64"))) {
        spell_bits(what, false, out);
    } else {
        awl_buf_append_str(out, STR("null "));
    }
}

/* `good` is false for what must not be decoded. */
static void run_cbor(struct vectors_suite *suite, const struct vectors_json *test,
                     bool good)
{
    struct awl_buf bytes, actual, expected;
    const struct vectors_json *expect = vectors_get(test, "expect");
    if (good && expect == NULL) {
        vectors_skip(suite, vectors_text(test, "description").ptr,
                     "the case has no expected result");
        return;
    }
    awl_buf_init(&bytes, TEXT_MAX);
    awl_buf_init(&actual, TEXT_MAX);
    awl_buf_init(&expected, TEXT_MAX);
    bool ok =
        bodies_spell_cbor(bytes_of_hex(vectors_text(test, "input"), &bytes), &actual);
    if (good)
        spell_expected(expect, &expected);
    if (!good ? !ok : ok && awl_str_eq(awl_buf_str(&actual), awl_buf_str(&expected)))
        vectors_pass(suite);
    else
        vectors_fail(suite, vectors_text(test, "description").ptr,
                     ok ? "decoded to %s, expected %s" : "not decoded: %s, expected %s",
                     awl_buf_cstr(&actual), awl_buf_cstr(&expected));
    awl_buf_release(&bytes);
    awl_buf_release(&actual);
    awl_buf_release(&expected);
}

void protocol_cbor(struct vectors_suite *suite, const char *folder)
{
    static const char *const files[] = {"decode-success-tests.json",
                                        "decode-error-tests.json"};
    for (size_t i = 0; i < 2; i++) {
        const char *path = vectors_path(folder, files[i]);
        const struct vectors_json *tests =
            vectors_exists(path) ? vectors_json_read(path) : NULL;
        for (const struct vectors_json *test = tests != NULL ? tests->first : NULL;
             test != NULL; test = test->next)
            run_cbor(suite, test, i == 0);
    }
}
