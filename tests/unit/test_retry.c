#include "call/retry.h"

#include "test.h"

TEST(throttling_is_known_by_code_by_status_and_by_the_model)
{
    UNUSED_STATE;
    struct awl_shape modelled = {.flags = AWL_SHAPE_THROTTLING | AWL_SHAPE_RETRYABLE};
    CHECK_INT(awl_retry_of_answer(400, STR("ThrottlingException"), NULL),
              AWL_RETRY_THROTTLING);
    CHECK_INT(awl_retry_of_answer(503, STR("SlowDown"), NULL), AWL_RETRY_THROTTLING);
    CHECK_INT(awl_retry_of_answer(429, STR(""), NULL), AWL_RETRY_THROTTLING);
    CHECK_INT(awl_retry_of_answer(400, STR("QuotaHit"), &modelled), AWL_RETRY_THROTTLING);
}

TEST(a_server_in_trouble_is_transient)
{
    UNUSED_STATE;
    static const int statuses[] = {500, 502, 503, 504};
    struct awl_shape retryable = {.flags = AWL_SHAPE_RETRYABLE};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
        CHECK_INT(awl_retry_of_answer(statuses[i], STR("Whatever"), NULL),
                  AWL_RETRY_TRANSIENT);
    CHECK_INT(awl_retry_of_answer(400, STR("RequestTimeout"), NULL), AWL_RETRY_TRANSIENT);
    CHECK_INT(awl_retry_of_answer(400, STR("Busy"), &retryable), AWL_RETRY_TRANSIENT);
    /* S3 puts an error into an answer that began as a success. */
    CHECK_INT(awl_retry_of_answer(200, STR("InternalError"), NULL), AWL_RETRY_TRANSIENT);
    CHECK_INT(awl_retry_of_answer(409, STR("ConditionalRequestConflict"), NULL),
              AWL_RETRY_TRANSIENT);
}

TEST(the_callers_own_mistake_is_not_repeated)
{
    UNUSED_STATE;
    struct awl_shape plain = {.flags = AWL_SHAPE_EXCEPTION};
    CHECK_INT(awl_retry_of_answer(400, STR("ValidationException"), NULL), AWL_RETRY_NO);
    CHECK_INT(awl_retry_of_answer(403, STR("AccessDenied"), &plain), AWL_RETRY_NO);
    CHECK_INT(awl_retry_of_answer(404, STR("NoSuchKey"), NULL), AWL_RETRY_NO);
    CHECK_INT(awl_retry_of_answer(501, STR("NotImplemented"), NULL), AWL_RETRY_NO);
    CHECK_INT(awl_retry_of_answer(400, STR(""), NULL), AWL_RETRY_NO);
    /* Codes are compared whole and with case. */
    CHECK_INT(awl_retry_of_answer(400, STR("slowdown"), NULL), AWL_RETRY_NO);
    CHECK_INT(awl_retry_of_answer(400, STR("Throttlin"), NULL), AWL_RETRY_NO);
}

static enum awl_retry_reason reason_of(enum awl_rc rc, const char *code)
{
    struct awl_error failure = AWL_ERROR_INIT;
    awl_error_code(&failure, rc, code, "failed");
    return awl_retry_of_failure(&failure);
}

TEST(network_failures_are_repeated_but_not_a_bad_certificate_or_a_no)
{
    UNUSED_STATE;
    CHECK_INT(reason_of(AWL_ETRANSPORT, "ConnectionReset"), AWL_RETRY_TRANSIENT);
    CHECK_INT(reason_of(AWL_ETRANSPORT, ""), AWL_RETRY_TRANSIENT);
    CHECK_INT(reason_of(AWL_ETIMEOUT, "ReadTimeout"), AWL_RETRY_TIMEOUT);
    CHECK_INT(reason_of(AWL_ETRANSPORT, "ProxyError"), AWL_RETRY_TRANSIENT);
    CHECK_INT(reason_of(AWL_ETRANSPORT, "ProxyRefused"), AWL_RETRY_NO);
    CHECK_INT(reason_of(AWL_ETRANSPORT, "CertificateError"), AWL_RETRY_NO);
    CHECK_INT(reason_of(AWL_ECANCELED, "Canceled"), AWL_RETRY_NO);
    CHECK_INT(reason_of(AWL_ENOMEM, ""), AWL_RETRY_NO);
    CHECK_INT(reason_of(AWL_EPARSE, ""), AWL_RETRY_NO);
}

