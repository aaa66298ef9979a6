/* keys.h - the table of a wire that turns a member's key number into a Lua string.
 *
 * Filled as members are first met: pushing an interned string costs an array
 * access, not a hash over the name. */
#ifndef AWL_WIRE_KEYS_H
#define AWL_WIRE_KEYS_H

#include "wire/wire.h"

/* Pushes the table; returns its stack index. */
int awl_keys_push_table(const struct awl_wire *wire, lua_State *L);

/* Makes the Lua string of a member that was not met before and pushes it. */
void awl_keys_make(const struct awl_model *model, lua_State *L, int keys,
                   const struct awl_member *member);

/* Pushes the name of a member; `keys` is the table's stack index. */
static inline void awl_keys_push(const struct awl_model *model, lua_State *L, int keys,
                                 const struct awl_member *member)
{
    if (lua_rawgeti(L, keys, (lua_Integer)member->key + 1) != LUA_TSTRING) {
        lua_pop(L, 1);
        awl_keys_make(model, L, keys, member);
    }
}

#endif
