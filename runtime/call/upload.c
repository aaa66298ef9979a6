/* Streaming uploads: the source is read in a task of its own, which feeds the
 * transfer as fast as that takes it. A source is a function that returns the next
 * piece or nil, or an object with read(n) and, if it can go back, seek. */
#include <lauxlib.h>

#include "aws/tree_hash.h"
#include "call/state.h"
#include "call/upload_chunks.h"
#include "script/error_value.h"
#include "script/task.h"

#define READ_BYTES (256 * 1024)

enum {
    UPLOAD_HANDLE = 1,
    UPLOAD_SOURCE = 2,
};

static bool has_method(lua_State *L, int index, const char *name)
{
    int type = lua_type(L, index);
    if (type != LUA_TTABLE && type != LUA_TUSERDATA)
        return false;
    bool has = lua_getfield(L, index, name) == LUA_TFUNCTION;
    lua_pop(L, 1);
    return has;
}

/* source:seek(whence, offset) -> position. */
static lua_Integer seek(lua_State *L, int source, const char *whence, lua_Integer offset)
{
    lua_getfield(L, source, "seek");
    lua_pushvalue(L, source);
    lua_pushstring(L, whence);
    lua_pushinteger(L, offset);
    lua_call(L, 3, 1);
    int is_integer;
    lua_Integer position = lua_tointegerx(L, -1, &is_integer);
    lua_pop(L, 1);
    if (!is_integer)
        awl_raisef(L, AWL_EIO, "UploadError",
                   "the upload's source cannot seek: give a string, a regular file, or a "
                   "function with ContentLength");
    return position;
}

static int raise_type(lua_State *L, const struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;
    awl_str operation = awl_model_operation_name(model, call->operation);

    return awl_raisef(L, AWL_EINPUT, NULL,
                      "invalid input of %.*s:%.*s: a streaming body must be a string, a "
                      "file or a function, not a %s",
                      STR_ARG(model->name), STR_ARG(operation),
                      luaL_typename(L, CALL_UPLOAD));
}

void awl_upload_plan(lua_State *L, struct awl_call *call)
{
    struct awl_upload_plan *plan = &call->upload;

    plan->present = true;
    plan->length = -1;
    plan->seekable = false;
    if (lua_isfunction(L, CALL_UPLOAD))
        return;
    if (!has_method(L, CALL_UPLOAD, "read"))
        raise_type(L, call);
    if (!has_method(L, CALL_UPLOAD, "seek"))
        return;
    plan->seekable = true;
    plan->start = seek(L, CALL_UPLOAD, "cur", 0);
    plan->length = seek(L, CALL_UPLOAD, "end", 0) - plan->start;
    seek(L, CALL_UPLOAD, "set", plan->start);
}

void awl_upload_rewind(lua_State *L, const struct awl_upload_plan *plan)
{
    seek(L, CALL_UPLOAD, "set", plan->start);
}

static int upload_run(lua_State *L);

static int upload_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return upload_run(L);
}

int64_t awl_upload_wire_length(const struct awl_call *call)
{
    if (call->chunks == NULL || call->upload.length < 0)
        return call->upload.length;
    return awl_chunked_length(&call->chunks->writer.options, call->upload.length);
}

/* Raises unless as much has come as was announced: at the end all of it. */
static void check_length(lua_State *L, lua_Integer have, int64_t announced, bool ended)
{
    if (announced < 0)
        return;
    if (have > announced)
        awl_raisef(L, AWL_EINPUT, "UploadError",
                   "the upload's source gave more than the %lld bytes announced",
                   (long long)announced);
    if (ended && have < announced)
        awl_raisef(L, AWL_EINPUT, "UploadError",
                   "the upload's source ended after %lld of the %lld bytes announced",
                   (long long)have, (long long)announced);
}

/* The piece at the stack's top; at the source's end there is none. */
static awl_str check_piece(lua_State *L, bool *ended)
{
    awl_str piece = {"", 0};

    *ended = lua_isnil(L, -1);
    if (*ended)
        return piece;
    if (lua_type(L, -1) != LUA_TSTRING)
        awl_raisef(L, AWL_EINPUT, "UploadError",
                   "the upload's source gave a %s where a string was expected",
                   luaL_typename(L, -1));
    piece.ptr = lua_tolstring(L, -1, &piece.len);
    return piece;
}

/* What stands behind the body's end goes with the last piece: the transfer has just said
 * that it takes one, and need not be asked again. */
static enum awl_rc feed(const struct awl_call *call, awl_str piece, bool ended)
{
    enum awl_rc rc = AWL_OK;
    if (call->chunks != NULL) {
        rc = awl_upload_chunks_write(call->chunks, piece, ended);
        piece = awl_buf_str(&call->chunks->out);
    }
    if (rc == AWL_OK && piece.len > 0)
        rc = awl_transfer_feed(call->transfer, piece);
    if (ended && (rc == AWL_OK || rc == AWL_ECANCELED))
        awl_transfer_feed_end(call->transfer);
    return rc;
}

/* What the source gave is at the stack's top: a piece, or nil at its end. True when
 * there is nothing more to read. */
static bool take_piece(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, UPLOAD_HANDLE);
    struct awl_call *call = handle->call;
    bool ended;

    if (call == NULL)
        return true;
    awl_str piece = check_piece(L, &ended);
    handle->uploaded += (lua_Integer)piece.len;
    check_length(L, handle->uploaded, call->upload.length, ended);
    /* A file ends where its length says: reading its end as well would outlast the
     * call. */
    ended = ended || (call->upload.seekable && handle->uploaded == call->upload.length);
    enum awl_rc rc = feed(call, piece, ended);
    if (rc != AWL_OK && rc != AWL_ECANCELED)
        awl_raisef(L, rc, "UploadError", "a piece of %zu bytes is too long for an upload",
                   piece.len);
    lua_settop(L, UPLOAD_SOURCE);
    return ended;
}

