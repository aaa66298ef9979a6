/* trace.c - where errors came from, across coroutines and tasks.
 *
 * The handler runs where an error is raised and keeps the traceback beside the value
 * in the task. When the same value passes again, on its way out of a coroutine or of
 * an awaited task, the new traceback goes before what is known already. */
#include <lauxlib.h>

#include "script/error_value.h"
#include "script/task_state.h"

enum { ENTRY_ERROR = 1, ENTRY_TRACE, ENTRY_LABEL };

#define TRACE_MAX_BYTES 16384 /* no more tracebacks are put together beyond this */

/* Pushes the entry of the task at `task` if it is about the value at `error`. */
static bool entry_push(lua_State *L, int task, int error)
{
    if (lua_getiuservalue(L, task, TASK_TRACE) == LUA_TTABLE) {
        lua_rawgeti(L, -1, ENTRY_ERROR);
        bool same = lua_rawequal(L, -1, error);
        lua_pop(L, 1);
        if (same)
            return true;
    }
    lua_pop(L, 1);
    return false;
}

/* Pops a traceback and keeps it in the task at `task` for the value at `error`.
 * `label` says what it is the traceback of when another one is put before it; NULL: it
 * says everything. */
static void entry_set(lua_State *L, int task, int error, const char *label)
{
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, error);
    lua_rawseti(L, -2, ENTRY_ERROR);
    lua_insert(L, -2);
    lua_rawseti(L, -2, ENTRY_TRACE);
    if (label != NULL) {
        lua_pushstring(L, label);
        lua_rawseti(L, -2, ENTRY_LABEL);
    }
    lua_setiuservalue(L, task, TASK_TRACE);
}

/* Puts the traceback on top and what the entry below it knows into one text, or
 * leaves the entry's alone when it tells the whole way. Replaces both. */
static void trace_join(lua_State *L)
{
    lua_rawgeti(L, -2, ENTRY_TRACE);
    lua_rawgeti(L, -3, ENTRY_LABEL);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_remove(L, -2);
    } else if (lua_rawlen(L, -2) > TRACE_MAX_BYTES) {
        lua_pop(L, 2);
    } else {
        lua_insert(L, -2);
        lua_pushfstring(L, "%s\n%s:\n%s", lua_tostring(L, -3), lua_tostring(L, -2),
                        lua_tostring(L, -1));
        lua_replace(L, -4);
        lua_pop(L, 2);
    }
    lua_remove(L, -2);
}

/* So that scripts which catch the error can log it. */
static void set_field(lua_State *L, int error, int trace)
{
    if (!awl_error_is(L, error))
        return;
    lua_pushliteral(L, "traceback");
    if (lua_rawget(L, error) == LUA_TNIL) {
        lua_pushliteral(L, "traceback");
        lua_pushvalue(L, trace);
        lua_rawset(L, error);
    }
    lua_pop(L, 1);
}

/* The message handler: value -> the same value. */
int awl_trace_on_error(lua_State *L)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    lua_settop(L, 1);
    if (task == NULL || awl_error_has_code(L, 1, "Canceled"))
        return 1;
    awl_task_push(L, task);
    bool known = entry_push(L, 2, 1);
    luaL_traceback(L, L, NULL, 1);
    if (known)
        trace_join(L);
    set_field(L, 1, 3);
    entry_set(L, 2, 1, L != task->co ? "in the coroutine" : NULL);
    lua_settop(L, 1);
    return 1;
}

int awl_trace_get(lua_State *L)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (task == NULL)
        return 0;
    awl_task_push(L, task);
    if (!entry_push(L, 2, 1))
        return 0;
    lua_rawgeti(L, -1, ENTRY_TRACE);
    return 1;
}

/* The running task is about to raise the value on top, which is the error of the task
 * at index `from`. */
void awl_trace_inherit(lua_State *L, int from)
{
    int error = lua_gettop(L);
    if (!entry_push(L, from, error))
        return;
    awl_task_push(L, awl_runtime(L)->scheduler->current);
    lua_rawgeti(L, -2, ENTRY_TRACE);
    entry_set(L, error + 2, error, "in the awaited task");
    lua_settop(L, error);
}

/* The error at `old` becomes the one at `new` on its way out, in the running task. */
void awl_trace_replace(lua_State *L, int old, int new)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (task == NULL)
        return;
    int top = lua_gettop(L);
    awl_task_push(L, task);
    if (entry_push(L, top + 1, old)) {
        lua_pushvalue(L, new);
        lua_rawseti(L, -2, ENTRY_ERROR);
    }
    lua_settop(L, top);
}

/* Pushes the traceback of the failed task at `index`; "" when there is none. */
void awl_trace_push(lua_State *L, int index)
{
    if (lua_getiuservalue(L, index, TASK_TRACE) == LUA_TTABLE) {
        lua_rawgeti(L, -1, ENTRY_TRACE);
    } else {
        lua_pushliteral(L, "");
    }
    lua_remove(L, -2);
}
