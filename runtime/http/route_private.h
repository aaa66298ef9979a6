/* route_private.h - a route's settings, resolved; for the files of the client. */
#ifndef AWL_HTTP_ROUTE_PRIVATE_H
#define AWL_HTTP_ROUTE_PRIVATE_H

#include <curl/curl.h>

#include "http/route.h"

struct awl_route {
    struct awl_route *next;
    bool insecure, no_keepalive;
    const char *ca_file; /* NULL: libcurl's own default */
    const char *client_cert, *client_key;
    const char *proxy[2]; /* for http, for https; "": none */
    const char *no_proxy;
    bool no_proxy_has_ports; /* what holds depends on a URL's port */
    const char *proxy_ca_file, *proxy_client_cert;
    char *text; /* what the strings are in */
};

/* Sets a handle up for a URL, and for others of its scheme; with `no_proxy_has_ports` of
 * its port. */
CURLcode awl_route_apply(const struct awl_route *route, CURL *easy, const char *url);

/* What of no_proxy holds for a URL, as libcurl wants it, which knows no ports:
 * "a.test:8080" is "a.test" for port 8080, and nothing for others. To be freed; NULL: out
 * of memory. Programs differ: botocore compares with the port in the URL, Go also with
 * that of the scheme, and so does awl. */
char *awl_route_no_proxy(const struct awl_route *route, const char *url);

/* Forgets all routes; no transfer may run. */
void awl_routes_free(struct awl_http *http);

#endif
