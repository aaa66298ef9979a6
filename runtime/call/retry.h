/* retry.h - the retry strategies: what is worth another attempt, when, and how many of
 * those a service may cost.
 *
 * Pure: random numbers and what the service said are given. The standard mode of the
 * SDKs (exponential backoff with full jitter up to 20 s, a quota of 500 shared by all
 * calls to one service in one region), and its revision of 2026, which waits less for
 * failures that are no throttling and makes them dearer. */
#ifndef AWL_CALL_RETRY_H
#define AWL_CALL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "model/model.h"

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

/* What a strategy consists of. */
struct awl_retry_rules {
    bool revised; /* the service may ask for a delay; a long poll that finds the quota
                     used up waits before it fails, so that its loop does not spin */
    int attempts; /* where nobody says how many */
    int cost, cost_timeout, cost_throttling; /* of a retry, in tokens */
    double base_s, base_throttling_s;        /* the first delay's span; doubles */
    double delay_max_s;
};

/* Those for a service, by the name of its model; static. */
const struct awl_retry_rules *awl_retry_rules_of(bool revised, awl_str service);

/* An attempt that failed. */
struct awl_retry_case {
    enum awl_retry_reason reason;
    int attempt, max_attempts; /* from 1 */
    double jitter;             /* a random number, at least 0 and less than 1 */
    int64_t server_ms;         /* what x-amz-retry-after says, else 0 */
    bool long_poll;
};

enum awl_retry_verdict {
    AWL_RETRY_AGAIN,
    AWL_RETRY_POINTLESS,
    AWL_RETRY_NO_ATTEMPT_LEFT,
    AWL_RETRY_NO_QUOTA_LEFT,
};

struct awl_retry_decision {
    enum awl_retry_verdict verdict;
    int cost;         /* of AWL_RETRY_AGAIN, to be taken from the quota */
    int64_t delay_us; /* before the next attempt, or before the failure */
};

/* Whether there is another attempt. Takes nothing from the quota. */
struct awl_retry_decision awl_retry_decide(const struct awl_retry_rules *rules,
                                           const struct awl_retry_quota *quota,
                                           const struct awl_retry_case *failed);

/* The other attempt is made: takes its cost. */
void awl_retry_quota_take(struct awl_retry_quota *quota, int cost);

/* A call has succeeded: gives back the cost of its last retry, 0 meaning that it
 * needed none. */
void awl_retry_quota_return(struct awl_retry_quota *quota, int cost);

/* The value of the header x-amz-retry-after: milliseconds; 0 if it is none. */
int64_t awl_retry_server_ms(awl_str header);

#endif
