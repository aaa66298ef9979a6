/* What error answers say, in each protocol's way. */
#include "wire/wire.h"

#include <stdio.h>

#include "base/json.h"
#include "wire/cbor_scanner.h"
#include "wire/codec.h"
#include "wire/rest.h"
#include "wire/xml_scanner.h"

#define TEXT_MAX ((size_t)256 * 1024)
#define RAW_MESSAGE_MAX 1024 /* of a body that is no error document */

void awl_service_error_init(struct awl_service_error *error)
{
    *error = (struct awl_service_error){.shape = NULL};
    awl_buf_init(&error->text, TEXT_MAX);
}

void awl_service_error_release(struct awl_service_error *error)
{
    awl_buf_release(&error->text);
    awl_service_error_init(error);
}

/* Texts are gathered as offsets: the buffer moves while it grows. */
struct span {
    size_t at, len;
};

struct gather {
    struct awl_reader reader;
    const struct awl_operation *operation;
    const struct awl_response *response;
    struct awl_service_error *error;
    struct span code, message, type, request_id;
    struct span query_code; /* awsQueryCompatible: replaces the code */
};

static struct span put(struct gather *g, awl_str text)
{
    struct awl_buf *out = &g->error->text;
    struct span span = {out->len, text.len};
    if (awl_buf_append_str(out, text) != AWL_OK)
        span.len = 0;
    return span;
}

/* The span of a slice of what was gathered already. */
static struct span put_own(const struct gather *g, awl_str text)
{
    return text.len > 0 ? (struct span){(size_t)(text.ptr - g->error->text.ptr), text.len}
                        : (struct span){0, 0};
}

static awl_str span_text(const struct gather *g, struct span span)
{
    return span.len > 0 ? awl_str_make(g->error->text.ptr + span.at, span.len)
                        : (awl_str){"", 0};
}

/* "ns#FooError:http://..." is FooError. */
static awl_str clean_code(awl_str code)
{
    code = awl_str_slice(code, 0, awl_str_find(code, ':', 0));
    for (size_t i = code.len; i > 0; i--)
        if (code.ptr[i - 1] == '#')
            return awl_str_slice(code, i, code.len);
    return awl_str_trim(code);
}

static const char *status_words(int status)
{
    switch (status) {
    case 301:
        return "Moved Permanently";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Request Entity Too Large";
    case 416:
        return "Requested Range Not Satisfiable";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return "";
    }
}

static bool is_html(awl_str body)
{
    body = awl_str_trim(body);
    return awl_str_starts_nocase(body, STR("<html")) ||
           awl_str_starts_nocase(body, STR("<!doctype"));
}

/* ---- JSON and CBOR ---- */

/* Appends the current token's text; empty for what is no scalar. */
static struct span put_token(struct gather *g, struct awl_json_reader *json,
                             enum awl_json_token token)
{
    struct awl_buf *out = &g->error->text;
    struct span span = {out->len, 0};
    if (token == AWL_JSON_STRING)
        awl_json_unescape(out, json->text);
    else if (token == AWL_JSON_NUMBER)
        awl_buf_append_str(out, json->text);
    else
        awl_json_skip(json, token);
    span.len = out->len - span.at;
    return span;
}

struct fields {
    struct span type, code, message, description;
};

/* Where the text of a member goes, or NULL. */
static struct span *find_field(struct fields *fields, awl_str key)
{
    struct span *field = NULL;
    if (awl_str_eq(key, STR("__type")))
        field = &fields->type;
    else if (awl_str_eq_nocase(key, STR("code")))
        field = &fields->code;
    else if (awl_str_eq_nocase(key, STR("message")) ||
             awl_str_eq(key, STR("errorMessage")))
        field = &fields->message;
    else if (awl_str_eq(key, STR("error_description")))
        field = &fields->description;
    return field != NULL && field->len == 0 ? field : NULL;
}

static bool scan_json(struct gather *g, struct fields *fields)
{
    struct awl_json_reader json;
    enum awl_json_token token;
    awl_json_reader_init(&json, awl_buf_str(&g->response->body));
    if (awl_json_next(&json) != AWL_JSON_OBJECT_BEGIN)
        return false;
    while ((token = awl_json_next(&json)) == AWL_JSON_KEY) {
        struct span *field = find_field(fields, json.text);
        token = awl_json_next(&json);
        if (field != NULL)
            *field = put_token(g, &json, token);
        else
            awl_json_skip(&json, token);
    }
    return token == AWL_JSON_OBJECT_END;
}

