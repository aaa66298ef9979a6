/* S3: the bucket belongs to the endpoint, not to the path of the operation; errors
 * that come with status 200. */
#include "call/service/s3.h"

#include "call/service/rules.h"
#include "model/endpoint.h"

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
    .after_output = awl_s3_after_output,
    .needs_upload_length = true,
};
