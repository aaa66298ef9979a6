/* After an attempt that did not succeed: once more, elsewhere, or not. */
#include "aws/timestamp.h"
#include "call/call_log.h"
#include "call/credentials.h"
#include "call/detour.h"
#include "call/event_stream.h"
#include "call/repeatable.h"
#include "call/stages.h"
#include "script/task.h"

#define CLOCK_TOLERANCE_MS (4 * 60 * 1000)

static bool is_expired_credentials(awl_str code)
{
    return awl_str_eq(code, STR("ExpiredToken")) ||
           awl_str_eq(code, STR("ExpiredTokenException"));
}

static bool is_clock_complaint(awl_str code)
{
    static const char *const codes[] = {
        "RequestTimeTooSkewed",  "RequestExpired", "InvalidSignatureException",
        "SignatureDoesNotMatch", "AuthFailure",    "RequestInTheFuture",
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (awl_str_eq(code, awl_str_of(codes[i])))
            return true;
    return false;
}

/* How far the service's clock is ahead of ours, by the answer's Date. */
static void read_server_time(struct awl_call *call)
{
    struct awl_timestamp time;
    awl_str date;

    if (!awl_headers_get(&awl_transfer_response(call->transfer)->headers, STR("date"),
                         &date) ||
        !awl_timestamp_parse_http(date, &time))
        return;
    call->server_time_known = true;
    call->server_ahead_ms =
        time.seconds * 1000 - awl_clock_wall_ms(&call->pipeline->runtime->clock);
}

/* A signature that the service does not accept may be one of another time: then its time
 * is that of the client's requests from here on. */
static bool correct_clock(struct awl_call *call)
{
    if (!is_clock_complaint(call->service_error.code) || !call->server_time_known)
        return false;
    int64_t off_ms = call->server_ahead_ms - call->client->clock_offset_ms;
    if (off_ms >= -CLOCK_TOLERANCE_MS && off_ms <= CLOCK_TOLERANCE_MS)
        return false;
    call->client->clock_offset_ms = call->server_ahead_ms;
    return true;
}

/* Reads the error and leaves the table of its members at the stack's top. */
static void read_service_error(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_rc rc = awl_wire_read_error(&call->client->service->wire, L, call->operation,
                                         awl_transfer_response(call->transfer),
                                         &call->service_error, &err);
    if (rc != AWL_OK)
        lua_newtable(L);
}

static enum awl_retry_reason retry_reason(struct awl_call *call)
{
    bool repeatable = awl_call_repeatable(&call->client->service->model, call->operation);

    if (call->failed) {
        call->unknown_outcome = call->failure->sent && !repeatable;
        return call->unknown_outcome ? AWL_RETRY_NO : awl_retry_of_failure(call->failure);
    }
    return awl_retry_of_answer(awl_transfer_response(call->transfer)->status,
                               call->service_error.code, call->service_error.shape);
}

/* What a function has yielded cannot be had again. */
static bool upload_allows_retry(lua_State *L, const struct awl_call *call)
{
    const struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    if (call->events != NULL)
        return awl_event_stream_can_repeat(call->events);
    return !call->upload.present || call->upload.seekable || handle->uploaded == 0;
}

/* After a pause of `delay_us` there would be time for another attempt. */
static bool time_is_left(const struct awl_call *call, int64_t delay_us)
{
    return call->options.timeout_ms == 0 ||
           awl_call_timeout_left_ms(call) > 1 + delay_us / 1000;
}

static int64_t asked_delay_ms(const struct awl_call *call)
{
    awl_str value;
    if (call->failed || !awl_headers_get(&awl_transfer_response(call->transfer)->headers,
                                         STR("x-amz-retry-after"), &value))
        return 0;
    return awl_retry_server_ms(value);
}

/* Signs again and sends again after a while. */
static int retry(lua_State *L, struct awl_call *call, int64_t delay_us, const char *why)
{
    if (awl_call_logs())
        awl_call_log_again(call, why, delay_us);
    lua_settop(L, CALL_TOP);
    call->attempt++;
    call->stage = CALL_REWIND;
    return awl_task_sleep(L, delay_us, awl_call_k, 0);
}

/* The task that reads the source may still have to see that its transfer is over. */
int awl_call_rewind(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);

    if (call->upload.present && handle->upload_running) {
        awl_upload_stop(handle);
        return awl_task_sleep(L, 1000, awl_call_k, 0);
    }
    if (call->events != NULL && awl_event_stream_feeding(call->events)) {
        awl_event_stream_stop(call->events);
        return awl_task_sleep(L, 1000, awl_call_k, 0);
    }
    if (call->upload.seekable && call->events == NULL)
        awl_upload_rewind(L, &call->upload);
    call->stage = CALL_TAKE_TURN;
    return 0;
}

/* Sends again at once: the endpoint rules know better now. */
static int redirect(lua_State *L, struct awl_call *call)
{
    call->redirected = true;
    awl_resolved_done(call->resolved);
    call->resolved = NULL;
    return retry(L, call, 0, "it belongs to another place");
}

