#include "call/event_stream_private.h"

#include <lauxlib.h>

#include "call/outcome.h"
#include "script/error_value.h"
#include "script/task.h"

static const char stream_type[] = "awl.EventStream";
static const char iterator_type[] = "awl.EventIterator";

struct awl_event_stream *awl_event_stream_check(lua_State *L, int index)
{
    return luaL_checkudata(L, index, stream_type);
}

/* ---- the end ---- */

/* What waits for the transfer is woken first, and finds it gone. */
static void stream_close(struct awl_event_stream *stream)
{
    struct awl_transfer *transfer = stream->owned ? stream->transfer : NULL;
    stream->closed = true;
    stream->transfer = NULL;
    if (transfer != NULL)
        awl_transfer_abort(transfer);
    awl_event_stream_stop(stream);
    awl_transfer_free(transfer);
}

/* A task that feeds the transfer must not wait for it when it goes. */
void awl_event_stream_abandon(struct awl_event_stream *stream)
{
    struct awl_transfer *transfer = stream->transfer;
    stream->transfer = NULL;
    stream->closed = true;
    if (stream->feeding && transfer != NULL)
        awl_transfer_abort(transfer);
}

static int stream_gc(lua_State *L)
{
    struct awl_event_stream *stream = lua_touserdata(L, 1);
    if (stream->owned)
        awl_transfer_free(stream->transfer);
    stream->transfer = NULL;
    stream->closed = true;
    awl_buf_release(&stream->request);
    awl_event_decoder_release(&stream->decoder);
    awl_service_error_release(&stream->error);
    awl_event_signer_release(&stream->signer);
    awl_buf_release(&stream->frame);
    awl_buf_release(&stream->wrapped);
    return 0;
}

/* ---- errors ---- */

static struct awl_outcome_context context_of(const struct awl_event_stream *stream)
{
    return (struct awl_outcome_context){.client = stream->client,
                                        .operation = stream->operation};
}

int awl_event_stream_raise(lua_State *L, int index, const struct awl_error *err)
{
    struct awl_event_stream *stream = awl_event_stream_check(L, index);
    struct awl_outcome_context context = context_of(stream);
    if (stream->failed) {
        lua_getiuservalue(L, index, STREAM_FAILURE);
        return lua_error(L);
    }
    awl_error_push_c(L, err);
    awl_outcome_set_context(L, &context);
    return lua_error(L);
}

static int raise_error(lua_State *L, struct awl_error *err, const char *code)
{
    if (err->code[0] == '\0')
        snprintf(err->code, sizeof(err->code), "%s", code);
    return awl_event_stream_raise(L, 1, err);
}

/* The table of the error's members is on top. */
static int raise_service_error(lua_State *L, struct awl_event_stream *stream)
{
    struct awl_outcome_context context = context_of(stream);
    const struct awl_response *response = awl_transfer_response(stream->transfer);
    stream->error.request_id = awl_wire_request_id(response);
    awl_outcome_push_service_error(L, &context, &stream->error, response->status);
    stream_close(stream);
    return lua_error(L);
}

/* ---- reading ---- */

/* Moves what has arrived into the decoder and looks for a message there. */
static enum awl_rc look(struct awl_event_stream *stream, struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    while (rc == AWL_OK && !stream->held) {
        rc = awl_event_decoder_next(&stream->decoder, &stream->message, &stream->held,
                                    err);
        awl_str bytes = awl_transfer_body(stream->transfer);
        if (rc != AWL_OK || stream->held || bytes.len == 0)
            break;
        rc = awl_event_decoder_feed(&stream->decoder, bytes.ptr, bytes.len, err);
        if (rc == AWL_OK)
            awl_transfer_take(stream->transfer, bytes.len);
    }
    return rc;
}

/* Nothing more will come. */
static bool has_ended(const struct awl_event_stream *stream)
{
    return awl_transfer_ended(stream->transfer) &&
           awl_transfer_body(stream->transfer).len == 0;
}

