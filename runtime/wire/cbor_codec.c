/* smithy-rpc-v2-cbor: the operation in the path, everything in the body. */
#include "wire/codec.h"
#include "wire/event_body.h"

static void put_path(const struct awl_walk *walk, const struct awl_operation *operation,
                     struct awl_buf *out)
{
    awl_buf_clear(out);
    awl_buf_append_str(out, STR("/service/"));
    awl_buf_append_str(out, walk->model->target_prefix);
    awl_buf_append_str(out, STR("/operation/"));
    awl_buf_append_str(out, awl_model_operation_name(walk->model, operation));
}

static void add_protocol(struct awl_walk *walk, struct awl_headers *headers)
{
    awl_codec_header(walk, NULL, headers, STR("smithy-protocol"), STR("rpc-v2-cbor"));
}

static void write_body(struct awl_walk *walk, int index, const struct awl_shape *shape,
                       bool tokens, struct awl_headers *headers, struct awl_buf *out)
{
    struct awl_presence present;
    if (shape == NULL)
        return;
    awl_codec_header(walk, NULL, headers, STR("Content-Type"), STR("application/cbor"));
    if (awl_walk_presence(walk, NULL, shape, index, tokens, &present))
        awl_body_write_members(walk, NULL, shape, index, &present, AWL_ELSEWHERE_NONE,
                               out);
}

static void write_input(struct awl_walk *walk, int index,
                        const struct awl_operation *operation,
                        struct awl_request *request)
{
    struct awl_headers *headers = &request->headers;
    bool events = (operation->flags & AWL_OPERATION_EVENT_OUTPUT) != 0;
    awl_codec_rpc_request(walk, index, operation, request);
    put_path(walk, operation, &request->path);
    add_protocol(walk, headers);
    awl_codec_header(walk, NULL, headers, STR("Accept"),
                     events ? STR(AWL_EVENT_CONTENT_TYPE) : STR("application/cbor"));
    if (walk->model->query_compatible)
        awl_codec_header(walk, NULL, headers, STR("x-amzn-query-mode"), STR("true"));
    if (awl_codec_write_events(walk, index, operation, true, &request->body)) {
        request->streaming = true;
        awl_codec_header(walk, NULL, headers, STR("Content-Type"),
                         STR(AWL_EVENT_CONTENT_TYPE));
        return;
    }
    write_body(walk, index, awl_codec_shape(walk->model, operation->input), true, headers,
               &request->body);
}

static void write_output(struct awl_walk *walk, int index,
                         const struct awl_operation *operation, awl_str request_id,
                         struct awl_response *response)
{
    struct awl_headers *headers = &response->headers;
    response->status = operation->response_code;
    add_protocol(walk, headers);
    if (request_id.len > 0)
        awl_codec_header(walk, NULL, headers, STR("x-amzn-requestid"), request_id);
    if (awl_codec_write_events(walk, index, operation, false, &response->body))
        awl_codec_header(walk, NULL, headers, STR("Content-Type"),
                         STR(AWL_EVENT_CONTENT_TYPE));
    else
        write_body(walk, index, awl_codec_shape(walk->model, operation->output), false,
                   headers, &response->body);
}

const struct awl_codec awl_cbor_codec = {
    .write_input = write_input,
    .read_output = awl_codec_rpc_read_output,
    .read_input = awl_codec_rpc_read_input,
    .write_output = write_output,
};
