/* retry.h - the standard retry strategy: what is worth another attempt, when, and
 * how many of those a service may cost.
 *
 * Pure but for the random numbers it is given. Constants as in the SDKs' standard
 * mode: 3 attempts, exponential backoff with full jitter up to 20 s, a quota of 500
 * shared by all calls to one service in one region. */
#ifndef AWL_CALL_RETRY_H
#define AWL_CALL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "base/str.h"
#include "model/model.h"

#define AWL_RETRY_ATTEMPTS 3
#define AWL_RETRY_QUOTA 500

enum awl_retry_reason {
    AWL_RETRY_NO,         /* would fail again */
    AWL_RETRY_TRANSIENT,  /* the network or the server, for a moment */
    AWL_RETRY_TIMEOUT,    /* the same, and dearer: the server may be overloaded */
    AWL_RETRY_THROTTLING, /* the service said: too fast, nothing was done */
};

/* Of an answer that is an error. `shape` is the modelled error or NULL. */
enum awl_retry_reason awl_retry_of_answer(int status, awl_str code,
                                          const struct awl_shape *shape);

/* Of a failed exchange. */
enum awl_retry_reason awl_retry_of_failure(const struct awl_error *failure);

/* The service did nothing, whatever the operation: throttled, or modelled as
 * retryable. */
bool awl_retry_did_nothing(enum awl_retry_reason reason, const struct awl_shape *shape);

/* Tokens left of AWL_RETRY_QUOTA. */
struct awl_retry_quota {
    int tokens;
};

/* Takes what a retry for this reason costs; 0 when there is not enough left. */
int awl_retry_quota_take(struct awl_retry_quota *quota, enum awl_retry_reason reason);

/* A call has succeeded: gives back the cost of its last retry, 0 meaning that it
 * needed none. */
void awl_retry_quota_return(struct awl_retry_quota *quota, int cost);

/* How long to wait after attempt number `attempt` (from 1) has failed. */
int64_t awl_retry_delay_us(struct awl_random *random, int attempt);

#endif
