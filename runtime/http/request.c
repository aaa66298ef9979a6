/* request.c - a request as libcurl's options.
 *
 * A handle serves one request after another and keeps its options: every option that
 * differs from request to request is set here each time. */
#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"

#define STREAM_READ 393216L /* bytes asked of a socket at once */

static enum awl_rc list_reserve(struct awl_transfer *transfer, size_t count)
{
    if (count <= transfer->list_cap)
        return AWL_OK;
    struct curl_slist *list = realloc(transfer->list, count * sizeof(*list));
    if (list == NULL)
        return AWL_ENOMEM;
    transfer->list = list;
    transfer->list_cap = count;
    return AWL_OK;
}

void awl_request_list_release(struct awl_transfer *transfer)
{
    free(transfer->list);
    awl_buf_release(&transfer->lines);
}

static bool is_curls_own(awl_str name)
{
    return awl_str_eq_nocase(name, STR("Content-Length")) ||
           awl_str_eq_nocase(name, STR("Expect"));
}

/* Room first: the list points into it. */
static enum awl_rc lines_reserve(struct awl_transfer *transfer)
{
    const struct awl_headers *headers = transfer->request.headers;
    size_t need = 0;
    awl_buf_clear(&transfer->lines);
    for (size_t i = 0; i < headers->count; i++) {
        if (headers->fields[i].value_len == 0)
            need += headers->fields[i].name_len + 2;
    }
    return need != 0 ? awl_buf_reserve(&transfer->lines, need) : AWL_OK;
}

/* libcurl takes a name without a value for the wish not to send it, unless a
 * semicolon follows. */
static char *line_of(struct awl_transfer *transfer, size_t index)
{
    const struct awl_headers *headers = transfer->request.headers;
    if (headers->fields[index].value_len != 0)
        return (char *)(uintptr_t)awl_headers_line(headers, index);
    struct awl_buf *lines = &transfer->lines;
    size_t start = lines->len;
    awl_buf_append_str(lines, awl_headers_name(headers, index));
    awl_buf_append(lines, ";", 2);
    return lines->ptr + start;
}

static void list_add(struct awl_transfer *transfer, size_t *count, char *line)
{
    transfer->list[(*count)++] = (struct curl_slist){.data = line};
}

/* The caller's lines, not copied, then the fields that libcurl shall not add. */
static enum awl_rc list_build(struct awl_transfer *transfer)
{
    static char no_accept[] = "Accept:", no_type[] = "Content-Type:";
    static char no_expect[] = "Expect:", expect[] = "Expect: 100-continue";
    const struct awl_headers *headers = transfer->request.headers;
    size_t count = 0;
    enum awl_rc rc = list_reserve(transfer, (headers != NULL ? headers->count : 0) + 3);
    if (rc == AWL_OK && headers != NULL)
        rc = lines_reserve(transfer);
    if (rc != AWL_OK)
        return rc;

    bool has_accept = false, has_type = false;
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        if (is_curls_own(name))
            continue;
        has_accept = has_accept || awl_str_eq_nocase(name, STR("Accept"));
        has_type = has_type || awl_str_eq_nocase(name, STR("Content-Type"));
        list_add(transfer, &count, line_of(transfer, i));
    }
    if (!has_accept)
        list_add(transfer, &count, no_accept);
    if (!has_type)
        list_add(transfer, &count, no_type);
    list_add(transfer, &count, transfer->request.expect_continue ? expect : no_expect);
    for (size_t i = 0; i + 1 < count; i++)
        transfer->list[i].next = &transfer->list[i + 1];
    return AWL_OK;
}

/* Methods whose requests announce their body's length even when that is 0. */
static bool method_has_body(awl_str method)
{
    return awl_str_eq(method, STR("POST")) || awl_str_eq(method, STR("PUT")) ||
           awl_str_eq(method, STR("PATCH"));
}

static CURLcode apply_method(CURL *easy, const struct awl_transfer_request *request)
{
    char name[32];
    CURLcode code;
    bool body =
        request->upload || request->body.len != 0 || method_has_body(request->method);
    if (request->method.len >= sizeof(name))
        return CURLE_BAD_FUNCTION_ARGUMENT;
    memcpy(name, request->method.ptr, request->method.len);
    name[request->method.len] = '\0';

    if (!body) {
        bool head = awl_str_eq(request->method, STR("HEAD"));
        code = curl_easy_setopt(easy, head ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
    } else {
        curl_off_t len = request->upload ? (curl_off_t)request->upload_length
                                         : (curl_off_t)request->body.len;
        const char *bytes = request->body.len != 0 ? request->body.ptr : "";
        code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->upload ? NULL : bytes);
    }
    if (code != CURLE_OK)
        return code;
    bool is_default = awl_str_eq(request->method, STR("HEAD")) ||
                      awl_str_eq_nocase(request->method, body ? STR("POST") : STR("GET"));
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_default ? NULL : name);
}

