#include "script/jmespath_value.h"

#include <lauxlib.h>
#include <math.h>

#include "base/json.h"
#include "script/jmespath_ast.h"
#include "script/jmespath_sort.h"

#define ARRAY_METATABLE "awl.json.array"

static bool is_marked(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, ARRAY_METATABLE);
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

static bool is_empty(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_pushnil(L);
    if (lua_next(L, index) == 0)
        return true;
    lua_pop(L, 2);
    return false;
}

static unsigned table_type(lua_State *L, int index)
{
    luaL_checkstack(L, 4, "JMESPath");
    bool has_first = lua_rawgeti(L, index, 1) != LUA_TNIL;
    lua_pop(L, 1);
    if (has_first || is_marked(L, index))
        return AWL_JMESPATH_ARRAY;
    return is_empty(L, index) ? AWL_JMESPATH_ARRAY | AWL_JMESPATH_OBJECT
                              : AWL_JMESPATH_OBJECT;
}

unsigned awl_jmespath_type(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE:
        return AWL_JMESPATH_NULL;
    case LUA_TBOOLEAN:
        return AWL_JMESPATH_BOOLEAN;
    case LUA_TNUMBER:
        return AWL_JMESPATH_NUMBER;
    case LUA_TSTRING:
        return AWL_JMESPATH_TEXT;
    case LUA_TTABLE:
        return table_type(L, index);
    case LUA_TLIGHTUSERDATA:
        return lua_touserdata(L, index) == NULL ? AWL_JMESPATH_NULL : AWL_JMESPATH_OTHER;
    default:
        return AWL_JMESPATH_OTHER;
    }
}

const char *awl_jmespath_type_name(unsigned type)
{
    switch (type) {
    case AWL_JMESPATH_NULL:
        return "null";
    case AWL_JMESPATH_BOOLEAN:
        return "boolean";
    case AWL_JMESPATH_NUMBER:
        return "number";
    case AWL_JMESPATH_TEXT:
        return "string";
    case AWL_JMESPATH_ARRAY:
        return "array";
    case AWL_JMESPATH_OTHER:
        return "other value";
    default:
        return "object";
    }
}

bool awl_jmespath_truthy(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        return lua_toboolean(L, index);
    case LUA_TSTRING:
        return lua_rawlen(L, index) > 0;
    case LUA_TTABLE:
        return !is_empty(L, index);
    default:
        return awl_jmespath_type(L, index) != AWL_JMESPATH_NULL;
    }
}

/* ---- equality ---- */

static bool arrays_equal(lua_State *L, int a, int b, unsigned depth, bool *ok)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, a);
    bool equal = count == (lua_Integer)lua_rawlen(L, b);
    for (lua_Integer i = 1; equal && i <= count; i++) {
        lua_rawgeti(L, a, i);
        lua_rawgeti(L, b, i);
        equal = awl_jmespath_equal(L, -2, -1, depth + 1, ok);
        lua_pop(L, 2);
    }
    return equal;
}

/* Each member of `a` is in `b`. A member that is null and one that is not there are
 * different in JSON: { a = awl.json.null } is not {}. */
static bool members_in(lua_State *L, int a, int b, unsigned depth, bool *ok)
{
    bool equal = true;
    lua_pushnil(L);
    while (equal && lua_next(L, a) != 0) {
        lua_pushvalue(L, -2);
        lua_rawget(L, b);
        equal = !lua_isnil(L, -1) && awl_jmespath_equal(L, -2, -1, depth + 1, ok);
        lua_pop(L, 2);
    }
    if (!equal)
        lua_pop(L, 1);
    return equal;
}

static lua_Integer count_members(lua_State *L, int index)
{
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        count++;
        lua_pop(L, 1);
    }
    return count;
}

bool awl_jmespath_equal(lua_State *L, int a, int b, unsigned depth, bool *ok)
{
    luaL_checkstack(L, 8, "JMESPath");
    if (lua_rawequal(L, a, b))
        return true;
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    unsigned both = awl_jmespath_type(L, a) & awl_jmespath_type(L, b);
    if (depth > AWL_JMESPATH_VALUE_DEPTH_MAX)
        *ok = false;
    if (!*ok)
        return false;
    if (both & AWL_JMESPATH_NULL)
        return true;
    if (both & AWL_JMESPATH_ARRAY)
        return arrays_equal(L, a, b, depth, ok);
    if (both & AWL_JMESPATH_OBJECT)
        return count_members(L, a) == count_members(L, b) &&
               members_in(L, a, b, depth, ok);
    return false;
}

