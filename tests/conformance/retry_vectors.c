/* Runs the public test vectors of the retry strategies: quotas, delays and the rate of
 * the adaptive mode.
 *
 *     retry_vectors DATA
 *
 * DATA has a folder "retries": standard-quota5.json and what else begins with "standard"
 * or "adaptive". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/client_rate.h"
#include "call/retry.h"
#include "vectors.h"

static double number(const struct vectors_json *json, const char *key, double otherwise)
{
    const struct vectors_json *value = vectors_get(json, key);
    double number = otherwise;
    if (value != NULL && value->type == VECTORS_NUMBER)
        awl_str_to_double(value->text, &number);
    return number;
}

/* ---- the quota and the delays ---- */

/* A request that goes on until it has an outcome. */
struct request {
    struct awl_retry_rules rules;
    const struct vectors_json *given;
    bool long_poll;
    int attempt, last_cost;
};

static const char *outcome_of(enum awl_retry_verdict verdict)
{
    switch (verdict) {
    case AWL_RETRY_AGAIN:
        return "retry_request";
    case AWL_RETRY_NO_ATTEMPT_LEFT:
        return "max_attempts_exceeded";
    case AWL_RETRY_NO_QUOTA_LEFT:
        return "retry_quota_exceeded";
    case AWL_RETRY_POINTLESS:
        break;
    }
    return "fail_request";
}

/* The outcome of one answer; the delay in *delay_s. */
static const char *answer(struct request *request, struct awl_retry_quota *quota,
                          const struct vectors_json *response, double *delay_s)
{
    int status = (int)vectors_int(response, "status_code", 0);
    awl_str code = vectors_text(response, "error_code");

    *delay_s = 0;
    if (status < 300 && code.len == 0) {
        awl_retry_quota_return(quota, request->last_cost);
        request->attempt = 1;
        request->last_cost = 0;
        return "success";
    }
    struct awl_retry_case failed = {
        .reason = vectors_bool(response, "timeout", false)
                      ? AWL_RETRY_TIMEOUT
                      : awl_retry_of_answer(status, code, NULL),
        .attempt = request->attempt,
        .max_attempts =
            (int)vectors_int(request->given, "max_attempts", request->rules.attempts),
        .jitter = number(request->given, "exponential_base", 1),
        .server_ms = awl_retry_server_ms(
            vectors_text(vectors_get(response, "headers"), "x-amz-retry-after")),
        .long_poll = request->long_poll,
    };
    struct awl_retry_decision decision =
        awl_retry_decide(&request->rules, quota, &failed);
    *delay_s = (double)decision.delay_us / 1e6;
    if (decision.verdict == AWL_RETRY_AGAIN) {
        awl_retry_quota_take(quota, decision.cost);
        request->last_cost = decision.cost;
        request->attempt++;
    }
    return outcome_of(decision.verdict);
}

/* Compares one answer; false, with the failure told, if it is not as expected. */
static bool check_answer(struct vectors_suite *suite, const char *name,
                         struct request *request, struct awl_retry_quota *quota,
                         const struct vectors_json *step, bool compare_quota)
{
    const struct vectors_json *expected = vectors_get(step, "expected");
    double delay_s;
    const char *outcome = answer(request, quota, vectors_get(step, "response"), &delay_s);
    awl_str wanted = vectors_text(expected, "outcome");
    int64_t wanted_quota = vectors_int(expected, "retry_quota", quota->tokens);
    double wanted_delay_s = number(expected, "delay", compare_quota ? 0 : delay_s);

    if (!awl_str_eq(wanted, awl_str_of(outcome)))
        vectors_fail(suite, name, "outcome %s, not %.*s", outcome, STR_ARG(wanted));
    else if (compare_quota && wanted_quota != quota->tokens)
        vectors_fail(suite, name, "quota %d, not %lld", quota->tokens,
                     (long long)wanted_quota);
    else if (fabs(delay_s - wanted_delay_s) > 1e-6)
        vectors_fail(suite, name, "delay %g, not %g", delay_s, wanted_delay_s);
    else
        return true;
    return false;
}

static struct request request_of(const struct vectors_json *test, bool revised)
{
    const struct vectors_json *given = vectors_get(test, "given");
    awl_str service = vectors_text(given, "service");
    struct request request = {
        .rules = *awl_retry_rules_of(revised, service),
        .given = given,
        .long_poll = vectors_bool(given, "long_polling", false),
        .attempt = 1,
    };
    request.rules.delay_max_s =
        number(given, "max_backoff_time", request.rules.delay_max_s);
    return request;
}

/* Concurrent requests on one quota, in turns. */
static bool run_threads(struct vectors_suite *suite, const char *name,
                        const struct vectors_json *test, struct awl_retry_quota *quota,
                        bool revised)
{
    enum { THREADS_MAX = 16 };
    struct request requests[THREADS_MAX];
    const struct vectors_json *at[THREADS_MAX];
    size_t count = 0;
    bool more = true, ok = true;

    for (const struct vectors_json *thread = vectors_get(test, "threads")->first;
         thread != NULL && count < THREADS_MAX; thread = thread->next) {
        requests[count] = request_of(test, revised);
        at[count++] = thread->first;
    }
    while (more && ok) {
        more = false;
        for (size_t i = 0; i < count && ok; i++) {
            if (at[i] == NULL)
                continue;
            more = true;
            ok = check_answer(suite, name, &requests[i], quota, at[i], false);
            at[i] = at[i]->next;
        }
    }
    int64_t wanted = vectors_int(test, "expected_final_quota", quota->tokens);
    if (ok && wanted != quota->tokens) {
        vectors_fail(suite, name, "final quota %d, not %lld", quota->tokens,
                     (long long)wanted);
        ok = false;
    }
    return ok;
}

