/* lib_task.c - awl.core.task: tasks, scopes and waiting for scripts. */
#include <lauxlib.h>
#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "bind/bind.h"
#include "script/group.h"
#include "script/scheduler.h"
#include "script/scope.h"
#include "script/task.h"

#define SECONDS_MAX 9e11 /* more than 28,000 years: for ever */

/* A number of seconds as microseconds, rounded up, but not for what is left of adding and
 * subtracting times: a nanosecond. At least one if it is positive, so that who sleeps
 * until a time gets there. For ever if it is huge. */
static int64_t seconds_arg(lua_State *L, int index)
{
    lua_Number seconds = luaL_checknumber(L, index);
    luaL_argcheck(L, !isnan(seconds), index, "seconds expected, got NaN");
    if (seconds >= SECONDS_MAX)
        return AWL_SCOPE_FOREVER;
    return seconds <= 0 ? 0 : (int64_t)fmax(ceil(seconds * 1e6 - 1e-3), 1);
}

static void function_arg(lua_State *L, int index)
{
    if (lua_isfunction(L, index))
        return;
    if (luaL_getmetafield(L, index, "__call") == LUA_TNIL)
        luaL_typeerror(L, index, "function");
    lua_pop(L, 1);
}

/* spawn(fn, ...) -> task */
static int task_spawn(lua_State *L)
{
    function_arg(L, 1);
    awl_task_spawn(L, lua_gettop(L) - 1);
    return 1;
}

static int done_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

/* sleep(seconds) */
static int task_sleep(lua_State *L)
{
    return awl_task_sleep(L, seconds_arg(L, 1), done_k, 0);
}

/* The scope at index 1 is left when this returns. */
static int scoped_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_gettop(L) - 1;
}

/* Calls the function at index 2 inside the scope on top, which takes index 1. */
static int call_scoped(lua_State *L)
{
    lua_replace(L, 1);
    lua_toclose(L, 1);
    lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, scoped_k);
    return scoped_k(L, LUA_OK, 0);
}

/* timeout(seconds, fn, ...) -> what fn returns; raises Timeout */
static int task_timeout(lua_State *L)
{
    int64_t delay = seconds_arg(L, 1);
    function_arg(L, 2);
    awl_scope_push(L, AWL_SCOPE_TIMEOUT, delay);
    return call_scoped(L);
}

/* shield(seconds, fn, ...) -> what fn returns */
static int task_shield(lua_State *L)
{
    int64_t delay = seconds_arg(L, 1);
    function_arg(L, 2);
    awl_scope_push(L, AWL_SCOPE_SHIELD, delay);
    return call_scoped(L);
}

/* context() -> table, not to be changed */
static int task_context(lua_State *L)
{
    awl_task_push_context(L);
    return 1;
}

/* with_context(fields, fn, ...) -> what fn returns */
static int task_with_context(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    function_arg(L, 2);
    int top = lua_gettop(L);
    luaL_checkstack(L, 6, NULL);
    awl_task_push_context(L);
    awl_task_push_merged(L, top + 1, 1);
    lua_remove(L, top + 1);
    awl_scope_push(L, AWL_SCOPE_CONTEXT, AWL_SCOPE_FOREVER);
    return call_scoped(L);
}

/* set_item(item): the running task's context has this item from now on. Not inside of
 * with_context. */
static int task_set_item(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    awl_task_set_item(L);
    return 0;
}

/* now() -> seconds of a clock that never goes back */
static int task_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)awl_clock_mono_us(&awl_runtime(L)->clock) / 1e6);
    return 1;
}

/* is_task(value) -> boolean */
static int task_is_task(lua_State *L)
{
    lua_pushboolean(L, awl_task_is(L, 1));
    return 1;
}

/* is_terminal() -> boolean: somebody looks at stderr */
static int task_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty(STDERR_FILENO));
    return 1;
}

int luaopen_awl_core_task(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"spawn", task_spawn},
        {"sleep", task_sleep},
        {"timeout", task_timeout},
        {"shield", task_shield},
        {"group", awl_group_new},
        {"semaphore", awl_semaphore_new},
        {"channel", awl_channel_new},
        {"context", task_context},
        {"with_context", task_with_context},
        {"set_item", task_set_item},
        {"now", task_now},
        {"is_task", task_is_task},
        {"is_terminal", task_is_terminal},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
