/* loop_private.h - what loop.c and timer.c share. */
#ifndef AWL_LOOP_LOOP_PRIVATE_H
#define AWL_LOOP_LOOP_PRIVATE_H

#include "loop/loop.h"

struct awl_loop {
    uv_loop_t uv;
    uv_timer_t alarm; /* runs while the loop has timers or is busy */
    int64_t alarm_us; /* what the alarm was set for */
    struct awl_clock *clock;
    struct awl_timer **heap; /* the earliest first */
    uint32_t timers, timers_cap;
    uint64_t order;  /* of the next timer to be started */
    uint64_t events; /* callbacks seen so far */
    int busy;
    bool turning; /* within libuv's own run */
};

/* The earliest timer, or NULL. */
struct awl_timer *awl_timer_first(const struct awl_loop *loop);

/* Fires what is due; timers started meanwhile wait for the next turn. True if one
 * fired. */
bool awl_timer_fire_due(struct awl_loop *loop);

#endif
