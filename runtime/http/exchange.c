/* exchange.c - the answer to one request, whole or in pieces. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/server_private.h"

#define HEAD_MAX ((size_t)2 << 20)
#define WINDOW ((size_t)1 << 20)
#define WAITING_MAX ((size_t)256 << 20) /* what a taker that never waits may pile up */

struct awl_exchange *awl_exchange_new(struct awl_server *server,
                                      struct awl_connection *connection)
{
    struct awl_exchange *exchange = calloc(1, sizeof(*exchange));
    if (exchange == NULL)
        return NULL;
    exchange->server = server;
    exchange->connection = connection;
    awl_request_init(&exchange->request, server->limits.max_body);
    awl_waitable_init(&exchange->writable, "server answer", NULL);
    return exchange;
}

/* Whoever waited for this answer has it coming, or will never have it. */
static void stop_waiting(struct awl_exchange *exchange)
{
    if (exchange->waits)
        awl_loop_busy(exchange->server->loop, 1);
    exchange->waits = false;
}

void awl_exchange_orphan(struct awl_exchange *exchange)
{
    stop_waiting(exchange);
    exchange->connection = NULL;
    exchange->closed = true;
    if (exchange->queued)
        awl_exchange_free(exchange);
    else
        awl_waitable_signal(&exchange->writable);
}

void awl_exchange_free(struct awl_exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (exchange->queued)
        awl_server_dequeue(exchange->server, exchange);
    awl_exchange_reset(exchange);
    awl_request_release(&exchange->request);
    free(exchange);
}

const struct awl_request *awl_exchange_request(const struct awl_exchange *exchange)
{
    return &exchange->request;
}

struct awl_waitable *awl_exchange_writable(struct awl_exchange *exchange)
{
    return &exchange->writable;
}

bool awl_exchange_closed(const struct awl_exchange *exchange)
{
    return exchange->closed;
}

void awl_exchange_reset(struct awl_exchange *exchange)
{
    struct awl_connection *connection = exchange->connection;
    if (connection == NULL)
        return;
    stop_waiting(exchange);
    exchange->connection = NULL;
    exchange->closed = true;
    exchange->state = AWL_EXCHANGE_DONE;
    awl_connection_drop(connection);
}

static enum awl_rc check(const struct awl_exchange *exchange,
                         enum awl_exchange_state state, struct awl_error *err)
{
    if (exchange->closed)
        return awl_error_code(err, AWL_ETRANSPORT, "ConnectionReset",
                              "the client has gone away");
    if (exchange->state != state)
        return awl_error_set(err, AWL_EINPUT, "%s",
                             exchange->state == AWL_EXCHANGE_DONE ? "answered already"
                             : state == AWL_EXCHANGE_OPEN         ? "begun already"
                                                                  : "not begun yet");
    return AWL_OK;
}

/* Asctime and locales differ; this is RFC 9110's date. */
static void append_date(struct awl_buf *out, int64_t wall_ms)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    awl_buf_printf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
                   days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
                   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *reason_of(int status)
{
    const char *reason = http_status_str((enum http_status)status);
    return reason[0] != '<' ? reason : "";
}

/* `length` is the body's, or -1 where it comes in pieces. */
static enum awl_rc write_head(struct awl_exchange *exchange, struct awl_buf *out,
                              const struct awl_response *response, int64_t length,
                              struct awl_error *err)
{
    const struct awl_headers *headers = &response->headers;
    int status = response->status;
    bool has_length = awl_headers_get(headers, STR("Content-Length"), NULL);
    awl_str wish;
    bool has_wish = awl_headers_get(headers, STR("Connection"), &wish);
    if (has_wish && awl_str_eq_nocase(wish, STR("close")))
        exchange->keep_alive = false;
    if (status < 200 || status > 999)
        return awl_error_set(err, AWL_EINPUT, "%d is not the status of an answer",
                             status);
    exchange->no_body = exchange->head_only || status == 204 || status == 304;
    exchange->chunked = length < 0 && !has_length && !exchange->http_1_0;
    if (length < 0 && !has_length && exchange->http_1_0)
        exchange->keep_alive = false; /* its end is the connection's */

