/* coroutines.c - Lua's coroutine library for code that runs in tasks. */
#include "script/coroutines.h"

#include <lauxlib.h>

#include "script/task_state.h"

/* Registry: coroutine -> the scopes it was suspended in; weak keys. */
static const char detached_key = 0;

static lua_State *coroutine_arg(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "coroutine");
    return co;
}

static bool is_waiting(lua_State *co)
{
    return awl_is_marked(co, &awl_mark_waiting);
}

static bool is_ended_task(lua_State *co)
{
    return awl_is_marked(co, &awl_mark_ended);
}

/* --- scopes of suspended coroutines --- */

static void push_thread_of(lua_State *L, lua_State *co)
{
    lua_pushthread(co);
    lua_xmove(co, L, 1);
}

/* The coroutine has yielded inside scopes: they bind only what runs in it. */
static void put_scopes_away(lua_State *L, lua_State *co, struct awl_scope *mark)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    struct awl_scope *top = awl_scope_detach(scheduler->current, mark);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &detached_key);
    push_thread_of(L, co);
    lua_pushlightuserdata(L, top);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    scheduler->detached++;
}

/* Takes the scopes out of the registry; NULL if the coroutine has none. */
static struct awl_scope *fetch_scopes(lua_State *L, lua_State *co)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    if (scheduler->detached == 0)
        return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &detached_key);
    push_thread_of(L, co);
    lua_rawget(L, -2);
    struct awl_scope *top = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (top != NULL) {
        push_thread_of(L, co);
        lua_pushnil(L);
        lua_rawset(L, -3);
        scheduler->detached--;
    }
    lua_pop(L, 1);
    return top;
}

/* --- resuming --- */

enum outcome { RETURNED, RAISED, WAITING };

/* Its <close> variables run, but cannot wait. */
static int reset(lua_State *L, lua_State *co)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    lua_State *before = scheduler->running;
    scheduler->blocked++;
    scheduler->running = co;
    int status = lua_resetthread(co);
    scheduler->running = before;
    scheduler->blocked--;
    return status;
}

/* Lets `co` run with the `given` values on its stack. What it passes back is on L then,
 * `*count` values. */
static enum outcome run(lua_State *L, lua_State *co, int given, struct awl_scope *mark,
                        int *count)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    bool block = !lua_isyieldable(L);
    lua_State *before = scheduler->running;

    scheduler->blocked += block;
    scheduler->running = co;
    int status = lua_resume(co, L, given, count);
    scheduler->running = before;
    scheduler->blocked -= block;

    if (status == LUA_YIELD && is_waiting(co))
        return WAITING;
    if (scheduler->current != NULL && scheduler->current->scope != mark) {
        /* One that dies in a scope is closed at once, not when a collector finds it:
         * the scope may have something to say about the error. */
        if (status == LUA_YIELD)
            put_scopes_away(L, co, mark);
        else if (status != LUA_OK)
            status = reset(L, co);
    }
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        *count = 1;
        return RAISED;
    }
    if (!lua_checkstack(L, *count + 1)) {
        lua_pop(co, *count);
        lua_pushliteral(L, "too many results to resume");
        *count = 1;
        return RAISED;
    }
    lua_xmove(co, L, *count);
    return RETURNED;
}

/* Why `co` cannot be resumed, or NULL. */
static const char *refusal(lua_State *L, lua_State *co, int given)
{
    if (is_waiting(co))
        return "cannot resume a coroutine that waits in another task";
    if (is_ended_task(co))
        return "cannot resume dead coroutine";
    lua_Debug at;
    if (lua_status(co) == LUA_OK && (co == L || lua_getstack(co, 0, &at)))
        return "cannot resume non-suspended coroutine";
    if (lua_status(co) == LUA_OK && lua_gettop(co) == 0)
        return "cannot resume dead coroutine";
    if (!lua_checkstack(co, given + 1))
        return "too many arguments to resume";
    return NULL;
}

/* Moves the arguments, which are on top of L, and lets `co` run. */
static enum outcome start(lua_State *L, lua_State *co, int given, lua_KContext *mark,
                          int *count)
{
    const char *reason = refusal(L, co, given);
    if (reason != NULL) {
        lua_pushstring(L, reason);
        *count = 1;
        return RAISED;
    }
    struct awl_task *task = awl_runtime(L)->scheduler->current;
    struct awl_scope *scope = task != NULL ? task->scope : NULL;
    struct awl_scope *own = fetch_scopes(L, co);
    if (own != NULL && task != NULL)
        awl_scope_attach(task, own);
    *mark = (lua_KContext)scope;

    /* A wrapped function has its runner below it on its first run. */
    int below = lua_status(co) == LUA_OK ? lua_gettop(co) - 1 : 0;
    lua_xmove(L, co, given);
    return run(L, co, given + below, scope, count);
}

/* Suspends the caller because the coroutine under it waits; k goes on with it. */
static int pass_wait_up(lua_State *L, lua_KContext mark, lua_KFunction k)
{
    lua_pushlightuserdata(L, (void *)&awl_mark_waiting);
    return lua_yieldk(L, 1, mark, k);
}

static enum outcome go_on(lua_State *L, lua_State *co, lua_KContext mark, int *count)
{
    lua_pop(co, 1); /* the mark */
    return run(L, co, 0, (struct awl_scope *)mark, count);
}

static int resume_result(lua_State *L, enum outcome outcome, int count)
{
    lua_pushboolean(L, outcome == RETURNED);
    lua_insert(L, -(count + 1));
    return count + 1;
}

