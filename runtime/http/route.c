#include "http/route_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "http/pool.h"

static const char *environment(const char *lower, const char *upper)
{
    const char *value = getenv(lower);
    if (value == NULL || *value == '\0')
        value = getenv(upper);
    return value != NULL ? value : "";
}

/* A CGI program's HTTP_PROXY comes from a header of whoever asks it. */
static const char *environment_proxy(bool tls)
{
    bool is_cgi = getenv("REQUEST_METHOD") != NULL;
    const char *url =
        tls ? environment("https_proxy", "HTTPS_PROXY")
            : environment("http_proxy", is_cgi ? "http_proxy" : "HTTP_PROXY");
    return *url != '\0' ? url : environment("all_proxy", "ALL_PROXY");
}

#define BETWEEN_NAMES " ,"

/* The port of "a.test:80" or "[::1]:80"; empty where there is none: "::1", "10.0.0.0/8".
 */
static awl_str port_of(awl_str place)
{
    size_t colon = place.len;
    while (colon > 0 && awl_char_is_digit(place.ptr[colon - 1]))
        colon--;
    if (colon == 0 || colon == place.len || place.ptr[--colon] != ':')
        return (awl_str){0};
    bool is_name = memchr(place.ptr, ':', colon) == NULL;
    if (!is_name && place.ptr[colon - 1] != ']')
        return (awl_str){0};
    return awl_str_slice(place, colon + 1, place.len);
}

static awl_str port_of_url(const char *url)
{
    const char *place = strstr(url, "://");
    place = place != NULL ? place + 3 : url;
    size_t len = strcspn(place, "/?#");
    const char *user = memchr(place, '@', len);
    awl_str port = port_of(awl_str_slice(
        awl_str_make(place, len), user != NULL ? (size_t)(user - place) + 1 : 0, len));
    if (port.len != 0)
        return port;
    return strncmp(url, "https:", 6) == 0 ? STR("443") : STR("80");
}

/* The next entry of a no_proxy list, and `list` after it; empty: the end. */
static awl_str next_entry(const char **list)
{
    const char *entry = *list + strspn(*list, BETWEEN_NAMES);
    size_t len = strcspn(entry, BETWEEN_NAMES);
    *list = entry + len;
    return awl_str_make(entry, len);
}

static bool has_ports(const char *no_proxy)
{
    awl_str entry;
    while ((entry = next_entry(&no_proxy)).len != 0)
        if (port_of(entry).len != 0)
            return true;
    return false;
}

char *awl_route_no_proxy(const struct awl_route *route, const char *url)
{
    const char *list = route->no_proxy;
    awl_str wanted = port_of_url(url), entry;
    char *out = malloc(strlen(list) + 2), *end = out;

    if (out == NULL)
        return NULL;
    while ((entry = next_entry(&list)).len != 0) {
        awl_str port = port_of(entry);
        if (port.len != 0) {
            if (!awl_str_eq(port, wanted))
                continue;
            entry.len -= port.len + 1;
            if (awl_str_ends(entry, STR("]"))) /* libcurl wants no brackets here */
                entry = awl_str_slice(entry, 1, entry.len - 1);
        }
        memcpy(end, entry.ptr, entry.len);
        end += entry.len;
        *end++ = ',';
    }
    *(end > out ? end - 1 : end) = '\0';
    return out;
}

#define STRINGS 8

