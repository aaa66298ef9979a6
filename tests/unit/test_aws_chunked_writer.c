#include "aws/aws_chunked_writer.h"

#include "aws/aws_chunked.h"
#include "aws/sigv4.h"
#include "test.h"

static const struct awl_chunked_options plain_options = {
    .chunk_bytes = 4,
    .has_checksum = true,
    .algorithm = AWL_CHECKSUM_CRC32,
};

/* All of `text`, handed over `step` bytes at a time. */
static void write_all(struct awl_chunked_writer *writer, awl_str text, size_t step,
                      struct awl_buf *out)
{
    for (size_t at = 0; at < text.len; at += step)
        CHECK_OK(awl_chunked_writer_add(writer, awl_str_slice(text, at, at + step), out));
    CHECK_OK(awl_chunked_writer_end(writer, out));
}

TEST(chunks_are_of_one_size_however_the_pieces_come)
{
    UNUSED_STATE;
    struct awl_chunked_writer writer;
    struct awl_buf out;
    awl_chunked_writer_init(&writer, &plain_options);
    awl_buf_init(&out, 4096);
    for (size_t step = 1; step < 12; step++) {
        awl_buf_clear(&out);
        awl_chunked_writer_restart(&writer);
        write_all(&writer, STR("123456789"), step, &out);
        CHECK_BUF(&out, "4\r\n1234\r\n4\r\n5678\r\n1\r\n9\r\n0\r\n"
                        "x-amz-checksum-crc32:y/Q5Jg==\r\n\r\n");
    }
    awl_buf_release(&out);
    awl_chunked_writer_release(&writer);
}

TEST(an_empty_body_has_a_trailer_as_well)
{
    UNUSED_STATE;
    struct awl_chunked_writer writer;
    struct awl_buf out;
    awl_chunked_writer_init(&writer, &plain_options);
    awl_buf_init(&out, 4096);
    write_all(&writer, STR(""), 1, &out);
    CHECK_BUF(&out, "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
    awl_buf_release(&out);
    awl_chunked_writer_release(&writer);
}

static enum awl_rc sign_with_x(void *data, awl_str bytes, bool is_trailer,
                               char signature[64])
{
    (void)data, (void)bytes, (void)is_trailer;
    memset(signature, 'x', 64);
    return AWL_OK;
}

TEST(the_length_is_known_beforehand)
{
    UNUSED_STATE;
    static const char text[300];
    struct awl_buf out;
    awl_buf_init(&out, 65536);
    for (int kind = 0; kind < 4 * AWL_CHECKSUM_COUNT; kind++) {
        const struct awl_chunked_options options = {
            .chunk_bytes = 32,
            .has_checksum = (kind & 1) != 0,
            .sign = (kind & 2) != 0 ? sign_with_x : NULL,
            .algorithm = (enum awl_checksum_algorithm)(kind / 4),
        };
        for (size_t len = 0; len < sizeof text; len += 16) {
            struct awl_chunked_writer writer;
            awl_chunked_writer_init(&writer, &options);
            awl_buf_clear(&out);
            write_all(&writer, awl_str_make(text, len), 100, &out);
            CHECK_INT(awl_chunked_length(&options, (int64_t)len), out.len);
            awl_chunked_writer_release(&writer);
        }
    }
    CHECK_INT(awl_chunked_length(&plain_options, -1), -1);
    CHECK_INT(awl_chunked_length(&plain_options, INT64_MAX), -1);
    awl_buf_release(&out);
}

/* ---- the example of AWS's documentation ---- */

struct chain {
    struct awl_sigv4 *sigv4;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
};

static enum awl_rc sign_next(void *data, awl_str bytes, bool is_trailer,
                             char signature[64])
{
    static const struct awl_credentials keys = {
        .access_key_id = {"AKIAIOSFODNN7EXAMPLE", 20},
        .secret_access_key = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40},
    };
    static const struct awl_sigv4_params params = {
        .region = {"us-east-1", 9},
        .service = {"s3", 2},
        .now_ms = 1369353600000, /* 2013-05-24 */
    };
    struct chain *chain = data;
    enum awl_rc rc =
        is_trailer
            ? awl_sigv4_sign_trailer(chain->sigv4, &params, &keys, chain->signature,
                                     bytes, chain->signature, NULL)
            : awl_sigv4_sign_piece(chain->sigv4, &params, &keys, chain->signature,
                                   STR(""), bytes, chain->signature, NULL);
    memcpy(signature, chain->signature, 64);
    return rc;
}

