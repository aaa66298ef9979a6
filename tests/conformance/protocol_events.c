/* Messages of event streams: frames to values and values to frames, as a client and as
 * a server. */
#include "protocol_vectors.h"

#include <stdio.h>

#include "aws/base64.h"
#include "aws/timestamp.h"
#include "wire/event.h"

#define BODY_MAX ((size_t)32 << 20)
#define HEADERS_MAX 64

/* ---- what the other suites need ---- */

static awl_str plain_name(awl_str name)
{
    if (awl_str_eq(name, STR("event-type")))
        return STR(":event-type");
    return awl_str_eq(name, STR("message-type")) ? STR(":message-type") : name;
}

static void put_plain(struct awl_buf *out, const struct awl_event_message *from)
{
    struct awl_event_header headers[HEADERS_MAX];
    struct awl_event_message message = {.headers = headers, .payload = from->payload};
    bool has_type = false;
    for (size_t i = 0; i < from->header_count && i + 1 < HEADERS_MAX; i++) {
        headers[i] = from->headers[i];
        headers[i].name = plain_name(headers[i].name);
        has_type = has_type || awl_str_eq(headers[i].name, STR(":message-type"));
        message.header_count++;
    }
    if (!has_type)
        headers[message.header_count++] = (struct awl_event_header){
            STR(":message-type"), AWL_EVENT_STRING, 0, STR("event")};
    awl_event_encode(out, &message, NULL);
}

void events_plain_body(struct awl_buf *out, awl_str base64)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    struct awl_buf frames;
    bool found;
    awl_buf_init(&frames, BODY_MAX);
    awl_event_decoder_init(&decoder);
    awl_base64_decode(&frames, base64, AWL_BASE64_STANDARD);
    awl_event_decoder_feed(&decoder, frames.ptr, frames.len, NULL);
    while (awl_event_decoder_next(&decoder, &message, &found, NULL) == AWL_OK && found)
        put_plain(out, &message);
    awl_event_decoder_release(&decoder);
    awl_buf_release(&frames);
}

static struct vectors_json *copy_of(const struct vectors_json *json)
{
    struct vectors_json *copy = vectors_alloc(sizeof(*copy));
    *copy = *json;
    return copy;
}

const struct vectors_json *events_listed(const struct awl_model *model,
                                         const struct awl_operation *operation,
                                         const struct vectors_json *result)
{
    struct awl_event_target target;
    if (result == NULL || !awl_event_target(model, operation, false, &target))
        return result;
    awl_str name = awl_model_str(model, target.member->name);
    struct vectors_json *whole = copy_of(result);
    for (struct vectors_json **at = &whole->first; *at != NULL; at = &(*at)->next) {
        *at = copy_of(*at);
        if (!awl_str_eq((*at)->key, name) || (*at)->type != VECTORS_OBJECT)
            continue;
        struct vectors_json *event = copy_of(*at);
        event->key = (awl_str){NULL, 0};
        event->next = NULL;
        (*at)->type = VECTORS_ARRAY;
        (*at)->first = event;
    }
    return whole;
}

/* ---- one case ---- */

struct run {
    struct vectors_suite *suite;
    lua_State *L;
    struct models_service service;
    struct awl_wire wire;
    struct awl_random random;
    const struct vectors_json *test;
    char name[128];
    bool server; /* the side that is looked at */
    bool failed; /* the case has been told */
};

static void fail(struct run *run, const char *what, awl_str actual)
{
    if (!run->failed)
        vectors_fail(run->suite, run->name, "%s: %s: %.*s",
                     run->server ? "server" : "client", what, STR_ARG(actual));
    run->failed = true;
}

static bool decode(struct awl_event_decoder *decoder, awl_str frame,
                   struct awl_event_message *message)
{
    bool found = false;
    awl_event_decoder_init(decoder);
    return awl_event_decoder_feed(decoder, frame.ptr, frame.len, NULL) == AWL_OK &&
           awl_event_decoder_next(decoder, message, &found, NULL) == AWL_OK && found;
}

