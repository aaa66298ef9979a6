#include "wire/wire.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "wire/codec.h"
#include "wire/document.h"

#define SLOTS 24 /* of the Lua stack, at the outermost level */
#define SCRATCH_MAX ((size_t)64 * 1024 * 1024)

static const struct awl_codec *codec_of(enum awl_protocol protocol)
{
    switch (protocol) {
    case AWL_PROTOCOL_JSON:
        return &awl_json_codec;
    case AWL_PROTOCOL_REST_JSON:
    case AWL_PROTOCOL_REST_XML:
        return &awl_rest_codec;
    case AWL_PROTOCOL_QUERY:
    case AWL_PROTOCOL_EC2:
        return &awl_query_codec;
    case AWL_PROTOCOL_CBOR:
        return &awl_cbor_codec;
    case AWL_PROTOCOL_COUNT:
        break;
    }
    return NULL;
}

enum awl_rc awl_wire_init(struct awl_wire *wire, lua_State *L,
                          const struct awl_model *model, enum awl_protocol protocol,
                          struct awl_random *random, struct awl_error *err)
{
    *wire = (struct awl_wire){
        .model = model, .protocol = protocol, .keys = LUA_NOREF, .random = random};
    awl_buf_init(&wire->scratch, SCRATCH_MAX);
    awl_buf_init(&wire->scratch2, SCRATCH_MAX);
    if (codec_of(protocol) == NULL)
        return awl_error_set(err, AWL_EINPUT, "the protocol of '%.*s' is not supported",
                             STR_ARG(model->name));
    wire->presize = calloc(model->shape_count + 1u, sizeof(*wire->presize));
    wire->follow =
        calloc((size_t)model->shape_count + model->member_count + 1, sizeof(uint16_t));
    if (wire->presize == NULL || wire->follow == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    luaL_newmetatable(L, AWL_JSON_ARRAY);
    lua_pop(L, 1);
    lua_createtable(L, (int)model->key_count + (1 << AWL_TEXT_BITS), 0);
    wire->keys = luaL_ref(L, LUA_REGISTRYINDEX);
    return AWL_OK;
}

void awl_wire_release(struct awl_wire *wire, lua_State *L)
{
    if (L != NULL)
        luaL_unref(L, LUA_REGISTRYINDEX, wire->keys);
    wire->keys = LUA_NOREF;
    free(wire->presize);
    free(wire->follow);
    wire->presize = NULL;
    wire->follow = NULL;
    awl_buf_release(&wire->scratch);
    awl_buf_release(&wire->scratch2);
}

/* The stack index of a table, or 0 for nil: then every member is absent. */
static int table_index(lua_State *L, int index)
{
    return index != 0 && !lua_isnoneornil(L, index) ? lua_absindex(L, index) : 0;
}

static enum awl_rc prepare(lua_State *L, struct awl_error *err)
{
    if (lua_checkstack(L, SLOTS))
        return AWL_OK;
    return awl_error_set(err, AWL_ELIMIT, "the Lua stack is full");
}

static enum awl_rc check_buffer(enum awl_rc rc, const char *what, struct awl_error *err)
{
    if (rc == AWL_OK)
        return AWL_OK;
    if (rc == AWL_ENOMEM)
        return awl_error_set(err, rc, "out of memory");
    return awl_error_set(err, rc, "the %s is too large", what);
}

enum awl_rc awl_wire_write_input(struct awl_wire *wire, lua_State *L, int index,
                                 const struct awl_operation *operation,
                                 struct awl_request *request, struct awl_error *err)
{
    struct awl_walk walk;
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    index = table_index(L, index);
    awl_walk_init(&walk, wire, L, NULL);
    codec_of(wire->protocol)->write_input(&walk, index, operation, request);
    lua_settop(L, top);
    rc = awl_problems_report(&walk.problems, "input", operation, err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&request->body), "body of the request", err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&request->path), "path of the request", err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&request->query), "query string", err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&request->host_prefix), "host prefix", err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&request->headers.text), "header", err);
    return rc;
}

/* Leaves the value on top in place of all that was pushed since `top`. */
static enum awl_rc finish_read(lua_State *L, int top, enum awl_rc rc)
{
    if (rc == AWL_OK)
        lua_replace(L, top + 1);
    lua_settop(L, rc == AWL_OK ? top + 1 : top);
    return rc;
}

