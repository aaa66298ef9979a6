/* query and ec2: a form in, XML out. */
#include "wire/codec.h"

#include "aws/uri.h"
#include "wire/form_read.h"
#include "wire/form_write.h"
#include "wire/xml_write.h"

static bool is_ec2(const struct awl_wire *wire)
{
    return wire->protocol == AWL_PROTOCOL_EC2;
}

/* ---- requests ---- */

/* A few models put a query of their own in the path: "/?Operation=CreateJob". */
static void put_path(struct awl_walk *walk, const struct awl_operation *operation,
                     struct awl_request *request)
{
    awl_str uri = awl_model_str(walk->model, operation->request_uri);
    size_t mark = awl_str_find(uri, '?', 0);
    awl_str path = awl_str_slice(uri, 0, mark);
    awl_buf_append_str(&request->path, path.len > 0 ? path : STR("/"));
    if (mark != SIZE_MAX)
        awl_buf_append_str(&request->query, awl_str_slice(uri, mark + 1, uri.len));
}

static void write_input(struct awl_walk *walk, int index,
                        const struct awl_operation *operation,
                        struct awl_request *request)
{
    const struct awl_shape *shape = awl_codec_shape(walk->model, operation->input);
    struct awl_buf *out = &request->body;
    struct awl_form_writer form;
    struct awl_presence present;

    request->method = STR("POST");
    put_path(walk, operation, request);
    awl_codec_host_prefix(walk, index, operation, request);
    awl_codec_header(walk, NULL, &request->headers, STR("Content-Type"),
                     STR("application/x-www-form-urlencoded; charset=utf-8"));
    awl_buf_append_str(out, STR("Action="));
    awl_uri_encode(out, awl_model_operation_name(walk->model, operation));
    awl_buf_append_str(out, STR("&Version="));
    awl_uri_encode(out, walk->model->api_version);
    if (shape == NULL)
        return;
    awl_form_writer_init(&form, walk->wire, out);
    walk->writer = &form.base;
    if (awl_walk_presence(walk, NULL, shape, index, true, &present))
        awl_walk_members(walk, NULL, NULL, shape, index, &present, AWL_ELSEWHERE_NONE);
}

static enum awl_rc read_input(struct awl_reader *reader,
                              const struct awl_operation *operation,
                              const struct awl_request *request, int stream)
{
    (void)stream;
    const struct awl_shape *shape = awl_codec_shape(reader->model, operation->input);
    if (shape != NULL)
        return awl_form_read(reader, shape, awl_buf_str(&request->body));
    lua_newtable(reader->L);
    return AWL_OK;
}

/* ---- answers ---- */

static void put_name(struct awl_buf *out, awl_str name, awl_str suffix)
{
    awl_buf_clear(out);
    awl_buf_append_str(out, name);
    awl_buf_append_str(out, suffix);
}

static enum awl_rc read_output(struct awl_reader *reader,
                               const struct awl_operation *operation,
                               const struct awl_response *response, int stream)
{
    (void)stream;
    const struct awl_shape *shape = awl_codec_shape(reader->model, operation->output);
    awl_str body = awl_buf_str(&response->body);
    if (shape == NULL || awl_str_trim(body).len == 0) {
        lua_newtable(reader->L);
        return AWL_OK;
    }
    awl_str wrapper = awl_model_str(reader->model, operation->result_wrapper);
    struct awl_buf *name = &reader->wire->scratch2;
    if (wrapper.len == 0 && !is_ec2(reader->wire)) {
        put_name(name, awl_model_operation_name(reader->model, operation), STR("Result"));
        wrapper = awl_buf_str(name);
    }
    return awl_xml_read(reader, shape, body, wrapper);
}

/* The members, in the result's element if the operation has one. */
static void write_result(struct awl_walk *walk, struct awl_xml_writer *xml, int index,
                         const struct awl_operation *operation)
{
    const struct awl_shape *shape = awl_codec_shape(walk->model, operation->output);
    awl_str wrapper = awl_model_str(walk->model, operation->result_wrapper);
    struct awl_presence present;
    if (shape == NULL)
        return;
    if (wrapper.len > 0)
        awl_xml_writer_begin(xml, wrapper, AWL_MODEL_NONE, AWL_MODEL_NONE);
    if (awl_walk_presence(walk, NULL, shape, index, false, &present))
        awl_walk_members(walk, NULL, NULL, shape, index, &present, AWL_ELSEWHERE_NONE);
    if (wrapper.len > 0)
        awl_xml_writer_end(xml, wrapper);
}

static void write_output(struct awl_walk *walk, int index,
                         const struct awl_operation *operation, awl_str request_id,
                         struct awl_response *response)
{
    struct awl_xml_writer xml;
    struct awl_buf *root = &walk->wire->scratch2;
    response->status = operation->response_code;
    awl_codec_header(walk, NULL, &response->headers, STR("content-type"),
                     is_ec2(walk->wire) ? STR("text/xml;charset=UTF-8")
                                        : STR("text/xml"));
    if (request_id.len > 0)
        awl_codec_header(walk, NULL, &response->headers, STR("x-amzn-requestid"),
                         request_id);
    put_name(root, awl_model_operation_name(walk->model, operation), STR("Response"));
    awl_xml_writer_init(&xml, walk->model, &response->body);
    xml.elements_named = true;
    walk->writer = &xml.base;
    awl_xml_writer_root(&xml, awl_buf_str(root), walk->model->xml_namespace);
    if (is_ec2(walk->wire))
        awl_xml_writer_text(&xml, STR("requestId"), request_id);
    write_result(walk, &xml, index, operation);
    if (!is_ec2(walk->wire)) {
        awl_xml_writer_begin(&xml, STR("ResponseMetadata"), AWL_MODEL_NONE,
                             AWL_MODEL_NONE);
        awl_xml_writer_text(&xml, STR("RequestId"), request_id);
        awl_xml_writer_end(&xml, STR("ResponseMetadata"));
    }
    awl_xml_writer_end(&xml, awl_buf_str(root));
}

const struct awl_codec awl_query_codec = {
    .write_input = write_input,
    .read_output = read_output,
    .read_input = read_input,
    .write_output = write_output,
};