static void scan_cbor(struct gather *g, struct fields *fields)
{
    struct awl_buf *scratch = &g->reader.wire->scratch;
    struct awl_cbor cbor, head;
    awl_str text;
    awl_cbor_init(&cbor, awl_buf_str(&g->response->body));
    if (awl_cbor_next(&cbor) != AWL_CBOR_MAP)
        return;
    head = cbor;
    for (uint64_t taken = 0; awl_cbor_item(&cbor, &head, taken); taken++) {
        if (cbor.token != AWL_CBOR_STRING || !awl_cbor_text(&cbor, scratch, &text))
            return;
        struct span *field = find_field(fields, text);
        if (awl_cbor_next(&cbor) == AWL_CBOR_STRING && field != NULL) {
            if (!awl_cbor_text(&cbor, scratch, &text))
                return;
            *field = put(g, text);
        } else if (!awl_cbor_skip(&cbor)) {
            return;
        }
    }
}

static void gather_fields(struct gather *g)
{
    struct fields fields = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
    const struct awl_headers *headers = &g->response->headers;
    enum awl_protocol protocol = g->reader.wire->protocol;
    awl_str body = awl_buf_str(&g->response->body);
    awl_str value;
    if (protocol == AWL_PROTOCOL_CBOR)
        scan_cbor(g, &fields);
    else if (awl_str_trim(body).len > 0 && !scan_json(g, &fields) && !is_html(body))
        fields.message = put(g, awl_str_slice(awl_str_trim(body), 0, RAW_MESSAGE_MAX));
    g->message = fields.message.len > 0 ? fields.message : fields.description;
    bool rest = protocol == AWL_PROTOCOL_REST_JSON;
    struct span first = rest ? fields.code : fields.type;
    struct span second = rest ? fields.type : fields.code;
    if (awl_headers_get(headers, STR("x-amzn-errortype"), &value) && value.len > 0)
        g->code = put(g, clean_code(value));
    else
        g->code = put_own(g, clean_code(span_text(g, first.len > 0 ? first : second)));
}

/* ---- XML ---- */

static struct span put_xml_text(struct gather *g, struct awl_xml *xml)
{
    awl_str raw;
    bool plain;
    struct awl_buf *out = &g->error->text;
    struct span span = {out->len, 0};
    if (!awl_xml_text(xml, &raw, &plain))
        return span;
    if (awl_xml_decode(out, raw) != AWL_OK)
        awl_buf_truncate(out, span.at);
    span.len = out->len - span.at;
    return span;
}

/* The children of the Error element. A model may have a member called Code too. */
static void scan_error(struct gather *g, struct awl_xml *xml)
{
    while (awl_xml_child(xml)) {
        if (awl_str_eq(xml->name, STR("Code")) && g->code.len == 0)
            g->code = put_xml_text(g, xml);
        else if (awl_str_eq(xml->name, STR("Message")))
            g->message = put_xml_text(g, xml);
        else if (awl_str_eq(xml->name, STR("Type")))
            g->type = put_xml_text(g, xml);
        else if (awl_str_eq(xml->name, STR("RequestId")))
            g->request_id = put_xml_text(g, xml);
        else
            awl_xml_skip(xml);
    }
}

/* Error stands at the root (S3), below it, or in its Errors (ec2). */
static void scan_envelope(struct gather *g, struct awl_xml *xml)
{
    while (awl_xml_child(xml)) {
        if (awl_str_eq(xml->name, STR("Error")))
            scan_error(g, xml);
        else if (awl_str_eq(xml->name, STR("Errors")))
            scan_envelope(g, xml);
        else if (awl_str_eq_nocase(xml->name, STR("RequestId")))
            g->request_id = put_xml_text(g, xml);
        else
            awl_xml_skip(xml);
        if (xml->depth == 0)
            return;
    }
}

