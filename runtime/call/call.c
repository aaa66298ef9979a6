#include "call/call.h"

#include <lauxlib.h>

#include "call/credentials.h"
#include "call/event_stream.h"
#include "call/detour.h"
#include "call/presign.h"
#include "call/repeatable.h"
#include "call/sign.h"
#include "call/state.h"
#include "call/validation.h"
#include "loop/loop.h"
#include "script/error_value.h"
#include "script/task.h"

#define ERROR_BODY_MAX (1024 * 1024)

static int call_run(lua_State *L, struct awl_call *call);

static int call_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    (void)status;
    (void)ctx;
    return call_run(L, handle->call);
}

static int fail(lua_State *L, struct awl_call *call, const struct awl_error *err)
{
    call->failed = true;
    call->failure = err;
    return awl_call_raise(L, call);
}

static int ask_gate(lua_State *L, struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;

    call->stage = CALL_GATE_ANSWERED;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->pipeline->gate);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushstring(L, awl_model_operation_name(model, call->operation).ptr);
    lua_pushvalue(L, CALL_INPUT);
    lua_pushvalue(L, CALL_OPTIONS);
    lua_callk(L, 4, 1, 0, call_k);
    return call_k(L, LUA_OK, 0);
}

static void take_upload(lua_State *L, struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;
    const struct awl_shape *shape = awl_model_shape(model, call->operation->input);
    const struct awl_member *payload =
        awl_model_members(model, shape) + (shape->payload - 1);

    lua_getfield(L, CALL_INPUT, awl_model_str(model, payload->name).ptr);
    lua_replace(L, CALL_UPLOAD);
    if (!lua_isnil(L, CALL_UPLOAD) && lua_type(L, CALL_UPLOAD) != LUA_TSTRING)
        awl_upload_plan(L, &call->upload);
}

/* A length given as a member: it is the transport that sends the header. */
static void take_content_length(struct awl_call *call)
{
    awl_str text;
    if (!awl_headers_get(&call->request.headers, STR("Content-Length"), &text))
        return;
    if (call->upload.present)
        awl_str_to_int64(text, &call->upload.length);
    awl_headers_remove(&call->request.headers, STR("Content-Length"));
}

static enum awl_rc check_upload(const struct awl_call *call, struct awl_error *err)
{
    const struct awl_service *service = call->client->service;

    if (!call->upload.present || call->upload.length >= 0 ||
        !service->rules->needs_upload_length)
        return AWL_OK;
    awl_str name = awl_model_operation_name(&service->model, call->operation);
    return awl_error_set(err, AWL_EINPUT,
                         "%.*s:%.*s must know how long its body is: give ContentLength "
                         "with a function",
                         STR_ARG(service->model.name), STR_ARG(name));
}

/* The whole body, where there is one: serialized, or a streaming member's string. */
static awl_str body_of(lua_State *L, const struct awl_call *call)
{
    awl_str body = awl_buf_str(&call->request.body);
    if (lua_type(L, CALL_UPLOAD) == LUA_TSTRING)
        body.ptr = lua_tolstring(L, CALL_UPLOAD, &body.len);
    return body;
}

/* Whole bodies only: no operation of today's models takes a compressed stream. */
static enum awl_rc compress(lua_State *L, struct awl_call *call, struct awl_error *err)
{
    awl_str body = body_of(L, call);
    if (call->upload.present || call->presign_seconds > 0 ||
        !awl_compress_wanted(&call->client->compression, &call->client->service->model,
                             call->operation, call->request.streaming, body.len))
        return AWL_OK;
    enum awl_rc rc = awl_compress_body(&call->request, body, err);
    lua_pushnil(L);
    lua_replace(L, CALL_UPLOAD);
    return rc;
}

