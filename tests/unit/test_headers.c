#include "base/headers.h"

#include "test.h"

TEST(a_field_is_found_without_case_and_stands_as_a_line)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_str value;
    awl_headers_init(&headers, 1000);
    CHECK_OK(awl_headers_add(&headers, STR("Content-Type"), STR("text/xml")));
    CHECK(awl_headers_get(&headers, STR("content-type"), &value));
    CHECK_STR(value, "text/xml");
    CHECK(awl_headers_get(&headers, STR("CONTENT-TYPE"), NULL));
    assert_string_equal(awl_headers_line(&headers, 0), "Content-Type: text/xml");
    CHECK_STR(awl_headers_name(&headers, 0), "Content-Type");
    awl_headers_release(&headers);
}

TEST(a_line_of_a_message_becomes_a_field_in_lower_case)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_headers_init(&headers, 1000);
    CHECK_OK(awl_headers_add_line(&headers, STR("X-Amz-Id-2:  a: b \t")));
    CHECK_OK(awl_headers_add_line(&headers, STR("Empty:")));
    assert_string_equal(awl_headers_line(&headers, 0), "x-amz-id-2: a: b");
    assert_string_equal(awl_headers_line(&headers, 1), "empty: ");
    CHECK(awl_headers_add_line(&headers, STR("no colon")) == AWL_EINPUT);
    CHECK(awl_headers_add_line(&headers, STR(" folded: line")) == AWL_EINPUT);
    CHECK(awl_headers_add_line(&headers, STR(": nameless")) == AWL_EINPUT);
    CHECK_OK(awl_headers_add_line(&headers, STR("a;b: no token")));
    CHECK(headers.count == 3);
    awl_headers_release(&headers);
}

TEST(what_is_not_there_leaves_the_value_alone)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_str value = STR("before");
    awl_headers_init(&headers, 1000);
    CHECK(!awl_headers_get(&headers, STR("Host"), &value));
    CHECK_STR(value, "before");
    CHECK(awl_headers_find(&headers, STR("Host"), 0) == SIZE_MAX);
    CHECK(!awl_headers_remove(&headers, STR("Host")));
    awl_headers_release(&headers);
}

TEST(what_would_forge_another_field_is_refused)
{
    UNUSED_STATE;
    static const struct {
        awl_str name, value;
    } cases[] = {
        {STR("X-A"), STR("1\r\nX-B: 2")},
        {STR("X-A"), STR("1\nX-B: 2")},
        {STR("X-A"), STR("1\rX-B: 2")},
        {STR("X-A"), STR("1\0")},
        {STR("X-A\r\nX-B"), STR("1")},
        {STR("X-A:"), STR("1")},
        {STR("X A"), STR("1")},
        {STR("X-A\0"), STR("1")},
        {STR("X-A\t"), STR("1")},
        {STR("X\x7f"), STR("1")},
        {STR("X,Y"), STR("1")},
        {STR("X;Y"), STR("1")},
        {STR("X=Y"), STR("1")},
        {STR("\xc3\xa9"), STR("1")},
        {STR(""), STR("1")},
    };
    struct awl_headers headers;
    awl_headers_init(&headers, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_RC(awl_headers_add(&headers, cases[i].name, cases[i].value), AWL_EINPUT);
    CHECK_INT(headers.count, 0);
    awl_headers_release(&headers);
}

TEST(empty_values_and_bytes_above_ascii_are_allowed)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_str value;
    awl_headers_init(&headers, 1000);
    CHECK_OK(awl_headers_add(&headers, STR("X-Empty"), STR("")));
    CHECK_OK(awl_headers_add(&headers, STR("X-Text"), STR("\xc3\xbc\tb")));
    CHECK(awl_headers_get(&headers, STR("x-empty"), &value));
    CHECK_INT(value.len, 0);
    CHECK(awl_headers_get(&headers, STR("x-text"), &value));
    CHECK_STR(value, "\xc3\xbc\tb");
    awl_headers_release(&headers);
}

TEST(adding_keeps_earlier_fields_and_setting_replaces_them_all)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_str value;
    awl_headers_init(&headers, 1000);
    awl_headers_add(&headers, STR("Via"), STR("1"));
    awl_headers_add(&headers, STR("Host"), STR("h"));
    awl_headers_add(&headers, STR("via"), STR("2"));
    CHECK_INT(awl_headers_find(&headers, STR("VIA"), 1), 2);
    CHECK_OK(awl_headers_set(&headers, STR("Via"), STR("3")));
    CHECK_INT(headers.count, 2);
    CHECK(awl_headers_get(&headers, STR("via"), &value));
    CHECK_STR(value, "3");
    CHECK_STR(awl_headers_name(&headers, 0), "Host");
    awl_headers_release(&headers);
}

TEST(removing_keeps_the_order_of_the_others)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_headers_init(&headers, 1000);
    awl_headers_add(&headers, STR("A"), STR("1"));
    awl_headers_add(&headers, STR("B"), STR("2"));
    awl_headers_add(&headers, STR("a"), STR("3"));
    awl_headers_add(&headers, STR("C"), STR("4"));
    CHECK(awl_headers_remove(&headers, STR("A")));
    CHECK_INT(headers.count, 2);
    assert_string_equal(awl_headers_line(&headers, 0), "B: 2");
    assert_string_equal(awl_headers_line(&headers, 1), "C: 4");
    awl_headers_release(&headers);
}

TEST(the_limit_counts_all_fields_together)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_headers_init(&headers, 16);
    CHECK_OK(awl_headers_add(&headers, STR("A"), STR("1234"))); /* 8 bytes */
    CHECK_RC(awl_headers_add(&headers, STR("B"), STR("12345")), AWL_ELIMIT);
    CHECK_INT(headers.count, 1);
    CHECK_OK(awl_headers_add(&headers, STR("B"), STR("1234")));
    awl_headers_clear(&headers);
    CHECK_INT(headers.count, 0);
    CHECK_OK(awl_headers_add(&headers, STR("A"), STR("123456789012")));
    awl_headers_release(&headers);
}

TEST(many_fields_fit)
{
    UNUSED_STATE;
    struct awl_headers headers;
    awl_headers_init(&headers, 1 << 20);
    for (int i = 0; i < 1000; i++)
        CHECK_OK(awl_headers_add(&headers, STR("X-Amz-Meta-Name"), STR("value")));
    CHECK_INT(headers.count, 1000);
    assert_string_equal(awl_headers_line(&headers, 999), "X-Amz-Meta-Name: value");
    awl_headers_release(&headers);
}

TEST_MAIN(RUN(a_field_is_found_without_case_and_stands_as_a_line),
          RUN(a_line_of_a_message_becomes_a_field_in_lower_case),
          RUN(what_is_not_there_leaves_the_value_alone),
          RUN(what_would_forge_another_field_is_refused),
          RUN(empty_values_and_bytes_above_ascii_are_allowed),
          RUN(adding_keeps_earlier_fields_and_setting_replaces_them_all),
          RUN(removing_keeps_the_order_of_the_others),
          RUN(the_limit_counts_all_fields_together), RUN(many_fields_fit))