static bool expects_failure(const struct run *run)
{
    return vectors_get(vectors_get(run->test, "expectation"), "failure") != NULL;
}

static bool is_expected_error(const struct run *run,
                              const struct awl_service_error *error)
{
    awl_str id = vectors_text(
        vectors_get(vectors_get(run->test, "expectation"), "failure"), "errorId");
    return id.len == 0 ||
           (error->shape != NULL &&
            awl_str_eq(awl_model_str(&run->service.model, error->shape->name), id));
}

/* ---- headers of messages ---- */

/* A number that the model calls `integer` may come in any width. */
static bool equal_kind(awl_str kind, enum awl_event_type type)
{
    bool is_integer = type >= AWL_EVENT_BYTE && type <= AWL_EVENT_INT64;
    if (awl_str_eq(kind, STR("boolean")))
        return type == AWL_EVENT_TRUE || type == AWL_EVENT_FALSE;
    if (awl_str_eq(kind, STR("blob")))
        return type == AWL_EVENT_BYTES;
    if (awl_str_eq(kind, STR("string")))
        return type == AWL_EVENT_STRING;
    return awl_str_eq(kind, STR("timestamp")) ? type == AWL_EVENT_TIMESTAMP : is_integer;
}

static bool equal_bytes(awl_str actual, awl_str base64)
{
    struct awl_buf bytes;
    awl_buf_init(&bytes, BODY_MAX);
    bool same = awl_base64_decode(&bytes, base64, AWL_BASE64_STANDARD) == AWL_OK &&
                awl_str_eq(awl_buf_str(&bytes), actual);
    awl_buf_release(&bytes);
    return same;
}

static bool equal_header(const struct awl_event_header *header,
                         const struct vectors_json *value)
{
    struct awl_timestamp time;
    int64_t integer;
    if (!equal_kind(value->key, header->type))
        return false;
    switch (header->type) {
    case AWL_EVENT_TRUE:
    case AWL_EVENT_FALSE:
        return value->boolean == (header->type == AWL_EVENT_TRUE);
    case AWL_EVENT_BYTES:
        return equal_bytes(header->text, value->text);
    case AWL_EVENT_STRING:
        return awl_str_eq(header->text, value->text);
    case AWL_EVENT_TIMESTAMP:
        return awl_timestamp_parse(value->text, &time) &&
               header->integer == time.seconds * 1000 + time.nanoseconds / 1000000;
    default:
        return awl_str_to_int64(value->text, &integer) && integer == header->integer;
    }
}

static void check_headers(struct run *run, const struct vectors_json *expected,
                          const struct awl_event_message *message)
{
    size_t count = 0;
    for (const struct vectors_json *item = expected != NULL ? expected->first : NULL;
         item != NULL; item = item->next, count++) {
        const struct awl_event_header *header = awl_event_header(message, item->key);
        if (header == NULL || item->first == NULL || !equal_header(header, item->first))
            fail(run, "header", item->key);
    }
    if (expected != NULL && count != message->header_count)
        fail(run, "other headers than expected", STR(""));
}

static void check_body(struct run *run, const struct vectors_json *event, awl_str payload)
{
    const struct vectors_json *body = vectors_get(event, "body");
    if (body == NULL)
        return;
    bool json = awl_str_eq(vectors_text(event, "bodyMediaType"), STR("application/json"));
    if (json ? !bodies_equal_json(payload, body->text) : !awl_str_eq(payload, body->text))
        fail(run, "body", payload);
}

/* ---- events ---- */

static void check_written(struct run *run, const struct awl_event_target *target,
                          const struct vectors_json *event)
{
    const struct vectors_json *params = vectors_get(event, "params");
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    struct awl_buf frame;
    if (params == NULL)
        return;
    awl_buf_init(&frame, BODY_MAX);
    values_push(run->L, &run->service.model, target->stream, params);
    enum awl_rc rc = awl_wire_write_event(&run->wire, run->L, -1, target, &frame, &err);
    if (rc != AWL_OK) {
        fail(run, "not written", awl_str_of(err.message));
    } else if (!decode(&decoder, awl_buf_str(&frame), &message)) {
        fail(run, "no frame", STR(""));
    } else {
        check_headers(run, vectors_get(event, "headers"), &message);
        check_body(run, event, message.payload);
    }
    if (rc == AWL_OK)
        awl_event_decoder_release(&decoder);
    awl_buf_release(&frame);
    lua_settop(run->L, 0);
}

