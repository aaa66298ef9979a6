/* web.h - a client and a server of ours on one loop, for tests. */
#ifndef AWL_TEST_WEB_H
#define AWL_TEST_WEB_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/http.h"
#include "http/server.h"
#include "test.h"

struct web {
    struct awl_clock clock;
    struct awl_loop *loop;
    struct awl_http *http;
    struct awl_server *server;
    void (*serve)(struct web *web, struct awl_exchange *exchange); /* takes it over */
    int served;
    struct awl_exchange *kept; /* by a serve that answers later */
    void *data;
};

static inline void web_answer(struct awl_exchange *exchange, int status, const char *body)
{
    struct awl_response response;
    awl_response_init(&response, (size_t)64 << 20);
    response.status = status;
    CHECK_OK(awl_buf_append(&response.body, body, strlen(body)));
    CHECK_OK(awl_exchange_respond(exchange, &response, NULL));
    awl_response_release(&response);
    awl_exchange_free(exchange);
}

static inline void web_hello(struct web *web, struct awl_exchange *exchange)
{
    (void)web;
    web_answer(exchange, 200, "hello");
}

/* Answers with what was asked: the method, the URL, the fields but Host, and the body. */
static inline void web_echo(struct web *web, struct awl_exchange *exchange)
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

static inline void web_keep(struct web *web, struct awl_exchange *exchange)
{
    assert_null(web->kept);
    web->kept = exchange;
}

static inline void web_init_clock(struct web *web, const struct awl_http_options *options,
                                  bool fake)
{
    struct awl_error err = AWL_ERROR_INIT;
    memset(web, 0, sizeof(*web));
    if (fake)
        awl_clock_init_fake(&web->clock, 1700000000000);
    else
        awl_clock_init(&web->clock);
    web->loop = awl_loop_new(&web->clock);
    web->http = awl_http_new(web->loop, options, &err);
    web->server = awl_server_new(web->loop, "127.0.0.1", 0, &err);
    assert_non_null(web->server);
    web->serve = web_hello;
}

static inline void web_init(struct web *web)
{
    web_init_clock(web, NULL, false);
}

/* Serves what waits. */
static inline bool web_serve(struct web *web)
{
    struct awl_exchange *exchange;
    int before = web->served;
    while (web->server != NULL && (exchange = awl_server_take(web->server)) != NULL) {
        web->served++;
        web->serve(web, exchange);
    }
    return web->served != before;
}

/* One turn of the loop, and of the server. */
static inline void web_turn(struct web *web)
{
    if (web_serve(web))
        return;
    CHECK(awl_loop_turn(web->loop, true));
    web_serve(web);
}

static inline void web_until(struct web *web, struct awl_waitable *waitable)
{
    while (!waitable->signaled)
        web_turn(web);
}

static inline void web_release(struct web *web)
{
    awl_exchange_free(web->kept);
    awl_http_free(web->http);
    awl_server_free(web->server);
    while (awl_loop_turn(web->loop, true))
        ;
    awl_loop_free(web->loop);
}

static inline const char *web_url(struct web *web, const char *path)
{
    static char url[512];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", awl_server_port(web->server),
             path);
    return url;
}

static inline struct awl_transfer_request web_get(const char *url)
{
    return (struct awl_transfer_request){
        .method = STR("GET"), .url = url, .repeatable = true, .buffered = true};
}

/* Runs it to its end. */
static inline void web_run(struct web *web, struct awl_transfer *transfer,
                           const struct awl_transfer_request *request)
{
    CHECK_OK(awl_transfer_start(transfer, request, NULL));
    web_until(web, awl_transfer_head(transfer));
}

static inline void web_check_error(struct awl_transfer *transfer, const char *code)
{
    const struct awl_error *err = awl_transfer_error(transfer);
    assert_non_null(err);
    if (strcmp(err->code, code) != 0)
        print_error("%s\n", err->message);
    assert_string_equal(err->code, code);
}

#endif
