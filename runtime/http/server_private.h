/* server_private.h - what the files of the server share. */
#ifndef AWL_HTTP_SERVER_PRIVATE_H
#define AWL_HTTP_SERVER_PRIVATE_H

#include <http_parser.h>

#include "http/server.h"

struct awl_connection;

enum awl_exchange_state {
    AWL_EXCHANGE_OPEN,  /* not answered yet */
    AWL_EXCHANGE_BEGUN, /* the head was sent */
    AWL_EXCHANGE_DONE,
};

struct awl_exchange {
    struct awl_server *server;         /* while there is a connection */
    struct awl_connection *connection; /* NULL: answered, or the client has gone */
    struct awl_exchange *next, *prev;  /* in the server's queue */
    struct awl_request request;
    struct awl_waitable writable;
    enum awl_exchange_state state;
    bool queued;
    bool waits;      /* counted in awl_loop_busy as waiting for its answer */
    bool closed;     /* the client has gone */
    bool head_only;  /* a HEAD request */
    bool keep_alive; /* as asked by the client */
    bool http_1_0;
    bool no_body; /* of the answer: HEAD, 204, 304 */
    bool chunked;
};

struct awl_server {
    struct awl_loop *loop;
    uv_tcp_t listener;
    struct awl_waitable acceptable;
    struct awl_exchange *first, *last; /* not yet taken */
    struct awl_connection *connections;
    struct awl_server_limits limits;
    struct awl_server_stats stats;
    unsigned handles; /* not yet closed */
    bool stopped;     /* by its owner */
};

/* server.c */
void awl_server_enqueue(struct awl_server *server, struct awl_exchange *exchange);
void awl_server_dequeue(struct awl_server *server, struct awl_exchange *exchange);
void awl_server_handle_closed(struct awl_server *server);

/* exchange.c */
struct awl_exchange *awl_exchange_new(struct awl_server *server,
                                      struct awl_connection *connection);
/* The client has gone, or the server: the taker keeps it, with nobody to answer. */
void awl_exchange_orphan(struct awl_exchange *exchange);

/* connection.c */
void awl_connection_accept(struct awl_server *server);
void awl_connection_close(struct awl_connection *connection);
/* The same by its exchange, which knows already. */
void awl_connection_drop(struct awl_connection *connection);

/* Sends both texts after what waits; they are copied if they cannot leave at once. */
enum awl_rc awl_connection_send(struct awl_connection *connection, awl_str head,
                                awl_str body, struct awl_error *err);
size_t awl_connection_waiting(const struct awl_connection *connection);

/* The answer to its current exchange is complete: the next request, or the end. */
void awl_connection_answered(struct awl_connection *connection, bool keep);

#endif
