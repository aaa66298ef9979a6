#include "cli/report.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <lauxlib.h>

#include "cli/embedded.h"
#include "cli/signals.h"
#include "script/error_value.h"

#define ERRORS_SHOWN 10

void awl_report(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("awl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static int exit_code(lua_State *L, int error, bool command)
{
    const char *kind = NULL;
    int code = command ? AWL_EXIT_OTHER : AWL_EXIT_SCRIPT;

    if (!awl_error_is(L, error))
        return code;
    lua_getfield(L, error, "kind");
    kind = lua_tostring(L, -1);
    if (kind == NULL)
        kind = "";
    if (strcmp(kind, "guard") == 0)
        code = AWL_EXIT_GUARD;
    else if (command && strcmp(kind, "config") == 0)
        code = AWL_EXIT_CONFIG;
    else if (command && strcmp(kind, "service") == 0)
        code = AWL_EXIT_SERVICE;
    else if (command && strcmp(kind, "input") == 0 &&
             !awl_error_has_code(L, error, AWL_CODE_IO))
        code = AWL_EXIT_USAGE;
    lua_pop(L, 1);
    return code;
}

/* Pushes what the error at index 1 says. Tables without words of their own are shown
 * with what is in them. */
static const char *push_words(lua_State *L)
{
    if (lua_isnil(L, 1))
        return lua_pushliteral(L,
                               "an error without a message: error() was called with nil");
    if (!lua_istable(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL)
        return luaL_tolstring(L, 1, NULL);
    awl_embedded_load(L, "awl.show");
    lua_call(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return luaL_tolstring(L, -1, NULL);
}

/* The error and its traceback are the two values on the stack's top. tostring may run
 * a script's own function. */
static int print_error(lua_State *L)
{
    const char *trace = lua_tostring(L, 2);
    bool command = lua_toboolean(L, 3);

    awl_report("%s", push_words(L));
    if (trace != NULL && *trace != '\0' && !(command && awl_error_is(L, 1)))
        fprintf(stderr, "%s\n", trace);
    return 0;
}

static void print_guarded(lua_State *L, bool command)
{
    lua_pushcfunction(L, print_error);
    lua_insert(L, -3);
    lua_pushboolean(L, command);
    if (lua_pcall(L, 3, 0, 0) != LUA_OK) {
        awl_report("an error that cannot be shown: its tostring fails");
        lua_pop(L, 1);
    }
}

static int report_unobserved(lua_State *L, bool command)
{
    int code = AWL_EXIT_OK;
    size_t count = 0;

    while (awl_scheduler_take_unobserved(L)) {
        if (count == 0)
            code = exit_code(L, lua_gettop(L) - 1, command);
        if (count++ < ERRORS_SHOWN)
            print_guarded(L, command);
        else
            lua_pop(L, 2);
    }
    count += awl_scheduler_forgotten(awl_runtime(L)->scheduler);
    if (count > ERRORS_SHOWN)
        awl_report("and %zu more errors", count - ERRORS_SHOWN);
    return code;
}

int awl_report_run(lua_State *L, const struct awl_run *run, bool command)
{
    int failure = command ? AWL_EXIT_OTHER : AWL_EXIT_SCRIPT;

    if (run->status == AWL_RUN_DEADLOCK)
        awl_report("all tasks wait for each other, nothing can happen any more:\n%s",
                   run->deadlock);
    int code = report_unobserved(L, command);
    switch (run->status) {
    case AWL_RUN_EXIT:
        return run->exit_code;
    case AWL_RUN_DONE:
    case AWL_RUN_CANCELED:
        return code;
    case AWL_RUN_FAILED:
    case AWL_RUN_DEADLOCK:
        break;
    }
    return code != AWL_EXIT_OK ? code : failure;
}

/* Of an earlier write that Lua's print did not tell of. */
static int lost_reason(void)
{
    struct statvfs disk;
    bool full =
        fstatvfs(STDOUT_FILENO, &disk) == 0 && disk.f_blocks > 0 && disk.f_bavail == 0;
    return full ? ENOSPC : 0;
}

bool awl_report_output(void)
{
    errno = 0;
    bool earlier = ferror(stdout) != 0;
    bool failed = fflush(stdout) != 0;

    if ((!earlier && !failed) || awl_signals_received() == SIGPIPE)
        return true;
    int reason = failed && errno != 0 ? errno : lost_reason();
    if (reason != 0)
        awl_report("cannot write to standard output: %s", strerror(reason));
    else
        awl_report("not everything could be written to standard output");
    return false;
}
