#include "cli/program.h"

#include <lauxlib.h>
#include <lualib.h>

#include "bind/bind.h"
#include "bind/services.h"
#include "cli/embedded.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "loop/loop.h"
#include "script/scheduler.h"
#include "script/state.h"

int luaopen_cjson(lua_State *L);
int luaopen_cjson_safe(lua_State *L);

static int open_state(lua_State *L)
{
    static const luaL_Reg modules[] = {
        {"awl.core.options", luaopen_awl_core_options},
        {"awl.core.signals", luaopen_awl_core_signals},
        {"cjson", luaopen_cjson},
        {"cjson.safe", luaopen_cjson_safe},
        {NULL, NULL},
    };
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    awl_bind_preload(L);
    awl_embedded_install(L);
    awl_settings_open(L, lua_touserdata(L, 1));
    return 0;
}

enum awl_rc awl_program_init(struct awl_runtime *runtime,
                             const struct awl_options *options, struct awl_error *err)
{
    *runtime = (struct awl_runtime){.loop = NULL};
    awl_clock_init(&runtime->clock);
    awl_random_init(&runtime->random);
    runtime->loop = awl_loop_new(&runtime->clock);
    if (runtime->loop == NULL || awl_state_new(runtime) == NULL)
        return awl_error_set(err, AWL_ENOMEM, "not enough memory");

    lua_State *L = runtime->L;
    lua_pushcfunction(L, open_state);
    lua_pushlightuserdata(L, (void *)options);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        return awl_error_set(err, AWL_ENOMEM, "%s", lua_tostring(L, -1));
    return awl_signals_init(runtime, err);
}

bool awl_program_release(struct awl_runtime *runtime)
{
    awl_state_free(runtime);
    awl_services_close(runtime);
    awl_signals_release();
    return awl_loop_free(runtime->loop);
}

int awl_program_push_arguments(lua_State *L, int argc, char **argv, int script)
{
    luaL_checkstack(L, argc + 2, "too many arguments");
    lua_createtable(L, argc - script, script + 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - script);
    }
    lua_setglobal(L, "arg");
    int count = 0;
    for (int i = script + 1; i < argc; i++, count++)
        lua_pushstring(L, argv[i]);
    return count;
}

/* A command's result, if it is an integer, is the exit code. */
static int command_code(lua_State *L)
{
    int code = AWL_EXIT_OK;
    int top = lua_gettop(L);
    if (awl_scheduler_push_results(L, awl_task_arg(L, top)) > 0 &&
        lua_isinteger(L, top + 1))
        code = (int)lua_tointeger(L, top + 1);
    lua_settop(L, top);
    return code;
}

int awl_program_run(lua_State *L, int nargs, bool command)
{
    struct awl_run run = awl_scheduler_run_main(L, nargs);
    int code = awl_report_run(L, &run, command);

    if (command && run.status == AWL_RUN_DONE && code == AWL_EXIT_OK)
        code = command_code(L);
    lua_pop(L, 1);
    if (!awl_report_output() && code == AWL_EXIT_OK)
        code = command ? AWL_EXIT_OTHER : AWL_EXIT_SCRIPT;
    return code;
}
