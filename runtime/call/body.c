#include "call/body.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "call/body_private.h"
#include "script/error_value.h"
#include "script/task.h"

static const char body_type[] = "awl.Body";
static const char iterator_type[] = "awl.BodyIterator";

static int body_gc(lua_State *L)
{
    awl_body_close(lua_touserdata(L, 1));
    return 0;
}

struct awl_body *awl_body_check(lua_State *L, int index)
{
    return luaL_checkudata(L, index, body_type);
}

void awl_body_close(struct awl_body *body)
{
    awl_transfer_free(body->transfer);
    body->transfer = NULL;
    body->closed = true;
    awl_buf_release(&body->request);
    awl_buf_release(&body->pending);
    free(body->validation);
    body->validation = NULL;
}

void awl_body_check_open(lua_State *L, const struct awl_body *body)
{
    if (body->closed && body->service.len == 0)
        awl_raisef(L, AWL_EINPUT, "BodyClosed", "the body is closed");
    if (body->closed)
        awl_raisef(L, AWL_EINPUT, "BodyClosed", "the body of %.*s:%.*s is closed",
                   STR_ARG(body->service), STR_ARG(body->operation));
}

struct awl_waitable *awl_body_readable(lua_State *L, const struct awl_body *body)
{
    struct awl_waitable *readable = awl_transfer_readable(body->transfer);
    if (readable->wake != NULL)
        luaL_error(L, "another task reads this body");
    return readable;
}

struct awl_body *awl_body_check_free(lua_State *L)
{
    struct awl_body *body = awl_body_check(L, 1);
    awl_task_check(L);
    awl_body_check_open(L, body);
    if (body->saving)
        luaL_error(L, "another task saves this body");
    awl_body_readable(L, body);
    return body;
}

void awl_body_seen(struct awl_body *body, awl_str bytes)
{
    if (body->validation != NULL)
        awl_checksum_update(&body->validation->checksum, bytes.ptr, bytes.len);
}

/* What came before the failure is not handed out as if it were all. */
void awl_body_check_end(lua_State *L, const struct awl_body *body)
{
    const struct awl_error *failure = awl_transfer_error(body->transfer);
    struct awl_error mismatch;

    if (failure == NULL && body->validation != NULL &&
        awl_validation_end(body->validation, &mismatch) != AWL_OK)
        failure = &mismatch;
    if (failure == NULL)
        return;
    awl_error_push_c(L, failure);
    if (body->service.len == 0)
        lua_error(L);
    lua_pushlstring(L, body->service.ptr, body->service.len);
    lua_setfield(L, -2, "service");
    lua_pushlstring(L, body->operation.ptr, body->operation.len);
    lua_setfield(L, -2, "operation");
    lua_error(L);
}

awl_str awl_body_pending(const struct awl_body *body)
{
    awl_str all = awl_buf_str(&body->pending);
    return awl_str_slice(all, body->handed_out, all.len);
}

static void hand_out(struct awl_body *body, size_t len)
{
    body->handed_out += len;
    if (body->handed_out == body->pending.len) {
        awl_buf_clear(&body->pending);
        body->handed_out = 0;
    }
}

static void take(struct awl_body *body, awl_str bytes)
{
    awl_body_seen(body, bytes);
    awl_transfer_take(body->transfer, bytes.len);
}

/* True once nothing more will come. */
static bool at_end(lua_State *L, const struct awl_body *body)
{
    if (!awl_transfer_ended(body->transfer) || awl_transfer_body(body->transfer).len > 0)
        return false;
    awl_body_check_end(L, body);
    return true;
}

/* Moves what has arrived into `pending`; true once nothing more will come. */
static bool collect(lua_State *L, struct awl_body *body)
{
    awl_str bytes = awl_transfer_body(body->transfer);
    if (bytes.len > 0) {
        awl_buf_consume(&body->pending, body->handed_out);
        body->handed_out = 0;
        if (awl_buf_append_str(&body->pending, bytes) != AWL_OK)
            awl_raisef(L, awl_buf_rc(&body->pending), "TooLarge",
                       "more than %zu bytes of a body would have to be held at once",
                       body->pending.max);
        take(body, bytes);
    }
    return at_end(L, body);
}

