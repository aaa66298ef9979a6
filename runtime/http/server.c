/* server.c - the listening socket and the requests that wait to be taken. */
#include "http/server.h"

#include <stddef.h>
#include <stdlib.h>

#include "http/server_private.h"

#define BACKLOG 4096

static void on_connection(uv_stream_t *listener, int status)
{
    struct awl_server *server = listener->data;
    awl_loop_event(server->loop);
    if (status == 0)
        awl_connection_accept(server);
}

static int address_parse(const char *address, int port, struct sockaddr_storage *out)
{
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)out) == 0)
        return 0;
    return uv_ip6_addr(address, port, (struct sockaddr_in6 *)out);
}

static int server_listen(struct awl_server *server, const char *address, int port)
{
    struct sockaddr_storage where = {0};
    int status = address_parse(address, port, &where);
    if (status == 0)
        status = uv_tcp_bind(&server->listener, (struct sockaddr *)&where, 0);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    return status;
}

struct awl_server *awl_server_new(struct awl_loop *loop, const char *address, int port,
                                  struct awl_error *err)
{
    struct awl_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    server->loop = loop;
    server->limits = (struct awl_server_limits){
        .max_body = (size_t)256 << 20,
        .max_connections = 20000,
        .idle_ms = 120000,
    };
    awl_waitable_init(&server->acceptable, "server", NULL);
    uv_tcp_init(awl_loop_uv(loop), &server->listener);
    server->listener.data = server;
    server->handles = 1;
    int status = server_listen(server, address, port);
    if (status == 0)
        return server;
    awl_error_code(err, AWL_ETRANSPORT, uv_err_name(status),
                   "cannot listen on %s port %d: %s", address, port, uv_strerror(status));
    awl_server_free(server);
    return NULL;
}

void awl_server_limit(struct awl_server *server, const struct awl_server_limits *limits)
{
    if (limits->max_body != 0)
        server->limits.max_body = limits->max_body;
    if (limits->max_connections != 0)
        server->limits.max_connections = limits->max_connections;
    if (limits->idle_ms != 0)
        server->limits.idle_ms = limits->idle_ms;
}

void awl_server_stats(const struct awl_server *server, struct awl_server_stats *stats)
{
    *stats = server->stats;
}

void awl_server_handle_closed(struct awl_server *server)
{
    if (--server->handles == 0 && server->stopped)
        free(server);
}

static void on_listener_closed(uv_handle_t *handle)
{
    awl_server_handle_closed(handle->data);
}

void awl_server_free(struct awl_server *server)
{
    if (server == NULL)
        return;
    server->stopped = true;
    while (server->connections != NULL)
        awl_connection_close(server->connections); /* and what it has in the queue */
    uv_close((uv_handle_t *)&server->listener, on_listener_closed);
    awl_waitable_signal(&server->acceptable);
}

int awl_server_port(const struct awl_server *server)
{
    struct sockaddr_storage where = {0};
    int len = sizeof(where);
    if (uv_tcp_getsockname(&server->listener, (struct sockaddr *)&where, &len) != 0)
        return -1;
    if (where.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&where)->sin6_port);
    return ntohs(((struct sockaddr_in *)&where)->sin_port);
}

struct awl_waitable *awl_server_acceptable(struct awl_server *server)
{
    return &server->acceptable;
}

void awl_server_enqueue(struct awl_server *server, struct awl_exchange *exchange)
{
    exchange->queued = true;
    exchange->prev = server->last;
    if (server->last != NULL)
        server->last->next = exchange;
    else
        server->first = exchange;
    server->last = exchange;
    server->stats.requests++;
    awl_waitable_signal(&server->acceptable);
}

void awl_server_dequeue(struct awl_server *server, struct awl_exchange *exchange)
{
    if (exchange->prev != NULL)
        exchange->prev->next = exchange->next;
    else
        server->first = exchange->next;
    if (exchange->next != NULL)
        exchange->next->prev = exchange->prev;
    else
        server->last = exchange->prev;
    exchange->next = exchange->prev = NULL;
    exchange->queued = false;
    if (server->first == NULL && !server->stopped)
        awl_waitable_reset(&server->acceptable);
}

struct awl_exchange *awl_server_take(struct awl_server *server)
{
    struct awl_exchange *exchange = server->first;
    if (exchange != NULL)
        awl_server_dequeue(server, exchange);
    else if (!server->stopped)
        awl_waitable_reset(&server->acceptable);
    return exchange;
}
