/* A service's codecs from the server's side: requests to input tables, output tables
 * to answers. */
#include <lauxlib.h>

#include "aws/aws_chunked.h"
#include "bind/server.h"
#include "bind/services.h"
#include "model/catalog.h"
#include "script/error_value.h"
#include "script/runtime.h"
#include "wire/event.h"
#include "wire/wire.h"

#define WIRE "awl.server.wire"
#define PLAIN "awl.server.plain"
#define BODY_MAX ((size_t)1 << 30)
#define HEADERS_MAX ((size_t)1 << 20)

struct wire_box {
    struct awl_model model;
    struct awl_wire wire;
    bool open;
};

/* What replaces parts of a request whose body was encoded. */
struct plain {
    struct awl_headers headers;
    struct awl_buf body;
};

static struct wire_box *check_wire(lua_State *L)
{
    return luaL_checkudata(L, 1, WIRE);
}

static awl_str check_str(lua_State *L, int index)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, index, &text.len);
    return text;
}

static awl_str opt_str(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? STR("") : check_str(L, index);
}

static const struct awl_operation *check_operation(lua_State *L, struct wire_box *box,
                                                   int index)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str name = check_str(L, index);
    const struct awl_operation *operation = awl_model_operation(&box->model, name);
    if (operation == NULL) {
        awl_model_operation_unknown(&box->model, name, &err);
        awl_raise(L, &err);
    }
    return operation;
}

/* wire:match(exchange) -> the operation's name, or nil */
static int wire_match(lua_State *L)
{
    struct wire_box *box = check_wire(L);
    const struct awl_request *request =
        awl_exchange_request(awl_server_check_exchange(L, 2));
    const struct awl_operation *operation = awl_wire_match(&box->wire, request);
    if (operation == NULL)
        return 0;
    awl_str name = awl_model_operation_name(&box->model, operation);
    lua_pushlstring(L, name.ptr, name.len);
    return 1;
}

static int plain_gc(lua_State *L)
{
    struct plain *plain = luaL_checkudata(L, 1, PLAIN);
    awl_headers_release(&plain->headers);
    awl_buf_release(&plain->body);
    return 0;
}

static struct plain *push_plain(lua_State *L)
{
    struct plain *plain = lua_newuserdatauv(L, sizeof(*plain), 0);
    awl_headers_init(&plain->headers, HEADERS_MAX);
    awl_buf_init(&plain->body, BODY_MAX);
    luaL_setmetatable(L, PLAIN);
    return plain;
}

/* Replaces headers and body of the view by their plain forms, which a userdata that is
 * pushed owns. */
static void decode_body(lua_State *L, struct awl_request *view)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct plain *plain = push_plain(L);
    for (size_t i = 0; i < view->headers.count; i++)
        if (awl_headers_add(&plain->headers, awl_headers_name(&view->headers, i),
                            awl_headers_value(&view->headers, i)) != AWL_OK)
            luaL_error(L, "not enough memory");
    if (awl_chunked_decode(awl_buf_str(&view->body), &plain->headers, &plain->body,
                           &err) != AWL_OK)
        awl_raise(L, &err);
    view->headers = plain->headers;
    view->body = plain->body;
}

/* wire:read_input(operation, exchange) -> input; raises for a request that is not what
 * the model says */
static int wire_read_input(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct wire_box *box = check_wire(L);
    const struct awl_operation *operation = check_operation(L, box, 2);
    /* A view: nothing in it is owned. */
    struct awl_request view = *awl_exchange_request(awl_server_check_exchange(L, 3));
    if (awl_chunked_is(&view.headers))
        decode_body(L, &view);
    if (awl_wire_read_input(&box->wire, L, operation, &view, 0, &err) != AWL_OK)
        return awl_raise(L, &err);
    return 1;
}

/* The member that is a streamed body, or NULL. */
static const struct awl_member *stream_member(const struct awl_model *model,
                                              const struct awl_operation *operation)
{
    if (operation->output == AWL_MODEL_NONE ||
        !(operation->flags & AWL_OPERATION_STREAM_OUTPUT))
        return NULL;
    const struct awl_shape *shape = awl_model_shape(model, operation->output);
    return shape->payload > 0 ? &awl_model_members(model, shape)[shape->payload - 1]
                              : NULL;
}

/* wire:respond_output(exchange, operation, output, request_id, headers, status)
 * -> false when the client has gone; raises when the output is not what the model says */
static int wire_respond_output(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct wire_box *box = check_wire(L);
    struct awl_exchange *exchange = awl_server_check_exchange(L, 2);
    const struct awl_operation *operation = check_operation(L, box, 3);
    if (!lua_isnoneornil(L, 4))
        luaL_checktype(L, 4, LUA_TTABLE);
    lua_settop(L, 7);
    struct awl_response *response = awl_server_push_response(L);
    if (awl_wire_write_output(&box->wire, L, 4, operation, opt_str(L, 5), response,
                              &err) != AWL_OK)
        return awl_raise(L, &err);
    awl_server_add_headers(L, 6, &response->headers);
    response->status = (int)luaL_optinteger(L, 7, response->status);
    int body = 0;
    const struct awl_member *stream = stream_member(&box->model, operation);
    if (stream != NULL && lua_istable(L, 4) &&
        lua_getfield(L, 4, awl_model_str(&box->model, stream->name).ptr) != LUA_TNIL)
        body = lua_gettop(L);
    lua_pushboolean(L, awl_server_respond(L, exchange, response, body));
    return 1;
}

