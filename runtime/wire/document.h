/* document.h - JSON without a shape: what a Lua value says alone. */
#ifndef AWL_WIRE_DOCUMENT_H
#define AWL_WIRE_DOCUMENT_H

#include <lua.h>

#include "base/json.h"
#include "wire/problem.h"

/* Name in the registry of the metatable that makes an empty table an array. */
#define AWL_JSON_ARRAY "awl.json.array"

/* Appends the Lua value on top of the stack as JSON. A table is an array if it has
 * [1] or the metatable AWL_JSON_ARRAY, else an object. */
void awl_document_write(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                        struct awl_problems *problems);

/* Pushes the value that begins with the token `first`. AWL_EPARSE with nothing
 * pushed when the text is not JSON or is nested too deeply. `scratch` is overwritten. */
enum awl_rc awl_document_read(struct awl_json_reader *json, lua_State *L,
                              struct awl_buf *scratch, enum awl_json_token first);

/* Pushes the last KEY or STRING, its escapes resolved; the last NUMBER. */
void awl_json_push_text(lua_State *L, struct awl_buf *scratch,
                        const struct awl_json_reader *json);
void awl_json_push_number(lua_State *L, const struct awl_json_reader *json);

#endif
