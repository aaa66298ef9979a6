/* awl.jmespath: the manual is lua/awl/types/jmespath.lua. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "script/jmespath.h"

static void push_compiled(lua_State *L, int index)
{
    awl_str expression;
    if (awl_jmespath_is(L, index)) {
        lua_pushvalue(L, index);
        return;
    }
    luaL_checktype(L, index, LUA_TSTRING);
    expression.ptr = lua_tolstring(L, index, &expression.len);
    awl_jmespath_compile(L, expression);
}

static int jmespath_compile(lua_State *L)
{
    push_compiled(L, 1);
    return 1;
}

static int jmespath_search(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 2);
    push_compiled(L, 1);
    awl_jmespath_search(L, 3, 2);
    return 1;
}

int luaopen_awl_jmespath(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"compile", jmespath_compile},
        {"search", jmespath_search},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