/* A portal, a proxy or a server that is none of AWS's answers in HTML. */
static bool is_web_page(const struct awl_response *response)
{
    awl_str type;
    return awl_headers_get(&response->headers, STR("content-type"), &type) &&
           awl_str_starts_nocase(type, STR("text/html"));
}

enum awl_rc awl_wire_read_output(struct awl_wire *wire, lua_State *L,
                                 const struct awl_operation *operation,
                                 const struct awl_response *response, int stream,
                                 struct awl_error *err)
{
    struct awl_reader reader;
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    stream = stream != 0 ? lua_absindex(L, stream) : 0;
    awl_reader_init(&reader, wire, L, err);
    rc = codec_of(wire->protocol)->read_output(&reader, operation, response, stream);
    if (rc != AWL_OK && err != NULL) {
        awl_str name = awl_model_operation_name(wire->model, operation);
        awl_error_prefix(err, "the answer of %.*s:%.*s is not what the model says%s",
                         STR_ARG(wire->model->name), STR_ARG(name),
                         is_web_page(response)
                             ? " but a web page (check the endpoint and the proxy)"
                             : "");
    }
    return finish_read(L, top, rc);
}

enum awl_rc awl_wire_read_input(struct awl_wire *wire, lua_State *L,
                                const struct awl_operation *operation,
                                const struct awl_request *request, int stream,
                                struct awl_error *err)
{
    struct awl_reader reader;
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    stream = stream != 0 ? lua_absindex(L, stream) : 0;
    awl_reader_init(&reader, wire, L, err);
    rc = codec_of(wire->protocol)->read_input(&reader, operation, request, stream);
    if (rc != AWL_OK && err != NULL) {
        awl_str name = awl_model_operation_name(wire->model, operation);
        awl_error_prefix(err, "the request for %.*s:%.*s is not what the model says",
                         STR_ARG(wire->model->name), STR_ARG(name));
    }
    return finish_read(L, top, rc);
}

enum awl_rc awl_wire_write_output(struct awl_wire *wire, lua_State *L, int index,
                                  const struct awl_operation *operation,
                                  awl_str request_id, struct awl_response *response,
                                  struct awl_error *err)
{
    struct awl_walk walk;
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    index = table_index(L, index);
    awl_walk_init(&walk, wire, L, NULL);
    codec_of(wire->protocol)->write_output(&walk, index, operation, request_id, response);
    lua_settop(L, top);
    rc = awl_problems_report(&walk.problems, "output", operation, err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&response->body), "body of the answer", err);
    if (rc == AWL_OK)
        rc = check_buffer(awl_buf_rc(&response->headers.text), "header", err);
    return rc;
}

enum awl_rc awl_wire_read_payload(struct awl_wire *wire, lua_State *L,
                                  const struct awl_shape *shape, awl_str bytes,
                                  struct awl_error *err)
{
    struct awl_reader reader;
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    awl_reader_init(&reader, wire, L, err);
    return finish_read(L, top, awl_body_read(&reader, shape, bytes));
}

enum awl_rc awl_wire_write_payload(struct awl_wire *wire, lua_State *L, int index,
                                   const struct awl_shape *shape, struct awl_buf *out,
                                   struct awl_error *err)
{
    struct awl_walk walk;
    struct awl_presence present;
    struct awl_body_root root = {
        .name = awl_model_str(wire->model, shape->name),
        .uri = AWL_MODEL_NONE,
        .prefix = AWL_MODEL_NONE,
    };
    enum awl_rc rc = prepare(L, err);
    if (rc != AWL_OK)
        return rc;
    int top = lua_gettop(L);
    index = table_index(L, index);
    awl_walk_init(&walk, wire, L, NULL);
    if (awl_walk_presence(&walk, NULL, shape, index, false, &present))
        awl_body_write_members(&walk, &root, shape, index, &present, AWL_ELSEWHERE_NONE,
                               out);
    lua_settop(L, top);
    rc = awl_problems_report(&walk.problems, "payload", NULL, err);
    return rc == AWL_OK ? check_buffer(awl_buf_rc(out), "payload", err) : rc;
}
