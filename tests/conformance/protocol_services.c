/* Every operation of every service: an input with all that its model has is written,
 * found again as this operation's, and read back; the same for its output and for each
 * of its errors. */
#include "protocol_vectors.h"

#include <lauxlib.h>
#include <stdio.h>

#include "model/embedded.h"

#define BODY_MAX ((size_t)64 << 20)
#define DEPTH_ALL 2 /* levels at which optional members are there too */
#define DEPTH_END 12

struct service {
    struct vectors_suite *suite;
    lua_State *L;
    struct awl_model model;
    struct awl_wire wire;
    struct awl_random random;
    const struct awl_operation *operation;
    bool is_output;
    bool is_plain; /* what is made stands where bytes that divide or need escapes may not
                    */
    unsigned operations;
    char name[256];
};

/* ---- making values ---- */

static void make(struct service *s, const struct awl_shape *shape, unsigned depth);

static size_t least(const struct service *s, const struct awl_shape *shape)
{
    struct awl_shape_extra extra;
    awl_model_shape_extra(&s->model, shape, &extra);
    return extra.has_min && extra.min > 1 ? (size_t)extra.min : 1;
}

static void make_text(struct service *s, const struct awl_shape *shape)
{
    luaL_Buffer text;
    luaL_buffinit(s->L, &text);
    for (size_t i = least(s, shape); i > 0; i--)
        luaL_addchar(&text, 'x');
    if (!s->is_plain)
        luaL_addstring(&text, " <&>\"'\xc3\xbc,;=+/%\\\n]]>\x7f");
    if (!s->is_plain && shape->type == AWL_SHAPE_BLOB)
        luaL_addlstring(&text, "\0\xff", 2);
    luaL_pushresult(&text);
}

static bool is_wanted(const struct service *s, const struct awl_shape *shape,
                      const struct awl_member *member, unsigned index, unsigned depth)
{
    const struct awl_shape *target = awl_model_shape(&s->model, member->shape);
    if (target->flags & AWL_SHAPE_EVENT_STREAM)
        return false;
    if (shape->flags & AWL_SHAPE_UNION)
        return index == 0 && depth < DEPTH_ALL;
    return depth < DEPTH_ALL || (member->flags & AWL_MEMBER_REQUIRED);
}

static void make_member(struct service *s, const struct awl_member *member,
                        unsigned depth)
{
    awl_str name = awl_model_str(&s->model, member->name);
    bool was_plain = s->is_plain;
    lua_pushlstring(s->L, name.ptr, name.len);
    s->is_plain = was_plain || (member->flags & AWL_MEMBER_HOST_LABEL) ||
                  (depth == 0 && (member->location == AWL_LOCATION_HEADER ||
                                  member->location == AWL_LOCATION_HEADERS));
    if (member->location == AWL_LOCATION_STATUS_CODE && s->is_output)
        lua_pushinteger(s->L, s->operation->response_code);
    else
        make(s, awl_model_shape(&s->model, member->shape), depth + 1);
    s->is_plain = was_plain;
    lua_rawset(s->L, -3);
}

/* An empty structure has no trace in a form: at least one scalar. */
static void make_scalar_member(struct service *s, const struct awl_shape *shape,
                               unsigned depth)
{
    const struct awl_member *members = awl_model_members(&s->model, shape);
    for (unsigned i = 0; i < shape->member_count; i++)
        if (awl_model_shape(&s->model, members[i].shape)->type > AWL_SHAPE_MAP) {
            make_member(s, &members[i], depth);
            return;
        }
    /* Of expressions one that is no expression again. */
    for (unsigned i = 0; i < shape->member_count && depth <= DEPTH_END; i++) {
        const struct awl_shape *target = awl_model_shape(&s->model, members[i].shape);
        if ((target->type == AWL_SHAPE_STRUCTURE && target != shape) ||
            i + 1 == shape->member_count) {
            make_member(s, &members[i], depth);
            return;
        }
    }
}