static void gather_xml(struct gather *g)
{
    struct awl_xml xml;
    awl_str body = awl_buf_str(&g->response->body);
    if (is_html(body))
        return;
    awl_xml_init(&xml, body);
    if (!awl_xml_child(&xml))
        return;
    if (awl_str_eq(xml.name, STR("Error")))
        scan_error(g, &xml);
    else
        scan_envelope(g, &xml);
}

/* ---- members ---- */

/* Text members of the Error element that no model names. */
static void add_text_members(struct gather *g, struct awl_xml *xml)
{
    lua_State *L = g->reader.L;
    struct awl_buf *scratch = &g->reader.wire->scratch;
    awl_str raw;
    bool plain;
    while (awl_xml_child(xml)) {
        awl_str name = xml->name;
        struct awl_xml ahead = *xml;
        if (awl_xml_child(&ahead) || !awl_xml_text(xml, &raw, &plain)) {
            awl_xml_skip(xml);
            continue;
        }
        awl_buf_clear(scratch);
        if (awl_str_eq(name, STR("Code")) || awl_str_eq(name, STR("Message")) ||
            awl_str_eq(name, STR("Type")) || awl_xml_decode(scratch, raw) != AWL_OK)
            continue;
        lua_pushlstring(L, name.ptr, name.len);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL) {
            lua_pop(L, 2);
            continue;
        }
        lua_pop(L, 1);
        lua_pushlstring(L, awl_buf_cstr(scratch), scratch->len);
        lua_rawset(L, -3);
    }
}

static void push_xml_members(struct gather *g)
{
    struct awl_reader *reader = &g->reader;
    const struct awl_shape *shape = g->error->shape;
    awl_str body = awl_buf_str(&g->response->body);
    struct awl_xml xml;
    awl_xml_init(&xml, body);
    bool found = awl_xml_child(&xml);
    while (found && !awl_str_eq(xml.name, STR("Error")))
        found = awl_xml_child(&xml) ||
                (xml.reason == NULL && xml.depth > 0 && awl_xml_child(&xml));
    if (!found || shape == NULL || awl_xml_read_element(reader, shape, &xml) != AWL_OK)
        lua_newtable(reader->L);
    if (reader->wire->protocol != AWL_PROTOCOL_REST_XML || !found)
        return;
    awl_xml_init(&xml, body);
    while (awl_xml_child(&xml) && !awl_str_eq(xml.name, STR("Error")))
        ;
    if (xml.reason == NULL && xml.depth > 0)
        add_text_members(g, &xml);
}

static bool is_xml(const struct awl_wire *wire)
{
    return wire->protocol == AWL_PROTOCOL_REST_XML ||
           wire->protocol == AWL_PROTOCOL_QUERY || wire->protocol == AWL_PROTOCOL_EC2;
}

static void push_members(struct gather *g)
{
    struct awl_reader *reader = &g->reader;
    const struct awl_shape *shape = g->error->shape;
    enum awl_protocol protocol = reader->wire->protocol;
    if (is_xml(reader->wire))
        push_xml_members(g);
    else if (shape == NULL ||
             awl_body_read(reader, shape, awl_buf_str(&g->response->body)) != AWL_OK)
        lua_newtable(reader->L);
    int table = lua_gettop(reader->L);
    if (shape != NULL &&
        (protocol == AWL_PROTOCOL_REST_JSON || protocol == AWL_PROTOCOL_REST_XML)) {
        awl_rest_read_status(reader, shape, g->response->status);
        awl_rest_read_headers(reader, shape, &g->response->headers);
    }
    lua_settop(reader->L, table);
}

/* ---- all together ---- */

/* "AWS.SimpleQueueService.NonExistentQueue;Sender" */
static void gather_query_code(struct gather *g)
{
    awl_str value;
    if (!awl_headers_get(&g->response->headers, STR("x-amzn-query-error"), &value))
        return;
    size_t semicolon = awl_str_find(value, ';', 0);
    if (semicolon == SIZE_MAX || semicolon == 0)
        return;
    g->query_code = put(g, awl_str_slice(value, 0, semicolon));
    g->type = put(g, awl_str_slice(value, semicolon + 1, value.len));
}

static void gather_status(struct gather *g)
{
    char status[16];
    snprintf(status, sizeof(status), "%d", g->response->status);
    g->code = put(g, awl_str_of(status));
    if (g->message.len == 0)
        g->message = put(g, awl_str_of(status_words(g->response->status)));
}

