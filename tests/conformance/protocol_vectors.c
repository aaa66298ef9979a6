/* Runs the vectors of the wire protocols: requests are written, answers are read.
 *
 *     protocol_vectors FOLDER
 *     protocol_vectors --services    without vectors: every service there and back */
#include "protocol_vectors.h"

#include <lauxlib.h>
#include <stdio.h>

#include "aws/base64.h"
#include "call/compress.h"
#include "call/request_checksum.h"
#include "wire/writer.h"

#define BODY_MAX ((size_t)16 * 1024 * 1024)

/* Names of a case and its suite, for messages. */
struct run {
    lua_State *L;
    struct vectors_suite *counts;
    struct vectors_suite *served; /* the same cases from the server's side */
    const struct vectors_json *suite;
    const struct vectors_json *test;
    struct models_service service;
    struct awl_wire wire;
    struct awl_random random;
    char name[160];
};

static void fail(struct run *run, const char *what, awl_str actual, awl_str expected)
{
    vectors_fail(run->counts, run->name, "%s: '%.*s', expected '%.*s'", what,
                 STR_ARG(awl_str_slice(actual, 0, 600)),
                 STR_ARG(awl_str_slice(expected, 0, 600)));
}

static const struct vectors_json *given(const struct run *run)
{
    return vectors_get(run->test, "given");
}

/* The suites' word for event streams is in a case or in a shape of its model. */
static bool is_event_stream(const struct run *run)
{
    const struct vectors_json *shapes = vectors_get(run->suite, "shapes");
    for (const struct vectors_json *shape = shapes != NULL ? shapes->first : NULL;
         shape != NULL; shape = shape->next)
        if (vectors_bool(shape, "eventstream", false))
            return true;
    return false;
}

static bool open_case(struct run *run)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (!models_open(&run->service, run->suite, given(run), &err)) {
        vectors_fail(run->counts, run->name, "no model: %s", err.message);
        models_close(&run->service);
        return false;
    }
    /* A generator that gives only zeros: 00000000-0000-4000-8000-000000000000. */
    run->random = (struct awl_random){{0, 0, 0, 0}};
    if (awl_wire_init(&run->wire, run->L, &run->service.model,
                      run->service.model.protocol, &run->random, &err) == AWL_OK)
        return true;
    vectors_skip(run->counts, run->name, err.message);
    awl_wire_release(&run->wire, run->L);
    models_close(&run->service);
    return false;
}

static void close_case(struct run *run)
{
    lua_settop(run->L, 0);
    awl_wire_release(&run->wire, run->L);
    models_close(&run->service);
}

static const struct awl_shape *shape_at(const struct run *run, uint32_t index)
{
    return index != AWL_MODEL_NONE ? awl_model_shape(&run->service.model, index) : NULL;
}

/* ---- requests ---- */

/* Without the spaces that stand behind commas. */
static void squeeze(struct awl_buf *out, awl_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ' ' || i == 0 || value.ptr[i - 1] != ',')
            awl_buf_append_char(out, value.ptr[i]);
}

static bool equal_header(awl_str name, awl_str actual, awl_str expected)
{
    struct awl_buf a, b;
    awl_buf_init(&a, BODY_MAX);
    awl_buf_init(&b, BODY_MAX);
    squeeze(&a, actual);
    squeeze(&b, expected);
    bool same = awl_str_eq(awl_buf_str(&a), awl_buf_str(&b)) ||
                (awl_str_eq_nocase(name, STR("content-type")) &&
                 awl_str_starts(actual, expected) &&
                 awl_str_eq(awl_str_slice(actual, expected.len, actual.len),
                            STR("; charset=utf-8")));
    awl_buf_release(&a);
    awl_buf_release(&b);
    return same;
}

static bool has_header(const struct awl_request *request, awl_str name)
{
    /* The transport's: what has a body has a length. */
    if (awl_str_eq_nocase(name, STR("content-length")))
        return request->body.len > 0 || request->streaming;
    return awl_headers_get(&request->headers, name, NULL);
}

