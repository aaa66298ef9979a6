#include "script/allocator.h"

#include "test.h"

#include <stdlib.h>

#include "base/random.h"

#define SLOTS 500

struct slot {
    unsigned char *block;
    size_t size;
    unsigned char mark;
};

static void fill(struct slot *slot)
{
    if (slot->size > 0)
        memset(slot->block, slot->mark, slot->size);
}

static void check_filled(const struct slot *slot, size_t size)
{
    for (size_t i = 0; i < size; i++)
        CHECK_INT(slot->block[i], slot->mark);
}

TEST(blocks_keep_their_bytes_and_share_none)
{
    UNUSED_STATE;
    struct awl_allocator *allocator = awl_allocator_new();
    struct awl_random random;
    awl_random_seed(&random, 7);
    static struct slot slots[SLOTS];
    memset(slots, 0, sizeof slots);
    for (int i = 0; i < 50000; i++) {
        struct slot *slot = &slots[awl_random_next(&random) % SLOTS];
        size_t limit = awl_random_next(&random) % 8 == 0 ? 5000 : 1100;
        size_t size = awl_random_next(&random) % 4 == 0
                          ? 0
                          : 1 + (size_t)(awl_random_next(&random) % limit);
        check_filled(slot, slot->size);
        size_t kept = size < slot->size ? size : slot->size;
        slot->block = awl_allocator_realloc(allocator, slot->block, slot->size, size);
        CHECK(size == 0 ? slot->block == NULL : slot->block != NULL);
        CHECK_INT((uintptr_t)slot->block % 16, 0);
        check_filled(slot, kept);
        slot->size = size;
        slot->mark = (unsigned char)i;
        fill(slot);
    }
    for (int i = 0; i < SLOTS; i++) {
        check_filled(&slots[i], slots[i].size);
        awl_allocator_realloc(allocator, slots[i].block, slots[i].size, 0);
    }
    awl_allocator_free(allocator);
}

TEST(a_freed_block_is_used_again)
{
    UNUSED_STATE;
    struct awl_allocator *allocator = awl_allocator_new();
    void *first = awl_allocator_realloc(allocator, NULL, 5, 100);
    awl_allocator_realloc(allocator, first, 100, 0);
    void *second = awl_allocator_realloc(allocator, NULL, 5, 112);
    CHECK(first == second);
    CHECK(awl_allocator_realloc(allocator, second, 112, 97) == second);
    awl_allocator_free(allocator);
}

TEST(freeing_nothing_is_fine)
{
    UNUSED_STATE;
    awl_allocator_free(NULL);
    struct awl_allocator *allocator = awl_allocator_new();
    assert_null(awl_allocator_realloc(allocator, NULL, 0, 0));
    awl_allocator_free(allocator);
}

TEST_MAIN(RUN(blocks_keep_their_bytes_and_share_none), RUN(a_freed_block_is_used_again),
          RUN(freeing_nothing_is_fine))