static int stream_ended(lua_State *L, struct awl_event_stream *stream)
{
    struct awl_error err = AWL_ERROR_INIT;
    const struct awl_error *failure = awl_transfer_error(stream->transfer);
    if (failure != NULL)
        err = *failure;
    else if (!awl_event_decoder_is_empty(&stream->decoder))
        awl_error_code(&err, AWL_ETRANSPORT, "IncompleteBody",
                       "the event stream ended within a message");
    stream_close(stream);
    if (err.rc != AWL_OK)
        return awl_event_stream_raise(L, 1, &err);
    lua_pushnil(L);
    return 1;
}

/* Pushes the event that the message is; false if it is none that a script gets. */
static bool take_message(lua_State *L, struct awl_event_stream *stream)
{
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_message_kind kind;
    stream->held = false;
    if (awl_wire_read_event(&stream->client->service->wire, L, &stream->in,
                            &stream->message, &kind, &stream->error, &err) != AWL_OK) {
        stream_close(stream);
        raise_error(L, &err, "ResponseParserError");
    }
    if (kind == AWL_MESSAGE_ERROR)
        raise_service_error(L, stream);
    if (kind == AWL_MESSAGE_INITIAL)
        lua_pop(L, 1);
    return kind == AWL_MESSAGE_EVENT;
}

static int next_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_event_stream *stream = awl_event_stream_check(L, 1);
    struct awl_error err = AWL_ERROR_INIT;
    (void)status;
    while (!stream->closed) {
        if (look(stream, &err) != AWL_OK) {
            stream_close(stream);
            return raise_error(L, &err, "ResponseParserError");
        }
        if (stream->held) {
            if (take_message(L, stream))
                return 1;
            continue;
        }
        if (has_ended(stream))
            return stream_ended(L, stream);
        struct awl_waitable *readable = awl_transfer_readable(stream->transfer);
        if (readable->wake != NULL)
            return luaL_error(L, "another task reads this event stream");
        if (!readable->signaled)
            return awl_task_wait(L, readable, next_k, ctx);
    }
    lua_pushnil(L);
    return 1;
}

/* stream() -> the next event, nil after the last and once it is closed. */
static int stream_next(lua_State *L)
{
    awl_event_stream_check(L, 1);
    awl_task_check(L);
    lua_settop(L, 1);
    return next_k(L, LUA_OK, 0);
}

enum awl_rc awl_event_stream_first(struct awl_call *call, struct awl_waitable **waitable,
                                   struct awl_error *err)
{
    struct awl_event_stream *stream = call->events;
    enum awl_protocol protocol = stream->client->service->wire.protocol;
    *waitable = NULL;
    if ((protocol != AWL_PROTOCOL_JSON && protocol != AWL_PROTOCOL_CBOR) ||
        stream->in.outer->member_count == 1)
        return AWL_OK;
    stream->transfer = call->transfer;
    enum awl_rc rc = look(stream, err);
    if (rc == AWL_OK && !stream->held && !has_ended(stream))
        *waitable = awl_transfer_readable(stream->transfer);
    return rc;
}

static void merge_top(lua_State *L, int into)
{
    for (lua_pushnil(L); lua_next(L, -2) != 0;) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, into);
    }
    lua_pop(L, 1);
}

enum awl_rc awl_event_stream_take_initial(lua_State *L, struct awl_call *call,
                                          bool *failed, struct awl_error *err)
{
    struct awl_event_stream *stream = call->events;
    enum awl_message_kind kind;
    int output = lua_gettop(L);
    *failed = false;
    if (!stream->held)
        return AWL_OK;
    enum awl_rc rc =
        awl_wire_read_event(&call->client->service->wire, L, &stream->in,
                            &stream->message, &kind, &call->service_error, err);
    if (rc != AWL_OK)
        return rc;
    *failed = kind == AWL_MESSAGE_ERROR;
    if (kind == AWL_MESSAGE_INITIAL) {
        stream->held = false;
        merge_top(L, output);
    }
    if (!*failed) /* an event is read again when it is asked for */
        lua_settop(L, output);
    return AWL_OK;
}

/* ---- what scripts see ---- */

/* The iterator's user value is its stream. */
static int iterator_call(lua_State *L)
{
    luaL_checkudata(L, 1, iterator_type);
    lua_getiuservalue(L, 1, 1);
    lua_replace(L, 1);
    return stream_next(L);
}

