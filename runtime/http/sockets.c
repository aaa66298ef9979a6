/* sockets.c - libcurl's sockets and its timer on libuv.
 *
 * A socket stays armed when libcurl loses interest in it and is disarmed only if
 * something then happens: the same connection usually serves the next request, and
 * disarming and arming around each one costs a sixth of all CPU time. */
#include "http/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct awl_socket {
    uv_poll_t poll;
    struct awl_http *http;
    curl_socket_t fd;
    bool polled;         /* `poll` is a handle of the loop's */
    bool opened;         /* by awl_socket_on_open; else it is the resolver's own */
    bool unwanted_event; /* one has come since libcurl last wanted any */
    int wanted;          /* by libcurl: UV_READABLE, UV_WRITABLE */
    int armed;
};

static struct awl_socket *socket_find(struct awl_http *http, curl_socket_t fd)
{
    return fd >= 0 && (size_t)fd < http->sockets_cap ? http->sockets[fd] : NULL;
}

static struct awl_socket *socket_new(struct awl_http *http, curl_socket_t fd)
{
    if ((size_t)fd >= http->sockets_cap) {
        size_t cap = http->sockets_cap != 0 ? http->sockets_cap : 64;
        while (cap <= (size_t)fd)
            cap *= 2;
        struct awl_socket **sockets = realloc(http->sockets, cap * sizeof(*sockets));
        if (sockets == NULL)
            return NULL;
        for (size_t i = http->sockets_cap; i < cap; i++)
            sockets[i] = NULL;
        http->sockets = sockets;
        http->sockets_cap = cap;
    }
    struct awl_socket *socket = calloc(1, sizeof(*socket));
    if (socket == NULL)
        return NULL;
    socket->http = http;
    socket->fd = fd;
    http->sockets[fd] = socket;
    return socket;
}

static void on_closed(uv_handle_t *handle)
{
    struct awl_socket *socket = handle->data;
    socket->http->handles--;
    free(socket);
}

static void socket_free(struct awl_socket *socket)
{
    socket->http->sockets[socket->fd] = NULL;
    if (!socket->polled) {
        free(socket);
        return;
    }
    uv_poll_stop(&socket->poll);
    uv_close((uv_handle_t *)&socket->poll, on_closed);
}

/* libcurl is about to be called for something that has happened. */
static void begin_event(struct awl_http *http)
{
    awl_pace_wake(&http->pace, uv_hrtime());
    http->event_us = awl_clock_mono_us(awl_loop_clock(http->loop));
    awl_loop_event(http->loop);
}

/* The first is let pass: the reader of a paused body usually makes room before the loop
 * waits again, and a socket that is really forgotten reports again at once. */
static void on_unwanted(struct awl_socket *socket)
{
    if (socket->unwanted_event) {
        uv_poll_stop(&socket->poll);
        socket->armed = 0;
    }
    socket->unwanted_event = !socket->unwanted_event;
}

static int socket_arm(struct awl_socket *socket);

/* A server that closes without having read all resets the connection behind its answer:
 * what is still to be read comes first, then the error. */