/* Where the strings of a route stand, in the order of its text. */
static void list_strings(struct awl_route *route, const char **strings[STRINGS])
{
    strings[0] = &route->ca_file;
    strings[1] = &route->client_cert;
    strings[2] = &route->client_key;
    strings[3] = &route->proxy[0];
    strings[4] = &route->proxy[1];
    strings[5] = &route->no_proxy;
    strings[6] = &route->proxy_ca_file;
    strings[7] = &route->proxy_client_cert;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same(struct awl_route *a, struct awl_route *b)
{
    const char **of_a[STRINGS], **of_b[STRINGS];
    list_strings(a, of_a);
    list_strings(b, of_b);
    for (size_t i = 0; i < STRINGS; i++)
        if (!same_text(*of_a[i], *of_b[i]))
            return false;
    return a->insecure == b->insecure && a->no_keepalive == b->no_keepalive;
}

/* A copy with text of its own; NULL: out of memory. */
static struct awl_route *copy_of(const struct awl_route *route)
{
    const char **strings[STRINGS];
    struct awl_route *copy = malloc(sizeof(*copy));
    size_t size = 1;

    if (copy == NULL)
        return NULL;
    *copy = *route;
    list_strings(copy, strings);
    for (size_t i = 0; i < STRINGS; i++)
        size += *strings[i] != NULL ? strlen(*strings[i]) + 1 : 0;
    char *at = copy->text = malloc(size);
    if (at == NULL) {
        free(copy);
        return NULL;
    }
    copy->no_proxy_has_ports = has_ports(route->no_proxy);
    for (size_t i = 0; i < STRINGS; i++) {
        if (*strings[i] == NULL)
            continue;
        size_t len = strlen(*strings[i]) + 1;
        memcpy(at, *strings[i], len);
        *strings[i] = at;
        at += len;
    }
    return copy;
}

const struct awl_route *awl_http_route(struct awl_http *http,
                                       const struct awl_route_settings *settings)
{
    const char *proxy = settings->proxy;
    struct awl_route wanted = {
        .insecure = settings->insecure,
        .no_keepalive = settings->no_keepalive,
        .ca_file = settings->ca_file != NULL ? settings->ca_file : http->ca_file,
        .client_cert = settings->client_cert,
        .client_key = settings->client_key,
        .proxy_client_cert = settings->proxy_client_cert,
        .proxy = {proxy != NULL ? proxy : environment_proxy(false),
                  proxy != NULL ? proxy : environment_proxy(true)},
        .no_proxy = settings->no_proxy != NULL ? settings->no_proxy
                                               : environment("no_proxy", "NO_PROXY"),
    };
    wanted.proxy_ca_file =
        settings->proxy_ca_file != NULL ? settings->proxy_ca_file : wanted.ca_file;
    for (struct awl_route *route = http->routes; route != NULL; route = route->next)
        if (same(route, &wanted))
            return route;
    struct awl_route *route = copy_of(&wanted);
    if (route == NULL)
        return NULL;
    if (route->insecure)
        awl_log(
            AWL_LOG_WARN, "http",
            "certificates are not verified: whoever is on the way can read and change "
            "what is sent");
    route->next = http->routes;
    http->routes = route;
    return route;
}

void awl_routes_free(struct awl_http *http)
{
    while (http->routes != NULL) {
        struct awl_route *route = http->routes;
        http->routes = route->next;
        free(route->text);
        free(route);
    }
}

static CURLcode apply_trust(const struct awl_route *route, CURL *easy)
{
    CURLcode code = CURLE_OK;
    if (route->ca_file != NULL) {
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, route->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (code == CURLE_OK && route->proxy_ca_file != NULL) {
        code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, route->proxy_ca_file);
        curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    }
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, route->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, route->insecure ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, route->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, route->insecure ? 0L : 2L);
    return code;
}

static CURLcode apply_no_proxy(const struct awl_route *route, CURL *easy, const char *url)
{
    if (!route->no_proxy_has_ports)
        return curl_easy_setopt(easy, CURLOPT_NOPROXY, route->no_proxy);
    char *no_proxy = awl_route_no_proxy(route, url);
    if (no_proxy == NULL)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_NOPROXY, no_proxy);
    free(no_proxy);
    return code;
}

CURLcode awl_route_apply(const struct awl_route *route, CURL *easy, const char *url)
{
    bool tls = strncmp(url, "https:", 6) == 0;
    CURLcode code = apply_trust(route, easy);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSLCERT, route->client_cert);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SSLKEY, route->client_key);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY_SSLCERT, route->proxy_client_cert);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, route->proxy[tls]);
    /* Addresses are looked up again by names.c; that of a proxy by libcurl. */
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT,
                     *route->proxy[tls] == '\0' ? -1L : 60L);
    if (code == CURLE_OK)
        code = apply_no_proxy(route, easy, url);
    if (code == CURLE_OK)
        code =
            curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, route->no_keepalive ? 0L : 1L);
    return code;
}
