#include "base/clock.h"

#include <time.h>

static int64_t system_wall_ms(const struct awl_clock *clock)
{
    struct timespec now;
    (void)clock;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_mono_us(const struct awl_clock *clock)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - clock->began_us;
}

static int64_t fake_wall_ms(const struct awl_clock *clock)
{
    return clock->epoch_ms + clock->fake_us / 1000;
}

static int64_t fake_mono_us(const struct awl_clock *clock)
{
    return clock->fake_us;
}

void awl_clock_init(struct awl_clock *clock)
{
    *clock = (struct awl_clock){.wall_ms = system_wall_ms, .mono_us = system_mono_us};
    clock->began_us = system_mono_us(clock);
}

void awl_clock_init_fake(struct awl_clock *clock, int64_t wall_ms)
{
    *clock = (struct awl_clock){
        .wall_ms = fake_wall_ms,
        .mono_us = fake_mono_us,
        .fake = true,
        .epoch_ms = wall_ms,
    };
}

void awl_clock_advance(struct awl_clock *clock, int64_t us)
{
    if (!clock->fake || us <= 0)
        return;
    clock->fake_us += us;
    if (clock->on_advance != NULL)
        clock->on_advance(clock->data, us);
}
