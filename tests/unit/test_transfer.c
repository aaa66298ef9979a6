/* test_transfer.c - one exchange between our client and our server, on one loop. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "web.h"

TEST(an_answer_arrives_with_status_fields_and_body)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);

    struct awl_response *response = awl_transfer_response(transfer);
    awl_str length;
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(response->status, 200);
    CHECK_BUF(&response->body, "hello");
    CHECK(awl_headers_get(&response->headers, STR("content-length"), &length));
    CHECK_STR(length, "5");
    CHECK_STR(awl_headers_name(&response->headers, 0), "date");
    awl_transfer_free(transfer);
    web_release(&web);
}

static void echo_head(struct web *web, struct awl_exchange *exchange)
{
    const struct awl_request *request = awl_exchange_request(exchange);
    struct awl_buf text;
    (void)web;
    awl_buf_init(&text, 65536);
    awl_buf_append_str(&text, request->method);
    awl_buf_append_char(&text, ' ');
    awl_buf_append_str(&text, awl_buf_str(&request->path));
    awl_buf_append_char(&text, '?');
    awl_buf_append_str(&text, awl_buf_str(&request->query));
    for (size_t i = 0; i < request->headers.count; i++) {
        if (awl_str_eq(awl_headers_name(&request->headers, i), STR("Host")))
            continue;
        awl_buf_append_char(&text, '\n');
        awl_buf_append_str(&text, awl_str_of(awl_headers_line(&request->headers, i)));
    }
    awl_buf_append_char(&text, '\n');
    awl_buf_append_str(&text, awl_buf_str(&request->body));
    CHECK_OK(awl_buf_append_char(&text, '\0'));
    web_answer(exchange, 200, text.ptr);
    awl_buf_release(&text);
}

static void check_sent(struct web *web, struct awl_transfer_request *request,
                       const char *expected)
{
    struct awl_transfer *transfer = awl_transfer_new(web->http);
    web->serve = echo_head;
    web_run(web, transfer, request);
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, expected);
    awl_transfer_free(transfer);
}

TEST(nothing_is_sent_that_was_not_asked_for)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request =
        web_get(web_url(&web, "/a/../b//c%2fd/%E4/.?x=%2F&y"));
    check_sent(&web, &request, "GET /a/../b//c%2fd/%E4/.?x=%2F&y\n");
    request.method = STR("DELETE");
    check_sent(&web, &request, "DELETE /a/../b//c%2fd/%E4/.?x=%2F&y\n");
    web_release(&web);
}

TEST(a_body_goes_with_its_length_and_the_fields_given)
{
    UNUSED_STATE;
    struct web web;
    struct awl_headers headers;
    web_init(&web);
    awl_headers_init(&headers, 65536);
    CHECK_OK(awl_headers_add(&headers, STR("X-Amz-Meta-A"), STR("1")));
    CHECK_OK(awl_headers_add(&headers, STR("X-Empty"), STR("")));
    CHECK_OK(awl_headers_add(&headers, STR("X-Amz-Meta-A"), STR("2")));
    CHECK_OK(awl_headers_add(&headers, STR("Content-Length"), STR("77")));
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.headers = &headers;
    request.body = STR("data");
    check_sent(&web, &request,
               "PUT /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 4\ndata");
    request.body = STR("");
    request.method = STR("POST");
    check_sent(&web, &request,
               "POST /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 0\n");
    request.repeatable = false;
    request.body = STR("data");
    check_sent(&web, &request,
               "POST /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 4\ndata");
    awl_headers_release(&headers);
    web_release(&web);
}

TEST(expect_is_answered_with_continue)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.body = STR("data");
    request.expect_continue = true;
    check_sent(&web, &request, "PUT /?\nExpect: 100-continue\nContent-Length: 4\ndata");
    web_release(&web);
}

static void bodyless(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response response;
    awl_str path = awl_buf_str(&awl_exchange_request(exchange)->path);
    int64_t status = 0;
    awl_str_to_int64(awl_str_slice(path, 1, path.len), &status);
    (void)web;
    awl_response_init(&response, 100);
    response.status = (int)status;
    if (status == 200) /* to a HEAD: the length of what GET would bring */
        CHECK_OK(awl_headers_add(&response.headers, STR("Content-Length"), STR("12345")));
    CHECK_OK(awl_exchange_respond(exchange, &response, NULL));
    awl_response_release(&response);
    awl_exchange_free(exchange);
}

