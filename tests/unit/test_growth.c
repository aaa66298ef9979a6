#include "http/growth.h"

#include "test.h"

#define MS 1000000u

static const struct awl_pace whole_core = {.share = 1, .call_ns = 30e3};

static unsigned look(struct awl_growth *growth, const struct awl_pace *pace,
                     uint64_t now_ns, unsigned calls, uint64_t oldest_ns)
{
    awl_growth_look(growth, pace, now_ns, calls, oldest_ns);
    return growth->allowed;
}

/* A millisecond in which that many answers came, each of the shortest kind. */
static void look_after_answers(struct awl_growth *growth, const struct awl_pace *pace,
                               uint64_t now_ns, unsigned answers)
{
    for (unsigned i = 0; i < answers; i++)
        awl_growth_answered(growth, 1 * MS);
    look(growth, pace, now_ns, 50, 0);
}

TEST(a_host_that_has_not_answered_may_take_as_long_again)
{
    UNUSED_STATE;
    struct awl_growth fresh = {0}, known = {0};
    awl_growth_answered(&known, 10 * MS);
    CHECK_INT(look(&fresh, &whole_core, MS, 10000, 5 * MS),
              look(&known, &whole_core, MS, 10000, 5 * MS));
}

TEST(a_process_begins_with_what_its_share_can_afford)
{
    UNUSED_STATE;
    const struct awl_pace little = {.share = 0.1, .call_ns = 30e3};
    struct awl_growth free_cpu = {.tls = true}, rationed = {.tls = true};
    CHECK_INT(look(&free_cpu, &whole_core, 1 * MS, 1000, 0), 64);
    CHECK_INT(look(&rationed, &little, 1 * MS, 1000, 0), 17);
}

TEST(a_slow_host_gets_a_connection_for_each_call)
{
    UNUSED_STATE;
    struct awl_growth growth = {.tls = true};
    CHECK(look(&growth, &whole_core, 1 * MS, 200, 1 * MS) < 200);
    CHECK_INT(look(&growth, &whole_core, 60 * MS, 40, 60 * MS), 64);
    CHECK(look(&growth, &whole_core, 100 * MS, 1000, 100 * MS) > 250);
    CHECK_INT(look(&growth, &whole_core, 1400 * MS, 1000, 1400 * MS), 1000);
}

TEST(a_fast_host_that_keeps_the_cpu_busy_gets_few)
{
    UNUSED_STATE;
    struct awl_pace pace = whole_core;
    struct awl_growth growth = {.tls = false};
    pace.busy = true;
    awl_growth_answered(&growth, 200000);
    for (unsigned i = 1; i < 1000; i++)
        look(&growth, &pace, i * MS, 1000, 0);
    CHECK_INT(growth.allowed, 64);
}

TEST(rationed_cpu_is_not_spent_on_handshakes)
{
    UNUSED_STATE;
    const struct awl_pace pace = {.share = 128.0 / 1769, .call_ns = 100e3, .busy = true};
    struct awl_growth growth = {.tls = true};
    awl_growth_answered(&growth, 15 * MS);
    CHECK(look(&growth, &pace, 1 * MS, 50, 0) >= 4);
    CHECK(look(&growth, &pace, 500 * MS, 50, 0) <= 12);
}

TEST(idle_time_opens_more_at_once_on_a_core_and_slowly_where_it_is_rationed)
{
    UNUSED_STATE;
    struct awl_pace pace = whole_core;
    struct awl_growth free_cpu = {.tls = true}, rationed = {.tls = true};
    awl_growth_answered(&free_cpu, 1 * MS);
    awl_growth_answered(&rationed, 1 * MS);
    for (unsigned i = 1; i < 200; i++)
        look_after_answers(&free_cpu, &pace, i * MS, free_cpu.allowed);
    CHECK_INT(free_cpu.allowed, 50);
    pace.share = 0.1;
    for (unsigned i = 1; i < 200; i++)
        look_after_answers(&rationed, &pace, i * MS, rationed.allowed);
    CHECK(rationed.allowed < 20);
}

TEST(a_call_that_waits_long_tells_more_than_the_fast_ones)
{
    UNUSED_STATE;
    struct awl_growth growth = {.tls = true};
    struct awl_pace pace = whole_core;
    pace.busy = true;
    awl_growth_answered(&growth, 1 * MS);
    CHECK_INT(look(&growth, &pace, 1 * MS, 200, 5 * MS), 64);
    CHECK_INT(look(&growth, &pace, 900 * MS, 200, 900 * MS), 200);
}

