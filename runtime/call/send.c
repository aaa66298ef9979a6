/* One attempt: the request goes out, the answer comes in. */
#include <lauxlib.h>

#include "call/call_log.h"
#include "call/event_stream.h"
#include "call/repeatable.h"
#include "call/stages.h"
#include "call/validation.h"
#include "script/task.h"

#define ERROR_BODY_MAX (1024 * 1024)
#define LONG_POLL_TIMEOUT_MS (70 * 1000) /* services hold it for up to a minute */

bool awl_call_is_long_poll(const struct awl_call *call)
{
    const struct awl_service *service = call->client->service;
    return service->rules->is_long_poll != NULL &&
           service->rules->is_long_poll(
               awl_model_operation_name(&service->model, call->operation));
}

int awl_call_read_timeout_ms(const struct awl_call *call)
{
    const struct awl_service *service = call->client->service;

    if (call->options.read_timeout_ms > 0)
        return call->options.read_timeout_ms;
    if (call->client->read_timeout_ms > 0)
        return call->client->read_timeout_ms;
    if (service->rules->read_timeout_ms != NULL)
        return service->rules->read_timeout_ms(
            awl_model_operation_name(&service->model, call->operation));
    return awl_call_is_long_poll(call) ? LONG_POLL_TIMEOUT_MS : AWL_HTTP_TIMEOUT_MS;
}

bool awl_call_output_streams(const struct awl_call *call)
{
    return (call->operation->flags &
            (AWL_OPERATION_STREAM_OUTPUT | AWL_OPERATION_EVENT_OUTPUT)) != 0;
}

static int connect_timeout_ms(const struct awl_call *call)
{
    return call->options.connect_timeout_ms > 0 ? call->options.connect_timeout_ms
                                                : call->client->connect_timeout_ms;
}

/* What is left of the time that the whole call may take; 0: no limit. */
int awl_call_timeout_left_ms(const struct awl_call *call)
{
    if (call->options.timeout_ms == 0)
        return 0;
    int64_t used_us = awl_clock_mono_us(&call->pipeline->runtime->clock) -
                      call->started_us - call->waited_us;
    int64_t left_ms = call->options.timeout_ms - used_us / 1000;
    return left_ms > 1 ? (int)left_ms : 1;
}

static bool announces_body(const struct awl_call *call,
                           const struct awl_transfer_request *request)
{
    int64_t least = call->client->service->rules->expect_bytes;
    int64_t length =
        request->upload ? request->upload_length : (int64_t)request->body.len;
    return least > 0 && call->request.streaming && (length < 0 || length >= least);
}

static void fill_transfer_request(lua_State *L, const struct awl_call *call,
                                  struct awl_transfer_request *request)
{
    *request = (struct awl_transfer_request){
        .method = call->request.method,
        .url = awl_buf_cstr(&call->url),
        .headers = &call->request.headers,
        .body = awl_call_body(L, call),
        .repeatable = awl_call_repeatable(&call->client->service->model, call->operation),
        .buffered = !awl_call_output_streams(call),
        .connect_timeout_ms = connect_timeout_ms(call),
        .read_timeout_ms = awl_call_read_timeout_ms(call),
        .timeout_ms = awl_call_timeout_left_ms(call),
        .max_connections = call->client->max_connections,
        .route = call->client->route,
    };
    if (call->upload.present) {
        request->upload = true;
        request->upload_length = awl_upload_wire_length(call);
    }
    request->expect_continue = announces_body(call, request);
    request->http2 =
        call->events != NULL && call->client->service->model.http2 != AWL_HTTP2_UNSAID;
}

/* A call that is canceled must also stop the task that reads its source. */
static void start_upload(lua_State *L, struct awl_call *call,
                         struct awl_call_handle *handle)
{
    awl_call_handle_mark(L);
    if (call->events != NULL)
        awl_event_stream_start(L, call);
    else
        awl_upload_start(L, handle);
}

/* In the adaptive mode an attempt waits until the service's rate allows it. */
int awl_call_take_turn(lua_State *L, struct awl_call *call)
{
    struct awl_turns *turns = call->client->turns;

    call->stage = CALL_GET_CREDENTIALS;
    if (turns == NULL || call->prepare_only || awl_turns_take(turns, &call->turn))
        return 0;
    call->stage = CALL_TURN_TAKEN;
    call->turn_asked_us = awl_clock_mono_us(&awl_runtime(L)->clock);
    return awl_task_wait(L, &call->turn.waitable, awl_call_k, 0);
}

int awl_call_turn_taken(lua_State *L, struct awl_call *call)
{
    (void)L;
    int64_t now_us = awl_clock_mono_us(&call->pipeline->runtime->clock);
    call->waited_us += now_us - call->turn_asked_us;
    call->stage = CALL_GET_CREDENTIALS;
    return 0;
}

int awl_call_send(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    struct awl_transfer_request request;
    struct awl_error err;

    awl_error_init(&err);
    if (call->transfer == NULL)
        call->transfer = awl_transfer_new(awl_runtime(L)->http);
    if (call->transfer == NULL)
        return luaL_error(L, "not enough memory");
    fill_transfer_request(L, call, &request);
    call->attempt_started_us = awl_clock_mono_us(&awl_runtime(L)->clock);
    call->failed = call->is_error = false;
    call->validated = (awl_str){"", 0};
    call->stage = CALL_HEAD_ARRIVED;
    if (awl_call_logs())
        awl_call_log_attempt(call);
    if (awl_transfer_start(call->transfer, &request, &err) != AWL_OK)
        return awl_call_fail(L, call, &err);
    if (call->upload.present)
        start_upload(L, call, handle);
    return awl_task_wait(L, awl_transfer_head(call->transfer), awl_call_k, 0);
}

static bool answer_is_error(const struct awl_call *call, struct awl_response *response)
{
    const struct awl_service *service = call->client->service;
    if (response->status >= 300)
        return true;
    if (service->rules->is_error == NULL ||
        !service->rules->is_error(&service->model, call->operation, response))
        return false;
    response->status = 500;
    return true;
}

/* The body of an error answer to a streaming operation is wanted whole. */
int awl_call_collect_error(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_ERROR_COLLECTED;
    awl_transfer_collect(call->transfer, ERROR_BODY_MAX);
    return awl_task_wait(L, awl_transfer_head(call->transfer), awl_call_k, 0);
}

static void take_failure(struct awl_call *call)
{
    call->failure = awl_transfer_error(call->transfer);
    call->failed = call->failure != NULL;
    call->stage = CALL_DECIDE;
}

int awl_call_error_collected(lua_State *L, struct awl_call *call)
{
    (void)L;
    take_failure(call);
    return 0;
}

int awl_call_head_arrived(lua_State *L, struct awl_call *call)
{
    struct awl_error err;
    (void)L;

    take_failure(call);
    if (awl_call_logs())
        awl_call_log_answer(call);
    if (call->failed)
        return 0;
    if (!awl_call_output_streams(call) && awl_validation_check(call, &err) != AWL_OK) {
        awl_transfer_refuse(call->transfer, &err);
        take_failure(call);
        return 0;
    }
    call->is_error = answer_is_error(call, awl_transfer_response(call->transfer));
    if (call->is_error && awl_call_output_streams(call))
        call->stage = CALL_ERROR_BODY;
    else if (!call->is_error)
        call->stage = CALL_FINISH;
    return 0;
}
