/* form_write.h - form bodies as query and ec2 have them. */
#ifndef AWL_WIRE_FORM_WRITE_H
#define AWL_WIRE_FORM_WRITE_H

#include "wire/wire.h"
#include "wire/writer.h"

/* Appends "&path.of.the.member=value" for every scalar. */
struct awl_form_writer {
    struct awl_writer base;
    struct awl_buf *prefix; /* the path so far, percent-encoded */
    struct awl_buf *scratch;
    bool ec2;
};

/* Uses the wire's buffers. */
void awl_form_writer_init(struct awl_form_writer *writer, struct awl_wire *wire,
                          struct awl_buf *out);

/* A member's name in ec2's requests: queryName, else with its first letter in upper
 * case. The second part is the rest. */
struct awl_form_name {
    char first;
    awl_str rest;
};
struct awl_form_name awl_form_ec2_name(const struct awl_model *model,
                                       const struct awl_member *member);

#endif