/* An empty list sends no header, as the older suites want it; the newer ones have an
 * empty one. */
static bool is_list_header(const struct run *run, awl_str name)
{
    const struct awl_model *model = &run->service.model;
    const struct awl_shape *input = shape_at(run, run->service.operation->input);
    if (input == NULL)
        return false;
    const struct awl_member *member = awl_model_member_by_wire_name(model, input, name);
    return member != NULL && member->location == AWL_LOCATION_HEADER &&
           awl_model_shape(model, member->shape)->type == AWL_SHAPE_LIST;
}

static bool is_header_as(const struct run *run, const struct vectors_json *expected,
                         const struct awl_request *request, awl_str *value)
{
    *value = STR("(none)");
    if (!awl_headers_get(&request->headers, expected->key, value))
        return expected->text.len == 0 && is_list_header(run, expected->key);
    return equal_header(expected->key, *value, expected->text);
}

static bool check_headers(struct run *run, const struct vectors_json *expected,
                          const struct awl_request *request)
{
    const struct vectors_json *all = vectors_get(expected, "headers");
    for (const struct vectors_json *h = all != NULL ? all->first : NULL; h != NULL;
         h = h->next) {
        awl_str value;
        if (!is_header_as(run, h, request, &value)) {
            fail(run, "header", value, h->text);
            return false;
        }
    }
    all = vectors_get(expected, "requireHeaders");
    for (const struct vectors_json *h = all != NULL ? all->first : NULL; h != NULL;
         h = h->next)
        if (!has_header(request, h->text)) {
            fail(run, "header missing", STR(""), h->text);
            return false;
        }
    all = vectors_get(expected, "forbidHeaders");
    for (const struct vectors_json *h = all != NULL ? all->first : NULL; h != NULL;
         h = h->next)
        if (has_header(request, h->text)) {
            fail(run, "header that may not be", h->text, STR(""));
            return false;
        }
    return true;
}

/* The path of the endpoint that the vectors' client has, without a slash at its end. */
static awl_str endpoint_path(awl_str endpoint)
{
    size_t scheme = awl_str_find(endpoint, ':', 0);
    size_t path = scheme == SIZE_MAX ? SIZE_MAX : awl_str_find(endpoint, '/', scheme + 3);
    if (path == SIZE_MAX)
        return (awl_str){"", 0};
    awl_str text = awl_str_slice(endpoint, path, endpoint.len);
    return awl_str_ends(text, STR("/")) ? awl_str_slice(text, 0, text.len - 1) : text;
}

static awl_str endpoint_host(awl_str endpoint)
{
    size_t scheme = awl_str_find(endpoint, ':', 0);
    awl_str rest = scheme == SIZE_MAX ? STR("example.com")
                                      : awl_str_slice(endpoint, scheme + 3, endpoint.len);
    return awl_str_slice(rest, 0, awl_str_find(rest, '/', 0));
}

static bool check_uri(struct run *run, const struct vectors_json *expected,
                      const struct awl_request *request)
{
    awl_str uri = vectors_text(expected, "uri");
    awl_str endpoint = vectors_text(run->suite, "clientEndpoint");
    size_t mark = awl_str_find(uri, '?', 0);
    awl_str query = mark == SIZE_MAX ? STR("") : awl_str_slice(uri, mark + 1, uri.len);
    struct awl_buf path;
    awl_buf_init(&path, BODY_MAX);
    awl_buf_append_str(&path, endpoint_path(endpoint));
    awl_buf_append_str(&path, awl_buf_str(&request->path));
    bool same = true;
    if (uri.len > 0 && !awl_str_eq(awl_buf_str(&path), awl_str_slice(uri, 0, mark))) {
        fail(run, "path", awl_buf_str(&path), awl_str_slice(uri, 0, mark));
        same = false;
    } else if (uri.len > 0 && !bodies_equal_query(awl_buf_str(&request->query), query)) {
        fail(run, "query", awl_buf_str(&request->query), query);
        same = false;
    }
    awl_buf_release(&path);
    return same;
}