TEST(a_host_where_calls_queue_gets_no_more)
{
    UNUSED_STATE;
    struct awl_growth growth = {.tls = true};
    awl_growth_answered(&growth, 1 * MS);
    look(&growth, &whole_core, 1 * MS, 50, 0);
    unsigned before = growth.allowed;
    for (unsigned i = 2; i < 300; i++) /* it answers one at a time */
        look_after_answers(&growth, &whole_core, i * MS, 1);
    CHECK(growth.allowed < before + 10);
}

TEST(there_are_never_more_connections_than_calls)
{
    UNUSED_STATE;
    struct awl_growth growth = {.tls = false};
    CHECK_INT(look(&growth, &whole_core, 9000 * MS, 3, 9000 * MS), 3);
}

TEST(the_shortest_answer_is_forgotten_slowly)
{
    UNUSED_STATE;
    struct awl_growth growth = {0};
    awl_growth_answered(&growth, 10 * MS);
    awl_growth_answered(&growth, 50 * MS);
    CHECK(growth.answer_ns < 11 * MS);
    for (int i = 0; i < 20000; i++)
        awl_growth_answered(&growth, 50 * MS);
    CHECK(growth.answer_ns > 49 * MS);
    awl_growth_answered(&growth, 5 * MS);
    CHECK(growth.answer_ns < 6 * MS);
}

TEST(a_process_that_always_waits_is_not_busy)
{
    UNUSED_STATE;
    struct awl_pace pace;
    uint64_t now = 1000 * MS;
    awl_pace_init(&pace);
    awl_pace_sample(&pace, now, 0, 0);
    CHECK(pace.share > 0 && pace.share <= 1);
    awl_pace_wait(&pace, now);
    awl_pace_wake(&pace, now + 19 * MS);
    awl_pace_sample(&pace, now + 20 * MS, 10, 0);
    CHECK(!pace.busy);
    CHECK_INT(pace.idle_ns, 19 * MS);
    awl_pace_sample(&pace, now + 40 * MS, 20, 0);
    CHECK(pace.busy); /* or kept from running: it did not wait */
}

TEST(a_known_ration_is_the_share_at_once_and_is_never_exceeded)
{
    UNUSED_STATE;
    struct awl_pace pace;
    uint64_t now = 1000 * MS;
    awl_pace_init(&pace);
    awl_pace_ration(&pace, 0.1);
    awl_pace_sample(&pace, now, 0, 0);
    CHECK(pace.share > 0.099 && pace.share <= 0.1);
    awl_pace_wait(&pace, now);
    awl_pace_wake(&pace, now + 190 * MS); /* all that it wanted came at once */
    awl_pace_sample(&pace, now + 190 * MS, 0, 0);
    CHECK(pace.share <= 0.1);
}

TEST(a_pause_is_no_time_of_waiting_nor_of_work)
{
    UNUSED_STATE;
    struct awl_pace pace;
    uint64_t now = 1000 * MS;
    awl_pace_init(&pace);
    awl_pace_sample(&pace, now, 0, 0);
    awl_pace_wait(&pace, now);
    awl_pace_wake(&pace, now + 4 * MS); /* waited, then everything was answered */
    awl_pace_resume(&pace, now + 9000 * MS, 0, 0);
    awl_pace_sample(&pace, now + 9010 * MS, 0, 0);
    CHECK(pace.busy); /* in the 10 ms since it has not waited */
}

TEST_MAIN(RUN(a_host_that_has_not_answered_may_take_as_long_again),
          RUN(a_process_begins_with_what_its_share_can_afford),
          RUN(a_slow_host_gets_a_connection_for_each_call),
          RUN(a_fast_host_that_keeps_the_cpu_busy_gets_few),
          RUN(rationed_cpu_is_not_spent_on_handshakes),
          RUN(idle_time_opens_more_at_once_on_a_core_and_slowly_where_it_is_rationed),
          RUN(a_call_that_waits_long_tells_more_than_the_fast_ones),
          RUN(a_host_where_calls_queue_gets_no_more),
          RUN(there_are_never_more_connections_than_calls),
          RUN(the_shortest_answer_is_forgotten_slowly),
          RUN(a_process_that_always_waits_is_not_busy),
          RUN(a_known_ration_is_the_share_at_once_and_is_never_exceeded),
          RUN(a_pause_is_no_time_of_waiting_nor_of_work))
