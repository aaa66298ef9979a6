/* values.h - scalars between Lua and text. */
#ifndef AWL_WIRE_VALUES_H
#define AWL_WIRE_VALUES_H

#include <lua.h>

#include "aws/timestamp.h"
#include "base/buf.h"
#include "model/model.h"

/* In the format given, which must not be DEFAULT. */
enum awl_rc awl_append_timestamp(struct awl_buf *out, struct awl_timestamp time,
                                 enum awl_timestamp_format format);

/* Pushes epoch seconds: an integer, or a float when there is a fraction. */
void awl_push_timestamp(lua_State *L, struct awl_timestamp time);

/* A number as text outside JSON: NaN, Infinity and -Infinity have names. */
enum awl_rc awl_append_real(struct awl_buf *out, double value);

/* The reverse; false if it is no number. */
bool awl_parse_real(awl_str text, double *value);

/* Pushes the bytes of base64 text; false (and nothing pushed) if it is not base64.
 * White space is passed over. `scratch` is overwritten; `text` is not in it. */
bool awl_push_base64(lua_State *L, struct awl_buf *scratch, awl_str text);

#endif