static int serialize(lua_State *L, struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;
    struct awl_error err = AWL_ERROR_INIT;

    awl_call_apply_token(L, call);
    if (rules->before_input != NULL)
        rules->before_input(L, &call->client->service->model, call->operation,
                            CALL_INPUT);
    enum awl_rc rc = awl_wire_write_input(&call->client->service->wire, L, CALL_INPUT,
                                          call->operation, &call->request, &err);
    if (call->client->no_host_prefix)
        awl_buf_clear(&call->request.host_prefix);
    if (rc == AWL_OK && (call->operation->flags & AWL_OPERATION_DISCOVERY_CALL))
        rc = awl_headers_set(&call->request.headers, STR("x-amz-api-version"),
                             call->client->service->model.api_version);
    if (rc == AWL_OK && rules->after_input != NULL)
        rc = rules->after_input(&call->client->service->model, call->operation,
                                &call->request, &err);
    if (rc != AWL_OK)
        return fail(L, call, &err);
    call->upload = (struct awl_upload_plan){0};
    if (call->operation->flags & AWL_OPERATION_EVENT_INPUT)
        awl_event_stream_plan(L, call);
    else if (call->request.streaming)
        take_upload(L, call);
    take_content_length(call);
    if (check_upload(call, &err) != AWL_OK)
        return fail(L, call, &err);
    awl_call_apply_headers(L, call);
    if (awl_validation_ask(call, &err) != AWL_OK || compress(L, call, &err) != AWL_OK)
        return fail(L, call, &err);
    call->stage = CALL_GET_CREDENTIALS;
    return 0;
}

/* Which of the client's slots the call needs. */
static int slot_index(const struct awl_call *call)
{
    return awl_auth_of_operation(call->client, call->operation) == AWL_AUTH_BEARER
               ? AWL_CLIENT_TOKEN
               : AWL_CLIENT_CREDENTIALS;
}

/* NULL if there is no bearer token for a call that needs one. */
static struct awl_credentials_slot *slot_of(lua_State *L, const struct awl_call *call)
{
    lua_getiuservalue(L, CALL_CLIENT, slot_index(call));
    struct awl_credentials_slot *slot = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return slot;
}

static bool needs_credentials(lua_State *L, const struct awl_call *call)
{
    if (awl_auth_of_operation(call->client, call->operation) == AWL_AUTH_NONE)
        return false;
    const struct awl_credentials_slot *slot = slot_of(L, call);
    int64_t now_ms = awl_clock_wall_ms(&awl_runtime(L)->clock);
    return slot == NULL || !awl_credentials_usable(slot, now_ms);
}

/* Calls the session's function that fills the slot; it may suspend. */
static int get_credentials(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_CREDENTIALS_REFRESHED;
    int type = lua_getiuservalue(L, CALL_CLIENT, slot_index(call));
    if (type == LUA_TNIL || !awl_credentials_push_refresh(L, -1)) {
        lua_settop(L, CALL_TOP);
        return call_run(L, call);
    }
    lua_insert(L, -2);
    lua_callk(L, 1, 0, 0, call_k);
    return call_k(L, LUA_OK, 0);
}

static int check_credentials(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    lua_settop(L, CALL_TOP);
    call->stage = CALL_RESOLVE;
    if (!needs_credentials(L, call))
        return 0;
    if (slot_index(call) == AWL_CLIENT_TOKEN)
        awl_auth_no_token(call->client, &err);
    else
        awl_error_code(&err, AWL_ECONFIG, "NoCredentials",
                       "no credentials found for %.*s",
                       STR_ARG(call->client->service->model.name));
    return fail(L, call, &err);
}

static void push_function_of(lua_State *L, const char *module)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
}

/* Calls the module's function, which may suspend. */
static int make_detour(lua_State *L, struct awl_call *call, const char *module)
{
    awl_str name =
        awl_model_operation_name(&call->client->service->model, call->operation);

    call->stage = CALL_DETOUR_MADE;
    push_function_of(L, module);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushlstring(L, name.ptr, name.len);
    lua_pushvalue(L, CALL_INPUT);
    lua_pushboolean(L, (call->operation->flags & AWL_OPERATION_DISCOVERY_REQUIRED) != 0);
    lua_callk(L, 4, 1, 0, call_k);
    return call_k(L, LUA_OK, 0);
}

static int detour_made(lua_State *L, struct awl_call *call)
{
    lua_replace(L, CALL_DETOUR);
    lua_settop(L, CALL_TOP);
    awl_detour_take(L, call);
    call->stage = CALL_SIGN;
    return 0;
}