static void check_event(struct run *run, const struct awl_event_target *target,
                        const struct vectors_json *event, enum awl_message_kind kind,
                        const struct awl_service_error *error)
{
    const struct vectors_json *params = vectors_get(event, "params");
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    if (kind == AWL_MESSAGE_ERROR && !expects_failure(run))
        fail(run, "an error", error->code);
    else if (kind == AWL_MESSAGE_ERROR && !is_expected_error(run, error))
        fail(run, "another error", error->code);
    else if (kind == AWL_MESSAGE_UNKNOWN)
        fail(run, "an unknown event", STR(""));
    else if (kind == AWL_MESSAGE_EVENT && params != NULL &&
             !values_equal(run->L, &run->service.model, target->stream, params, &why))
        fail(run, "event", awl_buf_str(&why));
    awl_buf_release(&why);
}

static void check_read(struct run *run, const struct awl_event_target *target,
                       const struct vectors_json *event)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    enum awl_message_kind kind;
    struct awl_buf frame;
    awl_buf_init(&frame, BODY_MAX);
    awl_service_error_init(&error);
    awl_base64_decode(&frame, vectors_text(event, "bytes"), AWL_BASE64_STANDARD);
    if (!decode(&decoder, awl_buf_str(&frame), &message))
        fail(run, "no frame", STR(""));
    else if (awl_wire_read_event(&run->wire, run->L, target, &message, &kind, &error,
                                 &err) == AWL_OK)
        check_event(run, target, event, kind, &error);
    else if (!expects_failure(run))
        fail(run, "not read", awl_str_of(err.message));
    awl_event_decoder_release(&decoder);
    awl_service_error_release(&error);
    awl_buf_release(&frame);
    lua_settop(run->L, 0);
}

static void run_events(struct run *run)
{
    const struct vectors_json *events = vectors_get(run->test, "events");
    struct awl_event_target target;
    for (const struct vectors_json *event = events != NULL ? events->first : NULL;
         event != NULL; event = event->next) {
        bool input = awl_str_eq(vectors_text(event, "type"), STR("request"));
        if (!awl_event_target(&run->service.model, run->service.operation, input,
                              &target))
            fail(run, "the operation has no such stream", STR(""));
        else if (input == run->server)
            check_read(run, &target, event);
        else if (!expects_failure(run))
            check_written(run, &target, event);
    }
}

/* ---- the messages around the events ---- */

static void add_headers(struct awl_headers *headers, const struct vectors_json *from)
{
    const struct vectors_json *all = vectors_get(from, "headers");
    for (const struct vectors_json *h = all != NULL ? all->first : NULL; h != NULL;
         h = h->next)
        awl_headers_add(headers, h->key, h->text);
}

static void check_fields(struct run *run, const struct awl_headers *headers,
                         const struct vectors_json *expected)
{
    const struct vectors_json *all = vectors_get(expected, "headers");
    for (const struct vectors_json *h = all != NULL ? all->first : NULL; h != NULL;
         h = h->next) {
        awl_str value = STR("");
        if (!awl_headers_get(headers, h->key, &value) || !awl_str_eq(value, h->text))
            fail(run, "header field", h->key);
    }
}

/* The frames of all events, as one body. */
static void put_frames(struct awl_buf *out, const struct run *run)
{
    const struct vectors_json *events = vectors_get(run->test, "events");
    for (const struct vectors_json *event = events != NULL ? events->first : NULL;
         event != NULL; event = event->next)
        awl_base64_decode(out, vectors_text(event, "bytes"), AWL_BASE64_STANDARD);
}

