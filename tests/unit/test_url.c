#include "test.h"

#include "aws/url.h"

static void check_host(const char *text, const char *expected)
{
    struct awl_url url;
    struct awl_buf out;
    awl_buf_init(&out, 256);
    CHECK_OK(awl_url_parse(awl_str_of(text), &url, NULL));
    CHECK_OK(awl_url_append_host(&out, &url));
    CHECK_BUF(&out, expected);
    awl_buf_release(&out);
}

TEST(a_url_comes_apart)
{
    UNUSED_STATE;
    struct awl_url url;
    CHECK_OK(awl_url_parse(STR("https://Host.example:8443/a%20b/c?x=1&y#z"), &url, NULL));
    CHECK_STR(url.scheme, "https");
    CHECK_STR(url.authority, "Host.example:8443");
    CHECK_STR(url.host, "Host.example");
    CHECK_INT(url.port, 8443);
    CHECK(url.has_port && !url.is_ipv6 && url.has_query);
    CHECK_STR(url.path, "/a%20b/c");
    CHECK_STR(url.query, "x=1&y");
}

TEST(parts_that_are_missing_are_empty)
{
    UNUSED_STATE;
    struct awl_url url;
    CHECK_OK(awl_url_parse(STR("http://h"), &url, NULL));
    CHECK_INT(url.port, 80);
    CHECK(!url.has_port && !url.has_query);
    CHECK_STR(url.path, "");
    CHECK_STR(url.query, "");
    CHECK_OK(awl_url_parse(STR("http://h?"), &url, NULL));
    CHECK(url.has_query);
    CHECK_STR(url.path, "");
    CHECK_OK(awl_url_parse(STR("acbd://h#?x"), &url, NULL));
    CHECK_INT(url.port, 0);
    CHECK(!url.has_query);
}

TEST(an_ipv6_host_stands_in_brackets)
{
    UNUSED_STATE;
    struct awl_url url;
    CHECK_OK(awl_url_parse(STR("http://[fd00:ec2::23]:80/x"), &url, NULL));
    CHECK(url.is_ipv6);
    CHECK_STR(url.host, "fd00:ec2::23");
    CHECK_STR(url.authority, "[fd00:ec2::23]:80");
    CHECK_INT(url.port, 80);
}

TEST(the_host_field_has_no_port_that_goes_without_saying)
{
    UNUSED_STATE;
    check_host("https://S3.Amazonaws.COM/", "s3.amazonaws.com");
    check_host("https://h:443", "h");
    check_host("http://h:80", "h");
    check_host("https://h:80", "h:80");
    check_host("http://127.0.0.1:5000/x", "127.0.0.1:5000");
    check_host("http://[FD00::1]:80", "[fd00::1]");
    check_host("http://[::1]:8080", "[::1]:8080");
}

TEST(what_is_no_url_is_refused)
{
    UNUSED_STATE;
    static const char *const bad[] = {
        "",
        "h",
        "h:80",
        "//h",
        "://h",
        "http:/h",
        "http://",
        "http:///p",
        "http://:80",
        "http://h:a",
        "http://h:",
        "http://h:-1",
        "http://h:65536",
        "http://h h",
        "http://u@h",
        "http://u:p@h",
        "http://[::1",
        "http://[::1]x",
        "http://[x]",
        "http://h\n",
        "1http://h",
        "ht tp://h",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct awl_url url;
        struct awl_error err = AWL_ERROR_INIT;
        if (awl_url_parse(awl_str_of(bad[i]), &url, &err) != AWL_EINPUT)
            fail_msg("accepted: '%s'", bad[i]);
        CHECK(strstr(err.message, "not a URL") != NULL);
    }
}

TEST_MAIN(RUN(a_url_comes_apart), RUN(parts_that_are_missing_are_empty),
          RUN(an_ipv6_host_stands_in_brackets),
          RUN(the_host_field_has_no_port_that_goes_without_saying),
          RUN(what_is_no_url_is_refused))