/* Rules may want to know whose account it is: the credentials come first. */
static int resolve(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *detour = NULL;
    enum awl_rc rc = AWL_OK;

    call->keys = slot_of(L, call);
    if (call->resolved == NULL)
        rc = awl_resolve(L, call->client, call->operation, CALL_INPUT, &call->keys->keys,
                         &call->resolved, &err);
    if (rc == AWL_OK)
        rc = awl_detour_module(call, &detour, &err);
    if (rc != AWL_OK)
        return fail(L, call, &err);
    call->base_url = call->resolved->endpoint.url;
    call->base_host = call->resolved->host;
    call->stage = CALL_SIGN;
    return detour != NULL ? make_detour(L, call, detour) : 0;
}

static int sign(lua_State *L, struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_rc rc = AWL_OK;

    if (rules->before_sign != NULL && call->attempt == 1 && call->presign_seconds == 0)
        rc = rules->before_sign(call, body_of(L, call), &err);
    if (rc == AWL_OK)
        rc =
            awl_call_sign(call, call->keys, body_of(L, call), call->upload.present, &err);
    if (rc != AWL_OK)
        return fail(L, call, &err);
    call->stage = CALL_SEND;
    return 0;
}

static int read_timeout_ms(const struct awl_call *call)
{
    const struct awl_service *service = call->client->service;

    if (call->options.read_timeout_ms > 0)
        return call->options.read_timeout_ms;
    if (call->client->read_timeout_ms > 0)
        return call->client->read_timeout_ms;
    if (service->rules->read_timeout_ms != NULL)
        return service->rules->read_timeout_ms(
            awl_model_operation_name(&service->model, call->operation));
    return 0;
}

static bool output_streams(const struct awl_call *call)
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
static int timeout_left_ms(const struct awl_call *call)
{
    if (call->options.timeout_ms == 0)
        return 0;
    int64_t used_us =
        awl_clock_mono_us(&call->pipeline->runtime->clock) - call->started_us;
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
        .body = body_of(L, call),
        .repeatable = awl_call_repeatable(&call->client->service->model, call->operation),
        .buffered = !output_streams(call),
        .connect_timeout_ms = connect_timeout_ms(call),
        .read_timeout_ms = read_timeout_ms(call),
        .timeout_ms = timeout_left_ms(call),
        .ca_file = call->client->ca_file,
        .insecure = call->client->insecure,
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
    if (call->attempt == 1)
        lua_toclose(L, CALL_HANDLE);
    if (call->events != NULL)
        awl_event_stream_start(L, call);
    else
        awl_upload_start(L, handle);
}

