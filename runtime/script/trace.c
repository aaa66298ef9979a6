/* trace.c - where errors came from, across coroutines and tasks.
 *
 * The handler runs where an error is raised and keeps the traceback beside the value
 * in the task. When the same value passes again, on its way out of a coroutine or of
 * an awaited task, the new traceback goes before what is known already. */
#include <lauxlib.h>

#include "base/log.h"
#include "base/str.h"
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

static awl_str next_line(awl_str *text)
{
    size_t end = awl_str_find(*text, '\n', 0);
    size_t len = end == SIZE_MAX ? text->len : end + 1;
    awl_str line = awl_str_slice(*text, 0, len);
    *text = awl_str_slice(*text, len, text->len);
    return line;
}

static bool is_note_on_tail_call(awl_str line)
{
    return awl_str_starts(line, STR("\t(...tail"));
}

/* The deepest level; a step of lua_getstack costs as much as it is deep. */
static int last_level(lua_State *L)
{
    lua_Debug at;
    int low = 0, high = 1;
    while (lua_getstack(L, high, &at)) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (lua_getstack(L, middle, &at))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The level of the first of these lines, which are a traceback's last. */
static int level_of(lua_State *L, awl_str lines)
{
    int level = last_level(L) + 1;
    while (lines.len > 0)
        level -= !is_note_on_tail_call(next_line(&lines));
    return level;
}

enum origin { ORIGIN_SCRIPT, ORIGIN_C, ORIGIN_OWN };

static enum origin origin_of(lua_State *L, int level)
{
    lua_Debug at;
    if (!lua_getstack(L, level, &at))
        return ORIGIN_SCRIPT;
    lua_getinfo(L, "S", &at);
    return *at.what == 'C'         ? ORIGIN_C
           : awl_where_is_own(&at) ? ORIGIN_OWN
                                   : ORIGIN_SCRIPT;
}

/* Replaces the traceback on top, from level 1 of this stack, by one without the lines of
 * awl's own modules and of what C they called. */
static void trace_shorten(lua_State *L)
{
    awl_str text, held = {0}; /* lines of C: as what comes next */
    enum origin origin = ORIGIN_SCRIPT;
    luaL_Buffer out;
    text.ptr = lua_tolstring(L, -1, &text.len);
    luaL_buffinit(L, &out);
    for (int level = 0; text.len > 0;) {
        awl_str line = next_line(&text);
        if (awl_str_starts(line, STR("\t...\t"))) { /* levels left out */
            origin = ORIGIN_SCRIPT;
            level = level_of(L, text);
        } else if (!is_note_on_tail_call(line)) {
            origin = level > 0 ? origin_of(L, level) : ORIGIN_SCRIPT; /* 0: the title */
            level++;
        }
        if (origin == ORIGIN_OWN) {
            held.len = 0;
            continue;
        }
        if (held.len == 0)
            held.ptr = line.ptr;
        held.len += line.len;
        if (origin == ORIGIN_C)
            continue;
        luaL_addlstring(&out, held.ptr, held.len);
        held.len = 0;
    }
    luaL_addlstring(&out, held.ptr, held.len);
    luaL_pushresult(&out);
    lua_remove(L, -2);
}

/* An error that names a line of awl's own as its place is to be found there. */
static bool is_own_error(lua_State *L, int error)
{
    lua_Debug at;
    if (lua_type(L, error) != LUA_TSTRING)
        return false;
    for (int level = 1; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "S", &at);
        if (*at.what != 'C')
            return awl_where_is_own(&at) &&
                   awl_str_starts(awl_str_of(lua_tostring(L, error)),
                                  awl_str_of(at.short_src));
    }
    return false;
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
    if (!is_own_error(L, 1) && !awl_log_enabled(AWL_LOG_DEBUG))
        trace_shorten(L);
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
