/* How a program of tasks runs, is stopped, and what it reports. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>

/* Waits for what nobody will signal. */
static int lua_hang(lua_State *L)
{
    struct awl_task_queue *never = lua_newuserdatauv(L, sizeof *never, 0);
    *never = (struct awl_task_queue){NULL, NULL};
    return awl_task_wait_in(L, never, "never", script_done_k, 0);
}

static int lua_cancel_all(lua_State *L)
{
    awl_scheduler_cancel_all(awl_runtime(L)->scheduler);
    return 0;
}

/* As a signal handler would, in the middle of a computation. */
static int lua_interrupt(lua_State *L)
{
    awl_scheduler_cancel_all(awl_runtime(L)->scheduler);
    awl_scheduler_interrupt(awl_runtime(L)->scheduler);
    return 0;
}

static int lua_count(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "count");
    lua_Integer count = lua_tointeger(L, -1) + 1;
    lua_pushinteger(L, count);
    lua_setfield(L, LUA_REGISTRYINDEX, "count");
    return 0;
}

static lua_Integer counted(const struct script *script)
{
    lua_getfield(script->L, LUA_REGISTRYINDEX, "count");
    lua_Integer count = lua_tointeger(script->L, -1);
    lua_pop(script->L, 1);
    return count;
}

static void on_open(lua_State *L)
{
    script_register(L);
    lua_register(L, "hang", lua_hang);
    lua_register(L, "cancel_all", lua_cancel_all);
    lua_register(L, "interrupt", lua_interrupt);
    lua_register(L, "count", lua_count);
}

#define GUARD "local g <close> = setmetatable({}, { __close = count })\n"

TEST(a_program_ends_when_every_task_has_ended)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_run(&script, "spawn(function() sleep(5); spawn(function() sleep(2); count() "
                        "end) end)");
    CHECK_INT(counted(&script), 1);
    CHECK_INT((int)script_now(&script), 7);
    script_close(&script);
}

TEST(the_main_task_leaves_its_values)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_run(&script, "sleep(1) return 1, 'two'");
    lua_State *L = script.L;
    CHECK_INT(lua_gettop(L), 1);
    CHECK_INT(awl_scheduler_push_results(L, awl_task_arg(L, 1)), 2);
    CHECK_INT(lua_tointeger(L, 2), 1);
    assert_string_equal(lua_tostring(L, 3), "two");
    script_close(&script);
}

TEST(an_error_of_the_main_task_cancels_the_others)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "spawn(function() " GUARD " sleep(1000) end)\n"
                          "spawn(function() sleep(1) error('early', 0) end)\n"
                          "local function fails() error('boom') end\n"
                          "sleep(5)\n"
                          "fails()");
    CHECK_INT(script.run.status, AWL_RUN_FAILED);
    CHECK_INT(counted(&script), 1);
    CHECK_INT((int)script_now(&script), 5);
    script_expect_error(&script, "test:4: boom", "in local 'fails'");
    script_expect_error(&script, "early", "stack traceback");
    CHECK(!awl_scheduler_take_unobserved(script.L));
    script_close(&script);
}

TEST(an_error_that_nobody_awaited_is_kept_for_the_end)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "spawn(function() error('lost', 0) end)\n"
                          "local seen = spawn(function() error('seen', 0) end)\n"
                          "sleep(1)\n"
                          "pcall(seen.await, seen)\n"
                          "local watched = spawn(function() sleep(1) error('x', 0) end)\n"
                          "pcall(watched.await, watched)\n"
                          "spawn(function() sleep(1) end):cancel()");
    CHECK_INT(script.run.status, AWL_RUN_DONE);
    script_expect_error(&script, "lost", "stack traceback");
    CHECK(!awl_scheduler_take_unobserved(script.L));
    script_close(&script);
}

TEST(too_many_unseen_errors_are_counted_only)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script,
                 "for i = 1, 1500 do spawn(function() error('n' .. i, 0) end) end");
    int taken = 0;
    while (awl_scheduler_take_unobserved(script.L)) {
        lua_pop(script.L, 2);
        taken++;
    }
    CHECK_INT(taken, 1000);
    CHECK_INT(awl_scheduler_forgotten(script.runtime.scheduler), 500);
    script_close(&script);
}

