/* Checksums of whole texts and of texts in parts. */
#include "aws_vectors.h"

#include <stdio.h>

#include "aws/base64.h"
#include "aws/checksum.h"

#define INPUT_MAX ((size_t)64 << 20)

/* The bytes of {"hex", "repeat"}. */
static bool input_make(const struct vectors_json *input, struct awl_buf *out)
{
    awl_str hex = vectors_text(input, "hex");
    int64_t repeat = vectors_int(input, "repeat", 1);
    awl_buf_clear(out);
    for (int64_t i = 0; i < repeat && awl_buf_rc(out) == AWL_OK; i++) {
        if (awl_buf_reserve(out, hex.len / 2) != AWL_OK ||
            !awl_hex_decode((uint8_t *)out->ptr + out->len, hex))
            return false;
        out->len += hex.len / 2;
    }
    return awl_buf_rc(out) == AWL_OK;
}

/* In two pieces, so that going on is tested as well. */
static void checksum_text(enum awl_checksum_algorithm algorithm, awl_str bytes,
                          char out[AWL_CHECKSUM_BASE64_MAX])
{
    struct awl_checksum checksum;
    size_t part = bytes.len / 3;
    awl_checksum_init(&checksum, algorithm);
    awl_checksum_update(&checksum, bytes.ptr, part);
    awl_checksum_update(&checksum, part > 0 ? bytes.ptr + part : bytes.ptr,
                        bytes.len - part);
    awl_checksum_final_base64(&checksum, out);
}

/* Each member that names an algorithm; what is left over is the input. */
static bool checksums_match(struct vectors_suite *suite, const char *name,
                            const struct vectors_json *expected, awl_str bytes)
{
    const struct vectors_json *member = expected->first;
    for (; member != NULL; member = member->next) {
        enum awl_checksum_algorithm algorithm;
        char actual[AWL_CHECKSUM_BASE64_MAX];
        if (!awl_checksum_by_name(member->key, &algorithm))
            continue;
        checksum_text(algorithm, bytes, actual);
        if (!awl_str_eq(member->text, awl_str_of(actual))) {
            vectors_fail(suite, name, "%.*s: '%s', expected '%.*s'", STR_ARG(member->key),
                         actual, STR_ARG(member->text));
            return false;
        }
    }
    return true;
}

static void run_plain(struct vectors_suite *suite, const struct vectors_json *test,
                      unsigned index)
{
    char name[64];
    struct awl_buf bytes;
    awl_buf_init(&bytes, INPUT_MAX);
    snprintf(name, sizeof name, "plain %u", index);
    if (!input_make(test, &bytes))
        vectors_fail(suite, name, "unreadable input");
    else if (checksums_match(suite, name, test, awl_buf_str(&bytes)))
        vectors_pass(suite);
    awl_buf_release(&bytes);
}

/* ---- in parts ---- */

static size_t raw(awl_str base64, uint8_t out[AWL_CHECKSUM_LEN_MAX])
{
    struct awl_buf bytes;
    awl_buf_init(&bytes, AWL_CHECKSUM_LEN_MAX);
    awl_base64_decode(&bytes, base64, AWL_BASE64_STANDARD);
    size_t len = bytes.len;
    if (len > 0)
        memcpy(out, bytes.ptr, len);
    awl_buf_release(&bytes);
    return len;
}

static bool text_matches(struct vectors_suite *suite, const char *name, const char *what,
                         awl_str key, const char *actual, awl_str expected)
{
    if (awl_str_eq(expected, awl_str_of(actual)))
        return true;
    vectors_fail(suite, name, "%s %.*s: '%s', expected '%.*s'", what, STR_ARG(key),
                 actual, STR_ARG(expected));
    return false;
}

static int64_t input_len(const struct vectors_json *input)
{
    return (int64_t)(vectors_text(input, "hex").len / 2) *
           vectors_int(input, "repeat", 1);
}

/* The CRC of the whole from those of the parts. */
static bool full_object_matches(struct vectors_suite *suite, const char *name,
                                const struct vectors_json *test)
{
    const struct vectors_json *full = vectors_get(test, "full_object");
    const struct vectors_json *want = full != NULL ? full->first : NULL;
    for (; want != NULL; want = want->next) {
        enum awl_checksum_algorithm algorithm;
        uint8_t all[AWL_CHECKSUM_LEN_MAX] = {0}, part[AWL_CHECKSUM_LEN_MAX] = {0};
        char key[32], actual[AWL_CHECKSUM_BASE64_MAX];
        snprintf(key, sizeof key, "%.*s", STR_ARG(want->key));
        if (!awl_checksum_by_name(want->key, &algorithm))
            continue;
        const struct vectors_json *input = vectors_get(test, "parts")->first;
        const struct vectors_json *sums = vectors_get(test, "part_checksums")->first;
        for (; input != NULL && sums != NULL; input = input->next, sums = sums->next) {
            raw(vectors_text(sums, key), part);
            awl_checksum_combine(algorithm, all, part, (uint64_t)input_len(input));
        }
        awl_base64_encode_small(actual, all, awl_checksum_len(algorithm));
        if (!text_matches(suite, name, "full object", want->key, actual, want->text))
            return false;
    }
    return true;
}

