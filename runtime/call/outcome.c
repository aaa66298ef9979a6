/* What a call gives back: the output table with ResponseMetadata, or an error. */
#include <lauxlib.h>
#include <stdio.h>

#include "call/body.h"
#include "call/call.h"
#include "call/event_stream.h"
#include "call/outcome.h"
#include "call/state.h"
#include "script/error_value.h"
#include "script/task.h"
#include "wire/keys.h"
#include "wire/texts.h"

static void set_string(lua_State *L, const char *key, awl_str value)
{
    if (value.len == 0)
        return;
    lua_pushlstring(L, value.ptr, value.len);
    lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

/* Values of one name joined by commas. */
static void push_joined(lua_State *L, const struct awl_headers *headers, awl_str name)
{
    luaL_Buffer text;
    bool first = true;

    luaL_buffinit(L, &text);
    for (size_t i = 0; (i = awl_headers_find(headers, name, i)) != SIZE_MAX; i++) {
        awl_str value = awl_headers_value(headers, i);
        if (!first)
            luaL_addstring(&text, ", ");
        luaL_addlstring(&text, value.ptr, value.len);
        first = false;
    }
    luaL_pushresult(&text);
}

/* Of two equal names always the same one of 64 bits. */
static uint64_t name_bit(awl_str name)
{
    unsigned first = (unsigned char)awl_char_lower(name.ptr[0]);
    unsigned last = (unsigned char)awl_char_lower(name.ptr[name.len - 1]);
    return UINT64_C(1) << ((name.len * 5 + first * 3 + last) % 64);
}

/* Most names are those of the answer before. */
static void push_headers(lua_State *L, struct awl_wire *wire,
                         const struct awl_headers *headers)
{
    uint64_t seen = 0; /* an earlier one is looked for where there may be one */
    int keys = awl_keys_push_table(wire, L);

    lua_createtable(L, 0, (int)headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        awl_str value = awl_headers_value(headers, i);
        uint64_t bit = name_bit(name);
        size_t first = (seen & bit) != 0 ? awl_headers_find(headers, name, 0) : i;
        if (first < i)
            name = awl_headers_name(headers, first);
        awl_texts_push(wire, L, keys, name);
        if (first < i)
            push_joined(L, headers, name);
        else
            lua_pushlstring(L, value.ptr, value.len);
        seen |= bit;
        lua_rawset(L, -3);
    }
    lua_remove(L, keys);
}

/* In lower case, as in boto3. */
static void set_checksum_algorithm(lua_State *L, awl_str name)
{
    char lower[16];
    if (name.len > sizeof(lower))
        return;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = awl_char_lower(name.ptr[i]);
    set_string(L, "ChecksumAlgorithm", awl_str_make(lower, name.len));
}

/* As in boto3. The output table is on top. */
static void set_metadata(lua_State *L, const struct awl_call *call,
                         const struct awl_response *response)
{
    awl_str host_id = {0};

    lua_createtable(L, 0, 6);
    set_string(L, "RequestId", awl_wire_request_id(response));
    if (awl_headers_get(&response->headers, STR("x-amz-id-2"), &host_id))
        set_string(L, "HostId", host_id);
    set_integer(L, "HTTPStatusCode", response->status);
    set_integer(L, "RetryAttempts", call->attempt - 1);
    set_checksum_algorithm(L, call->validated);
    push_headers(L, &call->client->service->wire, &response->headers);
    lua_setfield(L, -2, "HTTPHeaders");
    lua_setfield(L, -2, "ResponseMetadata");
}

static int parse_failed(lua_State *L, struct awl_call *call, struct awl_error *err)
{
    call->failed = true;
    if (err->code[0] == '\0')
        snprintf(err->code, sizeof(err->code), "ResponseParserError");
    call->failure = err;
    return awl_call_raise(L, call);
}

int awl_call_return_output(lua_State *L, struct awl_call *call)
{
    struct awl_service *service = call->client->service;
    struct awl_response *response = awl_transfer_response(call->transfer);
    struct awl_error err;
    int stream = 0;

    awl_error_init(&err);
    lua_settop(L, CALL_TOP);
    if (call->operation->flags & AWL_OPERATION_EVENT_OUTPUT) {
        stream = CALL_UPLOAD;
    } else if (call->operation->flags & AWL_OPERATION_STREAM_OUTPUT) {
        awl_body_push(L, call->client->service->model.name,
                      awl_model_operation_name(&service->model, call->operation));
        stream = lua_gettop(L);
    }
    if (awl_wire_read_output(&call->client->service->wire, L, call->operation, response,
                             stream, &err) != AWL_OK) {
        if (service->rules->is_damaged == NULL ||
            !service->rules->is_damaged(&service->model, call->operation, response))
            return parse_failed(L, call, &err);
        lua_settop(L, CALL_TOP);
        response->status = 500;
        awl_buf_clear(&response->body);
        awl_buf_append_str(&response->body, awl_str_of(service->rules->damaged_error));
        call->is_error = true;
        return 0;
    }
    if (stream == CALL_UPLOAD) {
        bool failed;
        if (awl_event_stream_take_initial(L, call, &failed, &err) != AWL_OK)
            return parse_failed(L, call, &err);
        if (failed)
            return awl_call_raise(L, call);
    }
    awl_retry_quota_return(&call->client->per_region->quota, call->last_retry_cost);
    if (call->client->turns != NULL)
        awl_turns_learn(call->client->turns, false);
    if (service->rules->after_output != NULL)
        service->rules->after_output(L, &service->wire, call->operation, CALL_INPUT,
                                     response);
    if (stream != 0 && call->validate)
        call->validated =
            awl_body_validate(L, stream, &service->model, call->operation, response);
    set_metadata(L, call, response);
    if (stream == CALL_UPLOAD) {
        awl_event_stream_adopt(call);
    } else if (stream != 0) {
        awl_body_adopt(L, stream, call->transfer, &call->request.body, CALL_UPLOAD);
        call->transfer = NULL;
    }
    awl_call_observe(L, call, true);
    awl_call_over(L);
    return 1;
}

/* ---- errors ---- */

void awl_outcome_set_context(lua_State *L, const struct awl_outcome_context *context)
{
    const struct awl_client *client = context->client;
    const struct awl_model *model = &client->service->model;

    set_string(L, "service", model->name);
    set_string(L, "operation", awl_model_operation_name(model, context->operation));
    set_string(L, "region", client->region);
    set_string(L, "profile", client->profile);
}

static void set_context(lua_State *L, const struct awl_call *call)
{
    const struct awl_outcome_context context = {call->client, call->operation};

    awl_outcome_set_context(L, &context);
    if (call->redirected && call->resolved != NULL)
        set_string(L, "region", call->resolved->auth.region);
    if (call->attempt_started_us != 0) /* else nothing has been sent yet */
        set_integer(L, "attempts", call->attempt);
    if (call->unknown_outcome) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "unknown_outcome");
    }
    if (call->quota_reached) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "retry_quota_reached");
    }
}

