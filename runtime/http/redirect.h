/* redirect.h - where an answer's Location leads. */
#ifndef AWL_HTTP_REDIRECT_H
#define AWL_HTTP_REDIRECT_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the URL that `location`, of an answer to a request for `url`, names, without
 * a fragment. The origins are the same if scheme, host and port are: only then may
 * credentials go along. AWL_EPARSE if it is not an http or https URL. */
enum awl_rc awl_http_redirect(const char *url, const char *location, struct awl_buf *out,
                              bool *same_origin);

#endif
