/* require.h - a require that modules may wait in while they load.
 *
 * As Lua's, over package.loaded and package.searchers, but a task that requires what
 * another one is loading waits for it, and a cycle is an error that names it. */
#ifndef AWL_SCRIPT_REQUIRE_H
#define AWL_SCRIPT_REQUIRE_H

#include <lua.h>

/* Replaces the global function `require`. */
void awl_require_open(lua_State *L);

#endif
