/* jmespath_vectors DATA - runs the compliance tests of JMESPath over Lua values. A case
 * has a result, the code of an error, or is a benchmark, which need only be evaluated.
 * Exits 1 on a failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "script/error_value.h"
#include "script/jmespath.h"
#include "vectors.h"

struct runner {
    struct vectors_suite suite;
    lua_State *L;
};

/* ---- values ---- */

static void push_value(lua_State *L, const struct vectors_json *json);

static void push_list(lua_State *L, const struct vectors_json *json)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (const struct vectors_json *i = json->first; i != NULL; i = i->next) {
        push_value(L, i);
        lua_rawseti(L, -2, ++count);
    }
    luaL_newmetatable(L, "awl.json.array");
    lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, const struct vectors_json *json)
{
    lua_newtable(L);
    for (const struct vectors_json *i = json->first; i != NULL; i = i->next) {
        lua_pushlstring(L, i->key.ptr, i->key.len);
        push_value(L, i);
        lua_rawset(L, -3);
    }
}

static void push_number(lua_State *L, awl_str text)
{
    int64_t integer;
    double number = 0;
    if (awl_str_to_int64(text, &integer)) {
        lua_pushinteger(L, integer);
        return;
    }
    awl_str_to_double(text, &number);
    lua_pushnumber(L, number);
}

static void push_value(lua_State *L, const struct vectors_json *json)
{
    luaL_checkstack(L, 8, NULL);
    switch (json->type) {
    case VECTORS_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    case VECTORS_BOOLEAN:
        lua_pushboolean(L, json->boolean);
        break;
    case VECTORS_NUMBER:
        push_number(L, json->text);
        break;
    case VECTORS_STRING:
        lua_pushlstring(L, json->text.ptr, json->text.len);
        break;
    case VECTORS_ARRAY:
        push_list(L, json);
        break;
    default:
        push_object(L, json);
    }
}

/* ---- comparing: the value on top with what was expected; pops it ---- */

/* `any_order`: the members of an object may have become a list in any order. */
static bool matches(lua_State *L, const struct vectors_json *json, bool any_order);

/* A table that has elements, or the mark of an empty array. */
static bool is_list(lua_State *L)
{
    if (lua_rawlen(L, -1) > 0)
        return true;
    if (!lua_getmetatable(L, -1))
        return false;
    luaL_getmetatable(L, "awl.json.array");
    bool marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

/* Whether an element that nothing was found equal to yet is `wanted`; marks it. */
static bool take_element(lua_State *L, const struct vectors_json *wanted, bool *taken,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (taken[i])
            continue;
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        taken[i] = matches(L, wanted, true);
        if (taken[i])
            return true;
    }
    return false;
}

static bool matches_set(lua_State *L, const struct vectors_json *json)
{
    size_t wanted = 0, count = lua_rawlen(L, -1);
    bool *taken = calloc(count + 1, sizeof(*taken));
    bool same = taken != NULL && is_list(L);
    for (const struct vectors_json *i = json->first; same && i != NULL; i = i->next) {
        same = take_element(L, i, taken, count);
        wanted++;
    }
    free(taken);
    return same && wanted == count;
}

static bool matches_list(lua_State *L, const struct vectors_json *json, bool any_order)
{
    if (any_order)
        return matches_set(L, json);
    lua_Integer count = 0;
    bool same = is_list(L);
    for (const struct vectors_json *i = json->first; same && i != NULL; i = i->next) {
        lua_rawgeti(L, -1, ++count);
        same = matches(L, i, false);
    }
    return same && (lua_Integer)lua_rawlen(L, -1) == count;
}

static bool matches_object(lua_State *L, const struct vectors_json *json, bool any_order)
{
    unsigned wanted = 0, got = 0;
    bool same = lua_rawlen(L, -1) == 0;
    for (const struct vectors_json *i = json->first; same && i != NULL; i = i->next) {
        lua_pushlstring(L, i->key.ptr, i->key.len);
        same = lua_rawget(L, -2) != LUA_TNIL;
        same = matches(L, i, any_order) && same;
        wanted++;
    }
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        got++;
        lua_pop(L, 1);
    }
    return same && wanted == got;
}

static bool matches_table(lua_State *L, const struct vectors_json *json, bool any_order)
{
    luaL_checkstack(L, 8, NULL);
    if (!lua_istable(L, -1))
        return false;
    return json->type == VECTORS_ARRAY ? matches_list(L, json, any_order)
                                       : matches_object(L, json, any_order);
}

