/* connection.c - one client's connection: requests come in one after the other. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/server_private.h"

#define HEAD_MAX ((size_t)64 << 10)   /* all of a request's head */
#define AHEAD_MAX ((size_t)256 << 10) /* bytes after it, while it is being answered */
#define READ_SIZE 65536

struct awl_connection {
    uv_tcp_t tcp;
    struct awl_server *server;
    struct awl_connection *next, *prev;
    struct awl_exchange *exchange; /* being read or answered */
    http_parser parser;
    struct awl_timer idle;
    int64_t active_us;
    int idle_ms;
    size_t max_body;
    struct awl_buf url, name, value; /* of the head being read */
    size_t head_bytes;
    bool in_value;        /* the last piece of the head was a value's */
    int refused;          /* the status that a bad request is answered with */
    struct awl_buf ahead; /* bytes that came before their turn */
    bool complete;        /* its request; false again when that was answered */
    bool ending;          /* nothing more is read of it */
    bool closing;
};

struct write {
    uv_write_t req;
    char bytes[];
};

static void touch(struct awl_connection *connection)
{
    struct awl_loop *loop = connection->server->loop;
    connection->active_us = awl_clock_mono_us(awl_loop_clock(loop));
    awl_loop_event(loop);
}

/* --- end ------------------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle)
{
    struct awl_connection *connection = handle->data;
    struct awl_server *server = connection->server;
    awl_buf_release(&connection->url);
    awl_buf_release(&connection->name);
    awl_buf_release(&connection->value);
    awl_buf_release(&connection->ahead);
    free(connection);
    awl_server_handle_closed(server);
}

void awl_connection_close(struct awl_connection *connection)
{
    struct awl_server *server = connection->server;
    struct awl_exchange *exchange = connection->exchange;
    if (connection->closing)
        return;
    connection->closing = true;
    if (connection->prev != NULL)
        connection->prev->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next != NULL)
        connection->next->prev = connection->prev;
    server->stats.open--;
    awl_timer_stop(server->loop, &connection->idle);
    connection->exchange = NULL;
    if (exchange != NULL && connection->complete)
        awl_exchange_orphan(exchange);
    else
        awl_exchange_free(exchange);
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

void awl_connection_drop(struct awl_connection *connection)
{
    connection->exchange = NULL;
    awl_connection_close(connection);
}

/* Whether the client owes us bytes, or takes ours too slowly. */
static bool is_waiting_for_client(const struct awl_connection *connection)
{
    return !connection->complete || awl_connection_waiting(connection) > 0;
}

static void on_idle(struct awl_timer *timer);

static void idle_watch(struct awl_connection *connection)
{
    struct awl_loop *loop = connection->server->loop;
    int64_t due = connection->active_us + (int64_t)connection->idle_ms * 1000;
    int64_t now = awl_clock_mono_us(awl_loop_clock(loop));
    if (awl_timer_start(loop, &connection->idle, due - now, on_idle) != AWL_OK)
        awl_connection_close(connection);
}

static void on_idle(struct awl_timer *timer)
{
    struct awl_connection *connection =
        (struct awl_connection *)((char *)timer - offsetof(struct awl_connection, idle));
    struct awl_loop *loop = connection->server->loop;
    int64_t now = awl_clock_mono_us(awl_loop_clock(loop));
    if (!is_waiting_for_client(connection))
        connection->active_us = now;
    if (now - connection->active_us >= (int64_t)connection->idle_ms * 1000)
        awl_connection_close(connection);
    else
        idle_watch(connection);
}

/* --- sending -------------------------------------------------------------------- */

size_t awl_connection_waiting(const struct awl_connection *connection)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct awl_connection *connection = req->handle->data;
    (void)status;
    free(req);
    /* Closing on a client that still sends would make its kernel drop the refusal:
     * what it sends is read and forgotten until it ends, or its time is up. */
    if (connection->refused == 0)
        awl_connection_close(connection);
}

