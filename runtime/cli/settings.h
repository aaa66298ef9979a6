/* settings.h - the options as Lua sees them.
 *
 * package.loaded["awl.core.settings"] is a plain table by the options' keys: a flag
 * is true, a count an integer, seconds a number, pairs a table of their own. */
#ifndef AWL_CLI_SETTINGS_H
#define AWL_CLI_SETTINGS_H

#include <lua.h>

#include "cli/options.h"

/* Makes the table and gives it what was read; sets the level of the log. */
void awl_settings_open(lua_State *L, const struct awl_options *options);

/* The module "awl.core.options": list() -> { { name, key, kind, metavar, help }... },
 * set(name, text): as if it had been given on the command line. */
int luaopen_awl_core_options(lua_State *L);

#endif
