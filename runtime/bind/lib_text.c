/* awl.core.text: text functions of base/ that Lua files of awl need. */
#include <lauxlib.h>

#include "base/str.h"
#include "bind/bind.h"

static int text_distance(lua_State *L)
{
    awl_str a;
    awl_str b;
    a.ptr = luaL_checklstring(L, 1, &a.len);
    b.ptr = luaL_checklstring(L, 2, &b.len);
    lua_pushinteger(L, (lua_Integer)awl_str_distance(a, b));
    return 1;
}

int luaopen_awl_core_text(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"distance", text_distance}, /* how unlike two names are */
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
