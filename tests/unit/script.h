/* script.h - a Lua state with a loop and a fake clock, for tests of what runs in it.
 *
 * A case runs pieces of Lua as the main task. `check(value, message)` fails the case;
 * so does an error that is not expected. */
#ifndef AWL_TEST_SCRIPT_H
#define AWL_TEST_SCRIPT_H

#include "test.h"

#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "loop/loop.h"
#include "script/scheduler.h"
#include "script/state.h"
#include "script/task.h"

struct script {
    struct awl_runtime runtime;
    lua_State *L;
    struct awl_run run; /* the last */
};

/* With AWL_TEST_GC set, the collector runs a full cycle all the time. */
static inline void script_open(struct script *script, void (*open)(lua_State *L))
{
    *script = (struct script){.L = NULL};
    awl_clock_init_fake(&script->runtime.clock, 1700000000000);
    awl_random_seed(&script->runtime.random, 1);
    script->runtime.loop = awl_loop_new(&script->runtime.clock);
    assert_non_null(script->runtime.loop);
    script->L = awl_state_new(&script->runtime);
    assert_non_null(script->L);
    if (getenv("AWL_TEST_GC") != NULL)
        lua_gc(script->L, LUA_GCINC, 1, 1000, 1);
    if (open != NULL)
        open(script->L);
}

static inline void script_close(struct script *script)
{
    CHECK_INT(awl_scheduler_live(script->runtime.scheduler), 0);
    lua_gc(script->L, LUA_GCCOLLECT);
    lua_gc(script->L, LUA_GCCOLLECT);
    awl_state_free(&script->runtime);
    awl_loop_free(script->runtime.loop);
}

/* No task may have failed unseen, and the main task must have returned. */
static inline void script_check_run(struct script *script)
{
    lua_State *L = script->L;
    if (awl_scheduler_take_unobserved(L)) {
        const char *trace = lua_tostring(L, -1);
        fail_msg("%s\n%s", luaL_tolstring(L, -2, NULL), trace);
    }
    if (script->run.status == AWL_RUN_DEADLOCK)
        fail_msg("deadlock:\n%s", script->run.deadlock);
    CHECK_INT(script->run.status, AWL_RUN_DONE);
}

/* Runs `code`; the main task is left on the stack. */
static inline void script_start(struct script *script, const char *code)
{
    lua_settop(script->L, 0);
    if (luaL_loadbuffer(script->L, code, strlen(code), "=test") != LUA_OK)
        fail_msg("%s", lua_tostring(script->L, -1));
    script->run = awl_scheduler_run_main(script->L, 0);
}

/* The same; every task must end well. */
static inline void script_run(struct script *script, const char *code)
{
    script_start(script, code);
    script_check_run(script);
}

/* Takes the next error that nobody awaited; its text must contain `text`, and its
 * traceback `trace`. */
static inline void script_expect_error(struct script *script, const char *text,
                                       const char *trace)
{
    lua_State *L = script->L;
    assert_true(awl_scheduler_take_unobserved(L));
    const char *got = luaL_tolstring(L, -2, NULL);
    if (strstr(got, text) == NULL)
        fail_msg("the error is: %s\nexpected: %s", got, text);
    const char *got_trace = lua_tostring(L, -2);
    if (got_trace == NULL || strstr(got_trace, trace) == NULL)
        fail_msg("the traceback is: %s\nexpected: %s", got_trace != NULL ? got_trace : "",
                 trace);
    lua_pop(L, 3);
}

/* A continuation that has nothing more to do. */
static inline int script_done_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static inline int script_sleep(lua_State *L)
{
    return awl_task_sleep(L, (int64_t)(luaL_checknumber(L, 1) * 1e6), script_done_k, 0);
}

static inline int script_spawn(lua_State *L)
{
    awl_task_spawn(L, lua_gettop(L) - 1);
    return 1;
}

/* Makes sleep(seconds) and spawn(fn, ...) -> task global. */
static inline void script_register(lua_State *L)
{
    lua_register(L, "sleep", script_sleep);
    lua_register(L, "spawn", script_spawn);
}

static inline double script_now(const struct script *script)
{
    return (double)awl_clock_mono_us(&script->runtime.clock) / 1e6;
}

#endif
