/* queue.c - which transfers may run: limits, turns of the hosts, one name at a time, and
 * no more connections than help. */
#include <stdlib.h>
#include <string.h>

#include "http/ration.h"
#include "http/transfer.h"

#define HOSTS_KEPT 256
#define LOOK_EVERY_MS 1
#define LOOK_APART_NS 100000

/* "https://name:port" of a URL: what decides who may share a connection. */
static awl_str url_origin(const char *url)
{
    const char *end = strstr(url, "://");
    end = end != NULL ? end + 3 : url;
    end += strcspn(end, "/?#");
    return awl_str_make(url, (size_t)(end - url));
}

static uint32_t hash_of(awl_str key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * 16777619u;
    return hash;
}

/* Addresses in digits and localhost need no resolver. */
static bool needs_no_resolver(awl_str origin)
{
    const char *name = strstr(origin.ptr, "://");
    name = name != NULL ? name + 3 : origin.ptr;
    size_t len = (size_t)(origin.ptr + origin.len - name);
    if (len >= 9 && memcmp(name, "localhost", 9) == 0)
        return true;
    return strspn(name, "0123456789.:") >= len || *name == '[';
}

/* libcurl 7.88 forgets the zone of "[fe80::1%25eth0]" when it copies what was parsed. */
static CURLU *parse_origin(const char *origin)
{
    if (strchr(origin, '%') != NULL)
        return NULL;
    CURLU *url = curl_url();
    if (url != NULL && curl_url_set(url, CURLUPART_URL, origin, 0) == CURLUE_OK)
        return url;
    curl_url_cleanup(url);
    return NULL;
}

static void host_free(struct awl_host *host)
{
    curl_slist_free_all(host->address);
    curl_url_cleanup(host->url);
    free(host);
}

static void hosts_drop_unused(struct awl_http *http)
{
    for (size_t i = 0; i < AWL_HOST_BUCKETS; i++) {
        struct awl_host **at = &http->hosts[i];
        while (*at != NULL) {
            struct awl_host *host = *at;
            if (host->running.count != 0 || host->queue.count != 0 ||
                host->lookup != NULL) {
                at = &host->next_in_bucket;
                continue;
            }
            *at = host->next_in_bucket;
            http->host_count--;
            host_free(host);
        }
    }
}

static struct awl_host *host_get(struct awl_http *http, awl_str origin)
{
    uint32_t hash = hash_of(origin);
    struct awl_host **bucket = &http->hosts[hash % AWL_HOST_BUCKETS];
    for (struct awl_host *host = *bucket; host != NULL; host = host->next_in_bucket) {
        if (host->hash == hash && host->len == origin.len &&
            memcmp(host->key, origin.ptr, origin.len) == 0)
            return host;
    }
    if (http->host_count >= HOSTS_KEPT)
        hosts_drop_unused(http);
    struct awl_host *host = calloc(1, sizeof(*host) + origin.len + 1);
    if (host == NULL)
        return NULL;
    http->host_count++;
    memcpy(host->key, origin.ptr, origin.len);
    host->len = origin.len;
    host->hash = hash;
    host->url = parse_origin(host->key);
    host->resolved = needs_no_resolver(origin);
    host->growth.allowed = 1;
    host->growth.tls = awl_str_starts_nocase(origin, STR("https:"));
    host->next_in_bucket = *bucket;
    *bucket = host;
    return host;
}

static void ring_add(struct awl_http *http, struct awl_host *host)
{
    if (http->waiting == NULL) {
        http->waiting = host->next_waiting = host->prev_waiting = host;
        return;
    }
    struct awl_host *first = http->waiting; /* to the end: before the first */
    host->next_waiting = first;
    host->prev_waiting = first->prev_waiting;
    first->prev_waiting->next_waiting = host;
    first->prev_waiting = host;
}

static void ring_remove(struct awl_http *http, struct awl_host *host)
{
    if (host->next_waiting == host) {
        http->waiting = NULL;
    } else {
        host->prev_waiting->next_waiting = host->next_waiting;
        host->next_waiting->prev_waiting = host->prev_waiting;
        if (http->waiting == host)
            http->waiting = host->next_waiting;
    }
    host->next_waiting = host->prev_waiting = NULL;
}

