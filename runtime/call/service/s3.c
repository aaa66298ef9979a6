/* S3: the bucket belongs to the endpoint, not to the path of the operation; errors
 * that come with status 200. */
#include "aws/uri.h"
#include "call/service/rules.h"

#include <lauxlib.h>

#define COPY_SOURCE_MAX 8192

/* The rule set has put the bucket into the host or the path of the endpoint: the
 * operation's own path loses it. */
static void drop_bucket(const struct awl_model *model,
                        const struct awl_operation *operation,
                        struct awl_request *request)
{
    if (!awl_str_starts(awl_model_str(model, operation->request_uri), STR("/{Bucket}")))
        return;
    size_t key = awl_str_find(awl_buf_str(&request->path), '/', 1);
    awl_buf_consume(&request->path, key != SIZE_MAX ? key : request->path.len);
}

/* Where "?versionId=..." begins, at the end of a copy source. */
static size_t version_of(awl_str source)
{
    size_t at = source.len;
    while (at > 0 && source.ptr[at - 1] != '?')
        at--;
    if (at > 0 &&
        awl_str_starts(awl_str_slice(source, at, source.len), STR("versionId=")))
        return at - 1;
    return source.len;
}

/* A copy source is bucket and key, as a path is written in a URL. */
static enum awl_rc encode_copy_source(struct awl_headers *headers, struct awl_error *err)
{
    awl_str source;
    struct awl_buf encoded;

    if (!awl_headers_get(headers, STR("x-amz-copy-source"), &source))
        return AWL_OK;
    awl_buf_init(&encoded, COPY_SOURCE_MAX);
    size_t version = version_of(source);
    awl_uri_encode_path(&encoded, awl_str_slice(source, 0, version));
    awl_buf_append_str(&encoded, awl_str_slice(source, version, source.len));
    enum awl_rc rc = awl_buf_rc(&encoded);
    if (rc == AWL_OK)
        rc = awl_headers_set(headers, STR("x-amz-copy-source"), awl_buf_str(&encoded));
    awl_buf_release(&encoded);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "CopySource cannot be sent");
}

static enum awl_rc fit_request(const struct awl_model *model,
                               const struct awl_operation *operation,
                               struct awl_request *request, struct awl_error *err)
{
    drop_bucket(model, operation, request);
    return encode_copy_source(&request->headers, err);
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

const struct awl_service_rules awl_rules_s3 = {
    .service = "s3",
    .after_input = fit_request,
    .is_error = is_error,
    .needs_upload_length = true,
};
