/* allocator.c - memory for Lua, in size classes. */
#include "script/allocator.h"

#include <stdlib.h>
#include <string.h>

#define GRAIN 16 /* what every block is aligned to */
#define SMALL_MAX 1024
#define CLASSES (SMALL_MAX / GRAIN)
#define CHUNK_FIRST 4096 /* a short script needs little */
#define CHUNK_MAX 65536

struct block {
    struct block *next;
};

/* At the start of each piece of memory that small blocks are cut from. */
struct chunk {
    struct chunk *next;
    char pad[GRAIN - sizeof(struct chunk *)];
};

struct awl_allocator {
    struct block *free[CLASSES];
    char *rest; /* of the newest chunk */
    size_t rest_size;
    size_t chunk_size; /* of the next one */
    struct chunk *chunks;
};

struct awl_allocator *awl_allocator_new(void)
{
    struct awl_allocator *allocator = calloc(1, sizeof *allocator);
    if (allocator != NULL)
        allocator->chunk_size = CHUNK_FIRST;
    return allocator;
}

void awl_allocator_free(struct awl_allocator *allocator)
{
    if (allocator == NULL)
        return;
    while (allocator->chunks != NULL) {
        struct chunk *chunk = allocator->chunks;
        allocator->chunks = chunk->next;
        free(chunk);
    }
    free(allocator);
}

static size_t class_of(size_t size)
{
    return (size - 1) / GRAIN;
}

static void put(struct awl_allocator *allocator, void *memory, size_t class)
{
    struct block *block = memory;
    block->next = allocator->free[class];
    allocator->free[class] = block;
}

/* What is left of the old chunk becomes a block of its own. */
static int chunk_add(struct awl_allocator *allocator)
{
    struct chunk *chunk = malloc(allocator->chunk_size);
    if (chunk == NULL)
        return 0;
    if (allocator->rest_size > 0)
        put(allocator, allocator->rest, class_of(allocator->rest_size));
    chunk->next = allocator->chunks;
    allocator->chunks = chunk;
    allocator->rest = (char *)chunk + sizeof *chunk;
    allocator->rest_size = allocator->chunk_size - sizeof *chunk;
    if (allocator->chunk_size < CHUNK_MAX)
        allocator->chunk_size *= 2;
    return 1;
}

static void *take(struct awl_allocator *allocator, size_t class)
{
    struct block *block = allocator->free[class];
    if (block != NULL) {
        allocator->free[class] = block->next;
        __builtin_prefetch(block->next);
        return block;
    }
    size_t size = (class + 1) * GRAIN;
    if (allocator->rest_size < size && !chunk_add(allocator))
        return NULL;
    void *memory = allocator->rest;
    allocator->rest += size;
    allocator->rest_size -= size;
    return memory;
}

static void release(struct awl_allocator *allocator, void *block, size_t size)
{
    if (size > SMALL_MAX)
        free(block);
    else if (size > 0)
        put(allocator, block, class_of(size));
}

/* From one kind of memory to the other, or between classes. */
static void *move(struct awl_allocator *allocator, void *block, size_t old_size,
                  size_t new_size)
{
    void *moved =
        new_size > SMALL_MAX ? malloc(new_size) : take(allocator, class_of(new_size));
    /* Lua takes it for granted that a block can be made smaller. */
    if (moved == NULL)
        return new_size <= old_size ? block : NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    release(allocator, block, old_size);
    return moved;
}

void *awl_allocator_realloc(void *arg, void *block, size_t old_size, size_t new_size)
{
    struct awl_allocator *allocator = arg;
    if (block == NULL) { /* old_size tells the type */
        if (new_size == 0)
            return NULL;
        return new_size > SMALL_MAX ? malloc(new_size)
                                    : take(allocator, class_of(new_size));
    }
    if (new_size == 0) {
        release(allocator, block, old_size);
        return NULL;
    }
    if (old_size > SMALL_MAX && new_size > SMALL_MAX)
        return realloc(block, new_size);
    if (old_size <= SMALL_MAX && new_size <= SMALL_MAX &&
        class_of(old_size) == class_of(new_size))
        return block;
    return move(allocator, block, old_size, new_size);
}
