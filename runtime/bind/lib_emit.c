/* awl.emit: the manual is lua/awl/types/awl.lua. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/buf_box.h"
#include "bind/json_value.h"
#include "script/error_value.h"
#include "script/task.h"

#define LINE_MAX_BYTES ((size_t)256 << 20)

/* Sets context[name] in the table at index 2 unless it has such a field. */
static void add_from_context(lua_State *L, int context, const char *name)
{
    lua_getfield(L, context, name);
    lua_pushstring(L, name);
    bool wanted = !lua_isnil(L, -2) && lua_rawget(L, 2) == LUA_TNIL;
    lua_pop(L, 1);
    if (wanted)
        lua_setfield(L, 2, name);
    else
        lua_pop(L, 1);
}

static void copy(lua_State *L, int from, int to)
{
    lua_pushnil(L);
    while (lua_next(L, from) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, to);
    }
}

/* Flushed with each line, so that a reader has it at once and two programs that write
 * to one pipe do not cut each other's lines. */
static int emit(lua_State *L)
{
    static const struct awl_json_style style = {.pretty = false};

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    copy(L, 1, 2);
    awl_task_push_context(L);
    add_from_context(L, 3, "account");
    add_from_context(L, 3, "region");

    struct awl_buf *line = awl_buf_box(L, LINE_MAX_BYTES);
    awl_json_encode(L, 2, line, &style);
    awl_buf_append_char(line, '\n');
    if (awl_buf_rc(line) != AWL_OK)
        return luaL_error(L, "not enough memory");
    size_t written = fwrite(line->ptr, 1, line->len, stdout);
    bool failed = written != line->len || fflush(stdout) != 0;
    int error = errno;
    awl_buf_release(line);
    if (failed && error != EPIPE) /* the end of the program is under way then */
        return awl_raisef(L, AWL_EIO, "OutputError", "cannot write the output: %s",
                          strerror(error));
    return 0;
}

int luaopen_awl_emit(lua_State *L)
{
    lua_pushcfunction(L, emit);
    return 1;
}
