/* jmespath.h - JMESPath (jmespath.org) over Lua values.
 *
 * null is nil or awl.json.null (a light userdata of NULL). A table with the metatable
 * "awl.json.array" or with an element 1 is an array, another one with any entry an
 * object. An empty table without that metatable, as the codecs make of an empty list, an
 * empty map and an empty structure, is whichever of the two is asked for; type() calls it
 * an object. Tables are read raw, without metamethods. What JSON has no word for (a body,
 * a function) can be passed on, but only compares with itself.
 *
 * keys(), values(), wildcards over objects and to_string() go through members sorted by
 * their names, so that the same value always gives the same result. A null in a list or
 * object of the result is awl.json.null. Parts of the result are the value's own tables,
 * not copies.
 *
 * All failures are input errors, whose code is "syntax", "invalid-type",
 * "invalid-arity", "invalid-value" or "unknown-function". */
#ifndef AWL_SCRIPT_JMESPATH_H
#define AWL_SCRIPT_JMESPATH_H

#include <lua.h>

#include "base/str.h"

/* Pushes the compiled expression, a userdata that can be called with a value. The state
 * keeps those used last, so that the same text is compiled once. Raises for a wrong one.
 */
void awl_jmespath_compile(lua_State *L, awl_str expression);

/* Pushes what the compiled expression at index `compiled` finds in the value at `value`;
 * nil for null. Raises. */
void awl_jmespath_search(lua_State *L, int compiled, int value);

/* The two in one. */
void awl_jmespath_push_search(lua_State *L, awl_str expression, int value);

/* True if the value is a compiled expression. */
bool awl_jmespath_is(lua_State *L, int index);

#endif