static const struct vectors_json *initial_params(const struct run *run, bool input)
{
    return vectors_get(run->test,
                       input ? "initialRequestParams" : "initialResponseParams");
}

/* What was read, on top of the stack, has what the case says. */
static void check_params(struct run *run, bool input)
{
    const struct vectors_json *params = initial_params(run, input);
    const struct awl_model *model = &run->service.model;
    for (const struct vectors_json *p = params != NULL ? params->first : NULL; p != NULL;
         p = p->next) {
        uint32_t outer =
            input ? run->service.operation->input : run->service.operation->output;
        const struct awl_member *member =
            awl_model_member_by_name(model, awl_model_shape(model, outer), p->key);
        struct awl_buf why;
        awl_buf_init(&why, BODY_MAX);
        lua_pushlstring(run->L, p->key.ptr, p->key.len);
        lua_rawget(run->L, -2);
        if (member == NULL ||
            !values_equal(run->L, model, awl_model_shape(model, member->shape), p, &why))
            fail(run, "initial member", p->key);
        lua_pop(run->L, 1);
        awl_buf_release(&why);
    }
}

static void push_params(struct run *run, bool input)
{
    const struct vectors_json *params = initial_params(run, input);
    uint32_t outer =
        input ? run->service.operation->input : run->service.operation->output;
    if (params != NULL)
        values_push(run->L, &run->service.model,
                    awl_model_shape(&run->service.model, outer), params);
    else
        lua_newtable(run->L);
}

static void write_request(struct run *run, const struct vectors_json *expected)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    awl_request_init(&request, BODY_MAX);
    push_params(run, true);
    if (awl_wire_write_input(&run->wire, run->L, 1, run->service.operation, &request,
                             &err) != AWL_OK)
        fail(run, "not written", awl_str_of(err.message));
    else if (!awl_str_eq(request.method, vectors_text(expected, "method")) ||
             !awl_str_eq(awl_buf_str(&request.path), vectors_text(expected, "uri")))
        fail(run, "target", awl_buf_str(&request.path));
    else
        check_fields(run, &request.headers, expected);
    awl_request_release(&request);
}

static void read_request(struct run *run, const struct vectors_json *given)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    awl_request_init(&request, BODY_MAX);
    awl_str uri = given != NULL ? vectors_text(given, "uri")
                                : awl_model_str(&run->service.model,
                                                run->service.operation->request_uri);
    request.method = STR("POST");
    awl_buf_append_str(&request.path, uri);
    add_headers(&request.headers, given);
    put_frames(&request.body, run);
    if (awl_wire_read_input(&run->wire, run->L, run->service.operation, &request, 0,
                            &err) != AWL_OK) {
        if (!expects_failure(run))
            fail(run, "request not read", awl_str_of(err.message));
    } else if (expects_failure(run)) {
        fail(run, "request accepted", STR(""));
    } else {
        check_params(run, true);
    }
    awl_request_release(&request);
}

static void write_response(struct run *run, const struct vectors_json *expected)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    push_params(run, false);
    if (awl_wire_write_output(&run->wire, run->L, 1, run->service.operation, STR("id"),
                              &response, &err) != AWL_OK)
        fail(run, "not written", awl_str_of(err.message));
    else if (response.status != vectors_int(expected, "code", 200))
        fail(run, "status", STR(""));
    else
        check_fields(run, &response.headers, expected);
    awl_response_release(&response);
}

static void read_error(struct run *run, const struct awl_response *response)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    awl_service_error_init(&error);
    if (awl_wire_read_error(&run->wire, run->L, run->service.operation, response, &error,
                            &err) != AWL_OK)
        fail(run, "error not read", awl_str_of(err.message));
    else if (!expects_failure(run) || !is_expected_error(run, &error))
        fail(run, "another error", error.code);
    awl_service_error_release(&error);
}

