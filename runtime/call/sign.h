/* sign.h - the last step before the wire: URL, standard headers, signature. */
#ifndef AWL_CALL_SIGN_H
#define AWL_CALL_SIGN_H

#include "base/error.h"
#include "base/str.h"

struct awl_call;
struct awl_credentials_slot;

/* Completes call->url and the request's headers for this attempt; may be called
 * again for the next one. `body` is what will be sent, unless it is `streamed` from a
 * source that cannot be looked at beforehand. */
enum awl_rc awl_call_sign(struct awl_call *call, const struct awl_credentials_slot *slot,
                          awl_str body, bool streamed, struct awl_error *err);

/* The body's hash belongs into the signature and its source can be read twice: it must
 * be read once before awl_call_sign(). The endpoint has been resolved. */
bool awl_call_wants_upload_hash(const struct awl_call *call,
                                const struct awl_credentials_slot *slot);

#endif