static void run_quota_case(struct vectors_suite *suite, const struct vectors_json *test,
                           bool revised)
{
    const char *name = vectors_text(test, "name").ptr;
    struct request request = request_of(test, revised);
    struct awl_retry_quota quota = {
        (int)vectors_int(request.given, "initial_retry_tokens", AWL_RETRY_QUOTA)};
    bool ok = true;

    if (number(request.given, "exponential_power", 2) != 2) {
        vectors_skip(suite, name, "delays double here");
        return;
    }
    if (vectors_get(test, "threads") != NULL) {
        ok = run_threads(suite, name, test, &quota, revised);
    } else {
        const struct vectors_json *steps = vectors_get(test, "responses");
        for (const struct vectors_json *step = steps->first; step != NULL && ok;
             step = step->next)
            ok = check_answer(suite, name, &request, &quota, step, true);
    }
    if (ok)
        vectors_pass(suite);
}

/* ---- the rate of the adaptive mode ---- */

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-6 * (fabs(b) > 1 ? fabs(b) : 1);
}

static bool check_curve(struct vectors_suite *suite, const char *name,
                        struct awl_client_rate *rate, const struct vectors_json *step,
                        double *calculated)
{
    double now_s = number(step, "timestamp", 0);
    double wanted = number(step, "calculated_rate", NAN);
    bool throttled = awl_str_eq(vectors_text(step, "response"), STR("throttle"));

    *calculated = throttled ? awl_client_rate_throttled(rate, *calculated, now_s)
                            : awl_client_rate_succeeded(rate, now_s);
    if (near(*calculated, wanted))
        return true;
    vectors_fail(suite, name, "rate %.9f at %g s, not %.9f", *calculated, now_s, wanted);
    return false;
}

static bool check_sending(struct vectors_suite *suite, const char *name,
                          struct awl_client_rate *rate, const struct vectors_json *step)
{
    double now_s = number(step, "timestamp", 0);
    double measured = number(step, "measured_tx_rate", NAN);
    double filled = number(step, "new_token_bucket_rate", NAN);

    awl_client_rate_learn(
        rate, awl_str_eq(vectors_text(step, "response"), STR("throttle")), now_s);
    if (near(rate->measured, measured) && near(rate->fill_rate, filled))
        return true;
    vectors_fail(suite, name, "measured %.9f and allowed %.9f at %g s, not %.9f and %.9f",
                 rate->measured, rate->fill_rate, now_s, measured, filled);
    return false;
}

static void run_rate_case(struct vectors_suite *suite, const struct vectors_json *test)
{
    const char *name = vectors_text(test, "name").ptr;
    const struct vectors_json *given = vectors_get(test, "given");
    struct awl_client_rate rate;
    double calculated = 0;
    bool ok = true;

    awl_client_rate_init(&rate, 0);
    rate.max_before = number(given, "last_max_rate", 0);
    rate.throttled_at = number(given, "last_throttle_time", 0);
    const struct vectors_json *step = vectors_get(test, "cases")->first;
    for (; step != NULL && ok; step = step->next)
        ok = vectors_get(step, "calculated_rate") != NULL
                 ? check_curve(suite, name, &rate, step, &calculated)
                 : check_sending(suite, name, &rate, step);
    if (ok)
        vectors_pass(suite);
}

static void run_file(const char *path, const char *file, struct vectors_suite *suite)
{
    const struct vectors_json *tests = vectors_json_read(path);
    bool adaptive = strncmp(file, "adaptive", 8) == 0;

    if (tests == NULL) {
        vectors_fail(suite, file, "cannot be read");
        return;
    }
    for (const struct vectors_json *test = tests->first; test != NULL;
         test = test->next) {
        if (adaptive && vectors_get(test, "cases") != NULL)
            run_rate_case(suite, test);
        else if (!adaptive && (vectors_get(test, "responses") != NULL ||
                               vectors_get(test, "threads") != NULL))
            run_quota_case(suite, test, strstr(file, "quota14") != NULL);
        else
            vectors_fail(suite, vectors_text(test, "name").ptr, "not of a known layout");
    }
}

int main(int argc, char **argv)
{
    struct vectors_suite suite = {.name = "retries"};

    if (argc != 2) {
        fprintf(stderr, "usage: %s DATA\n", argv[0]);
        return 2;
    }
    const char *folder = vectors_path(argv[1], "retries");
    const char **files = vectors_list_json(folder);
    if (files == NULL) {
        printf("SKIPPED: there is no folder '%s'\n", folder);
        return 0;
    }
    for (; *files != NULL; files++)
        run_file(vectors_path(folder, *files), *files, &suite);
    vectors_report(&suite);
    return suite.failed > 0 ? 1 : 0;
}
