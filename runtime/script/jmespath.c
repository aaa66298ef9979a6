/* jmespath.c - compiled JMESPath expressions as Lua values, and the cache of them. */
#include "script/jmespath.h"

#include <lauxlib.h>

#include "script/error_value.h"
#include "script/jmespath_ast.h"
#include "script/jmespath_eval.h"
#include "script/jmespath_value.h"

#define METATABLE "awl.jmespath"
#define GENERATION_MAX 128

/* The registry's key of the cache: { young, old, number in young }. When the young
 * table is full it becomes the old one, so that what is used again stays. */
static const char cache_key;

static int compiled_gc(lua_State *L)
{
    awl_jmespath_release(lua_touserdata(L, 1));
    return 0;
}

/* compiled(value) -> what it finds */
static int compiled_call(lua_State *L)
{
    luaL_checkudata(L, 1, METATABLE);
    lua_settop(L, 2);
    awl_jmespath_search(L, 1, 2);
    return 1;
}

static int compiled_tostring(lua_State *L)
{
    awl_str source = awl_jmespath_source(luaL_checkudata(L, 1, METATABLE));
    lua_pushlstring(L, source.ptr, source.len);
    return 1;
}

static void push_metatable(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"__gc", compiled_gc},
        {"__call", compiled_call},
        {"__tostring", compiled_tostring},
        {NULL, NULL},
    };
    if (luaL_newmetatable(L, METATABLE))
        luaL_setfuncs(L, functions, 0);
}

static void push_compiled(lua_State *L, awl_str expression)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_jmespath_tree *tree = lua_newuserdatauv(L, sizeof *tree, 0);
    *tree = (struct awl_jmespath_tree){.nodes = NULL};
    push_metatable(L);
    lua_setmetatable(L, -2);
    if (awl_jmespath_parse(tree, expression, &err) != AWL_OK)
        awl_raise(L, &err);
}

static void push_cache(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cache_key) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 3, 0);
    lua_newtable(L);
    lua_rawseti(L, -2, 1);
    lua_newtable(L);
    lua_rawseti(L, -2, 2);
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 3);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cache_key);
}

/* Pushes the entry of generation 1 or 2 of the cache at `cache` for the key at `key`. */
static bool push_cached(lua_State *L, int cache, int generation, int key)
{
    lua_rawgeti(L, cache, generation);
    lua_pushvalue(L, key);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_isnil(L, -1))
        return true;
    lua_pop(L, 1);
    return false;
}

/* Puts the value on top into the young generation; it stays on the stack. */
static void cache_add(lua_State *L, int cache, int key)
{
    lua_rawgeti(L, cache, 3);
    lua_Integer count = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (count >= GENERATION_MAX) {
        lua_rawgeti(L, cache, 1);
        lua_rawseti(L, cache, 2);
        lua_newtable(L);
        lua_rawseti(L, cache, 1);
        count = 0;
    }
    lua_rawgeti(L, cache, 1);
    lua_pushvalue(L, key);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_pushinteger(L, count + 1);
    lua_rawseti(L, cache, 3);
}

void awl_jmespath_compile(lua_State *L, awl_str expression)
{
    luaL_checkstack(L, 10, "JMESPath");
    lua_pushlstring(L, expression.len > 0 ? expression.ptr : "", expression.len);
    int key = lua_gettop(L), cache = key + 1;
    push_cache(L);
    if (!push_cached(L, cache, 1, key)) {
        if (!push_cached(L, cache, 2, key))
            push_compiled(L, expression);
        cache_add(L, cache, key);
    }
    lua_replace(L, key);
    lua_settop(L, key);
}

bool awl_jmespath_is(lua_State *L, int index)
{
    return luaL_testudata(L, index, METATABLE) != NULL;
}

void awl_jmespath_search(lua_State *L, int compiled, int value)
{
    struct awl_jmespath_eval e = {.L = L, .tree = lua_touserdata(L, compiled)};
    awl_jmespath_eval(&e, e.tree->root, lua_absindex(L, value));
    if (awl_jmespath_type(L, -1) == AWL_JMESPATH_NULL) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
}

void awl_jmespath_push_search(lua_State *L, awl_str expression, int value)
{
    value = lua_absindex(L, value);
    awl_jmespath_compile(L, expression);
    awl_jmespath_search(L, -1, value);
    lua_remove(L, -2);
}