static void make_structure(struct service *s, const struct awl_shape *shape,
                           unsigned depth)
{
    const struct awl_member *members = awl_model_members(&s->model, shape);
    bool empty = true;
    lua_newtable(s->L);
    for (unsigned i = 0; i < shape->member_count; i++) {
        if (!is_wanted(s, shape, &members[i], i, depth))
            continue;
        make_member(s, &members[i], depth);
        empty = false;
    }
    if (empty && depth > 0)
        make_scalar_member(s, shape, depth);
}

static void make_list(struct service *s, const struct awl_shape *shape, unsigned depth)
{
    const struct awl_shape *element =
        awl_model_shape(&s->model, awl_model_members(&s->model, shape)->shape);
    size_t count = depth > DEPTH_END ? 0 : least(s, shape);
    lua_newtable(s->L);
    for (size_t i = 1; i <= count; i++) {
        make(s, element, depth + 1);
        lua_rawseti(s->L, -2, (lua_Integer)i);
    }
}

static void make_map(struct service *s, const struct awl_shape *shape, unsigned depth)
{
    const struct awl_member *parts = awl_model_members(&s->model, shape);
    const struct awl_shape *value = awl_model_shape(&s->model, parts[1].shape);
    int width = (int)least(s, awl_model_shape(&s->model, parts[0].shape));
    size_t count = depth > DEPTH_END ? 0 : least(s, shape);
    lua_newtable(s->L);
    for (size_t i = 1; i <= count; i++) {
        char key[512];
        snprintf(key, sizeof(key), "key-%0*d", width, (int)i);
        lua_pushstring(s->L, key);
        make(s, value, depth + 1);
        lua_rawset(s->L, -3);
    }
}

static void make(struct service *s, const struct awl_shape *shape, unsigned depth)
{
    luaL_checkstack(s->L, 10, NULL);
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_STRUCTURE:
        make_structure(s, shape, depth);
        break;
    case AWL_SHAPE_LIST:
        make_list(s, shape, depth);
        break;
    case AWL_SHAPE_MAP:
        make_map(s, shape, depth);
        break;
    case AWL_SHAPE_STRING:
    case AWL_SHAPE_BLOB:
        make_text(s, shape);
        break;
    case AWL_SHAPE_BOOLEAN:
        lua_pushboolean(s->L, 1);
        break;
    case AWL_SHAPE_INTEGER:
    case AWL_SHAPE_LONG:
        lua_pushinteger(s->L, (lua_Integer)least(s, shape));
        break;
    case AWL_SHAPE_FLOAT:
    case AWL_SHAPE_DOUBLE:
        lua_pushnumber(s->L, (lua_Number)least(s, shape) + 1.5);
        break;
    case AWL_SHAPE_TIMESTAMP:
        lua_pushinteger(s->L, 1700000000);
        break;
    case AWL_SHAPE_DOCUMENT:
        lua_newtable(s->L);
        lua_pushinteger(s->L, 1);
        lua_setfield(s->L, -2, "a");
        break;
    }
}

/* ---- comparing ---- */

/* Whether the values at both indices are the same, tables by what they hold. */
static bool same(lua_State *L, int a, int b)
{
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    luaL_checkstack(L, 10, NULL);
    if (!lua_istable(L, a) || !lua_istable(L, b))
        return lua_compare(L, a, b, LUA_OPEQ);
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, a) != 0; lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawget(L, b);
        bool equal = same(L, -2, -1);
        if (!equal && lua_type(L, -3) == LUA_TSTRING)
            printf("  differs: %s\n", lua_tostring(L, -3));
        lua_pop(L, 1);
        if (!equal) {
            lua_pop(L, 2);
            return false;
        }
        count++;
    }
    for (lua_pushnil(L); lua_next(L, b) != 0; lua_pop(L, 1))
        count--;
    return count == 0;
}

/* ---- operations ---- */

/* What was streamed beside the request. */
static void add_stream(struct service *s, const struct awl_shape *shape,
                       struct awl_buf *body)
{
    size_t len;
    awl_str name = awl_model_str(
        &s->model, awl_model_members(&s->model, shape)[shape->payload - 1].name);
    lua_pushlstring(s->L, name.ptr, name.len);
    lua_rawget(s->L, 1);
    const char *bytes = lua_tolstring(s->L, -1, &len);
    if (bytes != NULL)
        awl_buf_append(body, bytes, len);
    lua_pop(s->L, 1);
}