static void list_append(struct awl_transfers *list, struct awl_transfer *transfer)
{
    transfer->next = NULL;
    transfer->prev = list->last;
    if (list->last != NULL)
        list->last->next = transfer;
    else
        list->first = transfer;
    list->last = transfer;
    list->count++;
}

static void list_remove(struct awl_transfers *list, struct awl_transfer *transfer)
{
    if (transfer->prev != NULL)
        transfer->prev->next = transfer->next;
    else
        list->first = transfer->next;
    if (transfer->next != NULL)
        transfer->next->prev = transfer->prev;
    else
        list->last = transfer->prev;
    transfer->next = transfer->prev = NULL;
    list->count--;
}

/* ---- while something is queued: when does one more connection help? ---- */

static void on_before_wait(uv_prepare_t *prepare)
{
    struct awl_http *http = prepare->data;
    awl_pace_wait(&http->pace, uv_hrtime());
}

/* What the wait has brought has been dealt with by now: if it was for libcurl, that has
 * ended the wait before. */
static void on_after_wait(uv_check_t *check)
{
    struct awl_http *http = check->data;
    if (http->pace.wait_began_ns != 0)
        awl_pace_wake(&http->pace, uv_hrtime());
}

static void on_look_again(uv_timer_t *timer)
{
    awl_pool_settle(timer->data);
}

static void watch(struct awl_http *http, bool on)
{
    if (!on) {
        uv_prepare_stop(&http->before_wait);
        uv_check_stop(&http->after_wait);
        uv_timer_stop(&http->look_again);
        http->pace.wait_began_ns = 0;
        return;
    }
    if (http->pace.ration == 0)
        awl_pace_ration(&http->pace, awl_ration("/proc/self"));
    uv_update_time(awl_loop_uv(http->loop));
    uv_prepare_start(&http->before_wait, on_before_wait);
    uv_check_start(&http->after_wait, on_after_wait);
    uv_timer_start(&http->look_again, on_look_again, LOOK_EVERY_MS, LOOK_EVERY_MS);
    awl_pace_resume(&http->pace, uv_hrtime(), http->stats.finished,
                    http->stats.connections);
}

/* A transfer that only waits for the next look is work under way: a fake clock stands
 * still for it. */
static void set_held(struct awl_http *http, bool held)
{
    if (http->held != held)
        awl_loop_busy(http->loop, held ? 1 : -1);
    http->held = held;
}

static void queue_append(struct awl_host *host, struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    list_append(&host->queue, transfer);
    if (host->queue.count == 1)
        ring_add(http, host);
    transfer->state = AWL_TRANSFER_QUEUED;
    if (http->queued++ == 0)
        watch(http, true);
}

static void queue_remove(struct awl_host *host, struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    list_remove(&host->queue, transfer);
    if (host->queue.count == 0)
        ring_remove(http, host);
    if (--http->queued == 0) {
        watch(http, false);
        set_held(http, false);
    }
}

/* How long the oldest that runs has waited for its answer while we waited too. */
static uint64_t oldest_wait_ns(const struct awl_http *http, const struct awl_host *host)
{
    const struct awl_transfer *oldest = host->running.first;
    if (oldest == NULL || oldest->sent_ns == 0)
        return 0;
    return http->pace.idle_ns - oldest->sent_idle_ns;
}

static bool one_more_helps(struct awl_http *http, struct awl_host *host)
{
    struct awl_growth *growth = &host->growth;
    if (host->running.count < growth->allowed)
        return true;
    if (host->queue.count == 0)
        return false; /* a look comes soon, if it has to wait */
    uint64_t now_ns = uv_hrtime();
    if (now_ns - growth->looked_ns < LOOK_APART_NS)
        return false;
    awl_pace_sample(&http->pace, now_ns, http->stats.finished, http->stats.connections);
    awl_growth_look(growth, &http->pace, now_ns, host->running.count + host->queue.count,
                    oldest_wait_ns(http, host));
    return host->running.count < growth->allowed;
}