static int send_request(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    struct awl_transfer_request request;
    struct awl_error err = AWL_ERROR_INIT;

    if (call->transfer == NULL)
        call->transfer = awl_transfer_new(awl_runtime(L)->http);
    if (call->transfer == NULL)
        return luaL_error(L, "not enough memory");
    fill_transfer_request(L, call, &request);
    call->attempt_started_us = awl_clock_mono_us(&awl_runtime(L)->clock);
    call->failed = call->is_error = false;
    call->validated = (awl_str){"", 0};
    call->stage = CALL_HEAD_ARRIVED;
    if (awl_transfer_start(call->transfer, &request, &err) != AWL_OK)
        return fail(L, call, &err);
    if (call->upload.present)
        start_upload(L, call, handle);
    return awl_task_wait(L, awl_transfer_head(call->transfer), call_k, 0);
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
static int collect_error_body(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_ERROR_COLLECTED;
    awl_transfer_collect(call->transfer, ERROR_BODY_MAX);
    return awl_task_wait(L, awl_transfer_head(call->transfer), call_k, 0);
}

static void take_failure(struct awl_call *call)
{
    call->failure = awl_transfer_error(call->transfer);
    call->failed = call->failure != NULL;
    call->stage = CALL_DECIDE;
}

static int head_arrived(struct awl_call *call)
{
    struct awl_error err;

    take_failure(call);
    if (call->failed)
        return 0;
    if (!output_streams(call) && awl_validation_check(call, &err) != AWL_OK) {
        awl_transfer_refuse(call->transfer, &err);
        take_failure(call);
        return 0;
    }
    call->is_error = answer_is_error(call, awl_transfer_response(call->transfer));
    if (call->is_error && output_streams(call))
        call->stage = CALL_ERROR_BODY;
    else if (!call->is_error)
        call->stage = CALL_FINISH;
    return 0;
}

/* ---- after an attempt that did not succeed ---- */

static bool is_expired_credentials(awl_str code)
{
    return awl_str_eq(code, STR("ExpiredToken")) ||
           awl_str_eq(code, STR("ExpiredTokenException"));
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
    return call->options.timeout_ms == 0 || timeout_left_ms(call) > 1 + delay_us / 1000;
}

static bool may_retry(lua_State *L, struct awl_call *call, enum awl_retry_reason reason,
                      int64_t delay_us)
{
    struct awl_retry_quota *quota = &call->client->per_region->quota;

    if (reason == AWL_RETRY_NO || call->attempt >= awl_call_max_attempts(call) ||
        !upload_allows_retry(L, call) || !time_is_left(call, delay_us))
        return false;
    int cost = awl_retry_quota_take(quota, reason);
    call->quota_reached = cost == 0;
    call->last_retry_cost = cost;
    return cost > 0;
}

/* Signs again and sends again after a while. */
static int retry(lua_State *L, struct awl_call *call, int64_t delay_us)
{
    lua_settop(L, CALL_TOP);
    call->attempt++;
    call->stage = CALL_REWIND;
    return awl_task_sleep(L, delay_us, call_k, 0);
}

/* The task that reads the source may still have to see that its transfer is over. */
static int rewind_upload(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);

    if (call->upload.present && handle->upload_running) {
        awl_upload_stop(handle);
        return awl_task_sleep(L, 1000, call_k, 0);
    }
    if (call->events != NULL && awl_event_stream_feeding(call->events)) {
        awl_event_stream_stop(call->events);
        return awl_task_sleep(L, 1000, call_k, 0);
    }
    if (call->upload.seekable && call->events == NULL)
        awl_upload_rewind(L, &call->upload);
    call->stage = CALL_GET_CREDENTIALS;
    return 0;
}

/* Sends again at once: the endpoint rules know better now. */
static int redirect(lua_State *L, struct awl_call *call)
{
    call->redirected = true;
    awl_resolved_done(call->resolved);
    call->resolved = NULL;
    return retry(L, call, 0);
}

/* Calls the service's function that finds out where the call belongs. */
static int ask_place(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_PLACE_ASKED;
    push_function_of(L, call->client->service->rules->redirect_module);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushvalue(L, CALL_INPUT);
    lua_callk(L, 2, 0, 0, call_k);
    return call_k(L, LUA_OK, 0);
}

static enum awl_redirect belongs_elsewhere(lua_State *L, const struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;

    if (call->failed || rules->redirect == NULL || call->redirected)
        return AWL_REDIRECT_NO;
    enum awl_redirect where = rules->redirect(L, call);
    return upload_allows_retry(L, call) ? where : AWL_REDIRECT_NO;
}

/* The members of a service's error are at the stack's top. */
static int decide_retry(lua_State *L, struct awl_call *call)
{
    if (!call->failed && !call->refreshed_credentials &&
        is_expired_credentials(call->service_error.code) &&
        upload_allows_retry(L, call)) {
        call->refreshed_credentials = true;
        call->keys->expires_ms = 0;
        return retry(L, call, 0);
    }
    if (!call->failed && awl_detour_rejected(L, call) &&
        call->attempt < awl_call_max_attempts(call) && upload_allows_retry(L, call))
        return retry(L, call, 0);
    int64_t delay_us = awl_retry_delay_us(&awl_runtime(L)->random, call->attempt);
    if (may_retry(L, call, retry_reason(call), delay_us))
        return retry(L, call, delay_us);
    return awl_call_raise(L, call);
}

static int decide(lua_State *L, struct awl_call *call)
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
    if (!call->failed)
        read_service_error(L, call); /* members at the top */
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
static int place_asked(lua_State *L, struct awl_call *call)
{
    if (belongs_elsewhere(L, call) == AWL_REDIRECT_NOW)
        return redirect(L, call);
    return decide_retry(L, call);
}

static int return_output(lua_State *L, struct awl_call *call)
{
    int results = awl_call_return_output(L, call);
    if (results == 0)
        call->stage = CALL_DECIDE;
    return results;
}