/* libcurl sends a target as it stands, so that one with other bytes would be more than
 * a target. */
static bool is_target(const char *text)
{
    if (*text != '/')
        return false;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c >= 0x7f || c == '#')
            return false;
    }
    return true;
}

/* What is the same for all requests to a host is not parsed for each. A proxy that does
 * not tunnel is given the whole URL. */
static CURLcode apply_url(CURL *easy, const struct awl_transfer *transfer)
{
    const struct awl_host *host = transfer->host;
    const char *url = transfer->request.url;
    const char *target = url + host->len;

    if (host->url == NULL || !is_target(target) ||
        (!host->growth.tls && *awl_transfer_route(transfer)->proxy[false] != '\0')) {
        curl_easy_setopt(easy, CURLOPT_CURLU, NULL);
        curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, NULL);
        return curl_easy_setopt(easy, CURLOPT_URL, url);
    }
    curl_easy_setopt(easy, CURLOPT_CURLU, host->url);
    return curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target);
}

/* Setting a handle up anew makes libcurl copy and compare text: only where it differs. */
static CURLcode apply_route(struct awl_lane *lane, const struct awl_transfer *transfer)
{
    const struct awl_transfer_request *request = &transfer->request;
    const struct awl_route *route = awl_transfer_route(transfer);
    bool tls = strncmp(request->url, "https:", 6) == 0;

    if (lane->route == route && lane->route_tls == tls && !route->no_proxy_has_ports)
        return CURLE_OK;
    lane->route = NULL;
    CURLcode code = awl_route_apply(route, lane->easy, request->url);
    if (code == CURLE_OK) {
        lane->route = route;
        lane->route_tls = tls;
    }
    return code;
}

/* The first request after a lookup tells libcurl what has been found. */
static void apply_address(struct awl_lane *lane, struct awl_host *host)
{
    if (lane->address == NULL && host->address == NULL)
        return;
    curl_slist_free_all(lane->address);
    lane->address = host->address;
    host->address = NULL;
    curl_easy_setopt(lane->easy, CURLOPT_RESOLVE, lane->address);
}

/* One that may not be repeated and has no body looks to libcurl, when a reused
 * connection dies, as if it had never been sent: a new connection does not die so.
 * HTTP/2 is for exchanges that last: each has its connection for itself, since libcurl
 * would also take an idle one of HTTP/1.1. */
static bool wants_fresh_connection(const struct awl_transfer_request *request)
{
    return request->http2 ||
           (!request->repeatable && !request->upload && request->body.len == 0);
}

/* Few large reads cost less than many; TLS gives 16 KiB whatever one asks for. */
static long read_size(const struct awl_transfer *transfer, bool tls)
{
    if (transfer->request.buffered || tls)
        return CURL_MAX_WRITE_SIZE;
    size_t window = awl_transfer_stream_window(transfer);
    return window < AWL_STREAM_WINDOW ? (long)window : STREAM_READ;
}

enum awl_rc awl_request_apply(struct awl_transfer *transfer, struct awl_lane *lane,
                              struct awl_error *err)
{
    const struct awl_transfer_request *request = &transfer->request;
    CURL *easy = lane->easy;
    enum awl_rc rc = list_build(transfer);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "the request's header fields cannot be sent");

    int connect_ms = request->connect_timeout_ms;
    CURLcode code = apply_url(easy, transfer);
    if (code == CURLE_OK)
        code = apply_method(easy, request);
    if (code == CURLE_OK)
        code = apply_route(lane, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->list);
    apply_address(lane, transfer->host);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     request->http2 ? (long)CURL_HTTP_VERSION_2TLS
                                    : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, read_size(transfer, lane->route_tls));
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L); /* left on by an answer without a body */
    /* Timeouts are ours; libcurl divides this one among a name's addresses. */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     connect_ms > 0 ? (long)connect_ms : (long)AWL_HTTP_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT,
                     wants_fresh_connection(request) ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, request->http2 ? 1L : 0L);
    if (code == CURLE_OK)
        return AWL_OK;
    return awl_error_set(err, code == CURLE_OUT_OF_MEMORY ? AWL_ENOMEM : AWL_EINPUT,
                         "the request cannot be sent: %s", curl_easy_strerror(code));
}
