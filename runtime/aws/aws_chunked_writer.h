/* aws_chunked_writer.h - bodies in the form of aws_chunked.h, piece by piece.
 *
 * All chunks but the last are of one size, so that the length of the whole is known
 * before its first byte; S3 wants at least 8 KiB. A checksum goes into the trailer. */
#ifndef AWL_AWS_AWS_CHUNKED_WRITER_H
#define AWL_AWS_AWS_CHUNKED_WRITER_H

#include "aws/checksum.h"
#include "base/buf.h"

#define AWL_CHUNKED_CHUNK_BYTES (64 * 1024)

/* Gives the signature, 64 hex digits, of the next chunk or of the trailer's lines
 * ("name:value\n"). */
typedef enum awl_rc awl_chunked_sign(void *data, awl_str bytes, bool is_trailer,
                                     char signature[64]);

struct awl_chunked_options {
    size_t chunk_bytes; /* at least 1 */
    bool has_checksum;
    enum awl_checksum_algorithm algorithm;
    awl_chunked_sign *sign; /* NULL: chunks are not signed */
    void *sign_data;
};

struct awl_chunked_writer {
    struct awl_chunked_options options;
    struct awl_checksum checksum;
    struct awl_buf pending; /* less than a chunk */
};

/* Allocates nothing yet. */
void awl_chunked_writer_init(struct awl_chunked_writer *writer,
                             const struct awl_chunked_options *options);
void awl_chunked_writer_release(struct awl_chunked_writer *writer);

/* Begins again, as for another attempt; the memory is kept. */
void awl_chunked_writer_restart(struct awl_chunked_writer *writer);

/* Takes a piece of any length and appends the chunks that are full to `out`. A failure
 * of the signer, AWL_ELIMIT of `out`, AWL_ENOMEM. */
enum awl_rc awl_chunked_writer_add(struct awl_chunked_writer *writer, awl_str bytes,
                                   struct awl_buf *out);

/* Appends the rest, the empty chunk and the trailer. */
enum awl_rc awl_chunked_writer_end(struct awl_chunked_writer *writer,
                                   struct awl_buf *out);

/* Bytes of a body that was `plain` bytes long; -1 if that is no length. */
int64_t awl_chunked_length(const struct awl_chunked_options *options, int64_t plain);

#endif
