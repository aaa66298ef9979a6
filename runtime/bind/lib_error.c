/* lib_error.c - awl.core.error: error values made by Lua modules. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "script/error_value.h"
#include "script/task.h"

/* is(value) -> boolean: an awl.Error */
static int error_is(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, awl_error_is(L, 1));
    return 1;
}

/* is_canceled(value) -> boolean: it is the error by which a canceled task unwinds, and
 * the running task is canceled; nobody but the task's own end may take it */
static int error_is_canceled(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, awl_error_has_code(L, 1, "Canceled") && awl_task_is_canceled(L));
    return 1;
}

int luaopen_awl_core_error(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"new", awl_error_new},
        {"is", error_is},
        {"is_canceled", error_is_canceled},
        {"on_error", awl_trace_on_error},
        {"traceback", awl_trace_get},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
