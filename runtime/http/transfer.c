/* transfer.c - one HTTP exchange from its start to its end. */
#include "http/transfer.h"

#include <stddef.h>
#include <stdlib.h>

#define DEFAULT_MAX_BODY ((size_t)256 << 20)
#define FEED_MAX ((size_t)64 << 20) /* in one piece */
#define UNSEEN_BODY 65536           /* sent along with the head */
#define LINES_MAX ((size_t)1 << 20) /* as many as the fields may have */
#define STREAM_MAX (4 * AWL_STREAM_WINDOW)
#define KEPT_MAX 256                     /* transfers, with at most so many bytes each */
#define KEPT_BYTES ((size_t)(256 << 10)) /* in their buffers */

static const struct awl_error no_memory = {.rc = AWL_ENOMEM, .message = "out of memory"};

static int64_t now_us(const struct awl_transfer *transfer)
{
    return awl_clock_mono_us(awl_loop_clock(transfer->http->loop));
}

static void set_busy(struct awl_transfer *transfer, bool busy)
{
    if (transfer->busy != busy)
        awl_loop_busy(transfer->http->loop, busy ? 1 : -1);
    transfer->busy = busy;
}

static void on_cancel_head(struct awl_waitable *head)
{
    awl_transfer_abort(
        (struct awl_transfer *)((char *)head - offsetof(struct awl_transfer, head)));
}

static struct awl_transfer *transfer_make(struct awl_http *http)
{
    struct awl_transfer *transfer = calloc(1, sizeof(*transfer));
    if (transfer == NULL)
        return NULL;
    transfer->http = http;
    awl_waitable_init(&transfer->head, "http", on_cancel_head);
    awl_waitable_init(&transfer->readable, "http body", NULL);
    awl_waitable_init(&transfer->writable, "http upload", NULL);
    awl_response_init(&transfer->response, DEFAULT_MAX_BODY);
    awl_buf_init(&transfer->upload, AWL_TRANSFER_WINDOW + FEED_MAX);
    awl_buf_init(&transfer->lines, LINES_MAX);
    return transfer;
}

struct awl_transfer *awl_transfer_new(struct awl_http *http)
{
    struct awl_transfer *transfer = http->free_transfers;
    if (transfer != NULL) {
        http->free_transfers = transfer->next;
        http->free_transfers_count--;
    } else {
        transfer = transfer_make(http);
    }
    if (transfer != NULL)
        http->transfers++;
    return transfer;
}

/* Takes it away from libcurl and out of the queue. Its connection is closed if the
 * exchange was not over. */
static void transfer_detach(struct awl_transfer *transfer)
{
    struct awl_lane *lane = transfer->lane;
    awl_timer_stop(transfer->http->loop, &transfer->timer);
    set_busy(transfer, false);
    if (lane != NULL) {
        curl_multi_remove_handle(transfer->http->multi, lane->easy);
        transfer->lane = NULL;
        awl_pool_lane_release(lane);
    }
    awl_queue_leave(transfer);
    transfer->paused_recv = transfer->paused_send = false;
    transfer->state = AWL_TRANSFER_ENDED;
}

static void error_clear(struct awl_transfer *transfer)
{
    free(transfer->error);
    transfer->error = NULL;
    transfer->failed = false;
}

/* All that one exchange leaves behind but the buffers' memory. */
static void transfer_forget(struct awl_transfer *transfer)
{
    awl_response_clear(&transfer->response);
    awl_buf_clear(&transfer->upload);
    transfer->body_taken = transfer->upload_taken = 0;
    transfer->upload_fed = 0;
    transfer->uploaded = 0;
    transfer->head_done = transfer->connected = transfer->answered = false;
    transfer->upload_ended = transfer->upload_deaf = false;
    error_clear(transfer);
    awl_waitable_reset(&transfer->head);
    awl_waitable_reset(&transfer->readable);
    awl_waitable_reset(&transfer->writable);
    awl_pool_unmark(transfer);
    transfer->marks = 0;
    transfer->state = AWL_TRANSFER_IDLE;
}

static void transfer_release(struct awl_transfer *transfer)
{
    awl_response_release(&transfer->response);
    awl_buf_release(&transfer->upload);
    awl_request_list_release(transfer);
    free(transfer);
}

static size_t bytes_held(const struct awl_transfer *transfer)
{
    const struct awl_response *response = &transfer->response;
    return response->body.cap + response->headers.text.cap + transfer->upload.cap +
           transfer->lines.cap;
}

static void transfer_keep(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    if (http->free_transfers_count >= KEPT_MAX || bytes_held(transfer) > KEPT_BYTES) {
        transfer_release(transfer);
        return;
    }
    transfer->request = (struct awl_transfer_request){0}; /* its text may be gone */
    transfer->next = http->free_transfers;
    http->free_transfers = transfer;
    http->free_transfers_count++;
}

