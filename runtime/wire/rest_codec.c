/* rest-json and rest-xml: members go where the model binds them; the body holds what
 * is left, or one payload member alone. */
#include "wire/event_body.h"
#include "wire/rest.h"

#define FIELDS_PRESIZE 8 /* members of an object's head, which is the usual case */

static const struct awl_member *payload_member(const struct awl_model *model,
                                               const struct awl_shape *shape)
{
    return shape != NULL && shape->payload > 0
               ? &awl_model_members(model, shape)[shape->payload - 1]
               : NULL;
}

static bool is_raw(const struct awl_shape *shape)
{
    return shape->type == AWL_SHAPE_BLOB || shape->type == AWL_SHAPE_STRING;
}

static bool is_stream(const struct awl_shape *shape, const struct awl_member *member)
{
    return (member->flags & AWL_MEMBER_STREAMING) ||
           (shape->flags & (AWL_SHAPE_STREAMING | AWL_SHAPE_EVENT_STREAM));
}

static bool has_body_members(const struct awl_model *model, const struct awl_shape *shape,
                             unsigned elsewhere)
{
    const struct awl_member *members = awl_model_members(model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (!(elsewhere >> members[i].location & 1))
            return true;
    return false;
}

/* ---- writing ---- */

static void default_content_type(struct awl_rest_write *r, awl_str type)
{
    if (!awl_headers_get(r->headers, STR("Content-Type"), NULL))
        awl_codec_header(r->walk, NULL, r->headers, STR("Content-Type"), type);
}

/* What yields a streamed body is the caller's to check and to send. */
static void check_stream(struct awl_walk *walk, const struct awl_path *path)
{
    int type = lua_type(walk->L, -1);
    if (type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TUSERDATA &&
        type != LUA_TTABLE)
        awl_problems_add(&walk->problems, path,
                         "expected string, file or function, got %s",
                         lua_typename(walk->L, type));
}

static void write_raw(struct awl_rest_write *r, const struct awl_path *path,
                      const struct awl_shape *shape, struct awl_buf *out)
{
    lua_State *L = r->walk->L;
    if (lua_type(L, -1) != LUA_TSTRING) {
        awl_problems_add(&r->walk->problems, path, "expected string, got %s",
                         lua_typename(L, lua_type(L, -1)));
        return;
    }
    size_t len;
    const char *bytes = lua_tolstring(L, -1, &len);
    awl_buf_append(out, bytes, len);
    default_content_type(r, shape->type == AWL_SHAPE_STRING
                                ? STR("text/plain")
                                : STR("application/octet-stream"));
}

/* The value on top, which is a stream. An answer's is written when it is at hand. */
static void write_stream(struct awl_rest_write *r, const struct awl_path *path,
                         struct awl_buf *out)
{
    size_t len;
    check_stream(r->walk, path);
    if (r->elsewhere != AWL_ELSEWHERE_ANSWER || lua_type(r->walk->L, -1) != LUA_TSTRING)
        return;
    const char *bytes = lua_tolstring(r->walk->L, -1, &len);
    awl_buf_append(out, bytes, len);
}

/* An answer's events are written when they are a list. */
static bool write_events(struct awl_rest_write *r, struct awl_buf *out)
{
    struct awl_event_target target;
    bool input = r->elsewhere == AWL_ELSEWHERE_REQUEST;
    if (!awl_event_target(r->walk->model, r->operation, input, &target))
        return false;
    default_content_type(r, STR(AWL_EVENT_CONTENT_TYPE));
    if (r->index == 0)
        return true;
    awl_walk_push(r->walk, r->index, target.member);
    awl_event_check_source(r->walk, &target);
    if (!input && lua_istable(r->walk->L, -1))
        awl_events_write(r->walk, &target, out);
    lua_pop(r->walk->L, 1);
    return true;
}

/* True if the payload is a stream, which a request does not write. */
static bool write_payload(struct awl_rest_write *r, const struct awl_member *member,
                          struct awl_buf *out)
{
    struct awl_walk *walk = r->walk;
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    struct awl_path path = {.member = member};
    bool stream = is_stream(shape, member);
    if (shape->flags & AWL_SHAPE_EVENT_STREAM)
        return write_events(r, out);
    if (!awl_presence_has(&r->present, r->shape->payload - 1u)) {
        /* A structure that is not there is an empty one in JSON. */
        if (shape->type == AWL_SHAPE_STRUCTURE && !stream &&
            !(shape->flags & AWL_SHAPE_UNION) &&
            walk->wire->protocol == AWL_PROTOCOL_REST_JSON) {
            awl_buf_append_str(out, STR("{}"));
            default_content_type(r, STR("application/json"));
        }
        return stream;
    }
    awl_walk_push(walk, r->index, member);
    if (stream) {
        write_stream(r, &path, out);
    } else if (is_raw(shape)) {
        write_raw(r, &path, shape, out);
    } else {
        awl_body_write_payload(walk, &path, member, out);
        default_content_type(r, awl_body_content_type(walk->wire->protocol));
    }
    lua_pop(walk->L, 1);
    return stream;
}

static bool any_in_body(const struct awl_rest_write *r)
{
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    for (unsigned i = awl_presence_next(&r->present, 0); i < r->shape->member_count;
         i = awl_presence_next(&r->present, i + 1))
        if (!(r->elsewhere >> members[i].location & 1))
            return true;
    return false;
}

/* Members without a place of their own. JSON always writes an object, if only "{}";
 * XML writes nothing when there is nothing to say. */
static void write_members(struct awl_rest_write *r, const struct awl_body_root *root,
                          struct awl_buf *out)
{
    enum awl_protocol protocol = r->walk->wire->protocol;
    if (!has_body_members(r->walk->model, r->shape, r->elsewhere) ||
        (protocol == AWL_PROTOCOL_REST_XML && !any_in_body(r)))
        return;
    awl_body_write_members(r->walk, root, r->shape, r->index, &r->present, r->elsewhere,
                           out);
    default_content_type(r, awl_body_content_type(protocol));
}

/* True if the body is a stream. */
static bool write_body(struct awl_rest_write *r, const struct awl_body_root *root,
                       struct awl_buf *out)
{
    const struct awl_member *payload = payload_member(r->walk->model, r->shape);
    if (payload != NULL)
        return write_payload(r, payload, out);
    write_members(r, root, out);
    return false;
}

/* The shape's own name for it, else what the operation calls it. */
static struct awl_body_root input_root(const struct awl_model *model,
                                       const struct awl_operation *operation,
                                       const struct awl_shape *shape)
{
    struct awl_shape_extra own;
    awl_model_shape_extra(model, shape, &own);
    uint32_t name =
        own.wire_name != AWL_MODEL_NONE ? own.wire_name : operation->input_wire_name;
    return (struct awl_body_root){
        .name = awl_model_str(model, name != AWL_MODEL_NONE ? name : shape->name),
        .uri = operation->input_namespace,
        .prefix = operation->input_prefix,
    };
}

static void write_input(struct awl_walk *walk, int index,
                        const struct awl_operation *operation,
                        struct awl_request *request)
{
    const struct awl_model *model = walk->model;
    struct awl_rest_write r = {
        .walk = walk,
        .operation = operation,
        .shape = awl_codec_shape(model, operation->input),
        .index = index,
        .headers = &request->headers,
        .elsewhere = AWL_ELSEWHERE_REQUEST,
    };
    awl_str path, query;
    request->method = awl_model_str(model, operation->http_method);
    if (r.shape != NULL &&
        !awl_walk_presence(walk, NULL, r.shape, index, true, &r.present))
        return;
    awl_codec_host_prefix(walk, index, operation, request);
    awl_uri_split(awl_model_str(model, operation->request_uri), &path, &query);
    awl_rest_write_path(&r, path, &request->path);
    awl_rest_write_query(&r, query, &request->query);
    awl_rest_write_headers(&r);
    if (r.shape == NULL)
        return;
    struct awl_body_root root = input_root(model, operation, r.shape);
    request->streaming = write_body(&r, &root, &request->body);
}

static void write_status(struct awl_rest_write *r, struct awl_response *response)
{
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    for (unsigned i = awl_presence_next(&r->present, 0); i < r->shape->member_count;
         i = awl_presence_next(&r->present, i + 1)) {
        if (members[i].location != AWL_LOCATION_STATUS_CODE)
            continue;
        awl_walk_push(r->walk, r->index, &members[i]);
        lua_Integer status = lua_tointeger(r->walk->L, -1);
        if (status >= 100 && status <= 599)
            response->status = (int)status;
        lua_pop(r->walk->L, 1);
    }
}

/* What S3 answers to GetBucketLocation is the member itself. */
static bool is_bare(const struct awl_walk *walk, const struct awl_operation *operation)
{
    return walk->wire->protocol == AWL_PROTOCOL_REST_XML &&
           awl_str_eq(awl_model_operation_name(walk->model, operation),
                      STR("GetBucketLocation"));
}

static void write_output_body(struct awl_rest_write *r,
                              const struct awl_operation *operation,
                              struct awl_response *response)
{
    const struct awl_model *model = r->walk->model;
    struct awl_shape_extra own;
    awl_model_shape_extra(model, r->shape, &own);
    struct awl_body_root root = {
        .name = awl_model_str(model, own.wire_name != AWL_MODEL_NONE ? own.wire_name
                                                                     : r->shape->name),
        .uri = AWL_MODEL_NONE,
        .prefix = AWL_MODEL_NONE,
    };
    if (is_bare(r->walk, operation) && r->present.count == 1) {
        const struct awl_member *member =
            &awl_model_members(model, r->shape)[awl_presence_next(&r->present, 0)];
        struct awl_path path = {.member = member};
        awl_walk_push(r->walk, r->index, member);
        awl_body_write_payload(r->walk, &path, member, &response->body);
        default_content_type(r, STR("application/xml"));
        return;
    }
    write_body(r, &root, &response->body);
}

static void write_output(struct awl_walk *walk, int index,
                         const struct awl_operation *operation, awl_str request_id,
                         struct awl_response *response)
{
    struct awl_rest_write r = {
        .walk = walk,
        .operation = operation,
        .shape = awl_codec_shape(walk->model, operation->output),
        .index = index,
        .headers = &response->headers,
        .elsewhere = AWL_ELSEWHERE_ANSWER,
    };
    response->status = operation->response_code;
    if (request_id.len > 0)
        awl_codec_header(walk, NULL, r.headers,
                         walk->wire->protocol == AWL_PROTOCOL_REST_XML
                             ? STR("x-amz-request-id")
                             : STR("x-amzn-requestid"),
                         request_id);
    if (r.shape == NULL ||
        !awl_walk_presence(walk, NULL, r.shape, index, false, &r.present))
        return;
    awl_rest_write_headers(&r);
    write_status(&r, response);
    write_output_body(&r, operation, response);
}

/* ---- reading ---- */

static enum awl_rc read_events(struct awl_reader *reader,
                               const struct awl_operation *operation, bool input,
                               awl_str body)
{
    struct awl_event_target target;
    return awl_event_target(reader->model, operation, input, &target)
               ? awl_events_read(reader, &target, body)
               : AWL_OK;
}

/* The payload member into the table on top. */
static enum awl_rc read_payload(struct awl_reader *reader,
                                const struct awl_operation *operation, bool input,
                                const struct awl_member *member, awl_str body, int stream)
{
    lua_State *L = reader->L;
    const struct awl_shape *shape = awl_model_shape(reader->model, member->shape);
    enum awl_rc rc = AWL_OK;
    if (is_stream(shape, member) && stream != 0)
        lua_pushvalue(L, stream);
    else if (shape->flags & AWL_SHAPE_EVENT_STREAM)
        return read_events(reader, operation, input, body);
    else if (is_raw(shape) && (body.len > 0 || is_stream(shape, member)))
        lua_pushlstring(L, body.ptr != NULL ? body.ptr : "", body.len);
    else if (body.len == 0)
        return AWL_OK;
    else
        rc = awl_body_read(reader, shape, body);
    if (rc != AWL_OK)
        return rc;
    awl_keys_push(reader->model, L, reader->keys, member);
    lua_insert(L, -2);
    lua_rawset(L, -3);
    return AWL_OK;
}

/* Pushes the table with what the body holds. */
static enum awl_rc read_body(struct awl_reader *reader,
                             const struct awl_operation *operation,
                             const struct awl_shape *shape, unsigned elsewhere,
                             awl_str body, int stream)
{
    bool input = elsewhere == AWL_ELSEWHERE_REQUEST;
    const struct awl_member *payload = payload_member(reader->model, shape);
    if (payload == NULL && has_body_members(reader->model, shape, elsewhere))
        return awl_body_read(reader, shape, body);
    lua_createtable(reader->L, 0, FIELDS_PRESIZE);
    return payload != NULL ? read_payload(reader, operation, input, payload, body, stream)
                           : AWL_OK;
}

static enum awl_rc check_initial(struct awl_reader *reader,
                                 const struct awl_operation *operation, bool input)
{
    struct awl_event_target target;
    return awl_event_target(reader->model, operation, input, &target)
               ? awl_events_check_initial(reader, &target)
               : AWL_OK;
}

static enum awl_rc read_output(struct awl_reader *reader,
                               const struct awl_operation *operation,
                               const struct awl_response *response, int stream)
{
    const struct awl_shape *shape = awl_codec_shape(reader->model, operation->output);
    if (shape == NULL) {
        lua_newtable(reader->L);
        return AWL_OK;
    }
    enum awl_rc rc = read_body(reader, operation, shape, AWL_ELSEWHERE_ANSWER,
                               awl_buf_str(&response->body), stream);
    if (rc != AWL_OK)
        return rc;
    awl_rest_read_status(reader, shape, response->status);
    rc = awl_rest_read_headers(reader, shape, &response->headers);
    return rc == AWL_OK ? check_initial(reader, operation, false) : rc;
}

static enum awl_rc read_input(struct awl_reader *reader,
                              const struct awl_operation *operation,
                              const struct awl_request *request, int stream)
{
    const struct awl_shape *shape = awl_codec_shape(reader->model, operation->input);
    awl_str path, query;
    if (shape == NULL) {
        lua_newtable(reader->L);
        return AWL_OK;
    }
    awl_uri_split(awl_model_str(reader->model, operation->request_uri), &path, &query);
    enum awl_rc rc = read_body(reader, operation, shape, AWL_ELSEWHERE_REQUEST,
                               awl_buf_str(&request->body), stream);
    if (rc == AWL_OK)
        rc = awl_rest_read_labels(reader, shape, path, awl_buf_str(&request->path));
    if (rc == AWL_OK)
        rc = awl_rest_read_query(reader, shape, query, awl_buf_str(&request->query));
    if (rc == AWL_OK)
        rc = awl_rest_read_headers(reader, shape, &request->headers);
    return rc == AWL_OK ? check_initial(reader, operation, true) : rc;
}

const struct awl_codec awl_rest_codec = {
    .write_input = write_input,
    .read_output = read_output,
    .read_input = read_input,
    .write_output = write_output,
};
