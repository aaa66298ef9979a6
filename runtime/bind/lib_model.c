/* awl.core.model: what the model of a service says; the manual is
 * lua/awl/types/core_model.lua. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/model_value.h"
#include "bind/services.h"
#include "call/repeatable.h"
#include "model/catalog.h"
#include "script/error_value.h"

#define METATABLE "awl.core.model"

/* A bit of a record and the field that is true when it is set. */
struct flag {
    uint32_t bit;
    const char *field;
};

static void set_flags(lua_State *L, uint32_t flags, const struct flag *list)
{
    for (; list->field != NULL; list++) {
        if ((flags & list->bit) == 0)
            continue;
        lua_pushboolean(L, true);
        lua_setfield(L, -2, list->field);
    }
}

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_Integer integer;
    if (lua_numbertointeger(value, &integer) && (double)integer == value) {
        lua_pop(L, 1);
        lua_pushinteger(L, integer);
    }
    lua_setfield(L, -2, key);
}

/* Shapes are known to Lua by their place, from 1. */
static void set_shape(lua_State *L, const char *key, uint32_t index)
{
    if (index != AWL_MODEL_NONE)
        awl_value_set_integer(L, key, (lua_Integer)index + 1);
}

static const struct awl_model *check_model(lua_State *L)
{
    return luaL_checkudata(L, 1, METATABLE);
}

static awl_str check_str(lua_State *L, int index)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, index, &text.len);
    return text;
}

/* open(service, api_version or nil) -> model. Raises for an unknown service. */
static int model_open(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str service = check_str(L, 1), version;
    version.ptr = luaL_optlstring(L, 2, "", &version.len);
    struct awl_model *model = lua_newuserdatauv(L, sizeof(*model), 0);
    if (awl_services_open_models(awl_runtime(L), &err) != AWL_OK ||
        awl_catalog_open(awl_runtime(L)->models, service, version, model, &err) != AWL_OK)
        return awl_raise(L, &err);
    luaL_setmetatable(L, METATABLE);
    return 1;
}

/* ---- the service ---- */

static void set_protocols(lua_State *L, const struct awl_model *model)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (uint32_t i = 0; i < AWL_PROTOCOL_COUNT; i++) {
        if ((model->protocols & 1u << i) == 0)
            continue;
        awl_str name = awl_protocol_name((enum awl_protocol)i);
        lua_pushlstring(L, name.ptr, name.len);
        lua_rawseti(L, -2, ++count);
    }
    lua_setfield(L, -2, "protocols");
    awl_value_set_text(L, "protocol", awl_protocol_name(model->protocol));
}

/* model:service() -> what is about the service as a whole */
static int model_service(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    const struct {
        const char *field;
        awl_str text;
    } texts[] = {
        {"name", model->name},
        {"full_name", model->full_name},
        {"service_id", model->service_id},
        {"api_version", model->api_version},
        {"endpoint_prefix", model->endpoint_prefix},
        {"signing_name", model->signing_name},
        {"signature_version", model->signature_version},
        {"auth", model->auth},
        {"target_prefix", model->target_prefix},
        {"json_version", model->json_version},
        {"xml_namespace", model->xml_namespace},
    };
    lua_newtable(L);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].text.len > 0)
            awl_value_set_text(L, texts[i].field, texts[i].text);
    set_protocols(L, model);
    if (model->query_compatible) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "query_compatible");
    }
    return 1;
}

