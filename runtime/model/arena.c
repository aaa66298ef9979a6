#include "model/arena.h"

#include <stdlib.h>

#define CHUNK_LEN 65536

struct awl_arena_chunk {
    struct awl_arena_chunk *next;
    uint64_t bytes[];
};

void awl_arena_init(struct awl_arena *arena, void *block, size_t block_len, size_t max)
{
    *arena = (struct awl_arena){.block = block, .block_len = block_len, .max = max};
    arena->pos = arena->block;
    arena->end = block != NULL ? arena->block + block_len : NULL;
}

void awl_arena_release(struct awl_arena *arena)
{
    while (arena->chunks != NULL) {
        struct awl_arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    awl_arena_init(arena, arena->block, arena->block_len, arena->max);
}

static bool arena_grow(struct awl_arena *arena, size_t len)
{
    size_t size = len > CHUNK_LEN ? len : CHUNK_LEN;
    struct awl_arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        return false;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->pos = (char *)chunk->bytes;
    arena->end = arena->pos + size;
    return true;
}

void *awl_arena_alloc(struct awl_arena *arena, size_t len)
{
    if (len > arena->max)
        return NULL;
    len = (len + 7) & ~(size_t)7;
    if (len > arena->max - arena->used ||
        (len > (size_t)(arena->end - arena->pos) && !arena_grow(arena, len)))
        return NULL;
    void *ptr = arena->pos;
    arena->pos += len;
    arena->used += len;
    return ptr;
}

awl_str awl_arena_copy(struct awl_arena *arena, awl_str text)
{
    char *copy = awl_arena_alloc(arena, text.len + 1);
    if (copy == NULL)
        return (awl_str){NULL, 0};
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (awl_str){copy, text.len};
}
