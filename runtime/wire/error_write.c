/* Error answers, as each protocol's services give them. */
#include "wire/wire.h"

#include "base/json.h"
#include "wire/cbor_write.h"
#include "wire/codec.h"
#include "wire/rest.h"
#include "wire/xml_write.h"

struct error_write {
    struct awl_walk *walk;
    const struct awl_shape *shape; /* of the error, or NULL */
    int members;                   /* stack index of a table, or 0 */
    awl_str code, message, request_id;
    awl_str shape_name; /* the code, if there is no shape */
    bool sender;
    struct awl_response *response;
};

static void add_header(const struct error_write *e, awl_str name, awl_str value)
{
    awl_codec_header(e->walk, NULL, &e->response->headers, name, value);
}

/* ---- members ---- */

static const struct awl_member *message_member(const struct error_write *e)
{
    const struct awl_model *model = e->walk->model;
    const struct awl_member *member =
        awl_model_member_by_name(model, e->shape, STR("message"));
    return member != NULL ? member
                          : awl_model_member_by_name(model, e->shape, STR("Message"));
}

/* Pushes a copy of the members that has the message where the shape has it. */
static int push_members(struct error_write *e)
{
    lua_State *L = e->walk->L;
    lua_newtable(L);
    int copy = lua_gettop(L);
    if (e->members != 0 && lua_istable(L, e->members))
        for (lua_pushnil(L); lua_next(L, e->members) != 0; lua_pop(L, 1)) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, copy);
        }
    const struct awl_member *message = e->shape != NULL ? message_member(e) : NULL;
    if (message != NULL && e->message.len > 0) {
        awl_str name = awl_model_str(e->walk->model, message->name);
        lua_pushlstring(L, name.ptr, name.len);
        lua_pushlstring(L, e->message.ptr, e->message.len);
        lua_rawset(L, copy);
    }
    return copy;
}

/* Which of them there are; header members are written at once. */
static bool prepare_members(struct error_write *e, int index,
                            struct awl_presence *present)
{
    if (e->shape == NULL ||
        !awl_walk_presence(e->walk, NULL, e->shape, index, false, present))
        return false;
    enum awl_protocol protocol = e->walk->wire->protocol;
    if (protocol == AWL_PROTOCOL_REST_JSON || protocol == AWL_PROTOCOL_REST_XML) {
        struct awl_rest_write r = {.walk = e->walk,
                                   .shape = e->shape,
                                   .index = index,
                                   .present = *present,
                                   .headers = &e->response->headers,
                                   .elsewhere = AWL_ELSEWHERE_ANSWER};
        awl_rest_write_headers(&r);
    }
    return true;
}

/* ---- JSON ---- */

static void write_json(struct error_write *e)
{
    struct awl_buf *out = &e->response->body;
    struct awl_presence present;
    bool rest = e->walk->wire->protocol == AWL_PROTOCOL_REST_JSON;
    add_header(e, STR("x-amzn-errortype"), e->shape_name);
    int index = push_members(e);
    awl_buf_append_str(out, STR("{\"__type\":"));
    awl_json_append_string(out, e->shape_name);
    if (prepare_members(e, index, &present)) {
        /* The members' object goes into ours: its brace becomes a comma. */
        size_t mark = out->len;
        awl_body_write_members(e->walk, NULL, e->shape, index, &present,
                               rest ? AWL_ELSEWHERE_ANSWER : AWL_ELSEWHERE_NONE, out);
        if (out->len == mark + 2)
            awl_buf_truncate(out, mark);
        else if (out->len > mark)
            out->ptr[mark] = ',';
        if (out->len > mark)
            awl_buf_truncate(out, out->len - 1);
    }
    if (e->shape == NULL || message_member(e) == NULL) {
        awl_buf_append_str(out, STR(",\"message\":"));
        awl_json_append_string(out, e->message);
    }
    awl_buf_append_char(out, '}');
}

