#include "http/route.h"

#include <stdlib.h>

#include "http/pool.h"
#include "test.h"

static const char *const variables[] = {
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",    "all_proxy",
    "ALL_PROXY",  "no_proxy",   "NO_PROXY",    "REQUEST_METHOD", NULL,
};

struct client {
    struct awl_clock clock;
    struct awl_loop *loop;
    struct awl_http *http;
};

static void client_init(struct client *client)
{
    struct awl_error err = AWL_ERROR_INIT;
    for (const char *const *name = variables; *name != NULL; name++)
        unsetenv(*name);
    awl_clock_init(&client->clock);
    client->loop = awl_loop_new(&client->clock);
    client->http = awl_http_new(client->loop, NULL, &err);
    assert_non_null(client->http);
}

static void client_release(struct client *client)
{
    awl_http_free(client->http);
    awl_loop_free(client->loop);
}

static const struct awl_route *route(struct client *client,
                                     struct awl_route_settings settings)
{
    const struct awl_route *route = awl_http_route(client->http, &settings);
    assert_non_null(route);
    return route;
}

static void check_proxies(struct client *client, const char *http, const char *https)
{
    const struct awl_route *found = route(client, (struct awl_route_settings){0});
    assert_string_equal(found->proxy[0], http);
    assert_string_equal(found->proxy[1], https);
}

TEST(equal_settings_are_one_route)
{
    UNUSED_STATE;
    struct client client;
    client_init(&client);
    char name[] = "/ca.pem";
    const struct awl_route *a = route(&client, (struct awl_route_settings){0});
    const struct awl_route *b =
        route(&client, (struct awl_route_settings){.ca_file = name});
    CHECK(a != b);
    CHECK(a == route(&client, (struct awl_route_settings){0}));
    CHECK(b == route(&client, (struct awl_route_settings){.ca_file = "/ca.pem"}));
    CHECK(b != route(&client,
                     (struct awl_route_settings){.ca_file = name, .no_keepalive = true}));
    name[1] = 'x'; /* the text was the caller's */
    assert_string_equal(b->ca_file, "/ca.pem");
    client_release(&client);
}

TEST(proxies_are_those_of_the_environment_in_either_case)
{
    UNUSED_STATE;
    struct client client;
    client_init(&client);
    check_proxies(&client, "", "");
    setenv("ALL_PROXY", "http://all", 1);
    check_proxies(&client, "http://all", "http://all");
    setenv("HTTPS_PROXY", "http://upper", 1);
    check_proxies(&client, "http://all", "http://upper");
    setenv("https_proxy", "http://lower", 1);
    setenv("HTTP_PROXY", "http://plain", 1);
    check_proxies(&client, "http://plain", "http://lower");
    setenv("REQUEST_METHOD", "GET", 1); /* a CGI program: HTTP_PROXY is a header */
    check_proxies(&client, "http://all", "http://lower");
    client_release(&client);
}

TEST(a_proxy_that_is_given_wins_and_an_empty_one_is_none)
{
    UNUSED_STATE;
    struct client client;
    client_init(&client);
    setenv("https_proxy", "http://lower", 1);
    setenv("NO_PROXY", "a.test, 10.0.0.0/8", 1);
    const struct awl_route *given =
        route(&client, (struct awl_route_settings){.proxy = "http://mine"});
    assert_string_equal(given->proxy[1], "http://mine");
    assert_string_equal(given->no_proxy, "a.test, 10.0.0.0/8");
    given = route(&client, (struct awl_route_settings){.proxy = "", .no_proxy = "b"});
    assert_string_equal(given->proxy[1], "");
    assert_string_equal(given->no_proxy, "b");
    client_release(&client);
}

static void check_no_proxy(struct client *client, const char *list, const char *url,
                           const char *expected)
{
    char *found = awl_route_no_proxy(
        route(client, (struct awl_route_settings){.no_proxy = list}), url);
    assert_string_equal(found, expected);
    free(found);
}

TEST(an_entry_of_no_proxy_with_a_port_holds_for_that_port)
{
    UNUSED_STATE;
    struct client client;
    client_init(&client);
    const char *list = "a.test:8000, .b.test 10.0.0.0/8,[::2]:8000,::1,fe80::/10,c:443";
    check_no_proxy(&client, list, "http://a.test:8000/x",
                   "a.test,.b.test,10.0.0.0/8,::2,::1,fe80::/10");
    check_no_proxy(&client, list, "http://me:5@a.test:8000?x",
                   "a.test,.b.test,10.0.0.0/8,::2,::1,fe80::/10");
    check_no_proxy(&client, list, "https://c/x:8000",
                   ".b.test,10.0.0.0/8,::1,fe80::/10,c");
    check_no_proxy(&client, "a:1", "https://[::1]:8000", "");
    check_no_proxy(&client, "b:80", "http://b", "b");
    CHECK(route(&client, (struct awl_route_settings){.no_proxy = list})
              ->no_proxy_has_ports);
    CHECK(!route(&client, (struct awl_route_settings){.no_proxy = "::1, a, 10.0.0.0/8"})
               ->no_proxy_has_ports);
    client_release(&client);
}

TEST_MAIN(RUN(equal_settings_are_one_route),
          RUN(proxies_are_those_of_the_environment_in_either_case),
          RUN(a_proxy_that_is_given_wins_and_an_empty_one_is_none),
          RUN(an_entry_of_no_proxy_with_a_port_holds_for_that_port))