static int iterator_close(lua_State *L)
{
    luaL_checkudata(L, 1, iterator_type);
    lua_getiuservalue(L, 1, 1);
    stream_close(awl_event_stream_check(L, -1));
    return 0;
}

/* for event in stream:events() do: leaving the loop closes the stream. */
static int stream_events(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"__call", iterator_call},
        {"__close", iterator_close},
        {"close", iterator_close},
        {NULL, NULL},
    };
    awl_event_stream_check(L, 1);
    lua_newuserdatauv(L, 0, 1);
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

static int stream_close_method(lua_State *L)
{
    stream_close(awl_event_stream_check(L, 1));
    return 0;
}

static int stream_tostring(lua_State *L)
{
    const struct awl_event_stream *stream = awl_event_stream_check(L, 1);
    const struct awl_model *model = &stream->client->service->model;
    lua_pushfstring(L, "event stream of %s:%s%s", model->name.ptr,
                    awl_model_operation_name(model, stream->operation).ptr,
                    stream->closed ? " (closed)" : "");
    return 1;
}

static struct awl_event_stream *push(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"__call", stream_next},
        {"events", stream_events},
        {"send", awl_event_stream_send},
        {"finish", awl_event_stream_finish},
        {"close", stream_close_method},
        {"__close", stream_close_method},
        {"__gc", stream_gc},
        {"__tostring", stream_tostring},
        {NULL, NULL},
    };
    struct awl_event_stream *stream =
        lua_newuserdatauv(L, sizeof(*stream), STREAM_VALUES);
    *stream = (struct awl_event_stream){.closed = false};
    awl_buf_init(&stream->request, 0);
    awl_event_decoder_init(&stream->decoder);
    awl_service_error_init(&stream->error);
    awl_buf_init(&stream->signer.text, 64 * 1024);
    awl_buf_init(&stream->frame, 2 * AWL_EVENT_PAYLOAD_MAX);
    awl_buf_init(&stream->wrapped, 2 * AWL_EVENT_PAYLOAD_MAX);
    if (luaL_newmetatable(L, stream_type)) {
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    return stream;
}

static bool is_callable(lua_State *L, int index)
{
    if (lua_isfunction(L, index))
        return true;
    if (!luaL_getmetafield(L, index, "__call"))
        return false;
    lua_pop(L, 1);
    return true;
}

static void take_source(lua_State *L, struct awl_call *call,
                        struct awl_event_stream *stream)
{
    const struct awl_model *model = &call->client->service->model;
    awl_str name = awl_model_str(model, stream->out.member->name);
    lua_pushnil(L);
    if (lua_istable(L, CALL_INPUT)) {
        lua_pop(L, 1);
        lua_getfield(L, CALL_INPUT, name.ptr);
    }
    bool callable = !lua_isnil(L, -1) && is_callable(L, -1);
    if (!lua_isnil(L, -1) && !callable && !lua_istable(L, -1))
        awl_raisef(L, AWL_EINPUT, NULL,
                   "%s must be a list of events or something callable that gives them, "
                   "not a %s",
                   name.ptr, luaL_typename(L, -1));
    stream->repeatable = !callable;
    lua_setiuservalue(L, -2, STREAM_SOURCE);
    call->upload =
        (struct awl_upload_plan){.present = true, .seekable = !callable, .length = -1};
}

void awl_event_stream_plan(lua_State *L, struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;
    struct awl_event_stream *stream = push(L);
    stream->pipeline = call->pipeline;
    stream->client = call->client;
    stream->operation = call->operation;
    lua_pushvalue(L, CALL_CLIENT);
    lua_setiuservalue(L, -2, STREAM_CLIENT);
    stream->reads = awl_event_target(model, call->operation, false, &stream->in);
    stream->writes = awl_event_target(model, call->operation, true, &stream->out);
    if (stream->writes)
        take_source(L, call, stream);
    lua_replace(L, CALL_UPLOAD);
    call->events = stream;
}

void awl_event_stream_adopt(struct awl_call *call)
{
    struct awl_event_stream *stream = call->events;
    struct awl_buf *body = &call->request.body;
    stream->transfer = call->transfer;
    stream->request = *body;
    awl_buf_init(body, body->max);
    stream->owned = true;
    call->transfer = NULL;
    call->events = NULL;
}
