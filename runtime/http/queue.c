/* queue.c - which transfers may run: limits, turns of the hosts, one name at a time. */
#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"

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

static struct awl_host *host_get(struct awl_http *http, awl_str origin)
{
    uint32_t hash = hash_of(origin);
    struct awl_host **bucket = &http->hosts[hash % AWL_HOST_BUCKETS];
    for (struct awl_host *host = *bucket; host != NULL; host = host->next_in_bucket) {
        if (host->hash == hash && host->len == origin.len &&
            memcmp(host->key, origin.ptr, origin.len) == 0)
            return host;
    }
    struct awl_host *host = calloc(1, sizeof(*host) + origin.len);
    if (host == NULL)
        return NULL;
    memcpy(host->key, origin.ptr, origin.len);
    host->len = origin.len;
    host->hash = hash;
    host->resolved = needs_no_resolver(origin);
    host->next_in_bucket = *bucket;
    *bucket = host;
    return host;
}

static void host_drop_if_unused(struct awl_http *http, struct awl_host *host)
{
    if (host->running != 0 || host->first != NULL)
        return;
    struct awl_host **at = &http->hosts[host->hash % AWL_HOST_BUCKETS];
    while (*at != host)
        at = &(*at)->next_in_bucket;
    *at = host->next_in_bucket;
    free(host);
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

static void queue_append(struct awl_host *host, struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    transfer->next = NULL;
    transfer->prev = host->last;
    if (host->last != NULL)
        host->last->next = transfer;
    else
        host->first = transfer;
    host->last = transfer;
    if (host->first == transfer)
        ring_add(http, host);
    transfer->state = AWL_TRANSFER_QUEUED;
    http->queued++;
}

static void queue_remove(struct awl_host *host, struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    if (transfer->prev != NULL)
        transfer->prev->next = transfer->next;
    else
        host->first = transfer->next;
    if (transfer->next != NULL)
        transfer->next->prev = transfer->prev;
    else
        host->last = transfer->prev;
    transfer->next = transfer->prev = NULL;
    if (host->first == NULL)
        ring_remove(http, host);
    http->queued--;
}

/* Whether one more transfer to `host` may run now. Here is the place to ask, too,
 * whether one more connection helps. */
static bool may_open(const struct awl_http *http, const struct awl_host *host)
{
    unsigned per_host = http->options.max_connections_per_host;
    if (http->running >= http->max_running)
        return false;
    if (per_host != 0 && host->running >= per_host)
        return false;
    /* libcurl starts a thread for each name that it must look up: the first call to
     * a host looks it up for all. */
    return host->resolved || host->pilot == NULL;
}

static void admit(struct awl_host *host, struct awl_transfer *transfer)
{
    host->running++;
    transfer->http->running++;
    if (!host->resolved)
        host->pilot = transfer;
    transfer->state = AWL_TRANSFER_RUNNING;
}

enum awl_rc awl_queue_enter(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    struct awl_host *host = host_get(http, url_origin(transfer->request.url));
    if (host == NULL)
        return AWL_ENOMEM;
    transfer->host = host;
    if (host->first == NULL && may_open(http, host))
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
        host->running--;
        http->running--;
        if (host->pilot == transfer)
            host->pilot = NULL;
    }
    transfer->host = NULL;
    host_drop_if_unused(http, host);
}

void awl_queue_resolved(struct awl_transfer *transfer)
{
    if (transfer->host == NULL)
        return;
    transfer->host->resolved = true;
    transfer->host->pilot = NULL;
}

/* The next transfer that may run: the hosts take turns, each in its own order. */
static struct awl_transfer *queue_next(struct awl_http *http)
{
    struct awl_host *start = http->waiting;
    struct awl_host *host = start;
    if (start == NULL || http->running >= http->max_running)
        return NULL;
    do {
        if (may_open(http, host)) {
            struct awl_transfer *transfer = host->first;
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
    while ((transfer = queue_next(http)) != NULL) {
        struct awl_error err = AWL_ERROR_INIT;
        admit(transfer->host, transfer);
        if (awl_transfer_launch(transfer, &err) != AWL_OK)
            awl_transfer_fail(transfer, &err);
    }
}
