/* slow_server.c - answers every request after a while, and counts how many waited at
 * once. For load tests: tens of thousands of connections, little CPU.
 *
 *     slow_server [PORT [DELAY_MS]]
 *
 * listens on 127.0.0.1 (PORT 0, the default: a free one), prints the port, and runs
 * until it is killed or its standard input ends. Answers sts GetCallerIdentity with
 * XML and paths that begin with /2015-03-31/functions/ with JSON, after DELAY_MS
 * (default 1000). GET /stats answers at once: {"open":..,"max":..,"requests":..,
 * "connections":..}; GET /reset does the same and sets max and requests back. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <netinet/tcp.h>

#define REQUEST_MAX 16384
#define EVENTS_MAX 1024

static const char sts_body[] =
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
    "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn>"
    "<UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>"
    "01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>";
static const char lambda_body[] = "{\"system_test_successful\":true}";

enum kind {
    KIND_STS,
    KIND_LAMBDA,
    KIND_STATS,
    KIND_RESET,
};

/* One that waits for its answer is in the list of those, which is in the order of the
 * time they are due, as all wait equally long. */
struct connection {
    int fd;
    char *request; /* what has come of it; NULL: nothing */
    size_t len;
    size_t skip; /* bytes of the body still to come */
    enum kind kind;
    bool waiting;
    int64_t due_us;
    struct connection *next, *prev;
};