/* Pushes the first `len` pending bytes and drops them and `skip` more. */
static int push_pending(lua_State *L, struct awl_body *body, size_t len, size_t skip)
{
    lua_pushlstring(L, awl_body_pending(body).ptr, len);
    hand_out(body, len + skip);
    return 1;
}

/* Pushes the first `len` bytes that have arrived: nothing is pending. */
static int push_arrived(lua_State *L, struct awl_body *body, size_t len)
{
    awl_str bytes = awl_str_slice(awl_transfer_body(body->transfer), 0, len);
    lua_pushlstring(L, bytes.ptr, bytes.len);
    take(body, bytes);
    return 1;
}

/* ---- read ---- */

#define READ_ALL ((lua_KContext)-1)

static int read_k(lua_State *L, int status, lua_KContext wanted)
{
    struct awl_body *body = lua_touserdata(L, 1);
    (void)status;

    awl_body_check_open(L, body);
    size_t len = awl_body_pending(body).len;
    if (wanted != READ_ALL && len >= (size_t)wanted)
        return push_pending(L, body, (size_t)wanted, 0);
    if (wanted != READ_ALL && len == 0 &&
        awl_transfer_body(body->transfer).len >= (size_t)wanted)
        return push_arrived(L, body, (size_t)wanted);
    bool ended = collect(L, body);
    len = awl_body_pending(body).len;
    if (wanted != READ_ALL && len >= (size_t)wanted)
        return push_pending(L, body, (size_t)wanted, 0);
    if (!ended)
        return awl_task_wait(L, awl_body_readable(L, body), read_k, wanted);
    if (len == 0 && wanted != READ_ALL) {
        lua_pushnil(L);
        return 1;
    }
    return push_pending(L, body, len, 0);
}

/* body:read(n) -> up to n bytes, fewer only at the end, then nil.
 * body:read() -> all that is left, "" at the end. */
static int body_read(lua_State *L)
{
    awl_body_check_free(L);
    if (lua_isnoneornil(L, 2) || lua_type(L, 2) == LUA_TSTRING)
        return read_k(L, LUA_OK, READ_ALL);
    lua_Integer wanted = luaL_checkinteger(L, 2);
    luaL_argcheck(L, wanted > 0, 2, "must be positive");
    return read_k(L, LUA_OK, (lua_KContext)wanted);
}

/* ---- chunks and lines ---- */

static int chunk_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_body *body = lua_touserdata(L, 1);
    (void)status;

    awl_body_check_open(L, body);
    size_t pending = awl_body_pending(body).len;
    size_t arrived = awl_transfer_body(body->transfer).len;
    if (pending > 0)
        return push_pending(L, body, pending, 0);
    if (arrived > 0)
        return push_arrived(L, body, arrived);
    if (!at_end(L, body))
        return awl_task_wait(L, awl_body_readable(L, body), chunk_k, ctx);
    lua_pushnil(L);
    return 1;
}

/* `searched` bytes of what is pending hold no newline. */
static int line_k(lua_State *L, int status, lua_KContext searched)
{
    struct awl_body *body = lua_touserdata(L, 1);
    (void)status;

    awl_body_check_open(L, body);
    size_t newline = awl_str_find(awl_body_pending(body), '\n', (size_t)searched);
    if (newline != SIZE_MAX)
        return push_pending(L, body, newline, 1);
    size_t without = awl_body_pending(body).len;
    bool ended = collect(L, body);
    awl_str text = awl_body_pending(body);
    newline = awl_str_find(text, '\n', without);
    if (newline != SIZE_MAX)
        return push_pending(L, body, newline, 1);
    if (!ended)
        return awl_task_wait(L, awl_body_readable(L, body), line_k,
                             (lua_KContext)text.len);
    if (text.len > 0)
        return push_pending(L, body, text.len, 0);
    lua_pushnil(L);
    return 1;
}

