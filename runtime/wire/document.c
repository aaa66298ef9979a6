#include <lauxlib.h>
#include <math.h>

#include "base/json.h"
#include "wire/document.h"
#include "wire/walk.h"

#define SLOTS_PER_LEVEL 8

static void put_value(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                      struct awl_problems *problems, unsigned depth);

/* The table on top of the stack. */
static bool is_array(lua_State *L)
{
    if (lua_rawlen(L, -1) > 0)
        return true;
    if (!lua_getmetatable(L, -1))
        return false;
    luaL_getmetatable(L, AWL_JSON_ARRAY);
    bool marked = lua_rawequal(L, -1, -2) && lua_istable(L, -1);
    lua_pop(L, 2);
    return marked;
}

static void put_array(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                      struct awl_problems *problems, unsigned depth)
{
    size_t count = (size_t)lua_rawlen(L, -1);
    awl_buf_append_char(out, '[');
    for (size_t i = 1; i <= count; i++) {
        struct awl_path here = {.up = path, .index = i};
        if (i > 1)
            awl_buf_append_char(out, ',');
        lua_rawgeti(L, -1, (lua_Integer)i);
        put_value(out, L, &here, problems, depth);
        lua_pop(L, 1);
    }
    awl_buf_append_char(out, ']');
}

static void put_object(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                       struct awl_problems *problems, unsigned depth)
{
    bool first = true;
    awl_buf_append_char(out, '{');
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            awl_problems_add(problems, path, "a JSON object cannot have a key of type %s",
                             luaL_typename(L, -2));
            continue;
        }
        struct awl_path here = {.up = path};
        here.key.ptr = lua_tolstring(L, -2, &here.key.len);
        if (!first)
            awl_buf_append_char(out, ',');
        first = false;
        awl_json_append_string(out, here.key);
        awl_buf_append_char(out, ':');
        put_value(out, L, &here, problems, depth);
    }
    awl_buf_append_char(out, '}');
}

static void put_number(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                       struct awl_problems *problems)
{
    if (lua_isinteger(L, -1))
        awl_buf_append_int64(out, lua_tointeger(L, -1));
    else if (isfinite(lua_tonumber(L, -1)))
        awl_json_append_double(out, lua_tonumber(L, -1));
    else
        awl_problems_add(problems, path, "JSON has no NaN and no infinity");
}

static void put_string(struct awl_buf *out, lua_State *L)
{
    awl_str text;
    text.ptr = lua_tolstring(L, -1, &text.len);
    awl_json_append_string(out, text);
}

static void put_table(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                      struct awl_problems *problems, unsigned depth)
{
    if (depth >= AWL_WIRE_DEPTH_MAX || !lua_checkstack(L, SLOTS_PER_LEVEL))
        awl_problems_add(problems, path, "nested deeper than %d levels",
                         AWL_WIRE_DEPTH_MAX);
    else if (is_array(L))
        put_array(out, L, path, problems, depth + 1);
    else
        put_object(out, L, path, problems, depth + 1);
}

static void put_value(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                      struct awl_problems *problems, unsigned depth)
{
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        put_string(out, L);
        return;
    case LUA_TNUMBER:
        put_number(out, L, path, problems);
        return;
    case LUA_TBOOLEAN:
        awl_buf_append_str(out, lua_toboolean(L, -1) ? STR("true") : STR("false"));
        return;
    case LUA_TTABLE:
        put_table(out, L, path, problems, depth);
        return;
    default:
        if (awl_is_null(L, -1))
            awl_buf_append_str(out, STR("null"));
        else
            awl_problems_add(problems, path, "JSON has no values of type %s",
                             luaL_typename(L, -1));
    }
}

void awl_document_write(struct awl_buf *out, lua_State *L, const struct awl_path *path,
                        struct awl_problems *problems)
{
    put_value(out, L, path, problems, 0);
}

/* ---- reading ---- */

static enum awl_rc read_value(struct awl_json_reader *json, lua_State *L,
                              struct awl_buf *scratch, enum awl_json_token token,
                              unsigned depth);

void awl_json_push_text(lua_State *L, struct awl_buf *scratch,
                        const struct awl_json_reader *json)
{
    if (!json->escaped) {
        lua_pushlstring(L, json->text.ptr, json->text.len);
        return;
    }
    awl_buf_clear(scratch);
    awl_json_unescape(scratch, json->text);
    lua_pushlstring(L, awl_buf_cstr(scratch), scratch->len);
}

void awl_json_push_number(lua_State *L, const struct awl_json_reader *json)
{
    int64_t integer;
    double real = 0;
    if (json->integral && awl_str_to_int64(json->text, &integer)) {
        lua_pushinteger(L, integer);
        return;
    }
    awl_str_to_double(json->text, &real);
    lua_pushnumber(L, real);
}

static enum awl_rc read_array(struct awl_json_reader *json, lua_State *L,
                              struct awl_buf *scratch, unsigned depth)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (;;) {
        enum awl_json_token token = awl_json_next(json);
        if (token == AWL_JSON_ARRAY_END)
            break;
        if (read_value(json, L, scratch, token, depth) != AWL_OK)
            return AWL_EPARSE;
        lua_rawseti(L, -2, ++count);
    }
    if (count == 0)
        luaL_setmetatable(L, AWL_JSON_ARRAY);
    return AWL_OK;
}

static enum awl_rc read_object(struct awl_json_reader *json, lua_State *L,
                               struct awl_buf *scratch, unsigned depth)
{
    lua_newtable(L);
    for (;;) {
        enum awl_json_token token = awl_json_next(json);
        if (token == AWL_JSON_OBJECT_END)
            return AWL_OK;
        if (token != AWL_JSON_KEY)
            return AWL_EPARSE;
        awl_json_push_text(L, scratch, json);
        if (read_value(json, L, scratch, awl_json_next(json), depth) != AWL_OK)
            return AWL_EPARSE;
        lua_rawset(L, -3);
    }
}

static enum awl_rc read_value(struct awl_json_reader *json, lua_State *L,
                              struct awl_buf *scratch, enum awl_json_token token,
                              unsigned depth)
{
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
    case AWL_JSON_ARRAY_BEGIN:
        if (depth >= AWL_WIRE_DEPTH_MAX || !lua_checkstack(L, SLOTS_PER_LEVEL)) {
            json->reason = "nested too deeply";
            return AWL_EPARSE;
        }
        return token == AWL_JSON_OBJECT_BEGIN ? read_object(json, L, scratch, depth + 1)
                                              : read_array(json, L, scratch, depth + 1);
    case AWL_JSON_STRING:
        awl_json_push_text(L, scratch, json);
        return AWL_OK;
    case AWL_JSON_NUMBER:
        awl_json_push_number(L, json);
        return AWL_OK;
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        lua_pushboolean(L, token == AWL_JSON_TRUE);
        return AWL_OK;
    case AWL_JSON_NULL:
        lua_pushlightuserdata(L, NULL);
        return AWL_OK;
    default:
        return AWL_EPARSE;
    }
}

enum awl_rc awl_document_read(struct awl_json_reader *json, lua_State *L,
                              struct awl_buf *scratch, enum awl_json_token first)
{
    int top = lua_gettop(L);
    enum awl_rc rc = read_value(json, L, scratch, first, 0);
    if (rc != AWL_OK)
        lua_settop(L, top);
    return rc;
}