static void check_chunk(struct awl_chunked *reader, size_t len, const char *signature)
{
    struct awl_chunk chunk;
    CHECK_OK(awl_chunked_next(reader, &chunk));
    CHECK_INT(chunk.bytes.len, len);
    CHECK_STR(chunk.signature, signature);
}

TEST(the_documented_upload_gets_its_chain_of_signatures)
{
    UNUSED_STATE;
    static char as[66560];
    struct chain chain = {
        .sigv4 = awl_sigv4_new(),
        .signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    };
    const struct awl_chunked_options options = {
        .chunk_bytes = AWL_CHUNKED_CHUNK_BYTES,
        .has_checksum = true,
        .algorithm = AWL_CHECKSUM_CRC32C,
        .sign = sign_next,
        .sign_data = &chain,
    };
    struct awl_chunked_writer writer;
    struct awl_buf out;
    awl_str name, value;

    CHECK(chain.sigv4 != NULL);
    memset(as, 'a', sizeof as);
    awl_chunked_writer_init(&writer, &options);
    awl_buf_init(&out, 128 * 1024);
    write_all(&writer, awl_str_make(as, sizeof as), 1000, &out);
    struct awl_chunked reader = {.rest = awl_buf_str(&out)};
    check_chunk(&reader, 65536,
                "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    check_chunk(&reader, 1024,
                "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    check_chunk(&reader, 0,
                "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    CHECK_OK(awl_chunked_trailer(&reader, &name, &value));
    CHECK_STR(name, "x-amz-checksum-crc32c");
    CHECK_STR(value, "sOO8/Q==");
    CHECK_OK(awl_chunked_trailer(&reader, &name, &value));
    CHECK_STR(name, "x-amz-trailer-signature");
    CHECK_STR(value, "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
    CHECK_RC(awl_chunked_trailer(&reader, &name, &value), AWL_ENOTFOUND);
    awl_buf_release(&out);
    awl_chunked_writer_release(&writer);
    awl_sigv4_free(chain.sigv4);
}

static enum awl_rc refuse(void *data, awl_str bytes, bool is_trailer, char signature[64])
{
    (void)data, (void)bytes, (void)is_trailer, (void)signature;
    return AWL_ECONFIG;
}

TEST(what_cannot_be_signed_or_held_is_an_error)
{
    UNUSED_STATE;
    struct awl_chunked_options options = plain_options;
    struct awl_chunked_writer writer;
    struct awl_buf out;
    awl_buf_init(&out, 16);
    awl_chunked_writer_init(&writer, &options);
    CHECK_RC(awl_chunked_writer_add(&writer, STR("1234567890"), &out), AWL_ELIMIT);
    awl_chunked_writer_release(&writer);

    options.sign = refuse;
    awl_buf_clear(&out);
    awl_chunked_writer_init(&writer, &options);
    CHECK_RC(awl_chunked_writer_add(&writer, STR("1234"), &out), AWL_ECONFIG);
    awl_chunked_writer_release(&writer);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(chunks_are_of_one_size_however_the_pieces_come),
          RUN(an_empty_body_has_a_trailer_as_well), RUN(the_length_is_known_beforehand),
          RUN(the_documented_upload_gets_its_chain_of_signatures),
          RUN(what_cannot_be_signed_or_held_is_an_error))
