/* awl.core.http: plain requests on the pool that AWS calls use, for awl's own Lua files;
 * awl.http is for scripts. The manual is lua/awl/types/core_http.lua. */
#include <string.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/services.h"
#include "call/body.h"
#include "http/http.h"
#include "http/redirect.h"
#include "script/error_value.h"
#include "script/task.h"

#define TYPE_NAME "awl.http_request"
#define HEADERS_MAX ((size_t)1 << 20)
#define URL_MAX ((size_t)64 << 10)
#define TIMEOUT_SECONDS_MAX 1e6

/* All that is sent. Its user value, the table of options, keeps the text. */
struct exchange {
    struct awl_transfer *transfer; /* NULL: closed, or handed over to a body */
    struct awl_headers headers;
};

#define REQUEST_OPTIONS 1

static struct exchange *exchange_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, TYPE_NAME);
}

/* exchange:close(): what runs is stopped. A body's transfer is not ours any more. */
static int exchange_close(lua_State *L)
{
    struct exchange *exchange = exchange_at(L, 1);
    awl_transfer_free(exchange->transfer);
    exchange->transfer = NULL;
    return 0;
}

static int exchange_gc(lua_State *L)
{
    exchange_close(L);
    awl_headers_release(&exchange_at(L, 1)->headers);
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
        awl_raisef(L, AWL_EINPUT, "InvalidRequest", "%s must be a string, got %s", name,
                   lua_typename(L, type));
    lua_pop(L, 1);
    return text;
}

static const char *check_line(lua_State *L, const char *name, const char *fallback)
{
    awl_str text = check_text(L, name, fallback);
    if (strlen(text.ptr) != text.len)
        awl_raisef(L, AWL_EINPUT, "InvalidRequest", "%s must not contain a zero byte",
                   name);
    return text.ptr;
}