/* model:shapes() -> the names of all shapes */
static int model_shapes(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    lua_createtable(L, (int)model->shape_count, 0);
    for (uint32_t i = 0; i < model->shape_count; i++) {
        awl_str name = awl_model_str(model, model->shapes[i].name);
        lua_pushlstring(L, name.ptr, name.len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* model:waiters() -> all of them; see model_value.h */
static int model_waiters(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    struct awl_waiter waiter;
    uint32_t count = awl_model_waiter_count(model);
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        awl_model_waiter(model, i, &waiter);
        awl_value_push_waiter(L, model, &waiter);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- operations ---- */

static const struct flag operation_flags[] = {
    {AWL_OPERATION_READONLY, "readonly"},
    {AWL_OPERATION_IDEMPOTENT, "idempotent"},
    {AWL_OPERATION_DEPRECATED, "deprecated"},
    {AWL_OPERATION_NO_AUTH, "no_auth"},
    {AWL_OPERATION_UNSIGNED_PAYLOAD, "unsigned_payload"},
    {AWL_OPERATION_CHECKSUM_REQUIRED, "checksum_required"},
    {AWL_OPERATION_COMPRESS_GZIP, "compress_gzip"},
    {AWL_OPERATION_DISCOVERY, "endpoint_discovery"},
    {AWL_OPERATION_DISCOVERY_REQUIRED, "endpoint_discovery_required"},
    {AWL_OPERATION_STREAM_INPUT, "streaming_input"},
    {AWL_OPERATION_STREAM_OUTPUT, "streaming_output"},
    {AWL_OPERATION_EVENT_INPUT, "event_stream_input"},
    {AWL_OPERATION_EVENT_OUTPUT, "event_stream_output"},
    {AWL_OPERATION_TOKEN, "idempotency_token"},
    {0, NULL},
};

static void set_errors(lua_State *L, const struct awl_model *model,
                       const struct awl_operation *operation)
{
    lua_createtable(L, operation->error_count, 0);
    for (uint32_t i = 0; i < operation->error_count; i++) {
        lua_pushinteger(L, (lua_Integer)model->errors[operation->errors + i] + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "errors");
}

static void push_operation(lua_State *L, const struct awl_model *model,
                           const struct awl_operation *operation)
{
    lua_newtable(L);
    awl_value_set_name(L, model, "name", operation->name);
    awl_value_set_name(L, model, "method_name", operation->method_name);
    awl_value_set_name(L, model, "http_method", operation->http_method);
    awl_value_set_name(L, model, "request_uri", operation->request_uri);
    awl_value_set_name(L, model, "host_prefix", operation->host_prefix);
    awl_value_set_name(L, model, "auth", operation->auth);
    awl_value_set_name(L, model, "checksum_member", operation->checksum_member);
    awl_value_set_name(L, model, "checksum_mode_member", operation->checksum_mode_member);
    awl_value_set_name(L, model, "response_checksums", operation->response_checksums);
    awl_value_set_integer(L, "response_code", operation->response_code);
    set_shape(L, "input", operation->input);
    set_shape(L, "output", operation->output);
    set_errors(L, model, operation);
    set_flags(L, operation->flags, operation_flags);
    lua_pushboolean(L, awl_call_repeatable(model, operation));
    lua_setfield(L, -2, "repeatable");
    awl_value_push_paginator(L, model, operation);
    lua_setfield(L, -2, "paginator");
}

/* model:operations() -> all of them, sorted by name */
static int model_operations(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    lua_createtable(L, (int)model->operation_count, 0);
    for (uint32_t i = 0; i < model->operation_count; i++) {
        push_operation(L, model, &model->operations[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* model:operation(name) -> one, by either of its names, or nil */
static int model_operation(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    const struct awl_operation *operation = awl_model_operation(model, check_str(L, 2));
    if (operation == NULL)
        return 0;
    push_operation(L, model, operation);
    return 1;
}

/* ---- shapes ---- */

static const char *shape_type(const struct awl_shape *shape)
{
    static const char *const names[] = {
        [AWL_SHAPE_STRUCTURE] = "structure",
        [AWL_SHAPE_LIST] = "list",
        [AWL_SHAPE_MAP] = "map",
        [AWL_SHAPE_STRING] = "string",
        [AWL_SHAPE_BLOB] = "blob",
        [AWL_SHAPE_BOOLEAN] = "boolean",
        [AWL_SHAPE_INTEGER] = "integer",
        [AWL_SHAPE_LONG] = "long",
        [AWL_SHAPE_FLOAT] = "float",
        [AWL_SHAPE_DOUBLE] = "double",
        [AWL_SHAPE_TIMESTAMP] = "timestamp",
        [AWL_SHAPE_DOCUMENT] = "document",
    };
    if ((shape->flags & AWL_SHAPE_BYTE) != 0)
        return "byte";
    return (shape->flags & AWL_SHAPE_SHORT) != 0 ? "short" : names[shape->type];
}

static const struct flag shape_flags[] = {
    {AWL_SHAPE_UNION, "union"},
    {AWL_SHAPE_EXCEPTION, "exception"},
    {AWL_SHAPE_FAULT, "fault"},
    {AWL_SHAPE_EVENT_STREAM, "event_stream"},
    {AWL_SHAPE_EVENT, "event"},
    {AWL_SHAPE_STREAMING, "streaming"},
    {AWL_SHAPE_REQUIRES_LENGTH, "requires_length"},
    {AWL_SHAPE_FLATTENED, "flattened"},
    {AWL_SHAPE_SPARSE, "sparse"},
    {AWL_SHAPE_SENSITIVE, "sensitive"},
    {AWL_SHAPE_RETRYABLE, "retryable"},
    {AWL_SHAPE_THROTTLING, "throttling"},
    {AWL_SHAPE_SENDER_FAULT, "sender_fault"},
    {AWL_SHAPE_JSON_VALUE, "json_value"},
    {0, NULL},
};

static const struct flag member_flags[] = {
    {AWL_MEMBER_REQUIRED, "required"},
    {AWL_MEMBER_IDEMPOTENCY_TOKEN, "idempotency_token"},
    {AWL_MEMBER_FLATTENED, "flattened"},
    {AWL_MEMBER_XML_ATTRIBUTE, "xml_attribute"},
    {AWL_MEMBER_JSON_VALUE, "json_value"},
    {AWL_MEMBER_HOST_LABEL, "host_label"},
    {AWL_MEMBER_EVENT_PAYLOAD, "event_payload"},
    {AWL_MEMBER_EVENT_HEADER, "event_header"},
    {AWL_MEMBER_STREAMING, "streaming"},
    {AWL_MEMBER_SENSITIVE, "sensitive"},
    {0, NULL},
};

static void set_timestamp_format(lua_State *L, uint8_t format)
{
    static const char *const names[] = {
        [AWL_TIMESTAMP_ISO8601] = "iso8601",
        [AWL_TIMESTAMP_RFC822] = "rfc822",
        [AWL_TIMESTAMP_UNIX] = "unixTimestamp",
    };
    if (format == AWL_TIMESTAMP_DEFAULT)
        return;
    lua_pushstring(L, names[format]);
    lua_setfield(L, -2, "timestamp_format");
}

static void push_member(lua_State *L, const struct awl_model *model,
                        const struct awl_member *member)
{
    static const char *const locations[] = {
        [AWL_LOCATION_URI] = "uri",
        [AWL_LOCATION_QUERYSTRING] = "querystring",
        [AWL_LOCATION_HEADER] = "header",
        [AWL_LOCATION_HEADERS] = "headers",
        [AWL_LOCATION_STATUS_CODE] = "statusCode",
    };
    lua_newtable(L);
    awl_value_set_name(L, model, "name", member->name);
    if ((member->flags & AWL_MEMBER_NAMED) != 0)
        awl_value_set_name(L, model, "location_name", member->wire_name);
    set_shape(L, "shape", member->shape);
    if (member->location != AWL_LOCATION_BODY) {
        lua_pushstring(L, locations[member->location]);
        lua_setfield(L, -2, "location");
    }
    set_flags(L, member->flags, member_flags);
    set_timestamp_format(L, member->timestamp_format);
    const struct awl_member_extra *extra = awl_model_member_extra(model, member);
    awl_value_set_name(L, model, "context_param", extra->context_param);
}

static void set_members(lua_State *L, const struct awl_model *model,
                        const struct awl_shape *shape)
{
    const struct awl_member *members = awl_model_members(model, shape);
    lua_createtable(L, shape->member_count, 0);
    for (uint32_t i = 0; i < shape->member_count; i++) {
        push_member(L, model, &members[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "members");
    if (shape->payload > 0)
        awl_value_set_name(L, model, "payload", members[shape->payload - 1].name);
}

static void set_shape_extra(lua_State *L, const struct awl_model *model,
                            const struct awl_shape *shape)
{
    struct awl_shape_extra extra;
    if (shape->extra == AWL_MODEL_NONE)
        return;
    awl_model_shape_extra(model, shape, &extra);
    if (extra.error_code.len > 0)
        awl_value_set_text(L, "error_code", extra.error_code);
    if (extra.http_status != 0)
        awl_value_set_integer(L, "http_status", extra.http_status);
    if (extra.has_min)
        set_number(L, "min", extra.min);
    if (extra.has_max)
        set_number(L, "max", extra.max);
    if (extra.pattern.len > 0)
        awl_value_set_text(L, "pattern", extra.pattern);
    if (extra.enum_count > 0)
        awl_value_set_names(L, model, "enum", extra.enum_values, extra.enum_count);
}

/* model:shape(index) -> the shape at that place in shapes() */
static int model_shape(lua_State *L)
{
    const struct awl_model *model = check_model(L);
    lua_Integer index = luaL_checkinteger(L, 2);
    luaL_argcheck(L, index >= 1 && index <= (lua_Integer)model->shape_count, 2,
                  "there is no such shape");
    const struct awl_shape *shape = awl_model_shape(model, (uint32_t)(index - 1));

    lua_newtable(L);
    awl_value_set_name(L, model, "name", shape->name);
    lua_pushstring(L, shape_type(shape));
    lua_setfield(L, -2, "type");
    set_flags(L, shape->flags, shape_flags);
    set_timestamp_format(L, shape->timestamp_format);
    set_shape_extra(L, model, shape);
    if (shape->type <= AWL_SHAPE_MAP)
        set_members(L, model, shape);
    return 1;
}

int luaopen_awl_core_model(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"operation", model_operation},
        {"operations", model_operations},
        {"service", model_service},
        {"shape", model_shape},
        {"shapes", model_shapes},
        {"waiters", model_waiters},
        {NULL, NULL},
    };
    static const luaL_Reg functions[] = {
        {"open", model_open},
        {NULL, NULL},
    };
    if (luaL_newmetatable(L, METATABLE)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    luaL_newlib(L, functions);
    return 1;
}
