/* JSON 1.0 and 1.1: one path, the operation in a header, everything in the body. */
#include "wire/codec.h"
#include "wire/event_body.h"

static awl_str content_type(const struct awl_model *model)
{
    return awl_str_eq(model->json_version, STR("1.1"))
               ? STR("application/x-amz-json-1.1")
               : STR("application/x-amz-json-1.0");
}

static void add_target(struct awl_walk *walk, const struct awl_operation *operation,
                       struct awl_headers *headers)
{
    struct awl_buf *target = &walk->wire->scratch;
    awl_buf_clear(target);
    awl_buf_append_str(target, walk->model->target_prefix);
    awl_buf_append_char(target, '.');
    awl_buf_append_str(target, awl_model_operation_name(walk->model, operation));
    if (awl_buf_rc(target) != AWL_OK)
        awl_problems_add(&walk->problems, NULL,
                         "no memory for the name of the operation");
    awl_codec_header(walk, NULL, headers, STR("X-Amz-Target"), awl_buf_str(target));
}

static void write_body(struct awl_walk *walk, int index, const struct awl_shape *shape,
                       bool tokens, struct awl_buf *out)
{
    struct awl_presence present;
    if (shape == NULL) {
        awl_buf_append_str(out, STR("{}"));
        return;
    }
    if (awl_walk_presence(walk, NULL, shape, index, tokens, &present))
        awl_body_write_members(walk, NULL, shape, index, &present, AWL_ELSEWHERE_NONE,
                               out);
}

static void write_input(struct awl_walk *walk, int index,
                        const struct awl_operation *operation,
                        struct awl_request *request)
{
    struct awl_headers *headers = &request->headers;
    awl_codec_rpc_request(walk, index, operation, request);
    add_target(walk, operation, headers);
    awl_codec_header(walk, NULL, headers, STR("Content-Type"),
                     operation->flags & AWL_OPERATION_EVENT_INPUT
                         ? STR(AWL_EVENT_CONTENT_TYPE)
                         : content_type(walk->model));
    if (walk->model->query_compatible)
        awl_codec_header(walk, NULL, headers, STR("x-amzn-query-mode"), STR("true"));
    if (awl_codec_write_events(walk, index, operation, true, &request->body))
        request->streaming = true;
    else
        write_body(walk, index, awl_codec_shape(walk->model, operation->input), true,
                   &request->body);
}

static void write_output(struct awl_walk *walk, int index,
                         const struct awl_operation *operation, awl_str request_id,
                         struct awl_response *response)
{
    struct awl_headers *headers = &response->headers;
    response->status = operation->response_code;
    awl_codec_header(walk, NULL, headers, STR("content-type"),
                     operation->flags & AWL_OPERATION_EVENT_OUTPUT
                         ? STR(AWL_EVENT_CONTENT_TYPE)
                         : content_type(walk->model));
    if (request_id.len > 0)
        awl_codec_header(walk, NULL, headers, STR("x-amzn-requestid"), request_id);
    if (!awl_codec_write_events(walk, index, operation, false, &response->body))
        write_body(walk, index, awl_codec_shape(walk->model, operation->output), false,
                   &response->body);
}

const struct awl_codec awl_json_codec = {
    .write_input = write_input,
    .read_output = awl_codec_rpc_read_output,
    .read_input = awl_codec_rpc_read_input,
    .write_output = write_output,
};