TEST(answers_without_a_body_leave_the_connection_usable)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = bodyless;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    static const char *const paths[] = {"/204", "/304", "/200"};
    for (size_t i = 0; i < 3; i++) {
        struct awl_transfer_request request = web_get(web_url(&web, paths[i]));
        if (i == 2)
            request.method = STR("HEAD");
        web_run(&web, transfer, &request);
        assert_null(awl_transfer_error(transfer));
        CHECK_INT(awl_transfer_response(transfer)->status, atoi(paths[i] + 1));
        CHECK_INT(awl_transfer_response(transfer)->body.len, 0);
    }
    struct awl_server_stats stats;
    awl_server_stats(web.server, &stats);
    CHECK_INT(stats.accepted, 1);
    awl_transfer_free(transfer);
    web_release(&web);
}

/* --- streams -------------------------------------------------------------------- */

#define LONG_BODY ((size_t)24 << 20)

struct producer {
    size_t sent;
};

/* Sends as long as it may. */
static void produce(struct web *web)
{
    static char piece[65536];
    struct producer *producer = web->data;
    while (web->kept != NULL && awl_exchange_writable(web->kept)->signaled) {
        memset(piece, 'a' + (int)(producer->sent / sizeof(piece) % 26), sizeof(piece));
        CHECK_OK(awl_exchange_write(web->kept, awl_str_make(piece, sizeof(piece)), NULL));
        producer->sent += sizeof(piece);
        if (producer->sent == LONG_BODY) {
            CHECK_OK(awl_exchange_end(web->kept, NULL));
            awl_exchange_free(web->kept);
            web->kept = NULL;
        }
    }
}

static void begin_and_keep(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response head;
    awl_response_init(&head, 0);
    head.status = 200;
    CHECK_OK(awl_exchange_begin(exchange, &head, NULL));
    awl_response_release(&head);
    web_keep(web, exchange);
}

TEST(a_slow_reader_stops_the_server)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    web_init_clock(&web, NULL, true);
    web.serve = begin_and_keep;
    web.data = &producer;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    CHECK(!awl_transfer_ended(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 200);

    /* Nobody reads: it must come to a stand far below the whole. */
    for (int i = 0; i < 2000; i++) {
        produce(&web);
        awl_loop_turn(web.loop, false);
    }
    CHECK(producer.sent < LONG_BODY);
    CHECK(awl_transfer_body(transfer).len <= ((size_t)1 << 18) + 65536);

    size_t got = 0, most = 0;
    while (!awl_transfer_ended(transfer) || awl_transfer_body(transfer).len != 0) {
        awl_str body = awl_transfer_body(transfer);
        if (body.len > most)
            most = body.len;
        for (size_t i = 0; i < body.len; i += 4096)
            assert_int_equal(body.ptr[i], 'a' + (int)((got + i) / 65536 % 26));
        got += body.len < 100000 ? body.len : 100000;
        awl_transfer_take(transfer, 100000);
        produce(&web);
        if (awl_transfer_body(transfer).len == 0 && !awl_transfer_ended(transfer))
            web_turn(&web);
    }
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(got, LONG_BODY);
    CHECK(most <= ((size_t)1 << 18) + 65536);
    awl_transfer_free(transfer);
    web_release(&web);
}

static void check_length_and_echo(struct web *web, struct awl_exchange *exchange)
{
    const struct awl_request *request = awl_exchange_request(exchange);
    char text[32];
    (void)web;
    for (size_t i = 0; i < request->body.len; i += 1000)
        assert_int_equal(request->body.ptr[i], 'a' + (int)(i / 100000 % 26));
    snprintf(text, sizeof(text), "%zu", request->body.len);
    web_answer(exchange, 200, text);
}

