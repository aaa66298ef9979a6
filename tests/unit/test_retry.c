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

TEST(network_failures_are_repeated_but_not_a_bad_certificate)
{
    UNUSED_STATE;
    CHECK_INT(reason_of(AWL_ETRANSPORT, "ConnectionReset"), AWL_RETRY_TRANSIENT);
    CHECK_INT(reason_of(AWL_ETRANSPORT, ""), AWL_RETRY_TRANSIENT);
    CHECK_INT(reason_of(AWL_ETIMEOUT, "ReadTimeout"), AWL_RETRY_TIMEOUT);
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

TEST(the_quota_runs_out_after_100_retries_in_a_row)
{
    UNUSED_STATE;
    struct awl_retry_quota quota = {AWL_RETRY_QUOTA};
    int retries = 0;
    while (awl_retry_quota_take(&quota, AWL_RETRY_TRANSIENT) > 0)
        retries++;
    CHECK_INT(retries, 100);
    CHECK_INT(quota.tokens, 0);
}

TEST(a_timeout_costs_twice_as_much)
{
    UNUSED_STATE;
    struct awl_retry_quota quota = {AWL_RETRY_QUOTA};
    CHECK_INT(awl_retry_quota_take(&quota, AWL_RETRY_TIMEOUT), 10);
    CHECK_INT(awl_retry_quota_take(&quota, AWL_RETRY_THROTTLING), 5);
    CHECK_INT(quota.tokens, AWL_RETRY_QUOTA - 15);
    quota.tokens = 9;
    CHECK_INT(awl_retry_quota_take(&quota, AWL_RETRY_TIMEOUT), 0);
    CHECK_INT(quota.tokens, 9);
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

/* The longest of many delays after an attempt, in microseconds. */
static int64_t longest_delay(int attempt)
{
    struct awl_random random;
    int64_t longest = 0;
    awl_random_seed(&random, 1);
    for (int i = 0; i < 5000; i++) {
        int64_t delay = awl_retry_delay_us(&random, attempt);
        CHECK(delay >= 0);
        if (delay > longest)
            longest = delay;
    }
    return longest;
}

TEST(delays_are_drawn_from_a_span_that_doubles_up_to_20_seconds)
{
    UNUSED_STATE;
    static const struct {
        int attempt;
        int64_t span_us;
    } cases[] = {
        {1, 1000000},  {2, 2000000},  {3, 4000000},     {4, 8000000},
        {5, 16000000}, {6, 20000000}, {1000, 20000000}, {INT32_MAX, 20000000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int64_t longest = longest_delay(cases[i].attempt);
        CHECK(longest < cases[i].span_us);
        CHECK(longest > cases[i].span_us / 100 * 95);
    }
}

TEST_MAIN(RUN(throttling_is_known_by_code_by_status_and_by_the_model),
          RUN(a_server_in_trouble_is_transient),
          RUN(the_callers_own_mistake_is_not_repeated),
          RUN(network_failures_are_repeated_but_not_a_bad_certificate),
          RUN(throttled_calls_and_modelled_retries_did_nothing),
          RUN(the_quota_runs_out_after_100_retries_in_a_row),
          RUN(a_timeout_costs_twice_as_much),
          RUN(a_success_gives_back_what_its_retry_cost_and_never_more_than_all),
          RUN(delays_are_drawn_from_a_span_that_doubles_up_to_20_seconds))
