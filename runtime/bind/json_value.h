/* json_value.h - Lua values as JSON text and back.
 *
 * A table with the metatable "awl.json.array" or with an element 1 is an array, any
 * other an object, so `{}` is an object. null is a light userdata of NULL. */
#ifndef AWL_BIND_JSON_VALUE_H
#define AWL_BIND_JSON_VALUE_H

#include <stdbool.h>
#include <lua.h>

#include "base/buf.h"

#define AWL_JSON_ARRAY "awl.json.array"

struct awl_json_style {
    bool pretty;   /* a line a member, two spaces a level */
    bool unsorted; /* members as the table has them; else sorted by their bytes */
    bool lenient;  /* for logs: what JSON cannot say becomes text, bytes that are not
                      UTF-8 become U+FFFD, and secrets are left out */
};

/* Appends the value. Raises, with the path of the culprit, for what JSON cannot say,
 * more than AWL_JSON_DEPTH_MAX levels (a table within itself, for one) and when the
 * buffer's limit is reached. `out` must be freed by others (see buf_box.h). */
void awl_json_encode(lua_State *L, int index, struct awl_buf *out,
                     const struct awl_json_style *style);

/* Pushes the value of the text, or raises. Integers that fit stay integers. */
void awl_json_decode(lua_State *L, awl_str text);

/* True for a member's name that says its value is a secret: "SecretAccessKey",
 * "password", "session_token". */
bool awl_json_is_secret(awl_str name);

#endif