/* Feeds `len` bytes, waiting whenever it is told to, and counts how often. */
static int feed_all(struct web *web, struct awl_transfer *transfer, size_t len)
{
    static char piece[100000];
    int waits = 0;
    for (size_t at = 0; at < len; at += sizeof(piece)) {
        memset(piece, 'a' + (int)(at / sizeof(piece) % 26), sizeof(piece));
        while (awl_transfer_feed(transfer, awl_str_make(piece, sizeof(piece))) ==
               AWL_ELIMIT) {
            CHECK(!awl_transfer_writable(transfer)->signaled);
            web_until(web, awl_transfer_writable(transfer));
            waits++;
        }
    }
    awl_transfer_feed_end(transfer);
    return waits;
}

static void upload(int64_t length)
{
    struct web web;
    web_init(&web);
    web.serve = check_length_and_echo;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.upload = true;
    request.upload_length = length;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    CHECK(awl_transfer_writable(transfer)->signaled);
    CHECK(feed_all(&web, transfer, 8000000) > 0);
    web_until(&web, awl_transfer_head(transfer));
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, "8000000");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_reader_that_takes_its_time_meets_no_timeout)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    web_init_clock(&web, NULL, true);
    web.serve = begin_and_keep;
    web.data = &producer;
    struct awl_server_limits limits = {.idle_ms = 100000000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer)) {
        for (int i = 0; i < 300; i++) {
            produce(&web);
            awl_loop_turn(web.loop, false);
        }
        awl_clock_advance(&web.clock, INT64_C(100) * 1000000);
        awl_loop_turn(web.loop, false);
        if (awl_transfer_body(transfer).len < (size_t)128 << 10)
            break; /* not paused: now it is the server that is slow */
        awl_transfer_take(transfer, SIZE_MAX);
    }
    CHECK(awl_clock_mono_us(&web.clock) > INT64_C(600) * 1000000);
    for (int i = 0; i < 10; i++)
        awl_loop_turn(web.loop, false);
    CHECK(awl_transfer_ended(transfer));
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_upload_of_known_length_is_fed_in_pieces)
{
    UNUSED_STATE;
    upload(8000000);
}

TEST(an_upload_of_unknown_length_goes_in_chunks)
{
    UNUSED_STATE;
    upload(-1);
}

TEST(an_upload_that_pauses_goes_on_when_it_is_fed)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = echo_head;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.upload = true;
    request.upload_length = 6;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    for (int i = 0; i < 6; i++) {
        for (int turn = 0; turn < 5; turn++)
            awl_loop_turn(web.loop, false);
        CHECK_OK(awl_transfer_feed(transfer, awl_str_make(&"abcdef"[i], 1)));
    }
    CHECK_RC(awl_transfer_feed(transfer, STR("g")), AWL_EINPUT);
    awl_transfer_feed_end(transfer);
    web_until(&web, awl_transfer_head(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body,
              "PUT /?\nContent-Length: 6\nabcdef");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_upload_that_ends_early_fails)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.upload = true;
    request.upload_length = 6;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    CHECK_OK(awl_transfer_feed(transfer, STR("abc")));
    awl_transfer_feed_end(transfer);
    web_until(&web, awl_transfer_head(transfer));
    web_check_error(transfer, "IncompleteBody");
    CHECK_INT(web.served, 0);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_server_that_refuses_an_upload_ends_it)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_server_limits limits = {.max_body = 100000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.upload = true;
    request.upload_length = 1000000;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    CHECK_OK(awl_transfer_feed(transfer, STR("abc")));
    web_until(&web, awl_transfer_head(transfer)); /* never fed to the end */
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 413);
    CHECK_RC(awl_transfer_feed(transfer, STR("abc")), AWL_ECANCELED);
    CHECK_INT(web.served, 0);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_large_body_that_is_refused_shows_the_refusal)
{
    UNUSED_STATE;
    struct web web;
    size_t size = (size_t)32 << 20;
    char *body = calloc(1, size);
    web_init(&web);
    struct awl_server_limits limits = {.max_body = 100000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.body = awl_str_make(body, size);
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 413);
    awl_transfer_free(transfer);
    free(body);
    web_release(&web);
}

