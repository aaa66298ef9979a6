/* Recorded answers of real services, read with the models that awl has. */
#include "protocol_vectors.h"

#include <stdio.h>

#include "call/service.h"
#include "model/embedded.h"

#define BODY_MAX ((size_t)16 << 20)

struct recording {
    struct vectors_suite *suite;
    lua_State *L;
    const struct awl_pack *pack;
    struct awl_model model;
    const struct awl_operation *operation;
    struct awl_wire wire;
    struct awl_random random;
    char name[128];
    struct vectors_json *expected;
};

/* "service-operation-name#suffix": the model and the operation. */
static bool open_model(struct recording *r)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str name = awl_str_of(r->name);
    char method[128];
    size_t dash = awl_str_find(name, '-', 0);
    size_t end = awl_str_find(name, '#', 0);
    awl_str operation = awl_str_slice(name, dash + 1, end);
    if (dash == SIZE_MAX || operation.len >= sizeof(method))
        return false;
    for (size_t i = 0; i < operation.len; i++)
        method[i] = operation.ptr[i] == '-' ? '_' : operation.ptr[i];
    if (awl_model_open(r->pack, awl_str_slice(name, 0, dash), &r->model, &err) != AWL_OK)
        return false;
    r->operation = awl_model_operation(&r->model, awl_str_make(method, operation.len));
    return r->operation != NULL &&
           awl_wire_init(&r->wire, r->L, &r->model, r->model.protocol, &r->random,
                         &err) == AWL_OK;
}

/* What the call's pipeline adds, and what the recordings have of it. */
static bool same_request_id(const struct recording *r, awl_str actual)
{
    awl_str expected =
        vectors_text(vectors_get(r->expected, "ResponseMetadata"), "RequestId");
    return expected.len == 0 || awl_str_eq(actual, expected);
}

/* The recordings are old: members that the model of today lacks are taken out. */
static void forget_members(const struct recording *r, const struct awl_shape *shape,
                           struct vectors_json *json)
{
    struct vectors_json **link = &json->first;
    if (shape->type > AWL_SHAPE_MAP) /* what is in it has no shape */
        return;
    while (*link != NULL) {
        const struct awl_member *member = values_member(&r->model, shape, (*link)->key);
        if (member != NULL) {
            forget_members(r, awl_model_shape(&r->model, member->shape), *link);
            link = &(*link)->next;
        } else {
            *link = (*link)->next;
        }
    }
}

/* Compares what is on top with what is expected of it. */
static bool is_expected(struct recording *r, struct awl_buf *why)
{
    if (r->operation->output == AWL_MODEL_NONE)
        return true;
    const struct awl_shape *output = awl_model_shape(&r->model, r->operation->output);
    forget_members(r, output, r->expected);
    return values_equal(r->L, &r->model, output, r->expected, why);
}

/* As a call does it: the codec, then the rules of the service. */
static bool read_output(struct recording *r, const struct awl_response *response,
                        struct awl_error *err)
{
    const struct awl_service_rules *rules = awl_service_rules_of(r->model.name);

    lua_pushnil(r->L); /* the input */
    if (awl_wire_read_output(&r->wire, r->L, r->operation, response, 0, err) != AWL_OK)
        return false;
    if (rules->after_output != NULL)
        rules->after_output(r->L, &r->wire, r->operation, lua_gettop(r->L) - 1, response);
    return true;
}

static void run_result(struct recording *r, const struct awl_response *response)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf why;
    awl_buf_init(&why, BODY_MAX);
    awl_str id = awl_wire_request_id(response);
    if (!read_output(r, response, &err))
        vectors_fail(r->suite, r->name, "not read: %s", err.message);
    else if (!same_request_id(r, id))
        vectors_fail(r->suite, r->name, "request id '%.*s'", STR_ARG(id));
    else if (!is_expected(r, &why))
        vectors_fail(r->suite, r->name, "%s", awl_buf_cstr(&why));
    else
        vectors_pass(r->suite);
    awl_buf_release(&why);
}

