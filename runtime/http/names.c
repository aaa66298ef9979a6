/* names.c - addresses that are looked up again before they are too old.
 *
 * libcurl forgets an address after a minute; whatever needs it then looks it up in a
 * thread of its own: in a burst, hundreds at once. So it is told to forget none, and one
 * lookup for all goes on in the background while the old address serves. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"

#define FRESH_FOR_MS 60000
#define TRY_AGAIN_MS 5000 /* the resolver has failed: the old address may still do */
#define ADDRESSES_MAX 16
#define LINE_MAX_BYTES 1536

struct awl_lookup {
    uv_getaddrinfo_t request;
    struct awl_http *http; /* NULL: gone, nobody wants to know any more */
    struct awl_host *host;
    char name[256];
    char port[8];
};

static uint64_t now_ms(const struct awl_http *http)
{
    return uv_now(awl_loop_uv(http->loop));
}

void awl_names_found(struct awl_http *http, struct awl_host *host)
{
    host->stale_ms = now_ms(http) + FRESH_FOR_MS;
}

/* Appends the address; gives the new length. */
static size_t append_address(char *line, size_t len, const struct sockaddr *address)
{
    char text[64];
    bool six = address->sa_family == AF_INET6;
    int status =
        six ? uv_ip6_name((const struct sockaddr_in6 *)address, text, sizeof(text))
            : uv_ip4_name((const struct sockaddr_in *)address, text, sizeof(text));
    if (status != 0 || len + sizeof(text) + 4 > LINE_MAX_BYTES)
        return len;
    int more =
        snprintf(line + len, LINE_MAX_BYTES - len, "%s%s%s%s",
                 line[len - 1] == ':' ? "" : ",", six ? "[" : "", text, six ? "]" : "");
    return len + (size_t)more;
}

/* "+name:port:address,address" */
static struct curl_slist *line_of(const struct awl_lookup *lookup,
                                  const struct addrinfo *found)
{
    char line[LINE_MAX_BYTES];
    int head = snprintf(line, sizeof(line), "+%s:%s:", lookup->name, lookup->port);
    size_t len = (size_t)head;

    for (int count = 0; found != NULL && count < ADDRESSES_MAX;
         found = found->ai_next, count++)
        if (found->ai_family == AF_INET || found->ai_family == AF_INET6)
            len = append_address(line, len, found->ai_addr);
    return len > (size_t)head ? curl_slist_append(NULL, line) : NULL;
}

static void take(struct awl_lookup *lookup, const struct addrinfo *found)
{
    struct awl_host *host = lookup->host;
    struct curl_slist *line = found != NULL ? line_of(lookup, found) : NULL;

    host->lookup = NULL;
    host->stale_ms = now_ms(lookup->http) + (line != NULL ? FRESH_FOR_MS : TRY_AGAIN_MS);
    if (line != NULL) {
        curl_slist_free_all(host->address);
        host->address = line;
    }
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct awl_lookup *lookup = (struct awl_lookup *)request;
    if (lookup->http != NULL)
        take(lookup, status == 0 ? found : NULL);
    uv_freeaddrinfo(found);
    free(lookup);
}

/* Name and port of "https://name:port"; false if they are too long. */
static bool split(const struct awl_host *host, struct awl_lookup *lookup)
{
    awl_str origin = awl_str_make(host->key, host->len);
    bool tls = host->growth.tls;
    size_t at = awl_str_find(origin, '/', 0) + 2; /* after "https://" */
    awl_str name = awl_str_slice(origin, at, origin.len);
    awl_str port = tls ? STR("443") : STR("80");
    size_t user = awl_str_find(name, '@', 0);
    if (user != SIZE_MAX)
        name = awl_str_slice(name, user + 1, name.len);
    size_t colon = awl_str_find(name, ':', 0);
    if (colon != SIZE_MAX) {
        port = awl_str_slice(name, colon + 1, name.len);
        name = awl_str_slice(name, 0, colon);
    }
    if (name.len >= sizeof(lookup->name) || port.len >= sizeof(lookup->port))
        return false;
    snprintf(lookup->name, sizeof(lookup->name), "%.*s", STR_ARG(name));
    snprintf(lookup->port, sizeof(lookup->port), "%.*s", STR_ARG(port));
    return true;
}

static bool is_address(const char *name)
{
    struct in_addr four;
    return name[0] == '[' || uv_inet_pton(AF_INET, name, &four) == 0;
}

void awl_names_refresh(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    struct awl_host *host = transfer->host;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

    if (host->lookup != NULL || host->stale_ms == 0 || now_ms(http) < host->stale_ms)
        return;
    if (*awl_transfer_route(transfer)->proxy[host->growth.tls] != '\0')
        return; /* the name is the proxy's business */
    struct awl_lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL)
        return;
    lookup->http = http;
    lookup->host = host;
    if (!split(host, lookup) || is_address(lookup->name)) {
        free(lookup);
        host->stale_ms = 0; /* never again */
        return;
    }
    if (uv_getaddrinfo(awl_loop_uv(http->loop), &lookup->request, on_found, lookup->name,
                       NULL, &hints) != 0) {
        free(lookup);
        host->stale_ms = now_ms(http) + TRY_AGAIN_MS;
        return;
    }
    host->lookup = lookup;
}

void awl_names_release(struct awl_http *http)
{
    for (size_t i = 0; i < AWL_HOST_BUCKETS; i++)
        for (struct awl_host *host = http->hosts[i]; host != NULL;
             host = host->next_in_bucket)
            if (host->lookup != NULL) {
                uv_cancel((uv_req_t *)&host->lookup->request);
                host->lookup->http = NULL;
                host->lookup = NULL;
            }
}
