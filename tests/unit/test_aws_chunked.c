#include "aws/aws_chunked.h"

#include "test.h"

static awl_str field(const struct awl_headers *headers, awl_str name)
{
    awl_str value = {"(none)", 6};
    awl_headers_get(headers, name, &value);
    return value;
}

#define CHECK_FIELD(headers, name, text) CHECK_STR(field((headers), STR(name)), text)

static enum awl_rc decode(awl_str body, struct awl_headers *headers, struct awl_buf *out)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_buf_init(out, 1024);
    return awl_chunked_decode(body, headers, out, &err);
}

TEST(pieces_become_one_body)
{
    UNUSED_STATE;
    struct awl_headers headers;
    struct awl_buf out;
    awl_headers_init(&headers, 4096);
    awl_headers_add(&headers, STR("Content-Encoding"), STR("gzip, aws-chunked"));
    awl_headers_add(&headers, STR("Content-Length"), STR("999"));
    awl_headers_add(&headers, STR("x-amz-decoded-content-length"), STR("8"));
    CHECK_OK(decode(STR("5\r\nhello\r\n3;chunk-signature=abc\r\n\r\n!\r\n0\r\n\r\n"),
                    &headers, &out));
    CHECK_BUF(&out, "hello\r\n!");
    CHECK_FIELD(&headers, "content-encoding", "gzip");
    CHECK_FIELD(&headers, "content-length", "8");
    awl_buf_release(&out);
    awl_headers_release(&headers);
}

TEST(an_encoding_that_was_only_chunked_is_none)
{
    UNUSED_STATE;
    struct awl_headers headers;
    struct awl_buf out;
    awl_headers_init(&headers, 4096);
    awl_headers_add(&headers, STR("Content-Encoding"), STR("aws-chunked"));
    CHECK_OK(decode(STR("0\r\n\r\n"), &headers, &out));
    CHECK_INT(out.len, 0);
    CHECK_FIELD(&headers, "content-encoding", "(none)");
    awl_buf_release(&out);
    awl_headers_release(&headers);
}

TEST(announced_trailer_fields_become_headers_and_others_do_not)
{
    UNUSED_STATE;
    struct awl_headers headers;
    struct awl_buf out;
    awl_headers_init(&headers, 4096);
    awl_headers_add(&headers, STR("x-amz-trailer"), STR("x-amz-checksum-crc32"));
    CHECK_OK(
        decode(STR("1\r\nx\r\n0\r\nx-amz-checksum-crc32: AAAA \r\nHost:evil\r\n\r\n"),
               &headers, &out));
    CHECK_FIELD(&headers, "x-amz-checksum-crc32", "AAAA");
    CHECK_FIELD(&headers, "host", "(none)");
    awl_buf_release(&out);
    awl_headers_release(&headers);
}

TEST(a_body_that_is_not_chunked_or_cut_short_is_refused)
{
    UNUSED_STATE;
    static const char *const bodies[] = {
        "",
        "hello",
        "\r\n",
        "5\r\nhell",
        "5\r\nhello",
        "5\r\nhelloXX0\r\n\r\n",
        "5\r\nhello\r\n",
        "g\r\nhello\r\n0\r\n\r\n",
        "fffffffff\r\nhello\r\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
        "0\r\nname: cut",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct awl_headers headers;
        struct awl_buf out;
        awl_headers_init(&headers, 4096);
        CHECK_RC(decode(awl_str_of(bodies[i]), &headers, &out), AWL_EPARSE);
        awl_buf_release(&out);
        awl_headers_release(&headers);
    }
}

TEST(a_length_other_than_announced_is_refused)
{
    UNUSED_STATE;
    struct awl_headers headers;
    struct awl_buf out;
    awl_headers_init(&headers, 4096);
    awl_headers_add(&headers, STR("x-amz-decoded-content-length"), STR("2"));
    CHECK_RC(decode(STR("1\r\nx\r\n0\r\n\r\n"), &headers, &out), AWL_EPARSE);
    awl_buf_release(&out);
    awl_headers_release(&headers);
}

TEST(headers_tell_a_chunked_body)
{
    UNUSED_STATE;
    static const struct {
        const char *name, *value;
        bool chunked;
    } cases[] = {
        {"content-encoding", "aws-chunked", true},
        {"content-encoding", "gzip,AWS-Chunked", true},
        {"content-encoding", "gzip", false},
        {"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", true},
        {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS", false},
        {"x-amz-content-sha256", "UNSIGNED-PAYLOAD", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct awl_headers headers;
        awl_headers_init(&headers, 4096);
        awl_headers_add(&headers, awl_str_of(cases[i].name), awl_str_of(cases[i].value));
        CHECK_INT(awl_chunked_is(&headers), cases[i].chunked);
        awl_headers_release(&headers);
    }
}

TEST_MAIN(RUN(pieces_become_one_body), RUN(an_encoding_that_was_only_chunked_is_none),
          RUN(announced_trailer_fields_become_headers_and_others_do_not),
          RUN(a_body_that_is_not_chunked_or_cut_short_is_refused),
          RUN(a_length_other_than_announced_is_refused), RUN(headers_tell_a_chunked_body))
