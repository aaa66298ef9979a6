/* test_server.c - the server as raw clients see it. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "web.h"

/* A client made of one socket. */
struct raw {
    struct web web;
    int fd;
    struct awl_buf answer;
    bool ended;
};

static int raw_connect(struct web *web)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)awl_server_port(web->server)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void raw_init(struct raw *raw)
{
    web_init(&raw->web);
    raw->fd = raw_connect(&raw->web);
    raw->ended = false;
    awl_buf_init(&raw->answer, 1000000);
}

static void raw_release(struct raw *raw)
{
    close(raw->fd);
    awl_buf_release(&raw->answer);
    web_release(&raw->web);
}

/* One turn of the loop, and what has come since. The raw socket is not the loop's, so
 * both are waited for here; a fake clock needs nobody to wait. */
static void raw_turn(struct raw *raw)
{
    char bytes[4096];
    struct pollfd fds[2] = {
        {.fd = raw->fd, .events = POLLIN},
        {.fd = uv_backend_fd(awl_loop_uv(raw->web.loop)), .events = POLLIN},
    };
    awl_loop_turn(raw->web.loop, raw->web.clock.fake);
    if (!web_serve(&raw->web) && !raw->web.clock.fake)
        poll(fds, 2, 10);
    ssize_t got = recv(raw->fd, bytes, sizeof(bytes), 0);
    if (got > 0)
        CHECK_OK(awl_buf_append(&raw->answer, bytes, (size_t)got));
    else if (got == 0)
        raw->ended = true;
}

/* Reads until the text has come `times` times. */
static void raw_expect(struct raw *raw, const char *text, int times)
{
    for (;;) {
        int found = 0;
        const char *at = awl_buf_cstr(&raw->answer);
        while ((at = strstr(at, text)) != NULL) {
            found++;
            at += strlen(text);
        }
        if (found == times)
            return;
        CHECK(!raw->ended);
        raw_turn(raw);
    }
}

static void raw_expect_end(struct raw *raw)
{
    while (!raw->ended) {
        raw_turn(raw);
    }
}

static void raw_send(struct raw *raw, const char *text)
{
    CHECK_INT(send(raw->fd, text, strlen(text), 0), strlen(text));
}

static void echo_body(struct web *web, struct awl_exchange *exchange)
{
    const struct awl_request *request = awl_exchange_request(exchange);
    char text[256];
    (void)web;
    snprintf(text, sizeof(text), "<%.*s %s?%s|%s>", STR_ARG(request->method),
             awl_buf_cstr(&request->path), awl_buf_cstr(&request->query),
             awl_buf_cstr(&request->body));
    web_answer(exchange, 200, text);
}

TEST(requests_sent_at_once_are_answered_in_their_order)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw.web.serve = echo_body;
    raw_send(&raw, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                   "POST /2?q HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                   "PUT http://h/3?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    raw_expect(&raw, "<PUT /3?x=1|>", 1);
    const char *first = strstr(raw.answer.ptr, "<GET /1?|>");
    const char *second = strstr(raw.answer.ptr, "<POST /2?q|abc>");
    CHECK(first != NULL && second != NULL && first < second);
    CHECK_INT(raw.web.served, 3);
    raw_release(&raw);
}

TEST(a_chunked_body_comes_byte_by_byte)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw.web.serve = echo_body;
    const char *text = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nTrailer: t\r\n\r\n";
    for (const char *c = text; *c != '\0'; c++) {
        CHECK_INT(send(raw.fd, c, 1, 0), 1);
        awl_loop_turn(raw.web.loop, false);
    }
    raw_expect(&raw, "<POST /a?|abcdefgh>", 1);
    raw_send(&raw, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    raw_expect(&raw, "<GET /b?|>", 1);
    raw_release(&raw);
}

TEST(expect_is_answered_before_the_body_comes)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw.web.serve = echo_body;
    raw_send(&raw, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
                   "Expect: 100-continue\r\n\r\n");
    raw_expect(&raw, "HTTP/1.1 100 Continue\r\n\r\n", 1);
    CHECK_INT(raw.web.served, 0);
    raw_send(&raw, "ok");
    raw_expect(&raw, "<PUT /?|ok>", 1);
    raw_release(&raw);
}

