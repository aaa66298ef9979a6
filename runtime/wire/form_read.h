/* form_read.h - form bodies as query and ec2 have them, into tables. */
#ifndef AWL_WIRE_FORM_READ_H
#define AWL_WIRE_FORM_READ_H

#include "wire/read.h"

/* Pushes the structure that a form spells out. Pairs may stand in any order; names
 * that the shape does not have are passed over. */
enum awl_rc awl_form_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body);

/* The decoded value of the first pair of that name, in `scratch`; false if there is
 * none. */
bool awl_form_find(awl_str body, awl_str name, struct awl_buf *scratch);

#endif
