/* test_transfer_timeout.c - servers that answer late, or never, or stop reading. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "web.h"

TEST(silence_is_a_read_timeout_on_the_one_clock)
{
    UNUSED_STATE;
    struct web web;
    web_init_clock(&web, NULL, true);
    web.serve = web_keep;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.read_timeout_ms = 30000;
    int64_t start = awl_clock_mono_us(&web.clock);
    web_run(&web, transfer, &request);
    web_check_error(transfer, "ReadTimeout");
    CHECK(awl_transfer_error(transfer)->sent);
    CHECK_INT(awl_clock_mono_us(&web.clock) - start, 30000000);
    awl_transfer_free(transfer);
    web_release(&web);
}

struct late {
    struct awl_timer timer;
    struct web *web;
};

static void on_answer_time(struct awl_timer *timer)
{
    struct late *late = (struct late *)timer;
    web_answer(late->web->kept, 200, "late");
    late->web->kept = NULL;
}

static void answer_after_50_s(struct web *web, struct awl_exchange *exchange)
{
    static struct late late;
    late = (struct late){.web = web};
    web_keep(web, exchange);
    CHECK_OK(awl_timer_start(web->loop, &late.timer, 50000000, on_answer_time));
}

TEST(a_late_answer_within_the_read_timeout_is_taken)
{
    UNUSED_STATE;
    struct web web;
    web_init_clock(&web, NULL, true);
    web.serve = answer_after_50_s;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    int64_t start = awl_clock_mono_us(&web.clock);
    for (int i = 1; i <= 3; i++) {
        web_run(&web, transfer, &request);
        assert_null(awl_transfer_error(transfer));
        CHECK_BUF(&awl_transfer_response(transfer)->body, "late");
        CHECK_INT(awl_clock_mono_us(&web.clock) - start, i * INT64_C(50000000));
    }
    web.serve = web_keep; /* never answers */
    request.timeout_ms = 20000;
    web_run(&web, transfer, &request);
    web_check_error(transfer, "Timeout");
    CHECK_INT(awl_clock_mono_us(&web.clock) - start, 170000000);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_server_that_stops_reading_a_body_is_a_read_timeout)
{
    UNUSED_STATE;
    struct web web;
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(where);
    size_t size = (size_t)64 << 20;
    static char sink[100000];
    char url[64], *body = calloc(1, size);
    int listener = socket(AF_INET, SOCK_STREAM, 0); /* connects, and never reads */
    web_init_clock(&web, NULL, true);
    CHECK_INT(bind(listener, (struct sockaddr *)&where, len), 0);
    CHECK_INT(listen(listener, 1), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&where, &len), 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(where.sin_port));
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    request.method = STR("PUT");
    request.body = awl_str_make(body, size);
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    int seconds = 0, peer = -1;
    while (!awl_transfer_ended(transfer)) {
        if (++seconds == 50) { /* it reads a little once, which is a sign of life */
            peer = accept(listener, NULL, NULL);
            fcntl(peer, F_SETFL, O_NONBLOCK);
        }
        for (int i = 0; i < 200; i++) {
            if (seconds == 50)
                (void)!recv(peer, sink, sizeof(sink), 0);
            awl_loop_turn(web.loop, false);
        }
        awl_clock_advance(&web.clock, 1000000);
        CHECK(seconds < 200);
    }
    web_check_error(transfer, "ReadTimeout");
    CHECK(seconds >= 110 && seconds < 130); /* it looks every 7.5 s */
    close(peer);
    close(listener);
    awl_transfer_free(transfer);
    free(body);
    web_release(&web);
}

/* A listener whose queue is full: connections to it never come about. The next one has
 * the number of the socket that was given up. */
TEST(a_connection_that_does_not_come_about_is_a_connect_timeout_and_harms_no_other)
{
    UNUSED_STATE;
    struct web web;
    web_init_clock(&web, NULL, true);
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(where);
    int listener = socket(AF_INET, SOCK_STREAM, 0), fillers[3];
    CHECK_INT(bind(listener, (struct sockaddr *)&where, len), 0);
    CHECK_INT(listen(listener, 0), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&where, &len), 0);
    for (int i = 0; i < 3; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fillers[i], (struct sockaddr *)&where, len);
    }
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(where.sin_port));
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    request.connect_timeout_ms = 5000;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    for (int i = 0; i < 20; i++)
        awl_loop_turn(web.loop, false);
    assert_null(awl_transfer_error(transfer));
    awl_clock_advance(&web.clock, 5000000);
    web_until(&web, awl_transfer_head(transfer));
    web_check_error(transfer, "ConnectTimeout");
    CHECK(!awl_transfer_error(transfer)->sent);
    request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    for (int i = 0; i < 3; i++)
        close(fillers[i]);
    close(listener);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST_MAIN(
    RUN(a_server_that_stops_reading_a_body_is_a_read_timeout),
    RUN(silence_is_a_read_timeout_on_the_one_clock),
    RUN(a_late_answer_within_the_read_timeout_is_taken),
    RUN(a_connection_that_does_not_come_about_is_a_connect_timeout_and_harms_no_other))