/* Whether one more transfer to `host` may run now. */
static bool may_run(struct awl_http *http, struct awl_host *host,
                    const struct awl_transfer *transfer)
{
    unsigned per_client = transfer->request.max_connections;
    unsigned per_host = http->options.max_connections_per_host;
    if (http->running >= http->max_running)
        return false;
    if (per_host != 0 && host->running.count >= per_host)
        return false;
    if (per_client != 0 && host->running.count >= per_client)
        return false;
    /* libcurl starts a thread for each name that it must look up: the first call to
     * a host looks it up for all. */
    if (!host->resolved && host->pilot != NULL)
        return false;
    if (one_more_helps(http, host))
        return true;
    set_held(http, true);
    return false;
}

static void admit(struct awl_host *host, struct awl_transfer *transfer)
{
    list_append(&host->running, transfer);
    transfer->sent_ns = 0;
    transfer->http->running++;
    if (!host->resolved)
        host->pilot = transfer;
    else
        awl_names_refresh(transfer);
    transfer->state = AWL_TRANSFER_RUNNING;
}

enum awl_rc awl_queue_enter(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    struct awl_host *host = host_get(http, url_origin(transfer->request.url));
    if (host == NULL)
        return AWL_ENOMEM;
    transfer->host = host;
    if (host->queue.count == 0 && may_run(http, host, transfer))
        admit(host, transfer);
    else
        queue_append(host, transfer);
    return AWL_OK;
}

void awl_queue_leave(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    struct awl_host *host = transfer->host;
    if (host == NULL)
        return;
    if (transfer->state == AWL_TRANSFER_QUEUED) {
        queue_remove(host, transfer);
    } else {
        list_remove(&host->running, transfer);
        http->running--;
        if (host->pilot == transfer)
            host->pilot = NULL;
    }
    transfer->host = NULL;
}

void awl_queue_resolved(struct awl_transfer *transfer)
{
    struct awl_host *host = transfer->host;
    if (host == NULL)
        return;
    if (!host->resolved)
        awl_names_found(transfer->http, host);
    host->resolved = true;
    host->pilot = NULL;
}

void awl_queue_sent(struct awl_transfer *transfer)
{
    transfer->sent_ns = uv_hrtime();
    transfer->sent_idle_ns = transfer->http->pace.idle_ns;
}

void awl_queue_answered(struct awl_transfer *transfer)
{
    if (transfer->sent_ns != 0 && transfer->host != NULL)
        awl_growth_answered(&transfer->host->growth, uv_hrtime() - transfer->sent_ns);
}

/* The next transfer that may run: the hosts take turns, each in its own order. */
static struct awl_transfer *queue_next(struct awl_http *http)
{
    struct awl_host *start = http->waiting;
    struct awl_host *host = start;
    if (start == NULL || http->running >= http->max_running)
        return NULL;
    do {
        if (may_run(http, host, host->queue.first)) {
            struct awl_transfer *transfer = host->queue.first;
            http->waiting = host->next_waiting;
            queue_remove(host, transfer);
            return transfer;
        }
        host = host->next_waiting;
    } while (host != start);
    return NULL;
}

void awl_queue_run(struct awl_http *http)
{
    struct awl_transfer *transfer;
    set_held(http, false);
    while ((transfer = queue_next(http)) != NULL) {
        struct awl_error err = AWL_ERROR_INIT;
        admit(transfer->host, transfer);
        if (awl_transfer_launch(transfer, &err) != AWL_OK)
            awl_transfer_fail(transfer, &err);
    }
}

void awl_queue_init(struct awl_http *http)
{
    uv_loop_t *uv = awl_loop_uv(http->loop);
    awl_pace_init(&http->pace);
    uv_prepare_init(uv, &http->before_wait);
    uv_check_init(uv, &http->after_wait);
    uv_timer_init(uv, &http->look_again);
    http->before_wait.data = http->after_wait.data = http->look_again.data = http;
    /* What is queued keeps nobody up: what runs does. */
    uv_unref((uv_handle_t *)&http->before_wait);
    uv_unref((uv_handle_t *)&http->after_wait);
    uv_unref((uv_handle_t *)&http->look_again);
    http->handles += 3;
}

static void on_closed(uv_handle_t *handle)
{
    struct awl_http *http = handle->data;
    http->handles--;
}

void awl_queue_release(struct awl_http *http)
{
    uv_close((uv_handle_t *)&http->before_wait, on_closed);
    uv_close((uv_handle_t *)&http->after_wait, on_closed);
    uv_close((uv_handle_t *)&http->look_again, on_closed);
    hosts_drop_unused(http);
}
