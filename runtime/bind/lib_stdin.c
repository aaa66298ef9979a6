/* awl.stdin: the manual is lua/awl/types/stdin.lua.
 *
 * The standard input is opened for the loop at the first read. */
#include <unistd.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/read_format.h"
#include "loop/input.h"
#include "script/error_value.h"
#include "script/task.h"

#define STDIN_OBJECT "awl.stdin"
#define HELD_MAX ((size_t)1 << 30)

struct standard_input {
    struct awl_input *input;
};

static struct standard_input *self_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, STDIN_OBJECT);
}

static int stdin_gc(lua_State *L)
{
    struct standard_input *self = self_at(L, 1);
    awl_input_free(self->input);
    self->input = NULL;
    return 0;
}

static int read_run(lua_State *L);

static int read_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return read_run(L);
}

static int wait_for_more(lua_State *L, struct standard_input *self)
{
    struct awl_error err = AWL_ERROR_INIT;

    awl_task_check(L);
    struct awl_waitable *readable = awl_input_waitable(self->input);
    if (readable->wake != NULL)
        return luaL_error(L, "another task is reading the standard input");
    if (awl_input_fill(self->input, &err) != AWL_OK)
        return awl_raise(L, &err);
    return awl_task_wait(L, readable, read_k, 0);
}

static int read_run(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct standard_input *self = self_at(L, 1);
    struct awl_read_format format = awl_read_format_check(L, 2);
    size_t taken = 0;

    lua_settop(L, 2);
    if (self->input == NULL)
        self->input =
            awl_input_new(awl_runtime(L)->loop, STDIN_FILENO, false, HELD_MAX, &err);
    if (self->input == NULL)
        return awl_raise(L, &err);
    bool ended = awl_input_ended(self->input);
    if (ended && awl_input_result(self->input, &err) != AWL_OK)
        return awl_raise(L, &err);
    if (!awl_read_take(L, format, awl_input_bytes(self->input), ended, &taken))
        return wait_for_more(L, self);
    awl_input_take(self->input, taken);
    return 1;
}

static int lines_next(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    return read_run(L);
}

static int stdin_lines(lua_State *L)
{
    self_at(L, 1);
    awl_read_format_check(L, 2);
    lua_settop(L, 2);
    lua_pushcclosure(L, lines_next, 2);
    return 1;
}

int luaopen_awl_stdin(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", read_run},
        {"lines", stdin_lines},
        {NULL, NULL},
    };
    struct standard_input *self = lua_newuserdatauv(L, sizeof(*self), 0);
    *self = (struct standard_input){.input = NULL};
    luaL_newmetatable(L, STDIN_OBJECT);
    lua_pushcfunction(L, stdin_gc);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    return 1;
}