TEST(throttled_calls_and_modelled_retries_did_nothing)
{
    UNUSED_STATE;
    struct awl_shape retryable = {.flags = AWL_SHAPE_RETRYABLE};
    struct awl_shape plain = {.flags = AWL_SHAPE_EXCEPTION};
    CHECK(awl_retry_did_nothing(AWL_RETRY_THROTTLING, NULL));
    CHECK(awl_retry_did_nothing(AWL_RETRY_TRANSIENT, &retryable));
    CHECK(!awl_retry_did_nothing(AWL_RETRY_TRANSIENT, &plain));
    CHECK(!awl_retry_did_nothing(AWL_RETRY_TIMEOUT, NULL));
}

static struct awl_retry_decision decide(bool revised, int tokens,
                                        struct awl_retry_case failed)
{
    struct awl_retry_quota quota = {tokens};
    if (failed.max_attempts == 0)
        failed.max_attempts = INT32_MAX;
    return awl_retry_decide(awl_retry_rules_of(revised, STR("s3")), &quota, &failed);
}

TEST(a_retry_needs_a_reason_an_attempt_and_tokens_in_this_order)
{
    UNUSED_STATE;
    struct awl_retry_case failed = {.attempt = 3, .max_attempts = 3};
    CHECK_INT(decide(false, 0, failed).verdict, AWL_RETRY_POINTLESS);
    failed.reason = AWL_RETRY_TRANSIENT;
    CHECK_INT(decide(false, 0, failed).verdict, AWL_RETRY_NO_ATTEMPT_LEFT);
    failed.attempt = 2;
    CHECK_INT(decide(false, 4, failed).verdict, AWL_RETRY_NO_QUOTA_LEFT);
    CHECK_INT(decide(false, 4, failed).cost, 0);
    CHECK_INT(decide(false, 5, failed).verdict, AWL_RETRY_AGAIN);
    CHECK_INT(decide(false, 5, failed).cost, 5);
}

TEST(a_timeout_costs_twice_as_much)
{
    UNUSED_STATE;
    struct awl_retry_case failed = {.reason = AWL_RETRY_TIMEOUT, .attempt = 1};
    CHECK_INT(decide(false, 500, failed).cost, 10);
    CHECK_INT(decide(false, 9, failed).verdict, AWL_RETRY_NO_QUOTA_LEFT);
    failed.reason = AWL_RETRY_THROTTLING;
    CHECK_INT(decide(false, 500, failed).cost, 5);
}

TEST(the_revision_makes_throttling_cheaper_than_the_rest)
{
    UNUSED_STATE;
    struct awl_retry_case failed = {.reason = AWL_RETRY_TIMEOUT, .attempt = 1};
    CHECK_INT(decide(true, 500, failed).cost, 14);
    failed.reason = AWL_RETRY_TRANSIENT;
    CHECK_INT(decide(true, 500, failed).cost, 14);
    failed.reason = AWL_RETRY_THROTTLING;
    CHECK_INT(decide(true, 500, failed).cost, 5);
    CHECK_INT(awl_retry_rules_of(true, STR("dynamodb"))->attempts, 4);
    CHECK_INT(awl_retry_rules_of(true, STR("s3"))->attempts, 3);
    CHECK_INT(awl_retry_rules_of(false, STR("dynamodb"))->attempts, 3);
}

TEST(a_success_gives_back_what_its_retry_cost_and_never_more_than_all)
{
    UNUSED_STATE;
    struct awl_retry_quota quota = {0};
    awl_retry_quota_return(&quota, 10);
    CHECK_INT(quota.tokens, 10);
    awl_retry_quota_return(&quota, 0);
    CHECK_INT(quota.tokens, 11);
    quota.tokens = AWL_RETRY_QUOTA - 2;
    awl_retry_quota_return(&quota, 5);
    CHECK_INT(quota.tokens, AWL_RETRY_QUOTA);
}

