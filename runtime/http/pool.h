/* pool.h - what the files of the client share: the pool, its easy handles, its queue.
 *
 * Code of the pool's users runs only while libcurl is not on the stack: its callbacks
 * store and mark, and awl_pool_settle, called when libcurl has returned, ends what is
 * over, starts what waits, and signals. So a transfer may be started, aborted or
 * freed in any other's wake. */
#ifndef AWL_HTTP_POOL_H
#define AWL_HTTP_POOL_H

#include <curl/curl.h>

#include "http/growth.h"
#include "http/http.h"
#include "http/route_private.h"

#define AWL_HOST_BUCKETS 256

/* An easy handle, kept for the next transfer when one has ended. */
struct awl_lane {
    struct awl_http *http;
    struct awl_transfer *transfer; /* NULL: free */
    struct awl_lane *next;         /* of the free ones */
    CURL *easy;
    struct curl_slist *address;    /* that it tells libcurl, or NULL */
    const struct awl_route *route; /* that it is set up for, NULL: none yet */
    bool route_tls;                /* and for URLs of this scheme */
    char reason[CURL_ERROR_SIZE];
};

/* Some transfers of one host, in order. */
struct awl_transfers {
    struct awl_transfer *first, *last;
    unsigned count;
};

/* Where requests go: a scheme, a name and a port. What is known of it is kept for the
 * next transfer, of some hundred hosts at most. */
struct awl_host {
    struct awl_host *next_in_bucket;
    struct awl_host *next_waiting,
        *prev_waiting; /* in a ring, while its queue has some */
    struct awl_transfers queue, running;
    struct awl_transfer *pilot; /* the one that resolves the name for all */
    bool resolved;
    uint64_t stale_ms;          /* when the address is to be looked up again; 0: never */
    struct awl_lookup *lookup;  /* that is under way */
    struct curl_slist *address; /* what it has found, for libcurl; NULL: nothing new */
    struct awl_growth growth;
    CURLU *url; /* the origin, parsed once for all requests; NULL: each is given whole */
    uint32_t hash;
    size_t len;
    char key[]; /* the origin, with a NUL after it */
};

struct awl_socket; /* sockets.c */
struct awl_lookup; /* names.c */

struct awl_http {
    struct awl_loop *loop;
    struct awl_http_options options;
    CURLM *multi;
    CURLSH *share;
    const char *ca_file; /* the system's, or NULL: libcurl's own default */
    struct awl_route *routes;
    const struct awl_route *standard; /* with default settings */
    uv_timer_t timer;                 /* libcurl's, in real time */
    struct awl_socket **sockets;      /* by descriptor */
    size_t sockets_cap;
    unsigned handles; /* of libuv, not yet closed */
    /* When libcurl was last called for an event: by our clock, and in real time. */
    int64_t event_us;

    struct awl_lane *free_lanes;
    unsigned free_lanes_count;
    struct awl_host *hosts[AWL_HOST_BUCKETS];
    unsigned host_count;
    struct awl_host *waiting; /* the next in turn, of the ring */
    unsigned running, queued, max_running;
    struct awl_pace pace;
    bool held; /* something is queued because one more connection would not help */
    uv_prepare_t before_wait; /* these three while something is queued */
    uv_check_t after_wait;
    uv_timer_t look_again;
    struct awl_transfer *marked, *last_marked; /* with signals to be given */
    unsigned transfers;                        /* not yet freed */
    struct awl_transfer *free_transfers;       /* kept for the next, with their buffers */
    unsigned free_transfers_count;
    struct awl_http_stats stats;
};

/* pool.c */
struct awl_lane *awl_pool_lane(struct awl_http *http); /* NULL: out of memory */
void awl_pool_lane_release(struct awl_lane *lane);
void awl_pool_settle(struct awl_http *http);

/* Puts the transfer among those that awl_pool_settle signals; unmark takes it out. */
void awl_pool_mark(struct awl_transfer *transfer);
void awl_pool_unmark(struct awl_transfer *transfer);

/* queue.c: who may run. */
void awl_queue_init(struct awl_http *http);
void awl_queue_release(struct awl_http *http); /* closes its handles, frees the hosts */
enum awl_rc awl_queue_enter(struct awl_transfer *transfer); /* may launch it */
void awl_queue_leave(struct awl_transfer *transfer);        /* waiting or running */
void awl_queue_resolved(struct awl_transfer *transfer); /* its host's address is known */
void awl_queue_sent(struct awl_transfer *transfer);     /* its request goes out now */
void awl_queue_answered(struct awl_transfer *transfer); /* its answer has begun */
void awl_queue_run(struct awl_http *http);              /* launches what may run */

/* names.c: addresses of hosts. */
void awl_names_found(struct awl_http *http, struct awl_host *host); /* by libcurl */
void awl_names_refresh(struct awl_transfer *transfer);              /* if it is time */
void awl_names_release(struct awl_http *http); /* lookups under way are for nobody */

/* sockets.c: libcurl's sockets and timer on the loop. */
int awl_sockets_init(struct awl_http *http);
void awl_sockets_release(struct awl_http *http); /* after curl_multi_cleanup */
int awl_socket_on_change(CURL *easy, curl_socket_t fd, int what, void *http,
                         void *unused);
int awl_socket_on_timeout(CURLM *multi, long timeout_ms, void *http);
curl_socket_t awl_socket_on_open(void *lane, curlsocktype purpose,
                                 struct curl_sockaddr *address);
int awl_socket_on_close(void *http, curl_socket_t fd);

#endif