/* Calls the service's function that finds out where the call belongs. */
static int ask_place(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_PLACE_ASKED;
    awl_call_push_function(L, call->client->service->rules->redirect_module);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushvalue(L, CALL_INPUT);
    lua_callk(L, 2, 0, 0, awl_call_k);
    return awl_call_k(L, LUA_OK, 0);
}

static enum awl_redirect belongs_elsewhere(lua_State *L, const struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;

    if (call->failed || rules->redirect == NULL || call->redirected)
        return AWL_REDIRECT_NO;
    enum awl_redirect where = rules->redirect(L, call);
    return upload_allows_retry(L, call) ? where : AWL_REDIRECT_NO;
}

static const char *reason_word(enum awl_retry_reason reason)
{
    return reason == AWL_RETRY_THROTTLING ? "throttling"
           : reason == AWL_RETRY_TIMEOUT  ? "timeout"
                                          : "transient";
}

static const char *verdict_word(const struct awl_call *call,
                                enum awl_retry_verdict verdict)
{
    if (call->unknown_outcome)
        return "it may have been carried out";
    return verdict == AWL_RETRY_NO_ATTEMPT_LEFT ? "no attempt left"
           : verdict == AWL_RETRY_NO_QUOTA_LEFT ? "no quota left"
                                                : "it would fail again";
}

static int give_up(lua_State *L, struct awl_call *call, const char *why)
{
    if (awl_call_logs())
        awl_call_log_end(call, why);
    return awl_call_raise(L, call);
}

/* The members of a service's error, if it is one, are at the stack's top. */
static int retry_by_strategy(lua_State *L, struct awl_call *call)
{
    struct awl_retry_quota *quota = &call->client->per_region->quota;
    const struct awl_retry_case failed = {
        .reason = retry_reason(call),
        .attempt = call->attempt,
        .max_attempts = awl_call_max_attempts(call),
        .jitter = awl_random_unit(&awl_runtime(L)->random),
        .server_ms = asked_delay_ms(call),
        .long_poll = awl_call_is_long_poll(call),
    };
    struct awl_retry_decision decision =
        awl_retry_decide(call->client->retry, quota, &failed);

    if (call->client->turns != NULL)
        awl_turns_learn(call->client->turns, failed.reason == AWL_RETRY_THROTTLING);
    if (!upload_allows_retry(L, call))
        return give_up(L, call, "its body cannot be had again");
    if (!time_is_left(call, decision.delay_us))
        return give_up(L, call, "no time left");
    call->quota_reached = decision.verdict == AWL_RETRY_NO_QUOTA_LEFT;
    if (decision.verdict == AWL_RETRY_AGAIN) {
        awl_retry_quota_take(quota, decision.cost);
        call->last_retry_cost = decision.cost;
        return retry(L, call, decision.delay_us, reason_word(failed.reason));
    }
    if (decision.delay_us == 0)
        return give_up(L, call, verdict_word(call, decision.verdict));
    call->stage = CALL_GIVE_UP;
    return awl_task_sleep(L, decision.delay_us, awl_call_k, 0);
}

/* The members of a service's error are at the stack's top. */
static int decide_retry(lua_State *L, struct awl_call *call)
{
    if (!call->failed && !call->refreshed_credentials &&
        is_expired_credentials(call->service_error.code) &&
        upload_allows_retry(L, call)) {
        call->refreshed_credentials = true;
        awl_credentials_refuse(call->keys, call->keys_generation);
        return retry(L, call, 0, "the keys have expired");
    }
    if (!call->failed && !call->corrected_clock && call->keys != NULL &&
        upload_allows_retry(L, call) && correct_clock(call)) {
        call->corrected_clock = true;
        return retry(L, call, 0, "the clock was wrong");
    }
    if (!call->failed && awl_detour_rejected(L, call) &&
        call->attempt < awl_call_max_attempts(call) && upload_allows_retry(L, call))
        return retry(L, call, 0, "what was got for it has expired");
    return retry_by_strategy(L, call);
}

int awl_call_decide(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);

    if (call->events != NULL && awl_event_stream_push_failure(L, call->events)) {
        awl_call_over(L);
        return lua_error(L);
    }
    if (handle->upload_failed) { /* the script's own error, as it was raised */
        lua_getiuservalue(L, CALL_HANDLE, 1);
        awl_call_over(L);
        return lua_error(L);
    }
    if (!call->failed) {
        read_server_time(call);
        read_service_error(L, call); /* members at the top */
    }
    awl_call_observe(L, call, false);
    switch (belongs_elsewhere(L, call)) {
    case AWL_REDIRECT_NOW:
        return redirect(L, call);
    case AWL_REDIRECT_ASK:
        return ask_place(L, call);
    case AWL_REDIRECT_NO:
        break;
    }
    return decide_retry(L, call);
}

/* Where nothing was found out the error stays what it is. */
int awl_call_place_asked(lua_State *L, struct awl_call *call)
{
    if (belongs_elsewhere(L, call) == AWL_REDIRECT_NOW)
        return redirect(L, call);
    return decide_retry(L, call);
}