/* --- failures ------------------------------------------------------------------- */

TEST(a_refused_connection_says_where)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    char url[512], words[64];
    int port = awl_server_port(web.server);
    snprintf(url, sizeof(url), "%s", web_url(&web, "/"));
    snprintf(words, sizeof(words), "'127.0.0.1' port %d", port);
    awl_server_free(web.server);
    web.server = NULL;
    awl_loop_turn(web.loop, false);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    web_run(&web, transfer, &request);
    web_check_error(transfer, "ConnectionRefused");
    assert_non_null(strstr(awl_transfer_error(transfer)->message, words));
    CHECK(!awl_transfer_error(transfer)->sent);
    awl_transfer_free(transfer);
    web_release(&web);
}

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

static void on_answer_time(struct awl_timer *timer);

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

/* A listener whose queue is full: connections to it never come about. */
TEST(a_connection_that_does_not_come_about_is_a_connect_timeout)
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
    for (int i = 0; i < 3; i++)
        close(fillers[i]);
    close(listener);
    awl_transfer_free(transfer);
    web_release(&web);
}

static void reset_at_once(struct web *web, struct awl_exchange *exchange)
{
    (void)web;
    awl_exchange_reset(exchange);
    CHECK(awl_exchange_closed(exchange));
    awl_exchange_free(exchange);
}

TEST(a_connection_closed_before_the_answer_is_a_reset)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = reset_at_once;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);
    web_check_error(transfer, "ConnectionReset");
    CHECK(awl_transfer_error(transfer)->sent);
    CHECK_INT(web.served, 1);
    awl_transfer_free(transfer);
    web_release(&web);
}

static void half_a_body(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response head;
    awl_response_init(&head, 0);
    head.status = 200;
    if (web->data != NULL)
        CHECK_OK(awl_headers_add(&head.headers, STR("Content-Length"), STR("10")));
    CHECK_OK(awl_exchange_begin(exchange, &head, NULL));
    CHECK_OK(awl_exchange_write(exchange, STR("hello"), NULL));
    awl_exchange_reset(exchange);
    awl_exchange_free(exchange);
    awl_response_release(&head);
}

TEST(a_body_cut_short_is_an_error)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = half_a_body;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request); /* in chunks */
    web_check_error(transfer, "IncompleteBody");
    web.data = &web;
    web_run(&web, transfer, &request); /* with a length */
    web_check_error(transfer, "IncompleteBody");

    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer))
        web_turn(&web);
    CHECK_STR(awl_transfer_body(transfer), "hello"); /* what came may be used */
    web_check_error(transfer, "IncompleteBody");
    awl_transfer_free(transfer);
    web_release(&web);
}

static void too_long_a_body(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response response;
    (void)web;
    awl_response_init(&response, 100);
    response.status = 200;
    CHECK_OK(awl_headers_add(&response.headers, STR("Content-Length"), STR("5")));
    CHECK_OK(awl_buf_append_str(&response.body, STR("hello, world")));
    CHECK_OK(awl_exchange_respond(exchange, &response, NULL));
    awl_exchange_free(exchange);
    awl_response_release(&response);
}