static bool check_target(struct run *run, const struct vectors_json *expected,
                         const struct awl_request *request)
{
    awl_str method = vectors_text(expected, "method");
    if (method.len > 0 && !awl_str_eq(request->method, method)) {
        fail(run, "method", request->method, method);
        return false;
    }
    awl_str host = vectors_text(expected, "host");
    host = awl_str_slice(host, 0, awl_str_find(host, '/', 0));
    struct awl_buf actual;
    awl_buf_init(&actual, BODY_MAX);
    awl_buf_append_str(&actual, awl_buf_str(&request->host_prefix));
    awl_buf_append_str(&actual,
                       endpoint_host(vectors_text(run->suite, "clientEndpoint")));
    bool same = host.len == 0 || awl_str_eq(awl_buf_str(&actual), host);
    if (!same)
        fail(run, "host", awl_buf_str(&actual), host);
    awl_buf_release(&actual);
    return same && check_uri(run, expected, request);
}

static bool equal_body(const struct run *run, awl_str actual, awl_str expected)
{
    if (expected.len == 0)
        return actual.len == 0;
    switch (run->wire.protocol) {
    case AWL_PROTOCOL_QUERY:
    case AWL_PROTOCOL_EC2:
        return bodies_equal_form(actual, expected);
    case AWL_PROTOCOL_REST_XML:
        return bodies_equal_xml(actual, expected);
    case AWL_PROTOCOL_CBOR:
        return bodies_equal_cbor(&run->service.model,
                                 shape_at(run, run->service.operation->input), actual,
                                 expected);
    default:
        return bodies_equal_json(actual, expected);
    }
}

static bool check_body(struct run *run, const struct vectors_json *expected,
                       const struct awl_request *request, awl_str streamed)
{
    const struct vectors_json *body = vectors_get(expected, "body");
    awl_str actual = request->streaming ? streamed : awl_buf_str(&request->body);
    if (body == NULL || body->type != VECTORS_STRING ||
        equal_body(run, actual, body->text))
        return true;
    fail(run, "body", actual, body->text);
    return false;
}

/* The content of a streamed payload, which the caller sends. */
static awl_str streamed(const struct run *run)
{
    const struct awl_model *model = &run->service.model;
    const struct awl_shape *input = shape_at(run, run->service.operation->input);
    awl_str text = {NULL, 0};
    if (input == NULL || input->payload == 0)
        return text;
    const struct awl_member *payload =
        &awl_model_members(model, input)[input->payload - 1];
    lua_getfield(run->L, 1, awl_model_str(model, payload->name).ptr);
    text.ptr = lua_tolstring(run->L, -1, &text.len);
    lua_pop(run->L, 1);
    return text;
}

/* What is sent may say less, or more, than what was given: tokens are added, an empty
 * map sends nothing. Then the input that was read sends the same again. */
static bool is_sent_again(struct run *run, const struct vectors_json *expected)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request again;
    struct vectors_suite *counts = run->counts;
    struct vectors_suite aside = {.name = "sent again"};
    awl_request_init(&again, BODY_MAX);
    run->counts = &aside;
    bool same = awl_wire_write_input(&run->wire, run->L, lua_gettop(run->L),
                                     run->service.operation, &again, &err) == AWL_OK &&
                check_target(run, expected, &again) &&
                check_headers(run, expected, &again) &&
                check_body(run, expected, &again, streamed(run));
    run->counts = counts;
    awl_request_release(&again);
    return same;
}