TEST(an_awaited_error_has_both_tracebacks)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "local function inner() error('deep') end\n"
                          "local t = spawn(function() sleep(1) inner() end)\n"
                          "local function outer() t:await() end\n"
                          "outer()");
    lua_State *L = script.L;
    assert_true(awl_scheduler_take_unobserved(L));
    const char *trace = lua_tostring(L, -1);
    const char *first = strstr(trace, "in local 'outer'");
    const char *label = strstr(trace, "in the awaited task:");
    const char *second = strstr(trace, "in upvalue 'inner'");
    assert_non_null(first);
    assert_non_null(label);
    assert_non_null(second);
    CHECK(first < label && label < second);
    script_close(&script);
}

TEST(an_error_of_a_generator_has_both_tracebacks)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "local function inner() error('deep', 0) end\n"
                          "local gen = coroutine.wrap(function() sleep(1) inner() end)\n"
                          "local function outer() for _ in gen do end end\n"
                          "outer()");
    lua_State *L = script.L;
    assert_true(awl_scheduler_take_unobserved(L));
    const char *trace = lua_tostring(L, -1);
    const char *first = strstr(trace, "in local 'outer'");
    const char *second = strstr(trace, "in the coroutine:");
    assert_non_null(first);
    assert_non_null(second);
    CHECK(first < second);
    assert_non_null(strstr(second, "in upvalue 'inner'"));
    script_close(&script);
}

TEST(tasks_that_wait_for_nothing_are_a_deadlock)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "for i = 1, 3 do spawn(function()\n" GUARD "hang()\n"
                          "end) end\n"
                          "local t = spawn(function() hang() end)\n"
                          "sleep(1)\n"
                          "t:await()\n");
    CHECK_INT(script.run.status, AWL_RUN_DEADLOCK);
    assert_string_equal(script.run.deadlock, "  test:3  never  3 tasks\n"
                                             "  test:7  task  1 task\n"
                                             "  test:5  never  1 task\n");
    CHECK_INT(counted(&script), 3);
    script_close(&script);
}

TEST(os_exit_unwinds_every_task_first)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script,
                 "for i = 1, 3 do spawn(function() " GUARD " sleep(100) end) end\n"
                 "spawn(function()\n" GUARD "sleep(2)\n"
                 "os.exit(7)\n"
                 "end)\n" GUARD "sleep(50)\n"
                 "count() count() count()");
    CHECK_INT(script.run.status, AWL_RUN_EXIT);
    CHECK_INT(script.run.exit_code, 7);
    CHECK_INT(counted(&script), 5);
    CHECK_INT((int)script_now(&script), 2);
    CHECK(!awl_scheduler_take_unobserved(script.L));

    script_start(&script, "pcall(os.exit, true) pcall(sleep, 10) sleep(10) count()");
    CHECK_INT(script.run.status, AWL_RUN_EXIT);
    CHECK_INT(script.run.exit_code, 0);
    CHECK_INT(counted(&script), 5);
    script_start(&script, "spawn(count) os.exit(false)");
    CHECK_INT(script.run.exit_code, 1);
    CHECK_INT(counted(&script), 5);
    script_close(&script);
}

TEST(cancel_all_ends_the_program)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "spawn(function() " GUARD " sleep(100) end)\n"
                          "spawn(function() sleep(3) cancel_all() end)\n"
                          "while true do pcall(sleep, 1) sleep(1) end");
    CHECK_INT(script.run.status, AWL_RUN_CANCELED);
    CHECK_INT(counted(&script), 1);
    CHECK_INT((int)script_now(&script), 3);
    script_run(&script, "sleep(1)"); /* a new run begins afresh */
    script_close(&script);
}

TEST(a_computation_can_be_interrupted)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "interrupt() while true do end");
    CHECK_INT(script.run.status, AWL_RUN_CANCELED);
    script_start(&script,
                 "coroutine.wrap(function() interrupt() while true do end end)()");
    CHECK_INT(script.run.status, AWL_RUN_CANCELED);
    script_close(&script);
}