/* The iterator's user value is its body; after the end every call gives nil. */
static int iterator_call(lua_State *L)
{
    const bool *by_line = luaL_checkudata(L, 1, iterator_type);
    bool lines = *by_line;

    lua_getiuservalue(L, 1, 1);
    const struct awl_body *body = lua_touserdata(L, -1);
    lua_replace(L, 1);
    lua_settop(L, 1);
    if (body->closed) {
        lua_pushnil(L);
        return 1;
    }
    awl_body_check_free(L);
    return lines ? line_k(L, LUA_OK, 0) : chunk_k(L, LUA_OK, 0);
}

static int iterator_close(lua_State *L)
{
    luaL_checkudata(L, 1, iterator_type);
    lua_getiuservalue(L, 1, 1);
    awl_body_close(lua_touserdata(L, -1));
    return 0;
}

static int push_iterator(lua_State *L, bool lines)
{
    static const luaL_Reg methods[] = {
        {"__call", iterator_call},
        {"__close", iterator_close},
        {"close", iterator_close},
        {NULL, NULL},
    };
    awl_task_check(L);
    awl_body_check_open(L, awl_body_check(L, 1));
    bool *by_line = lua_newuserdatauv(L, sizeof(*by_line), 1);
    *by_line = lines;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    if (luaL_newmetatable(L, iterator_type)) {
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -3);
    return 4;
}

/* for chunk in body:chunks() do: pieces as they arrive. */
static int body_chunks(lua_State *L)
{
    return push_iterator(L, false);
}

/* for line in body:lines() do: without the newline. */
static int body_lines(lua_State *L)
{
    return push_iterator(L, true);
}

/* body:close(): closes the connection if the body has not been read to its end. */
static int body_close(lua_State *L)
{
    awl_body_close(awl_body_check(L, 1));
    return 0;
}

static int body_tostring(lua_State *L)
{
    const struct awl_body *body = awl_body_check(L, 1);
    const char *closed = body->closed ? " (closed)" : "";
    if (body->service.len == 0)
        lua_pushfstring(L, "body%s", closed);
    else
        lua_pushfstring(L, "body of %s:%s%s", body->service.ptr, body->operation.ptr,
                        closed);
    return 1;
}

void awl_body_push(lua_State *L, awl_str service, awl_str operation)
{
    static const luaL_Reg methods[] = {
        {"read", body_read},     {"chunks", body_chunks},       {"lines", body_lines},
        {"save", awl_body_save}, {"close", body_close},         {"__gc", body_gc},
        {"__close", body_close}, {"__tostring", body_tostring}, {NULL, NULL},
    };
    struct awl_body *body = lua_newuserdatauv(L, sizeof(*body), 1);
    *body = (struct awl_body){.service = service, .operation = operation};
    awl_buf_init(&body->request, 0);
    awl_buf_init(&body->pending, AWL_BODY_HELD_MAX);
    body->closed = true; /* until it has a transfer */
    if (luaL_newmetatable(L, body_type)) {
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
}

awl_str awl_body_validate(lua_State *L, int index, const struct awl_model *model,
                          const struct awl_operation *operation,
                          const struct awl_response *response)
{
    struct awl_body *body = lua_touserdata(L, index);
    struct awl_validation validation;

    if (!awl_validation_begin(&validation, model, operation, response))
        return (awl_str){"", 0};
    body->validation = malloc(sizeof(validation));
    if (body->validation == NULL)
        luaL_error(L, "not enough memory");
    *body->validation = validation;
    return awl_checksum_name(validation.checksum.algorithm);
}

void awl_body_adopt(lua_State *L, int index, struct awl_transfer *transfer,
                    struct awl_buf *request, int upload)
{
    struct awl_body *body = lua_touserdata(L, index);
    if (request != NULL && request->len > 0) {
        body->request = *request;
        awl_buf_init(request, request->max);
    }
    lua_pushvalue(L, upload);
    lua_setiuservalue(L, index, 1);
    body->transfer = transfer;
    body->closed = false;
}