static int resume_k(lua_State *L, int status, lua_KContext mark)
{
    (void)status;
    int count;
    enum outcome outcome = go_on(L, lua_tothread(L, 1), mark, &count);
    if (outcome == WAITING)
        return pass_wait_up(L, mark, resume_k);
    return resume_result(L, outcome, count);
}

/* coroutine.resume(co, ...) */
static int coroutine_resume(lua_State *L)
{
    lua_State *co = coroutine_arg(L);
    luaL_checkstack(L, 4, "resume");
    lua_KContext mark = 0;
    int count;
    enum outcome outcome = start(L, co, lua_gettop(L) - 1, &mark, &count);
    if (outcome == WAITING)
        return pass_wait_up(L, mark, resume_k);
    return resume_result(L, outcome, count);
}

/* --- wrapping --- */

static int wrapped_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    if (status != LUA_OK && status != LUA_YIELD)
        return lua_error(L);
    return lua_gettop(L) - 1;
}

/* Runs a wrapped function in a pcall, so that its <close> variables can wait when it
 * raises, and its traceback is known. */
static int wrapped_function(lua_State *L)
{
    lua_pushcfunction(L, awl_trace_on_error);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, wrapped_k);
    return wrapped_k(L, status, 0);
}

static lua_State *wrapped_coroutine(lua_State *L)
{
    return lua_tothread(L, lua_upvalueindex(1));
}

/* The error is on top of L; as in Lua, text gets the place of the caller before it. */
static int raise_wrapped(lua_State *L, lua_State *co)
{
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD)
        lua_resetthread(co);
    if (lua_type(L, -1) == LUA_TSTRING && status != LUA_ERRMEM) {
        int error = lua_gettop(L);
        luaL_checkstack(L, 8, NULL);
        luaL_where(L, 1);
        lua_pushvalue(L, error);
        lua_concat(L, 2);
        awl_trace_replace(L, error, error + 1);
    }
    return lua_error(L);
}

static int wrap_k(lua_State *L, int status, lua_KContext mark)
{
    (void)status;
    lua_State *co = wrapped_coroutine(L);
    int count;
    enum outcome outcome = go_on(L, co, mark, &count);
    if (outcome == WAITING)
        return pass_wait_up(L, mark, wrap_k);
    return outcome == RETURNED ? count : raise_wrapped(L, co);
}

static int wrap_call(lua_State *L)
{
    lua_State *co = wrapped_coroutine(L);
    luaL_checkstack(L, 4, "resume");
    lua_KContext mark = 0;
    int count;
    enum outcome outcome = start(L, co, lua_gettop(L), &mark, &count);
    if (outcome == WAITING)
        return pass_wait_up(L, mark, wrap_k);
    return outcome == RETURNED ? count : raise_wrapped(L, co);
}

/* coroutine.wrap(fn) */
static int coroutine_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushcfunction(co, wrapped_function);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrap_call, 1);
    return 1;
}

/* --- the rest --- */

/* coroutine.yield(...) */
static int coroutine_yield(lua_State *L)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (task != NULL && task->co == L)
        return luaL_error(L, "coroutine.yield outside a coroutine of the script (to let "
                             "other tasks run, use awl.sleep(0))");
    return lua_yield(L, lua_gettop(L));
}

static const char *status_of(lua_State *L, lua_State *co)
{
    const struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    lua_Debug at;
    if (co == L)
        return "running";
    if (is_ended_task(co))
        return "dead";
    if (is_waiting(co))
        return "normal";
    if (lua_status(co) == LUA_YIELD)
        return "suspended";
    if (lua_status(co) != LUA_OK)
        return "dead";
    if (lua_getstack(co, 0, &at) || co == scheduler->running)
        return "normal";
    return lua_gettop(co) == 0 ? "dead" : "suspended";
}

/* coroutine.status(co) */
static int coroutine_status(lua_State *L)
{
    lua_pushstring(L, status_of(L, coroutine_arg(L)));
    return 1;
}

static bool is_top(lua_State *L, lua_State *co)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    return task != NULL && task->co == co;
}

/* coroutine.running() -> co, whether it is the outermost one */
static int coroutine_running(lua_State *L)
{
    bool main = lua_pushthread(L);
    lua_pushboolean(L, main || is_top(L, L));
    return 2;
}

/* coroutine.isyieldable([co]) */
static int coroutine_isyieldable(lua_State *L)
{
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, !is_top(L, co) && lua_isyieldable(co));
    return 1;
}

/* coroutine.close(co) */
static int coroutine_close(lua_State *L)
{
    lua_State *co = coroutine_arg(L);
    if (is_waiting(co))
        return luaL_error(L, "cannot close a coroutine that waits in another task");
    if (is_ended_task(co)) {
        lua_pushboolean(L, true);
        return 1;
    }
    const char *word = status_of(L, co);
    if (*word != 's' && *word != 'd') /* neither suspended nor dead */
        return luaL_error(L, "cannot close a %s coroutine", word);
    fetch_scopes(L, co);
    bool fine = reset(L, co) == LUA_OK;
    lua_pushboolean(L, fine);
    if (fine)
        return 1;
    lua_xmove(co, L, 1);
    return 2;
}

void awl_coroutines_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"resume", coroutine_resume},   {"wrap", coroutine_wrap},
        {"yield", coroutine_yield},     {"status", coroutine_status},
        {"running", coroutine_running}, {"isyieldable", coroutine_isyieldable},
        {"close", coroutine_close},     {NULL, NULL}};
    lua_getglobal(L, "coroutine");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);

    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &detached_key);
}
