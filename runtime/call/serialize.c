/* From the input table to a request, all but its address and signature. */
#include "call/compress.h"
#include "call/event_stream.h"
#include "call/stages.h"
#include "call/validation.h"

static void take_upload(lua_State *L, struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;
    const struct awl_shape *shape = awl_model_shape(model, call->operation->input);
    const struct awl_member *payload =
        awl_model_members(model, shape) + (shape->payload - 1);

    lua_getfield(L, CALL_INPUT, awl_model_str(model, payload->name).ptr);
    lua_replace(L, CALL_UPLOAD);
    if (!lua_isnil(L, CALL_UPLOAD) && lua_type(L, CALL_UPLOAD) != LUA_TSTRING)
        awl_upload_plan(L, call);
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
awl_str awl_call_body(lua_State *L, const struct awl_call *call)
{
    awl_str body = awl_buf_str(&call->request.body);
    if (lua_type(L, CALL_UPLOAD) == LUA_TSTRING)
        body.ptr = lua_tolstring(L, CALL_UPLOAD, &body.len);
    return body;
}

/* Whole bodies only: no operation of today's models takes a compressed stream. */
static enum awl_rc compress(lua_State *L, struct awl_call *call, struct awl_error *err)
{
    awl_str body = awl_call_body(L, call);
    if (call->upload.present || call->presign_seconds > 0 ||
        !awl_compress_wanted(&call->client->compression, &call->client->service->model,
                             call->operation, call->request.streaming, body.len))
        return AWL_OK;
    enum awl_rc rc = awl_compress_body(&call->request, body, err);
    call->compressed = true;
    lua_pushnil(L);
    lua_replace(L, CALL_UPLOAD);
    return rc;
}

int awl_call_serialize(lua_State *L, struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;
    struct awl_error err;

    awl_error_init(&err);
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
        return awl_call_fail(L, call, &err);
    call->upload = (struct awl_upload_plan){0};
    if (call->operation->flags & AWL_OPERATION_EVENT_INPUT)
        awl_event_stream_plan(L, call);
    else if (call->request.streaming)
        take_upload(L, call);
    take_content_length(call);
    if (check_upload(call, &err) != AWL_OK)
        return awl_call_fail(L, call, &err);
    awl_call_apply_headers(L, call);
    if (awl_validation_ask(call, &err) != AWL_OK || compress(L, call, &err) != AWL_OK)
        return awl_call_fail(L, call, &err);
    call->stage = CALL_TAKE_TURN;
    return 0;
}
