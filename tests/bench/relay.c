/* relay.c - puts a server at a distance: passes bytes between its clients and the server
 * on 127.0.0.1, each piece after a while.
 *
 *     relay PORT DELAY_MS
 *
 * listens on a free port of 127.0.0.1, which it prints, until it is killed. A piece takes
 * DELAY_MS in each direction; a connection's first one three times that, as if it had
 * been opened over that distance. */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define PIECE_MAX 65536

struct piece {
    struct piece *next;
    uint64_t due_ms;
    uv_write_t write;
    size_t len; /* 0: the end */
    char bytes[];
};

/* One direction of a connection. */
struct way {
    uv_tcp_t from; /* read here, written to the other way's */
    uv_timer_t timer;
    struct way *back;
    struct piece *first, *last;
    bool moved; /* a piece has passed */
    int open;   /* handles not yet closed */
};

static struct {
    uv_loop_t *loop;
    uv_tcp_t listener;
    struct sockaddr_in server;
    uint64_t delay_ms;
} relay;

static void way_free(struct way *way)
{
    while (way->first != NULL) {
        struct piece *piece = way->first;
        way->first = piece->next;
        free(piece);
    }
    free(way);
}

static void on_closed(uv_handle_t *handle)
{
    struct way *way = handle->data;
    if (--way->open == 0 && way->back->open == 0) {
        way_free(way->back);
        way_free(way);
    }
}

static void close_way(struct way *way)
{
    if (uv_is_closing((uv_handle_t *)&way->from))
        return;
    uv_close((uv_handle_t *)&way->from, on_closed);
    uv_close((uv_handle_t *)&way->timer, on_closed);
}

static void close_both(struct way *way)
{
    close_way(way);
    close_way(way->back);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

static void on_due(uv_timer_t *timer)
{
    struct way *way = timer->data;
    uint64_t now_ms = uv_now(relay.loop);
    while (way->first != NULL && way->first->due_ms <= now_ms) {
        struct piece *piece = way->first;
        way->first = piece->next;
        if (piece->len == 0) {
            free(piece);
            close_both(way);
            return;
        }
        uv_buf_t buf = uv_buf_init(piece->bytes, (unsigned)piece->len);
        piece->write.data = piece;
        uv_write(&piece->write, (uv_stream_t *)&way->back->from, &buf, 1, on_written);
    }
    if (way->first != NULL)
        uv_timer_start(&way->timer, on_due, way->first->due_ms - now_ms, 0);
}

static void pass(struct way *way, const char *bytes, size_t len)
{
    struct piece *piece = calloc(1, sizeof(*piece) + len);
    if (piece == NULL)
        abort();
    if (len > 0)
        memcpy(piece->bytes, bytes, len);
    piece->len = len;
    piece->due_ms = uv_now(relay.loop) + relay.delay_ms;
    if (!way->moved && !way->back->moved)
        piece->due_ms += 2 * relay.delay_ms;
    way->moved = true;
    if (way->first == NULL) {
        way->first = piece;
        uv_timer_start(&way->timer, on_due, piece->due_ms - uv_now(relay.loop), 0);
    } else {
        way->last->next = piece;
    }
    way->last = piece;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    static char bytes[PIECE_MAX];
    (void)handle, (void)size;
    *buf = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct way *way = stream->data;
    if (len > 0)
        pass(way, buf->base, (size_t)len);
    if (len >= 0)
        return;
    uv_read_stop(stream);
    pass(way, NULL, 0);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct way *server = connect->data;
    free(connect);
    if (status != 0) {
        close_both(server);
        return;
    }
    uv_read_start((uv_stream_t *)&server->from, on_alloc, on_read);
    uv_read_start((uv_stream_t *)&server->back->from, on_alloc, on_read);
}

static struct way *way_new(void)
{
    struct way *way = calloc(1, sizeof(*way));
    if (way == NULL)
        abort();
    uv_tcp_init(relay.loop, &way->from);
    uv_timer_init(relay.loop, &way->timer);
    way->from.data = way->timer.data = way;
    way->open = 2;
    return way;
}

static void on_client(uv_stream_t *listener, int status)
{
    if (status != 0)
        return;
    struct way *client = way_new(), *server = way_new();
    uv_connect_t *connect = calloc(1, sizeof(*connect));
    if (connect == NULL)
        abort();
    client->back = server;
    server->back = client;
    connect->data = server;
    if (uv_accept(listener, (uv_stream_t *)&client->from) != 0 ||
        uv_tcp_connect(connect, &server->from, (struct sockaddr *)&relay.server,
                       on_connected) != 0)
        abort();
    uv_tcp_nodelay(&client->from, 1);
    uv_tcp_nodelay(&server->from, 1);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    int len = sizeof(address);
    if (argc != 3) {
        fprintf(stderr, "usage: relay PORT DELAY_MS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    relay.loop = uv_default_loop();
    relay.delay_ms = strtoull(argv[2], NULL, 10);
    uv_ip4_addr("127.0.0.1", atoi(argv[1]), &relay.server);
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(relay.loop, &relay.listener);
    uv_tcp_bind(&relay.listener, (struct sockaddr *)&address, 0);
    if (uv_listen((uv_stream_t *)&relay.listener, 1024, on_client) != 0)
        return 1;
    uv_tcp_getsockname(&relay.listener, (struct sockaddr *)&address, &len);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(relay.loop, UV_RUN_DEFAULT);
}
