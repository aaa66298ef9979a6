/* coroutines.h - Lua's coroutine library for code that runs in tasks.
 *
 * A wait inside a script's own coroutine suspends the whole task, whatever the number
 * of coroutines in between; coroutine.yield goes to whoever resumed, as ever. */
#ifndef AWL_SCRIPT_COROUTINES_H
#define AWL_SCRIPT_COROUTINES_H

#include <lua.h>

/* Replaces the functions of the global table `coroutine`. */
void awl_coroutines_open(lua_State *L);

#endif
