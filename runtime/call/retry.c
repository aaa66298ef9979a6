#include "call/retry.h"

#define SERVER_DELAY_MORE_S 5.0 /* than our own delay, at the service's wish */
#define SERVER_DELAY_MAX_MS (3600 * 1000)

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
    if (awl_str_eq(code, STR("CertificateError")) ||
        awl_str_eq(code, STR("ProxyRefused")))
        return AWL_RETRY_NO;
    return AWL_RETRY_TRANSIENT;
}

bool awl_retry_did_nothing(enum awl_retry_reason reason, const struct awl_shape *shape)
{
    return reason == AWL_RETRY_THROTTLING ||
           (shape != NULL && (shape->flags & AWL_SHAPE_RETRYABLE));
}

const struct awl_retry_rules *awl_retry_rules_of(bool revised, awl_str service)
{
    static const struct awl_retry_rules standard = {
        .attempts = 3,
        .cost = 5,
        .cost_timeout = 10,
        .cost_throttling = 5,
        .base_s = 1,
        .base_throttling_s = 1,
        .delay_max_s = 20,
    };
    static const struct awl_retry_rules revision = {
        .revised = true,
        .attempts = 3,
        .cost = 14,
        .cost_timeout = 14,
        .cost_throttling = 5,
        .base_s = 0.05,
        .base_throttling_s = 1,
        .delay_max_s = 20,
    };
    static const struct awl_retry_rules revision_dynamodb = {
        .revised = true,
        .attempts = 4,
        .cost = 14,
        .cost_timeout = 14,
        .cost_throttling = 5,
        .base_s = 0.025,
        .base_throttling_s = 1,
        .delay_max_s = 20,
    };
    if (!revised)
        return &standard;
    return awl_str_eq(service, STR("dynamodb")) ||
                   awl_str_eq(service, STR("dynamodbstreams"))
               ? &revision_dynamodb
               : &revision;
}

static int cost_of(const struct awl_retry_rules *rules, enum awl_retry_reason reason)
{
    switch (reason) {
    case AWL_RETRY_THROTTLING:
        return rules->cost_throttling;
    case AWL_RETRY_TIMEOUT:
        return rules->cost_timeout;
    default:
        return rules->cost;
    }
}

static double backoff_s(const struct awl_retry_rules *rules,
                        const struct awl_retry_case *failed)
{
    double delay_s =
        failed->reason == AWL_RETRY_THROTTLING ? rules->base_throttling_s : rules->base_s;
    for (int i = 1; i < failed->attempt && delay_s < rules->delay_max_s; i++)
        delay_s *= 2;
    return failed->jitter * (delay_s < rules->delay_max_s ? delay_s : rules->delay_max_s);
}

/* What the service asks for counts within bounds. */
static double delay_s(const struct awl_retry_rules *rules,
                      const struct awl_retry_case *failed)
{
    double backoff = backoff_s(rules, failed);
    double asked = (double)failed->server_ms / 1000;

    if (!rules->revised || asked < backoff)
        return backoff;
    return asked < backoff + SERVER_DELAY_MORE_S ? asked : backoff + SERVER_DELAY_MORE_S;
}

struct awl_retry_decision awl_retry_decide(const struct awl_retry_rules *rules,
                                           const struct awl_retry_quota *quota,
                                           const struct awl_retry_case *failed)
{
    struct awl_retry_decision decision = {.verdict = AWL_RETRY_POINTLESS};

    if (failed->reason == AWL_RETRY_NO)
        return decision;
    if (failed->attempt >= failed->max_attempts) {
        decision.verdict = AWL_RETRY_NO_ATTEMPT_LEFT;
        return decision;
    }
    int cost = cost_of(rules, failed->reason);
    decision.verdict = AWL_RETRY_AGAIN;
    if (quota->tokens < cost)
        decision.verdict = AWL_RETRY_NO_QUOTA_LEFT;
    if (decision.verdict == AWL_RETRY_AGAIN)
        decision.cost = cost;
    if (decision.verdict == AWL_RETRY_AGAIN || (rules->revised && failed->long_poll))
        decision.delay_us = (int64_t)(delay_s(rules, failed) * 1e6 + 0.5);
    return decision;
}

void awl_retry_quota_take(struct awl_retry_quota *quota, int cost)
{
    quota->tokens -= cost < quota->tokens ? cost : quota->tokens;
}

void awl_retry_quota_return(struct awl_retry_quota *quota, int cost)
{
    quota->tokens += cost > 0 ? cost : 1;
    if (quota->tokens > AWL_RETRY_QUOTA)
        quota->tokens = AWL_RETRY_QUOTA;
}

int64_t awl_retry_server_ms(awl_str header)
{
    int64_t ms;
    if (!awl_str_to_int64(header, &ms) || ms < 0)
        return 0;
    return ms < SERVER_DELAY_MAX_MS ? ms : SERVER_DELAY_MAX_MS;
}
