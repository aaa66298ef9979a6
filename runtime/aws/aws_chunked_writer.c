#include "aws/aws_chunked_writer.h"

#include <stdio.h>

#include "aws/base64.h"

#define SIGNATURE_LEN 64

static const awl_str chunk_mark = {";chunk-signature=", 17};
static const awl_str trailer_mark = {"x-amz-trailer-signature:", 24};

void awl_chunked_writer_init(struct awl_chunked_writer *writer,
                             const struct awl_chunked_options *options)
{
    writer->options = *options;
    awl_buf_init(&writer->pending, options->chunk_bytes);
    awl_chunked_writer_restart(writer);
}

void awl_chunked_writer_release(struct awl_chunked_writer *writer)
{
    awl_buf_release(&writer->pending);
}

void awl_chunked_writer_restart(struct awl_chunked_writer *writer)
{
    awl_buf_clear(&writer->pending);
    if (writer->options.has_checksum)
        awl_checksum_init(&writer->checksum, writer->options.algorithm);
}

static enum awl_rc append_signature(const struct awl_chunked_writer *writer, awl_str mark,
                                    awl_str bytes, bool is_trailer, struct awl_buf *out)
{
    char signature[SIGNATURE_LEN];
    if (writer->options.sign == NULL)
        return AWL_OK;
    enum awl_rc rc =
        writer->options.sign(writer->options.sign_data, bytes, is_trailer, signature);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append_str(out, mark);
    return awl_buf_append(out, signature, sizeof(signature));
}

/* The length in hex, the signature, the end of the line. */
static enum awl_rc append_head(const struct awl_chunked_writer *writer, awl_str bytes,
                               struct awl_buf *out)
{
    awl_buf_printf(out, "%zx", bytes.len);
    enum awl_rc rc = append_signature(writer, chunk_mark, bytes, false, out);
    return rc == AWL_OK ? awl_buf_append(out, "\r\n", 2) : rc;
}

static enum awl_rc append_chunk(const struct awl_chunked_writer *writer, awl_str bytes,
                                struct awl_buf *out)
{
    enum awl_rc rc = append_head(writer, bytes, out);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append_str(out, bytes);
    return awl_buf_append(out, "\r\n", 2);
}

/* Fills the chunk that was begun; what is left of `bytes` begins at a chunk. */
static enum awl_rc fill_pending(struct awl_chunked_writer *writer, awl_str *bytes,
                                struct awl_buf *out)
{
    size_t size = writer->options.chunk_bytes;
    awl_str piece = awl_str_slice(*bytes, 0, size - writer->pending.len);

    if (writer->pending.len == 0)
        return AWL_OK;
    enum awl_rc rc = awl_buf_append_str(&writer->pending, piece);
    *bytes = awl_str_slice(*bytes, piece.len, bytes->len);
    if (rc != AWL_OK || writer->pending.len < size)
        return rc;
    rc = append_chunk(writer, awl_buf_str(&writer->pending), out);
    awl_buf_clear(&writer->pending);
    return rc;
}

enum awl_rc awl_chunked_writer_add(struct awl_chunked_writer *writer, awl_str bytes,
                                   struct awl_buf *out)
{
    size_t size = writer->options.chunk_bytes;

    if (writer->options.has_checksum)
        awl_checksum_update(&writer->checksum, bytes.ptr, bytes.len);
    enum awl_rc rc = fill_pending(writer, &bytes, out);
    for (; rc == AWL_OK && bytes.len >= size;
         bytes = awl_str_slice(bytes, size, bytes.len))
        rc = append_chunk(writer, awl_str_slice(bytes, 0, size), out);
    return rc == AWL_OK ? awl_buf_append_str(&writer->pending, bytes) : rc;
}

static enum awl_rc append_trailer(struct awl_chunked_writer *writer, struct awl_buf *out)
{
    awl_str name = awl_checksum_header(writer->options.algorithm);
    char value[AWL_CHECKSUM_BASE64_MAX];
    char line[AWL_CHECKSUM_BASE64_MAX + 64];

    awl_checksum_final_base64(&writer->checksum, value);
    int len = snprintf(line, sizeof(line), "%.*s:%s\n", STR_ARG(name), value);
    awl_buf_append(out, line, (size_t)len - 1);
    awl_buf_append(out, "\r\n", 2);
    if (writer->options.sign == NULL)
        return awl_buf_rc(out);
    enum awl_rc rc = append_signature(writer, trailer_mark,
                                      awl_str_make(line, (size_t)len), true, out);
    return rc == AWL_OK ? awl_buf_append(out, "\r\n", 2) : rc;
}

enum awl_rc awl_chunked_writer_end(struct awl_chunked_writer *writer, struct awl_buf *out)
{
    enum awl_rc rc = AWL_OK;
    if (writer->pending.len > 0)
        rc = append_chunk(writer, awl_buf_str(&writer->pending), out);
    if (rc == AWL_OK)
        rc = append_head(writer, (awl_str){"", 0}, out);
    if (rc == AWL_OK && writer->options.has_checksum)
        rc = append_trailer(writer, out);
    return rc == AWL_OK ? awl_buf_append(out, "\r\n", 2) : rc;
}

/* ---- lengths ---- */

static int64_t head_length(const struct awl_chunked_options *options, uint64_t bytes)
{
    int64_t length = options->sign != NULL ? (int64_t)chunk_mark.len + SIGNATURE_LEN : 0;
    do
        length++;
    while ((bytes >>= 4) != 0);
    return length + 2;
}

static int64_t trailer_length(const struct awl_chunked_options *options)
{
    if (!options->has_checksum)
        return 0;
    size_t digits = (awl_checksum_len(options->algorithm) + 2) / 3 * 4;
    size_t length = awl_checksum_header(options->algorithm).len + 1 + digits + 2;
    if (options->sign != NULL)
        length += trailer_mark.len + SIGNATURE_LEN + 2;
    return (int64_t)length;
}

int64_t awl_chunked_length(const struct awl_chunked_options *options, int64_t plain)
{
    int64_t size = (int64_t)options->chunk_bytes;
    if (plain < 0 || plain > INT64_MAX / 128) /* chunks of one byte: 87 times as long */
        return -1;
    int64_t full = plain / size, rest = plain % size;
    int64_t length = full * (head_length(options, (uint64_t)size) + size + 2);
    if (rest > 0)
        length += head_length(options, (uint64_t)rest) + rest + 2;
    return length + head_length(options, 0) + trailer_length(options) + 2;
}