/* The other side: what was written is this operation's, and reads back as it was. */
static void serve_input(struct run *run, const struct awl_request *request,
                        const struct vectors_json *params,
                        const struct vectors_json *expected)
{
    struct awl_error err = AWL_ERROR_INIT;
    const struct awl_shape *input = shape_at(run, run->service.operation->input);
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    lua_settop(run->L, 0);
    if (awl_wire_match(&run->wire, request) != run->service.operation)
        vectors_fail(run->served, run->name, "matches no operation");
    else if (awl_wire_read_input(&run->wire, run->L, run->service.operation, request, 0,
                                 &err) != AWL_OK)
        vectors_fail(run->served, run->name, "not read: %s", err.message);
    else if (input != NULL && params != NULL &&
             !values_equal(run->L, &run->service.model, input, params, &why) &&
             !is_sent_again(run, expected))
        vectors_fail(run->served, run->name, "%s", awl_buf_cstr(&why));
    else
        vectors_pass(run->served);
    awl_buf_release(&why);
}

/* What a call does with a body that has been written. */
static enum awl_rc finish_body(const struct run *run, struct awl_request *request,
                               awl_str body, struct awl_error *err)
{
    static const struct awl_compression settings = {
        .min_bytes = AWL_COMPRESSION_MIN_BYTES,
    };
    const struct awl_model *model = &run->service.model;
    const struct awl_operation *operation = run->service.operation;
    enum awl_rc rc = AWL_OK;

    if (awl_compress_wanted(&settings, model, operation, request->streaming, body.len)) {
        rc = awl_compress_body(request, body, err);
        body = awl_buf_str(&request->body);
    }
    return rc == AWL_OK ? awl_request_checksum_add(model, operation, false,
                                                   &request->headers, body, err)
                        : rc;
}

static void run_input(struct run *run)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    const struct vectors_json *params = vectors_get(run->test, "params");
    const struct vectors_json *expected = vectors_get(run->test, "serialized");
    const struct awl_shape *input = shape_at(run, run->service.operation->input);

    awl_request_init(&request, BODY_MAX);
    if (params != NULL)
        values_push(run->L, &run->service.model, input, params);
    else
        lua_newtable(run->L);
    int index = input != NULL ? 1 : 0;
    if (awl_wire_write_input(&run->wire, run->L, index, run->service.operation, &request,
                             &err) != AWL_OK)
        vectors_fail(run->counts, run->name, "not written: %s", err.message);
    else if (finish_body(run, &request,
                         request.streaming ? streamed(run) : awl_buf_str(&request.body),
                         &err) != AWL_OK)
        vectors_fail(run->counts, run->name, "not finished: %s", err.message);
    else if (check_target(run, expected, &request) &&
             check_headers(run, expected, &request) &&
             check_body(run, expected, &request, streamed(run))) {
        vectors_pass(run->counts);
        if (request.streaming) /* as the caller would send it */
            awl_buf_append_str(&request.body, streamed(run));
        if (!awl_headers_get(&request.headers, STR("Content-Encoding"), NULL))
            serve_input(run, &request, params, expected);
    }
    awl_request_release(&request);
}

/* ---- answers ---- */

static void fill_response(const struct run *run, struct awl_response *response)
{
    const struct vectors_json *from = vectors_get(run->test, "response");
    const struct vectors_json *headers = vectors_get(from, "headers");
    awl_str body = vectors_text(from, "body");
    response->status = (int)vectors_int(from, "status_code", 200);
    for (const struct vectors_json *h = headers != NULL ? headers->first : NULL;
         h != NULL; h = h->next)
        awl_headers_add(&response->headers, h->key, h->text);
    if (is_event_stream(run))
        events_plain_body(&response->body, body);
    else if (run->wire.protocol == AWL_PROTOCOL_CBOR)
        awl_base64_decode(&response->body, body, AWL_BASE64_STANDARD);
    else
        awl_buf_append_str(&response->body, body);
}

