/* jmespath_sort.h - orders lists of numbers or of strings. */
#ifndef AWL_SCRIPT_JMESPATH_SORT_H
#define AWL_SCRIPT_JMESPATH_SORT_H

#include <lua.h>
#include <stdint.h>

#include "base/str.h"

/* A key by which something is ordered; a string's bytes stay Lua's. */
struct awl_jmespath_key {
    enum { AWL_JMESPATH_KEY_INTEGER, AWL_JMESPATH_KEY_FLOAT, AWL_JMESPATH_KEY_TEXT } kind;
    union {
        lua_Integer integer;
        lua_Number number;
        awl_str text;
    };
    lua_Integer position; /* from 1; equal keys keep their order */
};

/* Reads the number or string at `index`, which something else must keep alive. */
void awl_jmespath_key_read(lua_State *L, int index, struct awl_jmespath_key *key);

/* Numbers by their exact values, a NaN before all; strings by code points. <0, 0, >0. */
int awl_jmespath_key_cmp(const struct awl_jmespath_key *a,
                         const struct awl_jmespath_key *b);

/* Pushes a userdata with room for `count` keys. */
struct awl_jmespath_key *awl_jmespath_keys_push(lua_State *L, lua_Integer count);

/* Sorts them, stably. */
void awl_jmespath_keys_sort(struct awl_jmespath_key *keys, lua_Integer count);

#endif
