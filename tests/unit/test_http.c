/* test_http.c - the pool: connections, limits, the queue, certificates. */
#include <fcntl.h>
#include <sys/socket.h>

#include "loop/process.h"
#include "tls_server.h"
#include "web.h"

#define MANY 1000

static uint64_t connections(struct web *web)
{
    struct awl_http_stats stats;
    awl_http_stats(web->http, &stats);
    return stats.connections;
}

TEST(a_connection_serves_one_request_after_the_other)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    for (int i = 0; i < 50; i++) {
        request.method = i % 2 ? STR("GET") : STR("POST");
        web_run(&web, transfer, &request);
        assert_null(awl_transfer_error(transfer));
    }
    CHECK_INT(connections(&web), 1);
    CHECK_INT(web.served, 50);
    awl_transfer_free(transfer);
    web_release(&web);
}

static void start_many(struct web *web, struct awl_transfer **transfers, size_t count)
{
    struct awl_transfer_request request = web_get(web_url(web, "/"));
    for (size_t i = 0; i < count; i++) {
        transfers[i] = awl_transfer_new(web->http);
        CHECK_OK(awl_transfer_start(transfers[i], &request, NULL));
    }
}

static void finish_many(struct web *web, struct awl_transfer **transfers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        web_until(web, awl_transfer_head(transfers[i]));
        assert_null(awl_transfer_error(transfers[i]));
        CHECK_BUF(&awl_transfer_response(transfers[i])->body, "hello");
        awl_transfer_free(transfers[i]);
    }
}

struct crowd {
    struct awl_exchange *waiting[MANY];
    int count, wanted;
};

/* Answers nobody until all have come. */
static void serve_all_at_once(struct web *web, struct awl_exchange *exchange)
{
    struct crowd *crowd = web->data;
    crowd->waiting[crowd->count++] = exchange;
    if (crowd->count < crowd->wanted)
        return;
    for (int i = 0; i < crowd->count; i++)
        web_answer(crowd->waiting[i], 200, "hello");
    crowd->count = 0;
}

TEST(a_thousand_transfers_are_in_flight_at_once)
{
    UNUSED_STATE;
    struct web web;
    static struct crowd crowd = {.wanted = MANY};
    static struct awl_transfer *transfers[MANY];
    if (awl_process_raise_descriptors() < 2 * MANY + 100)
        skip();
    web_init(&web);
    web.serve = serve_all_at_once;
    web.data = &crowd;
    start_many(&web, transfers, MANY);
    finish_many(&web, transfers, MANY);
    CHECK_INT(connections(&web), MANY);
    web_release(&web);
}

struct measure {
    int open, most;
};

static void serve_and_measure(struct web *web, struct awl_exchange *exchange)
{
    struct awl_http_stats stats;
    struct measure *measure = web->data;
    awl_http_stats(web->http, &stats);
    if ((int)stats.running > measure->most)
        measure->most = (int)stats.running;
    web_answer(exchange, 200, "hello");
}

static void check_limit(struct awl_http_options options)
{
    struct web web;
    struct measure measure = {0};
    struct awl_transfer *transfers[40];
    web_init_clock(&web, &options, false);
    web.serve = serve_and_measure;
    web.data = &measure;
    start_many(&web, transfers, 40);
    finish_many(&web, transfers, 40);
    CHECK_INT(measure.most, 3);
    CHECK_INT(connections(&web), 3);
    web_release(&web);
}

TEST(limits_on_connections_hold)
{
    UNUSED_STATE;
    check_limit((struct awl_http_options){.max_connections = 3});
    check_limit((struct awl_http_options){.max_connections_per_host = 3});
}

static void note_order(struct web *web, struct awl_exchange *exchange)
{
    const struct awl_request *request = awl_exchange_request(exchange);
    awl_str host;
    CHECK(awl_headers_get(&request->headers, STR("Host"), &host));
    awl_buf_append_char(web->data, host.ptr[0]); /* 1 of 127.0.0.1, l of localhost */
    awl_buf_append_char(web->data, request->path.ptr[1]);
    web_answer(exchange, 200, "hello");
}

TEST(hosts_take_turns_and_each_keeps_its_order)
{
    UNUSED_STATE;
    struct web web;
    struct awl_buf order;
    struct awl_http_options options = {.max_connections = 1};
    struct awl_transfer *transfers[8];
    char urls[8][64];
    web_init_clock(&web, &options, false);
    awl_buf_init(&order, 100);
    web.serve = note_order;
    web.data = &order;
    for (int i = 0; i < 8; i++) {
        snprintf(urls[i], sizeof(urls[i]), "http://%s:%d/%d",
                 i < 5 ? "127.0.0.1" : "localhost", awl_server_port(web.server), i);
        struct awl_transfer_request request = web_get(urls[i]);
        transfers[i] = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(transfers[i], &request, NULL));
    }
    finish_many(&web, transfers, 8);
    CHECK_BUF(&order, "1011l512l613l714");
    awl_buf_release(&order);
    web_release(&web);
}

