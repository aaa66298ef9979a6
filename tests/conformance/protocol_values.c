#include "protocol_vectors.h"

#include <math.h>

#include "aws/timestamp.h"
#include "base/json.h"
#include "wire/document.h"
#include "wire/problem.h"

/* ---- pushing ---- */

static void push_text_number(lua_State *L, awl_str text)
{
    int64_t integer;
    double real = 0;
    if (awl_str_to_int64(text, &integer))
        lua_pushinteger(L, integer);
    else if (awl_str_to_double(text, &real))
        lua_pushnumber(L, real);
    else
        lua_pushnil(L);
}

static bool named_float(awl_str text, double *value)
{
    if (awl_str_eq(text, STR("NaN")))
        *value = NAN;
    else if (awl_str_eq(text, STR("Infinity")))
        *value = INFINITY;
    else if (awl_str_eq(text, STR("-Infinity")))
        *value = -INFINITY;
    else
        return false;
    return true;
}

static bool is_real(const struct awl_shape *shape)
{
    return shape != NULL &&
           (shape->type == AWL_SHAPE_FLOAT || shape->type == AWL_SHAPE_DOUBLE);
}

const struct awl_member *values_member(const struct awl_model *model,
                                       const struct awl_shape *shape, awl_str key)
{
    if (shape == NULL)
        return NULL;
    const struct awl_member *members = awl_model_members(model, shape);
    if (shape->type == AWL_SHAPE_LIST)
        return members;
    if (shape->type == AWL_SHAPE_MAP)
        return &members[1];
    return shape->type == AWL_SHAPE_STRUCTURE
               ? awl_model_member_by_name(model, shape, key)
               : NULL;
}

static const struct awl_shape *item_shape(const struct awl_model *model,
                                          const struct awl_shape *shape, awl_str key)
{
    const struct awl_member *member = values_member(model, shape, key);
    return member != NULL ? awl_model_shape(model, member->shape) : NULL;
}

/* The suites have a jsonvalue in a header as the value itself, or as its JSON text. */
static bool is_json_text(const struct awl_model *model, const struct awl_shape *shape,
                         const struct vectors_json *item)
{
    if (item->type != VECTORS_STRING || shape == NULL ||
        shape->type != AWL_SHAPE_STRUCTURE)
        return false;
    const struct awl_member *member = awl_model_member_by_name(model, shape, item->key);
    return member != NULL && member->location == AWL_LOCATION_HEADER &&
           (member->flags & AWL_MEMBER_JSON_VALUE);
}

/* Text that is no JSON is a value too. */
static void push_json_text(lua_State *L, awl_str text)
{
    struct awl_json_reader json;
    struct awl_buf scratch;
    awl_buf_init(&scratch, text.len + 1);
    awl_json_reader_init(&json, text);
    if (awl_document_read(&json, L, &scratch, awl_json_next(&json)) != AWL_OK)
        lua_pushlstring(L, text.ptr != NULL ? text.ptr : "", text.len);
    awl_buf_release(&scratch);
}

static void push_array(lua_State *L, const struct awl_model *model,
                       const struct awl_shape *shape, const struct vectors_json *json)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next) {
        values_push(L, model, item_shape(model, shape, item->key), item);
        lua_rawseti(L, -2, ++count);
    }
    if (count == 0 && (shape == NULL || shape->type == AWL_SHAPE_DOCUMENT) &&
        lua_getfield(L, LUA_REGISTRYINDEX, "awl.json.array") == LUA_TTABLE)
        lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, const struct awl_model *model,
                        const struct awl_shape *shape, const struct vectors_json *json)
{
    lua_newtable(L);
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next) {
        lua_pushlstring(L, item->key.ptr, item->key.len);
        if (is_json_text(model, shape, item))
            push_json_text(L, item->text);
        else
            values_push(L, model, item_shape(model, shape, item->key), item);
        lua_rawset(L, -3);
    }
}

void values_push(lua_State *L, const struct awl_model *model,
                 const struct awl_shape *shape, const struct vectors_json *json)
{
    double real;
    switch (json->type) {
    case VECTORS_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    case VECTORS_BOOLEAN:
        lua_pushboolean(L, json->boolean);
        break;
    case VECTORS_NUMBER:
        push_text_number(L, json->text);
        break;
    case VECTORS_STRING:
        if (is_real(shape) && named_float(json->text, &real))
            lua_pushnumber(L, real);
        else
            lua_pushlstring(L, json->text.ptr != NULL ? json->text.ptr : "",
                            json->text.len);
        break;
    case VECTORS_ARRAY:
        push_array(L, model, shape, json);
        break;
    case VECTORS_OBJECT:
        push_object(L, model, shape, json);
        break;
    }
}

/* ---- comparing ---- */

/* Says where and what, once. */
static bool differs(struct awl_buf *why, const char *what)
{
    if (why->len == 0)
        awl_buf_append_str(why, awl_str_of(what));
    return false;
}

static bool within(struct awl_buf *why, awl_str key)
{
    awl_buf_printf(why, " at %.*s", STR_ARG(key));
    return false;
}

static bool equal_text(lua_State *L, awl_str expected, struct awl_buf *why)
{
    size_t len;
    if (lua_type(L, -1) != LUA_TSTRING)
        return differs(why, "no string");
    const char *text = lua_tolstring(L, -1, &len);
    if (awl_str_eq(awl_str_make(text, len), expected))
        return true;
    awl_buf_printf(why, "'%.*s', expected '%.*s'", (int)len, text, STR_ARG(expected));
    return false;
}

