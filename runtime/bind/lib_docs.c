/* awl.core.docs: documentation strings from a docs pack. */
#include <limits.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/buf_box.h"
#include "model/docs.h"
#include "model/home.h"
#include "script/error_value.h"

#define METATABLE "awl.core.docs"
#define TEXT_MAX (4 * 1024 * 1024)

static struct awl_docs **check_docs(lua_State *L)
{
    return luaL_checkudata(L, 1, METATABLE);
}

/* The path given, or that of the user's own pack; NULL when there is no home. */
static const char *docs_path(lua_State *L)
{
    if (!lua_isnoneornil(L, 1))
        return luaL_checkstring(L, 1);
    struct awl_buf *path = awl_buf_box(L, PATH_MAX);
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_rc rc = awl_home_file(AWL_HOME_DOCS, path, &err);
    if (rc == AWL_ENOTFOUND)
        return NULL;
    if (rc != AWL_OK)
        awl_raise(L, &err);
    awl_buf_box_push(L, path);
    return lua_tostring(L, -1);
}

/* open(path) -> docs, or nil if there is no such file. Raises for a damaged one. */
static int docs_open(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *path = docs_path(L);
    if (path == NULL)
        return 0;
    struct awl_docs **docs = lua_newuserdatauv(L, sizeof(struct awl_docs *), 0);
    *docs = NULL;
    luaL_setmetatable(L, METATABLE);
    enum awl_rc rc = awl_docs_open_file(path, docs, &err);
    if (rc == AWL_ENOTFOUND)
        return 0;
    return rc == AWL_OK ? 1 : awl_raise(L, &err);
}

static int docs_gc(lua_State *L)
{
    struct awl_docs **docs = check_docs(L);
    awl_docs_free(*docs);
    *docs = NULL;
    return 0;
}

/* docs:text(service, kind, name, member) -> HTML, or nil */
static int docs_text(lua_State *L)
{
    static const char *const kinds[] = {
        [AWL_DOCS_SERVICE] = "service", [AWL_DOCS_OPERATION] = "operation",
        [AWL_DOCS_SHAPE] = "shape",     [AWL_DOCS_MEMBER] = "member",
        [AWL_DOCS_MEMBER + 1] = NULL,
    };
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_docs *docs = *check_docs(L);
    awl_str service, name, member;
    service.ptr = luaL_checklstring(L, 2, &service.len);
    int kind = luaL_checkoption(L, 3, NULL, kinds);
    name.ptr = luaL_optlstring(L, 4, "", &name.len);
    member.ptr = luaL_optlstring(L, 5, "", &member.len);

    struct awl_buf *out = awl_buf_box(L, TEXT_MAX);
    enum awl_rc rc =
        awl_docs_text(docs, service, (enum awl_docs_kind)kind, name, member, out, &err);
    if (rc == AWL_ENOTFOUND)
        return 0;
    if (rc != AWL_OK)
        return awl_raise(L, &err);
    awl_buf_box_push(L, out);
    return 1;
}

int luaopen_awl_core_docs(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"text", docs_text},
        {NULL, NULL},
    };
    static const luaL_Reg functions[] = {
        {"open", docs_open},
        {NULL, NULL},
    };
    if (luaL_newmetatable(L, METATABLE)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, docs_gc);
        lua_setfield(L, -2, "__gc");
    }
    luaL_newlib(L, functions);
    return 1;
}