static int finish(lua_State *L, struct awl_call *call)
{
    if (call->operation->flags & AWL_OPERATION_EVENT_OUTPUT) {
        if (call->events == NULL)
            awl_event_stream_plan(L, call);
        call->stage = CALL_FIRST_EVENT;
        return 0;
    }
    return return_output(L, call);
}

/* Where members of the output come with the first message. */
static int first_event(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_waitable *waitable;

    if (awl_event_stream_first(call, &waitable, &err) != AWL_OK)
        return fail(L, call, &err);
    if (waitable != NULL)
        return awl_task_wait(L, waitable, call_k, 0);
    return return_output(L, call);
}

/* Runs stages until one suspends or returns. A stage function that returns 0 has
 * set the next stage; every other return value is the C function's own. */
static int call_run(lua_State *L, struct awl_call *call)
{
    for (;;) {
        int results = 0;
        switch (call->stage) {
        case CALL_ASK_GATE:
            if (call->pipeline->gate != LUA_NOREF)
                return ask_gate(L, call);
            call->stage = CALL_SERIALIZE;
            break;
        case CALL_GATE_ANSWERED:
            if (!lua_isnil(L, -1)) {
                awl_call_over(L);
                return 1;
            }
            lua_settop(L, CALL_TOP);
            call->stage = CALL_SERIALIZE;
            break;
        case CALL_SERIALIZE:
            results = serialize(L, call);
            break;
        case CALL_GET_CREDENTIALS:
            if (needs_credentials(L, call))
                return get_credentials(L, call);
            call->stage = CALL_RESOLVE;
            break;
        case CALL_CREDENTIALS_REFRESHED:
            results = check_credentials(L, call);
            break;
        case CALL_RESOLVE:
            results = resolve(L, call);
            break;
        case CALL_DETOUR_MADE:
            results = detour_made(L, call);
            break;
        case CALL_SIGN:
            if (awl_call_wants_upload_hash(call, call->keys))
                return awl_upload_hash(L, call_k);
            results = sign(L, call);
            break;
        case CALL_REWIND:
            results = rewind_upload(L, call);
            break;
        case CALL_SEND:
            if (call->presign_seconds > 0)
                return awl_call_push_presigned(L, call);
            if (call->prepare_only)
                return awl_call_push_prepared(L, call);
            return send_request(L, call);
        case CALL_HEAD_ARRIVED:
            results = head_arrived(call);
            break;
        case CALL_ERROR_BODY:
            return collect_error_body(L, call);
        case CALL_ERROR_COLLECTED:
            take_failure(call);
            break;
        case CALL_DECIDE:
            results = decide(L, call);
            break;
        case CALL_PLACE_ASKED:
            results = place_asked(L, call);
            break;
        case CALL_FINISH:
            results = finish(L, call);
            break;
        case CALL_FIRST_EVENT:
            results = first_event(L, call);
            break;
        }
        if (results != 0)
            return results;
    }
}

static int start(lua_State *L, const struct awl_operation *operation, bool prepare_only,
                 const struct awl_presign_options *presign)
{
    struct awl_client *client = lua_touserdata(L, CALL_CLIENT);

    awl_task_check(L);
    lua_settop(L, CALL_OPTIONS);
    struct awl_call_handle *handle = awl_call_handle_push(L);
    lua_pushnil(L); /* CALL_UPLOAD */
    lua_pushnil(L); /* CALL_DETOUR */
    handle->call = awl_call_take(awl_pipeline(awl_runtime(L)));
    if (handle->call == NULL)
        return luaL_error(L, "not enough memory");
    awl_call_reset(handle->call, client, operation, prepare_only);
    if (presign != NULL)
        awl_presign_begin(handle->call, presign);
    awl_call_read_options(L, &handle->call->options);
    return call_run(L, handle->call);
}

int awl_call(lua_State *L, const struct awl_operation *operation)
{
    return start(L, operation, false, NULL);
}

int awl_call_prepare(lua_State *L, const struct awl_operation *operation)
{
    return start(L, operation, true, NULL);
}

int awl_call_presign(lua_State *L, const struct awl_operation *operation,
                     const struct awl_presign_options *options)
{
    lua_settop(L, CALL_INPUT);
    return start(L, operation, true, options);
}
