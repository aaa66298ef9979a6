/* text_write.h - the text of a scalar alone: for paths, query strings and headers. */
#ifndef AWL_WIRE_TEXT_WRITE_H
#define AWL_WIRE_TEXT_WRITE_H

#include "wire/writer.h"

struct awl_text_writer {
    struct awl_writer base;
    enum awl_timestamp_format time_format; /* where the model says none */
};

/* Appends to `out`, which must outlive it. */
void awl_text_writer_init(struct awl_text_writer *writer, const struct awl_model *model,
                          enum awl_timestamp_format time_format, struct awl_buf *out);

#endif
