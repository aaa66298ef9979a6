/* json_write.h - bodies in JSON. */
#ifndef AWL_WIRE_JSON_WRITE_H
#define AWL_WIRE_JSON_WRITE_H

#include "wire/writer.h"

/* Appends to `out`, which must outlive it. */
void awl_json_writer_init(struct awl_writer *writer, const struct awl_model *model,
                          struct awl_buf *out);

#endif