/* Modelled members go beside our own fields, which come first. */
static void merge_members(lua_State *L, int members)
{
    lua_pushnil(L);
    while (lua_next(L, members) != 0) {
        lua_pushvalue(L, -2);
        if (lua_rawget(L, -4) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, -5);
        } else {
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

static void set_flag(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

/* Leaves the error in the place of the members, without those. */
static void begin_service_error(lua_State *L, const struct awl_service_error *error,
                                int status)
{
    enum awl_retry_reason reason = awl_retry_of_answer(status, error->code, error->shape);

    lua_pushlstring(L, error->code.ptr, error->code.len);
    lua_pushlstring(L, error->message.len > 0 ? error->message.ptr : "",
                    error->message.len);
    awl_error_push(L, "service", lua_tostring(L, -2), lua_tostring(L, -1));
    lua_replace(L, -3);
    lua_pop(L, 1);
    set_integer(L, "status", status);
    set_string(L, "request_id", error->request_id);
    set_string(L, "type", error->type);
    set_flag(L, "retryable", reason != AWL_RETRY_NO);
    set_flag(L, "throttled", reason == AWL_RETRY_THROTTLING);
}

/* The service's other name for the code, by which older scripts know the error. */
static void set_alias(lua_State *L, const struct awl_outcome_context *context,
                      const struct awl_service_error *error)
{
    const struct awl_service *service = context->client->service;
    if (service->rules->error_alias != NULL)
        set_string(L, "alias",
                   awl_str_of(service->rules->error_alias(
                       awl_model_operation_name(&service->model, context->operation),
                       error->code)));
}

void awl_outcome_push_service_error(lua_State *L,
                                    const struct awl_outcome_context *context,
                                    const struct awl_service_error *error, int status)
{
    int members = lua_gettop(L);

    begin_service_error(L, error, status);
    awl_outcome_set_context(L, context);
    set_alias(L, context, error);
    merge_members(L, members);
    lua_replace(L, members);
}

/* The table of modelled members is on top; leaves the error in its place. */
static void push_service_error(lua_State *L, const struct awl_call *call)
{
    const struct awl_outcome_context context = {call->client, call->operation};
    int members = lua_gettop(L);

    begin_service_error(L, &call->service_error,
                        awl_transfer_response(call->transfer)->status);
    set_context(L, call);
    set_alias(L, &context, &call->service_error);
    merge_members(L, members);
    lua_replace(L, members);
}

static void push_failure(lua_State *L, const struct awl_call *call)
{
    enum awl_retry_reason reason = awl_retry_of_failure(call->failure);

    awl_error_push_c(L, call->failure);
    if (call->failure->rc == AWL_ELIMIT && call->attempt_started_us != 0)
        set_string(L, "kind", STR("transport")); /* the answer's size, not the input's */
    set_context(L, call);
    set_flag(L, "retryable", reason != AWL_RETRY_NO);
    set_flag(L, "throttled", false);
    if (call->unknown_outcome && strcmp(call->failure->code, "NotResent") != 0) {
        lua_pushfstring(L, "%s; the request had been sent and may have been carried out",
                        call->failure->message);
        lua_setfield(L, -2, "message");
    }
}

/* For a service error the table of its members is on the stack's top. */
int awl_call_raise(lua_State *L, struct awl_call *call)
{
    if (call->failed)
        push_failure(L, call);
    else
        push_service_error(L, call);
    awl_call_observe(L, call, true);
    awl_call_over(L);
    return lua_error(L);
}

/* ---- prepare ---- */

int awl_call_push_prepared(lua_State *L, struct awl_call *call)
{
    const struct awl_request *request = &call->request;

    lua_createtable(L, 0, 4);
    set_string(L, "method", request->method);
    set_string(L, "url", awl_buf_str(&call->url));
    push_headers(L, &call->client->service->wire, &request->headers);
    lua_setfield(L, -2, "headers");
    if (!request->streaming) {
        lua_pushlstring(L, awl_buf_cstr(&request->body), request->body.len);
        lua_setfield(L, -2, "body");
    } else if (lua_type(L, CALL_UPLOAD) == LUA_TSTRING) {
        lua_pushvalue(L, CALL_UPLOAD);
        lua_setfield(L, -2, "body");
    }
    awl_call_over(L);
    return 1;
}

int awl_call_push_presigned(lua_State *L, struct awl_call *call)
{
    awl_str url = awl_buf_str(&call->url);
    lua_pushlstring(L, url.ptr, url.len);
    push_headers(L, &call->client->service->wire, &call->request.headers);
    awl_call_over(L);
    return 2;
}

/* ---- the observer ---- */

static void push_event(lua_State *L, const struct awl_call *call, bool ended)
{
    int64_t now_us = awl_clock_mono_us(&awl_runtime(L)->clock);
    int64_t since = ended ? call->started_us : call->attempt_started_us;

    lua_createtable(L, 0, 10);
    set_context(L, call);
    lua_pushnumber(L, (double)(now_us - since) / 1e6);
    lua_setfield(L, -2, "seconds");
    set_flag(L, "ended", ended);
    if (call->failed) {
        set_string(L, "code", awl_str_of(call->failure->code));
    } else if (call->transfer != NULL) {
        const struct awl_response *response = awl_transfer_response(call->transfer);
        set_integer(L, "status", response->status);
        set_string(L, "request_id", awl_wire_request_id(response));
        if (call->is_error)
            set_string(L, "code", call->service_error.code);
    }
}

void awl_call_observe(lua_State *L, struct awl_call *call, bool ended)
{
    if (call->pipeline->observer == LUA_NOREF)
        return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->pipeline->observer);
    push_event(L, call, ended);
    /* An observer only looks: what it raises must not become the call's outcome. */
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        lua_pop(L, 1);
}

void awl_call_observe_unwound(lua_State *L, struct awl_call *call, int index)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *code = NULL;

    if (lua_istable(L, index)) {
        lua_pushliteral(L, "code");
        lua_rawget(L, index);
        code = lua_tostring(L, -1);
    }
    awl_error_code(&err, AWL_ECANCELED, code != NULL ? code : "Error", "unwound");
    call->failed = true;
    call->failure = &err;
    awl_call_observe(L, call, true);
    lua_settop(L, index);
}