/* ---- lists and names ---- */

void awl_jmespath_list_append(lua_State *L, int at, lua_Integer *count)
{
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlightuserdata(L, NULL);
    }
    lua_rawseti(L, at, ++*count);
}

void awl_jmespath_list_end(lua_State *L, int at, lua_Integer count)
{
    if (count > 0)
        return;
    at = lua_absindex(L, at);
    luaL_newmetatable(L, ARRAY_METATABLE);
    lua_setmetatable(L, at);
}

lua_Integer awl_jmespath_push_names(lua_State *L, int index)
{
    lua_Integer count = 0, filled = 0;
    index = lua_absindex(L, index);
    luaL_checkstack(L, 6, "JMESPath");
    lua_newtable(L);
    int list = lua_gettop(L);
    struct awl_jmespath_key *keys = awl_jmespath_keys_push(L, count_members(L, index));
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            continue;
        awl_jmespath_key_read(L, -1, &keys[filled]);
        keys[filled].position = filled;
        filled++;
    }
    awl_jmespath_keys_sort(keys, filled);
    while (count < filled) {
        lua_pushlstring(L, keys[count].text.ptr, keys[count].text.len);
        awl_jmespath_list_append(L, list, &count);
    }
    lua_pop(L, 1);
    awl_jmespath_list_end(L, -1, count);
    return count;
}

/* ---- JSON ---- */

static void push_token(lua_State *L, struct awl_json_reader *reader,
                       enum awl_json_token token);

/* Pushing a string may raise, so by then its bytes are in memory of Lua's. */
static void push_string(lua_State *L, const struct awl_json_reader *reader)
{
    struct awl_buf text;
    if (!reader->escaped) {
        lua_pushlstring(L, reader->text.len > 0 ? reader->text.ptr : "",
                        reader->text.len);
        return;
    }
    size_t room = 3 * reader->text.len + 1;
    char *bytes = lua_newuserdatauv(L, room, 0);
    awl_buf_init(&text, room);
    bool ok = awl_json_unescape(&text, reader->text) == AWL_OK && text.len <= room;
    size_t len = text.len;
    if (ok && len > 0)
        memcpy(bytes, text.ptr, len);
    awl_buf_release(&text);
    if (!ok)
        luaL_error(L, "not enough memory");
    lua_pushlstring(L, bytes, len);
    lua_remove(L, -2);
}

static void push_number(lua_State *L, const struct awl_json_reader *reader)
{
    int64_t integer;
    double value = 0;
    if (reader->integral && awl_str_to_int64(reader->text, &integer)) {
        lua_pushinteger(L, integer);
        return;
    }
    awl_str_to_double(reader->text, &value);
    lua_pushnumber(L, value);
}

static void push_object(lua_State *L, struct awl_json_reader *reader)
{
    lua_newtable(L);
    while (awl_json_next(reader) == AWL_JSON_KEY) {
        push_string(L, reader);
        push_token(L, reader, awl_json_next(reader));
        lua_rawset(L, -3);
    }
}

static void push_array(lua_State *L, struct awl_json_reader *reader)
{
    lua_Integer count = 0;
    enum awl_json_token token;
    lua_newtable(L);
    int list = lua_gettop(L);
    while ((token = awl_json_next(reader)) != AWL_JSON_ARRAY_END &&
           token != AWL_JSON_ERROR) {
        push_token(L, reader, token);
        awl_jmespath_list_append(L, list, &count);
    }
    awl_jmespath_list_end(L, list, count);
}

static void push_token(lua_State *L, struct awl_json_reader *reader,
                       enum awl_json_token token)
{
    luaL_checkstack(L, 8, "JMESPath");
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        push_object(L, reader);
        break;
    case AWL_JSON_ARRAY_BEGIN:
        push_array(L, reader);
        break;
    case AWL_JSON_STRING:
        push_string(L, reader);
        break;
    case AWL_JSON_NUMBER:
        push_number(L, reader);
        break;
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        lua_pushboolean(L, token == AWL_JSON_TRUE);
        break;
    default:
        lua_pushlightuserdata(L, NULL);
    }
}

