#include "base/random.h"

#include "test.h"

TEST(the_same_seed_gives_the_same_numbers)
{
    UNUSED_STATE;
    struct awl_random a, b, c;
    bool differs = false;
    awl_random_seed(&a, 42);
    awl_random_seed(&b, 42);
    awl_random_seed(&c, 43);
    for (int i = 0; i < 100; i++) {
        uint64_t value = awl_random_next(&a);
        CHECK(value == awl_random_next(&b));
        differs = differs || value != awl_random_next(&c);
    }
    CHECK(differs);
}

TEST(two_generators_seeded_by_the_system_differ)
{
    UNUSED_STATE;
    struct awl_random a, b;
    awl_random_init(&a);
    awl_random_init(&b);
    CHECK(awl_random_next(&a) != awl_random_next(&b));
}

TEST(units_lie_between_0_and_1_and_spread_evenly)
{
    UNUSED_STATE;
    struct awl_random random;
    int tenths[10] = {0};
    awl_random_seed(&random, 1);
    for (int i = 0; i < 10000; i++) {
        double unit = awl_random_unit(&random);
        CHECK(unit >= 0 && unit < 1);
        tenths[(int)(unit * 10)]++;
    }
    for (int i = 0; i < 10; i++)
        CHECK(tenths[i] > 850 && tenths[i] < 1150);
}

TEST(a_uuid_has_version_4_and_its_variant)
{
    UNUSED_STATE;
    struct awl_random random;
    awl_random_seed(&random, 7);
    for (int i = 0; i < 200; i++) {
        char uuid[AWL_UUID_LEN + 1];
        awl_random_uuid(&random, uuid);
        CHECK_INT(strlen(uuid), 36);
        for (int at = 0; at < 36; at++) {
            if (at == 8 || at == 13 || at == 18 || at == 23)
                CHECK_INT(uuid[at], '-');
            else
                CHECK(strchr("0123456789abcdef", uuid[at]) != NULL);
        }
        CHECK_INT(uuid[14], '4');
        CHECK(strchr("89ab", uuid[19]) != NULL);
    }
}

TEST(two_uuids_differ)
{
    UNUSED_STATE;
    struct awl_random random;
    char a[AWL_UUID_LEN + 1], b[AWL_UUID_LEN + 1];
    awl_random_seed(&random, 7);
    awl_random_uuid(&random, a);
    awl_random_uuid(&random, b);
    assert_string_not_equal(a, b);
}

TEST_MAIN(RUN(the_same_seed_gives_the_same_numbers),
          RUN(two_generators_seeded_by_the_system_differ),
          RUN(units_lie_between_0_and_1_and_spread_evenly),
          RUN(a_uuid_has_version_4_and_its_variant), RUN(two_uuids_differ))
