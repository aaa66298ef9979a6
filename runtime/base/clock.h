/* clock.h - the one clock of a process.
 *
 * Timers, backoff, sleeping, signing and expiry all read it; tests put a fake one
 * in its place and advance it, so that no test waits. */
#ifndef AWL_BASE_CLOCK_H
#define AWL_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct awl_clock {
    int64_t (*wall_ms)(const struct awl_clock *clock); /* since 1970, UTC */
    int64_t (*mono_us)(const struct awl_clock *clock); /* never goes back */
    int64_t began_us; /* the system's monotonic time when the clock was made */
    bool fake;        /* advanced by awl_clock_advance only */
    int64_t fake_us;  /* a fake clock's monotonic time */
    int64_t epoch_ms; /* a fake clock's wall time at fake_us == 0 */
    void (*on_advance)(void *data, int64_t us); /* of a fake clock; may be NULL */
    void *data;
};

/* The system's clock. */
void awl_clock_init(struct awl_clock *clock);

/* A clock that stands at `wall_ms` until it is advanced. */
void awl_clock_init_fake(struct awl_clock *clock, int64_t wall_ms);
void awl_clock_advance(struct awl_clock *clock, int64_t us);

/* Milliseconds since 1970, UTC; may jump. */
static inline int64_t awl_clock_wall_ms(const struct awl_clock *clock)
{
    return clock->wall_ms(clock);
}

/* Microseconds since the clock was made, so that in seconds, as a double, they are as
 * exact on a machine that has been up for years; never goes back. */
static inline int64_t awl_clock_mono_us(const struct awl_clock *clock)
{
    return clock->mono_us(clock);
}

#endif