/* A fraction of a second has no place in an HTTP date. */
static bool is_rounded(const struct awl_member *member, const struct awl_shape *shape,
                       const struct vectors_json *value)
{
    enum awl_timestamp_format otherwise = member->location == AWL_LOCATION_HEADER
                                              ? AWL_TIMESTAMP_RFC822
                                              : AWL_TIMESTAMP_DEFAULT;
    return shape->type == AWL_SHAPE_TIMESTAMP && value->type == VECTORS_NUMBER &&
           awl_str_find(value->text, '.', 0) != SIZE_MAX &&
           awl_writer_timestamp_format(member, shape, otherwise) == AWL_TIMESTAMP_RFC822;
}

/* What no server of ours can say: members that its model does not have, nulls in lists
 * that are not sparse. */
static bool is_unspeakable(const struct awl_model *model, const struct awl_shape *shape,
                           const struct vectors_json *result)
{
    for (const struct vectors_json *item = result->first; item != NULL;
         item = item->next) {
        const struct awl_member *member = values_member(model, shape, item->key);
        const struct awl_shape *target =
            member != NULL ? awl_model_shape(model, member->shape) : NULL;
        if (awl_str_eq(item->key, STR("SDK_UNKNOWN_MEMBER")) ||
            (item->type == VECTORS_NULL && result->type == VECTORS_ARRAY) ||
            (target != NULL && is_rounded(member, target, item)) ||
            is_unspeakable(model, target, item))
            return true;
    }
    return false;
}

/* So does a map without a prefix. */
static bool takes_every_header(const struct run *run)
{
    const struct awl_model *model = &run->service.model;
    const struct awl_shape *output = shape_at(run, run->service.operation->output);
    for (uint16_t i = 0; output != NULL && i < output->member_count; i++) {
        const struct awl_member *member = &awl_model_members(model, output)[i];
        if (member->location == AWL_LOCATION_HEADERS &&
            awl_model_str(model, member->wire_name).len == 0)
            return true;
    }
    return false;
}

/* The other side: the expected result is written, and reads back as it was. */
static void serve_result(struct run *run, const struct vectors_json *result)
{
    struct awl_error err = AWL_ERROR_INIT;
    const struct awl_shape *output = shape_at(run, run->service.operation->output);
    struct awl_response response;
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    awl_response_init(&response, BODY_MAX);
    lua_settop(run->L, 0);
    values_push(run->L, &run->service.model, output, result);
    if (awl_wire_write_output(&run->wire, run->L, 1, run->service.operation,
                              STR("the-id"), &response, &err) != AWL_OK)
        vectors_fail(run->served, run->name, "not written: %s", err.message);
    else if (!awl_str_eq(awl_wire_request_id(&response), STR("the-id")))
        vectors_fail(run->served, run->name, "no request id");
    else if (lua_settop(run->L, 0),
             awl_wire_read_output(&run->wire, run->L, run->service.operation, &response,
                                  0, &err) != AWL_OK)
        vectors_fail(run->served, run->name, "not read: %s", err.message);
    else if (output != NULL &&
             !values_equal(run->L, &run->service.model, output, result, &why))
        vectors_fail(run->served, run->name, "%s of %.*s", awl_buf_cstr(&why),
                     (int)response.body.len, awl_buf_cstr(&response.body));
    else
        vectors_pass(run->served);
    awl_response_release(&response);
    awl_buf_release(&why);
}

static void run_result(struct run *run, const struct awl_response *response)
{
    struct awl_error err = AWL_ERROR_INIT;
    const struct vectors_json *result = events_listed(
        &run->service.model, run->service.operation, vectors_get(run->test, "result"));
    const struct awl_shape *output = shape_at(run, run->service.operation->output);
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    if (awl_wire_read_output(&run->wire, run->L, run->service.operation, response, 0,
                             &err) != AWL_OK)
        vectors_fail(run->counts, run->name, "not read: %s", err.message);
    else if (lua_gettop(run->L) != 1)
        vectors_fail(run->counts, run->name, "the stack is unbalanced");
    else if (result != NULL && result->type == VECTORS_OBJECT &&
             !values_equal(run->L, &run->service.model, output, result, &why))
        vectors_fail(run->counts, run->name, "%s", awl_buf_cstr(&why));
    else {
        vectors_pass(run->counts);
        if (result != NULL && result->type == VECTORS_OBJECT &&
            !is_unspeakable(&run->service.model, output, result) &&
            !takes_every_header(run))
            serve_result(run, result);
    }
    awl_buf_release(&why);
}

