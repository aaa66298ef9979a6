/* awl.core.server: HTTP on loopback for the emulator; the manual is
 * lua/awl/types/server.lua. */
#include <lauxlib.h>

#include "aws/checksum.h"
#include "bind/bind.h"
#include "bind/server.h"
#include "script/error_value.h"
#include "script/task.h"

#define SERVER "awl.server"
#define EXCHANGE "awl.server.exchange"
#define RESPONSE "awl.server.response"
#define BODY_MAX ((size_t)1 << 30)

struct server_box {
    struct awl_server *server; /* NULL: closed */
};

struct exchange_box {
    struct awl_exchange *exchange;
};

static awl_str check_str(lua_State *L, int index)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, index, &text.len);
    return text;
}

static void push_str(lua_State *L, awl_str text)
{
    lua_pushlstring(L, text.ptr != NULL ? text.ptr : "", text.len);
}

/* ---- answers ---- */

static int response_gc(lua_State *L)
{
    awl_response_release(luaL_checkudata(L, 1, RESPONSE));
    return 0;
}

struct awl_response *awl_server_push_response(lua_State *L)
{
    struct awl_response *response = lua_newuserdatauv(L, sizeof(*response), 0);
    awl_response_init(response, BODY_MAX);
    luaL_setmetatable(L, RESPONSE);
    return response;
}

static void add_header(lua_State *L, struct awl_headers *headers, awl_str name)
{
    awl_str value = {NULL, 0};
    if (lua_isstring(L, -1))
        value.ptr = lua_tolstring(L, -1, &value.len);
    else
        luaL_error(L, "header '%s' must be a string, got %s", name.ptr,
                   luaL_typename(L, -1));
    if (awl_headers_add(headers, name, value) != AWL_OK)
        luaL_error(L, "header '%s' cannot be sent", name.ptr);
}

void awl_server_add_headers(lua_State *L, int index, struct awl_headers *headers)
{
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "the names of headers are strings");
        awl_str name;
        name.ptr = lua_tolstring(L, -2, &name.len);
        awl_headers_remove(headers, name);
        if (!lua_istable(L, -1)) {
            add_header(L, headers, name);
            continue;
        }
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            add_header(L, headers, name);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

bool awl_server_respond(lua_State *L, struct awl_exchange *exchange,
                        const struct awl_response *response, int body)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response answer = *response;
    if (body != 0) { /* a view: the string stays on the stack */
        awl_str bytes = check_str(L, body);
        answer.body = (struct awl_buf){.ptr = (char *)bytes.ptr, .len = bytes.len};
    }
    enum awl_rc rc = awl_exchange_respond(exchange, &answer, &err);
    if (rc != AWL_OK && rc != AWL_ETRANSPORT)
        awl_raise(L, &err);
    return rc == AWL_OK;
}

/* Reads status and headers of the table at index 2; pushes the answer. */
static struct awl_response *check_head(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    struct awl_response *response = awl_server_push_response(L);
    lua_getfield(L, 2, "status");
    response->status = (int)luaL_optinteger(L, -1, 200);
    lua_getfield(L, 2, "headers");
    awl_server_add_headers(L, lua_gettop(L), &response->headers);
    lua_pop(L, 2);
    return response;
}

/* ---- exchanges ---- */

struct awl_exchange *awl_server_check_exchange(lua_State *L, int index)
{
    struct exchange_box *box = luaL_checkudata(L, index, EXCHANGE);
    if (box->exchange == NULL)
        luaL_error(L, "the exchange has been closed");
    return box->exchange;
}

static int exchange_gc(lua_State *L)
{
    struct exchange_box *box = luaL_checkudata(L, 1, EXCHANGE);
    awl_exchange_free(box->exchange);
    box->exchange = NULL;
    return 0;
}

/* exchange:respond { status, headers, body } -> false when the client has gone */
static int exchange_respond(lua_State *L)
{
    struct awl_exchange *exchange = awl_server_check_exchange(L, 1);
    lua_settop(L, 2);
    struct awl_response *response = check_head(L);
    bool has_body = lua_getfield(L, 2, "body") != LUA_TNIL;
    lua_pushboolean(
        L, awl_server_respond(L, exchange, response, has_body ? lua_gettop(L) : 0));
    return 1;
}

