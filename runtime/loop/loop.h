/* loop.h - the event loop of the process, and its timers.
 *
 * A libuv loop with awl's clock. Timers are a heap of our own on that clock, served
 * by a single uv_timer: with a fake clock the loop, once it has nothing else to do,
 * advances the clock to the next timer instead of waiting.
 *
 * The owner of the process runs: do work that is ready, then awl_loop_turn(). */
#ifndef AWL_LOOP_LOOP_H
#define AWL_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/clock.h"
#include "base/error.h"

struct awl_loop;

/* `clock` is the caller's and outlives the loop. NULL when out of memory. SIGPIPE is
 * ignored from here on: a peer that goes away is an error of the write, no more. */
struct awl_loop *awl_loop_new(struct awl_clock *clock);

/* Every handle must have been closed; what libuv still finds open is logged as an
 * error of ours. NULL is fine. False: a thread is at work that nobody can stop (it opens
 * a pipe, or looks a name up): exit() would wait for it, _exit() does not. */
bool awl_loop_free(struct awl_loop *loop);

/* libuv's loop within it, and the clock it was made with. */
uv_loop_t *awl_loop_uv(struct awl_loop *loop);
struct awl_clock *awl_loop_clock(struct awl_loop *loop);

/* Waits for at least one event, runs its callbacks and those of the timers that are
 * due, and returns; with `wait` false it only looks. It may return early, without an
 * event. False, and nothing done, when neither a handle nor a timer is left that
 * could ever bring an event. */
bool awl_loop_turn(struct awl_loop *loop, bool wait);

/* While the count is above zero, work is under way that no handle of the loop shows
 * (a transfer between two sockets, say): the loop waits for it, and a fake clock is
 * not advanced. A server in the same process lowers it while a request waits for its
 * answer: then nothing moves unless somebody's timer does. */
void awl_loop_busy(struct awl_loop *loop, int change);

/* To be called by whoever handles a callback of libuv's: the turn ends soon, and a
 * fake clock stands still until the tasks that it made ready have run. */
void awl_loop_event(struct awl_loop *loop);

/* A timer, embedded in its owner. Zeroed memory is a stopped timer. */
struct awl_timer {
    int64_t due_us; /* on the monotonic clock */
    uint32_t slot;  /* its place in the heap + 1; 0: stopped */
    uint64_t order; /* equal times fire in the order they were started */
    void (*fire)(struct awl_timer *timer);
};

/* Calls fire(timer) once, `delay_us` from now (0 or less: in the next turn). A
 * running timer is started anew. Only AWL_OK or AWL_ENOMEM. */
enum awl_rc awl_timer_start(struct awl_loop *loop, struct awl_timer *timer,
                            int64_t delay_us, void (*fire)(struct awl_timer *timer));

/* Stopping a stopped timer is fine. */
void awl_timer_stop(struct awl_loop *loop, struct awl_timer *timer);

static inline bool awl_timer_running(const struct awl_timer *timer)
{
    return timer->slot != 0;
}

#endif
