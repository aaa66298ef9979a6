/* bind.h - the C modules that scripts and awl's own Lua files require.
 *
 * One lib_<name>.c a module; its manual is lua/awl/types/<name>.lua. open.c says
 * under which name each is required. */
#ifndef AWL_BIND_BIND_H
#define AWL_BIND_BIND_H

#include <lua.h>

/* Puts every module below where `require` finds it; loads none. */
void awl_bind_preload(lua_State *L);

int luaopen_awl_core_fs(lua_State *L);
int luaopen_awl_core_text(lua_State *L);
int luaopen_awl_base64(lua_State *L);
int luaopen_awl_client(lua_State *L);
int luaopen_awl_emit(lua_State *L);
int luaopen_awl_json(lua_State *L);
int luaopen_awl_log(lua_State *L);
int luaopen_awl_stdin(lua_State *L);
int luaopen_awl_time(lua_State *L);

#endif
