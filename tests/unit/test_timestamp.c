#include "test.h"

#include <math.h>

#include "aws/timestamp.h"

typedef bool parser(awl_str text, struct awl_timestamp *time);

static void check_parse(parser *parse, const char *text, int64_t seconds,
                        int32_t nanoseconds)
{
    struct awl_timestamp time;
    if (!parse(awl_str_of(text), &time))
        fail_msg("refused: '%s'", text);
    if (time.seconds != seconds || time.nanoseconds != nanoseconds)
        fail_msg("'%s' gave %lld and %d", text, (long long)time.seconds,
                 (int)time.nanoseconds);
}

static void check_refused(parser *parse, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        struct awl_timestamp time;
        if (parse(awl_str_of(*texts), &time))
            fail_msg("accepted: '%s'", *texts);
    }
}

TEST(iso_times_are_read_with_fraction_and_offset)
{
    UNUSED_STATE;
    check_parse(awl_timestamp_parse_iso, "2015-08-30T12:36:00Z", 1440938160, 0);
    check_parse(awl_timestamp_parse_iso, "2015-08-30T12:36:00.5Z", 1440938160, 500000000);
    check_parse(awl_timestamp_parse_iso, "2015-08-30T14:36:00+02:00", 1440938160, 0);
    check_parse(awl_timestamp_parse_iso, "2015-08-30T07:06:00.25-0530", 1440938160,
                250000000);
    check_parse(awl_timestamp_parse_iso, "2015-08-30T14:36:00+02", 1440938160, 0);
    check_parse(awl_timestamp_parse_iso, "2015-08-30 12:36:00", 1440938160, 0);
    check_parse(awl_timestamp_parse_iso, "2015-08-30t12:36:00z", 1440938160, 0);
    check_parse(awl_timestamp_parse_iso, "2015-08-30", 1440892800, 0);
    check_parse(awl_timestamp_parse_iso, "1969-12-31T23:59:59.999999999Z", -1, 999999999);
    check_parse(awl_timestamp_parse_iso, "2000-02-29T00:00:00.1234567899Z", 951782400,
                123456789);
    check_parse(awl_timestamp_parse_iso, "2016-12-31T23:59:60Z", 1483228800, 0);
    check_parse(awl_timestamp_parse_iso, "0000-01-01T00:00:00Z", -62167219200, 0);
}

TEST(what_is_no_iso_time_is_refused)
{
    UNUSED_STATE;
    static const char *const bad[] = {
        "",
        "2015",
        "2015-8-30T12:36:00Z",
        "2015-13-01T00:00:00Z",
        "2015-00-01T00:00:00Z",
        "2015-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2015-04-31T00:00:00Z",
        "2015-08-30T24:00:00Z",
        "2015-08-30T12:60:00Z",
        "2015-08-30T12:36:61Z",
        "2015-08-30T12:36Z",
        "2015-08-30T12:36:00.Z",
        "2015-08-30T12:36:00Zx",
        "2015-08-30T12:36:00+",
        "2015-08-30T12:36:00+2",
        "2015-08-30T12:36:00+02:",
        "2015-08-30T12:36:00+24:00",
        "-2015-08-30T12:36:00Z",
        "12015-08-30T12:36:00Z",
        " 2015-08-30T12:36:00Z",
        NULL,
    };
    check_refused(awl_timestamp_parse_iso, bad);
}

TEST(all_forms_of_http_dates_are_read)
{
    UNUSED_STATE;
    check_parse(awl_timestamp_parse_http, "Sun, 06 Nov 1994 08:49:37 GMT", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "Sun, 06 Nov 1994 08:49:37.25 GMT", 784111777,
                250000000);
    check_parse(awl_timestamp_parse_http, "06 Nov 1994 08:49:37 GMT", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "Sun, 6 Nov 1994 10:49:37 +0200", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "Sunday, 06-Nov-94 08:49:37 GMT", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "Sun Nov  6 08:49:37 1994", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "sun, 06 nov 1994 08:49:37 utc", 784111777, 0);
    check_parse(awl_timestamp_parse_http, "Tuesday, 01-Jan-69 00:00:00 GMT", 3124224000,
                0);
}

