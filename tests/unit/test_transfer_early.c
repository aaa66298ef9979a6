/* test_transfer_early.c - servers that answer before they have read the request. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "web.h"

#define BODY_BYTES ((size_t)8 << 20) /* more than the sockets hold */

struct early {
    struct web web;
    int listener, connection;
    int heads; /* of requests, that it has read */
    char *body;
    char url[64];
};

static void early_init(struct early *early)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    memset(early, 0, sizeof(*early));
    web_init(&early->web);
    early->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    early->connection = -1;
    CHECK_INT(bind(early->listener, (struct sockaddr *)&address, len), 0);
    CHECK_INT(listen(early->listener, 8), 0);
    CHECK_INT(getsockname(early->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(early->url, sizeof(early->url), "http://127.0.0.1:%d/",
             ntohs(address.sin_port));
    early->body = calloc(1, BODY_BYTES);
    assert_non_null(early->body);
}

static void early_release(struct early *early)
{
    if (early->connection >= 0)
        close(early->connection);
    close(early->listener);
    web_release(&early->web);
    free(early->body);
}

static struct awl_transfer_request early_put(const struct early *early)
{
    struct awl_transfer_request request = web_get(early->url);
    request.method = STR("PUT");
    request.body = awl_str_make(early->body, BODY_BYTES);
    return request;
}

/* Reads what the head's bytes come with, if a request has come. */
static bool early_read(struct early *early)
{
    char bytes[1000];
    if (early->connection < 0)
        early->connection =
            accept4(early->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ssize_t len = read(early->connection, bytes, sizeof(bytes));
    early->heads += len > 0;
    return len > 0;
}

static void early_answer(struct early *early, const char *answer)
{
    size_t len = strlen(answer);
    CHECK(write(early->connection, answer, len) == (ssize_t)len);
}

TEST(an_answer_is_read_although_the_connection_is_reset_behind_it)
{
    UNUSED_STATE;
    struct early early;
    early_init(&early);
    struct awl_transfer *transfer = awl_transfer_new(early.web.http);
    struct awl_transfer_request request = early_put(&early);
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    while (!early_read(&early))
        awl_loop_turn(early.web.loop, true);
    early_answer(&early, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch");
    close(early.connection); /* a reset: bytes of the request have not been read */
    early.connection = -1;
    web_until(&early.web, awl_transfer_head(transfer));
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 413);
    CHECK_BUF(&awl_transfer_response(transfer)->body, "much");
    awl_transfer_free(transfer);
    early_release(&early);
}

TEST(a_server_that_does_not_know_what_to_expect_is_asked_once)
{
    UNUSED_STATE;
    struct early early;
    early_init(&early);
    struct awl_transfer *transfer = awl_transfer_new(early.web.http);
    struct awl_transfer_request request = early_put(&early);
    request.expect_continue = true;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    while (!awl_transfer_head(transfer)->signaled && early.heads < 5) {
        if (early_read(&early))
            early_answer(&early, "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
        awl_loop_turn(early.web.loop, true);
    }
    CHECK_INT(early.heads, 1);
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 417);
    awl_transfer_free(transfer);
    early_release(&early);
}

TEST(a_connection_that_still_owes_a_body_is_not_used_again)
{
    UNUSED_STATE;
    struct early early;
    early_init(&early);
    struct awl_transfer *transfer = awl_transfer_new(early.web.http);
    struct awl_transfer_request request = early_put(&early);
    request.expect_continue = true;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    while (!early_read(&early))
        awl_loop_turn(early.web.loop, true);
    early_answer(&early, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    web_until(&early.web, awl_transfer_head(transfer));
    assert_null(awl_transfer_error(transfer));

    struct awl_transfer_request next = web_get(early.url);
    CHECK_OK(awl_transfer_start(transfer, &next, NULL));
    int second = -1;
    while (second < 0) {
        awl_loop_turn(early.web.loop, true);
        CHECK(!early_read(&early)); /* it would be taken for the body */
        second = accept(early.listener, NULL, NULL);
    }
    close(second);
    awl_transfer_free(transfer);
    early_release(&early);
}

TEST_MAIN(RUN(an_answer_is_read_although_the_connection_is_reset_behind_it),
          RUN(a_server_that_does_not_know_what_to_expect_is_asked_once),
          RUN(a_connection_that_still_owes_a_body_is_not_used_again))