static int64_t delay_us(bool revised, struct awl_retry_case failed)
{
    return decide(revised, 500, failed).delay_us;
}

TEST(delays_double_up_to_20_seconds)
{
    UNUSED_STATE;
    static const struct {
        int attempt;
        int64_t standard_us, revised_us;
    } cases[] = {
        {1, 1000000, 50000},
        {2, 2000000, 100000},
        {3, 4000000, 200000},
        {6, 20000000, 1600000},
        {10, 20000000, 20000000},
        {1000, 20000000, 20000000},
        {INT32_MAX - 1, 20000000, 20000000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_retry_case failed = {
            .reason = AWL_RETRY_TRANSIENT, .attempt = cases[i].attempt, .jitter = 1};
        CHECK_INT(delay_us(false, failed), cases[i].standard_us);
        CHECK_INT(delay_us(true, failed), cases[i].revised_us);
        failed.jitter = 0.25;
        CHECK_INT(delay_us(false, failed), cases[i].standard_us / 4);
        failed.jitter = 0;
        CHECK_INT(delay_us(false, failed), 0);
    }
}

TEST(the_service_may_ask_the_revision_for_a_delay_within_bounds)
{
    UNUSED_STATE;
    struct awl_retry_case failed = {
        .reason = AWL_RETRY_THROTTLING, .attempt = 1, .jitter = 1, .server_ms = 3000};
    CHECK_INT(delay_us(true, failed), 3000000);
    CHECK_INT(delay_us(false, failed), 1000000);
    failed.server_ms = 500;
    CHECK_INT(delay_us(true, failed), 1000000);
    failed.server_ms = 60000;
    CHECK_INT(delay_us(true, failed), 6000000);
}

TEST(a_delay_that_is_no_number_of_milliseconds_is_not_heard)
{
    UNUSED_STATE;
    CHECK_INT(awl_retry_server_ms(STR("1500")), 1500);
    CHECK_INT(awl_retry_server_ms(STR("-1")), 0);
    CHECK_INT(awl_retry_server_ms(STR("soon")), 0);
    CHECK_INT(awl_retry_server_ms(STR("1.5")), 0);
    CHECK_INT(awl_retry_server_ms(STR("")), 0);
    CHECK(awl_retry_server_ms(STR("9223372036854775807")) <= 3600 * 1000);
}

TEST(a_long_poll_without_quota_waits_before_it_fails)
{
    UNUSED_STATE;
    struct awl_retry_case failed = {.reason = AWL_RETRY_THROTTLING,
                                    .attempt = 1,
                                    .max_attempts = 2,
                                    .jitter = 1,
                                    .long_poll = true};
    CHECK_INT(decide(true, 0, failed).verdict, AWL_RETRY_NO_QUOTA_LEFT);
    CHECK_INT(decide(true, 0, failed).delay_us, 1000000);
    CHECK_INT(decide(false, 0, failed).delay_us, 0);
    failed.attempt = 2;
    CHECK_INT(decide(true, 0, failed).delay_us, 0);
}

TEST_MAIN(RUN(throttling_is_known_by_code_by_status_and_by_the_model),
          RUN(a_server_in_trouble_is_transient),
          RUN(the_callers_own_mistake_is_not_repeated),
          RUN(network_failures_are_repeated_but_not_a_bad_certificate_or_a_no),
          RUN(throttled_calls_and_modelled_retries_did_nothing),
          RUN(a_retry_needs_a_reason_an_attempt_and_tokens_in_this_order),
          RUN(a_timeout_costs_twice_as_much),
          RUN(the_revision_makes_throttling_cheaper_than_the_rest),
          RUN(a_success_gives_back_what_its_retry_cost_and_never_more_than_all),
          RUN(delays_double_up_to_20_seconds),
          RUN(the_service_may_ask_the_revision_for_a_delay_within_bounds),
          RUN(a_delay_that_is_no_number_of_milliseconds_is_not_heard),
          RUN(a_long_poll_without_quota_waits_before_it_fails))