/* exchange:begin { status, headers }: an answer in pieces */
static int exchange_begin(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_exchange *exchange = awl_server_check_exchange(L, 1);
    lua_settop(L, 2);
    if (awl_exchange_begin(exchange, check_head(L), &err) != AWL_OK)
        return awl_raise(L, &err);
    return 0;
}

static int written_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

/* exchange:write(bytes): suspends the task while the client reads too slowly */
static int exchange_write(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_exchange *exchange = awl_server_check_exchange(L, 1);
    if (awl_exchange_write(exchange, check_str(L, 2), &err) != AWL_OK)
        return awl_raise(L, &err);
    struct awl_waitable *writable = awl_exchange_writable(exchange);
    if (writable->signaled)
        return 0;
    return awl_task_wait(L, writable, written_k, 0);
}

/* exchange:finish(): ends an answer in pieces */
static int exchange_finish(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (awl_exchange_end(awl_server_check_exchange(L, 1), &err) != AWL_OK)
        return awl_raise(L, &err);
    return 0;
}

/* exchange:reset(): closes the connection at once */
static int exchange_reset(lua_State *L)
{
    awl_exchange_reset(awl_server_check_exchange(L, 1));
    return 0;
}

/* exchange:closed() -> boolean: the client has gone */
static int exchange_closed(lua_State *L)
{
    lua_pushboolean(L, awl_exchange_closed(awl_server_check_exchange(L, 1)));
    return 1;
}

/* A table of the header fields, names in lower case, repeated ones joined. */
static void push_headers(lua_State *L, const struct awl_headers *headers)
{
    lua_createtable(L, 0, (int)headers->count);
    for (size_t i = 0; i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        luaL_Buffer lower;
        char *at = luaL_buffinitsize(L, &lower, name.len);
        for (size_t k = 0; k < name.len; k++)
            at[k] = awl_char_lower(name.ptr[k]);
        luaL_pushresultsize(&lower, name.len);
        lua_pushvalue(L, -1);
        bool again = lua_rawget(L, -3) == LUA_TSTRING;
        if (again)
            lua_pushliteral(L, ", ");
        else
            lua_pop(L, 1);
        push_str(L, awl_headers_value(headers, i));
        if (again)
            lua_concat(L, 3);
        lua_rawset(L, -3);
    }
}

/* Methods, and the parts of the request, each made when it is asked for. */
static int exchange_index(lua_State *L)
{
    const struct awl_request *request =
        awl_exchange_request(awl_server_check_exchange(L, 1));
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    awl_str name = check_str(L, 2);
    if (awl_str_eq(name, STR("method")))
        push_str(L, request->method);
    else if (awl_str_eq(name, STR("path")))
        push_str(L, awl_buf_str(&request->path));
    else if (awl_str_eq(name, STR("query")))
        push_str(L, awl_buf_str(&request->query));
    else if (awl_str_eq(name, STR("body")))
        push_str(L, awl_buf_str(&request->body));
    else if (awl_str_eq(name, STR("headers")))
        push_headers(L, &request->headers);
    else
        return 0;
    return 1;
}

/* ---- servers ---- */

static int server_gc(lua_State *L)
{
    struct server_box *box = luaL_checkudata(L, 1, SERVER);
    struct awl_server *server = box->server;
    box->server = NULL;
    awl_server_free(server);
    return 0;
}

static int accept_run(lua_State *L);

static int accept_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return accept_run(L);
}

static int accept_run(lua_State *L)
{
    struct server_box *box = luaL_checkudata(L, 1, SERVER);
    lua_settop(L, 1);
    if (box->server == NULL) {
        lua_pushnil(L);
        return 1;
    }
    struct exchange_box *taken = lua_newuserdatauv(L, sizeof(*taken), 0);
    taken->exchange = NULL;
    luaL_setmetatable(L, EXCHANGE);
    taken->exchange = awl_server_take(box->server);
    if (taken->exchange != NULL)
        return 1;
    lua_pop(L, 1);
    struct awl_waitable *acceptable = awl_server_acceptable(box->server);
    if (acceptable->wake != NULL)
        return luaL_error(L, "another task accepts from this server");
    return awl_task_wait(L, acceptable, accept_k, 0);
}