void awl_transfers_free_kept(struct awl_http *http)
{
    while (http->free_transfers != NULL) {
        struct awl_transfer *transfer = http->free_transfers;
        http->free_transfers = transfer->next;
        transfer_release(transfer);
    }
}

void awl_transfer_free(struct awl_transfer *transfer)
{
    if (transfer == NULL)
        return;
    struct awl_http *http = transfer->http;
    bool made_room = transfer->host != NULL;
    transfer_detach(transfer);
    awl_waitable_signal(&transfer->head);
    awl_waitable_signal(&transfer->readable);
    awl_waitable_signal(&transfer->writable);
    transfer_forget(transfer);
    transfer_keep(transfer);
    http->transfers--;
    if (made_room)
        awl_pool_settle(http);
}

static void transfer_mark(struct awl_transfer *transfer, unsigned what)
{
    transfer->marks |= what;
    awl_pool_mark(transfer);
}

static void transfer_end(struct awl_transfer *transfer)
{
    transfer_detach(transfer);
    if (transfer->failed)
        transfer->http->stats.failed++;
    else
        transfer->http->stats.finished++;
    transfer_mark(transfer, AWL_MARK_HEAD | AWL_MARK_READABLE | AWL_MARK_WRITABLE);
}

void awl_transfer_fail(struct awl_transfer *transfer, const struct awl_error *err)
{
    transfer->failed = true;
    if (transfer->error == NULL && (transfer->error = malloc(sizeof(*err))) != NULL)
        *transfer->error = *err;
    transfer_end(transfer);
}

void awl_transfer_done(struct awl_transfer *transfer, CURLcode code)
{
    if (transfer->error != NULL) { /* a callback said why */
        transfer->error->sent = transfer->error->sent || awl_failure_sent(transfer);
        awl_transfer_fail(transfer, transfer->error);
    } else if (code != CURLE_OK && !transfer->answered) {
        struct awl_error err = AWL_ERROR_INIT;
        awl_failure_describe(transfer, code, &err);
        awl_transfer_fail(transfer, &err);
    } else {
        transfer_end(transfer);
    }
}

/* --- time ----------------------------------------------------------------------- */

static int setting_ms(int ms)
{
    return ms != 0 ? ms : AWL_HTTP_TIMEOUT_MS;
}

/* When and for what reason the time is up, if nothing more happens. */
static int64_t deadline(const struct awl_transfer *transfer, const char **code, int *ms)
{
    const struct awl_transfer_request *request = &transfer->request;
    int64_t due = INT64_MAX;
    *code = "ReadTimeout";
    *ms = setting_ms(request->read_timeout_ms);
    if (!transfer->connected) {
        *code = "ConnectTimeout";
        *ms = setting_ms(request->connect_timeout_ms);
        due = transfer->launched_us + (int64_t)*ms * 1000;
    } else if (*ms > 0 && !transfer->paused_recv && !transfer->paused_send) {
        due = transfer->active_us + (int64_t)*ms * 1000;
    }
    int64_t all = transfer->launched_us + (int64_t)request->timeout_ms * 1000;
    if (request->timeout_ms > 0 && all < due) {
        *code = "Timeout";
        *ms = request->timeout_ms;
        due = all;
    }
    return due;
}

static void timer_set(struct awl_transfer *transfer);

/* Bytes of a body that libcurl has in one piece leave without a callback: while such
 * a body is on its way, the timer looks often how far it is. */
static bool must_look(const struct awl_transfer *transfer)
{
    const struct awl_transfer_request *request = &transfer->request;
    return !request->upload && request->body.len > UNSEEN_BODY &&
           transfer->uploaded < (curl_off_t)request->body.len;
}

static void look(struct awl_transfer *transfer)
{
    curl_off_t bytes = 0;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_SIZE_UPLOAD_T, &bytes);
    if (bytes != transfer->uploaded)
        transfer->active_us = now_us(transfer);
    transfer->uploaded = bytes;
}

static void on_timer(struct awl_timer *timer)
{
    struct awl_transfer *transfer =
        (struct awl_transfer *)((char *)timer - offsetof(struct awl_transfer, timer));
    struct awl_http *http = transfer->http;
    struct awl_error err = AWL_ERROR_INIT;
    const char *code;
    int ms;
    if (must_look(transfer))
        look(transfer);
    if (deadline(transfer, &code, &ms) > now_us(transfer)) {
        timer_set(transfer);
        return;
    }
    awl_failure_timeout(transfer, code, ms, &err);
    awl_transfer_fail(transfer, &err);
    awl_pool_settle(http);
}

/* The timer is not moved with every byte: when it fires it looks how much time is
 * really left. */
