/* raw.c - the limit: libuv and curl_multi_socket sending one prepared request again and
 * again, the answers thrown away. No signing, no parsing, no script.
 *
 *     raw REQUEST N C
 *
 * REQUEST is a file: the method, the URL, header lines, an empty line, the body. N
 * requests are made, C at a time, after min(N, 2C) to warm up unless PERF_COLD is set.
 * The CA comes from AWS_CA_BUNDLE. Prints a line as client.lua does. With RAW_SIGN set
 * (a region and a signing name, "us-east-1/s3") each request is signed anew with the keys
 * of the environment. RAW_FIRST names a file whose request is made once, alone, in the
 * time that is measured: the listing before a walk over its keys. RAW_UPLOAD names a
 * file that is each request's body, read as libcurl asks for it. */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "aws/sigv4.h"

#define HEADERS_MAX 64
#define REQUEST_MAX ((size_t)4 << 20)

struct request {
    char *text; /* all of the file; the rest points into it */
    char *method, *url, *body;
    size_t body_len;
    char *headers[HEADERS_MAX];
    size_t header_count;
    struct curl_slist list[HEADERS_MAX + 4];
};

struct slot {
    CURL *easy;
    struct awl_headers headers; /* those of the request and its signature */
    struct curl_slist list[HEADERS_MAX + 8];
    off_t uploaded;
};

struct socket {
    uv_poll_t poll;
    curl_socket_t fd;
    int events;
};

static struct {
    uv_loop_t loop;
    uv_timer_t timer;
    CURLM *multi;
    struct socket **sockets; /* by descriptor */
    size_t sockets_cap;
    struct request *request;
    struct slot *slots, **idle;
    size_t idle_count;
    long to_start, running, failed;
    const char *region_and_name; /* NULL: the request is sent as it is */
    struct awl_sigv4 *sigv4;
    int upload_fd; /* -1: none */
    curl_off_t upload_len;
} raw;

static void die(const char *what)
{
    fprintf(stderr, "raw: %s\n", what);
    exit(1);
}

/* ---- the request ---- */

static char *line_end(char *line)
{
    char *end = strchr(line, '\n');
    if (end == NULL)
        die("the request has no empty line after its headers");
    *end = '\0';
    return end + 1;
}

static void add_line(struct curl_slist *list, size_t *count, char *line)
{
    list[*count] = (struct curl_slist){.data = line};
    if (*count > 0)
        list[*count - 1].next = &list[*count];
    (*count)++;
}

static void end_list(struct curl_slist *list, size_t *count)
{
    static char no_accept[] = "Accept:", no_expect[] = "Expect:",
                no_type[] = "Content-Type:";
    bool has_type = false;
    for (size_t i = 0; i < *count; i++)
        has_type = has_type || strncasecmp(list[i].data, "Content-Type:", 13) == 0;
    add_line(list, count, no_accept);
    add_line(list, count, no_expect);
    if (!has_type)
        add_line(list, count, no_type);
}

static void load_request(struct request *request, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t count = 0;
    if (file == NULL || (request->text = malloc(REQUEST_MAX + 1)) == NULL)
        die("the request cannot be read");
    size_t len = fread(request->text, 1, REQUEST_MAX, file);
    fclose(file);
    request->text[len] = '\0';

    char *next = line_end(request->method = request->text);
    next = line_end(request->url = next);
    request->header_count = 0;
    for (;;) {
        char *line = next;
        next = line_end(line);
        if (*line == '\0')
            break;
        if (request->header_count == HEADERS_MAX)
            die("the request has too many headers");
        request->headers[request->header_count++] = line;
        add_line(request->list, &count, line);
    }
    end_list(request->list, &count);
    request->body = next;
    request->body_len = len - (size_t)(next - request->text);
}

/* ---- libcurl on the loop ---- */

static size_t throw_away(char *bytes, size_t size, size_t count, void *data)
{
    (void)bytes, (void)data;
    return size * count;
}

static size_t read_upload(char *out, size_t size, size_t count, void *data)
{
    struct slot *slot = data;
    ssize_t got = pread(raw.upload_fd, out, size * count, slot->uploaded);
    if (got < 0)
        return CURL_READFUNC_ABORT;
    slot->uploaded += got;
    return (size_t)got;
}

static void settle(void);

