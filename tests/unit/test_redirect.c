/* test_redirect.c - where an answer's Location leads. */
#include "test.h"

#include "http/redirect.h"

#define FROM "https://user:pw@Host.example:8443/a/b?c=d"

static void check(const char *from, const char *location, const char *expected,
                  bool expect_same)
{
    struct awl_buf out;
    bool same = !expect_same;
    awl_buf_init(&out, 1000);
    CHECK_OK(awl_http_redirect(from, location, &out, &same));
    CHECK_BUF(&out, expected);
    CHECK(same == expect_same);
    awl_buf_release(&out);
}

TEST(a_location_is_relative_to_the_url_asked_for)
{
    UNUSED_STATE;
    check("http://h/a/b?c=d", "e", "http://h/a/e", true);
    check("http://h/a/b?c=d", "../e?f#g", "http://h/e?f", true);
    check("http://h/a/b?c=d", "/e f", "http://h/e%20f", true);
    check("http://h/a/b?c=d", "?x", "http://h/a/b?x", true);
}

TEST(only_scheme_host_and_port_together_are_an_origin)
{
    UNUSED_STATE;
    check("http://h/", "http://H:80/x", "http://H:80/x", true);
    check("http://h/", "https://h/x", "https://h/x", false);
    check("http://h/", "http://h:81/x", "http://h:81/x", false);
    check("http://h/", "http://h.example/x", "http://h.example/x", false);
    check("http://h/", "//g/x", "http://g/x", false);
    check("http://h/", "http://h@g/x", "http://h@g/x", false);
}

TEST(a_name_and_a_password_do_not_go_to_another_origin)
{
    UNUSED_STATE;
    check(FROM, "/x", "https://user:pw@Host.example:8443/x", true);
    check(FROM, "//other/x", "https://other/x", false);
    check(FROM, "https://other/x", "https://other/x", false);
}

TEST(what_is_not_http_is_not_followed)
{
    UNUSED_STATE;
    const char *const bad[] = {"ftp://h/x",  "file:///etc/passwd", "http://",
                               "gopher://h", "http://h:99999/",    "javascript:alert(1)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct awl_buf out;
        bool same = true;
        awl_buf_init(&out, 1000);
        if (awl_http_redirect("http://h/a", bad[i], &out, &same) == AWL_OK)
            CHECK(awl_str_starts(awl_buf_str(&out), STR("http://h/"))); /* a path */
        else
            CHECK(!same);
        awl_buf_release(&out);
    }
}

TEST(a_url_may_not_outgrow_its_buffer)
{
    UNUSED_STATE;
    struct awl_buf out;
    bool same = true;
    awl_buf_init(&out, 10);
    CHECK_RC(awl_http_redirect("http://h/", "/long/path", &out, &same), AWL_ELIMIT);
    CHECK(!same);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(a_location_is_relative_to_the_url_asked_for),
          RUN(only_scheme_host_and_port_together_are_an_origin),
          RUN(a_name_and_a_password_do_not_go_to_another_origin),
          RUN(what_is_not_http_is_not_followed), RUN(a_url_may_not_outgrow_its_buffer))
