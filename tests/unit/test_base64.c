#include "test.h"

#include "aws/base64.h"

static void check_encode(enum awl_base64 variant, const char *text, const char *expected)
{
    struct awl_buf out;
    awl_buf_init(&out, 256);
    CHECK_OK(awl_base64_encode(&out, text, strlen(text), variant));
    CHECK_BUF(&out, expected);
    awl_buf_release(&out);
}

static void check_decode(enum awl_base64 variant, const char *text, const char *expected)
{
    struct awl_buf out;
    awl_buf_init(&out, 256);
    CHECK_OK(awl_base64_decode(&out, awl_str_of(text), variant));
    CHECK_BUF(&out, expected);
    awl_buf_release(&out);
}

static void check_refused(enum awl_base64 variant, const char *text)
{
    struct awl_buf out;
    awl_buf_init(&out, 256);
    awl_buf_append(&out, "kept", 4);
    CHECK_RC(awl_base64_decode(&out, awl_str_of(text), variant), AWL_EPARSE);
    CHECK_BUF(&out, "kept");
    awl_buf_release(&out);
}

TEST(the_examples_of_rfc_4648_go_both_ways)
{
    UNUSED_STATE;
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        check_encode(AWL_BASE64_STANDARD, pairs[i][0], pairs[i][1]);
        check_decode(AWL_BASE64_STANDARD, pairs[i][1], pairs[i][0]);
    }
}

TEST(the_url_alphabet_differs_in_two_digits)
{
    UNUSED_STATE;
    check_encode(AWL_BASE64_STANDARD, "\xfb\xff\xfe", "+//+");
    check_encode(AWL_BASE64_URL, "\xfb\xff\xfe", "-__-");
    check_encode(AWL_BASE64_URL, "\xff", "_w==");
    check_encode(AWL_BASE64_URL_NO_PADDING, "\xff", "_w");
    check_encode(AWL_BASE64_URL_NO_PADDING, "\xff\xff", "__8");
    check_decode(AWL_BASE64_URL, "-__-", "\xfb\xff\xfe");
    check_refused(AWL_BASE64_URL, "+//+");
    check_refused(AWL_BASE64_STANDARD, "-__-");
}

TEST(padding_may_be_missing)
{
    UNUSED_STATE;
    check_decode(AWL_BASE64_STANDARD, "Zg", "f");
    check_decode(AWL_BASE64_STANDARD, "Zm8", "fo");
    check_decode(AWL_BASE64_URL_NO_PADDING, "Zm8=", "fo");
}

TEST(what_is_not_base64_is_refused)
{
    UNUSED_STATE;
    static const char *const bad[] = {
        "Z",       "Zg=",  "Zg===", "Zm9v=",  "Zm9v====", "=",
        "==",      "====", "Zm 9v", "Zm9v\n", "Zm9v!",    "Zg==Zg==",
        "Zm8\x80", "Zh",   "Zm9=",  "Z=8=",   "Zm9vZ",    "Zm9vZ===",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(AWL_BASE64_STANDARD, bad[i]);
}

TEST(all_bytes_survive_at_every_length)
{
    UNUSED_STATE;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct awl_buf text, back;
        awl_buf_init(&text, 1024);
        awl_buf_init(&back, 1024);
        CHECK_OK(awl_base64_encode(&text, bytes, len, AWL_BASE64_STANDARD));
        CHECK_INT(text.len, awl_base64_encoded_len(len));
        CHECK_OK(awl_base64_decode(&back, awl_buf_str(&text), AWL_BASE64_STANDARD));
        CHECK_INT(back.len, len);
        if (len > 0)
            assert_memory_equal(back.ptr, bytes, len);
        awl_buf_release(&text);
        awl_buf_release(&back);
    }
}

TEST(the_buffers_limit_holds_in_both_directions)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_buf_init(&out, 7);
    CHECK_RC(awl_base64_encode(&out, "foobar", 6, AWL_BASE64_STANDARD), AWL_ELIMIT);
    awl_buf_release(&out);
    awl_buf_init(&out, 2);
    CHECK_RC(awl_base64_decode(&out, STR("Zm9v"), AWL_BASE64_STANDARD), AWL_ELIMIT);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(the_examples_of_rfc_4648_go_both_ways),
          RUN(the_url_alphabet_differs_in_two_digits), RUN(padding_may_be_missing),
          RUN(what_is_not_base64_is_refused), RUN(all_bytes_survive_at_every_length),
          RUN(the_buffers_limit_holds_in_both_directions))
