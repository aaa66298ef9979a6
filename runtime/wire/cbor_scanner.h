/* cbor_scanner.h - CBOR, one item's head at a time, over libcbor's decoder.
 *
 * Containers come as their heads; the caller reads what they hold. Nothing is
 * copied or allocated. */
#ifndef AWL_WIRE_CBOR_SCANNER_H
#define AWL_WIRE_CBOR_SCANNER_H

#include "base/buf.h"

enum awl_cbor_token {
    AWL_CBOR_ERROR, /* the bytes end too early, or mean nothing */
    AWL_CBOR_UINT,
    AWL_CBOR_NEGINT, /* -1 - number */
    AWL_CBOR_BYTES,
    AWL_CBOR_STRING,
    AWL_CBOR_ARRAY,
    AWL_CBOR_MAP,
    AWL_CBOR_TAG,
    AWL_CBOR_BOOLEAN,
    AWL_CBOR_NULL,
    AWL_CBOR_UNDEFINED,
    AWL_CBOR_FLOAT,
    AWL_CBOR_BREAK, /* the end of an indefinite container */
};

struct awl_cbor {
    const char *start;
    const char *pos;
    const char *end;
    enum awl_cbor_token token;
    uint64_t number; /* integers, tags; how many items a definite container has */
    double real;
    bool boolean;
    bool is_single;  /* FLOAT: of 32 bits or less */
    bool indefinite; /* containers, strings in chunks: up to BREAK */
    awl_str text;    /* definite BYTES and STRING */
};

/* The input must outlive the scanner. */
void awl_cbor_init(struct awl_cbor *cbor, awl_str input);

/* Reads the next head into `cbor`. AWL_CBOR_ERROR also at the end of the bytes. */
enum awl_cbor_token awl_cbor_next(struct awl_cbor *cbor);

/* After BYTES or STRING: the whole text; chunks are put together in `scratch`. False
 * for a chunk of another kind. */
bool awl_cbor_text(struct awl_cbor *cbor, struct awl_buf *scratch, awl_str *text);

/* Whether a container whose head was `head` has another item; for an indefinite one
 * this takes the BREAK. `taken` is how many items were taken. The next token has been
 * read if the answer is true. */
bool awl_cbor_item(struct awl_cbor *cbor, const struct awl_cbor *head, uint64_t taken);

/* Passes over the rest of the item whose head is the current token. */
bool awl_cbor_skip(struct awl_cbor *cbor);

#endif
