/* awl.json: the manual is lua/awl/types/json.lua. */
#include <stdlib.h>

#include <lauxlib.h>

#include "base/json.h"
#include "bind/bind.h"
#include "bind/buf_box.h"
#include "bind/json_value.h"
#include "script/error_value.h"

#define TEXT_MAX ((size_t)1 << 30)

struct decoder {
    lua_State *L;
    struct awl_json_reader reader;
    struct awl_buf *scratch; /* for strings with escapes */
};

static void push_value(struct decoder *d, enum awl_json_token token);

/* Never returns. */
static void fail(struct decoder *d)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_json_error(&d->reader, &err);
    awl_raisef(d->L, AWL_EINPUT, "InvalidJson", "%s", err.message);
}

static void push_string(struct decoder *d)
{
    awl_str text = d->reader.text;
    if (d->reader.escaped) {
        awl_buf_clear(d->scratch);
        if (awl_json_unescape(d->scratch, text) != AWL_OK)
            luaL_error(d->L, "not enough memory");
        text = awl_buf_str(d->scratch);
    }
    lua_pushlstring(d->L, text.ptr != NULL ? text.ptr : "", text.len);
}

static void push_number(struct decoder *d)
{
    int64_t integer;
    double value;

    if (d->reader.integral && awl_str_to_int64(d->reader.text, &integer))
        lua_pushinteger(d->L, integer);
    else if (awl_str_to_double(d->reader.text, &value))
        lua_pushnumber(d->L, value);
    else
        awl_raisef(d->L, AWL_EINPUT, "InvalidJson", "number out of range: %.*s",
                   STR_ARG(awl_str_slice(d->reader.text, 0, 40)));
}

static void push_object(struct decoder *d)
{
    lua_newtable(d->L);
    for (;;) {
        enum awl_json_token token = awl_json_next(&d->reader);
        if (token == AWL_JSON_OBJECT_END)
            return;
        if (token != AWL_JSON_KEY)
            fail(d);
        push_string(d);
        push_value(d, awl_json_next(&d->reader));
        lua_rawset(d->L, -3);
    }
}

static void push_array(struct decoder *d)
{
    lua_Integer index = 0;

    lua_newtable(d->L);
    for (;;) {
        enum awl_json_token token = awl_json_next(&d->reader);
        if (token == AWL_JSON_ARRAY_END)
            break;
        push_value(d, token);
        lua_rawseti(d->L, -2, ++index);
    }
    if (index == 0) /* else it would be written as an object */
        luaL_setmetatable(d->L, AWL_JSON_ARRAY);
}

static void push_value(struct decoder *d, enum awl_json_token token)
{
    luaL_checkstack(d->L, 8, "JSON is nested too deeply");
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        push_object(d);
        return;
    case AWL_JSON_ARRAY_BEGIN:
        push_array(d);
        return;
    case AWL_JSON_STRING:
        push_string(d);
        return;
    case AWL_JSON_NUMBER:
        push_number(d);
        return;
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        lua_pushboolean(d->L, token == AWL_JSON_TRUE);
        return;
    case AWL_JSON_NULL:
        lua_pushlightuserdata(d->L, NULL);
        return;
    default:
        fail(d);
    }
}

void awl_json_decode(lua_State *L, awl_str text)
{
    struct decoder decoder = {.L = L, .scratch = awl_buf_box(L, TEXT_MAX)};

    awl_json_reader_init(&decoder.reader, text);
    push_value(&decoder, awl_json_next(&decoder.reader));
    if (awl_json_next(&decoder.reader) != AWL_JSON_END)
        fail(&decoder);
    lua_remove(L, -2);
}

static int json_decode(lua_State *L)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, 1, &text.len);
    awl_json_decode(L, text);
    return 1;
}

static bool option(lua_State *L, const char *name, bool otherwise)
{
    if (lua_getfield(L, 2, name) != LUA_TNIL)
        otherwise = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return otherwise;
}

static int json_encode(lua_State *L)
{
    struct awl_json_style style = {.pretty = false};

    luaL_checkany(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        style.pretty = option(L, "pretty", false);
        style.unsorted = !option(L, "sort_keys", true);
    }
    struct awl_buf *out = awl_buf_box(L, TEXT_MAX);
    awl_json_encode(L, 1, out, &style);
    awl_buf_box_push(L, out);
    return 1;
}

static int json_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_setmetatable(L, AWL_JSON_ARRAY);
    return 1;
}

static int json_is_array(lua_State *L)
{
    bool marked = false;
    if (lua_istable(L, 1) && lua_getmetatable(L, 1)) {
        luaL_getmetatable(L, AWL_JSON_ARRAY);
        marked = lua_rawequal(L, -1, -2);
    }
    lua_pushboolean(L, marked);
    return 1;
}

int luaopen_awl_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", json_encode},
        {"decode", json_decode},
        {"array", json_array},
        {"is_array", json_is_array},
        {NULL, NULL},
    };
    luaL_newmetatable(L, AWL_JSON_ARRAY);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
