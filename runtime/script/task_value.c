/* task_value.c - tasks as scripts see them: the userdata, its name and its methods. */
#include <lauxlib.h>

#include "script/task_state.h"

static const char no_context_key = 0; /* its address is the key in the registry */

void awl_task_push(lua_State *L, const struct awl_task *task)
{
    luaL_checkstack(L, 2, "task");
    lua_rawgeti(L, LUA_REGISTRYINDEX, task->scheduler->kept_ref);
    lua_rawgeti(L, -1, task->slot);
    lua_remove(L, -2);
}

void awl_task_push_metatable(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, awl_runtime(L)->scheduler->metatable_ref);
}

void awl_task_push_no_context(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &no_context_key);
}

static bool is_task(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    bool same = lua_topointer(L, -1) == awl_runtime(L)->scheduler->metatable;
    lua_pop(L, 1);
    return same;
}

struct awl_task *awl_task_arg(lua_State *L, int index)
{
    if (!is_task(L, index))
        luaL_typeerror(L, index, "awl.Task");
    return lua_touserdata(L, index);
}

bool awl_task_is(lua_State *L, int index)
{
    return is_task(L, index);
}

const char *awl_task_status(const struct awl_task *task)
{
    static const char *const words[] = {
        [TASK_READY] = "ready", [TASK_WAITING] = "waiting", [TASK_RUNNING] = "running",
        [TASK_DONE] = "done",   [TASK_FAILED] = "failed",   [TASK_CANCELED] = "canceled",
    };
    return words[task->status];
}

void awl_task_push_name(lua_State *L, const struct awl_task *task)
{
    lua_Debug at;
    awl_where_waiting(task, &at);
    lua_pushfstring(L, "task %I", (LUAI_UACINT)task->id);
    if (task->status != TASK_WAITING)
        return;
    lua_pushfstring(L, " (waiting for %s", task->what);
    if (at.currentline > 0)
        lua_pushfstring(L, " at %s:%d)", at.short_src, at.currentline);
    else
        lua_pushliteral(L, ")");
    lua_concat(L, 3);
}

static int task_tostring(lua_State *L)
{
    awl_task_push_name(L, awl_task_arg(L, 1));
    return 1;
}

static int task_await(lua_State *L)
{
    lua_settop(L, 1);
    return awl_task_await(L);
}

static int task_cancel(lua_State *L)
{
    awl_task_cancel(awl_task_arg(L, 1));
    return 0;
}

static int task_status(lua_State *L)
{
    lua_pushstring(L, awl_task_status(awl_task_arg(L, 1)));
    return 1;
}

void awl_task_value_open(lua_State *L)
{
    static const luaL_Reg methods[] = {{"await", task_await},
                                       {"cancel", task_cancel},
                                       {"status", task_status},
                                       {NULL, NULL}};
    lua_createtable(L, 0, 3);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, task_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "awl.Task");
    lua_setfield(L, -2, "__name");
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    scheduler->metatable = lua_topointer(L, -1);
    scheduler->metatable_ref = luaL_ref(L, LUA_REGISTRYINDEX);

    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &no_context_key);
}
