/* route.h - how requests get to their servers: proxies, and who is trusted.
 *
 * Few in a process and kept until its end; a handle of libcurl that serves requests of
 * one route after the other is set up once. */
#ifndef AWL_HTTP_ROUTE_H
#define AWL_HTTP_ROUTE_H

#include <stdbool.h>

#include "base/error.h"

struct awl_http;

/* All text is the caller's and may go. NULL leaves a setting at its default. */
struct awl_route_settings {
    const char *ca_file;     /* PEM; default: the system's */
    bool insecure;           /* do not verify the server's certificate */
    const char *client_cert; /* PEM, with the key unless client_key has it */
    const char *client_key;
    const char *proxy;    /* URL, perhaps with user and password; "": none. Default:
                             http_proxy, https_proxy and all_proxy of the environment,
                             by the request's scheme and in lower case or in upper
                             case, the first wins */
    const char *no_proxy; /* names, domains, addresses (with a port or without),
                             networks; default: no_proxy, NO_PROXY */
    const char
        *proxy_ca_file; /* for a proxy that is reached over TLS; default: ca_file */
    const char *proxy_client_cert;
    bool no_keepalive; /* no probes on silent connections */
};

struct awl_route;

/* The route with these settings; it lives as long as `http`. NULL: out of memory. */
const struct awl_route *awl_http_route(struct awl_http *http,
                                       const struct awl_route_settings *settings);

#endif
