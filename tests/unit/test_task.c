/* The contract between tasks and those who write functions that wait. */
#include "script.h"

struct source {
    struct awl_waitable waitable;
    int canceled;
    bool signals; /* when it is canceled */
};

static struct source source; /* of the running case */

static void on_cancel(struct awl_waitable *waitable)
{
    source.canceled++;
    if (source.signals)
        awl_waitable_signal(waitable);
}

static int answer_k(lua_State *L, int status, lua_KContext ctx)
{
    CHECK_INT(status, LUA_YIELD);
    lua_pushinteger(L, ctx);
    return 2; /* what the function left, and this */
}

/* wait(kept) -> kept, 42 */
static int lua_wait(lua_State *L)
{
    return awl_task_wait(L, &source.waitable, answer_k, 42);
}

static int lua_wait_held(lua_State *L)
{
    return awl_task_wait_held(L, &source.waitable, answer_k, 42);
}

static int lua_signal(lua_State *L)
{
    (void)L;
    awl_waitable_signal(&source.waitable);
    return 0;
}

static void on_open(lua_State *L)
{
    lua_register(L, "wait", lua_wait);
    lua_register(L, "wait_held", lua_wait_held);
    lua_register(L, "signal", lua_signal);
    script_register(L);
}

static void source_init(bool signals)
{
    source = (struct source){.signals = signals};
    awl_waitable_init(&source.waitable, "a source", on_cancel);
}

TEST(the_continuation_finds_the_stack_as_it_was_left)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "spawn(function() sleep(1) signal() end)\n"
                        "local a, b = wait('kept')\n"
                        "assert(a == 'kept' and b == 42)");
    CHECK_INT(source.canceled, 0);
    script_close(&script);
}

TEST(a_signal_before_the_wait_counts)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "signal() local a, b = wait('kept')\n"
                        "assert(a == 'kept' and b == 42)");
    script_close(&script);
}

TEST(a_cancel_stops_the_work_at_once)
{
    UNUSED_STATE;
    for (int signals = 0; signals <= 1; signals++) {
        struct script script;
        script_open(&script, on_open);
        source_init(signals);
        script_run(&script, "local t = spawn(function() wait('x') end)\n"
                            "sleep(0) t:cancel()\n"
                            "local ok, err = pcall(t.await, t)\n"
                            "assert(not ok and err.code == 'TaskCanceled')");
        CHECK_INT(source.canceled, 1);
        script_close(&script);
    }
}

TEST(a_canceled_task_that_begins_to_wait_stops_the_work)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "local t\n"
                        "t = spawn(function() t:cancel() local ok, e = pcall(wait, 'x')\n"
                        "assert(not ok and e.code == 'Canceled') end)\n"
                        "t:await()");
    CHECK_INT(source.canceled, 1);
    script_close(&script);
}

TEST(work_that_was_done_before_the_cancel_is_not_stopped)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "local t = spawn(function() return select('#', wait('x')) end)\n"
                        "sleep(0) signal() t:cancel()\n"
                        "assert(t:await() == 2)");
    CHECK_INT(source.canceled, 0);
    script_close(&script);
}

TEST(a_held_wait_comes_to_its_end)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "local t = spawn(function() return wait_held('x') end)\n"
                        "sleep(0) t:cancel() sleep(1)\n"
                        "assert(t:status() == 'waiting') signal()\n"
                        "assert(t:await() == 'x')");
    CHECK_INT(source.canceled, 1);

    source_init(true);
    script_run(&script, "local t\n"
                        "t = spawn(function() t:cancel() return wait_held('x') end)\n"
                        "assert(t:await() == 'x')");
    CHECK_INT(source.canceled, 1);
    script_close(&script);
}

TEST(a_stale_signal_wakes_nobody)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    source_init(false);
    script_run(&script, "local t = spawn(function() pcall(wait, 'x') end)\n"
                        "sleep(0) t:cancel() signal() signal() t:await()\n"
                        "signal() sleep(1)");
    script_close(&script);
}

TEST(waiting_outside_a_task_is_an_error_in_words)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, on_open);
    CHECK_INT(luaL_dostring(script.L, "sleep(1)"), 1);
    assert_string_equal(lua_tostring(script.L, -1),
                        "[string \"sleep(1)\"]:1: this function can only be called in a "
                        "task");
    CHECK(!awl_task_is_canceled(script.L));
    awl_task_push_context(script.L);
    CHECK(lua_istable(script.L, -1));
    script_close(&script);
}

/* An allocator that counts. */
struct meter {
    lua_Alloc allocate;
    void *arg;
    size_t bytes;
    size_t calls;
};

static void *metered(void *arg, void *block, size_t old_size, size_t new_size)
{
    struct meter *meter = arg;
    void *result = meter->allocate(meter->arg, block, old_size, new_size);
    meter->calls++;
    meter->bytes += new_size - (block != NULL ? old_size : 0);
    return result;
}

static struct meter meter; /* of the running case */

static int lua_meter(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)meter.calls);
    lua_pushinteger(L, (lua_Integer)meter.bytes);
    return 2;
}

static void meter_open(struct script *script)
{
    script_open(script, on_open);
    lua_register(script->L, "meter", lua_meter);
    meter = (struct meter){0};
    meter.allocate = lua_getallocf(script->L, &meter.arg);
    lua_setallocf(script->L, metered, &meter);
}

TEST(a_wait_allocates_nothing)
{
    UNUSED_STATE;
    struct script script;
    meter_open(&script);
    script_run(&script, "sleep(1) sleep(0)\n"
                        "collectgarbage('stop')\n"
                        "local before = meter()\n"
                        "for i = 1, 100 do sleep(0) sleep(1) end\n"
                        "assert(meter() == before)");
    lua_setallocf(script.L, meter.allocate, meter.arg);
    script_close(&script);
}

TEST(a_waiting_task_takes_less_than_two_kilobytes)
{
    UNUSED_STATE;
    struct script script;
    meter_open(&script);
    script_run(&script, "local function work() sleep(1) end\n"
                        "local tasks = table.move({}, 1, 1000, 1, {})\n"
                        "collectgarbage() collectgarbage('stop')\n"
                        "local _, before = meter()\n"
                        "for i = 1, 1000 do tasks[i] = spawn(work) end\n"
                        "sleep(0.5)\n"
                        "local _, after = meter()\n"
                        "local each = (after - before) // 1000\n"
                        "assert(each <= 2000, each)");
    lua_setallocf(script.L, meter.allocate, meter.arg);
    script_close(&script);
}

TEST_MAIN(RUN(the_continuation_finds_the_stack_as_it_was_left),
          RUN(a_signal_before_the_wait_counts), RUN(a_cancel_stops_the_work_at_once),
          RUN(a_canceled_task_that_begins_to_wait_stops_the_work),
          RUN(work_that_was_done_before_the_cancel_is_not_stopped),
          RUN(a_held_wait_comes_to_its_end), RUN(a_stale_signal_wakes_nobody),
          RUN(waiting_outside_a_task_is_an_error_in_words), RUN(a_wait_allocates_nothing),
          RUN(a_waiting_task_takes_less_than_two_kilobytes))
