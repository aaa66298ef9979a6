/* test_timer.c - the heap of timers on a clock. */
#include "loop/loop.h"
#include "test.h"

#define COUNT 2000

struct alarm {
    struct awl_timer timer;
    int number;
    struct record *record;
};

struct record {
    struct awl_loop *loop;
    int fired[COUNT];
    int count;
};

static void on_fire(struct awl_timer *timer)
{
    struct alarm *alarm = (struct alarm *)timer;
    CHECK(!awl_timer_running(timer));
    alarm->record->fired[alarm->record->count++] = alarm->number;
}

static struct awl_clock clock_of_test;

static struct awl_loop *loop_new(void)
{
    awl_clock_init_fake(&clock_of_test, 1000);
    return awl_loop_new(&clock_of_test);
}

TEST(timers_fire_in_the_order_of_their_times)
{
    UNUSED_STATE;
    static struct alarm alarms[COUNT];
    static struct record record;
    uint32_t seed = 7;
    record = (struct record){.loop = loop_new()};
    for (int i = 0; i < COUNT; i++) {
        alarms[i] = (struct alarm){.number = i, .record = &record};
        seed = seed * 1664525u + 1013904223u;
        CHECK_OK(awl_timer_start(record.loop, &alarms[i].timer, seed >> 22, on_fire));
    }
    for (int i = 0; i < COUNT; i += 3) /* some never, some at another time */
        awl_timer_stop(record.loop, &alarms[i].timer);
    for (int i = 1; i < COUNT; i += 3) {
        seed = seed * 1664525u + 1013904223u;
        CHECK_OK(awl_timer_start(record.loop, &alarms[i].timer, seed >> 22, on_fire));
    }
    while (awl_loop_turn(record.loop, true))
        ;
    CHECK_INT(record.count, COUNT - (COUNT + 2) / 3);
    for (int i = 1; i < record.count; i++) {
        const struct awl_timer *a = &alarms[record.fired[i - 1]].timer;
        const struct awl_timer *b = &alarms[record.fired[i]].timer;
        CHECK(a->due_us < b->due_us || (a->due_us == b->due_us && a->order < b->order));
    }
    awl_loop_free(record.loop);
}

static void fire_again(struct awl_timer *timer)
{
    struct alarm *alarm = (struct alarm *)timer;
    alarm->record->count++;
    CHECK_OK(awl_timer_start(alarm->record->loop, timer, 0, fire_again));
}

TEST(a_timer_that_starts_itself_anew_waits_for_the_next_turn)
{
    UNUSED_STATE;
    struct record record = {.loop = loop_new()};
    struct alarm alarm = {.record = &record};
    CHECK_OK(awl_timer_start(record.loop, &alarm.timer, -5, fire_again));
    for (int i = 1; i <= 3; i++) {
        CHECK(awl_loop_turn(record.loop, true));
        CHECK_INT(record.count, i);
    }
    awl_timer_stop(record.loop, &alarm.timer);
    awl_timer_stop(record.loop, &alarm.timer); /* fine */
    CHECK(!awl_loop_turn(record.loop, true));
    awl_loop_free(record.loop);
}

TEST(a_far_time_does_not_overflow)
{
    UNUSED_STATE;
    struct record record = {.loop = loop_new()};
    struct alarm alarm = {.record = &record};
    awl_clock_advance(&clock_of_test, 1000);
    CHECK_OK(awl_timer_start(record.loop, &alarm.timer, INT64_MAX, on_fire));
    CHECK(alarm.timer.due_us == INT64_MAX);
    awl_timer_stop(record.loop, &alarm.timer);
    awl_loop_free(record.loop);
}

TEST_MAIN(RUN(timers_fire_in_the_order_of_their_times),
          RUN(a_timer_that_starts_itself_anew_waits_for_the_next_turn),
          RUN(a_far_time_does_not_overflow))
