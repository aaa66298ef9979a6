/* state.c - makes and ends the Lua state of a runtime. */
#include "script/state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "script/allocator.h"
#include "script/coroutines.h"
#include "script/error_value.h"
#include "script/require.h"
#include "script/task_state.h"

/* What Lua wants to warn about comes in pieces; a longer text is cut. */
struct warning {
    char text[512];
    size_t len;
};

static const char warning_key = 0;

static void *allocate(void *arg, void *block, size_t old_size, size_t new_size)
{
    (void)arg;
    (void)old_size;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

/* Builds for finding bugs take the C library's memory, which tools can watch. */
static struct awl_allocator *allocator_choose(void)
{
#ifdef NDEBUG
    return awl_allocator_new();
#else
    return NULL;
#endif
}

static void on_warning(void *arg, const char *piece, int to_be_continued)
{
    struct warning *warning = arg;
    if (warning->len == 0 && !to_be_continued && piece[0] == '@')
        return; /* "@on" and "@off": the log's level decides */
    size_t len = strlen(piece);
    if (len > sizeof warning->text - 1 - warning->len)
        len = sizeof warning->text - 1 - warning->len;
    memcpy(warning->text + warning->len, piece, len);
    warning->len += len;
    if (to_be_continued)
        return;
    awl_log(AWL_LOG_WARN, "lua", "%.*s", (int)warning->len, warning->text);
    warning->len = 0;
}

/* Reached only by errors outside every task and pcall: a bug in awl, or no memory. */
static int on_panic(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "awl: %s\n", text != NULL ? text : "error object is not a string");
    return 0;
}

/* os.exit([code [, close]]): in a task, all tasks unwind before the program ends. */
static int os_exit(lua_State *L)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    if (scheduler->current == NULL) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, 0);
        return 0;
    }
    int code = EXIT_SUCCESS;
    if (lua_isboolean(L, 1))
        code = lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
    else
        code = (int)luaL_optinteger(L, 1, EXIT_SUCCESS);
    awl_scheduler_request_exit(scheduler, code);
    awl_error_push(L, "canceled", "Canceled", "os.exit");
    return lua_error(L);
}

static void open_exit(lua_State *L)
{
    lua_getglobal(L, "os");
    lua_getfield(L, -1, "exit");
    lua_pushcclosure(L, os_exit, 1);
    lua_setfield(L, -2, "exit");
    lua_pop(L, 1);
}

static void open_warnings(lua_State *L)
{
    struct warning *warning = lua_newuserdatauv(L, sizeof *warning, 0);
    *warning = (struct warning){0};
    lua_rawsetp(L, LUA_REGISTRYINDEX, &warning_key);
    lua_setwarnf(L, on_warning, warning);
}

static int open_all(lua_State *L)
{
    open_warnings(L);
    luaL_openlibs(L);
    awl_scheduler_open(L);
    awl_error_value_open(L);
    awl_task_value_open(L);
    awl_scope_open(L);
    awl_group_open(L);
    awl_coroutines_open(L);
    awl_require_open(L);
    open_exit(L);
    return 0;
}

lua_State *awl_state_new(struct awl_runtime *runtime)
{
    struct awl_allocator *allocator = allocator_choose();
    runtime->L =
        lua_newstate(allocator != NULL ? awl_allocator_realloc : allocate, allocator);
    if (runtime->L == NULL)
        awl_allocator_free(allocator);
    runtime->scheduler = runtime->L != NULL ? awl_scheduler_new(runtime) : NULL;
    if (runtime->scheduler == NULL) {
        awl_state_free(runtime);
        return NULL;
    }
    lua_atpanic(runtime->L, on_panic);
    *(struct awl_runtime **)lua_getextraspace(runtime->L) = runtime;
    lua_pushcfunction(runtime->L, open_all);
    if (lua_pcall(runtime->L, 0, 0, 0) != LUA_OK) {
        awl_state_free(runtime);
        return NULL;
    }
    return runtime->L;
}

void awl_state_free(struct awl_runtime *runtime)
{
    if (runtime->scheduler != NULL)
        awl_scheduler_abandon(runtime->scheduler);
    if (runtime->L != NULL) {
        void *allocator;
        lua_getallocf(runtime->L, &allocator);
        lua_close(runtime->L);
        awl_allocator_free(allocator);
    }
    awl_scheduler_free(runtime->scheduler);
    runtime->L = NULL;
    runtime->scheduler = NULL;
}
