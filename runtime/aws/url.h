/* url.h - a URL and its parts.
 *
 * The parts are slices of the text that was given, still percent-encoded. */
#ifndef AWL_AWS_URL_H
#define AWL_AWS_URL_H

#include "base/buf.h"

struct awl_url {
    awl_str scheme;
    awl_str authority; /* host and port as written, without user information */
    awl_str host;      /* of IPv6 without the brackets */
    unsigned port;     /* as written, or the scheme's own, or 0 */
    bool has_port;     /* the port was written */
    bool is_ipv6;
    awl_str path;  /* as written: "" or begins with '/' */
    awl_str query; /* without '?' */
    bool has_query;
};

/* Splits an absolute URL "scheme://host[:port][/path][?query]"; a fragment is
 * passed over. AWL_EINPUT for control characters, spaces, an empty host, user
 * information, a port that is no port or a bracket that does not close. */
enum awl_rc awl_url_parse(awl_str text, struct awl_url *url, struct awl_error *err);

/* Appends the value of the Host header: lower case, IPv6 in brackets, without the
 * port that the scheme implies. */
enum awl_rc awl_url_append_host(struct awl_buf *out, const struct awl_url *url);

#endif
