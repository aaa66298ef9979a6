/* transfer.h - the inside of a transfer, for the files of the client. */
#ifndef AWL_HTTP_TRANSFER_H
#define AWL_HTTP_TRANSFER_H

#include "http/pool.h"

/* Bytes that may wait to be sent, or to be read by whom a body is streamed to. Small:
 * what is copied on is still in the CPU's cache. */
#define AWL_TRANSFER_WINDOW ((size_t)256 << 10)
#define AWL_STREAM_WINDOW ((size_t)128 << 10)
#define AWL_STREAMS_FEW 16 /* more of them share that cache: half as much for each */

enum awl_transfer_state {
    AWL_TRANSFER_IDLE,
    AWL_TRANSFER_QUEUED,
    AWL_TRANSFER_RUNNING,
    AWL_TRANSFER_ENDED,
};

enum awl_transfer_mark {
    AWL_MARK_HEAD = 1,
    AWL_MARK_READABLE = 2,
    AWL_MARK_WRITABLE = 4,
    AWL_MARK_RESUME = 8, /* the server refused an upload that waits for bytes */
};

struct awl_transfer {
    struct awl_http *http;
    struct awl_lane *lane;            /* while it runs */
    struct awl_host *host;            /* while it waits or runs */
    struct awl_transfer *next, *prev; /* of those that wait, or run, at the host */
    uint64_t sent_ns, sent_idle_ns;   /* when its request went out; 0: not measured */
    struct awl_transfer *next_marked, *prev_marked;
    unsigned marks;
    bool is_marked;
    enum awl_transfer_state state;
    struct awl_transfer_request request; /* its text is the caller's */
    struct awl_waitable head, readable, writable;

    struct awl_response response; /* streamed: `body` holds what waits to be read */
    size_t body_taken;            /* of it, at its start */
    bool head_done;
    struct awl_buf upload; /* fed and not yet sent */
    size_t upload_taken;   /* of it, at its start */
    int64_t upload_fed;    /* bytes in all */
    bool upload_ended;     /* by the feeder */
    bool upload_deaf;      /* the server answered with an error before the end */

    bool paused_recv, paused_send;
    bool busy;      /* counted in awl_loop_busy */
    bool connected; /* a connection was ready to take the request */
    bool answered;  /* and libcurl, after an answer, would send it again */
    bool failed;
    struct awl_error *error; /* why; NULL: no memory to say */

    struct awl_timer timer;
    int64_t launched_us;
    int64_t active_us;   /* when a byte last moved */
    curl_off_t uploaded; /* when the timer last looked */

    struct curl_slist *list; /* the header lines, for libcurl */
    size_t list_cap;
    struct awl_buf lines; /* those that had to be written anew */
};

/* Of the pool that ends: those that were kept for the next. */
void awl_transfers_free_kept(struct awl_http *http);

/* Hands it to libcurl. On failure it is as before. */
enum awl_rc awl_transfer_launch(struct awl_transfer *transfer, struct awl_error *err);

/* libcurl is done with it. */
void awl_transfer_done(struct awl_transfer *transfer, CURLcode code);

/* Ends it as failed. Marks, but does not signal. */
void awl_transfer_fail(struct awl_transfer *transfer, const struct awl_error *err);

/* The deadline may have come nearer. Its timer must be running. */
void awl_transfer_hurry(struct awl_transfer *transfer);

/* Gives the signals that are marked. */
void awl_transfer_signal(struct awl_transfer *transfer);

/* The route of its request, where none is given the default one. */
static inline const struct awl_route *
awl_transfer_route(const struct awl_transfer *transfer)
{
    const struct awl_transfer_request *request = &transfer->request;
    return request->route != NULL ? request->route : transfer->http->standard;
}

/* request.c: the request as libcurl's options. */
void awl_request_list_release(struct awl_transfer *transfer);
enum awl_rc awl_request_apply(struct awl_transfer *transfer, struct awl_lane *lane,
                              struct awl_error *err);

/* callbacks.c: libcurl's callbacks, set once for each lane. */
CURLcode awl_callbacks_set(struct awl_lane *lane);

/* failure.c: libcurl's code in our words. */
void awl_failure_describe(const struct awl_transfer *transfer, CURLcode code,
                          struct awl_error *err);
void awl_failure_timeout(const struct awl_transfer *transfer, const char *code, int ms,
                         struct awl_error *err);

/* "name port 443" of the request's URL, for messages. */
#define AWL_PEER_MAX 300
const char *awl_failure_peer(const struct awl_transfer *transfer, char out[AWL_PEER_MAX]);
bool awl_failure_sent(const struct awl_transfer *transfer);

static inline size_t awl_transfer_stream_window(const struct awl_transfer *transfer)
{
    return transfer->http->transfers > AWL_STREAMS_FEW ? AWL_STREAM_WINDOW / 2
                                                       : AWL_STREAM_WINDOW;
}

#endif