TEST(a_streamed_body_beyond_its_length_is_an_error)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = too_long_a_body;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer))
        web_turn(&web);
    web_check_error(transfer, "BodyTooLong");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_body_beyond_the_limit_is_refused)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.max_body = 4;
    web_run(&web, transfer, &request);
    web_check_error(transfer, "TooLarge");
    CHECK_RC(awl_transfer_error(transfer)->rc, AWL_ELIMIT);
    request.max_body = 5;
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_unusable_url_is_an_error_of_its_giver)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd",
                                       "http://127.0.0.1:99999/"};
    for (size_t i = 0; i < 3; i++) {
        struct awl_transfer_request request = web_get(urls[i]);
        web_run(&web, transfer, &request);
        web_check_error(transfer, "InvalidUrl");
        CHECK_RC(awl_transfer_error(transfer)->rc, AWL_EINPUT);
    }
    awl_transfer_free(transfer);
    web_release(&web);
}

/* --- abort ---------------------------------------------------------------------- */

static void check_canceled(struct web *web, struct awl_transfer *transfer)
{
    awl_transfer_abort(transfer);
    web_check_error(transfer, "Canceled");
    CHECK(awl_transfer_ended(transfer));
    CHECK(awl_transfer_head(transfer)->signaled);
    CHECK(awl_transfer_readable(transfer)->signaled);
    awl_transfer_abort(transfer); /* does nothing */
    for (int i = 0; i < 10; i++)
        awl_loop_turn(web->loop, false);
}

TEST(a_transfer_can_be_aborted_in_every_phase)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    struct awl_http_options options = {.max_connections = 1};
    web_init_clock(&web, &options, false);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer *other = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web.data = &producer;

    CHECK_OK(awl_transfer_start(transfer, &request, NULL)); /* before it is sent */
    check_canceled(&web, transfer);
    CHECK(!awl_transfer_error(transfer)->sent);

    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    CHECK_OK(awl_transfer_start(other, &request, NULL)); /* in the queue */
    check_canceled(&web, other);
    CHECK(!awl_transfer_error(other)->sent);
    check_canceled(&web, transfer);

    web.serve = web_keep; /* sent and not answered */
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    while (web.kept == NULL)
        web_turn(&web);
    check_canceled(&web, transfer);
    CHECK(awl_transfer_error(transfer)->sent);
    CHECK(awl_exchange_closed(web.kept));
    awl_exchange_free(web.kept);
    web.kept = NULL;

    web.serve = begin_and_keep; /* within the body, paused */
    request.buffered = false;
    web_run(&web, transfer, &request);
    for (int i = 0; i < 1000; i++) {
        produce(&web);
        awl_loop_turn(web.loop, false);
    }
    check_canceled(&web, transfer);
    CHECK(awl_exchange_closed(web.kept));

    web.serve = web_hello; /* and its place is free again */
    web_run(&web, other, &request);
    assert_null(awl_transfer_error(other));
    awl_transfer_free(transfer);
    awl_transfer_free(other);
    web_release(&web);
}

TEST(canceling_the_wait_for_the_head_aborts)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    awl_transfer_head(transfer)->cancel(awl_transfer_head(transfer));
    web_check_error(transfer, "Canceled");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_transfer_may_be_freed_while_it_runs)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    for (int turns = 0; turns < 12; turns++) {
        struct awl_transfer *transfer = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(transfer, &request, NULL));
        for (int i = 0; i < turns && !awl_transfer_ended(transfer); i++)
            web_turn(&web);
        awl_transfer_free(transfer);
    }
    web_release(&web);
}

struct victims {
    struct awl_transfer *transfers[3];
    int woken;
};

static void free_the_others(void *waiter)
{
    struct victims *victims = waiter;
    victims->woken++;
    for (int i = 1; i < 3; i++) {
        awl_transfer_free(victims->transfers[i]);
        victims->transfers[i] = NULL;
    }
}

TEST(one_wake_may_free_other_transfers)
{
    UNUSED_STATE;
    struct web web;
    struct victims victims = {0};
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    for (int i = 0; i < 3; i++) {
        victims.transfers[i] = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(victims.transfers[i], &request, NULL));
    }
    awl_waitable_watch(awl_transfer_head(victims.transfers[0]), free_the_others,
                       &victims);
    web_until(&web, awl_transfer_head(victims.transfers[0]));
    CHECK_INT(victims.woken, 1);
    awl_transfer_free(victims.transfers[0]);
    web_release(&web);
}

