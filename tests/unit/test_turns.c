#include "call/turns.h"

#include "test.h"

#define LINE 5

struct line {
    struct awl_clock clock;
    struct awl_loop *loop;
    struct awl_turns *turns;
    struct awl_turn turn[LINE];
};

static void line_init(struct line *line)
{
    *line = (struct line){0};
    awl_clock_init_fake(&line->clock, 0);
    line->loop = awl_loop_new(&line->clock);
    line->turns = awl_turns_new(line->loop);
    CHECK(line->loop != NULL && line->turns != NULL);
}

static void line_release(struct line *line)
{
    awl_turns_free(line->turns);
    awl_loop_free(line->loop);
}

/* One throttled attempt: from here on a token comes every two seconds. */
static void throttle(struct line *line)
{
    awl_turns_learn(line->turns, true);
}

static int64_t now_us(const struct line *line)
{
    return awl_clock_mono_us(&line->clock);
}

TEST(nobody_waits_until_the_service_has_throttled)
{
    UNUSED_STATE;
    struct line line;
    line_init(&line);
    for (int i = 0; i < 10000; i++)
        CHECK(awl_turns_take(line.turns, &line.turn[0]));
    awl_turns_learn(line.turns, false);
    CHECK(awl_turns_take(line.turns, &line.turn[0]));
    throttle(&line);
    CHECK(!awl_turns_take(line.turns, &line.turn[0]));
    awl_turn_leave(&line.turn[0]);
    line_release(&line);
}

TEST(turns_come_in_the_order_they_were_asked_for)
{
    UNUSED_STATE;
    struct line line;
    line_init(&line);
    throttle(&line);
    for (int i = 0; i < LINE; i++)
        CHECK(!awl_turns_take(line.turns, &line.turn[i]));
    for (int i = 0; i < LINE; i++) {
        CHECK(!line.turn[i].waitable.signaled);
        while (!line.turn[i].waitable.signaled)
            CHECK(awl_loop_turn(line.loop, true));
        CHECK(now_us(&line) >= (i + 1) * INT64_C(2000000));
        CHECK(now_us(&line) < (i + 1) * INT64_C(2000000) + 1000);
    }
    line_release(&line);
}

TEST(who_is_canceled_leaves_the_line_to_the_others)
{
    UNUSED_STATE;
    struct line line;
    line_init(&line);
    throttle(&line);
    for (int i = 0; i < 3; i++)
        CHECK(!awl_turns_take(line.turns, &line.turn[i]));
    line.turn[0].waitable.cancel(&line.turn[0].waitable);
    line.turn[2].waitable.cancel(&line.turn[2].waitable);
    while (!line.turn[1].waitable.signaled)
        CHECK(awl_loop_turn(line.loop, true));
    CHECK(now_us(&line) < 2001000);
    CHECK(!line.turn[0].waitable.signaled && !line.turn[2].waitable.signaled);
    awl_turn_leave(&line.turn[1]); /* in no line: nothing happens */
    line_release(&line);
}

TEST_MAIN(RUN(nobody_waits_until_the_service_has_throttled),
          RUN(turns_come_in_the_order_they_were_asked_for),
          RUN(who_is_canceled_leaves_the_line_to_the_others))