static void read_response(struct run *run, const struct vectors_json *given)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    response.status = (int)vectors_int(given, "code", 200);
    add_headers(&response.headers, given);
    awl_buf_append_str(&response.body, vectors_text(given, "body"));
    put_frames(&response.body, run);
    if (response.status >= 300) {
        read_error(run, &response);
    } else if (awl_wire_read_output(&run->wire, run->L, run->service.operation, &response,
                                    0, &err) != AWL_OK) {
        if (!expects_failure(run))
            fail(run, "answer not read", awl_str_of(err.message));
    } else if (expects_failure(run)) {
        fail(run, "answer accepted", STR(""));
    } else {
        check_params(run, false);
    }
    awl_response_release(&response);
}

/* A request if the case is about one, an answer if it is about that. */
static bool is_about(const struct run *run, bool input)
{
    const struct vectors_json *events = vectors_get(run->test, "events");
    bool initial =
        vectors_get(run->test, input ? "initialRequest" : "initialResponse") != NULL;
    for (const struct vectors_json *event = events != NULL ? events->first : NULL;
         event != NULL; event = event->next)
        if (awl_str_eq(vectors_text(event, "type"), STR("request")) == input)
            return true;
    return initial;
}

static void run_messages(struct run *run)
{
    const struct vectors_json *request = vectors_get(run->test, "initialRequest");
    const struct vectors_json *response = vectors_get(run->test, "initialResponse");
    if (run->server && is_about(run, true))
        read_request(run, request);
    lua_settop(run->L, 0);
    if (!run->server && request != NULL)
        write_request(run, request);
    lua_settop(run->L, 0);
    if (!run->server && is_about(run, false))
        read_response(run, response);
    lua_settop(run->L, 0);
    if (run->server && response != NULL && !expects_failure(run))
        write_response(run, response);
    lua_settop(run->L, 0);
}

static void run_side(struct run *run, bool server)
{
    awl_str only = vectors_text(run->test, "appliesTo");
    if (only.len > 0 && !awl_str_eq(only, server ? STR("server") : STR("client")))
        return;
    run->server = server;
    run_events(run);
    run_messages(run);
}

static void run_operation(struct run *run, const struct vectors_json *group)
{
    const struct vectors_json *cases = vectors_get(group, "cases");
    run->service.operation =
        awl_model_operation(&run->service.model, vectors_text(group, "shape"));
    for (run->test = cases != NULL ? cases->first : NULL; run->test != NULL;
         run->test = run->test->next) {
        snprintf(run->name, sizeof(run->name), "%.*s",
                 STR_ARG(vectors_text(run->test, "id")));
        run->failed = false;
        if (run->service.operation == NULL) {
            fail(run, "no operation", vectors_text(group, "shape"));
            continue;
        }
        run_side(run, false);
        run_side(run, true);
        if (!run->failed)
            vectors_pass(run->suite);
    }
}

static void run_file(struct vectors_suite *suite, lua_State *L, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct run run = {.suite = suite, .L = L};
    const struct vectors_json *file = vectors_json_read(path);
    const struct vectors_json *tests = vectors_get(file, "tests");
    if (file == NULL || tests == NULL ||
        !models_open_whole(&run.service, vectors_get(file, "model"), &err)) {
        vectors_fail(suite, path, "no model: %s", err.message);
        return;
    }
    awl_random_seed(&run.random, 1);
    if (awl_wire_init(&run.wire, L, &run.service.model, run.service.model.protocol,
                      &run.random, &err) != AWL_OK)
        vectors_fail(suite, path, "%s", err.message);
    else
        for (const struct vectors_json *group = tests->first; group != NULL;
             group = group->next)
            run_operation(&run, group);
    lua_settop(L, 0);
    awl_wire_release(&run.wire, L);
    models_close(&run.service);
}

void protocol_events(struct vectors_suite *suite, lua_State *L, const char *folder)
{
    const char **files = vectors_list(folder);
    for (; files != NULL && *files != NULL; files++)
        if (awl_str_ends(awl_str_of(*files), STR("-protocol-tests.json")))
            run_file(suite, L, vectors_path(folder, *files));
}
