/* bearer.h - calls that a token speaks for instead of a signature. */
#ifndef AWL_CALL_BEARER_H
#define AWL_CALL_BEARER_H

#include "base/error.h"

struct awl_call;
struct awl_credentials_slot;

/* Adds "Authorization: Bearer TOKEN". AWL_ECONFIG where others could read along: over
 * plain http to anything but this machine. */
enum awl_rc awl_bearer_add(struct awl_call *call, const struct awl_credentials_slot *slot,
                           struct awl_error *err);

#endif