/* Closes it when all has been sent. */
static void connection_finish(struct awl_connection *connection)
{
    uv_shutdown_t *req = malloc(sizeof(*req));
    connection->ending = true;
    if (req == NULL ||
        uv_shutdown(req, (uv_stream_t *)&connection->tcp, on_shutdown) != 0) {
        free(req);
        awl_connection_close(connection);
    }
}

static void on_written(uv_write_t *req, int status)
{
    struct awl_connection *connection = req->handle->data;
    struct awl_exchange *exchange = connection->exchange;
    free(req);
    if (connection->closing)
        return;
    touch(connection);
    if (status != 0)
        awl_connection_close(connection);
    else if (exchange != NULL && awl_connection_waiting(connection) < (size_t)1 << 20)
        awl_waitable_signal(&exchange->writable);
}

static size_t unsent(awl_str *text, size_t sent)
{
    size_t taken = sent < text->len ? sent : text->len;
    *text = awl_str_slice(*text, taken, text->len);
    return sent - taken;
}

/* Most answers fit into the socket's buffer: no copy is made of those. */
enum awl_rc awl_connection_send(struct awl_connection *connection, awl_str head,
                                awl_str body, struct awl_error *err)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    uv_buf_t bufs[2] = {
        uv_buf_init((char *)(uintptr_t)head.ptr, (unsigned)head.len),
        uv_buf_init((char *)(uintptr_t)body.ptr, (unsigned)body.len),
    };
    if (head.len > UINT32_MAX || body.len > UINT32_MAX)
        return awl_error_set(err, AWL_ELIMIT, "more than 4 GiB at once");
    if (head.len + body.len == 0)
        return AWL_OK;
    int sent = uv_try_write(stream, bufs, body.len != 0 ? 2 : 1);
    if (sent > 0)
        unsent(&body, unsent(&head, (size_t)sent));
    if (head.len + body.len == 0) {
        touch(connection);
        return AWL_OK;
    }

    struct write *write = malloc(sizeof(*write) + head.len + body.len);
    if (write == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    if (head.len != 0)
        memcpy(write->bytes, head.ptr, head.len);
    if (body.len != 0)
        memcpy(write->bytes + head.len, body.ptr, body.len);
    uv_buf_t rest = uv_buf_init(write->bytes, (unsigned)(head.len + body.len));
    int status = uv_write(&write->req, stream, &rest, 1, on_written);
    if (status == 0)
        return AWL_OK;
    free(write);
    return awl_error_code(err, AWL_ETRANSPORT, uv_err_name(status),
                          "cannot answer the client: %s", uv_strerror(status));
}

/* --- reading -------------------------------------------------------------------- */

static int refuse(struct awl_connection *connection, int status)
{
    connection->refused = status;
    return -1; /* stops the parser */
}

static int head_grows(struct awl_connection *connection, size_t len)
{
    connection->head_bytes += len;
    return connection->head_bytes > HEAD_MAX ? refuse(connection, 431) : 0;
}

static int on_message_begin(http_parser *parser)
{
    struct awl_connection *connection = parser->data;
    connection->exchange = awl_exchange_new(connection->server, connection);
    if (connection->exchange == NULL)
        return refuse(connection, 503);
    connection->exchange->request.body.max = connection->max_body;
    connection->head_bytes = 0;
    connection->in_value = false;
    awl_buf_clear(&connection->url);
    awl_buf_clear(&connection->name);
    awl_buf_clear(&connection->value);
    return 0;
}

static int on_url(http_parser *parser, const char *bytes, size_t len)
{
    struct awl_connection *connection = parser->data;
    if (awl_buf_append(&connection->url, bytes, len) != AWL_OK)
        return refuse(connection, 414);
    return head_grows(connection, len);
}

