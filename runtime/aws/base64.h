/* base64.h - RFC 4648 base64, the standard and the URL-safe alphabet.
 *
 * Encoding writes no line breaks. Decoding takes padding or none, but nothing in
 * between; white space, foreign characters, and bits left over that are not zero
 * are refused, so that two texts never mean the same bytes but for the padding. */
#ifndef AWL_AWS_BASE64_H
#define AWL_AWS_BASE64_H

#include "base/buf.h"

enum awl_base64 {
    AWL_BASE64_STANDARD,       /* + / with padding */
    AWL_BASE64_URL,            /* - _ with padding */
    AWL_BASE64_URL_NO_PADDING, /* - _ without */
};

/* How long `len` bytes become, padding included. */
static inline size_t awl_base64_encoded_len(size_t len)
{
    return (len / 3 + (len % 3 > 0)) * 4;
}

/* Appends the text. */
enum awl_rc awl_base64_encode(struct awl_buf *out, const void *bytes, size_t len,
                              enum awl_base64 variant);

/* The standard form of at most 64 bytes into `out`, with a NUL: a digest. */
#define AWL_BASE64_DIGEST_MAX 89
void awl_base64_encode_small(char out[AWL_BASE64_DIGEST_MAX], const void *bytes,
                             size_t len);

/* AWL_EPARSE for what is not base64, with nothing appended. */
enum awl_rc awl_base64_decode(struct awl_buf *out, awl_str text, enum awl_base64 variant);

#endif