static void timer_set(struct awl_transfer *transfer)
{
    const char *code;
    int ms;
    int64_t due = deadline(transfer, &code, &ms);
    int64_t step = (int64_t)ms * 1000 / 8;
    if (must_look(transfer) && due != INT64_MAX && due > now_us(transfer) + step)
        due = now_us(transfer) + step;
    if (awl_timer_running(&transfer->timer) && transfer->timer.due_us <= due)
        return;
    if (due == INT64_MAX)
        return;
    if (awl_timer_start(transfer->http->loop, &transfer->timer, due - now_us(transfer),
                        on_timer) != AWL_OK)
        awl_transfer_fail(transfer, &no_memory); /* was not running: not in a callback */
}

void awl_transfer_hurry(struct awl_transfer *transfer)
{
    timer_set(transfer);
}

/* --- start ---------------------------------------------------------------------- */

enum awl_rc awl_transfer_launch(struct awl_transfer *transfer, struct awl_error *err)
{
    struct awl_http *http = transfer->http;
    struct awl_lane *lane = awl_pool_lane(http);
    if (lane == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    enum awl_rc rc = awl_request_apply(transfer, lane, err);
    if (rc == AWL_OK && curl_multi_add_handle(http->multi, lane->easy) != CURLM_OK)
        rc = awl_error_set(err, AWL_ENOMEM, "libcurl refuses the request");
    if (rc != AWL_OK) {
        awl_pool_lane_release(lane);
        return rc;
    }
    lane->reason[0] = '\0';
    lane->transfer = transfer;
    transfer->lane = lane;
    transfer->launched_us = transfer->active_us = now_us(transfer);
    http->stats.started++;
    set_busy(transfer, true);
    timer_set(transfer);
    return AWL_OK;
}

static void transfer_reset(struct awl_transfer *transfer,
                           const struct awl_transfer_request *request)
{
    transfer_forget(transfer);
    transfer->request = *request;
    transfer->response.body.max = !request->buffered       ? STREAM_MAX
                                  : request->max_body != 0 ? request->max_body
                                                           : DEFAULT_MAX_BODY;
}

enum awl_rc awl_transfer_start(struct awl_transfer *transfer,
                               const struct awl_transfer_request *request,
                               struct awl_error *err)
{
    if (transfer->state == AWL_TRANSFER_QUEUED || transfer->state == AWL_TRANSFER_RUNNING)
        return awl_error_set(err, AWL_EINPUT, "the transfer runs already");
    transfer_reset(transfer, request);
    if (awl_queue_enter(transfer) != AWL_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    if (transfer->state == AWL_TRANSFER_RUNNING) {
        enum awl_rc rc = awl_transfer_launch(transfer, err);
        if (rc != AWL_OK) {
            transfer_detach(transfer);
            transfer->state = AWL_TRANSFER_IDLE;
            awl_pool_settle(transfer->http);
            return rc;
        }
    }
    if (request->upload)
        awl_waitable_signal(&transfer->writable);
    return AWL_OK;
}

void awl_transfer_abort(struct awl_transfer *transfer)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (transfer->state != AWL_TRANSFER_QUEUED && transfer->state != AWL_TRANSFER_RUNNING)
        return;
    awl_error_code(&err, AWL_ECANCELED, "Canceled", "the request was canceled");
    err.sent = awl_failure_sent(transfer);
    awl_transfer_fail(transfer, &err);
    awl_pool_settle(transfer->http);
}

/* --- signals -------------------------------------------------------------------- */

/* Lets libcurl go on in the directions that are not paused. */
static void transfer_resume(struct awl_transfer *transfer)
{
    int still = (transfer->paused_recv ? CURLPAUSE_RECV : 0) |
                (transfer->paused_send ? CURLPAUSE_SEND : 0);
    if (transfer->lane == NULL)
        return;
    set_busy(transfer, still == 0);
    transfer->active_us = transfer->http->event_us = now_us(transfer);
    timer_set(transfer);
    /* This may call the body's callback at once, and pause again. */
    CURLcode code = curl_easy_pause(transfer->lane->easy, still);
    if (code != CURLE_OK)
        awl_transfer_done(transfer, code);
}

static bool has_body(const struct awl_transfer *transfer)
{
    return transfer->response.body.len > transfer->body_taken;
}

void awl_transfer_signal(struct awl_transfer *transfer)
{
    unsigned marks = transfer->marks;
    awl_pool_unmark(transfer);
    transfer->marks = 0;
    if ((marks & AWL_MARK_RESUME) && transfer->paused_send) {
        transfer->paused_send = false;
        transfer_resume(transfer);
    }
    bool ended = transfer->state == AWL_TRANSFER_ENDED;
    bool readable = (marks & AWL_MARK_READABLE) && (has_body(transfer) || ended);
    if ((marks & AWL_MARK_READABLE) && transfer->lane != NULL)
        curl_easy_setopt(transfer->lane->easy, CURLOPT_VERBOSE, 0L); /* see on_debug */
    if ((marks & AWL_MARK_WRITABLE) && transfer->request.upload)
        awl_waitable_signal(&transfer->writable);
    if (readable)
        awl_waitable_signal(&transfer->readable);
    if (marks & AWL_MARK_HEAD)
        awl_waitable_signal(&transfer->head);
}

struct awl_waitable *awl_transfer_head(struct awl_transfer *transfer)
{
    return &transfer->head;
}

struct awl_waitable *awl_transfer_readable(struct awl_transfer *transfer)
{
    return &transfer->readable;
}

struct awl_waitable *awl_transfer_writable(struct awl_transfer *transfer)
{
    return &transfer->writable;
}

struct awl_response *awl_transfer_response(struct awl_transfer *transfer)
{
    return &transfer->response;
}

const struct awl_error *awl_transfer_error(const struct awl_transfer *transfer)
{
    if (transfer->state != AWL_TRANSFER_ENDED || !transfer->failed)
        return NULL;
    return transfer->error != NULL ? transfer->error : &no_memory;
}

void awl_transfer_refuse(struct awl_transfer *transfer, const struct awl_error *err)
{
    transfer->failed = true;
    if (transfer->error == NULL)
        transfer->error = malloc(sizeof(*err));
    if (transfer->error != NULL)
        *transfer->error = *err;
}

bool awl_transfer_ended(const struct awl_transfer *transfer)
{
    return transfer->state == AWL_TRANSFER_ENDED;
}

/* --- the two streams ------------------------------------------------------------ */

awl_str awl_transfer_body(struct awl_transfer *transfer)
{
    awl_str all = awl_buf_str(&transfer->response.body);
    return awl_str_slice(all, transfer->body_taken, all.len);
}

void awl_transfer_take(struct awl_transfer *transfer, size_t len)
{
    struct awl_buf *body = &transfer->response.body;
    size_t held = body->len - transfer->body_taken;
    transfer->body_taken += len < held ? len : held;
    held = body->len - transfer->body_taken;
    if (held == 0) {
        awl_buf_clear(body);
        transfer->body_taken = 0;
        if (transfer->state != AWL_TRANSFER_ENDED)
            awl_waitable_reset(&transfer->readable);
    }
    if (transfer->paused_recv && held <= awl_transfer_stream_window(transfer) / 2) {
        transfer->paused_recv = false;
        transfer_resume(transfer);
        if (has_body(transfer) || transfer->state == AWL_TRANSFER_ENDED)
            awl_waitable_signal(&transfer->readable);
    }
}

void awl_transfer_collect(struct awl_transfer *transfer, size_t max_body)
{
    if (transfer->state != AWL_TRANSFER_RUNNING)
        return;
    transfer->request.buffered = true;
    transfer->response.body.max = max_body;
    awl_waitable_reset(&transfer->head);
    if (transfer->paused_recv) {
        transfer->paused_recv = false;
        transfer_resume(transfer);
    }
}

enum awl_rc awl_transfer_feed(struct awl_transfer *transfer, awl_str bytes)
{
    size_t waiting = transfer->upload.len - transfer->upload_taken;
    int64_t length = transfer->request.upload_length;
    if (transfer->state != AWL_TRANSFER_QUEUED && transfer->state != AWL_TRANSFER_RUNNING)
        return AWL_ECANCELED;
    if (transfer->upload_deaf || transfer->upload_ended)
        return AWL_ECANCELED;
    if (waiting >= AWL_TRANSFER_WINDOW || bytes.len > FEED_MAX)
        return AWL_ELIMIT;
    if (length >= 0 && (int64_t)bytes.len > length - transfer->upload_fed)
        return AWL_EINPUT;

    awl_buf_consume(&transfer->upload, transfer->upload_taken);
    transfer->upload_taken = 0;
    enum awl_rc rc = awl_buf_append_str(&transfer->upload, bytes);
    if (rc != AWL_OK)
        return rc;
    transfer->upload_fed += (int64_t)bytes.len;
    if (waiting + bytes.len >= AWL_TRANSFER_WINDOW)
        awl_waitable_reset(&transfer->writable);
    if (transfer->paused_send && bytes.len != 0) {
        transfer->paused_send = false;
        transfer_resume(transfer);
    }
    return AWL_OK;
}

void awl_transfer_feed_end(struct awl_transfer *transfer)
{
    transfer->upload_ended = true;
    if (transfer->paused_send) {
        transfer->paused_send = false;
        transfer_resume(transfer);
    }
}
