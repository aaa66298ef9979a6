/* timer.c - the timers of a loop: a binary heap of pointers into their owners. */
#include "loop/loop.h"

#include <stdlib.h>

#include "loop/loop_private.h"

static bool earlier(const struct awl_timer *a, const struct awl_timer *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void place(struct awl_loop *loop, uint32_t index, struct awl_timer *timer)
{
    loop->heap[index] = timer;
    timer->slot = index + 1;
}

static void sift_up(struct awl_loop *loop, uint32_t index, struct awl_timer *timer)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (!earlier(timer, loop->heap[parent]))
            break;
        place(loop, index, loop->heap[parent]);
        index = parent;
    }
    place(loop, index, timer);
}

static void sift_down(struct awl_loop *loop, uint32_t index, struct awl_timer *timer)
{
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= loop->timers)
            break;
        if (child + 1 < loop->timers && earlier(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!earlier(loop->heap[child], timer))
            break;
        place(loop, index, loop->heap[child]);
        index = child;
    }
    place(loop, index, timer);
}

static enum awl_rc heap_reserve(struct awl_loop *loop)
{
    if (loop->timers < loop->timers_cap)
        return AWL_OK;
    uint32_t cap = loop->timers_cap != 0 ? loop->timers_cap * 2 : 16;
    if (cap <= loop->timers_cap)
        return AWL_ENOMEM;
    struct awl_timer **heap = realloc(loop->heap, cap * sizeof *heap);
    if (heap == NULL)
        return AWL_ENOMEM;
    loop->heap = heap;
    loop->timers_cap = cap;
    return AWL_OK;
}

enum awl_rc awl_timer_start(struct awl_loop *loop, struct awl_timer *timer,
                            int64_t delay_us, void (*fire)(struct awl_timer *timer))
{
    awl_timer_stop(loop, timer);
    enum awl_rc rc = heap_reserve(loop);
    if (rc != AWL_OK)
        return rc;

    int64_t now = awl_clock_mono_us(loop->clock);
    if (delay_us < 0)
        delay_us = 0;
    timer->due_us = delay_us > INT64_MAX - now ? INT64_MAX : now + delay_us;
    timer->order = loop->order++;
    timer->fire = fire;
    sift_up(loop, loop->timers++, timer);
    return AWL_OK;
}

void awl_timer_stop(struct awl_loop *loop, struct awl_timer *timer)
{
    if (timer->slot == 0)
        return;
    uint32_t index = timer->slot - 1;
    timer->slot = 0;
    struct awl_timer *last = loop->heap[--loop->timers];
    if (last == timer)
        return;
    if (index > 0 && earlier(last, loop->heap[(index - 1) / 2]))
        sift_up(loop, index, last);
    else
        sift_down(loop, index, last);
}

struct awl_timer *awl_timer_first(const struct awl_loop *loop)
{
    return loop->timers != 0 ? loop->heap[0] : NULL;
}

bool awl_timer_fire_due(struct awl_loop *loop)
{
    uint64_t limit = loop->order;
    bool fired = false;
    if (loop->timers == 0)
        return false;

    int64_t now = awl_clock_mono_us(loop->clock);
    for (;;) {
        struct awl_timer *timer = awl_timer_first(loop);
        if (timer == NULL || timer->due_us > now || timer->order >= limit)
            return fired;
        awl_timer_stop(loop, timer);
        fired = true;
        timer->fire(timer);
    }
}
