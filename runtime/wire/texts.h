/* texts.h - the short texts that a service says again and again.
 *
 * "STANDARD", "us-east-1a", the names of attributes: to push one that is known costs a
 * comparison and an array access, not a hash over its bytes. A text is taken in when it
 * comes a second time before another takes its place, so what never comes again costs
 * little. Their Lua strings stand in the key table, behind the members' names. */
#ifndef AWL_WIRE_TEXTS_H
#define AWL_WIRE_TEXTS_H

#include "wire/bytes.h"
#include "wire/wire.h"

#define AWL_TEXT_MAX 24 /* bytes: longer ones seldom come again */

/* Has the bits of the text's ends, which may overlap. */
static inline uint64_t awl_text_hash(awl_str text)
{
    uint64_t first = 0, last = 0;
    if (text.len >= 8) {
        memcpy(&first, text.ptr, 8);
        memcpy(&last, text.ptr + text.len - 8, 8);
    } else if (text.len >= 4) {
        memcpy(&first, text.ptr, 4);
        memcpy(&last, text.ptr + text.len - 4, 4);
    } else if (text.len > 0) {
        first = (unsigned char)text.ptr[0] |
                (uint64_t)(unsigned char)text.ptr[text.len / 2] << 8;
        last = (unsigned char)text.ptr[text.len - 1];
    }
    return (first + text.len) * 0x9e3779b97f4a7c15 ^ last * 0xc2b2ae3d27d4eb4f;
}

/* Pushes a text that was not taken in, or is too long. */
void awl_texts_make(struct awl_wire *wire, lua_State *L, int keys, awl_str text,
                    uint64_t hash);

/* Pushes a text; `keys` is the key table's stack index. Not for secrets: what is taken
 * in stays. */
static inline void awl_texts_push(struct awl_wire *wire, lua_State *L, int keys,
                                  awl_str text)
{
    if (text.len - 1 >= AWL_TEXT_MAX) {
        lua_pushlstring(L, text.len > 0 ? text.ptr : "", text.len);
        return;
    }
    uint64_t hash = awl_text_hash(text);
    size_t at = hash >> (64 - AWL_TEXT_BITS);
    const struct awl_text *known = &wire->texts[at];
    if (known->len == text.len && awl_same_bytes(known->ptr, text.ptr, text.len))
        lua_rawgeti(L, keys, (lua_Integer)(wire->model->key_count + at + 1));
    else
        awl_texts_make(wire, L, keys, text, hash);
}

#endif
