/* S3: the bucket belongs to the endpoint, not to the path of the operation; errors
 * that come with status 200. */
#include "call/service/s3.h"

#include <lauxlib.h>

#include "base/log.h"
#include "call/service/rules.h"
#include "model/endpoint.h"
#include "wire/xml_scanner.h"

/* The rule set has put the bucket into the host or the path of the endpoint: the
 * operation's own path loses it. */
static enum awl_rc drop_bucket(const struct awl_model *model,
                               const struct awl_operation *operation,
                               struct awl_request *request, struct awl_error *err)
{
    (void)err;
    if (!awl_str_starts(awl_model_str(model, operation->request_uri), STR("/{Bucket}")))
        return AWL_OK;
    size_t key = awl_str_find(awl_buf_str(&request->path), '/', 1);
    awl_buf_consume(&request->path, key != SIZE_MAX ? key : request->path.len);
    return AWL_OK;
}

/* Past the XML declaration, white space and comments: the name of the root. */
static awl_str root_element(awl_str body)
{
    for (;;) {
        body = awl_str_trim(body);
        if (body.len < 2 || body.ptr[0] != '<')
            return (awl_str){0};
        if (body.ptr[1] != '?' && body.ptr[1] != '!')
            break;
        size_t end = awl_str_find(body, '>', 0);
        if (end == SIZE_MAX)
            return (awl_str){0};
        body = awl_str_slice(body, end + 1, body.len);
    }
    size_t end = 1;
    while (end < body.len && strchr(" \t\r\n/>", body.ptr[end]) == NULL)
        end++;
    return awl_str_slice(body, 1, end);
}

static bool output_is_xml(const struct awl_model *model,
                          const struct awl_operation *operation)
{
    if (operation->output == AWL_MODEL_NONE)
        return false;
    const struct awl_shape *shape = awl_model_shape(model, operation->output);
    if (shape->payload == 0)
        return true;
    const struct awl_member *payload =
        awl_model_members(model, shape) + (shape->payload - 1);
    return awl_model_shape(model, payload->shape)->type == AWL_SHAPE_STRUCTURE &&
           !(operation->flags & AWL_OPERATION_EVENT_OUTPUT);
}

/* CopyObject, UploadPartCopy and CompleteMultipartUpload send the head before they
 * know how they end. */
static bool is_error(const struct awl_model *model, const struct awl_operation *operation,
                     const struct awl_response *response)
{
    return response->body.len > 0 && output_is_xml(model, operation) &&
           awl_str_eq(root_element(awl_buf_str(&response->body)), STR("Error"));
}

/* Whether the XML ends before its root does, or is none. */
static bool is_damaged(const struct awl_model *model,
                       const struct awl_operation *operation,
                       const struct awl_response *response)
{
    struct awl_xml xml;
    awl_xml_init(&xml, awl_buf_str(&response->body));
    return response->body.len > 0 && output_is_xml(model, operation) &&
           (!awl_xml_child(&xml) || !awl_xml_skip(&xml) || !awl_xml_at_end(&xml));
}

/* Expires is a time only if whoever put the object wrote one. */
static void keep_expires(lua_State *L, const struct awl_response *response)
{
    awl_str text;
    if (!awl_headers_get(&response->headers, STR("expires"), &text))
        return;
    lua_pushlstring(L, text.ptr, text.len);
    lua_setfield(L, -2, "ExpiresString");
    if (lua_getfield(L, -1, "Expires") == LUA_TSTRING) {
        awl_log(AWL_LOG_WARN, "s3", "Expires of an object is no time: '%.*s'",
                STR_ARG(text));
        lua_pushnil(L);
        lua_setfield(L, -3, "Expires");
    }
    lua_pop(L, 1);
}

static void after_output(lua_State *L, struct awl_wire *wire,
                         const struct awl_operation *operation, int input,
                         const struct awl_response *response)
{
    awl_str name = awl_model_operation_name(wire->model, operation);
    luaL_checkstack(L, 10, NULL);
    if (awl_str_eq(name, STR("GetObject")) || awl_str_eq(name, STR("HeadObject")))
        keep_expires(L, response);
    else
        awl_s3_decode_list(L, name, input);
}

/* Answers to HEAD have no body, and so errors have no code but their status. */
static const char *error_alias(awl_str operation, awl_str code)
{
    if (!awl_str_eq(code, STR("404")))
        return NULL;
    return awl_str_eq(operation, STR("HeadObject"))   ? "NoSuchKey"
           : awl_str_eq(operation, STR("HeadBucket")) ? "NoSuchBucket"
                                                      : NULL;
}

/* Directory buckets: S3 Express. */
static bool needs_session(const struct awl_endpoint *endpoint)
{
    return endpoint->auth_scheme_count > 0 &&
           awl_str_eq(endpoint->auth_schemes[0].name, STR("sigv4-s3express"));
}

const struct awl_service_rules awl_rules_s3 = {
    .service = "s3",
    .before_endpoint = awl_s3_before_endpoint,
    .needs_session = needs_session,
    .session_module = "awl.credentials.s3_express",
    .redirect = awl_s3_redirect,
    .redirect_module = "awl.s3_region",
    .before_input = awl_s3_before_input,
    .after_input = drop_bucket,
    .is_error = is_error,
    .is_damaged = is_damaged,
    .damaged_error = "<Error><Code>InternalError</Code>"
                     "<Message>the XML of the answer is damaged</Message></Error>",
    .after_output = after_output,
    .error_alias = error_alias,
    .expect_bytes = 2 * 1024 * 1024,
    .needs_upload_length = true,
};
