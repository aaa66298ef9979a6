/* http.h - HTTP requests on the loop: one pool of connections for the process.
 *
 * libcurl's multi-socket interface driven by libuv. A transfer is one exchange and
 * a stream: it has three waitables, for the answer's head, for body bytes, and for
 * room to upload more. Callbacks only store and signal; no Lua here. The queue of
 * transfers that wait for a connection is ours: curl never holds more handles than
 * run, and waiting in it counts for no timeout. */
#ifndef AWL_HTTP_HTTP_H
#define AWL_HTTP_HTTP_H

#include "base/message.h"
#include "http/route.h"
#include "loop/loop.h"
#include "loop/waitable.h"

#define AWL_HTTP_TIMEOUT_MS 60000 /* for a connection, and for the next byte */

struct awl_http;
struct awl_transfer;

struct awl_http_options {
    unsigned max_connections;          /* 0: as many as help. Never more than the
                                          descriptors allow: raise their limit first */
    unsigned max_connections_per_host; /* 0: no limit of its own */
};

/* NULL with `err` set when libcurl cannot be started. */
struct awl_http *awl_http_new(struct awl_loop *loop,
                              const struct awl_http_options *options,
                              struct awl_error *err);

/* Every transfer must have been freed. Closes the connections and runs the loop
 * until their handles are closed. NULL is fine. */
void awl_http_free(struct awl_http *http);

struct awl_http_stats {
    uint64_t started, finished, failed; /* transfers */
    uint64_t connections;               /* opened so far */
    unsigned running, queued;
};
void awl_http_stats(const struct awl_http *http, struct awl_http_stats *stats);

/* What a transfer sends. All text is the caller's and must stay until the head of the
 * answer has arrived; `body` until the transfer has ended or been aborted, as a server
 * may answer before it has read all. NULL or 0 leaves a setting at its default. */
struct awl_transfer_request {
    awl_str method;
    const char *url;                   /* NUL-terminated, sent as it is */
    const struct awl_headers *headers; /* Host, Content-Length are curl's business */
    awl_str body;                      /* sent whole, unless `upload` */
    bool upload;                       /* the body comes through awl_transfer_feed */
    int64_t upload_length;  /* with `upload`: its length; -1: unknown (chunked) */
    bool repeatable;        /* sending it twice does no harm. If false it is never sent
                               again by the transport: design, decision 6 */
    bool buffered;          /* collect the body in the response; `head` is signaled when
                               all of it is there */
    size_t max_body;        /* buffered: more is AWL_ELIMIT; default 256 MiB */
    int connect_timeout_ms; /* default AWL_HTTP_TIMEOUT_MS */
    int read_timeout_ms;    /* no byte in either direction; default the same; -1: never */
    int timeout_ms;         /* from getting a connection to the end; default none */
    unsigned max_connections;      /* to the host at a time; 0: as many as help */
    const struct awl_route *route; /* NULL: the one with default settings */
    bool expect_continue; /* wait for 100 Continue before the body, 1 s at most */
    bool http2;           /* ask for HTTP/2 (over TLS), on a connection of its own */
};

/* Does nothing yet. NULL when out of memory. */
struct awl_transfer *awl_transfer_new(struct awl_http *http);

/* Stops it if it runs. Whoever waits for it is woken, and finds it gone. NULL is fine.
 * Must not be called from its own waitables' wake. */
void awl_transfer_free(struct awl_transfer *transfer);

/* Starts or queues it. It may be started again after it ended: what the last
 * exchange left behind is forgotten. */
enum awl_rc awl_transfer_start(struct awl_transfer *transfer,
                               const struct awl_transfer_request *request,
                               struct awl_error *err);

/* Ends it now, as failed with AWL_ECANCELED; its connection is closed if it was in
 * use. Waitables are signaled. After its end: does nothing. */
void awl_transfer_abort(struct awl_transfer *transfer);

/* Signaled when the head of the final answer is there (buffered: the whole answer),
 * or the transfer failed before. Canceling it aborts the transfer. */
struct awl_waitable *awl_transfer_head(struct awl_transfer *transfer);

/* Signaled when awl_transfer_body() is not empty or the body has ended or failed.
 * Reset by taking all bytes. */
struct awl_waitable *awl_transfer_readable(struct awl_transfer *transfer);

/* Signaled when awl_transfer_feed() may be called, or the server has stopped
 * listening, or the transfer has ended. */
struct awl_waitable *awl_transfer_writable(struct awl_transfer *transfer);

/* Status and header fields (names in lower case), and the body if buffered. Valid
 * until the next start or free. */
struct awl_response *awl_transfer_response(struct awl_transfer *transfer);

/* The transfer's failure, or NULL as long as there is none. `sent` tells whether a
 * byte of the request had left. Codes: ConnectionRefused, ConnectionReset,
 * HostNotFound, CertificateError, TlsError, ConnectTimeout, ReadTimeout, Timeout,
 * ProxyError, ProxyRefused (it would say no again), IncompleteBody, BodyTooLong,
 * NotResent, TooLarge, Canceled, TransportError. */
const struct awl_error *awl_transfer_error(const struct awl_transfer *transfer);

/* What has come whole, in the response, is of no use: from here on it counts as failed
 * for this reason. */
void awl_transfer_refuse(struct awl_transfer *transfer, const struct awl_error *err);

/* The exchange is over, well or not; bytes of the body may still wait to be read. */
bool awl_transfer_ended(const struct awl_transfer *transfer);

/* Streamed body: the bytes at hand, until the next take. Empty and ended: the end of
 * the body. About 128 KiB wait at most; then the socket is paused. */
awl_str awl_transfer_body(struct awl_transfer *transfer);

/* Drops the first `len` of them and lets the socket go on. */
void awl_transfer_take(struct awl_transfer *transfer, size_t len);

/* For a streamed answer that turns out to be an error: the body, of which nothing has
 * been taken, is collected in the response after all, `max_body` bytes at most; `head`
 * is signaled again when it is whole. */
void awl_transfer_collect(struct awl_transfer *transfer, size_t max_body);

/* Upload: hands over bytes (copied). AWL_ELIMIT when 256 KiB wait already: wait for
 * `writable` first. */
enum awl_rc awl_transfer_feed(struct awl_transfer *transfer, awl_str bytes);
void awl_transfer_feed_end(struct awl_transfer *transfer);

#endif