    awl_buf_printf(out, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
    for (size_t i = 0; i < headers->count; i++) {
        awl_buf_append_str(out, awl_str_of(awl_headers_line(headers, i)));
        awl_buf_append_str(out, STR("\r\n"));
    }
    if (!awl_headers_get(headers, STR("Date"), NULL))
        append_date(out, awl_clock_wall_ms(awl_loop_clock(exchange->server->loop)));
    if (exchange->chunked && status != 204 && status != 304)
        awl_buf_append_str(out, STR("Transfer-Encoding: chunked\r\n"));
    else if (length >= 0 && !has_length && status != 204 && status != 304)
        awl_buf_printf(out, "Content-Length: %lld\r\n", (long long)length);
    if (!exchange->keep_alive && !has_wish)
        awl_buf_append_str(out, STR("Connection: close\r\n"));
    else if (exchange->http_1_0 && !has_wish)
        awl_buf_append_str(out, STR("Connection: keep-alive\r\n"));
    awl_buf_append_str(out, STR("\r\n"));
    return awl_buf_rc(out) == AWL_OK
               ? AWL_OK
               : awl_error_set(err, awl_buf_rc(out), "the answer's head is too large");
}

static void exchange_done(struct awl_exchange *exchange)
{
    struct awl_connection *connection = exchange->connection;
    stop_waiting(exchange);
    exchange->state = AWL_EXCHANGE_DONE;
    exchange->connection = NULL;
    awl_connection_answered(connection, exchange->keep_alive);
}

enum awl_rc awl_exchange_respond(struct awl_exchange *exchange,
                                 const struct awl_response *response,
                                 struct awl_error *err)
{
    struct awl_buf head;
    enum awl_rc rc = check(exchange, AWL_EXCHANGE_OPEN, err);
    if (rc != AWL_OK)
        return rc;
    awl_buf_init(&head, HEAD_MAX);
    rc = write_head(exchange, &head, response, (int64_t)response->body.len, err);
    if (rc == AWL_OK) {
        awl_str body = awl_buf_str(&response->body);
        if (exchange->no_body)
            body.len = 0;
        rc = awl_connection_send(exchange->connection, awl_buf_str(&head), body, err);
    }
    awl_buf_release(&head);
    if (rc == AWL_OK)
        exchange_done(exchange);
    return rc;
}

static void update_writable(struct awl_exchange *exchange)
{
    if (awl_connection_waiting(exchange->connection) >= WINDOW)
        awl_waitable_reset(&exchange->writable);
    else if (!exchange->writable.signaled)
        awl_waitable_signal(&exchange->writable);
}

enum awl_rc awl_exchange_begin(struct awl_exchange *exchange,
                               const struct awl_response *head, struct awl_error *err)
{
    struct awl_buf out;
    enum awl_rc rc = check(exchange, AWL_EXCHANGE_OPEN, err);
    if (rc != AWL_OK)
        return rc;
    awl_buf_init(&out, HEAD_MAX);
    rc = write_head(exchange, &out, head, -1, err);
    if (rc == AWL_OK)
        rc = awl_connection_send(exchange->connection, awl_buf_str(&out), (awl_str){0},
                                 err);
    awl_buf_release(&out);
    if (rc == AWL_OK) {
        exchange->state = AWL_EXCHANGE_BEGUN;
        update_writable(exchange);
    }
    return rc;
}

enum awl_rc awl_exchange_write(struct awl_exchange *exchange, awl_str bytes,
                               struct awl_error *err)
{
    char size[24];
    int len = 0;
    enum awl_rc rc = check(exchange, AWL_EXCHANGE_BEGUN, err);
    if (rc != AWL_OK || exchange->no_body || bytes.len == 0)
        return rc;
    if (awl_connection_waiting(exchange->connection) > WAITING_MAX)
        return awl_error_set(err, AWL_ELIMIT, "the client reads too slowly");
    if (exchange->chunked)
        len = snprintf(size, sizeof(size), "%zx\r\n", bytes.len);
    rc = awl_connection_send(exchange->connection, awl_str_make(size, (size_t)len), bytes,
                             err);
    if (rc == AWL_OK && exchange->chunked)
        rc = awl_connection_send(exchange->connection, STR("\r\n"), (awl_str){0}, err);
    if (rc == AWL_OK)
        update_writable(exchange);
    return rc;
}

enum awl_rc awl_exchange_end(struct awl_exchange *exchange, struct awl_error *err)
{
    enum awl_rc rc = check(exchange, AWL_EXCHANGE_BEGUN, err);
    if (rc == AWL_OK && exchange->chunked && !exchange->no_body)
        rc = awl_connection_send(exchange->connection, STR("0\r\n\r\n"), (awl_str){0},
                                 err);
    if (rc == AWL_OK)
        exchange_done(exchange);
    return rc;
}
