/* awl.core.text: text functions of awl's C that its Lua files need. */
#include <lauxlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "bind/bind.h"
#include "model/suggest.h"

/* did_you_mean(wanted, names) -> "; did you mean 'a' or 'b'?", or "" */
static int text_did_you_mean(lua_State *L)
{
    struct awl_suggest suggest;
    char text[AWL_SUGGEST_TEXT_MAX];
    awl_str name;

    name.ptr = luaL_checklstring(L, 1, &name.len);
    luaL_checktype(L, 2, LUA_TTABLE);
    awl_suggest_init(&suggest, name);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
        name.ptr = lua_tolstring(L, -1, &name.len); /* the table keeps it */
        awl_suggest_offer(&suggest, name);
        lua_pop(L, 1);
    }
    lua_pushstring(L, awl_suggest_text(&suggest, text));
    return 1;
}

/* columns() -> the width of the terminal that stdout is, or nil if it is none */
static int text_columns(lua_State *L)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    lua_pushinteger(L, known ? size.ws_col : 80);
    return 1;
}

int luaopen_awl_core_text(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"did_you_mean", text_did_you_mean},
        {"columns", text_columns},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
