/* snake.h - the snake_case spelling of AWS's names, as botocore spells them. */
#ifndef AWL_MODEL_SNAKE_H
#define AWL_MODEL_SNAKE_H

#include "base/buf.h"

/* Appends "list_objects_v2" for "ListObjectsV2". A name with '_' in it stays as it
 * is. */
enum awl_rc awl_snake_append(struct awl_buf *out, awl_str name);

#endif
