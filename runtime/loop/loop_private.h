/* loop_private.h - what loop.c, timer.c and process.c share. */
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
    bool turning;                /* within libuv's own run */
    struct awl_process *orphans; /* children that run and that nobody owns */
};

/* The earliest timer, or NULL. */
struct awl_timer *awl_timer_first(const struct awl_loop *loop);

/* Fires what is due; timers started meanwhile wait for the next turn. True if one
 * fired. */
bool awl_timer_fire_due(struct awl_loop *loop);

/* Forgets the children that run still: whoever inherits them reaps them. */
void awl_process_forget_all(struct awl_loop *loop);

#endif