/* ---- CBOR ---- */

static void write_cbor(struct error_write *e)
{
    struct awl_buf *prologue = &e->walk->wire->scratch2;
    struct awl_cbor_writer cbor;
    struct awl_presence present;
    bool own_message = e->shape == NULL || message_member(e) == NULL;
    add_header(e, STR("smithy-protocol"), STR("rpc-v2-cbor"));
    awl_buf_clear(prologue);
    awl_cbor_put_string(prologue, STR("__type"));
    awl_cbor_put_string(prologue, e->shape_name);
    if (own_message) {
        awl_cbor_put_string(prologue, STR("message"));
        awl_cbor_put_string(prologue, e->message);
    }
    unsigned count = own_message ? 2 : 1;
    int index = push_members(e);
    if (!prepare_members(e, index, &present)) {
        awl_cbor_put_map(&e->response->body, count);
        awl_buf_append_str(&e->response->body, awl_buf_str(prologue));
        return;
    }
    awl_cbor_writer_init(&cbor, e->walk->model, &e->response->body);
    cbor.prologue = awl_buf_str(prologue);
    cbor.prologue_count = count;
    e->walk->writer = &cbor.base;
    awl_walk_members(e->walk, NULL, NULL, e->shape, index, &present, AWL_ELSEWHERE_NONE);
}

/* "AWS.SimpleQueueService.NonExistentQueue;Sender" */
static void add_query_error(const struct error_write *e)
{
    struct awl_buf *line = &e->walk->wire->scratch;
    awl_buf_clear(line);
    awl_buf_append_str(line, e->code);
    awl_buf_append_str(line, e->sender ? STR(";Sender") : STR(";Receiver"));
    add_header(e, STR("x-amzn-query-error"), awl_buf_str(line));
}

/* ---- XML ---- */

static void begin(struct awl_xml_writer *xml, awl_str name)
{
    awl_xml_writer_begin(xml, name, AWL_MODEL_NONE, AWL_MODEL_NONE);
}

static bool is_s3(const struct error_write *e)
{
    return awl_str_eq(e->walk->model->name, STR("s3"));
}

/* The members but for the message, which is written for every error. */
static void write_xml_members(struct error_write *e, struct awl_xml_writer *xml,
                              int index)
{
    struct awl_presence present;
    const struct awl_member *message = e->shape != NULL ? message_member(e) : NULL;
    if (!prepare_members(e, index, &present))
        return;
    if (message != NULL) {
        unsigned at = (unsigned)(message - awl_model_members(e->walk->model, e->shape));
        present.bits[at / 64] &= ~((uint64_t)1 << (at % 64));
    }
    e->walk->writer = &xml->base;
    awl_walk_members(e->walk, NULL, NULL, e->shape, index, &present,
                     e->walk->wire->protocol == AWL_PROTOCOL_REST_XML
                         ? AWL_ELSEWHERE_ANSWER
                         : AWL_ELSEWHERE_NONE);
}

static void write_error_element(struct error_write *e, struct awl_xml_writer *xml,
                                bool typed)
{
    int index = push_members(e);
    begin(xml, STR("Error"));
    if (typed)
        awl_xml_writer_text(xml, STR("Type"),
                            e->sender ? STR("Sender") : STR("Receiver"));
    awl_xml_writer_text(xml, STR("Code"), e->code);
    awl_xml_writer_text(xml, STR("Message"), e->message);
    write_xml_members(e, xml, index);
    if (is_s3(e) && e->request_id.len > 0)
        awl_xml_writer_text(xml, STR("RequestId"), e->request_id);
    awl_xml_writer_end(xml, STR("Error"));
}

