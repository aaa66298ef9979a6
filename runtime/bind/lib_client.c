/* awl.core.client: clients, whose methods are the operations of their service. */
#include <lauxlib.h>

#include "aws/sigv4.h"
#include "bind/bind.h"
#include "bind/model_value.h"
#include "bind/services.h"
#include "call/call.h"
#include "call/client.h"
#include "call/credentials.h"
#include "call/pipeline.h"
#include "call/presign.h"
#include "model/catalog.h"
#include "script/error_value.h"

/* The metatable of every client has this address as a key. */
static const char client_mark;

/* Names that are ours: an operation so called answers to its AWS spelling only. */
static const char *const reserved[] = {"call", "start",   "pages",   "wait",
                                       "with", "presign", "prepare", NULL};

static bool is_client(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return false;
    bool is = lua_rawgetp(L, -1, &client_mark) != LUA_TNIL;
    lua_pop(L, 2);
    return is;
}

struct awl_client *awl_client_arg(lua_State *L, int index)
{
    if (!is_client(L, index))
        luaL_typeerror(L, index,
                       "client (call it as client:operation(...), with a colon)");
    return lua_touserdata(L, index);
}

static int raise_unknown(lua_State *L, const struct awl_model *model, awl_str name)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_model_operation_unknown(model, name, &err);
    return awl_raise(L, &err);
}

static awl_str check_str(lua_State *L, int index)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, index, &text.len);
    return text;
}

/* ---- methods ---- */

/* client:operation(input, options) -> output. Upvalues: the operation's record, the
 * metatable of the service's clients, the operation's name. */
static int operation_method(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TUSERDATA || !lua_getmetatable(L, 1) ||
        !lua_rawequal(L, -1, lua_upvalueindex(2)))
        return awl_raisef(L, AWL_EINPUT, NULL,
                          "%s is a method of a client: call it as client:%s(...), "
                          "with a colon",
                          lua_tostring(L, lua_upvalueindex(3)),
                          lua_tostring(L, lua_upvalueindex(3)));
    lua_pop(L, 1);
    return awl_call(L, lua_touserdata(L, lua_upvalueindex(1)));
}

static const struct awl_operation *
check_operation(lua_State *L, const struct awl_client *client, int index)
{
    const struct awl_model *model = &client->service->model;
    awl_str name = check_str(L, index);
    const struct awl_operation *operation = awl_model_operation(model, name);
    if (operation == NULL)
        raise_unknown(L, model, name);
    return operation;
}

/* client:call(operation, input, options) -> output. */
static int client_call(lua_State *L)
{
    const struct awl_operation *operation = check_operation(L, awl_client_arg(L, 1), 2);
    lua_remove(L, 2);
    return awl_call(L, operation);
}

/* client:prepare(operation, input, options) -> { method, url, headers, body }. */
static int client_prepare(lua_State *L)
{
    const struct awl_operation *operation = check_operation(L, awl_client_arg(L, 1), 2);
    lua_remove(L, 2);
    return awl_call_prepare(L, operation);
}

static void read_presign_option(lua_State *L, const char *name,
                                struct awl_presign_options *options)
{
    static const char *const methods[] = {"GET",    "HEAD",  "POST", "PUT",
                                          "DELETE", "PATCH", NULL};
    if (strcmp(name, "expires_in") == 0) {
        lua_Integer seconds = lua_tointeger(L, -1);
        if (seconds < 1 || seconds > AWL_SIGV4_EXPIRES_MAX)
            awl_raisef(L, AWL_EINPUT, NULL, "expires_in must be between 1 and %d seconds",
                       AWL_SIGV4_EXPIRES_MAX);
        options->seconds = (uint32_t)seconds;
    } else if (strcmp(name, "method") == 0) {
        options->method = methods[luaL_checkoption(L, -1, NULL, methods)];
    } else {
        awl_raisef(L, AWL_EINPUT, NULL,
                   "unknown option of presign '%s'; there are expires_in and method",
                   name);
    }
}

/* client:presign(operation, input, { expires_in = 3600, method = "GET" }) -> url,
 * headers to send. */
static int client_presign(lua_State *L)
{
    const struct awl_operation *operation = check_operation(L, awl_client_arg(L, 1), 2);
    struct awl_presign_options options = {0};
    if (!lua_isnoneornil(L, 4)) {
        luaL_checktype(L, 4, LUA_TTABLE);
        for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                awl_raisef(L, AWL_EINPUT, NULL, "options of presign have names");
            read_presign_option(L, lua_tostring(L, -2), &options);
        }
    }
    lua_remove(L, 2);
    return awl_call_presign(L, operation, &options);
}

/* A method that a Lua module holds: require(upvalue 1)(client, ...). */
static int lua_method_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_gettop(L);
}

static int lua_method(lua_State *L)
{
    int nargs = lua_gettop(L);
    awl_client_arg(L, 1);
    lua_getglobal(L, "require");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_call(L, 1, 1);
    lua_insert(L, 1);
    lua_callk(L, nargs, LUA_MULTRET, 0, lua_method_k);
    return lua_method_k(L, LUA_OK, 0);
}