static int field_end(struct awl_connection *connection)
{
    if (connection->name.len == 0)
        return 0;
    enum awl_rc rc = awl_headers_add(&connection->exchange->request.headers,
                                     awl_buf_str(&connection->name),
                                     awl_str_trim(awl_buf_str(&connection->value)));
    awl_buf_clear(&connection->name);
    awl_buf_clear(&connection->value);
    connection->in_value = false;
    return rc == AWL_OK ? 0 : refuse(connection, rc == AWL_EINPUT ? 400 : 431);
}

static int on_field(http_parser *parser, const char *bytes, size_t len)
{
    struct awl_connection *connection = parser->data;
    if (connection->in_value && field_end(connection) != 0)
        return -1;
    if (awl_buf_append(&connection->name, bytes, len) != AWL_OK)
        return refuse(connection, 431);
    return head_grows(connection, len);
}

static int on_value(http_parser *parser, const char *bytes, size_t len)
{
    struct awl_connection *connection = parser->data;
    connection->in_value = true;
    if (awl_buf_append(&connection->value, bytes, len) != AWL_OK)
        return refuse(connection, 431);
    return head_grows(connection, len);
}

/* "http://host/path" is legal too; the origin in it says nothing new. */
static int split_url(struct awl_connection *connection)
{
    struct awl_request *request = &connection->exchange->request;
    awl_str url = awl_buf_str(&connection->url);
    struct http_parser_url parts;
    http_parser_url_init(&parts);
    if (http_parser_parse_url(url.ptr, url.len, 0, &parts) != 0)
        return refuse(connection, 400);
    awl_str path = STR("/"), query = {0};
    if (parts.field_set & (1 << UF_PATH))
        path = awl_str_make(url.ptr + parts.field_data[UF_PATH].off,
                            parts.field_data[UF_PATH].len);
    if (parts.field_set & (1 << UF_QUERY))
        query = awl_str_make(url.ptr + parts.field_data[UF_QUERY].off,
                             parts.field_data[UF_QUERY].len);
    if (awl_buf_append_str(&request->path, path) != AWL_OK ||
        awl_buf_append_str(&request->query, query) != AWL_OK)
        return refuse(connection, 414);
    return 0;
}

static int on_head(http_parser *parser)
{
    struct awl_connection *connection = parser->data;
    struct awl_exchange *exchange = connection->exchange;
    awl_str expect;
    if (field_end(connection) != 0 || parser->method == HTTP_CONNECT)
        return refuse(connection, connection->refused != 0 ? connection->refused : 405);
    if (split_url(connection) != 0)
        return -1;
    exchange->request.method =
        awl_str_of(http_method_str((enum http_method)parser->method));
    exchange->head_only = parser->method == HTTP_HEAD;
    exchange->http_1_0 =
        parser->http_major < 1 || (parser->http_major == 1 && parser->http_minor == 0);
    exchange->keep_alive = http_should_keep_alive(parser) != 0;
    parser->upgrade = 0; /* offers of other protocols are not taken */
    if ((parser->flags & F_CONTENTLENGTH) &&
        parser->content_length > connection->max_body)
        return refuse(connection, 413);
    if (!exchange->http_1_0 &&
        awl_headers_get(&exchange->request.headers, STR("Expect"), &expect) &&
        awl_str_eq_nocase(expect, STR("100-continue")) &&
        awl_connection_send(connection, STR("HTTP/1.1 100 Continue\r\n\r\n"),
                            (awl_str){0}, NULL) != AWL_OK)
        return refuse(connection, 503);
    return 0;
}

static int on_body(http_parser *parser, const char *bytes, size_t len)
{
    struct awl_connection *connection = parser->data;
    enum awl_rc rc = awl_buf_append(&connection->exchange->request.body, bytes, len);
    return rc == AWL_OK ? 0 : refuse(connection, rc == AWL_ELIMIT ? 413 : 503);
}

static int on_complete(http_parser *parser)
{
    struct awl_connection *connection = parser->data;
    connection->complete = true;
    http_parser_pause(parser, 1); /* one at a time */
    return 0;
}

