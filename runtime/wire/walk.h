/* walk.h - one walk over a Lua value and a shape: validating, converting, writing.
 *
 * Problems are collected, not raised: after one the walk goes on, and what the
 * writer has made is thrown away. Tables are read raw, so that no Lua code runs. */
#ifndef AWL_WIRE_WALK_H
#define AWL_WIRE_WALK_H

#include "wire/problem.h"
#include "wire/wire.h"
#include "wire/writer.h"

#define AWL_WIRE_DEPTH_MAX 100 /* levels of a value */

struct awl_walk {
    struct awl_wire *wire;
    lua_State *L;
    const struct awl_model *model;
    struct awl_writer *writer;
    int keys; /* stack index of the model's key table */
    unsigned depth;
    struct awl_problems problems;
};

/* Pushes the key table, which stays on the stack. */
void awl_walk_init(struct awl_walk *walk, struct awl_wire *wire, lua_State *L,
                   struct awl_writer *writer);

/* Which members of a structure a table has. */
#define AWL_PRESENCE_WORDS 8
#define AWL_PRESENCE_MAX (64 * AWL_PRESENCE_WORDS)
struct awl_presence {
    uint64_t bits[AWL_PRESENCE_WORDS];
    unsigned count;
    bool attributes; /* there are XML attributes among them */
};

/* `index` is that of a member in its structure, from 0. */
static inline bool awl_presence_has(const struct awl_presence *present, unsigned index)
{
    return (present->bits[index / 64] >> (index % 64)) & 1;
}

/* The next member present at or after `index`, or AWL_PRESENCE_MAX. */
unsigned awl_presence_next(const struct awl_presence *present, unsigned index);

static inline void awl_presence_clear(struct awl_presence *present, unsigned index)
{
    present->count -= awl_presence_has(present, index);
    present->bits[index / 64] &= ~((uint64_t)1 << (index % 64));
}

/* Reads the table at `index` against a structure: unknown members, missing ones and
 * a union's number of members become problems. False if it is no table. An index of
 * 0 stands for an empty table. With `tokens`, absent idempotency tokens count as
 * present: awl_walk_push makes them. */
bool awl_walk_presence(struct awl_walk *walk, const struct awl_path *path,
                       const struct awl_shape *shape, int index, bool tokens,
                       struct awl_presence *present);

/* Pushes a present member's value from the table at `index`. */
void awl_walk_push(struct awl_walk *walk, int index, const struct awl_member *member);

/* Writes the value on top of the Lua stack, which stays there. */
void awl_walk_value(struct awl_walk *walk, const struct awl_path *path,
                    const struct awl_member *through, const struct awl_shape *shape);

/* False, with the problem told, unless the value on top of the Lua stack is a list; else
 * how many elements it has. */
bool awl_walk_list_begin(struct awl_walk *walk, const struct awl_path *path,
                         const struct awl_shape *shape, size_t *count);

/* Which members stand elsewhere than in the body: a bit a location. An answer's body
 * holds what a request has in its path or query string. */
#define AWL_ELSEWHERE_NONE 0u
#define AWL_ELSEWHERE_ANSWER                                                             \
    (1u << AWL_LOCATION_HEADER | 1u << AWL_LOCATION_HEADERS |                            \
     1u << AWL_LOCATION_STATUS_CODE)
#define AWL_ELSEWHERE_REQUEST                                                            \
    (AWL_ELSEWHERE_ANSWER | 1u << AWL_LOCATION_URI | 1u << AWL_LOCATION_QUERYSTRING)

/* Writes a structure's present members but for those that stand elsewhere. */
void awl_walk_members(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_member *through, const struct awl_shape *shape,
                      int index, const struct awl_presence *present, unsigned elsewhere);

/* True for awl.json.null. */
static inline bool awl_is_null(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL;
}

#endif