/* server:accept() -> exchange, or nil when the server is closed */
static int server_accept(lua_State *L)
{
    awl_task_check(L);
    return accept_run(L);
}

/* server:port() -> integer, nil when it is closed */
static int server_port(lua_State *L)
{
    struct server_box *box = luaL_checkudata(L, 1, SERVER);
    if (box->server == NULL)
        return 0;
    lua_pushinteger(L, awl_server_port(box->server));
    return 1;
}

/* listen { address = "127.0.0.1", port = 0 } -> server */
static int listen_on(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "address");
    const char *address = luaL_optstring(L, -1, "127.0.0.1");
    lua_getfield(L, 1, "port");
    lua_Integer port = luaL_optinteger(L, -1, 0);
    luaL_argcheck(L, port >= 0 && port <= 65535, 1, "the port must be 0 to 65535");
    struct server_box *box = lua_newuserdatauv(L, sizeof(*box), 0);
    box->server = NULL;
    luaL_setmetatable(L, SERVER);
    box->server = awl_server_new(awl_runtime(L)->loop, address, (int)port, &err);
    return box->server != NULL ? 1 : awl_raise(L, &err);
}

/* ---- what emulated services need beside ---- */

/* uuid() -> a random UUID */
static int server_uuid(lua_State *L)
{
    char text[AWL_UUID_LEN + 1];
    awl_random_uuid(&awl_runtime(L)->random, text);
    lua_pushlstring(L, text, AWL_UUID_LEN);
    return 1;
}

/* checksum(algorithm, bytes) -> the bytes of the value, or nil for an algorithm that
 * is not known: "crc32", "sha256", "md5", ... */
static int server_checksum(lua_State *L)
{
    enum awl_checksum_algorithm algorithm;
    struct awl_checksum checksum;
    uint8_t value[AWL_CHECKSUM_LEN_MAX];
    awl_str bytes = check_str(L, 2);
    if (!awl_checksum_by_name(check_str(L, 1), &algorithm))
        return 0;
    awl_checksum_init(&checksum, algorithm);
    awl_checksum_update(&checksum, bytes.ptr, bytes.len);
    size_t len = awl_checksum_final(&checksum, value);
    lua_pushlstring(L, (const char *)value, len);
    return 1;
}

static void new_class(lua_State *L, const char *name, const luaL_Reg *methods,
                      lua_CFunction gc, lua_CFunction index)
{
    luaL_newmetatable(L, name);
    lua_pushcfunction(L, gc);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__gc");
    lua_setfield(L, -2, "__close");
    if (methods != NULL) {
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        if (index != NULL)
            lua_pushcclosure(L, index, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

int luaopen_awl_core_server(lua_State *L)
{
    static const luaL_Reg server_methods[] = {
        {"accept", server_accept},
        {"port", server_port},
        {"close", server_gc},
        {NULL, NULL},
    };
    static const luaL_Reg exchange_methods[] = {
        {"respond", exchange_respond},
        {"begin", exchange_begin},
        {"write", exchange_write},
        {"finish", exchange_finish},
        {"reset", exchange_reset},
        {"closed", exchange_closed},
        {"close", exchange_gc}, /* frees the request: bodies are large */
        {NULL, NULL},
    };
    static const luaL_Reg functions[] = {
        {"listen", listen_on},         {"wire", awl_server_wire},
        {"verify", awl_server_verify}, {"uuid", server_uuid},
        {"checksum", server_checksum}, {NULL, NULL},
    };
    new_class(L, SERVER, server_methods, server_gc, NULL);
    new_class(L, EXCHANGE, exchange_methods, exchange_gc, exchange_index);
    new_class(L, RESPONSE, NULL, response_gc, NULL);
    luaL_newlib(L, functions);
    return 1;
}