TEST(the_clients_wish_to_close_is_granted)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw_send(&raw, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    raw_expect_end(&raw);
    assert_non_null(strstr(raw.answer.ptr, "Connection: close\r\n"));
    assert_non_null(strstr(raw.answer.ptr, "\r\n\r\nhello"));
    raw_release(&raw);
}

TEST(an_old_client_is_served_until_it_has_its_answer)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw_send(&raw, "GET / HTTP/1.0\r\n\r\n");
    raw_expect_end(&raw);
    assert_non_null(strstr(raw.answer.ptr, "Content-Length: 5\r\n"));
    raw_release(&raw);
}

static void check_refused(const char *request, const char *status)
{
    struct raw raw;
    struct awl_server_limits limits = {.max_body = 10};
    raw_init(&raw);
    awl_server_limit(raw.web.server, &limits);
    raw_send(&raw, request);
    raw_expect(&raw, status, 1);
    assert_non_null(strstr(raw.answer.ptr, "Connection: close\r\n"));
    CHECK_INT(raw.web.served, 0);
    raw_expect_end(&raw);
    raw_release(&raw);
}

TEST(bad_requests_are_refused_with_a_reason)
{
    UNUSED_STATE;
    static char large[80000];
    memset(large, 'a', sizeof(large) - 1);
    memcpy(large, "GET / HTTP/1.1\r\nX: ", 19);
    check_refused("nonsense\r\n\r\n", "HTTP/1.1 400 ");
    check_refused("GET / HTTP/1.1\r\nX y: z\r\n\r\n", "HTTP/1.1 400 ");
    check_refused("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 ");
    check_refused("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 413 ");
    check_refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "b\r\n01234567890\r\n",
                  "HTTP/1.1 413 ");
    check_refused("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                  "HTTP/1.1 400 ");
    check_refused(large, "HTTP/1.1 431 ");
}