static void run_error(struct recording *r, const struct awl_response *response)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    const struct vectors_json *expected = vectors_get(r->expected, "Error");
    awl_service_error_init(&error);
    if (awl_wire_read_error(&r->wire, r->L, r->operation, response, &error, &err) !=
        AWL_OK)
        vectors_fail(r->suite, r->name, "not read: %s", err.message);
    else if (!awl_str_eq(error.code, vectors_text(expected, "Code")) ||
             !awl_str_eq(error.message, vectors_text(expected, "Message")) ||
             !awl_str_eq(error.type, vectors_text(expected, "Type")))
        vectors_fail(r->suite, r->name, "%.*s (%.*s): %.*s", STR_ARG(error.code),
                     STR_ARG(error.type), STR_ARG(error.message));
    else if (!same_request_id(r, error.request_id))
        vectors_fail(r->suite, r->name, "request id '%.*s'", STR_ARG(error.request_id));
    else
        vectors_pass(r->suite);
    awl_service_error_release(&error);
}

static void run_recording(struct recording *r, const struct awl_response *response)
{
    if (!open_model(r)) {
        vectors_skip(r->suite, r->name, "there is no such operation now");
        return;
    }
    if (vectors_get(r->expected, "Error") != NULL)
        run_error(r, response);
    else
        run_result(r, response);
    lua_settop(r->L, 0);
    awl_wire_release(&r->wire, r->L);
}

static bool name_of(struct recording *r, const char *file, const char *suffix)
{
    awl_str name = awl_str_of(file);
    if (!awl_str_ends(name, awl_str_of(suffix)))
        return false;
    snprintf(r->name, sizeof(r->name), "%.*s", (int)(name.len - strlen(suffix)), file);
    return true;
}

static void run_xml(struct recording *r, const char *folder, int status)
{
    const char **files = vectors_list(folder);
    for (; files != NULL && *files != NULL; files++) {
        struct awl_response response;
        char expected[160];
        awl_str body;
        if (!name_of(r, *files, ".xml") ||
            !vectors_read(vectors_path(folder, *files), &body))
            continue;
        snprintf(expected, sizeof(expected), "%s.json", r->name);
        r->expected = vectors_json_read(vectors_path(folder, expected));
        awl_response_init(&response, BODY_MAX);
        response.status = status;
        awl_buf_append_str(&response.body, body);
        if (r->expected != NULL)
            run_recording(r, &response);
        awl_response_release(&response);
    }
}

static void run_json(struct recording *r, const char *errors, const char *results)
{
    const char **files = vectors_list(errors);
    for (; files != NULL && *files != NULL; files++) {
        struct awl_response response;
        const struct vectors_json *body = vectors_json_read(vectors_path(errors, *files));
        r->expected = vectors_json_read(vectors_path(results, *files));
        if (!name_of(r, *files, ".json") || body == NULL || r->expected == NULL)
            continue;
        const struct vectors_json *headers = vectors_get(body, "__headers__");
        awl_response_init(&response, BODY_MAX);
        response.status = 400;
        for (const struct vectors_json *h = headers != NULL ? headers->first : NULL;
             h != NULL; h = h->next)
            awl_headers_add(&response.headers, h->key, h->text);
        models_put_json(&response.body, body);
        run_recording(r, &response);
        awl_response_release(&response);
    }
}

void protocol_responses(struct vectors_suite *suite, lua_State *L, const char *folder)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct recording r = {.suite = suite, .L = L};
    size_t len;
    const void *bytes = awl_embedded_pack(&len);
    struct awl_pack *pack = awl_pack_open(bytes, len, "embedded", true, &err);
    if (pack == NULL) {
        vectors_fail(suite, "the models", "%s", err.message);
        return;
    }
    r.pack = pack;
    run_xml(&r, vectors_path(folder, "xml/responses"), 200);
    run_xml(&r, vectors_path(folder, "xml/errors"), 400);
    run_json(&r, vectors_path(folder, "json/errors"),
             vectors_path(folder, "json/expected"));
    awl_pack_free(pack);
}
