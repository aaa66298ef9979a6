/* awl.core.process: child processes for awl's own Lua files; awl.process is for scripts.
 *
 * start(argv, options) -> process; options: stdin, stdout, stderr, each "inherit" (the
 * default), "null" or "pipe"; env, a table that is added to ours; cwd; max_output,
 * die_with_parent, new_group, background (see loop/process.h).
 * process:read(format), process:read_error(format): as a file's; nil at the end.
 * process:write(bytes): waits while the child reads too slowly; process:close_stdin().
 * process:wait() -> status or nil, signal: any number of tasks may wait.
 * process:kill(signal), process:close(): the child runs on. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/read_format.h"
#include "loop/process.h"
#include "script/error_value.h"
#include "script/task.h"

#define PROCESS "awl.ChildProcess"

extern char **environ;

struct child {
    struct awl_process *process; /* NULL: closed */
    struct awl_task_queue waiters;
    bool takes_input;
};

static struct child *child_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, PROCESS);
}

static struct awl_process *process_at(lua_State *L, int index)
{
    struct awl_process *process = child_at(L, index)->process;
    if (process == NULL)
        luaL_error(L, "the process object is closed");
    return process;
}

static void on_exited(void *child)
{
    while (awl_task_queue_wake(&((struct child *)child)->waiters, 0) != NULL)
        ;
}

static int process_close(lua_State *L)
{
    struct child *child = child_at(L, 1);
    awl_process_free(child->process);
    child->process = NULL;
    on_exited(child);
    return 0;
}

/* At the state's end the tasks that waited are gone. */
static int process_gc(lua_State *L)
{
    struct child *child = child_at(L, 1);
    awl_process_free(child->process);
    child->process = NULL;
    return 0;
}

/* ---- start ---- */

static enum awl_stdio check_stdio(lua_State *L, const char *name)
{
    static const char *const names[] = {"inherit", "null", "pipe", NULL};
    static const enum awl_stdio values[] = {AWL_STDIO_INHERIT, AWL_STDIO_NULL,
                                            AWL_STDIO_PIPE};
    lua_getfield(L, 2, name);
    int value = luaL_checkoption(L, -1, "inherit", names);
    lua_pop(L, 1);
    return values[value];
}

static bool check_flag(lua_State *L, const char *name)
{
    lua_getfield(L, 2, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

/* Pushes a block of memory with the strings of the table at `table`, ending in NULL;
 * the table keeps them alive. */
static const char **push_words(lua_State *L, int table)
{
    lua_Integer count = luaL_len(L, table);
    const char **words =
        lua_newuserdatauv(L, ((size_t)count + 1) * sizeof(const char *), 0);
    for (lua_Integer i = 0; i < count; i++) {
        lua_rawgeti(L, table, i + 1);
        size_t len;
        words[i] = luaL_checklstring(L, -1, &len);
        if (strlen(words[i]) != len)
            luaL_error(L, "a zero byte cannot be handed to a program");
        lua_pop(L, 1);
    }
    words[count] = NULL;
    return words;
}

/* True if the table at index `changes` has a value for "NAME=...". */
static bool is_changed(lua_State *L, int changes, const char *entry)
{
    const char *equals = strchr(entry, '=');
    lua_pushlstring(L, entry, equals != NULL ? (size_t)(equals - entry) : strlen(entry));
    bool changed = lua_rawget(L, changes) != LUA_TNIL;
    lua_pop(L, 1);
    return changed;
}

/* Pushes our environment with the changes, as a sequence of "NAME=value". False: take
 * it out. */
static void push_environment(lua_State *L, int changes)
{
    lua_Integer count = 0;

    lua_newtable(L);
    for (char **entry = environ; *entry != NULL; entry++) {
        if (is_changed(L, changes, *entry))
            continue;
        lua_pushstring(L, *entry);
        lua_rawseti(L, -2, ++count);
    }
    lua_pushnil(L);
    while (lua_next(L, changes) != 0) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (name[0] == '\0' || strchr(name, '=') != NULL)
            luaL_error(L, "'%s' cannot be the name of an environment variable", name);
        if (lua_toboolean(L, -1)) {
            luaL_checkstring(L, -1);
            lua_pushvalue(L, -2); /* whole: a zero byte in it is found later */
            lua_pushliteral(L, "=");
            lua_pushvalue(L, -3);
            lua_concat(L, 3);
            lua_rawseti(L, -4, ++count);
        }
        lua_pop(L, 1);
    }
}

static int process_start(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    struct awl_process_options options = {
        .in = check_stdio(L, "stdin"),
        .out = check_stdio(L, "stdout"),
        .err = check_stdio(L, "stderr"),
        .die_with_parent = check_flag(L, "die_with_parent"),
        .new_group = check_flag(L, "new_group"),
        .background = check_flag(L, "background"),
    };
    luaL_argcheck(L, luaL_len(L, 1) > 0, 1, "no program to start");
    lua_getfield(L, 2, "max_output");
    lua_Integer max_output = luaL_optinteger(L, -1, 0);
    options.max_output = max_output > 0 ? (size_t)max_output : 0;
    options.argv = push_words(L, 1);
    lua_getfield(L, 2, "cwd");
    options.cwd = luaL_optstring(L, -1, NULL);
    if (lua_getfield(L, 2, "env") == LUA_TTABLE) {
        push_environment(L, lua_gettop(L));
        options.env = push_words(L, lua_gettop(L));
    }
    struct child *child = lua_newuserdatauv(L, sizeof(*child), 0);
    *child = (struct child){.takes_input = options.in == AWL_STDIO_PIPE};
    luaL_setmetatable(L, PROCESS);
    child->process = awl_process_new(awl_runtime(L)->loop, &options, &err);
    if (child->process == NULL)
        return awl_raise(L, &err);
    awl_waitable_watch(awl_process_exited(child->process), on_exited, child);
    return 1;
}

/* ---- reading ---- */

static int read_run(lua_State *L, bool from_error);

static int read_k(lua_State *L, int status, lua_KContext from_error)
{
    (void)status;
    return read_run(L, from_error != 0);
}

static int read_run(lua_State *L, bool from_error)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_process *process = process_at(L, 1);
    struct awl_read_format format = awl_read_format_check(L, 2);
    struct awl_input *input =
        from_error ? awl_process_err(process) : awl_process_out(process);
    size_t taken = 0;

    luaL_argcheck(L, input != NULL, 1, "not a pipe");
    lua_settop(L, 2);
    bool ended = awl_input_ended(input);
    if (ended && awl_input_result(input, &err) != AWL_OK)
        return awl_raise(L, &err);
    if (awl_read_take(L, format, awl_input_bytes(input), ended, &taken)) {
        awl_input_take(input, taken);
        return 1;
    }
    if (awl_input_waitable(input)->wake != NULL)
        return luaL_error(L, "another task is reading this pipe");
    if (awl_input_fill(input, &err) != AWL_OK)
        return awl_raise(L, &err);
    return awl_task_wait(L, awl_input_waitable(input), read_k, from_error);
}

