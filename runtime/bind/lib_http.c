/* awl.core.http: plain requests on the pool that AWS calls use, for awl's own Lua files.
 * The manual is lua/awl/types/core_http.lua. */
#include <string.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/services.h"
#include "http/http.h"
#include "script/error_value.h"
#include "script/task.h"

#define TYPE_NAME "awl.http_request"
#define HEADERS_MAX ((size_t)1 << 20)
#define TIMEOUT_SECONDS_MAX 1e6

/* All that is sent: the table at index 1 keeps its text. */
struct exchange {
    struct awl_transfer *transfer;
    struct awl_headers headers;
};

enum {
    REQUEST_OPTIONS = 1,
    REQUEST_EXCHANGE,
};

static int exchange_gc(lua_State *L)
{
    struct exchange *exchange = luaL_checkudata(L, 1, TYPE_NAME);
    awl_transfer_free(exchange->transfer);
    exchange->transfer = NULL;
    awl_headers_release(&exchange->headers);
    return 0;
}

/* The string at `name` of the options, which stays theirs; `fallback` where there is
 * none, an error if that is NULL. */
static awl_str check_text(lua_State *L, const char *name, const char *fallback)
{
    awl_str text = {0};
    int type = lua_getfield(L, REQUEST_OPTIONS, name);
    if (type == LUA_TNIL && fallback != NULL)
        text = awl_str_of(fallback);
    else if (type == LUA_TSTRING)
        text.ptr = lua_tolstring(L, -1, &text.len);
    else
        luaL_error(L, "%s must be a string, got %s", name, lua_typename(L, type));
    lua_pop(L, 1);
    return text;
}

static const char *check_line(lua_State *L, const char *name, const char *fallback)
{
    awl_str text = check_text(L, name, fallback);
    if (strlen(text.ptr) != text.len)
        luaL_error(L, "%s must not contain a zero byte", name);
    return text.ptr;
}

/* Seconds as milliseconds, at least 1; 0: not given. */
static int check_ms(lua_State *L, const char *name)
{
    lua_getfield(L, REQUEST_OPTIONS, name);
    double seconds = luaL_optnumber(L, -1, 0);
    lua_pop(L, 1);
    if (!(seconds >= 0 && seconds <= TIMEOUT_SECONDS_MAX))
        luaL_error(L, "%s must be a number of seconds", name);
    int ms = (int)(seconds * 1000);
    return seconds > 0 && ms == 0 ? 1 : ms;
}

