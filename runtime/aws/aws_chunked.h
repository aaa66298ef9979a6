/* aws_chunked.h - bodies that S3's clients send as aws-chunked.
 *
 * Pieces "hex-length[;chunk-signature=...]\r\n bytes \r\n", the last of length 0, then
 * trailer fields "name:value\r\n" and an empty line. Slices point into the body. */
#ifndef AWL_AWS_AWS_CHUNKED_H
#define AWL_AWS_AWS_CHUNKED_H

#include "base/headers.h"
#include "base/str.h"

struct awl_chunked {
    awl_str rest;
    bool ended; /* the piece of length 0 has been read: trailer fields follow */
};

struct awl_chunk {
    awl_str bytes;     /* empty: the last one */
    awl_str signature; /* "" if there is none */
};

/* The next piece; AWL_EPARSE when the body is cut short or no such body. */
enum awl_rc awl_chunked_next(struct awl_chunked *reader, struct awl_chunk *chunk);

/* The next field of the trailer, after the last piece. AWL_ENOTFOUND: there is none. */
enum awl_rc awl_chunked_trailer(struct awl_chunked *reader, awl_str *name,
                                awl_str *value);

/* True if the header fields say that a body is aws-chunked. */
bool awl_chunked_is(const struct awl_headers *headers);

/* Appends the bytes that the pieces hold and makes the fields those of the plain body:
 * Content-Encoding, Content-Length, and those of the trailer. AWL_EPARSE, AWL_ELIMIT or
 * AWL_ENOMEM. */
enum awl_rc awl_chunked_decode(awl_str body, struct awl_headers *headers,
                               struct awl_buf *out, struct awl_error *err);

#endif
