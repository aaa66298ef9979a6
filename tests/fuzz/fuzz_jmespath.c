/* fuzz_jmespath.c - expressions: parsed, and evaluated on a value that has some of
 * everything. What is found must be JSON. */
#include <lauxlib.h>
#include <lua.h>

#include "base/json.h"
#include "fuzz.h"
#include "script/error_value.h"
#include "script/jmespath.h"

#define EXPRESSION_MAX 2000

static const char *const document =
    "return { a = { { b = { 1, 2.5, -3 }, c = 'x' }, { b = {}, c = '\\u{e9}\\u{1f600}' } "
    "},"
    "         foo = { bar = { baz = true } }, n = 0, s = 'text', f = false,"
    "         list = { { 'k', 1 }, { 'l', 2 }, 'm' } }";

static lua_State *state_new(void)
{
    lua_State *L = luaL_newstate();
    if (L == NULL || luaL_dostring(L, document) != LUA_OK)
        abort();
    awl_error_value_open(L);
    return L;
}

static void check_json(lua_State *L)
{
    struct awl_json_reader reader;
    awl_str text;
    text.ptr = lua_tolstring(L, -1, &text.len);
    awl_json_reader_init(&reader, text);
    enum awl_json_token first = awl_json_next(&reader);
    if (awl_json_skip(&reader, first) != AWL_OK || awl_json_next(&reader) != AWL_JSON_END)
        abort();
}

/* (document, expression) */
static int search(lua_State *L)
{
    awl_str expression;
    expression.ptr = lua_tolstring(L, 2, &expression.len);
    awl_jmespath_push_search(L, expression, 1);
    if (lua_gettop(L) != 3)
        abort();
    awl_jmespath_push_search(L, STR("@ == @"), 3);
    if (!lua_isboolean(L, -1))
        abort();
    awl_jmespath_push_search(L, STR("to_string([@])"), 3);
    check_json(L);
    return 0;
}

/* A state for each run: see fuzz_wire.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > EXPRESSION_MAX)
        return 0;
    lua_State *L = state_new();
    lua_pushcfunction(L, search);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK && !awl_error_is(L, -1))
        abort(); /* only errors of ours */
    lua_close(L);
    return 0;
}