/* A few operations are told apart by nothing but their host, or their age. */
static bool is_alias(const struct awl_operation *a, const struct awl_operation *b)
{
    return a == b ||
           (a->http_method == b->http_method && a->request_uri == b->request_uri);
}

static void make_top(struct service *s, const struct awl_shape *shape)
{
    if (shape != NULL)
        make(s, shape, 0);
    else
        lua_newtable(s->L);
}

static void run_input(struct service *s, const struct awl_shape *shape)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    const struct awl_operation *found = NULL;
    awl_request_init(&request, BODY_MAX);
    make_top(s, shape);
    bool written = awl_wire_write_input(&s->wire, s->L, shape != NULL ? 1 : 0,
                                        s->operation, &request, &err) == AWL_OK;
    if (written) {
        if (request.streaming)
            add_stream(s, shape, &request.body);
        found = awl_wire_match(&s->wire, &request);
    }
    if (!written)
        vectors_fail(s->suite, s->name, "input not written: %s", err.message);
    else if (found == NULL || !is_alias(found, s->operation))
        vectors_fail(s->suite, s->name, "taken for %s",
                     found == NULL ? "none"
                                   : awl_model_operation_name(&s->model, found).ptr);
    else if (awl_wire_read_input(&s->wire, s->L, s->operation, &request, 0, &err) !=
             AWL_OK)
        vectors_fail(s->suite, s->name, "input not read: %s", err.message);
    else if (!same(s->L, 1, 2))
        vectors_fail(s->suite, s->name, "another input was read");
    else
        vectors_pass(s->suite);
    awl_request_release(&request);
}

/* Answers that cannot say all that their models have. */
static bool is_ambiguous(const struct service *s)
{
    /* A map that takes every header; two members of one name. */
    return strcmp(s->name, "dataexchange:SendApiAsset") == 0 ||
           strcmp(s->name, "s3:GetBucketNotification") == 0;
}

static void run_output(struct service *s, const struct awl_shape *shape)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    make_top(s, shape);
    if (awl_wire_write_output(&s->wire, s->L, 1, s->operation, STR("id"), &response,
                              &err) != AWL_OK)
        vectors_fail(s->suite, s->name, "output not written: %s", err.message);
    else if (awl_wire_read_output(&s->wire, s->L, s->operation, &response, 0, &err) !=
             AWL_OK)
        vectors_fail(s->suite, s->name, "output not read: %s", err.message);
    else if (!is_ambiguous(s) && !same(s->L, 1, 2))
        vectors_fail(s->suite, s->name, "another output was read: %.*s",
                     (int)(response.body.len < 300 ? response.body.len : 300),
                     awl_buf_cstr(&response.body));
    else
        vectors_pass(s->suite);
    awl_response_release(&response);
}

/* ---- errors ---- */

/* What an error answer says elsewhere: its message, its status, its code in a header. */
static bool is_said_elsewhere(const struct service *s, const struct awl_member *member)
{
    return member->location == AWL_LOCATION_STATUS_CODE ||
           awl_str_eq_nocase(awl_model_str(&s->model, member->name), STR("message")) ||
           awl_str_eq_nocase(awl_model_str(&s->model, member->wire_name),
                             STR("x-amzn-errortype"));
}

/* Takes that off the table on top, and what no model names. */
static void keep_own_members(struct service *s, const struct awl_shape *shape)
{
    lua_State *L = s->L;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        awl_str key;
        key.ptr = lua_tolstring(L, -2, &key.len);
        const struct awl_member *member = awl_model_member_by_name(&s->model, shape, key);
        if (member != NULL && !is_said_elsewhere(s, member))
            continue;
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, -5);
    }
}

static awl_str code_of(const struct service *s, const struct awl_shape *shape)
{
    struct awl_shape_extra extra;
    awl_model_shape_extra(&s->model, shape, &extra);
    return extra.error_code.len > 0 ? extra.error_code
                                    : awl_model_str(&s->model, shape->name);
}

