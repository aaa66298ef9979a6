/* server.h - a small HTTP/1.1 server, for loopback: the emulator and tests.
 *
 * Each request on a connection is one exchange: its head is parsed, its body is
 * collected up to a limit, then it waits in the server's queue to be taken. The
 * taker answers, whole or in pieces; the next request of that connection follows
 * after. Connections, idle ones too, are limited in number and in time. */
#ifndef AWL_HTTP_SERVER_H
#define AWL_HTTP_SERVER_H

#include "base/message.h"
#include "loop/loop.h"
#include "loop/waitable.h"

struct awl_server;
struct awl_exchange;

/* Listens on `address` ("127.0.0.1"), `port` 0 picking a free one. NULL with `err`
 * set if that fails. */
struct awl_server *awl_server_new(struct awl_loop *loop, const char *address, int port,
                                  struct awl_error *err);

struct awl_server_limits {
    size_t max_body;          /* of a request; default 256 MiB: beyond it, 413 */
    unsigned max_connections; /* default 20,000: beyond it, closed at once */
    int idle_ms;              /* no byte moved while one was due; default 120 s */
};

/* A 0 leaves a limit as it is. For connections made from now on. */
void awl_server_limit(struct awl_server *server, const struct awl_server_limits *limits);

struct awl_server_stats {
    uint64_t accepted; /* connections so far */
    uint64_t requests; /* exchanges so far */
    unsigned open;     /* connections */
};
void awl_server_stats(const struct awl_server *server, struct awl_server_stats *stats);

/* Stops listening, closes all connections, ends every exchange; exchanges taken must
 * still be freed by their taker. The memory goes once the handles are closed, in a
 * later turn of the loop. NULL is fine. */
void awl_server_free(struct awl_server *server);

/* The port that it listens on. */
int awl_server_port(const struct awl_server *server);

/* Signaled while a request waits to be taken, and when the server is stopped. */
struct awl_waitable *awl_server_acceptable(struct awl_server *server);

/* The next request, the caller's from now on, or NULL. Resets `acceptable` when it
 * was the last one. */
struct awl_exchange *awl_server_take(struct awl_server *server);

/* An unanswered exchange closes its connection. NULL is fine. */
void awl_exchange_free(struct awl_exchange *exchange);

/* method, path and query as they came (percent-encoded), headers, body. A body sent
 * as aws-chunked is left as it is. */
const struct awl_request *awl_exchange_request(const struct awl_exchange *exchange);

/* The whole answer at once; Content-Length and Date are added. Nothing is sent for
 * the body of a HEAD request, whose Content-Length may be given as a header. Field
 * names are sent as they are given. AWL_ETRANSPORT when the client has gone,
 * AWL_EINPUT when the exchange was answered before. */
enum awl_rc awl_exchange_respond(struct awl_exchange *exchange,
                                 const struct awl_response *response,
                                 struct awl_error *err);

/* The same in pieces: the head, then bytes (chunked unless a Content-Length was
 * given), then the end. `writable` is signaled while less than 1 MiB waits. */
enum awl_rc awl_exchange_begin(struct awl_exchange *exchange,
                               const struct awl_response *head, struct awl_error *err);
enum awl_rc awl_exchange_write(struct awl_exchange *exchange, awl_str bytes,
                               struct awl_error *err);
enum awl_rc awl_exchange_end(struct awl_exchange *exchange, struct awl_error *err);

/* Signaled too when the client has gone. */
struct awl_waitable *awl_exchange_writable(struct awl_exchange *exchange);

/* Closes the connection at once, in the middle of whatever was sent, whole messages
 * or not; what the kernel has already taken still arrives (fault tests). */
void awl_exchange_reset(struct awl_exchange *exchange);

/* The client has gone away. */
bool awl_exchange_closed(const struct awl_exchange *exchange);

#endif
