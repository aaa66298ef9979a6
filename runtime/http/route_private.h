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
    const char *proxy_ca_file, *proxy_client_cert;
    char *text; /* what the strings are in */
};

/* Sets a handle up, for URLs of one scheme. */
CURLcode awl_route_apply(const struct awl_route *route, CURL *easy, bool tls);

void awl_routes_free(struct awl_http *http);

#endif