static void run_error(struct service *s, const struct awl_shape *shape)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response response;
    struct awl_service_error error;
    awl_str code = code_of(s, shape);
    awl_response_init(&response, BODY_MAX);
    awl_service_error_init(&error);
    make(s, shape, 0);
    if (awl_wire_write_error(&s->wire, s->L, s->operation, 0, code, STR("because <&>"), 1,
                             STR("id"), &response, &err) != AWL_OK ||
        awl_wire_read_error(&s->wire, s->L, s->operation, &response, &error, &err) !=
            AWL_OK) {
        vectors_fail(s->suite, s->name, "error %s: %s", code.ptr, err.message);
    } else {
        keep_own_members(s, shape);
        lua_pushvalue(s->L, 1);
        keep_own_members(s, shape);
        if (error.shape == NULL || !awl_str_eq(code_of(s, error.shape), code))
            vectors_fail(s->suite, s->name, "error %s has another shape", code.ptr);
        else if (!awl_str_eq(error.message, STR("because <&>")))
            vectors_fail(s->suite, s->name, "error %s has another message", code.ptr);
        else if (!same(s->L, 1, 2))
            vectors_fail(s->suite, s->name, "error %s has other members", code.ptr);
        else
            vectors_pass(s->suite);
    }
    lua_settop(s->L, 0);
    awl_service_error_release(&error);
    awl_response_release(&response);
}

static const struct awl_shape *shape_of(const struct service *s, uint32_t index)
{
    return index != AWL_MODEL_NONE ? awl_model_shape(&s->model, index) : NULL;
}

static void run_operation(struct service *s)
{
    const struct awl_operation *op = s->operation;
    snprintf(s->name, sizeof(s->name), "%.*s:%.*s", STR_ARG(s->model.name),
             STR_ARG(awl_model_operation_name(&s->model, op)));
    s->is_output = false;
    if (!(op->flags & AWL_OPERATION_EVENT_INPUT))
        run_input(s, shape_of(s, op->input));
    lua_settop(s->L, 0);
    s->is_output = true;
    if (!(op->flags & AWL_OPERATION_EVENT_OUTPUT))
        run_output(s, shape_of(s, op->output));
    lua_settop(s->L, 0);
    for (uint16_t i = 0; i < op->error_count; i++)
        run_error(s, awl_model_shape(&s->model, s->model.errors[op->errors + i]));
}

static void run_service(struct service *s, enum awl_protocol protocol)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (awl_wire_init(&s->wire, s->L, &s->model, protocol, &s->random, &err) != AWL_OK) {
        vectors_fail(s->suite, s->model.name.ptr, "%s", err.message);
        return;
    }
    for (uint32_t i = 0; i < s->model.operation_count; i++) {
        s->operation = &s->model.operations[i];
        run_operation(s);
    }
    awl_wire_release(&s->wire, s->L);
    lua_gc(s->L, LUA_GCCOLLECT);
}

/* With each protocol that the service knows. */
static void run_protocols(struct service *s)
{
    s->operations += s->model.operation_count;
    for (int protocol = 0; protocol < AWL_PROTOCOL_COUNT; protocol++)
        if (s->model.protocols >> protocol & 1)
            run_service(s, (enum awl_protocol)protocol);
    if (s->model.protocols == 0)
        vectors_fail(s->suite, s->model.name.ptr, "no protocol");
}

void protocol_services(struct vectors_suite *suite, lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct service s = {.suite = suite, .L = L};
    size_t len;
    const void *bytes = awl_embedded_pack(&len);
    struct awl_pack *pack = awl_pack_open(bytes, len, "embedded", true, &err);
    awl_random_seed(&s.random, 1);
    uint32_t count = pack != NULL ? awl_pack_service_count(pack) : 0;
    for (uint32_t i = 0; i < count; i++)
        if (awl_model_open(pack, awl_pack_service_name(pack, i), &s.model, &err) ==
            AWL_OK)
            run_protocols(&s);
        else
            vectors_fail(suite, "the models", "%s", err.message);
    if (count == 0)
        vectors_fail(suite, "the models", "%s", err.message);
    printf("%u operations of %u services, with each of their protocols\n", s.operations,
           count);
    awl_pack_free(pack);
}
