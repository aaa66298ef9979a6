/* The names under which the C modules are required. */
#include <lauxlib.h>

#include "bind/bind.h"

/* clang-format off */
static const luaL_Reg modules[] = {
    {"awl.base64", luaopen_awl_base64},
    {"awl.core.client", luaopen_awl_client},
    {"awl.core.crypto", luaopen_awl_core_crypto},
    {"awl.core.docs", luaopen_awl_core_docs},
    {"awl.core.error", luaopen_awl_core_error},
    {"awl.core.fs", luaopen_awl_core_fs},
    {"awl.core.http", luaopen_awl_core_http},
    {"awl.core.lock", luaopen_awl_core_lock},
    {"awl.core.model", luaopen_awl_core_model},
    {"awl.core.server", luaopen_awl_core_server},
    {"awl.core.models", luaopen_awl_models},
    {"awl.core.process", luaopen_awl_core_process},
    {"awl.core.task", luaopen_awl_core_task},
    {"awl.core.testing", luaopen_awl_core_testing},
    {"awl.core.text", luaopen_awl_core_text},
    {"awl.core.waiter", luaopen_awl_core_waiter},
    {"awl.emit", luaopen_awl_emit},
    {"awl.jmespath", luaopen_awl_jmespath},
    {"awl.json", luaopen_awl_json},
    {"awl.log", luaopen_awl_log},
    {"awl.stdin", luaopen_awl_stdin},
    {"awl.time", luaopen_awl_time},
    {NULL, NULL},
};
/* clang-format on */

void awl_bind_preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}
