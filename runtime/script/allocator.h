/* allocator.h - memory for Lua, in size classes.
 *
 * Lua asks for many small blocks and says how big each was: blocks of up to 1 KiB come
 * from lists, one a size, that are never given back before the end. Faster than a
 * general allocator, but blind for those who look for misuse of memory, so builds
 * without NDEBUG do not use it. */
#ifndef AWL_SCRIPT_ALLOCATOR_H
#define AWL_SCRIPT_ALLOCATOR_H

#include <stddef.h>

struct awl_allocator;

/* NULL when out of memory. Free it after lua_close. */
struct awl_allocator *awl_allocator_new(void);
void awl_allocator_free(struct awl_allocator *allocator);

/* A lua_Alloc; `arg` is the allocator. */
void *awl_allocator_realloc(void *arg, void *block, size_t old_size, size_t new_size);

#endif