static int client_tostring(lua_State *L)
{
    const struct awl_client *client = awl_client_arg(L, 1);
    lua_pushfstring(L, "client %s (%s)", client->service->model.name.ptr,
                    client->region.len > 0 ? client->region.ptr : "no region");
    return 1;
}

static int client_gc(lua_State *L)
{
    awl_client_release(lua_touserdata(L, 1));
    return 0;
}

/* ---- the metatable of a service's clients ---- */

static void push_method(lua_State *L, const struct awl_operation *operation,
                        int metatable, int name)
{
    lua_pushlightuserdata(L, (void *)operation);
    lua_pushvalue(L, metatable);
    lua_pushvalue(L, name);
    lua_pushcclosure(L, operation_method, 3);
}

/* The first use of an operation: finds it by name and keeps its method in the table
 * of methods. Arguments: that table and the name; upvalues: the service, the clients'
 * metatable. */
static int find_method(lua_State *L)
{
    struct awl_service *service = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    const struct awl_operation *operation =
        awl_model_operation(&service->model, check_str(L, 2));
    if (operation == NULL)
        return raise_unknown(L, &service->model, check_str(L, 2));
    push_method(L, operation, lua_upvalueindex(2), 2);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

static void set_lua_method(lua_State *L, const char *name, const char *module)
{
    lua_pushstring(L, module);
    lua_pushcclosure(L, lua_method, 1);
    lua_setfield(L, -2, name);
}

/* Pushes the table of methods, which grows by those that are used. */
static void push_methods(lua_State *L, struct awl_service *service, int metatable)
{
    lua_newtable(L);
    lua_pushcfunction(L, client_call);
    lua_setfield(L, -2, "call");
    lua_pushcfunction(L, client_prepare);
    lua_setfield(L, -2, "prepare");
    lua_pushcfunction(L, client_presign);
    lua_setfield(L, -2, "presign");
    set_lua_method(L, "start", "awl.client_start");
    set_lua_method(L, "pages", "awl.paginator");
    set_lua_method(L, "wait", "awl.waiter");
    set_lua_method(L, "with", "awl.client_with");
    if (awl_str_eq(service->model.name, STR("s3")))
        set_lua_method(L, "presign_post", "awl.presign_post");
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, service);
    lua_pushvalue(L, metatable);
    lua_pushcclosure(L, find_method, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

/* Until they exist, the reserved names say so rather than being taken for
 * operations. */
static int not_there_yet(lua_State *L)
{
    return awl_raisef(L, AWL_EINPUT, "NotSupported",
                      "client:%s is not there yet in this version",
                      lua_tostring(L, lua_upvalueindex(1)));
}

static void reserve_names(lua_State *L)
{
    for (const char *const *name = reserved; *name != NULL; name++) {
        if (lua_getfield(L, -1, *name) == LUA_TNIL) {
            lua_pushstring(L, *name);
            lua_pushcclosure(L, not_there_yet, 1);
            lua_setfield(L, -3, *name);
        }
        lua_pop(L, 1);
    }
}

static void push_metatable(lua_State *L, struct awl_service *service)
{
    if (service->metatable != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, service->metatable);
        return;
    }
    lua_newtable(L);
    int metatable = lua_gettop(L);
    lua_pushboolean(L, true);
    lua_rawsetp(L, metatable, &client_mark);
    lua_pushcfunction(L, client_gc);
    lua_setfield(L, metatable, "__gc");
    lua_pushcfunction(L, client_tostring);
    lua_setfield(L, metatable, "__tostring");
    lua_pushliteral(L, "client");
    lua_setfield(L, metatable, "__name");
    /* The methods' own __index raises for unknown names, so it comes last. */
    lua_newtable(L);
    push_methods(L, service, metatable);
    lua_getmetatable(L, -1);
    lua_pushnil(L);
    lua_setmetatable(L, -3);
    lua_insert(L, -2);
    reserve_names(L);
    lua_insert(L, -2);
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
    lua_setfield(L, metatable, "__index");
    lua_pushvalue(L, metatable);
    service->metatable = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- the module ---- */

/* new(options) -> client; see awl_client_push. */
static int client_new(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    luaL_checktype(L, 1, LUA_TTABLE);
    if (awl_services_open(awl_runtime(L), &err) != AWL_OK)
        return awl_raise(L, &err);
    struct awl_client *client = awl_client_push(L, 1);
    push_metatable(L, client->service);
    lua_setmetatable(L, -2);
    return 1;
}

/* sign_policy(client, policy, time, region, signing_name) -> the signature of a policy
 * in hex, made now with the keys of the client. */
static int client_sign_policy(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    awl_client_arg(L, 1);
    awl_str policy = check_str(L, 2);
    struct awl_sigv4_params params = {.now_ms = luaL_checkinteger(L, 3) * 1000,
                                      .region = check_str(L, 4),
                                      .service = check_str(L, 5)};
    lua_getiuservalue(L, 1, AWL_CLIENT_CREDENTIALS);
    const struct awl_credentials_slot *slot = awl_credentials_check(L, -1);
    if (awl_sigv4_sign_text(awl_pipeline(awl_runtime(L))->sigv4, &params, &slot->keys,
                            policy, signature, &err) != AWL_OK)
        return awl_raise(L, &err);
    lua_pushstring(L, signature);
    return 1;
}

/* options(client) -> the table it was made from; not to be changed. */
static int client_options(lua_State *L)
{
    awl_client_arg(L, 1);
    lua_getiuservalue(L, 1, AWL_CLIENT_OPTIONS);
    return 1;
}

/* credentials(refresh) -> slot; refresh(slot, refused) is called when it has no fresh
 * keys; `refused`: a service has called the ones it has expired. */
static int credentials_new(lua_State *L)
{
    if (!lua_isnoneornil(L, 1))
        luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    awl_credentials_push(L);
    return 1;
}

/* set_credentials(slot, values) */
static int credentials_set(lua_State *L)
{
    awl_credentials_set(L, awl_credentials_check(L, 1), 2);
    return 0;
}

/* refresh_credentials_at(slot, time): when calls begin to ask for new ones, in epoch
 * seconds; by default when they expire. */
static int credentials_refresh_at(lua_State *L)
{
    struct awl_credentials_slot *slot = awl_credentials_check(L, 1);
    int64_t refresh_ms = (int64_t)(luaL_checknumber(L, 2) * 1000);
    slot->refresh_ms = refresh_ms < slot->expires_ms ? refresh_ms : slot->expires_ms;
    return 0;
}

/* credentials_usable(slot, seconds) -> boolean: now and so much later, 0 by default. */
static int credentials_usable(lua_State *L)
{
    int64_t now_ms = awl_clock_wall_ms(&awl_runtime(L)->clock);
    now_ms += (int64_t)(luaL_optnumber(L, 2, 0) * 1000);
    lua_pushboolean(L, awl_credentials_usable(awl_credentials_check(L, 1), now_ms));
    return 1;
}

/* paginator(client, operation) -> table or nil; see model_value.h. */
static int client_paginator(lua_State *L)
{
    const struct awl_client *client = awl_client_arg(L, 1);
    const struct awl_operation *operation = check_operation(L, client, 2);
    awl_value_push_paginator(L, &client->service->model, operation);
    return 1;
}

/* output_members(client, operation) -> their names */
static int client_output_members(lua_State *L)
{
    const struct awl_client *client = awl_client_arg(L, 1);
    const struct awl_operation *operation = check_operation(L, client, 2);
    const struct awl_model *model = &client->service->model;

    lua_newtable(L);
    if (operation->output == AWL_MODEL_NONE)
        return 1;
    const struct awl_shape *output = awl_model_shape(model, operation->output);
    const struct awl_member *members = awl_model_members(model, output);
    for (uint16_t i = 0; i < output->member_count; i++) {
        awl_str name = awl_model_str(model, members[i].name);
        lua_pushlstring(L, name.ptr, name.len);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int set_reference(lua_State *L, int *reference)
{
    if (!lua_isnil(L, 1))
        luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    luaL_unref(L, LUA_REGISTRYINDEX, *reference);
    *reference = lua_isnil(L, 1) ? LUA_NOREF : luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static struct awl_pipeline *check_pipeline(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (awl_services_open(awl_runtime(L), &err) != AWL_OK)
        awl_raise(L, &err);
    return awl_pipeline(awl_runtime(L));
}

/* set_gate(function or nil); see call/pipeline.h. */
static int set_gate(lua_State *L)
{
    luaL_checkany(L, 1);
    return set_reference(L, &check_pipeline(L)->gate);
}

/* set_observer(function or nil); see call/pipeline.h. */
static int set_observer(lua_State *L)
{
    luaL_checkany(L, 1);
    return set_reference(L, &check_pipeline(L)->observer);
}

/* service_id(name, api_version or nil) -> the service id of a service, as
 * AWS_ENDPOINT_URL_<ID> spells it before it is made upper case, its name and its
 * signing name. Raises for an unknown service. */
static int service_id(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_model model;
    awl_str version = {0};
    version.ptr = luaL_optlstring(L, 2, "", &version.len);
    if (awl_services_open_models(awl_runtime(L), &err) != AWL_OK ||
        awl_catalog_open(awl_runtime(L)->models, check_str(L, 1), version, &model,
                         &err) != AWL_OK)
        return awl_raise(L, &err);
    lua_pushlstring(L, model.service_id.ptr, model.service_id.len);
    lua_pushlstring(L, model.name.ptr, model.name.len);
    lua_pushlstring(L, model.signing_name.ptr, model.signing_name.len);
    return 3;
}

int luaopen_awl_client(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"new", client_new},
        {"options", client_options},
        {"sign_policy", client_sign_policy},
        {"credentials", credentials_new},
        {"set_credentials", credentials_set},
        {"refresh_credentials_at", credentials_refresh_at},
        {"credentials_usable", credentials_usable},
        {"paginator", client_paginator},
        {"output_members", client_output_members},
        {"set_gate", set_gate},
        {"set_observer", set_observer},
        {"service_id", service_id},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
