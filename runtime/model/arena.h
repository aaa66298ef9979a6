/* arena.h - memory that is taken bit by bit and given back all at once.
 *
 * Meant for trees and results whose parts live equally long. */
#ifndef AWL_MODEL_ARENA_H
#define AWL_MODEL_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct awl_arena_chunk;

struct awl_arena {
    struct awl_arena_chunk *chunks;
    char *pos;
    char *end;
    char *block; /* the caller's own first piece, or NULL */
    size_t block_len;
    size_t used;
    size_t max;
};

/* Hands out at most `max` bytes, the first ones from `block` (aligned to 8 bytes;
 * may be NULL), which stays the caller's. Allocates nothing yet. */
void awl_arena_init(struct awl_arena *arena, void *block, size_t block_len, size_t max);

/* Frees all; the arena may be used again. */
void awl_arena_release(struct awl_arena *arena);

/* Bytes aligned to 8, not cleared; NULL when memory or the limit is used up. */
void *awl_arena_alloc(struct awl_arena *arena, size_t len);

/* A copy of `text`, followed by NUL; its ptr is NULL when there is no room. */
awl_str awl_arena_copy(struct awl_arena *arena, awl_str text);

#endif
