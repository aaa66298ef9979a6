#include "wire/keys.h"

int awl_keys_push_table(const struct awl_wire *wire, lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, wire->keys);
    return lua_gettop(L);
}

void awl_keys_make(const struct awl_model *model, lua_State *L, int keys,
                   const struct awl_member *member)
{
    awl_str name = awl_model_str(model, member->name);
    lua_pushlstring(L, name.ptr, name.len);
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, (lua_Integer)member->key + 1);
}
