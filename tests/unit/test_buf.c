#include "test.h"

TEST(a_new_buffer_is_empty_and_allocates_nothing)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 10);
    CHECK(buf.ptr == NULL);
    CHECK_INT(buf.len, 0);
    assert_string_equal(awl_buf_cstr(&buf), "");
    awl_buf_release(&buf);
}

TEST(bytes_are_followed_by_a_nul_that_does_not_count)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 100);
    CHECK_OK(awl_buf_append(&buf, "ab\0c", 4));
    CHECK_INT(buf.len, 4);
    CHECK_INT(buf.ptr[4], '\0');
    CHECK_OK(awl_buf_append_char(&buf, 'd'));
    CHECK_INT(buf.len, 5);
    CHECK_INT(buf.ptr[5], '\0');
    CHECK_OK(awl_buf_append(&buf, NULL, 0));
    CHECK_INT(buf.len, 5);
    awl_buf_release(&buf);
}

TEST(a_full_buffer_refuses_one_byte_more)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 4);
    CHECK_OK(awl_buf_append_str(&buf, STR("abcd")));
    CHECK_RC(awl_buf_append_char(&buf, 'e'), AWL_ELIMIT);
    CHECK_BUF(&buf, "abcd");
    CHECK_RC(awl_buf_append(&buf, "xyz", SIZE_MAX), AWL_ELIMIT);
    CHECK_RC(awl_buf_reserve(&buf, 1), AWL_ELIMIT);
    CHECK_BUF(&buf, "abcd");
    awl_buf_release(&buf);
}

TEST(the_limit_holds_on_the_inline_path_too)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 300);
    for (int i = 0; i < 300; i++)
        CHECK_OK(awl_buf_append_char(&buf, 'x'));
    CHECK_RC(awl_buf_append_char(&buf, 'x'), AWL_ELIMIT);
    CHECK_INT(buf.len, 300);
    awl_buf_release(&buf);
}

TEST(the_first_failure_is_remembered)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 8);
    awl_buf_append_str(&buf, STR("0123456789"));
    awl_buf_append_str(&buf, STR("ab"));
    CHECK_RC(awl_buf_rc(&buf), AWL_ELIMIT);
    awl_buf_clear(&buf);
    CHECK_OK(awl_buf_rc(&buf));
    CHECK_INT(buf.len, 0);
    CHECK_OK(awl_buf_append_str(&buf, STR("ab")));
    awl_buf_release(&buf);
    CHECK_OK(awl_buf_rc(&buf));
}

TEST(a_released_buffer_may_be_used_again_with_its_limit)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 3);
    CHECK_OK(awl_buf_append_str(&buf, STR("abc")));
    awl_buf_release(&buf);
    CHECK(buf.ptr == NULL);
    CHECK_OK(awl_buf_append_str(&buf, STR("abc")));
    CHECK_RC(awl_buf_append_char(&buf, 'd'), AWL_ELIMIT);
    awl_buf_release(&buf);
}

TEST(printf_writes_all_or_nothing)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 10);
    CHECK_OK(awl_buf_printf(&buf, "%s-%03d", "ab", 7));
    CHECK_BUF(&buf, "ab-007");
    CHECK_RC(awl_buf_printf(&buf, "%s", "12345"), AWL_ELIMIT);
    CHECK_BUF(&buf, "ab-007");
    CHECK_OK(awl_buf_printf(&buf, "%s", ""));
    awl_buf_release(&buf);
}

TEST(integers_are_written_to_their_ends)
{
    UNUSED_STATE;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {-10, "-10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_buf buf;
        awl_buf_init(&buf, 20);
        CHECK_OK(awl_buf_append_int64(&buf, cases[i].value));
        CHECK_BUF(&buf, cases[i].text);
        awl_buf_release(&buf);
    }
}

TEST(truncating_and_consuming_keep_the_nul)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 20);
    awl_buf_consume(&buf, 3); /* nothing there yet */
    awl_buf_truncate(&buf, 3);
    CHECK_INT(buf.len, 0);
    CHECK_OK(awl_buf_append_str(&buf, STR("abcdef")));
    awl_buf_truncate(&buf, 99);
    CHECK_BUF(&buf, "abcdef");
    awl_buf_truncate(&buf, 5);
    awl_buf_consume(&buf, 2);
    assert_string_equal(awl_buf_cstr(&buf), "cde");
    awl_buf_consume(&buf, 99);
    assert_string_equal(awl_buf_cstr(&buf), "");
    awl_buf_release(&buf);
}

TEST(reserving_keeps_what_is_there)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 1 << 20);
    CHECK_OK(awl_buf_append_str(&buf, STR("abc")));
    CHECK_OK(awl_buf_reserve(&buf, 100000));
    CHECK(buf.cap > 100003);
    CHECK_BUF(&buf, "abc");
    awl_buf_release(&buf);
}

TEST(wiping_leaves_an_empty_buffer)
{
    UNUSED_STATE;
    struct awl_buf buf;
    awl_buf_init(&buf, 20);
    awl_buf_wipe(&buf);
    CHECK_OK(awl_buf_append_str(&buf, STR("secret")));
    awl_buf_wipe(&buf);
    CHECK(buf.ptr == NULL);
    CHECK_INT(buf.len, 0);
}

TEST_MAIN(RUN(a_new_buffer_is_empty_and_allocates_nothing),
          RUN(bytes_are_followed_by_a_nul_that_does_not_count),
          RUN(a_full_buffer_refuses_one_byte_more),
          RUN(the_limit_holds_on_the_inline_path_too),
          RUN(the_first_failure_is_remembered),
          RUN(a_released_buffer_may_be_used_again_with_its_limit),
          RUN(printf_writes_all_or_nothing), RUN(integers_are_written_to_their_ends),
          RUN(truncating_and_consuming_keep_the_nul), RUN(reserving_keeps_what_is_there),
          RUN(wiping_leaves_an_empty_buffer))
