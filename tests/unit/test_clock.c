#include "base/clock.h"

#include "test.h"

TEST(a_fake_clock_stands_until_it_is_advanced)
{
    UNUSED_STATE;
    struct awl_clock clock;
    awl_clock_init_fake(&clock, 1700000000000);
    CHECK(clock.fake);
    CHECK(awl_clock_wall_ms(&clock) == 1700000000000);
    CHECK(awl_clock_mono_us(&clock) == 0);
    CHECK(awl_clock_wall_ms(&clock) == 1700000000000);
}

TEST(advancing_moves_both_times)
{
    UNUSED_STATE;
    struct awl_clock clock;
    awl_clock_init_fake(&clock, 1000);
    awl_clock_advance(&clock, 1500);
    CHECK(awl_clock_mono_us(&clock) == 1500);
    CHECK(awl_clock_wall_ms(&clock) == 1001);
    awl_clock_advance(&clock, 500);
    CHECK(awl_clock_wall_ms(&clock) == 1002);
}

TEST(no_clock_goes_back)
{
    UNUSED_STATE;
    struct awl_clock clock;
    awl_clock_init_fake(&clock, 1000);
    awl_clock_advance(&clock, -5000);
    awl_clock_advance(&clock, 0);
    CHECK(awl_clock_mono_us(&clock) == 0);
}

TEST(the_systems_clock_cannot_be_advanced)
{
    UNUSED_STATE;
    struct awl_clock clock;
    awl_clock_init(&clock);
    CHECK(!clock.fake);
    int64_t before = awl_clock_mono_us(&clock);
    awl_clock_advance(&clock, INT64_C(3600) * 1000000 * 24 * 365);
    int64_t after = awl_clock_mono_us(&clock);
    CHECK(after >= before);
    CHECK(after - before < INT64_C(3600) * 1000000);
    CHECK(awl_clock_wall_ms(&clock) > INT64_C(1700000000000)); /* 2023 */
}

TEST_MAIN(RUN(a_fake_clock_stands_until_it_is_advanced), RUN(advancing_moves_both_times),
          RUN(no_clock_goes_back), RUN(the_systems_clock_cannot_be_advanced))
