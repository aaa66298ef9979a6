#include "script/state.h"

#include "script.h"

static void check_lua(lua_State *L, const char *code)
{
    if (luaL_dostring(L, code))
        fail_msg("%s", lua_tostring(L, -1));
}

TEST(a_state_has_luas_libraries_and_knows_its_runtime)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    CHECK(awl_runtime(script.L) == &script.runtime);
    CHECK(script.runtime.L == script.L);
    lua_State *co = lua_newthread(script.L);
    CHECK(awl_runtime(co) == &script.runtime);
    check_lua(script.L, "assert(string.rep and table.sort and io.open and utf8.char)");
    script_close(&script);
}

TEST(the_replaced_functions_work_outside_tasks)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    check_lua(
        script.L,
        "local gen = coroutine.wrap(function(a) local b = coroutine.yield(a + 1)\n"
        "error('e' .. b, 0) end)\n"
        "assert(gen(1) == 2)\n"
        "local ok, err = pcall(gen, 5)\n"
        "assert(not ok and err:find 'e5$', err)\n"
        "local co = coroutine.create(function(...) return select('#', ...), ... end)\n"
        "assert(coroutine.status(co) == 'suspended')\n"
        "assert(select(3, coroutine.resume(co, 'x', nil)) == 'x')\n"
        "assert(coroutine.status(co) == 'dead')\n"
        "assert(select(2, coroutine.running()) == true)\n"
        "assert(not coroutine.isyieldable())\n"
        "local self\n"
        "self = coroutine.create(function() return coroutine.resume(self) end)\n"
        "local _, inner, text = coroutine.resume(self)\n"
        "assert(inner == false and text == 'cannot resume non-suspended coroutine')\n"
        "package.preload.m = function() return { n = 1 } end\n"
        "assert(require 'm' == require 'm' and require('m').n == 1)\n"
        "package.preload.a = function() return require 'a' end\n"
        "local ok, err = pcall(require, 'a')\n"
        "assert(not ok and err:find(\"module 'a' requires itself: a %-> a\"), err)\n"
        "assert(not pcall(require, 'a'))");
    script_close(&script);
}

TEST(a_deep_recursion_is_an_error_and_no_crash)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    script_run(&script, "local function down() return down() + 1 end\n"
                        "local ok, err = pcall(down)\n"
                        "assert(not ok and tostring(err):find 'stack overflow', err)\n"
                        "local function nest() return coroutine.wrap(nest)() end\n"
                        "local ok, err = pcall(nest)\n"
                        "assert(not ok and tostring(err):find 'C stack overflow', err)");
    script_start(&script, "local function down() return down() + 1 end down()");
    script_expect_error(&script, "stack overflow", "");
    script_close(&script);
}

/* An allocator that gives up after so many blocks. */
static long blocks_left;
static lua_Alloc real_allocate;

static void *allocate_some(void *arg, void *block, size_t old_size, size_t new_size)
{
    if (new_size > old_size || (block == NULL && new_size > 0)) {
        if (blocks_left == 0)
            return NULL;
        blocks_left--;
    }
    return real_allocate(arg, block, old_size, new_size);
}

static int spawn_main(lua_State *L)
{
    awl_task_spawn(L, 0);
    return 1;
}

/* Whatever allocation fails first, nothing but an error comes of it. */
TEST(running_out_of_memory_is_an_error)
{
    UNUSED_STATE;
    bool finished = false;
    for (long blocks = 0; blocks < 2000 && !finished; blocks++) {
        struct script script;
        script_open(&script, NULL);
        lua_State *L = script.L;
        script_register(L);
        luaL_loadstring(L,
                        "local function work(n) sleep(n)\n"
                        "local s = coroutine.wrap(function() sleep(1) return 1 end)()\n"
                        "if n == 3 then error { tostring(n) } end end\n"
                        "for i = 1, 4 do spawn(work, i) end\n"
                        "local t = spawn(work, 3) sleep(1) t:await()");
        void *arg;
        real_allocate = lua_getallocf(L, &arg);
        blocks_left = blocks;
        lua_setallocf(L, allocate_some, arg);
        lua_pushcfunction(L, spawn_main);
        lua_insert(L, -2);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK)
            awl_scheduler_run_until(L, awl_task_arg(L, -1));
        finished = blocks_left > 0;
        blocks_left = -1;
        awl_state_free(&script.runtime);
        awl_loop_free(script.runtime.loop);
    }
    CHECK(finished);
}

TEST_MAIN(RUN(a_state_has_luas_libraries_and_knows_its_runtime),
          RUN(the_replaced_functions_work_outside_tasks),
          RUN(a_deep_recursion_is_an_error_and_no_crash),
          RUN(running_out_of_memory_is_an_error))