static void write_xml(struct error_write *e)
{
    struct awl_xml_writer xml;
    awl_xml_writer_init(&xml, e->walk->model, &e->response->body);
    if (is_s3(e)) {
        write_error_element(e, &xml, false);
    } else if (e->walk->wire->protocol == AWL_PROTOCOL_EC2) {
        begin(&xml, STR("Response"));
        begin(&xml, STR("Errors"));
        write_error_element(e, &xml, false);
        awl_xml_writer_end(&xml, STR("Errors"));
        awl_xml_writer_text(&xml, STR("RequestID"), e->request_id);
        awl_xml_writer_end(&xml, STR("Response"));
    } else {
        awl_xml_writer_root(&xml, STR("ErrorResponse"), e->walk->model->xml_namespace);
        write_error_element(e, &xml, true);
        awl_xml_writer_text(&xml, STR("RequestId"), e->request_id);
        awl_xml_writer_end(&xml, STR("ErrorResponse"));
    }
}

/* ---- all together ---- */

static awl_str content_type(const struct awl_wire *wire)
{
    switch (wire->protocol) {
    case AWL_PROTOCOL_JSON:
        return awl_str_eq(wire->model->json_version, STR("1.1"))
                   ? STR("application/x-amz-json-1.1")
                   : STR("application/x-amz-json-1.0");
    case AWL_PROTOCOL_REST_JSON:
    case AWL_PROTOCOL_CBOR:
        return awl_body_content_type(wire->protocol);
    default:
        return STR("text/xml");
    }
}

/* The status, the names and the side at fault, by the error's shape. */
static void resolve(struct error_write *e, const struct awl_operation *operation,
                    int status)
{
    const struct awl_model *model = e->walk->model;
    struct awl_shape_extra extra = {.http_status = 0};
    e->shape = awl_model_error_shape(model, operation, e->code);
    e->shape_name = e->code;
    if (e->shape != NULL) {
        awl_model_shape_extra(model, e->shape, &extra);
        e->shape_name = awl_model_str(model, e->shape->name);
        if (extra.error_code.len > 0)
            e->code = extra.error_code;
    }
    e->response->status = status != 0 ? status : extra.http_status;
    if (e->response->status == 0)
        e->response->status = 400;
    e->sender = e->response->status < 500;
}

static void write_body(struct error_write *e)
{
    const struct awl_wire *wire = e->walk->wire;
    add_header(e, STR("content-type"), content_type(wire));
    if (e->request_id.len > 0)
        add_header(e,
                   wire->protocol == AWL_PROTOCOL_REST_XML ? STR("x-amz-request-id")
                                                           : STR("x-amzn-requestid"),
                   e->request_id);
    if (wire->protocol == AWL_PROTOCOL_JSON || wire->protocol == AWL_PROTOCOL_REST_JSON)
        write_json(e);
    else if (wire->protocol == AWL_PROTOCOL_CBOR)
        write_cbor(e);
    else
        write_xml(e);
    if (wire->model->query_compatible)
        add_query_error(e);
}

enum awl_rc awl_wire_write_error(struct awl_wire *wire, lua_State *L,
                                 const struct awl_operation *operation, int status,
                                 awl_str code, awl_str message, int members,
                                 awl_str request_id, struct awl_response *response,
                                 struct awl_error *err)
{
    struct awl_walk walk;
    if (!lua_checkstack(L, 24))
        return awl_error_set(err, AWL_ELIMIT, "the Lua stack is full");
    int top = lua_gettop(L);
    struct error_write e = {
        .walk = &walk,
        .members = members != 0 ? lua_absindex(L, members) : 0,
        .code = code,
        .message = message,
        .request_id = request_id,
        .response = response,
    };
    awl_walk_init(&walk, wire, L, NULL);
    resolve(&e, operation, status);
    write_body(&e);
    lua_settop(L, top);
    enum awl_rc rc = awl_problems_report(&walk.problems, "error", operation, err);
    if (rc == AWL_OK && awl_buf_rc(&response->body) != AWL_OK)
        rc = awl_error_set(err, awl_buf_rc(&response->body), "the error is too large");
    return rc;
}