/* Takes the members that no model names, as rest-xml errors have them, off the table
 * on top. */
static void drop_unmodelled(const struct run *run, const struct awl_shape *shape)
{
    for (lua_pushnil(run->L); lua_next(run->L, -2) != 0; lua_pop(run->L, 1)) {
        awl_str key;
        key.ptr = lua_tolstring(run->L, -2, &key.len);
        if (awl_model_member_by_name(&run->service.model, shape, key) != NULL)
            continue;
        lua_pushvalue(run->L, -2);
        lua_pushnil(run->L);
        lua_rawset(run->L, -5);
    }
}

static bool equal_members(const struct run *run, const struct awl_shape *shape,
                          const struct vectors_json *members, struct awl_buf *why)
{
    drop_unmodelled(run, shape);
    return values_equal(run->L, &run->service.model, shape, members, why);
}

static void serve_error(struct run *run, const struct awl_service_error *read,
                        const struct vectors_json *members)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    struct awl_response response;
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    awl_service_error_init(&error);
    awl_response_init(&response, BODY_MAX);
    lua_settop(run->L, 0);
    values_push(run->L, &run->service.model, read->shape, members);
    if (awl_wire_write_error(&run->wire, run->L, run->service.operation, 0, read->code,
                             read->message, 1, STR("the-id"), &response, &err) != AWL_OK)
        vectors_fail(run->served, run->name, "not written: %s", err.message);
    else if (lua_settop(run->L, 0),
             awl_wire_read_error(&run->wire, run->L, run->service.operation, &response,
                                 &error, &err) != AWL_OK)
        vectors_fail(run->served, run->name, "not read: %s", err.message);
    else if (error.shape != read->shape ||
             (error.shape == NULL && !awl_str_eq(error.code, read->code)) ||
             !awl_str_eq(error.message, read->message) ||
             !awl_str_eq(error.request_id, STR("the-id")))
        vectors_fail(run->served, run->name, "%.*s: %.*s", STR_ARG(error.code),
                     STR_ARG(error.message));
    else if (error.shape != NULL && !equal_members(run, error.shape, members, &why))
        vectors_fail(run->served, run->name, "members: %s of %.*s", awl_buf_cstr(&why),
                     (int)response.body.len, awl_buf_cstr(&response.body));
    else
        vectors_pass(run->served);
    awl_response_release(&response);
    awl_service_error_release(&error);
    awl_buf_release(&why);
}

static void run_error(struct run *run, const struct awl_response *response)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    awl_str code = vectors_text(run->test, "errorCode");
    const struct vectors_json *message = vectors_get(run->test, "errorMessage");
    const struct vectors_json *members = vectors_get(run->test, "error");
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    awl_service_error_init(&error);
    if (awl_wire_read_error(&run->wire, run->L, run->service.operation, response, &error,
                            &err) != AWL_OK)
        vectors_fail(run->counts, run->name, "not read: %s", err.message);
    else if (code.len > 0 && !awl_str_eq(error.code, code))
        fail(run, "code", error.code, code);
    else if (message != NULL && message->type == VECTORS_STRING &&
             !awl_str_eq(error.message, message->text))
        fail(run, "message", error.message, message->text);
    else if (error.shape != NULL && !equal_members(run, error.shape, members, &why))
        vectors_fail(run->counts, run->name, "members: %s", awl_buf_cstr(&why));
    else if (error.shape == NULL && members->first != NULL)
        vectors_fail(run->counts, run->name, "no shape for '%.*s'", STR_ARG(error.code));
    else {
        vectors_pass(run->counts);
        serve_error(run, &error, members);
    }
    awl_service_error_release(&error);
    awl_buf_release(&why);
}

