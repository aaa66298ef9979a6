#include "bind/buf_box.h"

#include <lauxlib.h>

#include "script/error_value.h"

#define BOX "awl.buf"

static int box_gc(lua_State *L)
{
    awl_buf_release(luaL_checkudata(L, 1, BOX));
    return 0;
}

struct awl_buf *awl_buf_box(lua_State *L, size_t max)
{
    struct awl_buf *buf = lua_newuserdatauv(L, sizeof(*buf), 0);
    awl_buf_init(buf, max);
    if (luaL_newmetatable(L, BOX)) {
        lua_pushcfunction(L, box_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return buf;
}

void awl_buf_box_push(lua_State *L, struct awl_buf *buf)
{
    enum awl_rc rc = awl_buf_rc(buf);
    if (rc == AWL_ENOMEM)
        luaL_error(L, "not enough memory");
    if (rc != AWL_OK)
        awl_raisef(L, rc, "TooLong", "the text is longer than %d MiB",
                   (int)(buf->max >> 20));
    lua_pushlstring(L, buf->ptr != NULL ? buf->ptr : "", buf->len);
    awl_buf_release(buf);
}