TEST(connections_beyond_the_limit_are_closed)
{
    UNUSED_STATE;
    struct raw raw;
    struct awl_server_limits limits = {.max_connections = 1};
    struct awl_server_stats stats;
    raw_init(&raw);
    awl_server_limit(raw.web.server, &limits);
    raw_send(&raw, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    raw_expect(&raw, "hello", 1);
    int first = raw.fd;
    raw.fd = raw_connect(&raw.web);
    raw_expect_end(&raw);
    awl_server_stats(raw.web.server, &stats);
    CHECK_INT(stats.open, 1);
    CHECK_INT(stats.accepted, 2);
    close(first);
    raw_release(&raw);
}

TEST(a_silent_client_is_closed_when_its_time_is_up)
{
    UNUSED_STATE;
    struct raw raw;
    struct awl_server_limits limits = {.idle_ms = 20000};
    web_init_clock(&raw.web, NULL, true);
    awl_server_limit(raw.web.server, &limits);
    raw.fd = raw_connect(&raw.web);
    raw.ended = false;
    awl_buf_init(&raw.answer, 1000);
    raw_send(&raw, "GET / HT"); /* and no more */
    raw_expect_end(&raw);
    CHECK_INT(awl_clock_mono_us(&raw.web.clock), 20000000);
    CHECK_INT(raw.answer.len, 0);
    raw_release(&raw);
}

TEST(a_client_that_leaves_is_noticed)
{
    UNUSED_STATE;
    struct raw raw;
    struct awl_response response;
    struct awl_error err = AWL_ERROR_INIT;
    raw_init(&raw);
    raw.web.serve = web_keep;
    raw_send(&raw, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    while (raw.web.kept == NULL)
        web_turn(&raw.web);
    CHECK(!awl_exchange_closed(raw.web.kept));
    close(raw.fd);
    raw.fd = -1;
    web_until(&raw.web, awl_exchange_writable(raw.web.kept));
    CHECK(awl_exchange_closed(raw.web.kept));
    awl_response_init(&response, 0);
    response.status = 200;
    CHECK_RC(awl_exchange_respond(raw.web.kept, &response, &err), AWL_ETRANSPORT);
    assert_string_equal(err.code, "ConnectionReset");
    awl_response_release(&response);
    raw_release(&raw);
}

TEST(an_answer_in_pieces_is_chunked)
{
    UNUSED_STATE;
    struct raw raw;
    struct awl_response head;
    struct awl_error err = AWL_ERROR_INIT;
    raw_init(&raw);
    raw.web.serve = web_keep;
    raw_send(&raw, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    while (raw.web.kept == NULL)
        web_turn(&raw.web);
    struct awl_exchange *exchange = raw.web.kept;
    awl_response_init(&head, 0);
    head.status = 200;
    CHECK_RC(awl_exchange_write(exchange, STR("x"), &err), AWL_EINPUT);
    CHECK_OK(awl_exchange_begin(exchange, &head, NULL));
    CHECK_RC(awl_exchange_respond(exchange, &head, &err), AWL_EINPUT);
    CHECK_OK(awl_exchange_write(exchange, STR("hello"), NULL));
    CHECK_OK(awl_exchange_write(exchange, STR(""), NULL)); /* not the end */
    CHECK_OK(awl_exchange_write(exchange, STR(" world"), NULL));
    CHECK_OK(awl_exchange_end(exchange, NULL));
    CHECK_RC(awl_exchange_end(exchange, NULL), AWL_EINPUT);
    raw_expect(&raw, "\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 1);
    awl_response_release(&head);
    raw_release(&raw);
}

TEST(an_exchange_freed_unanswered_closes_the_connection)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw.web.serve = web_keep;
    raw_send(&raw, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    while (raw.web.kept == NULL)
        web_turn(&raw.web);
    awl_exchange_free(raw.web.kept);
    raw.web.kept = NULL;
    raw_expect_end(&raw);
    CHECK_INT(raw.answer.len, 0);
    raw_release(&raw);
}

TEST(a_server_may_stop_while_requests_wait)
{
    UNUSED_STATE;
    struct raw raw;
    raw_init(&raw);
    raw.web.serve = web_keep;
    raw_send(&raw, "GET /taken HTTP/1.1\r\nHost: h\r\n\r\n");
    while (raw.web.kept == NULL)
        web_turn(&raw.web);
    int other = raw_connect(&raw.web);
    CHECK_INT(send(other, "GET /waiting HTTP/1.1\r\n\r\n", 25, 0), 25);
    while (!awl_server_acceptable(raw.web.server)->signaled)
        awl_loop_turn(raw.web.loop, true);
    awl_server_free(raw.web.server);
    raw.web.server = NULL;
    CHECK(awl_exchange_closed(raw.web.kept));
    raw_expect_end(&raw);
    close(other);
    raw_release(&raw);
}

TEST(a_port_in_use_is_an_error_that_names_it)
{
    UNUSED_STATE;
    struct web web;
    struct awl_error err = AWL_ERROR_INIT;
    char port[16];
    web_init(&web);
    snprintf(port, sizeof(port), "port %d", awl_server_port(web.server));
    assert_null(awl_server_new(web.loop, "127.0.0.1", awl_server_port(web.server), &err));
    assert_string_equal(err.code, "EADDRINUSE");
    assert_non_null(strstr(err.message, port));
    assert_null(awl_server_new(web.loop, "nowhere", 0, &err));
    web_release(&web);
}

TEST_MAIN(RUN(requests_sent_at_once_are_answered_in_their_order),
          RUN(a_chunked_body_comes_byte_by_byte),
          RUN(expect_is_answered_before_the_body_comes),
          RUN(the_clients_wish_to_close_is_granted),
          RUN(an_old_client_is_served_until_it_has_its_answer),
          RUN(bad_requests_are_refused_with_a_reason),
          RUN(connections_beyond_the_limit_are_closed),
          RUN(a_silent_client_is_closed_when_its_time_is_up),
          RUN(a_client_that_leaves_is_noticed), RUN(an_answer_in_pieces_is_chunked),
          RUN(an_exchange_freed_unanswered_closes_the_connection),
          RUN(a_server_may_stop_while_requests_wait),
          RUN(a_port_in_use_is_an_error_that_names_it))
