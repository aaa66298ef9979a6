#include "wire/texts.h"

void awl_texts_make(struct awl_wire *wire, lua_State *L, int keys, awl_str text,
                    uint64_t hash)
{
    size_t at = hash >> (64 - AWL_TEXT_BITS);
    struct awl_text *known = &wire->texts[at];
    const char *bytes = lua_pushlstring(L, text.ptr, text.len);
    if (known->seen != (uint32_t)hash) {
        known->seen = (uint32_t)hash;
        return;
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, (lua_Integer)(wire->model->key_count + at + 1));
    known->ptr = bytes;
    known->len = (uint32_t)text.len;
}