TEST(waiting_in_the_queue_counts_for_no_timeout)
{
    UNUSED_STATE;
    struct web web;
    struct awl_http_options options = {.max_connections = 1};
    web_init_clock(&web, &options, true);
    web.serve = web_keep;
    struct awl_transfer *first = awl_transfer_new(web.http);
    struct awl_transfer *second = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.read_timeout_ms = -1;
    CHECK_OK(awl_transfer_start(first, &request, NULL));
    request.timeout_ms = 1000;
    CHECK_OK(awl_transfer_start(second, &request, NULL));
    while (web.kept == NULL)
        web_turn(&web);
    awl_clock_advance(&web.clock, INT64_C(900) * 1000000);
    web_answer(web.kept, 200, "hello");
    web.kept = NULL;
    web.serve = web_hello;
    web_until(&web, awl_transfer_head(second));
    assert_null(awl_transfer_error(first));
    assert_null(awl_transfer_error(second));
    awl_transfer_free(first);
    awl_transfer_free(second);
    web_release(&web);
}

TEST(a_name_that_does_not_exist_is_looked_up_once_at_a_time)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfers[5];
    struct awl_http_stats stats;
    struct awl_transfer_request request = web_get("http://no-such-name.invalid/");
    for (int i = 0; i < 5; i++) {
        transfers[i] = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(transfers[i], &request, NULL));
    }
    awl_http_stats(web.http, &stats);
    CHECK_INT(stats.running, 1);
    CHECK_INT(stats.queued, 4);
    for (int i = 0; i < 5; i++) {
        web_until(&web, awl_transfer_head(transfers[i]));
        web_check_error(transfers[i], "HostNotFound");
        CHECK(!awl_transfer_error(transfers[i])->sent);
        awl_transfer_free(transfers[i]);
    }
    web_release(&web);
}

TEST(the_loop_has_nothing_to_wait_for_when_connections_are_idle)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);
    awl_server_free(web.server); /* which closes the idle connection on its side */
    web.server = NULL;
    int turns = 0;
    while (awl_loop_turn(web.loop, true))
        CHECK(++turns < 20);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_idle_connection_keeps_nobody_waiting)
{
    UNUSED_STATE;
    struct web web;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(where);
    char url[64], request_text[1000];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    web_init(&web);
    CHECK_INT(bind(listener, (struct sockaddr *)&where, len), 0);
    CHECK_INT(listen(listener, 1), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&where, &len), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(where.sin_port));
    awl_server_free(web.server); /* whose listening does keep the loop waiting */
    web.server = NULL;

    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    awl_loop_turn(web.loop, true);
    int peer = accept(listener, NULL, NULL);
    fcntl(peer, F_SETFL, O_NONBLOCK);
    while (recv(peer, request_text, sizeof(request_text), 0) <= 0)
        awl_loop_turn(web.loop, false);
    CHECK_INT(send(peer, answer, sizeof(answer) - 1, 0), sizeof(answer) - 1);
    web_until(&web, awl_transfer_head(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, "ok");
    int turns = 0;
    while (awl_loop_turn(web.loop, true))
        CHECK(++turns < 20);
    close(peer);
    close(listener);
    awl_transfer_free(transfer);
    web_release(&web);
}

static const struct awl_route *route_of(struct web *web,
                                        struct awl_route_settings settings)
{
    const struct awl_route *route = awl_http_route(web->http, &settings);
    assert_non_null(route);
    return route;
}

/* --- certificates --------------------------------------------------------------- */

TEST(a_certificate_nobody_vouches_for_is_refused)
{
    UNUSED_STATE;
    struct web web;
    struct tls_server tls;
    web_init(&web);
    tls_server_start(&tls);
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", tls.port);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    web_run(&web, transfer, &request);
    web_check_error(transfer, "CertificateError");
    assert_non_null(strstr(awl_transfer_error(transfer)->message, "AWS_CA_BUNDLE"));
    CHECK(!awl_transfer_error(transfer)->sent);

    request.route =
        route_of(&web, (struct awl_route_settings){.ca_file = "/nonexistent/bundle.pem"});
    web_run(&web, transfer, &request);
    web_check_error(transfer, "CertificateError");
    assert_non_null(
        strstr(awl_transfer_error(transfer)->message, "/nonexistent/bundle.pem"));

    request.route = route_of(&web, (struct awl_route_settings){.ca_file = tls.ca_file});
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, "secret");

    request.route = route_of(&web, (struct awl_route_settings){.insecure = true});
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    awl_transfer_free(transfer);
    tls_server_stop(&tls);
    web_release(&web);
}

TEST(plain_text_where_tls_was_expected_is_a_tls_error)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", awl_server_port(web.server));
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    web_run(&web, transfer, &request);
    web_check_error(transfer, "TlsError");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST_MAIN(RUN(a_connection_serves_one_request_after_the_other),
          RUN(a_thousand_transfers_are_in_flight_at_once),
          RUN(limits_on_connections_hold), RUN(hosts_take_turns_and_each_keeps_its_order),
          RUN(waiting_in_the_queue_counts_for_no_timeout),
          RUN(a_name_that_does_not_exist_is_looked_up_once_at_a_time),
          RUN(the_loop_has_nothing_to_wait_for_when_connections_are_idle),
          RUN(an_idle_connection_keeps_nobody_waiting),
          RUN(a_certificate_nobody_vouches_for_is_refused),
          RUN(plain_text_where_tls_was_expected_is_a_tls_error))