static bool check_flag(lua_State *L, const char *name)
{
    lua_getfield(L, REQUEST_OPTIONS, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static const struct awl_route *check_route(lua_State *L)
{
    const char *ca_file = check_line(L, "ca_bundle", "");
    const struct awl_route_settings settings = {
        .ca_file = ca_file[0] != '\0' ? ca_file : NULL,
        .insecure = check_flag(L, "insecure"),
        .proxy = check_flag(L, "direct") ? "" : NULL,
    };
    const struct awl_route *route = awl_http_route(awl_runtime(L)->http, &settings);
    if (route == NULL)
        luaL_error(L, "not enough memory");
    return route;
}

/* The value may be a secret: an error names the field only. */
static void add_header(lua_State *L, struct awl_headers *headers, int name, int value)
{
    if (lua_type(L, name) != LUA_TSTRING || !lua_isstring(L, value))
        luaL_error(L, "headers must be strings by name");
    awl_str field = {0};
    awl_str text = {0};
    field.ptr = lua_tolstring(L, name, &field.len);
    text.ptr = lua_tolstring(L, value, &text.len);
    enum awl_rc rc = awl_headers_add(headers, field, text);
    if (rc != AWL_OK)
        awl_raisef(L, rc, "InvalidHeader", "the header field '%s' cannot be sent",
                   field.ptr);
}

static void check_headers(lua_State *L, struct awl_headers *headers)
{
    int type = lua_getfield(L, REQUEST_OPTIONS, "headers");
    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "headers must be a table, got %s", lua_typename(L, type));
    int list = lua_gettop(L);
    lua_pushnil(L);
    while (type == LUA_TTABLE && lua_next(L, list) != 0) {
        add_header(L, headers, list + 1, list + 2);
        lua_pop(L, 1);
    }
    lua_settop(L, list - 1);
    if (!awl_headers_get(headers, STR("User-Agent"), NULL) &&
        awl_headers_add(headers, STR("User-Agent"), STR("awl/" AWL_VERSION)) != AWL_OK)
        luaL_error(L, "out of memory");
}

static bool is_safe(awl_str method)
{
    return awl_str_eq(method, STR("GET")) || awl_str_eq(method, STR("HEAD"));
}

static struct awl_transfer_request check_request(lua_State *L, struct exchange *exchange)
{
    struct awl_transfer_request request = {
        .method = check_text(L, "method", "GET"),
        .url = check_line(L, "url", NULL),
        .headers = &exchange->headers,
        .body = check_text(L, "body", ""),
        .buffered = true,
        .connect_timeout_ms = check_ms(L, "connect_timeout"),
        .read_timeout_ms = check_ms(L, "read_timeout"),
        .timeout_ms = check_ms(L, "timeout"),
    };
    request.route = check_route(L);
    request.repeatable = is_safe(request.method) || check_flag(L, "repeatable");
    lua_getfield(L, REQUEST_OPTIONS, "max_body");
    lua_Integer max_body = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    request.max_body = max_body > 0 ? (size_t)max_body : 0;
    if (strncmp(request.url, "http://", 7) != 0 &&
        strncmp(request.url, "https://", 8) != 0)
        luaL_error(L, "the URL must begin with http:// or https://");
    check_headers(L, &exchange->headers);
    return request;
}

/* ---- the answer ---- */

/* Fields of one name as one, their values joined by commas. */
static void push_headers(lua_State *L, const struct awl_headers *headers)
{
    lua_createtable(L, 0, (int)headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        awl_str value = awl_headers_value(headers, i);
        lua_pushlstring(L, name.ptr, name.len);
        lua_pushvalue(L, -1);
        bool again = lua_rawget(L, -3) == LUA_TSTRING;
        if (again)
            lua_pushliteral(L, ", ");
        else
            lua_pop(L, 1);
        lua_pushlstring(L, value.ptr, value.len);
        if (again)
            lua_concat(L, 3);
        lua_rawset(L, -3);
    }
}

static int request_k(lua_State *L, int status, lua_KContext ctx)
{
    struct exchange *exchange = luaL_checkudata(L, REQUEST_EXCHANGE, TYPE_NAME);
    const struct awl_error *err = awl_transfer_error(exchange->transfer);
    (void)status;
    (void)ctx;

    if (err != NULL)
        return awl_raise(L, err);
    const struct awl_response *response = awl_transfer_response(exchange->transfer);
    lua_settop(L, REQUEST_EXCHANGE);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, response->status);
    lua_setfield(L, -2, "status");
    awl_str body = awl_buf_str(&response->body);
    lua_pushlstring(L, body.len > 0 ? body.ptr : "", body.len);
    lua_setfield(L, -2, "body");
    push_headers(L, &response->headers);
    lua_setfield(L, REQUEST_EXCHANGE + 1, "headers");
    return 1;
}

/* request(options) -> { status, headers, body } */
static int http_request(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;

    awl_task_check(L);
    luaL_checktype(L, REQUEST_OPTIONS, LUA_TTABLE);
    lua_settop(L, REQUEST_OPTIONS);
    struct exchange *exchange = lua_newuserdatauv(L, sizeof(*exchange), 0);
    exchange->transfer = NULL;
    awl_headers_init(&exchange->headers, HEADERS_MAX);
    luaL_setmetatable(L, TYPE_NAME);

    if (awl_services_open_http(awl_runtime(L), &err) != AWL_OK)
        return awl_raise(L, &err);
    struct awl_transfer_request request = check_request(L, exchange);
    exchange->transfer = awl_transfer_new(awl_runtime(L)->http);
    if (exchange->transfer == NULL)
        return luaL_error(L, "out of memory");
    if (awl_transfer_start(exchange->transfer, &request, &err) != AWL_OK)
        return awl_raise(L, &err);
    return awl_task_wait(L, awl_transfer_head(exchange->transfer), request_k, 0);
}

int luaopen_awl_core_http(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"request", http_request},
        {NULL, NULL},
    };
    if (luaL_newmetatable(L, TYPE_NAME)) {
        lua_pushcfunction(L, exchange_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
