/* read_format.h - what a `read` is asked for, cut from bytes that come in pieces.
 *
 * As in Lua's io library: "l" a line without its end, "L" with it, "a" all that is
 * left, or a number of bytes. */
#ifndef AWL_BIND_READ_FORMAT_H
#define AWL_BIND_READ_FORMAT_H

#include <lua.h>

#include "base/str.h"

struct awl_read_format {
    char kind; /* 'l', 'L', 'a' or 'n' */
    size_t count;
};

/* The format at `index`, "l" for none; raises an argument error for any other value. */
struct awl_read_format awl_read_format_check(lua_State *L, int index);

/* Pushes what the format asks for if `bytes`, the ones that wait, suffice (or no more
 * will come, `ended`): a string, or nil at the end. *taken is then how many of them it
 * took. False, pushing nothing: more bytes are needed. */
bool awl_read_take(lua_State *L, struct awl_read_format format, awl_str bytes, bool ended,
                   size_t *taken);

#endif
