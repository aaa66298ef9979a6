/* callbacks.c - libcurl's callbacks: they store and mark, nothing else. */
#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"

#define BODY_LARGE 4096 /* a first piece that more may follow */
#define BODY_EXPECTED_MAX (4 << 20)

static void mark(struct awl_transfer *transfer, enum awl_transfer_mark what)
{
    transfer->marks |= what;
    awl_pool_mark(transfer);
}

static void moved(struct awl_transfer *transfer)
{
    transfer->active_us = transfer->http->event_us;
}

static void set_busy(struct awl_transfer *transfer, bool busy)
{
    if (transfer->busy != busy)
        awl_loop_busy(transfer->http->loop, busy ? 1 : -1);
    transfer->busy = busy;
}

static void refuse(struct awl_transfer *transfer, const struct awl_error *err)
{
    if (transfer->error == NULL && (transfer->error = malloc(sizeof(*err))) != NULL)
        *transfer->error = *err;
}

/* Once for each time that libcurl is about to send the request. A second time means
 * that it found a reused connection closed before any answer and would repeat. Or it has
 * had an answer, a 417, and would repeat that request for ever: the answer is the end. */
static int on_ready_to_send(void *data, char *remote, char *local, int remote_port,
                            int local_port)
{
    struct awl_lane *lane = data;
    struct awl_transfer *transfer = lane->transfer;
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    bool again = transfer->connected && awl_failure_sent(transfer);
    transfer->answered = transfer->head_done;
    if (transfer->answered)
        return CURL_PREREQFUNC_ABORT;
    transfer->connected = true;
    moved(transfer);
    awl_queue_resolved(transfer);
    awl_queue_sent(transfer);
    awl_transfer_hurry(transfer);
    if (!again || (transfer->request.repeatable && !transfer->request.upload))
        return CURL_PREREQFUNC_OK;

    struct awl_error err = AWL_ERROR_INIT;
    awl_failure_describe(transfer, CURLE_SEND_FAIL_REWIND, &err);
    refuse(transfer, &err);
    return CURL_PREREQFUNC_ABORT;
}

/* For on_debug, where nobody else compares a body's length with what was announced. Once
 * libcurl has the head it asks the socket for no more than is left: all that it can find
 * too much has come with the head. awl_transfer_signal turns it off again. */
static void listen_for_excess(struct awl_transfer *transfer)
{
    curl_easy_setopt(transfer->lane->easy, CURLOPT_VERBOSE, 1L);
}

static void begin_head(struct awl_transfer *transfer, awl_str line)
{
    struct awl_response *response = &transfer->response;
    size_t space = awl_str_find(line, ' ', 0);
    int64_t status = 0;
    awl_queue_answered(transfer);
    awl_headers_clear(&response->headers);
    if (space != SIZE_MAX)
        awl_str_to_int64(awl_str_slice(line, space + 1, space + 4), &status);
    response->status = (int)status;
}

/* A success before the server has asked for the body: libcurl does not send that any
 * more, and would keep a connection on which the server waits for it. */
static void drop_if_body_is_owed(struct awl_transfer *transfer)
{
    curl_off_t sent = 0;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if (sent == 0)
        curl_easy_setopt(transfer->lane->easy, CURLOPT_FORBID_REUSE, 1L);
}