static void on_error(struct awl_socket *socket)
{
    struct awl_http *http = socket->http;
    curl_socket_t fd = socket->fd;
    int running;
    curl_multi_socket_action(
        http->multi, fd,
        socket->wanted & UV_READABLE ? CURL_CSELECT_IN : CURL_CSELECT_OUT, &running);
    socket = socket_find(http, fd); /* it may be gone */
    if (socket != NULL && socket->wanted != 0)
        socket_arm(socket);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct awl_socket *socket = poll->data;
    struct awl_http *http = socket->http;
    if (status < 0)
        socket->armed = 0; /* libuv has stopped it */
    if (socket->wanted == 0) {
        on_unwanted(socket);
        return;
    }
    begin_event(http);
    int running;
    if (status < 0)
        on_error(socket);
    else
        curl_multi_socket_action(http->multi, socket->fd,
                                 (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
                                     (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0),
                                 &running);
    awl_pool_settle(http); /* `socket` may be gone */
}

static int socket_arm(struct awl_socket *socket)
{
    if (!socket->polled) {
        if (uv_poll_init(awl_loop_uv(socket->http->loop), &socket->poll, socket->fd) != 0)
            return -1;
        socket->poll.data = socket;
        socket->polled = true;
        socket->http->handles++;
        uv_unref((uv_handle_t *)&socket->poll); /* idle connections keep nobody up */
    }
    if (socket->armed == socket->wanted)
        return 0;
    if (uv_poll_start(&socket->poll, socket->wanted, on_event) != 0)
        return -1;
    socket->armed = socket->wanted;
    return 0;
}

/* Whether awl_socket_on_close will come: libcurl (7.88) closes a connection that is not
 * ready yet without it. libuv would go on to poll that number, which the next connection
 * may have: it would be refused, and libcurl be of no use any more. */
static bool close_is_told(const struct awl_socket *socket, CURL *easy)
{
    struct awl_lane *lane = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &lane);
    return socket->opened &&
           (lane == NULL || lane->transfer == NULL || lane->transfer->connected);
}

int awl_socket_on_change(CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
    struct awl_http *http = data;
    struct awl_socket *socket = socket_find(http, fd);
    (void)unused;
    if (what == CURL_POLL_REMOVE || what == CURL_POLL_NONE) {
        if (socket == NULL)
            return 0;
        socket->wanted = 0;
        if (what == CURL_POLL_REMOVE && !close_is_told(socket, easy))
            socket_free(socket);
        return 0;
    }
    if (socket == NULL && (socket = socket_new(http, fd)) == NULL)
        return -1;
    socket->wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) |
                     (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    socket->unwanted_event = false;
    return socket_arm(socket);
}

curl_socket_t awl_socket_on_open(void *data, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct awl_lane *lane = data;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    struct awl_socket *socket = socket_find(lane->http, fd);
    if (socket != NULL) /* closed without a word */
        socket_free(socket);
    socket = socket_new(lane->http, fd);
    if (socket == NULL) {
        close(fd);
        errno = ENOMEM;
        return CURL_SOCKET_BAD;
    }
    socket->opened = true;
    lane->http->stats.connections++;
    if (lane->transfer != NULL)
        awl_queue_resolved(lane->transfer);
    return fd;
}

int awl_socket_on_close(void *data, curl_socket_t fd)
{
    struct awl_socket *socket = socket_find(data, fd);
    if (socket != NULL)
        socket_free(socket);
    return close(fd);
}

static void on_timer(uv_timer_t *timer)
{
    struct awl_http *http = timer->data;
    int running;
    begin_event(http);
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    awl_pool_settle(http);
}

int awl_socket_on_timeout(CURLM *multi, long timeout_ms, void *data)
{
    struct awl_http *http = data;
    (void)multi;
    if (timeout_ms < 0)
        return uv_timer_stop(&http->timer);
    if (timeout_ms > 0) /* libuv's idea of now may be old; for 0 it does not matter */
        uv_update_time(awl_loop_uv(http->loop));
    return uv_timer_start(&http->timer, on_timer, (uint64_t)timeout_ms, 0);
}

int awl_sockets_init(struct awl_http *http)
{
    int status = uv_timer_init(awl_loop_uv(http->loop), &http->timer);
    http->timer.data = http;
    uv_unref((uv_handle_t *)&http->timer);
    http->handles++;
    return status;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct awl_http *http = handle->data;
    http->handles--;
}

void awl_sockets_release(struct awl_http *http)
{
    uv_close((uv_handle_t *)&http->timer, on_timer_closed);
    for (size_t i = 0; i < http->sockets_cap; i++) {
        if (http->sockets[i] != NULL)
            socket_free(http->sockets[i]);
    }
    while (http->handles > 0)
        uv_run(awl_loop_uv(http->loop), UV_RUN_NOWAIT);
    free(http->sockets);
}
