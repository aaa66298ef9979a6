/* bind.h - the C modules that scripts and lua/awl/ require.
 *
 * One luaopen function a module, in lib_<name>.c; open.c says under which name each
 * is required. Their manual is lua/awl/types/. */
#ifndef AWL_BIND_BIND_H
#define AWL_BIND_BIND_H

#include <lua.h>

struct awl_client;

/* Puts every module below where `require` finds it; loads none. */
void awl_bind_preload(lua_State *L);

int luaopen_awl_base64(lua_State *L);
int luaopen_awl_client(lua_State *L); /* "awl.core.client" */
int luaopen_awl_core_crypto(lua_State *L);
int luaopen_awl_core_docs(lua_State *L);
int luaopen_awl_core_error(lua_State *L);
int luaopen_awl_core_fs(lua_State *L);
int luaopen_awl_core_http(lua_State *L);
int luaopen_awl_core_lock(lua_State *L);
int luaopen_awl_core_model(lua_State *L);
int luaopen_awl_core_server(lua_State *L);
int luaopen_awl_core_testing(lua_State *L);
int luaopen_awl_core_text(lua_State *L);
int luaopen_awl_core_waiter(lua_State *L);
int luaopen_awl_emit(lua_State *L);
int luaopen_awl_jmespath(lua_State *L);
int luaopen_awl_json(lua_State *L);
int luaopen_awl_log(lua_State *L);
int luaopen_awl_stdin(lua_State *L);
int luaopen_awl_models(lua_State *L); /* "awl.core.models" */
int luaopen_awl_core_process(lua_State *L);
int luaopen_awl_core_task(lua_State *L);
int luaopen_awl_time(lua_State *L);

/* The client at `index`; raises an argument error for any other value. */
struct awl_client *awl_client_arg(lua_State *L, int index);

/* Used by lib_task.c: the constructors of two of its functions. */
int awl_semaphore_new(lua_State *L);
int awl_channel_new(lua_State *L);

#endif
