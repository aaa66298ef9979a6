#include "test.h"

#include "aws/host.h"

#define SIXTY_THREE "a23456789012345678901234567890123456789012345678901234567890123"

TEST(a_label_has_letters_digits_and_inner_hyphens)
{
    UNUSED_STATE;
    static const char *const good[] = {"us-east-1", "3aws4", "a", "A", SIXTY_THREE};
    static const char *const bad[] = {"",    "-a",  "a-",       "a.b",
                                      "a b", "a_b", "\xc3\xbc", SIXTY_THREE "4"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(awl_host_label_valid(awl_str_of(good[i]), false));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!awl_host_label_valid(awl_str_of(bad[i]), false));
}

TEST(subdomains_are_labels_with_dots_between)
{
    UNUSED_STATE;
    CHECK(awl_host_label_valid(STR("a.b.c-1"), true));
    CHECK(awl_host_label_valid(STR("a"), true));
    CHECK(!awl_host_label_valid(STR(""), true));
    CHECK(!awl_host_label_valid(STR("a..b"), true));
    CHECK(!awl_host_label_valid(STR(".a"), true));
    CHECK(!awl_host_label_valid(STR("a."), true));
    CHECK(!awl_host_label_valid(STR("a.-b"), true));
}

TEST(a_bucket_goes_into_a_host_name_only_in_lower_case)
{
    UNUSED_STATE;
    CHECK(awl_host_s3_bucket_valid(STR("bucket-1"), false));
    CHECK(!awl_host_s3_bucket_valid(STR("bucket.name"), false));
    CHECK(awl_host_s3_bucket_valid(STR("bucket.name"), true));
    CHECK(!awl_host_s3_bucket_valid(STR("Bucket"), false));
    CHECK(!awl_host_s3_bucket_valid(STR("bucket_name"), true));
    CHECK(!awl_host_s3_bucket_valid(STR("aa"), false));
    CHECK(!awl_host_s3_bucket_valid(STR("192.168.5.4"), true));
    CHECK(awl_host_s3_bucket_valid(STR("192.168.5.256"), true));
    CHECK(!awl_host_s3_bucket_valid(STR("bucket-.name"), true));
}

TEST(a_region_is_not_a_number)
{
    UNUSED_STATE;
    CHECK(awl_host_region_valid(STR("eu-west-1")));
    CHECK(awl_host_region_valid(STR("mars1")));
    CHECK(!awl_host_region_valid(STR("123")));
    CHECK(!awl_host_region_valid(STR("")));
    CHECK(!awl_host_region_valid(STR("eu west")));
    CHECK(!awl_host_region_valid(STR("x.evil.com/")));
}

TEST(ipv4_is_four_small_numbers)
{
    UNUSED_STATE;
    static const char *const bad[] = {"",         "1.2.3",     "1.2.3.4.5", "1.2.3.256",
                                      "1.2.3.",   ".1.2.3",    "1..2.3",    "1.2.3.a",
                                      "1.2.3.-4", "1.2.3.0004"};
    CHECK(awl_host_is_ipv4(STR("0.0.0.0")));
    CHECK(awl_host_is_ipv4(STR("255.255.255.255")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!awl_host_is_ipv4(awl_str_of(bad[i])));
}

TEST(ipv6_has_eight_groups_or_a_gap)
{
    UNUSED_STATE;
    static const char *const good[] = {"::",
                                       "::1",
                                       "1::",
                                       "fd00:ec2::23",
                                       "1:2:3:4:5:6:7:8",
                                       "::ffff:1.2.3.4",
                                       "1:2:3:4:5:6:1.2.3.4",
                                       "fe80::1%25eth0",
                                       "1::8"};
    static const char *const bad[] = {"",
                                      ":",
                                      ":::",
                                      "1",
                                      "1:2",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7::8:9",
                                      "12345::",
                                      "g::",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "1:"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!awl_host_is_ipv6(awl_str_of(good[i])))
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (awl_host_is_ipv6(awl_str_of(bad[i])))
            fail_msg("accepted: %s", bad[i]);
    }
}

TEST(loopback_is_this_machine)
{
    UNUSED_STATE;
    CHECK(awl_host_is_loopback(STR("127.0.0.1")));
    CHECK(awl_host_is_loopback(STR("127.9.9.9")));
    CHECK(awl_host_is_loopback(STR("::1")));
    CHECK(awl_host_is_loopback(STR("LocalHost")));
    CHECK(!awl_host_is_loopback(STR("127.evil.com")));
    CHECK(!awl_host_is_loopback(STR("128.0.0.1")));
}

TEST_MAIN(RUN(a_label_has_letters_digits_and_inner_hyphens),
          RUN(subdomains_are_labels_with_dots_between),
          RUN(a_bucket_goes_into_a_host_name_only_in_lower_case),
          RUN(a_region_is_not_a_number), RUN(ipv4_is_four_small_numbers),
          RUN(ipv6_has_eight_groups_or_a_gap), RUN(loopback_is_this_machine))
