/* embedded.h - the Lua modules inside the program. */
#ifndef AWL_CLI_EMBEDDED_H
#define AWL_CLI_EMBEDDED_H

#include <stdbool.h>
#include <lua.h>

#include "base/str.h"

/* True if there is a module of that name. */
bool awl_embedded_has(const char *name);

/* Pushes the module's chunk, not run, or raises. The module must exist. */
void awl_embedded_load(lua_State *L, const char *name);

/* The name of the i-th module, sorted, or NULL after the last. */
const char *awl_embedded_name(size_t index);

/* Lets `require` find the modules: those of awl itself before any file, so that a
 * file that happens to be called awl.lua breaks nothing; the libraries that come
 * along (argparse, luassert, say) after all files. */
void awl_embedded_install(lua_State *L);

#endif