static void on_timer(uv_timer_t *timer)
{
    int running;
    (void)timer;
    curl_multi_socket_action(raw.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    settle();
}

static int on_timeout(CURLM *multi, long timeout_ms, void *data)
{
    (void)multi, (void)data;
    if (timeout_ms < 0)
        uv_timer_stop(&raw.timer);
    else
        uv_timer_start(&raw.timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct socket *socket = poll->data;
    int what = status < 0 ? CURL_CSELECT_ERR : 0, running;
    if (events & UV_READABLE)
        what |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        what |= CURL_CSELECT_OUT;
    curl_multi_socket_action(raw.multi, socket->fd, what, &running);
    settle();
}

static struct socket *socket_of(curl_socket_t fd)
{
    if ((size_t)fd >= raw.sockets_cap) {
        size_t cap = (size_t)fd * 2 + 64;
        raw.sockets = realloc(raw.sockets, cap * sizeof(struct socket *));
        if (raw.sockets == NULL)
            die("out of memory");
        memset(raw.sockets + raw.sockets_cap, 0,
               (cap - raw.sockets_cap) * sizeof(struct socket *));
        raw.sockets_cap = cap;
    }
    struct socket *socket = raw.sockets[fd];
    if (socket != NULL)
        return socket;
    socket = calloc(1, sizeof(*socket));
    if (socket == NULL || uv_poll_init_socket(&raw.loop, &socket->poll, fd) != 0)
        die("a socket cannot be watched");
    socket->poll.data = socket;
    socket->fd = fd;
    return raw.sockets[fd] = socket;
}

/* A connection between two requests stays armed: most of them are used again. */
static int on_change(CURL *easy, curl_socket_t fd, int what, void *data, void *at)
{
    (void)easy, (void)data, (void)at;
    if (what == CURL_POLL_REMOVE)
        return 0;
    struct socket *socket = socket_of(fd);
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) |
                 (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    if (socket->events != events)
        uv_poll_start(&socket->poll, events, on_poll);
    socket->events = events;
    return 0;
}

static void on_socket_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static int on_close(void *data, curl_socket_t fd)
{
    (void)data;
    if ((size_t)fd < raw.sockets_cap && raw.sockets[fd] != NULL) {
        uv_close((uv_handle_t *)&raw.sockets[fd]->poll, on_socket_closed);
        raw.sockets[fd] = NULL;
    }
    return close(fd);
}

/* ---- requests ---- */

static awl_str part(awl_str url, size_t from, size_t to)
{
    return awl_str_slice(url, from, to == SIZE_MAX ? url.len : to);
}

/* As a client with keys does it: all headers of the request, then the signature. */
static void sign(struct slot *slot, const struct request *request)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    awl_str url = awl_str_of(request->url);
    size_t host = awl_str_find(url, '/', 0) + 2, path = awl_str_find(url, '/', host);
    size_t query = awl_str_find(url, '?', path);
    const char *token = getenv("AWS_SESSION_TOKEN");
    size_t slash = strcspn(raw.region_and_name, "/");
    awl_str name = awl_str_of(raw.region_and_name + slash + 1);
    const struct awl_credentials keys = {
        .access_key_id = awl_str_of(getenv("AWS_ACCESS_KEY_ID")),
        .secret_access_key = awl_str_of(getenv("AWS_SECRET_ACCESS_KEY")),
        .session_token = awl_str_of(token != NULL ? token : ""),
    };
    const struct awl_sigv4_params params = {
        .region = awl_str_make(raw.region_and_name, slash),
        .service = name,
        .now_ms = (int64_t)now.tv_sec * 1000,
        .double_encode_path = !awl_sigv4_is_s3(name),
        .normalize_path = !awl_sigv4_is_s3(name),
        .add_content_sha256 = awl_sigv4_is_s3(name),
    };
    const struct awl_sigv4_target target = {
        .method = awl_str_of(request->method),
        .host = part(url, host, path),
        .path = part(url, path, query),
        .query = query == SIZE_MAX ? STR("") : part(url, query + 1, SIZE_MAX),
    };
    char hex[AWL_SHA256_HEX_LEN + 1];
    awl_sha256_hex_of(awl_str_make(request->body, request->body_len), hex);
    if (awl_sigv4_sign(raw.sigv4, &params, &keys, &target,
                       awl_str_make(hex, AWL_SHA256_HEX_LEN), &slot->headers, NULL,
                       &err) != AWL_OK)
        die(err.message);
    size_t count = 0;
    for (size_t i = 0; i < slot->headers.count && i < HEADERS_MAX; i++)
        add_line(slot->list, &count,
                 (char *)(uintptr_t)awl_headers_line(&slot->headers, i));
    end_list(slot->list, &count);
}

static void set_request(struct slot *slot, struct request *request)
{
    CURL *easy = slot->easy;
    bool post = strcmp(request->method, "GET") != 0;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (raw.upload_fd >= 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_upload);
        curl_easy_setopt(easy, CURLOPT_READDATA, slot);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, raw.upload_len);
    } else if (post) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)request->body_len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    if (raw.region_and_name == NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->list);
        return;
    }
    awl_headers_clear(&slot->headers);
    for (size_t i = 0; i < request->header_count; i++) {
        awl_str line = awl_str_of(request->headers[i]);
        size_t colon = awl_str_find(line, ':', 0);
        awl_headers_add(&slot->headers, part(line, 0, colon),
                        awl_str_trim(part(line, colon + 1, SIZE_MAX)));
    }
}

