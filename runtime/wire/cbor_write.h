/* cbor_write.h - bodies in CBOR. */
#ifndef AWL_WIRE_CBOR_WRITE_H
#define AWL_WIRE_CBOR_WRITE_H

#include "wire/writer.h"

struct awl_cbor_writer {
    struct awl_writer base;
    awl_str prologue; /* entries that the outermost structure begins with, encoded */
    unsigned prologue_count;
};

/* Appends to `out`, which must outlive it. */
void awl_cbor_writer_init(struct awl_cbor_writer *writer, const struct awl_model *model,
                          struct awl_buf *out);

/* The head of a map of `count` entries; a text. */
void awl_cbor_put_map(struct awl_buf *out, size_t count);
void awl_cbor_put_string(struct awl_buf *out, awl_str text);

#endif
