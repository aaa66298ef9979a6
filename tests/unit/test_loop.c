/* test_loop.c - turns of the loop, with the real clock and with a fake one. */
#include <unistd.h>

#include "loop/input.h"
#include "loop/loop.h"
#include "test.h"

static void on_fire(struct awl_timer *timer)
{
    (void)timer;
}

TEST(a_loop_with_nothing_to_do_says_so)
{
    UNUSED_STATE;
    struct awl_clock clock;
    awl_clock_init(&clock);
    struct awl_loop *loop = awl_loop_new(&clock);
    CHECK(!awl_loop_turn(loop, true));
    CHECK(!awl_loop_turn(loop, false));
    awl_loop_free(loop);
    awl_loop_free(NULL);
}

TEST(the_real_clock_is_waited_for)
{
    UNUSED_STATE;
    struct awl_clock clock;
    struct awl_timer timer = {0};
    awl_clock_init(&clock);
    struct awl_loop *loop = awl_loop_new(&clock);
    int64_t start = awl_clock_mono_us(&clock);
    CHECK_OK(awl_timer_start(loop, &timer, 2500, on_fire));
    int turns = 0;
    while (awl_loop_turn(loop, true))
        CHECK(++turns < 10);
    CHECK(!awl_timer_running(&timer));
    CHECK(awl_clock_mono_us(&clock) - start >= 2500);
    awl_loop_free(loop);
}

TEST(a_fake_clock_goes_straight_to_the_next_timer)
{
    UNUSED_STATE;
    struct awl_clock clock;
    struct awl_timer near = {0}, far = {0};
    awl_clock_init_fake(&clock, 0);
    struct awl_loop *loop = awl_loop_new(&clock);
    CHECK_OK(awl_timer_start(loop, &far, INT64_C(3600000000), on_fire));
    CHECK_OK(awl_timer_start(loop, &near, 5, on_fire));
    CHECK(awl_loop_turn(loop, false));
    CHECK_INT(awl_clock_mono_us(&clock), 0); /* not unless it may wait */
    CHECK(awl_loop_turn(loop, true));
    CHECK_INT(awl_clock_mono_us(&clock), 5);
    CHECK(awl_timer_running(&far));
    CHECK(awl_loop_turn(loop, true));
    CHECK_INT(awl_clock_wall_ms(&clock), 3600000);
    CHECK(!awl_loop_turn(loop, true));
    awl_loop_free(loop);
}

TEST(a_fake_clock_waits_for_what_is_under_way)
{
    UNUSED_STATE;
    struct awl_clock clock;
    struct awl_timer timer = {0};
    int ends[2];
    awl_clock_init_fake(&clock, 0);
    struct awl_loop *loop = awl_loop_new(&clock);
    CHECK_INT(pipe(ends), 0);
    struct awl_input *input = awl_input_new(loop, ends[0], true, 100, NULL);
    CHECK_OK(awl_timer_start(loop, &timer, 1000, on_fire));

    /* Bytes that are there come before the timer. */
    CHECK_INT(write(ends[1], "x", 1), 1);
    CHECK_OK(awl_input_fill(input, NULL));
    CHECK(awl_loop_turn(loop, true));
    CHECK(awl_input_waitable(input)->signaled);
    CHECK_INT(awl_clock_mono_us(&clock), 0);

    /* Busy: the loop sleeps until the pipe wakes it, and the clock stands still. */
    awl_loop_busy(loop, 1);
    CHECK_OK(awl_input_fill(input, NULL));
    CHECK_INT(write(ends[1], "y", 1), 1);
    while (!awl_input_waitable(input)->signaled)
        awl_loop_turn(loop, true);
    CHECK_INT(awl_clock_mono_us(&clock), 0);
    awl_loop_busy(loop, -1);

    /* Waiting for bytes that nobody sends is no work. */
    CHECK_OK(awl_input_fill(input, NULL));
    while (awl_timer_running(&timer))
        CHECK(awl_loop_turn(loop, true));
    CHECK_INT(awl_clock_mono_us(&clock), 1000);
    awl_input_free(input);
    close(ends[1]);
    while (awl_loop_turn(loop, true))
        ;
    awl_loop_free(loop);
}

TEST_MAIN(RUN(a_loop_with_nothing_to_do_says_so), RUN(the_real_clock_is_waited_for),
          RUN(a_fake_clock_goes_straight_to_the_next_timer),
          RUN(a_fake_clock_waits_for_what_is_under_way))