TEST(what_is_no_http_date_is_refused)
{
    UNUSED_STATE;
    static const char *const bad[] = {
        "",
        "Sun",
        "Sun,",
        "Sun, ",
        "0",
        "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun Nov 6 08:49:37",
        NULL,
    };
    check_refused(awl_timestamp_parse_http, bad);
}

TEST(a_number_of_seconds_is_read_exactly)
{
    UNUSED_STATE;
    check_parse(awl_timestamp_parse_number, "1440938160", 1440938160, 0);
    check_parse(awl_timestamp_parse_number, "1440938160.123", 1440938160, 123000000);
    check_parse(awl_timestamp_parse_number, "1.44093816E9", 1440938160, 0);
    check_parse(awl_timestamp_parse_number, "-1.5", -2, 500000000);
    check_parse(awl_timestamp_parse_number, "-0.25", -1, 750000000);
    check_parse(awl_timestamp_parse_number, "-3", -3, 0);
    check_parse(awl_timestamp_parse_number, "0", 0, 0);
    static const char *const bad[] = {"",   "-",    ".",   "1.",   "x",
                                      "1x", "1.5.", "NaN", "9e99", NULL};
    check_refused(awl_timestamp_parse_number, bad);
}

TEST(epoch_text_keeps_seconds_and_fraction_apart)
{
    UNUSED_STATE;
    struct awl_buf out;
    struct awl_timestamp time = {-2, 500000000};
    check_parse(awl_timestamp_parse_epoch, "-2.5", -2, 500000000);
    awl_buf_init(&out, 64);
    CHECK_OK(awl_timestamp_append_epoch(&out, time));
    CHECK_BUF(&out, "-2.5");
    awl_buf_clear(&out);
    CHECK_OK(awl_timestamp_append_number(&out, time));
    CHECK_BUF(&out, "-1.5");
    awl_buf_release(&out);
}

typedef enum awl_rc writer(struct awl_buf *out, struct awl_timestamp time);

static void check_write(writer *append, int64_t seconds, int32_t nanoseconds,
                        const char *expected)
{
    struct awl_buf out;
    awl_buf_init(&out, 64);
    struct awl_timestamp time = {seconds, nanoseconds};
    CHECK_OK(append(&out, time));
    CHECK_BUF(&out, expected);
    awl_buf_release(&out);
}

TEST(times_are_written_without_needless_digits)
{
    UNUSED_STATE;
    check_write(awl_timestamp_append_iso, 1440938160, 0, "2015-08-30T12:36:00Z");
    check_write(awl_timestamp_append_iso, 1440938160, 120000000,
                "2015-08-30T12:36:00.12Z");
    check_write(awl_timestamp_append_iso, 1440938160, 1999,
                "2015-08-30T12:36:00.000001Z");
    check_write(awl_timestamp_append_iso, -1, 999, "1969-12-31T23:59:59Z");
    check_write(awl_timestamp_append_http, 784111777, 999999999,
                "Sun, 06 Nov 1994 08:49:37 GMT");
    check_write(awl_timestamp_append_number, 0, 1, "0.000000001");
    check_write(awl_timestamp_append_number, -1, 750000000, "-0.25");
}

TEST(a_year_without_four_digits_is_not_written)
{
    UNUSED_STATE;
    static const int64_t outside[] = {253402300800, -62167219201, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct awl_buf out;
        char basic[AWL_TIMESTAMP_BASIC_LEN + 1];
        struct awl_timestamp time = {outside[i], 0};
        awl_buf_init(&out, 64);
        CHECK_RC(awl_timestamp_append_iso(&out, time), AWL_EINPUT);
        CHECK_RC(awl_timestamp_append_http(&out, time), AWL_EINPUT);
        CHECK_RC(awl_timestamp_format_basic(time, basic), AWL_EINPUT);
        CHECK_INT(out.len, 0);
        awl_buf_release(&out);
    }
}