static void launch(struct slot *slot, struct request *request)
{
    if (raw.region_and_name != NULL) {
        sign(slot, request);
        curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->list);
    }
    slot->uploaded = 0;
    if (curl_multi_add_handle(raw.multi, slot->easy) != CURLM_OK)
        die("libcurl does not take a request");
    raw.running++;
}

static void end_one(CURL *easy, CURLcode code)
{
    struct slot *slot;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) {
        if (raw.failed++ == 0)
            fprintf(stderr, "raw: %s, status %ld\n", curl_easy_strerror(code), status);
    }
    curl_multi_remove_handle(raw.multi, easy);
    raw.idle[raw.idle_count++] = slot;
    raw.running--;
}

static void settle(void)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(raw.multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            end_one(message->easy_handle, message->data.result);
    while (raw.to_start > 0 && raw.idle_count > 0) {
        raw.to_start--;
        launch(raw.idle[--raw.idle_count], raw.request);
    }
    if (raw.running == 0)
        uv_stop(&raw.loop);
}

static void make_slot(struct slot *slot)
{
    CURL *easy = slot->easy = curl_easy_init();
    if (easy == NULL)
        die("out of memory");
    awl_headers_init(&slot->headers, REQUEST_MAX);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    /* libcurl keeps the parsed CA file for the next connection only without a path. */
    const char *ca_file = getenv("AWS_CA_BUNDLE");
    curl_easy_setopt(easy, CURLOPT_CAINFO,
                     ca_file != NULL ? ca_file : "/etc/ssl/certs/ca-certificates.crt");
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

static void run(struct request *request, long n, size_t concurrency)
{
    raw.request = request;
    raw.idle_count = 0;
    for (size_t i = 0; i < concurrency; i++) {
        set_request(&raw.slots[i], request);
        raw.idle[raw.idle_count++] = &raw.slots[i];
    }
    raw.to_start = n;
    settle();
    if (raw.running > 0)
        uv_run(&raw.loop, UV_RUN_DEFAULT);
}

/* ---- figures ---- */

static double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_s(struct rusage *usage)
{
    getrusage(RUSAGE_SELF, usage);
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void open_upload(const char *path)
{
    struct stat about;
    raw.upload_fd = -1;
    if (path == NULL)
        return;
    raw.upload_fd = open(path, O_RDONLY);
    if (raw.upload_fd < 0 || fstat(raw.upload_fd, &about) != 0)
        die("the upload cannot be read");
    raw.upload_len = about.st_size;
}

static void start(size_t concurrency)
{
    open_upload(getenv("RAW_UPLOAD"));
    raw.region_and_name = getenv("RAW_SIGN");
    raw.sigv4 = awl_sigv4_new();
    raw.slots = calloc(concurrency, sizeof(*raw.slots));
    raw.idle = calloc(concurrency, sizeof(struct slot *));
    if (raw.sigv4 == NULL || raw.slots == NULL || raw.idle == NULL)
        die("out of memory");
    uv_loop_init(&raw.loop);
    uv_timer_init(&raw.loop, &raw.timer);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    raw.multi = curl_multi_init();
    curl_multi_setopt(raw.multi, CURLMOPT_SOCKETFUNCTION, on_change);
    curl_multi_setopt(raw.multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(raw.multi, CURLMOPT_MAXCONNECTS, (long)concurrency + 10);
    for (size_t i = 0; i < concurrency; i++)
        make_slot(&raw.slots[i]);
}

int main(int argc, char **argv)
{
    static struct request request, first;
    struct rusage usage;
    if (argc != 4 || atol(argv[2]) <= 0 || atol(argv[3]) <= 0)
        die("usage: raw REQUEST N C");
    long n = atol(argv[2]), c = atol(argv[3]);

    load_request(&request, argv[1]);
    if (getenv("RAW_FIRST") != NULL)
        load_request(&first, getenv("RAW_FIRST"));
    start((size_t)c);
    if (getenv("PERF_COLD") == NULL)
        run(&request, n < 2 * c ? n : 2 * c, (size_t)c);

    double wall = wall_s(), cpu = cpu_s(&usage);
    if (first.text != NULL)
        run(&first, 1, 1);
    run(&request, n, (size_t)c);
    wall = wall_s() - wall;
    cpu = cpu_s(&usage) - cpu;
    printf("{\"n\":%ld,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"rss_kb\":%ld}\n", n, wall, cpu,
           usage.ru_maxrss);
    return raw.failed > 0;
}