/* --- never twice ---------------------------------------------------------------- */

static void answer_only_the_first(struct web *web, struct awl_exchange *exchange)
{
    if (web->served == 1)
        web_answer(exchange, 200, "first");
    else
        reset_at_once(web, exchange);
}

/* One answered request warms a connection; the next finds it closing. Returns how
 * many requests the server saw. */
static int send_on_dying_connection(struct awl_transfer_request *request, char *code)
{
    struct web web;
    web_init(&web);
    web.serve = answer_only_the_first;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request warm = web_get(web_url(&web, "/"));
    request->url = warm.url;
    request->buffered = true;
    web_run(&web, transfer, &warm);
    assert_null(awl_transfer_error(transfer));
    web_run(&web, transfer, request);
    assert_non_null(awl_transfer_error(transfer));
    CHECK(awl_transfer_error(transfer)->sent);
    memcpy(code, awl_transfer_error(transfer)->code, 48);
    int served = web.served - 1;
    awl_transfer_free(transfer);
    web_release(&web);
    return served;
}

TEST(a_request_that_may_not_be_repeated_is_sent_once)
{
    UNUSED_STATE;
    char code[48];
    struct awl_transfer_request post = {.method = STR("POST"), .body = STR("{}")};
    CHECK_INT(send_on_dying_connection(&post, code), 1);
    assert_string_equal(code, "NotResent");

    struct awl_transfer_request bodyless = {.method = STR("DELETE")};
    CHECK_INT(send_on_dying_connection(&bodyless, code), 1);
    assert_string_equal(code, "ConnectionReset");
}

TEST(a_repeatable_request_is_sent_again_on_a_new_connection)
{
    UNUSED_STATE;
    char code[48];
    struct awl_transfer_request post = {
        .method = STR("POST"), .body = STR("{}"), .repeatable = true};
    CHECK(send_on_dying_connection(&post, code) > 1);
}

TEST_MAIN(
    RUN(an_answer_arrives_with_status_fields_and_body),
    RUN(nothing_is_sent_that_was_not_asked_for),
    RUN(a_body_goes_with_its_length_and_the_fields_given),
    RUN(expect_is_answered_with_continue),
    RUN(answers_without_a_body_leave_the_connection_usable),
    RUN(a_slow_reader_stops_the_server),
    RUN(a_reader_that_takes_its_time_meets_no_timeout),
    RUN(a_server_that_stops_reading_a_body_is_a_read_timeout),
    RUN(an_upload_of_known_length_is_fed_in_pieces),
    RUN(an_upload_of_unknown_length_goes_in_chunks),
    RUN(an_upload_that_pauses_goes_on_when_it_is_fed),
    RUN(an_upload_that_ends_early_fails), RUN(a_server_that_refuses_an_upload_ends_it),
    RUN(a_large_body_that_is_refused_shows_the_refusal),
    RUN(a_refused_connection_says_where), RUN(silence_is_a_read_timeout_on_the_one_clock),
    RUN(a_late_answer_within_the_read_timeout_is_taken),
    RUN(a_connection_that_does_not_come_about_is_a_connect_timeout),
    RUN(a_connection_closed_before_the_answer_is_a_reset),
    RUN(a_body_cut_short_is_an_error), RUN(a_streamed_body_beyond_its_length_is_an_error),
    RUN(a_body_beyond_the_limit_is_refused),
    RUN(an_unusable_url_is_an_error_of_its_giver),
    RUN(a_transfer_can_be_aborted_in_every_phase),
    RUN(canceling_the_wait_for_the_head_aborts),
    RUN(a_transfer_may_be_freed_while_it_runs), RUN(one_wake_may_free_other_transfers),
    RUN(a_request_that_may_not_be_repeated_is_sent_once),
    RUN(a_repeatable_request_is_sent_again_on_a_new_connection))
