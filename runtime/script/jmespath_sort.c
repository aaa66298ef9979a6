#include "script/jmespath_sort.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#define TWO_63 9223372036854775808.0

void awl_jmespath_key_read(lua_State *L, int index, struct awl_jmespath_key *key)
{
    if (lua_type(L, index) == LUA_TSTRING) {
        key->kind = AWL_JMESPATH_KEY_TEXT;
        key->text.ptr = lua_tolstring(L, index, &key->text.len);
    } else if (lua_isinteger(L, index)) {
        key->kind = AWL_JMESPATH_KEY_INTEGER;
        key->integer = lua_tointeger(L, index);
    } else {
        key->kind = AWL_JMESPATH_KEY_FLOAT;
        key->number = lua_tonumber(L, index);
    }
}

static int cmp_integers(lua_Integer a, lua_Integer b)
{
    return (a > b) - (a < b);
}

static int cmp_floats(lua_Number a, lua_Number b)
{
    if (isnan(a) || isnan(b))
        return (int)!isnan(a) - (int)!isnan(b);
    return (a > b) - (a < b);
}

/* Exact, so that the order is one even where a double cannot tell integers apart. */
static int cmp_mixed(lua_Integer a, lua_Number b)
{
    if (isnan(b) || b < -TWO_63)
        return 1;
    if (b >= TWO_63)
        return -1;
    lua_Number below = floor(b);
    int order = cmp_integers(a, (lua_Integer)below);
    return order != 0 ? order : -(b > below);
}

int awl_jmespath_key_cmp(const struct awl_jmespath_key *a,
                         const struct awl_jmespath_key *b)
{
    if (a->kind == AWL_JMESPATH_KEY_TEXT || b->kind == AWL_JMESPATH_KEY_TEXT)
        return a->kind == b->kind ? awl_str_cmp(a->text, b->text)
                                  : (int)a->kind - (int)b->kind;
    if (a->kind == AWL_JMESPATH_KEY_INTEGER)
        return b->kind == AWL_JMESPATH_KEY_INTEGER ? cmp_integers(a->integer, b->integer)
                                                   : cmp_mixed(a->integer, b->number);
    return b->kind == AWL_JMESPATH_KEY_INTEGER ? -cmp_mixed(b->integer, a->number)
                                               : cmp_floats(a->number, b->number);
}

struct awl_jmespath_key *awl_jmespath_keys_push(lua_State *L, lua_Integer count)
{
    luaL_checkstack(L, 1, "JMESPath");
    if (count < 0 || (size_t)count > SIZE_MAX / 2 / sizeof(struct awl_jmespath_key))
        luaL_error(L, "the list is too long");
    return lua_newuserdatauv(L, (size_t)count * sizeof(struct awl_jmespath_key) + 1, 0);
}

static int cmp_positions(const void *a, const void *b)
{
    const struct awl_jmespath_key *left = a, *right = b;
    int order = awl_jmespath_key_cmp(left, right);
    return order != 0 ? order : cmp_integers(left->position, right->position);
}

void awl_jmespath_keys_sort(struct awl_jmespath_key *keys, lua_Integer count)
{
    qsort(keys, (size_t)count, sizeof *keys, cmp_positions);
}
