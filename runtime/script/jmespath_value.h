/* jmespath_value.h - Lua values as JMESPath sees them: types, equality, JSON text. */
#ifndef AWL_SCRIPT_JMESPATH_VALUE_H
#define AWL_SCRIPT_JMESPATH_VALUE_H

#include <lua.h>

#include "base/buf.h"

#define AWL_JMESPATH_VALUE_DEPTH_MAX 256

/* The set of types (see jmespath_ast.h) of the value: of one, but for empty tables. */
unsigned awl_jmespath_type(lua_State *L, int index);

/* JMESPath's name of it. */
const char *awl_jmespath_type_name(unsigned type);

/* null, false, and what is empty are false. */
bool awl_jmespath_truthy(lua_State *L, int index);

/* Deep equality; numbers by value. False in *ok for what is nested too deeply. */
bool awl_jmespath_equal(lua_State *L, int a, int b, unsigned depth, bool *ok);

/* Pushes the value of JSON text that has been checked. */
void awl_jmespath_push_json(lua_State *L, awl_str text);

enum awl_jmespath_json {
    AWL_JMESPATH_JSON_OK,
    AWL_JMESPATH_JSON_DEEP,
    AWL_JMESPATH_JSON_VALUE, /* a value JSON cannot say */
    AWL_JMESPATH_JSON_LARGE, /* the buffer's limit, or no memory */
};

/* Appends the value as JSON. `out` belongs to a userdata: Lua errors may be raised. */
enum awl_jmespath_json awl_jmespath_append_json(lua_State *L, int index,
                                                struct awl_buf *out, unsigned depth);

/* Pushes a list of the names of the object's members, sorted. Returns their number. */
lua_Integer awl_jmespath_push_names(lua_State *L, int index);

/* Lists under construction: the list is at stack index `at`, the element on top of the
 * stack, from where it is popped; nil becomes awl.json.null. */
void awl_jmespath_list_append(lua_State *L, int at, lua_Integer *count);

/* Marks the list if it is empty. */
void awl_jmespath_list_end(lua_State *L, int at, lua_Integer count);

#endif