static void run_output(struct run *run)
{
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    fill_response(run, &response);
    if (vectors_get(run->test, "error") != NULL)
        run_error(run, &response);
    else
        run_result(run, &response);
    awl_response_release(&response);
}

/* ---- files ---- */

static void run_case(struct run *run, unsigned position)
{
    awl_str id = vectors_text(run->test, "id");
    awl_str description = vectors_text(run->suite, "description");
    if (id.len > 0)
        snprintf(run->name, sizeof(run->name), "%.*s", STR_ARG(id));
    else
        snprintf(run->name, sizeof(run->name), "%.*s #%u", STR_ARG(description),
                 position);
    bool input = vectors_get(run->test, "serialized") != NULL;
    if (!open_case(run))
        return;
    if (input)
        run_input(run);
    else
        run_output(run);
    close_case(run);
}

static unsigned run_file(lua_State *L, const char *folder, const char *file,
                         struct vectors_suite *served)
{
    const struct vectors_json *suites = vectors_json_read(vectors_path(folder, file));
    struct vectors_suite counts = {.name = vectors_path(folder, file)};
    struct run run = {.L = L, .counts = &counts, .served = served};
    if (suites == NULL || suites->type != VECTORS_ARRAY) {
        vectors_fail(&counts, "the file", "is no list of suites");
        vectors_report(&counts);
        return counts.failed;
    }
    for (run.suite = suites->first; run.suite != NULL; run.suite = run.suite->next) {
        const struct vectors_json *cases = vectors_get(run.suite, "cases");
        unsigned position = 0;
        for (run.test = cases != NULL ? cases->first : NULL; run.test != NULL;
             run.test = run.test->next)
            run_case(&run, ++position);
    }
    vectors_report(&counts);
    return counts.failed;
}

static unsigned run_folder(lua_State *L, const char *root, const char *folder,
                           struct vectors_suite *served)
{
    unsigned failed = 0;
    const char *path = vectors_path(root, folder);
    const char **files = vectors_list_json(path);
    for (; files != NULL && *files != NULL; files++)
        failed += run_file(L, path, *files, served);
    return failed;
}

static unsigned run_services(lua_State *L)
{
    struct vectors_suite services = {.name = "every service"};
    protocol_services(&services, L);
    vectors_report(&services);
    return services.failed;
}

int main(int argc, char **argv)
{
    static const char *const folders[] = {
        "protocols/input",         "protocols/output",      "protocols/legacy/input",
        "protocols/legacy/output", "protocols-extra/input", "protocols-extra/output",
    };
    struct vectors_suite served = {.name = "the server's side"};
    unsigned failed = 0;
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return 1;
    if (argc == 2 && strcmp(argv[1], "--services") == 0) {
        failed = run_services(L);
        lua_close(L);
        return failed > 0;
    }
    if (argc < 2 || !vectors_exists(argv[1])) {
        printf("SKIPPED: there is no folder of vectors\n");
        lua_close(L);
        return 0;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        failed += run_folder(L, argv[1], folders[i], &served);
    vectors_report(&served);
    failed += served.failed;
    struct vectors_suite responses = {.name = "response-parsing"};
    struct vectors_suite json = {.name = "json-parsing"};
    struct vectors_suite cbor = {.name = "cbor"};
    struct vectors_suite events = {.name = "eventstream"};
    protocol_responses(&responses, L, vectors_path(argv[1], "response-parsing"));
    protocol_json_parsing(&json, vectors_path(argv[1], "json-parsing"));
    protocol_cbor(&cbor, vectors_path(argv[1], "cbor"));
    protocol_events(&events, L, vectors_path(argv[1], "eventstream"));
    vectors_report(&responses);
    vectors_report(&json);
    vectors_report(&cbor);
    vectors_report(&events);
    lua_close(L);
    return failed + responses.failed + json.failed + cbor.failed + events.failed > 0;
}
