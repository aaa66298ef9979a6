#include "test.h"

TEST(texts_are_equal_when_their_bytes_are)
{
    UNUSED_STATE;
    awl_str none = {NULL, 0};
    CHECK(awl_str_eq(STR("abc"), STR("abc")));
    CHECK(!awl_str_eq(STR("abc"), STR("abd")));
    CHECK(!awl_str_eq(STR("abc"), STR("abcd")));
    CHECK(!awl_str_eq(STR("a\0b"), STR("a\0c")));
    CHECK(awl_str_eq(none, STR("")));
    CHECK(awl_str_eq(awl_str_of(NULL), none));
}

TEST(order_is_bytewise_and_a_prefix_comes_first)
{
    UNUSED_STATE;
    awl_str none = {NULL, 0};
    CHECK(awl_str_cmp(STR("a"), STR("b")) < 0);
    CHECK(awl_str_cmp(STR("b"), STR("a")) > 0);
    CHECK(awl_str_cmp(STR("ab"), STR("abc")) < 0);
    CHECK(awl_str_cmp(STR("abc"), STR("ab")) > 0);
    CHECK(awl_str_cmp(STR("Z"), STR("a")) < 0);
    CHECK(awl_str_cmp(STR("z"), STR("\xc3\xa9")) < 0);
    CHECK_INT(awl_str_cmp(STR("abc"), STR("abc")), 0);
    CHECK_INT(awl_str_cmp(none, STR("")), 0);
    CHECK(awl_str_cmp(none, STR("a")) < 0);
}

TEST(case_is_ignored_for_ascii_letters_only)
{
    UNUSED_STATE;
    CHECK(awl_str_eq_nocase(STR("Content-Type"), STR("content-TYPE")));
    CHECK(!awl_str_eq_nocase(STR("Content-Type"), STR("Content-Typ")));
    /* Neighbours of the letters in ASCII do not fold. */
    CHECK(!awl_str_eq_nocase(STR("@"), STR("`")));
    CHECK(!awl_str_eq_nocase(STR("["), STR("{")));
    CHECK(!awl_str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
}

TEST(prefixes_and_suffixes_are_found)
{
    UNUSED_STATE;
    CHECK(awl_str_starts(STR("bytes=0-"), STR("bytes=")));
    CHECK(awl_str_starts(STR("x"), STR("")));
    CHECK(!awl_str_starts(STR("by"), STR("bytes")));
    CHECK(awl_str_ends(STR("a.json"), STR(".json")));
    CHECK(awl_str_ends(STR("x"), STR("")));
    CHECK(!awl_str_ends(STR("json"), STR(".json")));
    CHECK(awl_str_starts_nocase(STR("X-Amz-Date"), STR("x-amz-")));
    CHECK(!awl_str_starts_nocase(STR("X-Am"), STR("x-amz-")));
}

TEST(a_byte_is_found_from_where_one_looks)
{
    UNUSED_STATE;
    CHECK_INT(awl_str_find(STR("a=b=c"), '=', 0), 1);
    CHECK_INT(awl_str_find(STR("a=b=c"), '=', 1), 1);
    CHECK_INT(awl_str_find(STR("a=b=c"), '=', 2), 3);
    CHECK(awl_str_find(STR("a=b=c"), '=', 4) == SIZE_MAX);
    CHECK(awl_str_find(STR("a=b=c"), '=', 99) == SIZE_MAX);
    CHECK(awl_str_find(STR(""), '=', 0) == SIZE_MAX);
}

TEST(a_slice_is_cut_to_the_text)
{
    UNUSED_STATE;
    CHECK_STR(awl_str_slice(STR("abcdef"), 1, 3), "bc");
    CHECK_STR(awl_str_slice(STR("abcdef"), 4, 99), "ef");
    CHECK_STR(awl_str_slice(STR("abcdef"), 6, 99), "");
    CHECK_STR(awl_str_slice(STR("abcdef"), 5, 2), "");
    CHECK_STR(awl_str_slice(STR("abcdef"), 99, SIZE_MAX), "");
}

TEST(trimming_takes_white_space_at_both_ends)
{
    UNUSED_STATE;
    CHECK_STR(awl_str_trim(STR(" \t\r\n a b \n")), "a b");
    CHECK_STR(awl_str_trim(STR(" \t ")), "");
    CHECK_STR(awl_str_trim(STR("\v")), "\v");
}

TEST(integers_of_64_bits_are_read_to_their_ends)
{
    UNUSED_STATE;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x10",
        "--1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        int64_t value = 12345;
        CHECK(awl_str_to_int64(awl_str_of(good[i].text), &value));
        CHECK(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int64_t value = 12345;
        CHECK(!awl_str_to_int64(awl_str_of(bad[i]), &value));
        CHECK(value == 12345);
    }
    int64_t value;
    CHECK(!awl_str_to_int64(STR("1\0"), &value));
}

TEST(decimal_numbers_are_read_whole)
{
    UNUSED_STATE;
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},           {"-1.5", -1.5},
        {"1e3", 1000},      {"+2", 2},
        {".5", 0.5},        {"0.1", 0.1},
        {"1E-7", 1e-7},     {"1.7976931348623157e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
    };
    static const char *const bad[] = {
        "", "abc", "1.2.3", "1e", "inf", "nan", "0x1p3", "1,5", " 1", "1 ", "infinity",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        double value = -7;
        CHECK(awl_str_to_double(awl_str_of(good[i].text), &value));
        CHECK(memcmp(&value, &good[i].value, sizeof(value)) == 0);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        double value = -7;
        CHECK(!awl_str_to_double(awl_str_of(bad[i]), &value));
    }
}