static const http_parser_settings callbacks = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

static void connection_refuse(struct awl_connection *connection)
{
    char head[160];
    int status = connection->refused != 0 ? connection->refused : 400;
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                       status, http_status_str((enum http_status)status));
    connection->refused = status;
    if (connection->exchange != NULL) {
        connection->exchange->connection = NULL;
        awl_exchange_free(connection->exchange);
        connection->exchange = NULL;
    }
    awl_connection_send(connection, awl_str_make(head, (size_t)len), (awl_str){0}, NULL);
    connection_finish(connection);
}

static bool read_ahead(struct awl_connection *connection, awl_str bytes)
{
    return awl_buf_append_str(&connection->ahead, bytes) == AWL_OK;
}

static void connection_parse(struct awl_connection *connection, awl_str bytes)
{
    if (connection->complete) {
        if (!read_ahead(connection, bytes))
            awl_connection_close(connection);
        return;
    }
    size_t used =
        http_parser_execute(&connection->parser, &callbacks, bytes.ptr, bytes.len);
    if (connection->closing)
        return;
    if (!connection->complete) {
        if (HTTP_PARSER_ERRNO(&connection->parser) != HPE_OK)
            connection_refuse(connection);
        return;
    }
    if (used < bytes.len &&
        !read_ahead(connection, awl_str_slice(bytes, used, bytes.len))) {
        awl_connection_close(connection);
        return;
    }
    connection->exchange->waits = true;
    awl_loop_busy(connection->server->loop, -1);
    awl_server_enqueue(connection->server, connection->exchange);
}

/* The loop's thread is the only reader, and nothing is kept between two reads. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static _Thread_local char space[READ_SIZE];
    (void)handle, (void)suggested;
    *buf = uv_buf_init(space, sizeof(space));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct awl_connection *connection = stream->data;
    if (len == 0 || connection->closing)
        return;
    if (len < 0) {
        awl_loop_event(connection->server->loop);
        awl_connection_close(connection);
    } else if (!connection->ending) {
        touch(connection);
        connection_parse(connection, awl_str_make(buf->base, (size_t)len));
    }
}

void awl_connection_answered(struct awl_connection *connection, bool keep)
{
    connection->exchange = NULL;
    if (!keep) {
        connection_finish(connection);
        return;
    }
    connection->complete = false;
    http_parser_pause(&connection->parser, 0);
    if (connection->ahead.len == 0)
        return;
    struct awl_buf ahead = connection->ahead;
    awl_buf_init(&connection->ahead, AHEAD_MAX);
    connection_parse(connection, awl_buf_str(&ahead));
    awl_buf_release(&ahead);
}

void awl_connection_accept(struct awl_server *server)
{
    struct awl_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        return; /* the client waits */
    connection->server = server;
    connection->idle_ms = server->limits.idle_ms;
    connection->max_body = server->limits.max_body;
    awl_buf_init(&connection->url, HEAD_MAX);
    awl_buf_init(&connection->name, HEAD_MAX);
    awl_buf_init(&connection->value, HEAD_MAX);
    awl_buf_init(&connection->ahead, AHEAD_MAX);
    http_parser_init(&connection->parser, HTTP_REQUEST);
    connection->parser.data = connection;
    uv_tcp_init(awl_loop_uv(server->loop), &connection->tcp);
    connection->tcp.data = connection;
    server->handles++;

    connection->next = server->connections;
    if (connection->next != NULL)
        connection->next->prev = connection;
    server->connections = connection;
    server->stats.accepted++;
    server->stats.open++;
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    if (uv_accept((uv_stream_t *)&server->listener, stream) != 0 ||
        server->stats.open > server->limits.max_connections ||
        uv_read_start(stream, on_alloc, on_read) != 0) {
        awl_connection_close(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    touch(connection);
    idle_watch(connection);
}