static int process_read(lua_State *L)
{
    return read_run(L, false);
}

static int process_read_error(lua_State *L)
{
    return read_run(L, true);
}

/* ---- writing ---- */

static int write_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str bytes;
    (void)status;
    (void)ctx;

    bytes.ptr = lua_tolstring(L, 2, &bytes.len);
    if (awl_process_write(process_at(L, 1), bytes, &err) != AWL_OK)
        return awl_raise(L, &err);
    return 0;
}

static int process_write(lua_State *L)
{
    struct awl_process *process = process_at(L, 1);

    luaL_checkstring(L, 2);
    luaL_argcheck(L, child_at(L, 1)->takes_input, 1, "its input is no pipe, or closed");
    lua_settop(L, 2);
    if (awl_process_writable(process)->wake != NULL)
        return luaL_error(L, "another task is writing to this process");
    return awl_task_wait(L, awl_process_writable(process), write_k, 0);
}

static int process_close_stdin(lua_State *L)
{
    struct child *child = child_at(L, 1);
    if (child->process != NULL)
        awl_process_write_end(child->process);
    child->takes_input = false;
    return 0;
}

/* ---- its end ---- */

static int wait_k(lua_State *L, int status, lua_KContext ctx)
{
    int code = -1;
    int number = 0;
    (void)status;
    (void)ctx;

    awl_process_status(process_at(L, 1), &code, &number);
    if (number != 0) {
        lua_pushnil(L);
        lua_pushinteger(L, number);
        return 2;
    }
    lua_pushinteger(L, code);
    return 1;
}

static int process_wait(lua_State *L)
{
    struct awl_process *process = process_at(L, 1);
    int code;
    int number;

    lua_settop(L, 1);
    if (awl_process_status(process, &code, &number))
        return wait_k(L, LUA_OK, 0);
    return awl_task_wait_in(L, &child_at(L, 1)->waiters, "process", wait_k, 0);
}

static int process_kill(lua_State *L)
{
    awl_process_kill(process_at(L, 1), (int)luaL_optinteger(L, 2, SIGTERM));
    return 0;
}

static int process_pid(lua_State *L)
{
    lua_pushinteger(L, awl_process_pid(process_at(L, 1)));
    return 1;
}

/* This very program, for one that starts itself again. */
static int process_self(lua_State *L)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    if (len <= 0 || (size_t)len == sizeof(path))
        return awl_raisef(L, AWL_EIO, NULL, "cannot find out which program this is");
    lua_pushlstring(L, path, (size_t)len);
    return 1;
}

int luaopen_awl_core_process(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"start", process_start},
        {"self", process_self},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"read", process_read},
        {"read_error", process_read_error},
        {"write", process_write},
        {"close_stdin", process_close_stdin},
        {"wait", process_wait},
        {"kill", process_kill},
        {"pid", process_pid},
        {"close", process_close},
        {NULL, NULL},
    };
    luaL_newmetatable(L, PROCESS);
    lua_pushcfunction(L, process_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, process_close);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    luaL_newlib(L, functions);
    return 1;
}