static int piece_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return take_piece(L) ? 0 : upload_run(L);
}

/* source:read(n) */
static void read_object(lua_State *L, int source, lua_KFunction k)
{
    lua_getfield(L, source, "read");
    lua_pushvalue(L, source);
    lua_pushinteger(L, READ_BYTES);
    lua_callk(L, 2, 1, 0, k);
}

static void read_piece(lua_State *L)
{
    if (lua_isfunction(L, UPLOAD_SOURCE)) {
        lua_pushvalue(L, UPLOAD_SOURCE);
        lua_callk(L, 0, 1, 0, piece_k);
    } else {
        read_object(L, UPLOAD_SOURCE, piece_k);
    }
}

static int upload_run(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, UPLOAD_HANDLE);

    for (;;) {
        if (handle->call == NULL || awl_transfer_ended(handle->call->transfer))
            return 0;
        struct awl_waitable *writable = awl_transfer_writable(handle->call->transfer);
        if (!writable->signaled)
            return awl_task_wait(L, writable, upload_k, 0);
        read_piece(L);
        if (take_piece(L))
            return 0;
    }
}

/* The function of the task: what the source raises becomes the call's error. */
static int upload_ended(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_call_handle *handle = lua_touserdata(L, UPLOAD_HANDLE);
    (void)ctx;

    handle->upload_running = false;
    if (handle->call != NULL)
        awl_waitable_signal(&handle->call->upload_over);
    if (status == LUA_OK || status == LUA_YIELD || handle->call == NULL ||
        handle->upload_stopped)
        return 0;
    handle->upload_failed = true;
    lua_setiuservalue(L, UPLOAD_HANDLE, 1);
    awl_transfer_abort(handle->call->transfer);
    return 0;
}

static int upload_task(lua_State *L)
{
    lua_pushcfunction(L, upload_run);
    lua_pushvalue(L, UPLOAD_HANDLE);
    lua_pushvalue(L, UPLOAD_SOURCE);
    return upload_ended(L, lua_pcallk(L, 2, 0, 0, 0, upload_ended), 0);
}

void awl_upload_start(lua_State *L, struct awl_call_handle *handle)
{
    if (handle->call->chunks != NULL)
        awl_chunked_writer_restart(&handle->call->chunks->writer);
    handle->uploaded = 0;
    handle->upload_stopped = false;
    awl_waitable_init(&handle->call->upload_over, "the end of an upload", NULL);
    lua_pushcfunction(L, upload_task);
    lua_pushvalue(L, CALL_HANDLE);
    lua_pushvalue(L, CALL_UPLOAD);
    handle->upload_task = awl_task_spawn(L, 2);
    handle->upload_running = true; /* it starts later */
    lua_pop(L, 1);
}

int awl_upload_wait(lua_State *L, struct awl_call *call, lua_KFunction next)
{
    return awl_task_wait(L, &call->upload_over, next, 0);
}

void awl_upload_stop(struct awl_call_handle *handle)
{
    if (!handle->upload_running)
        return;
    handle->upload_stopped = true;
    awl_task_cancel(handle->upload_task);
}

/* ---- a source that is read twice ---- */

/* What the continuation needs stands above the call's own slots. */
#define HASH_NEXT (CALL_TOP + 1)
#define HASH_TREE (CALL_TOP + 2) /* a struct awl_tree_hash, or nil */

static int hash_run(lua_State *L);

/* Takes a piece; true at the end of the source. */
static bool hash_piece(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    struct awl_upload_plan *plan = &handle->call->upload;
    bool ended;

    awl_str piece = check_piece(L, &ended);
    awl_sha256_update(&plan->reading, piece.ptr, piece.len);
    if (!lua_isnil(L, HASH_TREE))
        awl_tree_hash_update(lua_touserdata(L, HASH_TREE), piece);
    handle->uploaded += (lua_Integer)piece.len;
    check_length(L, handle->uploaded, plan->length, ended);
    lua_settop(L, HASH_TREE);
    return ended || handle->uploaded == plan->length;
}

static int hash_ended(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    struct awl_upload_plan *plan = &handle->call->upload;
    lua_KFunction next = *(lua_KFunction *)lua_touserdata(L, HASH_NEXT);

    awl_sha256_final(&plan->reading, plan->sha256);
    if (!lua_isnil(L, HASH_TREE))
        awl_tree_hash_final(lua_touserdata(L, HASH_TREE), plan->tree_hash);
    plan->hashed = true;
    handle->uploaded = 0;
    awl_upload_rewind(L, plan);
    lua_settop(L, CALL_TOP);
    return next(L, LUA_OK, 0);
}

static int hash_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return hash_piece(L) ? hash_ended(L) : hash_run(L);
}

static int hash_run(lua_State *L)
{
    do
        read_object(L, CALL_UPLOAD, hash_k);
    while (!hash_piece(L));
    return hash_ended(L);
}

int awl_upload_hash(lua_State *L, lua_KFunction next)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);

    lua_settop(L, CALL_TOP);
    *(lua_KFunction *)lua_newuserdatauv(L, sizeof(next), 0) = next;
    lua_pushnil(L);
    if (handle->call->client->service->rules->needs_tree_hash) {
        awl_tree_hash_init(lua_newuserdatauv(L, sizeof(struct awl_tree_hash), 0));
        lua_replace(L, HASH_TREE);
    }
    handle->uploaded = 0;
    awl_sha256_init(&handle->call->upload.reading);
    return hash_run(L);
}