TEST(a_number_longer_than_any_double_needs_is_still_read)
{
    UNUSED_STATE;
    char digits[5000];
    double value = 0;
    memset(digits, '0', sizeof(digits));
    memcpy(digits, "0.25", 4);
    CHECK(awl_str_to_double(awl_str_make(digits, 300), &value));
    CHECK(value > 0.24 && value < 0.26);
    CHECK(!awl_str_to_double(awl_str_make(digits, sizeof(digits)), &value));
}

TEST(distance_counts_changed_added_and_missing_letters)
{
    UNUSED_STATE;
    CHECK_INT(awl_str_distance(STR(""), STR("")), 0);
    CHECK_INT(awl_str_distance(STR(""), STR("abc")), 3);
    CHECK_INT(awl_str_distance(STR("abc"), STR("")), 3);
    CHECK_INT(awl_str_distance(STR("kitten"), STR("sitting")), 3);
    CHECK_INT(awl_str_distance(STR("list_bucket"), STR("list_buckets")), 1);
    CHECK_INT(awl_str_distance(STR("ListBuckets"), STR("listbuckets")), 0);
    CHECK_INT(awl_str_distance(STR("flaw"), STR("lawn")), 2);
}

TEST(distance_of_very_long_names_is_that_of_their_beginnings)
{
    UNUSED_STATE;
    char a[1000], b[1000];
    memset(a, 'a', sizeof(a));
    memset(b, 'b', sizeof(b));
    CHECK_INT(awl_str_distance(awl_str_make(a, sizeof(a)), awl_str_make(b, sizeof(b))),
              128);
    CHECK_INT(awl_str_distance(awl_str_make(a, sizeof(a)), awl_str_make(a, 500)), 0);
}

TEST_MAIN(RUN(texts_are_equal_when_their_bytes_are),
          RUN(order_is_bytewise_and_a_prefix_comes_first),
          RUN(case_is_ignored_for_ascii_letters_only),
          RUN(prefixes_and_suffixes_are_found), RUN(a_byte_is_found_from_where_one_looks),
          RUN(a_slice_is_cut_to_the_text), RUN(trimming_takes_white_space_at_both_ends),
          RUN(integers_of_64_bits_are_read_to_their_ends),
          RUN(decimal_numbers_are_read_whole),
          RUN(a_number_longer_than_any_double_needs_is_still_read),
          RUN(distance_counts_changed_added_and_missing_letters),
          RUN(distance_of_very_long_names_is_that_of_their_beginnings))
