/* Runs the cases of test_lib_task_*.lua, each in a state of its own on a fake clock: as
 * they are, and with the collector at work all the time. */
#include "script.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "bind/bind.h"

#define CASES_MAX 200

static void on_open(lua_State *L)
{
    static const luaL_Reg modules[] = {{"awl.core.error", luaopen_awl_core_error},
                                       {"awl.core.task", luaopen_awl_core_task},
                                       {"awl.core.text", luaopen_awl_core_text},
                                       {NULL, NULL}};
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_getglobal(L, "package");
    lua_pushfstring(L, "%s/../../lua/?.lua;%s/?.lua", TEST_FOLDER, TEST_FOLDER);
    lua_setfield(L, -2, "path");
    lua_settop(L, 0);
}

/* Puts the table of cases on the empty stack. */
static void cases_push(lua_State *L)
{
    glob_t files;
    CHECK_INT(glob(TEST_FOLDER "/test_lib_task_*.lua", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        if (luaL_dofile(L, files.gl_pathv[i]) != LUA_OK)
            fail_msg("%s", lua_tostring(L, -1));
    globfree(&files);
    if (luaL_dostring(L, "return require('lib_task_cases').list") != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
}

static void run_case(void **state)
{
    struct script script;
    script_open(&script, on_open);
    cases_push(script.L);
    if (lua_getfield(script.L, -1, *state) != LUA_TFUNCTION)
        fail_msg("there is no such case");
    script.run = awl_scheduler_run_main(script.L, 0);
    script_check_run(&script);
    script_close(&script);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name,
                  ((const struct CMUnitTest *)b)->name);
}

/* The names stay alive in `L`. */
static size_t list_cases(lua_State *L, struct CMUnitTest *tests)
{
    size_t count = 0;
    on_open(L);
    cases_push(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (count == CASES_MAX)
            abort();
        const char *name = lua_tostring(L, -2);
        tests[count++] = (struct CMUnitTest){
            .name = name, .test_func = run_case, .initial_state = (void *)name};
    }
    qsort(tests, count, sizeof tests[0], by_name);
    return count;
}

int main(void)
{
    static struct CMUnitTest tests[CASES_MAX];
    struct script names;
    script_open(&names, NULL);
    size_t count = list_cases(names.L, tests);
    unsetenv("AWL_TEST_GC");
    int failed = _cmocka_run_group_tests("plain", tests, count, NULL, NULL);
    setenv("AWL_TEST_GC", "1", 1);
    failed += _cmocka_run_group_tests("collecting", tests, count, NULL, NULL);
    script_close(&names);
    return failed;
}