/* The checksum of the parts' checksums; `count` of them. */
static size_t composite(enum awl_checksum_algorithm algorithm, const char *key,
                        const struct vectors_json *test,
                        uint8_t out[AWL_CHECKSUM_LEN_MAX], unsigned *count)
{
    struct awl_checksum all;
    const struct vectors_json *sums = vectors_get(test, "part_checksums")->first;
    awl_checksum_init(&all, algorithm);
    for (*count = 0; sums != NULL; sums = sums->next, (*count)++) {
        size_t len = raw(vectors_text(sums, key), out);
        awl_checksum_update(&all, out, len);
    }
    return awl_checksum_final(&all, out);
}

static bool composites_match(struct vectors_suite *suite, const char *name,
                             const struct vectors_json *test)
{
    const struct vectors_json *member = vectors_get(test, "composite");
    const struct vectors_json *want = member != NULL ? member->first : NULL;
    uint8_t value[AWL_CHECKSUM_LEN_MAX];
    unsigned count;
    for (; want != NULL; want = want->next) {
        enum awl_checksum_algorithm algorithm;
        char key[32], base64[AWL_CHECKSUM_BASE64_MAX];
        char actual[AWL_CHECKSUM_BASE64_MAX + 16];
        snprintf(key, sizeof key, "%.*s", STR_ARG(want->key));
        if (!awl_checksum_by_name(want->key, &algorithm))
            continue;
        size_t len = composite(algorithm, key, test, value, &count);
        awl_base64_encode_small(base64, value, len);
        snprintf(actual, sizeof actual, "%s-%u", base64, count);
        if (!text_matches(suite, name, "composite", want->key, actual, want->text))
            return false;
    }
    char hex[2 * AWL_CHECKSUM_LEN_MAX + 1] = "", etag[2 * AWL_CHECKSUM_LEN_MAX + 16];
    size_t len = composite(AWL_CHECKSUM_MD5, "MD5", test, value, &count);
    awl_hex_encode(hex, value, len);
    snprintf(etag, sizeof etag, "%s-%u", hex, count);
    return text_matches(suite, name, "etag", STR(""), etag, vectors_text(test, "etag"));
}

static bool parts_match(struct vectors_suite *suite, const char *name,
                        const struct vectors_json *test)
{
    struct awl_buf bytes;
    bool ok = true;
    const struct vectors_json *input = vectors_get(test, "parts")->first;
    const struct vectors_json *sums = vectors_get(test, "part_checksums")->first;
    awl_buf_init(&bytes, INPUT_MAX);
    for (; ok && input != NULL && sums != NULL; input = input->next, sums = sums->next) {
        ok = input_make(input, &bytes) &&
             checksums_match(suite, name, sums, awl_buf_str(&bytes));
    }
    awl_buf_release(&bytes);
    return ok;
}

static void run_multipart(struct vectors_suite *suite, const struct vectors_json *test,
                          unsigned index)
{
    char name[64];
    snprintf(name, sizeof name, "multipart %u", index);
    if (vectors_get(test, "parts") == NULL || vectors_get(test, "part_checksums") == NULL)
        vectors_fail(suite, name, "no parts");
    else if (parts_match(suite, name, test) && full_object_matches(suite, name, test) &&
             composites_match(suite, name, test))
        vectors_pass(suite);
}

void aws_vectors_checksums(struct vectors_suite *suite, const char *folder)
{
    const struct vectors_json *all =
        vectors_json_read(vectors_path(folder, "vectors.json"));
    const struct vectors_json *plain = vectors_get(all, "plain");
    const struct vectors_json *multipart = vectors_get(all, "multipart");
    unsigned index = 0;
    const struct vectors_json *test = plain != NULL ? plain->first : NULL;
    for (; test != NULL; test = test->next)
        run_plain(suite, test, index++);
    test = multipart != NULL ? multipart->first : NULL;
    for (index = 0; test != NULL; test = test->next)
        run_multipart(suite, test, index++);
}