static void end_head(struct awl_transfer *transfer)
{
    int status = transfer->response.status;
    if (status < 200)
        return; /* 100 Continue and the like: the answer is yet to come */
    transfer->head_done = true;
    if (transfer->request.expect_continue)
        drop_if_body_is_owed(transfer);
    if (!transfer->request.buffered) {
        mark(transfer, AWL_MARK_HEAD);
        listen_for_excess(transfer);
    }
    if (status >= 400 && transfer->request.upload && !transfer->upload_ended) {
        transfer->upload_deaf = true;
        mark(transfer, AWL_MARK_WRITABLE | AWL_MARK_RESUME);
    }
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
    struct awl_lane *lane = data;
    struct awl_transfer *transfer = lane->transfer;
    size_t len = size * count;
    awl_str line = awl_str_make(bytes, len);
    while (line.len > 0 &&
           (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    moved(transfer);
    if (transfer->head_done)
        return len; /* trailers */
    if (awl_str_starts(line, STR("HTTP/"))) {
        begin_head(transfer, line);
    } else if (line.len == 0) {
        end_head(transfer);
    } else {
        enum awl_rc rc = awl_headers_add_line(&transfer->response.headers, line);
        /* A folded or malformed line is nothing that anybody asks for. */
        if (rc != AWL_OK && rc != AWL_EINPUT) {
            struct awl_error err = AWL_ERROR_INIT;
            awl_error_code(&err, rc, rc == AWL_ELIMIT ? "TooLarge" : "TransportError",
                           "the answer's header fields cannot be kept: %s",
                           rc == AWL_ELIMIT ? "too many bytes" : "out of memory");
            refuse(transfer, &err);
            return 0;
        }
    }
    return len;
}

static size_t refuse_body(struct awl_transfer *transfer, enum awl_rc rc)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (rc == AWL_ELIMIT)
        awl_error_code(&err, rc, "TooLarge",
                       "the answer's body has more than the %zu bytes allowed",
                       transfer->response.body.max);
    else
        awl_error_set(&err, rc, "out of memory");
    refuse(transfer, &err);
    return 0;
}

/* A body that grows by doubling is copied again and again. Only so much is taken on the
 * server's word. */
static void expect_body(struct awl_transfer *transfer)
{
    struct awl_buf *body = &transfer->response.body;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0 && length <= BODY_EXPECTED_MAX && (size_t)length <= body->max)
        awl_buf_reserve(body,
                        (size_t)length); /* without it the body grows step by step */
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct awl_lane *lane = data;
    struct awl_transfer *transfer = lane->transfer;
    struct awl_buf *body = &transfer->response.body;
    size_t len = size * count;
    moved(transfer);
    if (!transfer->request.buffered) {
        if (body->len - transfer->body_taken >= awl_transfer_stream_window(transfer)) {
            transfer->paused_recv = true;
            set_busy(transfer, false);
            return CURL_WRITEFUNC_PAUSE;
        }
        if (transfer->body_taken >= body->len / 2) {
            awl_buf_consume(body, transfer->body_taken);
            transfer->body_taken = 0;
        }
        mark(transfer, AWL_MARK_READABLE);
    } else if (body->len == 0 && len >= BODY_LARGE) {
        expect_body(transfer);
    }
    enum awl_rc rc = awl_buf_append(body, bytes, len);
    return rc == AWL_OK ? len : refuse_body(transfer, rc);
}

static size_t refuse_upload(struct awl_transfer *transfer)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_error_code(&err, AWL_EINPUT, "IncompleteBody",
                   "the request's body ended after %lld of %lld bytes",
                   (long long)transfer->upload_fed,
                   (long long)transfer->request.upload_length);
    refuse(transfer, &err);
    return CURL_READFUNC_ABORT;
}

static size_t on_upload(char *out, size_t size, size_t count, void *data)
{
    struct awl_lane *lane = data;
    struct awl_transfer *transfer = lane->transfer;
    struct awl_buf *upload = &transfer->upload;
    size_t held = upload->len - transfer->upload_taken;
    size_t len = size * count < held ? size * count : held;
    if (transfer->upload_deaf)
        return 0;
    if (held == 0 && !transfer->upload_ended) {
        transfer->paused_send = true;
        set_busy(transfer, false);
        return CURL_READFUNC_PAUSE;
    }
    if (held == 0)
        return transfer->upload_fed < transfer->request.upload_length
                   ? refuse_upload(transfer)
                   : 0;
    moved(transfer);
    memcpy(out, upload->ptr + transfer->upload_taken, len);
    transfer->upload_taken += len;
    if (transfer->upload_taken == upload->len) {
        awl_buf_clear(upload);
        transfer->upload_taken = 0;
    }
    if (held - len < AWL_TRANSFER_WINDOW && !transfer->upload_ended)
        mark(transfer, AWL_MARK_WRITABLE);
    return len;
}

/* What was fed is not kept: an upload cannot be sent anew. */
static int on_rewind(void *data, curl_off_t offset, int origin)
{
    (void)data, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

/* libcurl takes what its Content-Length says and drops what comes after that, with a
 * word: a body that is longer has been mixed up with something else. */
static int on_debug(CURL *easy, curl_infotype type, char *text, size_t len, void *data)
{
    const struct awl_lane *lane = data;
    (void)easy;
    if (type != CURLINFO_TEXT || lane->transfer == NULL ||
        !awl_str_starts(awl_str_make(text, len), STR("Excess found")))
        return 0;
    struct awl_error err = AWL_ERROR_INIT;
    awl_error_code(&err, AWL_ETRANSPORT, "BodyTooLong",
                   "the answer's body is longer than its Content-Length");
    refuse(lane->transfer, &err);
    return 0;
}

CURLcode awl_callbacks_set(struct awl_lane *lane)
{
    CURL *easy = lane->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, lane);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, lane);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, awl_socket_on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lane);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, awl_socket_on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, lane->http); /* outlives the lane */
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready_to_send);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    return code;
}