/* Compares what is on top with the value whose JSON is `text`. */
static bool equal_json_text(lua_State *L, const struct awl_model *model, awl_str text,
                            struct awl_buf *why)
{
    struct awl_buf actual;
    struct awl_problems problems;
    if (lua_type(L, -1) == LUA_TSTRING)
        return equal_text(L, text, why);
    awl_buf_init(&actual, text.len + 1);
    awl_problems_init(&problems, model);
    awl_document_write(&actual, L, NULL, &problems);
    bool same = problems.count == 0 && bodies_equal_json(awl_buf_str(&actual), text);
    awl_buf_release(&actual);
    return same || differs(why, "another JSON value");
}

static bool equal_timestamp(lua_State *L, awl_str expected, struct awl_buf *why)
{
    struct awl_timestamp time;
    if (!awl_timestamp_parse(expected, &time))
        return equal_text(L, expected, why);
    if (lua_type(L, -1) != LUA_TNUMBER)
        return differs(why, "no timestamp");
    if (time.nanoseconds == 0 && !lua_isinteger(L, -1))
        return differs(why, "a whole timestamp that is no integer");
    return fabs(lua_tonumber(L, -1) - awl_timestamp_to_double(time)) < 1e-6 ||
           differs(why, "another time");
}

/* A float may have had 32 bits on its way. */
static bool same_real(const struct awl_shape *shape, double actual, double expected)
{
    return actual == expected || (shape != NULL && shape->type == AWL_SHAPE_FLOAT &&
                                  (float)actual == (float)expected);
}

static bool equal_number(lua_State *L, const struct awl_shape *shape, awl_str expected,
                         struct awl_buf *why)
{
    double real;
    int64_t integer;
    if (shape != NULL && shape->type == AWL_SHAPE_TIMESTAMP)
        return equal_timestamp(L, expected, why);
    if (shape != NULL && shape->type == AWL_SHAPE_STRING)
        return equal_text(L, expected, why);
    if (lua_type(L, -1) != LUA_TNUMBER)
        return differs(why, "no number");
    if (is_real(shape) && lua_isinteger(L, -1))
        return differs(why, "an integer for a float");
    if (shape != NULL && !is_real(shape) && shape->type != AWL_SHAPE_DOCUMENT &&
        !lua_isinteger(L, -1))
        return differs(why, "a float for an integer");
    if (awl_str_to_int64(expected, &integer) && lua_isinteger(L, -1))
        return lua_tointeger(L, -1) == integer || differs(why, "another integer");
    return (awl_str_to_double(expected, &real) &&
            same_real(shape, lua_tonumber(L, -1), real)) ||
           differs(why, "another number");
}

static bool equal_string(lua_State *L, const struct awl_shape *shape, awl_str expected,
                         struct awl_buf *why)
{
    double real;
    if (is_real(shape) && named_float(expected, &real)) {
        double actual = lua_tonumber(L, -1);
        return (isnan(real) ? isnan(actual) : actual == real) ||
               differs(why, "another float");
    }
    if (shape != NULL && shape->type == AWL_SHAPE_TIMESTAMP)
        return equal_timestamp(L, expected, why);
    return equal_text(L, expected, why);
}

static bool equal_array(lua_State *L, const struct awl_model *model,
                        const struct awl_shape *shape, const struct vectors_json *json,
                        struct awl_buf *why)
{
    lua_Integer count = 0;
    if (!lua_istable(L, -1))
        return differs(why, "no table");
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next) {
        lua_rawgeti(L, -1, ++count);
        bool same =
            values_equal(L, model, item_shape(model, shape, item->key), item, why);
        lua_pop(L, 1);
        if (!same)
            return within(why, STR("[]"));
    }
    return (lua_Integer)lua_rawlen(L, -1) == count || differs(why, "another length");
}

static bool equal_object(lua_State *L, const struct awl_model *model,
                         const struct awl_shape *shape, const struct vectors_json *json,
                         struct awl_buf *why)
{
    size_t expected = 0, actual = 0;
    if (!lua_istable(L, -1))
        return differs(why, "no table");
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next) {
        if (shape != NULL && shape->type == AWL_SHAPE_STRUCTURE &&
            item->type == VECTORS_NULL)
            continue; /* a null member is absent */
        expected++;
        lua_pushlstring(L, item->key.ptr, item->key.len);
        lua_rawget(L, -2);
        bool same =
            is_json_text(model, shape, item)
                ? equal_json_text(L, model, item->text, why)
                : values_equal(L, model, item_shape(model, shape, item->key), item, why);
        lua_pop(L, 1);
        if (!same)
            return within(why, item->key);
    }
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        actual++;
    return actual == expected || differs(why, "more than expected");
}

bool values_equal(lua_State *L, const struct awl_model *model,
                  const struct awl_shape *shape, const struct vectors_json *json,
                  struct awl_buf *why)
{
    if (!lua_checkstack(L, 4))
        return differs(why, "nested too deeply");
    switch (json->type) {
    case VECTORS_NULL:
        return lua_type(L, -1) == LUA_TLIGHTUSERDATA || lua_isnil(L, -1) ||
               differs(why, "no null");
    case VECTORS_BOOLEAN:
        return (lua_isboolean(L, -1) && lua_toboolean(L, -1) == json->boolean) ||
               differs(why, "another boolean");
    case VECTORS_NUMBER:
        return equal_number(L, shape, json->text, why);
    case VECTORS_STRING:
        return equal_string(L, shape, json->text, why);
    case VECTORS_ARRAY:
        return equal_array(L, model, shape, json, why);
    case VECTORS_OBJECT:
        return equal_object(L, model, shape, json, why);
    }
    return false;
}
