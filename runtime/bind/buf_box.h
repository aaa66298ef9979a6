/* buf_box.h - a buffer that Lua frees.
 *
 * For C functions that fill a buffer while they call Lua: an error thrown in the
 * middle leaks nothing. */
#ifndef AWL_BIND_BUF_BOX_H
#define AWL_BIND_BUF_BOX_H

#include <lua.h>

#include "base/buf.h"

/* Pushes a userdata that holds an empty buffer of at most `max` bytes. */
struct awl_buf *awl_buf_box(lua_State *L, size_t max);

/* Pushes the buffer's bytes as a string, then frees them; raises when an append has
 * failed. */
void awl_buf_box_push(lua_State *L, struct awl_buf *buf);

#endif