/* wire:frame(operation, event) -> the bytes of the message that holds it, for answers
 * in pieces */
static int wire_frame(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct wire_box *box = check_wire(L);
    const struct awl_operation *operation = check_operation(L, box, 2);
    struct awl_event_target target;
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    if (!awl_event_target(&box->model, operation, false, &target))
        return luaL_argerror(L, 2, "its answers have no event stream");
    struct plain *plain = push_plain(L);
    if (awl_wire_write_event(&box->wire, L, 3, &target, &plain->body, &err) != AWL_OK)
        return awl_raise(L, &err);
    lua_pushlstring(L, awl_buf_cstr(&plain->body), plain->body.len);
    return 1;
}

/* A field of the table at index 4 as text; it stays alive in the table. */
static awl_str error_field(lua_State *L, const char *name)
{
    awl_str text = {"", 0};
    if (lua_getfield(L, 4, name) == LUA_TSTRING)
        text.ptr = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1);
    return text;
}

/* wire:respond_error(exchange, operation or nil, { code, message, status, members },
 * request_id, headers) -> false when the client has gone */
static int wire_respond_error(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct wire_box *box = check_wire(L);
    struct awl_exchange *exchange = awl_server_check_exchange(L, 2);
    const struct awl_operation *operation =
        lua_isnil(L, 3) ? NULL : check_operation(L, box, 3);
    luaL_checktype(L, 4, LUA_TTABLE);
    lua_settop(L, 6);
    struct awl_response *response = awl_server_push_response(L);
    lua_getfield(L, 4, "status");
    int status = (int)luaL_optinteger(L, -1, 0);
    bool has_members = lua_getfield(L, 4, "members") == LUA_TTABLE;
    int members = has_members ? lua_gettop(L) : 0;
    if (awl_wire_write_error(&box->wire, L, operation, status, error_field(L, "code"),
                             error_field(L, "message"), members, opt_str(L, 5), response,
                             &err) != AWL_OK)
        return awl_raise(L, &err);
    awl_server_add_headers(L, 6, &response->headers);
    lua_pushboolean(L, awl_server_respond(L, exchange, response, 0));
    return 1;
}

/* wire.service, wire.protocol, and the methods */
static int wire_index(lua_State *L)
{
    static const char *const protocols[AWL_PROTOCOL_COUNT] = {
        [AWL_PROTOCOL_JSON] = "json",         [AWL_PROTOCOL_REST_JSON] = "rest-json",
        [AWL_PROTOCOL_REST_XML] = "rest-xml", [AWL_PROTOCOL_CBOR] = "cbor",
        [AWL_PROTOCOL_QUERY] = "query",       [AWL_PROTOCOL_EC2] = "ec2",
    };
    struct wire_box *box = check_wire(L);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    awl_str name = check_str(L, 2);
    if (awl_str_eq(name, STR("service")))
        lua_pushlstring(L, box->model.name.ptr, box->model.name.len);
    else if (awl_str_eq(name, STR("protocol")))
        lua_pushstring(L, protocols[box->wire.protocol]);
    else
        return 0;
    return 1;
}

static int wire_gc(lua_State *L)
{
    struct wire_box *box = check_wire(L);
    if (box->open)
        awl_wire_release(&box->wire, L);
    box->open = false;
    return 0;
}

static void set_classes(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"match", wire_match},
        {"read_input", wire_read_input},
        {"respond_output", wire_respond_output},
        {"frame", wire_frame},
        {"respond_error", wire_respond_error},
        {NULL, NULL},
    };
    if (luaL_newmetatable(L, WIRE)) {
        lua_pushcfunction(L, wire_gc);
        lua_setfield(L, -2, "__gc");
        luaL_newlib(L, methods);
        lua_pushcclosure(L, wire_index, 1);
        lua_setfield(L, -2, "__index");
    }
    if (luaL_newmetatable(L, PLAIN)) {
        lua_pushcfunction(L, plain_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 2);
}

int awl_server_wire(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_runtime *runtime = awl_runtime(L);
    awl_str service = check_str(L, 1);
    set_classes(L);
    struct wire_box *box = lua_newuserdatauv(L, sizeof(*box), 0);
    box->open = false;
    luaL_setmetatable(L, WIRE);
    if (awl_services_open_models(runtime, &err) != AWL_OK ||
        awl_catalog_open(runtime->models, service, STR(""), &box->model, &err) !=
            AWL_OK ||
        awl_wire_init(&box->wire, L, &box->model, box->model.protocol, &runtime->random,
                      &err) != AWL_OK)
        return awl_raise(L, &err);
    box->open = true;
    return 1;
}
