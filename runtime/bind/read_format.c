#include "bind/read_format.h"

#include <lauxlib.h>

struct awl_read_format awl_read_format_check(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return (struct awl_read_format){.kind = 'l'};
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Integer count = luaL_checkinteger(L, index);
        luaL_argcheck(L, count >= 0, index, "a number of bytes cannot be negative");
        return (struct awl_read_format){.kind = 'n', .count = (size_t)count};
    }
    const char *word = luaL_checkstring(L, index);
    if (*word == '*') /* as Lua 5.1 had it */
        word++;
    if ((*word != 'l' && *word != 'L' && *word != 'a') || word[1] != '\0')
        luaL_argerror(L, index, "expected \"l\", \"L\", \"a\" or a number of bytes");
    return (struct awl_read_format){.kind = *word};
}

static bool push(lua_State *L, awl_str bytes, size_t len, size_t taken_len, size_t *taken)
{
    lua_pushlstring(L, len > 0 ? bytes.ptr : "", len);
    *taken = taken_len;
    return true;
}

bool awl_read_take(lua_State *L, struct awl_read_format format, awl_str bytes, bool ended,
                   size_t *taken)
{
    if (format.kind == 'n' && bytes.len >= format.count && format.count > 0)
        return push(L, bytes, format.count, format.count, taken);
    if (format.kind == 'l' || format.kind == 'L') {
        size_t end = awl_str_find(bytes, '\n', 0);
        if (end != SIZE_MAX)
            return push(L, bytes, format.kind == 'L' ? end + 1 : end, end + 1, taken);
    }
    if (format.kind == 'n' && format.count == 0 && bytes.len > 0)
        return push(L, bytes, 0, 0, taken);
    if (!ended)
        return false;
    if (bytes.len > 0 || format.kind == 'a')
        return push(L, bytes, bytes.len, bytes.len, taken);
    lua_pushnil(L);
    *taken = 0;
    return true;
}