void awl_jmespath_push_json(lua_State *L, awl_str text)
{
    struct awl_json_reader reader;
    awl_json_reader_init(&reader, text);
    push_token(L, &reader, awl_json_next(&reader));
    if (lua_touserdata(L, -1) == NULL && lua_islightuserdata(L, -1)) {
        lua_pop(L, 1); /* null at the top is nil */
        lua_pushnil(L);
    }
}

static enum awl_jmespath_json append_array(lua_State *L, int index, struct awl_buf *out,
                                           unsigned depth)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    awl_buf_append_char(out, '[');
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1)
            awl_buf_append_char(out, ',');
        lua_rawgeti(L, index, i);
        enum awl_jmespath_json rc = awl_jmespath_append_json(L, -1, out, depth + 1);
        lua_pop(L, 1);
        if (rc != AWL_JMESPATH_JSON_OK)
            return rc;
    }
    awl_buf_append_char(out, ']');
    return AWL_JMESPATH_JSON_OK;
}

static enum awl_jmespath_json append_object(lua_State *L, int index, struct awl_buf *out,
                                            unsigned depth)
{
    enum awl_jmespath_json rc = AWL_JMESPATH_JSON_OK;
    lua_Integer count = awl_jmespath_push_names(L, index);
    awl_buf_append_char(out, '{');
    for (lua_Integer i = 1; i <= count && rc == AWL_JMESPATH_JSON_OK; i++) {
        awl_str name;
        if (i > 1)
            awl_buf_append_char(out, ',');
        lua_rawgeti(L, -1, i);
        name.ptr = lua_tolstring(L, -1, &name.len);
        awl_json_append_string(out, name);
        awl_buf_append_char(out, ':');
        lua_rawget(L, index);
        rc = awl_jmespath_append_json(L, -1, out, depth + 1);
        lua_pop(L, 1);
    }
    awl_buf_append_char(out, '}');
    lua_pop(L, 1);
    return rc;
}

static enum awl_jmespath_json append_number(lua_State *L, int index, struct awl_buf *out)
{
    if (lua_isinteger(L, index))
        awl_buf_append_int64(out, lua_tointeger(L, index));
    else if (!isfinite(lua_tonumber(L, index)))
        return AWL_JMESPATH_JSON_VALUE;
    else
        awl_json_append_double(out, lua_tonumber(L, index));
    return AWL_JMESPATH_JSON_OK;
}

static void append_string(lua_State *L, int index, struct awl_buf *out)
{
    awl_str text;
    text.ptr = lua_tolstring(L, index, &text.len);
    awl_json_append_string(out, text);
}

enum awl_jmespath_json awl_jmespath_append_json(lua_State *L, int index,
                                                struct awl_buf *out, unsigned depth)
{
    luaL_checkstack(L, 8, "JMESPath");
    if (depth > AWL_JMESPATH_VALUE_DEPTH_MAX)
        return AWL_JMESPATH_JSON_DEEP;
    if (awl_buf_rc(out) != AWL_OK)
        return AWL_JMESPATH_JSON_LARGE;
    index = lua_absindex(L, index);
    unsigned type = awl_jmespath_type(L, index);
    switch (type) {
    case AWL_JMESPATH_NULL:
        awl_buf_append_str(out, STR("null"));
        break;
    case AWL_JMESPATH_BOOLEAN:
        awl_buf_append_str(out, lua_toboolean(L, index) ? STR("true") : STR("false"));
        break;
    case AWL_JMESPATH_NUMBER:
        return append_number(L, index, out);
    case AWL_JMESPATH_TEXT:
        append_string(L, index, out);
        break;
    case AWL_JMESPATH_ARRAY:
        return append_array(L, index, out, depth);
    case AWL_JMESPATH_OTHER:
        return AWL_JMESPATH_JSON_VALUE;
    default:
        return append_object(L, index, out, depth);
    }
    return awl_buf_rc(out) == AWL_OK ? AWL_JMESPATH_JSON_OK : AWL_JMESPATH_JSON_LARGE;
}