static void set_text(lua_State *L, const char *name, awl_str text)
{
    lua_pushlstring(L, text.ptr, text.len);
    lua_setfield(L, -2, name);
}

static const struct awl_shape *find_shape(const struct gather *g)
{
    const struct awl_model *model = g->reader.model;
    const struct awl_shape *shape =
        awl_model_error_shape(model, g->operation, span_text(g, g->code));
    if (shape == NULL && g->query_code.len > 0)
        shape = awl_model_error_shape(model, g->operation, span_text(g, g->query_code));
    return shape;
}

enum awl_rc awl_wire_read_error(struct awl_wire *wire, lua_State *L,
                                const struct awl_operation *operation,
                                const struct awl_response *response,
                                struct awl_service_error *error, struct awl_error *err)
{
    struct gather g = {.operation = operation, .response = response, .error = error};
    struct awl_error ignored = AWL_ERROR_INIT;
    if (!lua_checkstack(L, 24))
        return awl_error_set(err, AWL_ELIMIT, "the Lua stack is full");
    int top = lua_gettop(L);
    awl_reader_init(&g.reader, wire, L, &ignored);
    awl_buf_clear(&error->text);
    if (is_xml(wire))
        gather_xml(&g);
    else
        gather_fields(&g);
    gather_query_code(&g);
    if (g.code.len == 0)
        gather_status(&g);
    error->shape = find_shape(&g);
    push_members(&g);
    if (g.query_code.len > 0)
        set_text(L, "QueryErrorCode", span_text(&g, g.code));
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);

    awl_str request_id = awl_wire_request_id(response);
    if (request_id.len > 0)
        g.request_id = put(&g, request_id);
    error->code = span_text(&g, g.query_code.len > 0 ? g.query_code : g.code);
    error->message = span_text(&g, g.message);
    error->type = span_text(&g, g.type);
    error->request_id = span_text(&g, g.request_id);
    return AWL_OK;
}

/* ---- request ids ---- */

#define REQUEST_ID_WINDOW 1024 /* it stands at the beginning or at the end */

static awl_str find_element(awl_str text, awl_str open)
{
    const char *found =
        text.len > 0 ? memmem(text.ptr, text.len, open.ptr, open.len) : NULL;
    if (found == NULL)
        return (awl_str){"", 0};
    awl_str rest = awl_str_slice(text, (size_t)(found - text.ptr) + open.len, text.len);
    size_t close = awl_str_find(rest, '<', 0);
    return close != SIZE_MAX ? awl_str_slice(rest, 0, close) : (awl_str){"", 0};
}

static awl_str from_metadata(awl_str text)
{
    awl_str mark = STR("<ResponseMetadata>");
    const char *found =
        text.len > 0 ? memmem(text.ptr, text.len, mark.ptr, mark.len) : NULL;
    return found != NULL ? awl_str_slice(text, (size_t)(found - text.ptr), text.len)
                         : (awl_str){NULL, 0};
}

/* Members may be called RequestId too: what is surely not one of them goes first. */
static awl_str find_request_id(awl_str text)
{
    awl_str id = find_element(from_metadata(text), STR("<RequestId>"));
    if (id.len == 0)
        id = find_element(text, STR("<requestId>"));
    if (id.len == 0)
        id = find_element(text, STR("<RequestID>"));
    return id.len > 0 ? id : find_element(text, STR("<RequestId>"));
}

awl_str awl_wire_request_id(const struct awl_response *response)
{
    awl_str id;
    if (awl_headers_get(&response->headers, STR("x-amzn-requestid"), &id) ||
        awl_headers_get(&response->headers, STR("x-amz-request-id"), &id))
        return id;
    awl_str body = awl_buf_str(&response->body);
    if (body.len == 0 || awl_str_trim(awl_str_slice(body, 0, 64)).len == 0 ||
        awl_str_trim(awl_str_slice(body, 0, 64)).ptr[0] != '<')
        return (awl_str){"", 0};
    size_t tail = body.len > REQUEST_ID_WINDOW ? body.len - REQUEST_ID_WINDOW : 0;
    id = find_request_id(awl_str_slice(body, tail, body.len));
    return id.len > 0 ? id : find_request_id(awl_str_slice(body, 0, REQUEST_ID_WINDOW));
}