/* Seconds as milliseconds, at least 1; 0: not given. */
static int check_ms(lua_State *L, const char *name)
{
    lua_getfield(L, REQUEST_OPTIONS, name);
    double seconds = luaL_optnumber(L, -1, 0);
    lua_pop(L, 1);
    if (!(seconds >= 0 && seconds <= TIMEOUT_SECONDS_MAX))
        awl_raisef(L, AWL_EINPUT, "InvalidRequest", "%s must be a number of seconds",
                   name);
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

/* NULL where there is none. */
static const char *check_name(lua_State *L, const char *name)
{
    const char *text = check_line(L, name, "");
    return text[0] != '\0' ? text : NULL;
}

static const struct awl_route *check_route(lua_State *L)
{
    const struct awl_route_settings settings = {
        .ca_file = check_name(L, "ca_bundle"),
        .insecure = check_flag(L, "insecure"),
        .client_cert = check_name(L, "client_cert"),
        .client_key = check_name(L, "client_key"),
        .proxy = check_flag(L, "direct") ? "" : check_name(L, "proxy"),
    };
    const struct awl_route *route = awl_http_route(awl_runtime(L)->http, &settings);
    if (route == NULL)
        luaL_error(L, "not enough memory");
    return route;
}

/* The value may be a secret: an error names the field only. A list is a field for each
 * of its values. */
static void add_header(lua_State *L, struct awl_headers *headers, int name, int value)
{
    if (lua_type(L, name) == LUA_TSTRING && lua_istable(L, value)) {
        for (lua_Integer i = 1; lua_geti(L, value, i) != LUA_TNIL; i++) {
            if (!lua_isstring(L, -1))
                awl_raisef(L, AWL_EINPUT, "InvalidHeader",
                           "a list of header values must be one of strings");
            add_header(L, headers, name, lua_gettop(L));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
        return;
    }
    if (lua_type(L, name) != LUA_TSTRING || !lua_isstring(L, value))
        awl_raisef(L, AWL_EINPUT, "InvalidHeader", "headers must be strings by name");
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
        awl_raisef(L, AWL_EINPUT, "InvalidHeader", "headers must be a table, got %s",
                   lua_typename(L, type));
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

/* libcurl writes both into the request as they are. */
static void check_start_line(lua_State *L, const struct awl_transfer_request *request)
{
    for (size_t i = 0; i < request->method.len; i++) {
        if (!awl_char_is_alnum(request->method.ptr[i]) && request->method.ptr[i] != '-')
            awl_raisef(L, AWL_EINPUT, "InvalidMethod", "the method must be a word");
    }
    if (request->method.len == 0)
        awl_raisef(L, AWL_EINPUT, "InvalidMethod", "the method must be a word");
    for (const char *at = request->url; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            awl_raisef(L, AWL_EINPUT, "InvalidUrl",
                       "the URL must have no spaces and no control characters");
    }
    if (strncmp(request->url, "http://", 7) != 0 &&
        strncmp(request->url, "https://", 8) != 0)
        awl_raisef(L, AWL_EINPUT, "InvalidUrl",
                   "the URL must begin with http:// or https://");
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
        .upload = check_flag(L, "upload"),
        .buffered = !check_flag(L, "stream"),
        .connect_timeout_ms = check_ms(L, "connect_timeout"),
        .read_timeout_ms = check_ms(L, "read_timeout"),
        .timeout_ms = check_ms(L, "timeout"),
    };
    request.route = check_route(L);
    request.repeatable = is_safe(request.method) || check_flag(L, "repeatable");
    lua_getfield(L, REQUEST_OPTIONS, "max_body");
    lua_Integer max_body = luaL_optinteger(L, -1, 0);
    lua_getfield(L, REQUEST_OPTIONS, "upload_length");
    request.upload_length = luaL_optinteger(L, -1, -1);
    lua_pop(L, 2);
    request.max_body = max_body > 0 ? (size_t)max_body : 0;
    check_start_line(L, &request);
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

static struct exchange *check_open(lua_State *L, int index)
{
    struct exchange *exchange = exchange_at(L, index);
    if (exchange->transfer == NULL)
        luaL_error(L, "the exchange is closed");
    return exchange;
}

/* The exchange is at `index`; what it gives is a table with the body if that is whole. */
static int head_k(lua_State *L, int status, lua_KContext index)
{
    const struct exchange *exchange = check_open(L, (int)index);
    const struct awl_error *err = awl_transfer_error(exchange->transfer);
    (void)status;

    if (err != NULL)
        return awl_raise(L, err);
    const struct awl_response *response = awl_transfer_response(exchange->transfer);
    lua_settop(L, (int)index);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, response->status);
    lua_setfield(L, -2, "status");
    awl_str body = awl_buf_str(&response->body);
    lua_pushlstring(L, body.len > 0 ? body.ptr : "", body.len);
    lua_setfield(L, -2, "body");
    push_headers(L, &response->headers);
    lua_setfield(L, -2, "headers");
    return 1;
}

/* start(options) -> exchange */
static int http_start(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;

    awl_task_check(L);
    luaL_checktype(L, REQUEST_OPTIONS, LUA_TTABLE);
    lua_settop(L, REQUEST_OPTIONS);
    struct exchange *exchange = lua_newuserdatauv(L, sizeof(*exchange), 1);
    exchange->transfer = NULL;
    awl_headers_init(&exchange->headers, HEADERS_MAX);
    luaL_setmetatable(L, TYPE_NAME);
    lua_pushvalue(L, REQUEST_OPTIONS);
    lua_setiuservalue(L, -2, 1);

    if (awl_services_open_http(awl_runtime(L), &err) != AWL_OK)
        return awl_raise(L, &err);
    struct awl_transfer_request request = check_request(L, exchange);
    exchange->transfer = awl_transfer_new(awl_runtime(L)->http);
    if (exchange->transfer == NULL)
        return luaL_error(L, "out of memory");
    if (awl_transfer_start(exchange->transfer, &request, &err) != AWL_OK)
        return awl_raise(L, &err);
    return 1;
}

/* request(options) -> { status, headers, body } */
static int http_request(lua_State *L)
{
    http_start(L);
    int index = lua_gettop(L);
    return awl_task_wait(L, awl_transfer_head(exchange_at(L, index)->transfer), head_k,
                         index);
}

/* exchange:head() -> as request; without `stream` the body too */
static int exchange_head(lua_State *L)
{
    struct exchange *exchange = check_open(L, 1);
    lua_settop(L, 1);
    return awl_task_wait(L, awl_transfer_head(exchange->transfer), head_k, 1);
}

/* exchange:body() -> awl.Body, which owns the rest of the exchange */
static int exchange_body(lua_State *L)
{
    struct exchange *exchange = check_open(L, 1);
    lua_settop(L, 1);
    awl_body_push(L, STR(""), STR(""));
    awl_body_adopt(L, 2, exchange->transfer, NULL, 1);
    exchange->transfer = NULL;
    return 1;
}

static int feed_k(lua_State *L, int status, lua_KContext ctx)
{
    struct exchange *exchange = exchange_at(L, 1);
    awl_str piece;
    (void)status;
    (void)ctx;

    piece.ptr = lua_tolstring(L, 2, &piece.len);
    enum awl_rc rc = exchange->transfer != NULL
                         ? awl_transfer_feed(exchange->transfer, piece)
                         : AWL_ECANCELED;
    if (rc != AWL_OK && rc != AWL_ECANCELED)
        return awl_raisef(L, rc, "UploadError", "a piece of %zu bytes is too long",
                          piece.len);
    lua_pushboolean(L, rc == AWL_OK);
    return 1;
}

/* exchange:feed(piece) -> false when the server takes no more */
static int exchange_feed(lua_State *L)
{
    struct exchange *exchange = check_open(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    return awl_task_wait(L, awl_transfer_writable(exchange->transfer), feed_k, 0);
}

/* exchange:feed_end() */
static int exchange_feed_end(lua_State *L)
{
    struct exchange *exchange = exchange_at(L, 1);
    if (exchange->transfer != NULL)
        awl_transfer_feed_end(exchange->transfer);
    return 0;
}

/* redirect(url, location) -> url, whether it is of the same origin; nil for one that
 * cannot be followed */
static int http_redirect(lua_State *L)
{
    struct awl_buf url;
    bool same_origin;
    const char *from = luaL_checkstring(L, 1);
    const char *location = luaL_checkstring(L, 2);

    awl_buf_init(&url, URL_MAX);
    enum awl_rc rc = awl_http_redirect(from, location, &url, &same_origin);
    if (rc == AWL_OK)
        lua_pushlstring(L, url.ptr, url.len);
    else
        lua_pushnil(L);
    awl_buf_release(&url);
    lua_pushboolean(L, rc == AWL_OK && same_origin);
    return 2;
}

int luaopen_awl_core_http(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"request", http_request},
        {"start", http_start},
        {"redirect", http_redirect},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"head", exchange_head},     {"body", exchange_body},
        {"feed", exchange_feed},     {"feed_end", exchange_feed_end},
        {"close", exchange_close},   {"__gc", exchange_gc},
        {"__close", exchange_close}, {NULL, NULL},
    };
    if (luaL_newmetatable(L, TYPE_NAME)) {
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    return 1;
}