TEST(the_report_shows_ten_places_and_counts_the_rest)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    char code[2000];
    int len = 0;
    for (int i = 1; i <= 12; i++)
        len += snprintf(code + len, sizeof code - (size_t)len,
                        "for i = 1, %d do spawn(function() hang() end) end\n", i);
    script_start(&script, code);
    CHECK_INT(script.run.status, AWL_RUN_DEADLOCK);
    const char *report = script.run.deadlock;
    CHECK(strncmp(report, "  test:12  never  12 tasks\n  test:11  never  11 tasks\n",
                  54) == 0);
    assert_non_null(strstr(report, "  test:3  never  3 tasks\n  elsewhere  3 tasks\n"));
    script_close(&script);
}

TEST(a_wait_in_a_coroutine_is_reported_where_it_is)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    script_start(&script, "local gen = coroutine.wrap(function()\n"
                          "  hang()\n"
                          "end)\n"
                          "spawn(function() coroutine.wrap(hang)() end)\n"
                          "spawn(hang)\n"
                          "gen()");
    CHECK_INT(script.run.status, AWL_RUN_DEADLOCK);
    assert_non_null(strstr(script.run.deadlock, "  test:2  never  1 task\n"));
    assert_non_null(strstr(script.run.deadlock, "  test:4  never  1 task\n"));
    assert_non_null(strstr(script.run.deadlock, "  (not in Lua)  never  1 task\n"));
    script_close(&script);
}

TEST(a_prompt_runs_one_task_and_lets_the_others_live)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    lua_State *L = script.L;
    luaL_loadstring(L, "spawn(function() sleep(10) count() end) sleep(1)");
    CHECK(awl_scheduler_run_until(L, awl_task_spawn(L, 0)));
    CHECK_INT(counted(&script), 0);
    CHECK_INT(awl_scheduler_live(script.runtime.scheduler), 1);
    luaL_loadstring(L, "hang()");
    struct awl_task *hung = awl_task_spawn(L, 0);
    CHECK(!awl_scheduler_run_until(L, hung));
    CHECK_INT(counted(&script), 1);
    awl_task_cancel(hung);
    CHECK(awl_scheduler_run_until(L, hung));
    script_close(&script);
}

TEST(closing_the_state_in_the_middle_is_safe)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    lua_State *L = script.L;
    luaL_loadstring(L, "for i = 1, 10 do spawn(function() sleep(i) end) end\n"
                       "spawn(hang) coroutine.wrap(function() sleep(5) end)()");
    CHECK(awl_scheduler_run_until(L, awl_task_spawn(L, 0)));
    luaL_loadstring(L, "spawn(function() sleep(9) end) spawn(hang)");
    CHECK(awl_scheduler_run_until(L, awl_task_spawn(L, 0)));
    awl_state_free(&script.runtime);
    while (awl_loop_turn(script.runtime.loop, true))
        continue;
    awl_loop_free(script.runtime.loop);
}

TEST_MAIN(RUN(a_program_ends_when_every_task_has_ended),
          RUN(the_main_task_leaves_its_values),
          RUN(an_error_of_the_main_task_cancels_the_others),
          RUN(an_error_that_nobody_awaited_is_kept_for_the_end),
          RUN(too_many_unseen_errors_are_counted_only),
          RUN(an_awaited_error_has_both_tracebacks),
          RUN(an_error_of_a_generator_has_both_tracebacks),
          RUN(tasks_that_wait_for_nothing_are_a_deadlock),
          RUN(os_exit_unwinds_every_task_first), RUN(cancel_all_ends_the_program),
          RUN(a_computation_can_be_interrupted),
          RUN(the_report_shows_ten_places_and_counts_the_rest),
          RUN(a_wait_in_a_coroutine_is_reported_where_it_is),
          RUN(a_prompt_runs_one_task_and_lets_the_others_live),
          RUN(closing_the_state_in_the_middle_is_safe))
