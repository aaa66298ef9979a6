#include "call/retry.h"

#define RETRY_COST 5
#define RETRY_COST_TIMEOUT 10
#define RETRY_DELAY_MAX_S 20

static bool one_of(awl_str word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (awl_str_eq(word, awl_str_of(*list)))
            return true;
    return false;
}

/* Both lists are those of the SDKs' standard mode. */
static bool code_is_throttling(awl_str code)
{
    static const char *const codes[] = {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
        NULL,
    };
    return one_of(code, codes);
}

static bool code_is_transient(awl_str code)
{
    static const char *const codes[] = {
        "RequestTimeout",
        "RequestTimeoutException",
        "IDPCommunicationError",
        "InternalError",
        "ConditionalRequestConflict", /* S3: somebody else is writing the object */
        NULL,
    };
    return one_of(code, codes);
}

enum awl_retry_reason awl_retry_of_answer(int status, awl_str code,
                                          const struct awl_shape *shape)
{
    if (code_is_throttling(code) || status == 429 ||
        (shape != NULL && (shape->flags & AWL_SHAPE_THROTTLING)))
        return AWL_RETRY_THROTTLING;
    if (shape != NULL && (shape->flags & AWL_SHAPE_RETRYABLE))
        return AWL_RETRY_TRANSIENT;
    if (status == 500 || status == 502 || status == 503 || status == 504 ||
        code_is_transient(code))
        return AWL_RETRY_TRANSIENT;
    return AWL_RETRY_NO;
}

enum awl_retry_reason awl_retry_of_failure(const struct awl_error *failure)
{
    if (failure->rc == AWL_ETIMEOUT)
        return AWL_RETRY_TIMEOUT;
    if (failure->rc != AWL_ETRANSPORT)
        return AWL_RETRY_NO;
    awl_str code = awl_str_of(failure->code);
    /* What a second attempt cannot mend. */
    if (awl_str_eq(code, STR("CertificateError")))
        return AWL_RETRY_NO;
    return AWL_RETRY_TRANSIENT;
}

bool awl_retry_did_nothing(enum awl_retry_reason reason, const struct awl_shape *shape)
{
    return reason == AWL_RETRY_THROTTLING ||
           (shape != NULL && (shape->flags & AWL_SHAPE_RETRYABLE));
}

int awl_retry_quota_take(struct awl_retry_quota *quota, enum awl_retry_reason reason)
{
    int cost = reason == AWL_RETRY_TIMEOUT ? RETRY_COST_TIMEOUT : RETRY_COST;
    if (quota->tokens < cost)
        return 0;
    quota->tokens -= cost;
    return cost;
}

void awl_retry_quota_return(struct awl_retry_quota *quota, int cost)
{
    quota->tokens += cost > 0 ? cost : 1;
    if (quota->tokens > AWL_RETRY_QUOTA)
        quota->tokens = AWL_RETRY_QUOTA;
}

int64_t awl_retry_delay_us(struct awl_random *random, int attempt)
{
    double seconds = RETRY_DELAY_MAX_S;
    if (attempt - 1 < 5 && (1 << (attempt - 1)) < RETRY_DELAY_MAX_S)
        seconds = (double)(1 << (attempt - 1));
    return (int64_t)(awl_random_unit(random) * seconds * 1e6);
}