TEST(every_day_of_eight_centuries_comes_back)
{
    UNUSED_STATE;
    struct awl_timestamp back;
    char text[AWL_TIMESTAMP_BASIC_LEN + 1];
    for (int64_t day = -150000; day < 150000; day++) {
        struct awl_timestamp time = {day * 86400 + 43210, 0};
        CHECK_OK(awl_timestamp_format_basic(time, text));
        CHECK(awl_timestamp_parse_basic(awl_str_of(text), &back));
        if (back.seconds != time.seconds)
            fail_msg("day %lld", (long long)day);
    }
}

TEST(doubles_come_back_as_they_were_written)
{
    UNUSED_STATE;
    struct awl_timestamp time;
    CHECK(awl_timestamp_from_double(1398796238.123, &time));
    CHECK_INT(time.seconds, 1398796238);
    CHECK_INT(time.nanoseconds, 123000000);
    assert_true(awl_timestamp_to_double(time) == 1398796238.123);
    CHECK(awl_timestamp_from_double(-0.25, &time));
    CHECK_INT(time.seconds, -1);
    CHECK_INT(time.nanoseconds, 750000000);
    CHECK(awl_timestamp_from_double(0.9999999, &time));
    CHECK_INT(time.seconds, 1);
    CHECK_INT(time.nanoseconds, 0);
    CHECK(!awl_timestamp_from_double(NAN, &time));
    CHECK(!awl_timestamp_from_double(INFINITY, &time));
    CHECK(!awl_timestamp_from_double(-1e300, &time));
}

TEST(milliseconds_before_1970_round_down)
{
    UNUSED_STATE;
    struct awl_timestamp time = awl_timestamp_from_ms(-1);
    CHECK_INT(time.seconds, -1);
    CHECK_INT(time.nanoseconds, 999000000);
    CHECK_INT(awl_timestamp_to_ms(time), -1);
    CHECK_INT(awl_timestamp_to_ms(awl_timestamp_from_ms(1440938160123)), 1440938160123);
    time = awl_timestamp_from_ms(INT64_MIN);
    CHECK_INT(time.seconds, -9223372036854776);
    CHECK_INT(time.nanoseconds, 192000000);
}

TEST(times_at_the_edge_of_the_type_do_not_overflow)
{
    UNUSED_STATE;
    struct awl_timestamp time;
    check_parse(awl_timestamp_parse_number, "9223372036854775807.5", INT64_MAX,
                500000000);
    CHECK(!awl_timestamp_parse_number(STR("-9223372036854775808.5"), &time));
    CHECK(!awl_timestamp_parse_number(STR("9223372036854775808"), &time));
    time = (struct awl_timestamp){INT64_MAX, 0};
    CHECK(awl_timestamp_to_ms(time) == INT64_MAX);
    time.seconds = INT64_MIN;
    CHECK(awl_timestamp_to_ms(time) == INT64_MIN);
}

TEST(any_known_form_is_recognised)
{
    UNUSED_STATE;
    check_parse(awl_timestamp_parse, "1440938160", 1440938160, 0);
    check_parse(awl_timestamp_parse, "2015-08-30T12:36:00Z", 1440938160, 0);
    check_parse(awl_timestamp_parse, "Sun, 30 Aug 2015 12:36:00 GMT", 1440938160, 0);
    static const char *const bad[] = {"", "yesterday", "2015-08-30T", NULL};
    check_refused(awl_timestamp_parse, bad);
}

TEST_MAIN(RUN(iso_times_are_read_with_fraction_and_offset),
          RUN(what_is_no_iso_time_is_refused), RUN(all_forms_of_http_dates_are_read),
          RUN(what_is_no_http_date_is_refused), RUN(a_number_of_seconds_is_read_exactly),
          RUN(epoch_text_keeps_seconds_and_fraction_apart),
          RUN(times_are_written_without_needless_digits),
          RUN(a_year_without_four_digits_is_not_written),
          RUN(every_day_of_eight_centuries_comes_back),
          RUN(doubles_come_back_as_they_were_written),
          RUN(milliseconds_before_1970_round_down),
          RUN(times_at_the_edge_of_the_type_do_not_overflow),
          RUN(any_known_form_is_recognised))
