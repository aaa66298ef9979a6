/* presign.h - URLs that carry their signature. */
#ifndef AWL_CALL_PRESIGN_H
#define AWL_CALL_PRESIGN_H

#include "base/error.h"
#include "base/str.h"

struct awl_call;
struct awl_presign_options;
struct awl_sigv4_params;
struct awl_sigv4_target;
struct awl_credentials;

#define AWL_PRESIGN_SECONDS 3600        /* how long a URL is good for if nobody says */
#define AWL_PRESIGN_SESSION_SECONDS 300 /* likewise, by keys that live no longer */

/* Takes what the caller wants. */
void awl_presign_begin(struct awl_call *call, const struct awl_presign_options *options);

/* Makes of a serialized request one that a URL can carry: the form of a query service,
 * and for services whose rules say presign_body the members of a JSON body, go into
 * the query string, and the method is GET. A method that the caller has named wins. */
enum awl_rc awl_presign_shape(struct awl_call *call, struct awl_error *err);

/* Appends the signature to the request's query. `body` is what the holder of the URL
 * has to send, unless the service is S3, which does not look. */
enum awl_rc awl_presign_sign(struct awl_call *call, const struct awl_sigv4_params *params,
                             const struct awl_credentials *credentials,
                             const struct awl_sigv4_target *target, awl_str body,
                             struct awl_error *err);

#endif