static bool matches(lua_State *L, const struct vectors_json *json, bool any_order)
{
    bool same;
    if (json->type == VECTORS_NULL) {
        same = lua_isnil(L, -1) || (lua_islightuserdata(L, -1) && !lua_touserdata(L, -1));
    } else if (json->type == VECTORS_ARRAY || json->type == VECTORS_OBJECT) {
        same = matches_table(L, json, any_order);
    } else {
        push_value(L, json);
        same = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return same;
}

/* ---- cases ---- */

/* (expression, value) -> result */
static int search(lua_State *L)
{
    awl_str expression;
    expression.ptr = luaL_checklstring(L, 1, &expression.len);
    awl_jmespath_push_search(L, expression, 2);
    return 1;
}

/* Objects have no order, and so what keys(), values() and * make of them has none. */
static bool has_any_order(awl_str expression)
{
    const char *text = expression.ptr;
    if (strstr(text, "keys(") != NULL || strstr(text, "values(") != NULL)
        return true;
    for (const char *star = strchr(text, '*'); star != NULL; star = strchr(star + 1, '*'))
        if (star == text || star[-1] != '[')
            return true;
    return false;
}

static void check_result(struct runner *r, const char *name, awl_str expression,
                         const struct vectors_json *wanted)
{
    char got[200];
    snprintf(got, sizeof got, "%s", luaL_tolstring(r->L, -1, NULL));
    lua_pop(r->L, 1);
    if (matches(r->L, wanted, has_any_order(expression)))
        vectors_pass(&r->suite);
    else
        vectors_fail(&r->suite, name, "got %s", got);
}

static void check_error(struct runner *r, const char *name, const char *code)
{
    if (awl_error_has_code(r->L, -1, code))
        vectors_pass(&r->suite);
    else
        vectors_fail(&r->suite, name, "instead of %s: %s", code,
                     luaL_tolstring(r->L, -1, NULL));
}

static void case_run(struct runner *r, const char *file, const struct vectors_json *given,
                     const struct vectors_json *test)
{
    lua_State *L = r->L;
    awl_str expression = vectors_text(test, "expression");
    awl_str error = vectors_text(test, "error");
    const struct vectors_json *result = vectors_get(test, "result");
    char name[300];

    snprintf(name, sizeof name, "%s: %.*s", file, STR_ARG(expression));
    lua_settop(L, 0);
    lua_pushcfunction(L, search);
    lua_pushlstring(L, expression.ptr, expression.len);
    push_value(L, given);
    int status = lua_pcall(L, 2, 1, 0);
    if (error.len > 0 && status != LUA_OK)
        check_error(r, name, error.ptr);
    else if (error.len > 0)
        vectors_fail(&r->suite, name, "no error, but %.*s was due", STR_ARG(error));
    else if (status != LUA_OK)
        vectors_fail(&r->suite, name, "%s", luaL_tolstring(L, -1, NULL));
    else if (result != NULL)
        check_result(r, name, expression, result);
    else
        vectors_pass(&r->suite); /* a benchmark */
}

static void file_run(struct runner *r, const char *folder, const char *name)
{
    const struct vectors_json *file = vectors_json_read(vectors_path(folder, name));
    if (file == NULL) {
        vectors_fail(&r->suite, name, "cannot be read");
        return;
    }
    for (const struct vectors_json *group = file->first; group != NULL;
         group = group->next) {
        const struct vectors_json *cases = vectors_get(group, "cases");
        static const struct vectors_json nothing = {.type = VECTORS_NULL};
        const struct vectors_json *given = vectors_get(group, "given");
        if (given == NULL)
            given = &nothing;
        for (const struct vectors_json *test = cases != NULL ? cases->first : NULL;
             test != NULL; test = test->next)
            case_run(r, name, given, test);
    }
}

int main(int argc, char **argv)
{
    struct runner r = {.suite.name = "jmespath"};
    if (argc != 2) {
        fputs("usage: jmespath_vectors DATA\n", stderr);
        return 2;
    }
    if (!vectors_exists(argv[1])) {
        printf("SKIPPED: there is no folder of test vectors at '%s'\n", argv[1]);
        return 0;
    }
    const char *folder = vectors_path(argv[1], "jmespath");
    const char **names = vectors_list_json(folder);
    r.L = luaL_newstate();
    if (r.L == NULL || names == NULL) {
        vectors_fail(&r.suite, "start", "no data or no memory");
        names = NULL;
    } else {
        awl_error_value_open(r.L);
    }
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, "schema.json") != 0) /* describes the files */
            file_run(&r, folder, *names);
    vectors_report(&r.suite);
    if (r.L != NULL)
        lua_close(r.L);
    return r.suite.failed > 0 ? 1 : 0;
}
