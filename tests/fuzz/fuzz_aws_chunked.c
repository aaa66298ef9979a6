/* aws-chunked bodies: those of a client, and what our own writer makes of the input. */
#include "aws/aws_chunked.h"
#include "aws/aws_chunked_writer.h"
#include "fuzz.h"

#define BODY_MAX ((size_t)1 << 20)

static void read_pieces(awl_str body)
{
    struct awl_chunked reader = {.rest = body};
    struct awl_chunk chunk;
    awl_str name, value;
    size_t bytes = 0;
    do {
        if (awl_chunked_next(&reader, &chunk) != AWL_OK)
            return;
        bytes += chunk.bytes.len;
        require(bytes <= body.len);
    } while (chunk.bytes.len > 0);
    while (awl_chunked_trailer(&reader, &name, &value) == AWL_OK)
        ;
}

static enum awl_rc decode(awl_str body, struct awl_buf *out)
{
    struct awl_headers headers;
    awl_headers_init(&headers, 4096);
    awl_headers_add(&headers, STR("Content-Encoding"), STR("aws-chunked"));
    enum awl_rc rc = awl_chunked_is(&headers)
                         ? awl_chunked_decode(body, &headers, out, NULL)
                         : AWL_ENOTFOUND;
    awl_headers_release(&headers);
    return rc;
}

static void check_writer(awl_str plain, size_t chunk_bytes)
{
    const struct awl_chunked_options options = {.chunk_bytes = chunk_bytes,
                                                .has_checksum = true,
                                                .algorithm = AWL_CHECKSUM_CRC32};
    struct awl_chunked_writer writer;
    struct awl_buf body, again;
    awl_buf_init(&body, BODY_MAX * 16);
    awl_buf_init(&again, BODY_MAX);
    awl_chunked_writer_init(&writer, &options);
    require(awl_chunked_writer_add(&writer, plain, &body) == AWL_OK);
    require(awl_chunked_writer_end(&writer, &body) == AWL_OK);
    require((int64_t)body.len == awl_chunked_length(&options, (int64_t)plain.len));
    require(decode(awl_buf_str(&body), &again) == AWL_OK);
    require(awl_str_eq(awl_buf_str(&again), plain));
    awl_chunked_writer_release(&writer);
    awl_buf_release(&body);
    awl_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    awl_str body = awl_str_make((const char *)data, size);
    struct awl_buf out;
    awl_buf_init(&out, BODY_MAX);
    read_pieces(body);
    (void)decode(body, &out);
    if (size < 4096)
        check_writer(body, size > 0 ? 1 + data[0] : 1);
    awl_buf_release(&out);
    return 0;
}