struct server {
    int epoll, listener;
    int64_t delay_us;
    struct connection *first, *last; /* waiting */
    long open, max, requests, connections;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void wait_end(struct server *server, struct connection *connection)
{
    if (!connection->waiting)
        return;
    if (connection->prev != NULL)
        connection->prev->next = connection->next;
    else
        server->first = connection->next;
    if (connection->next != NULL)
        connection->next->prev = connection->prev;
    else
        server->last = connection->prev;
    connection->next = connection->prev = NULL;
    connection->waiting = false;
    server->open--;
}

static void wait_begin(struct server *server, struct connection *connection)
{
    connection->waiting = true;
    connection->due_us = now_us() + server->delay_us;
    connection->prev = server->last;
    if (server->last != NULL)
        server->last->next = connection;
    else
        server->first = connection;
    server->last = connection;
    if (++server->open > server->max)
        server->max = server->open;
}

static void connection_close(struct server *server, struct connection *connection)
{
    wait_end(server, connection);
    close(connection->fd);
    free(connection->request);
    free(connection);
}

static bool answer(struct server *server, struct connection *connection)
{
    char stats[160], text[1024];
    const char *body = sts_body, *type = "text/xml";
    if (connection->kind == KIND_LAMBDA) {
        body = lambda_body;
        type = "application/json";
    } else if (connection->kind != KIND_STS) {
        snprintf(stats, sizeof(stats),
                 "{\"open\":%ld,\"max\":%ld,\"requests\":%ld,\"connections\":%ld}\n",
                 server->open, server->max, server->requests, server->connections);
        body = stats;
        type = "application/json";
        if (connection->kind == KIND_RESET) {
            server->max = server->open;
            server->requests = 0;
        }
    }
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                       "x-amzn-RequestId: 01234567-89ab-cdef-0123-456789abcdef\r\n\r\n%s",
                       type, strlen(body), body);
    /* An answer fits into the socket's buffer, which is empty: one at a time. */
    return send(connection->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

static size_t content_length(const char *head)
{
    for (const char *line = head; line != NULL; line = strstr(line, "\r\n")) {
        line += line != head ? 2 : 0;
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            return (size_t)strtoul(line + 15, NULL, 10);
    }
    return 0;
}

static enum kind kind_of(const char *head)
{
    if (strstr(head, " /2015-03-31/functions/") != NULL)
        return KIND_LAMBDA;
    if (strncmp(head, "GET /stats ", 11) == 0)
        return KIND_STATS;
    return strncmp(head, "GET /reset ", 11) == 0 ? KIND_RESET : KIND_STS;
}

/* The whole request is there. */
static bool request_complete(struct server *server, struct connection *connection)
{
    if (connection->kind == KIND_STATS || connection->kind == KIND_RESET)
        return answer(server, connection);
    server->requests++;
    wait_begin(server, connection);
    return true;
}

/* `bytes` holds `len` bytes and a NUL. False: the connection is of no more use. */
static bool request_parse(struct server *server, struct connection *connection,
                          const char *bytes, size_t len)
{
    const char *end = strstr(bytes, "\r\n\r\n");
    if (end == NULL) { /* keep what came */
        char *kept = len < REQUEST_MAX ? malloc(len + 1) : NULL;
        if (kept == NULL)
            return false;
        memcpy(kept, bytes, len + 1);
        free(connection->request);
        connection->request = kept;
        connection->len = len;
        return true;
    }
    size_t head = (size_t)(end - bytes) + 4;
    size_t body = content_length(bytes);
    size_t here = len - head;
    connection->kind = kind_of(bytes);
    free(connection->request);
    connection->request = NULL;
    connection->len = 0;
    if (here > body)
        return false; /* pipelining */
    connection->skip = body - here;
    return connection->skip > 0 || request_complete(server, connection);
}

static bool connection_read(struct server *server, struct connection *connection)
{
    char bytes[REQUEST_MAX + 1];
    if (connection->len != 0)
        memcpy(bytes, connection->request, connection->len);
    ssize_t got =
        recv(connection->fd, bytes + connection->len, REQUEST_MAX - connection->len, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    size_t len = connection->len + (size_t)got;
    if (connection->skip == 0) {
        bytes[len] = '\0';
        return !connection->waiting && request_parse(server, connection, bytes, len);
    }
    if ((size_t)got > connection->skip)
        return false;
    connection->skip -= (size_t)got;
    return connection->skip > 0 || request_complete(server, connection);
}

static void accept_all(struct server *server)
{
    int fd;
    while ((fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        int on = 1;
        struct connection *connection = calloc(1, sizeof(*connection));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (connection == NULL || epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event)) {
            free(connection);
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        connection->fd = fd;
        server->connections++;
    }
}

static void answer_due(struct server *server)
{
    while (server->first != NULL && server->first->due_us <= now_us()) {
        struct connection *connection = server->first;
        wait_end(server, connection);
        if (!answer(server, connection))
            shutdown(connection->fd, SHUT_RDWR); /* its event closes it */
    }
}

static int wait_ms(const struct server *server)
{
    if (server->first == NULL)
        return -1;
    int64_t left = server->first->due_us - now_us();
    return left <= 0 ? 0 : (int)((left + 999) / 1000);
}

static void serve(struct server *server, bool watch_input)
{
    struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = epoll_wait(server->epoll, events, EVENTS_MAX, wait_ms(server));
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            char ignored[256];
            if (events[i].data.ptr == &server->listener)
                accept_all(server);
            else if (events[i].data.ptr == server) {
                if (watch_input && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
                    return;
            } else if (!connection_read(server, connection))
                connection_close(server, connection);
        }
        answer_due(server);
    }
}

static int listen_on(int port)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(where);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&where, len) != 0 || listen(fd, 16384) != 0 ||
        getsockname(fd, (struct sockaddr *)&where, &len) != 0) {
        perror("slow_server");
        exit(1);
    }
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    long port = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    long delay_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    if (port < 0 || port > 65535 || delay_ms < 0 || delay_ms > 3600000) {
        fprintf(stderr, "usage: slow_server [PORT [DELAY_MS]]\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    struct server server = {.epoll = epoll_create1(EPOLL_CLOEXEC),
                            .listener = listen_on((int)port),
                            .delay_us = delay_ms * 1000};
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = &server.listener};
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = &server};
    epoll_ctl(server.epoll, EPOLL_CTL_ADD, server.listener, &listening);
    /* Files and /dev/null cannot be watched: then only a signal ends it. */
    bool watch_input = epoll_ctl(server.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input) == 0;
    serve(&server, watch_input);
    return 0;
}
