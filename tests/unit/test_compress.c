#include "call/compress.h"

#include <zlib.h>

#include "test.h"

static void check_unpacks_to(awl_str packed, awl_str expected)
{
    static char out[65536];
    z_stream stream = {
        .next_in = (Bytef *)(uintptr_t)packed.ptr,
        .avail_in = (uInt)packed.len,
        .next_out = (Bytef *)out,
        .avail_out = sizeof(out),
    };
    CHECK_INT(inflateInit2(&stream, 15 + 16), Z_OK);
    CHECK_INT(inflate(&stream, Z_FINISH), Z_STREAM_END);
    CHECK_INT(stream.avail_in, 0);
    CHECK_INT(stream.total_out, expected.len);
    assert_memory_equal(out, expected.ptr, expected.len);
    inflateEnd(&stream);
}

TEST(a_compressed_body_is_gzip_and_says_so)
{
    UNUSED_STATE;
    static const char text[20000] = "a body";
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    awl_str encoding;

    awl_request_init(&request, 65536);
    awl_buf_append(&request.body, text, sizeof(text));
    CHECK_OK(awl_headers_add(&request.headers, STR("content-encoding"), STR("custom")));
    CHECK_OK(awl_compress_body(&request, awl_buf_str(&request.body), &err));
    CHECK(request.body.len < 1000);
    check_unpacks_to(awl_buf_str(&request.body), awl_str_make(text, sizeof(text)));
    CHECK(awl_headers_get(&request.headers, STR("Content-Encoding"), &encoding));
    CHECK_STR(encoding, "custom, gzip");
    awl_request_release(&request);
}

TEST(a_stream_becomes_a_whole_body)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;

    awl_request_init(&request, 65536);
    request.streaming = true;
    CHECK_OK(awl_compress_body(&request, STR("hello"), &err));
    CHECK(!request.streaming);
    check_unpacks_to(awl_buf_str(&request.body), STR("hello"));
    awl_request_release(&request);
}

TEST(a_body_beyond_the_limit_stays_as_it_is)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;

    awl_request_init(&request, 10);
    awl_buf_append(&request.body, "hello", 5);
    CHECK_RC(awl_compress_body(&request, awl_buf_str(&request.body), &err), AWL_ELIMIT);
    CHECK_BUF(&request.body, "hello");
    CHECK(!awl_headers_get(&request.headers, STR("Content-Encoding"), NULL));
    awl_request_release(&request);
}

TEST(only_operations_with_the_trait_and_long_bodies_are_compressed)
{
    UNUSED_STATE;
    struct awl_compression settings = {.min_bytes = 100};
    const struct awl_operation operation = {.flags = AWL_OPERATION_COMPRESS_GZIP};
    const struct awl_operation other = {.flags = 0};

    CHECK(awl_compress_wanted(&settings, NULL, &operation, false, 100));
    CHECK(!awl_compress_wanted(&settings, NULL, &operation, false, 99));
    CHECK(!awl_compress_wanted(&settings, NULL, &other, false, 100));
    settings.min_bytes = 0;
    CHECK(!awl_compress_wanted(&settings, NULL, &operation, false, 0));
    settings.disabled = true;
    CHECK(!awl_compress_wanted(&settings, NULL, &operation, false, 100));
}

TEST(a_stream_is_compressed_unless_its_length_must_be_known)
{
    UNUSED_STATE;
    const struct awl_compression settings = {.min_bytes = 100};
    struct awl_shape shapes[2] = {{.payload = 1}, {.flags = 0}};
    const struct awl_member members[1] = {{.shape = 1}};
    const struct awl_model model = {.shapes = shapes, .members = members};
    const struct awl_operation operation = {.flags = AWL_OPERATION_COMPRESS_GZIP};

    CHECK(awl_compress_wanted(&settings, &model, &operation, true, 1));
    shapes[1].flags = AWL_SHAPE_REQUIRES_LENGTH;
    CHECK(!awl_compress_wanted(&settings, &model, &operation, true, 1));
}

TEST_MAIN(RUN(a_compressed_body_is_gzip_and_says_so), RUN(a_stream_becomes_a_whole_body),
          RUN(a_body_beyond_the_limit_stays_as_it_is),
          RUN(only_operations_with_the_trait_and_long_bodies_are_compressed),
          RUN(a_stream_is_compressed_unless_its_length_must_be_known))
