/* scope.c - cancel scopes: entering, leaving, deadlines, and suspended coroutines. */
#include "script/scope.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/error_value.h"
#include "script/task_state.h"

static const char metatable_key = 0;

static struct awl_scope *scope_of_timer(struct awl_timer *timer)
{
    return (struct awl_scope *)((char *)timer - offsetof(struct awl_scope, timer));
}

/* --- entering and leaving --- */

void awl_scope_enter(lua_State *L, struct awl_scope *scope, enum awl_scope_kind kind)
{
    struct awl_task *task = awl_task_check(L);
    *scope = (struct awl_scope){.scheduler = task->scheduler,
                                .task = task,
                                .outer = task->scope,
                                .context_ref = LUA_NOREF,
                                .kind = (uint8_t)kind};
    task->scope = scope;
}

/* Inner scopes that are still there, which a C library may have left behind, go too. */
void awl_scope_leave(struct awl_scope *scope)
{
    struct awl_task *task = scope->task;
    awl_timer_stop(scope->scheduler->runtime->loop, &scope->timer);
    if (task == NULL)
        return;
    for (struct awl_scope *inner = task->scope; inner != scope; inner = inner->outer)
        inner->task = NULL;
    task->scope = scope->outer;
    scope->task = NULL;
}

void awl_scope_cancel(struct awl_scope *scope)
{
    scope->canceled = true;
    if (scope->task != NULL)
        awl_task_interrupt(scope->task);
}

static void on_deadline(struct awl_timer *timer)
{
    struct awl_scope *scope = scope_of_timer(timer);
    if (scope->kind != AWL_SCOPE_SHIELD) {
        awl_scope_cancel(scope);
        return;
    }
    scope->ended = true;
    if (scope->task != NULL)
        awl_task_interrupt(scope->task);
}

struct awl_scope *awl_scope_push(lua_State *L, enum awl_scope_kind kind, int64_t delay_us)
{
    awl_task_check(L);
    struct awl_scope *scope = lua_newuserdatauv(L, sizeof *scope, 0);
    *scope = (struct awl_scope){.scheduler = awl_runtime(L)->scheduler,
                                .context_ref = LUA_NOREF};
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);

    int context = LUA_NOREF;
    if (kind == AWL_SCOPE_CONTEXT) {
        lua_insert(L, -2);
        context = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    awl_scope_enter(L, scope, kind);
    scope->context_ref = context;
    scope->seconds = (double)delay_us / 1e6;
    if (delay_us != AWL_SCOPE_FOREVER &&
        awl_timer_start(scope->scheduler->runtime->loop, &scope->timer, delay_us,
                        on_deadline) != AWL_OK) {
        awl_scope_leave(scope);
        luaL_error(L, "not enough memory");
    }
    return scope;
}

/* Turns the Canceled that the scope itself has caused into Timeout, unless a scope
 * around it is canceled as well. */
static int raise_timeout(lua_State *L, const struct awl_scope *scope)
{
    lua_getfield(L, 2, "message");
    const char *message = lua_tostring(L, -1);
    const char *where = message != NULL ? strstr(message, " while waiting") : NULL;
    char seconds[32];
    snprintf(seconds, sizeof seconds, "%g", scope->seconds);
    lua_pushfstring(L, "timed out after %s second%s%s", seconds,
                    scope->seconds == 1.0 ? "" : "s", where != NULL ? where : "");
    awl_error_push(L, "timeout", "Timeout", lua_tostring(L, -1));
    return lua_error(L);
}

static void release(lua_State *L, struct awl_scope *scope)
{
    awl_scope_leave(scope);
    luaL_unref(L, LUA_REGISTRYINDEX, scope->context_ref);
    scope->context_ref = LUA_NOREF;
}

/* __close(scope, err) */
static int scope_close(lua_State *L)
{
    struct awl_scope *scope = lua_touserdata(L, 1);
    release(L, scope);
    if (scope->kind == AWL_SCOPE_TIMEOUT && scope->canceled && !awl_task_is_canceled(L) &&
        awl_error_has_code(L, 2, "Canceled"))
        return raise_timeout(L, scope);
    return 0;
}

static int scope_gc(lua_State *L)
{
    release(L, lua_touserdata(L, 1));
    return 0;
}

void awl_scope_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"__close", scope_close}, {"__gc", scope_gc}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}

/* --- coroutines that are suspended inside scopes --- */

struct awl_scope *awl_scope_detach(struct awl_task *task, struct awl_scope *mark)
{
    struct awl_scope *top = task->scope;
    for (struct awl_scope *scope = top; scope != mark; scope = scope->outer) {
        scope->task = NULL;
        if (scope->outer == mark) {
            scope->outer = NULL;
            break;
        }
    }
    task->scope = mark;
    return top;
}

void awl_scope_attach(struct awl_task *task, struct awl_scope *top)
{
    struct awl_scope *scope = top;
    for (; scope->outer != NULL; scope = scope->outer)
        scope->task = task;
    scope->task = task;
    scope->outer = task->scope;
    task->scope = top;
}
