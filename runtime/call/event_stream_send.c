/* The events that a call sends: encoded, signed one after the other, and fed to the
 * transfer as fast as that takes them. */
#include "call/event_stream_private.h"

#include <lauxlib.h>
#include <openssl/crypto.h>

#include "script/error_value.h"
#include "script/task.h"

enum {
    FEED_STREAM = 1,
    FEED_SOURCE = 2,
    FEED_TOP = FEED_SOURCE,
};

/* ---- signatures ---- */

void awl_event_signer_release(struct awl_event_signer *signer)
{
    if (signer->text.ptr != NULL)
        OPENSSL_cleanse(signer->text.ptr, signer->text.cap);
    awl_buf_release(&signer->text);
}

void awl_event_stream_reset(struct awl_event_stream *stream)
{
    stream->signer.on = false;
}

static awl_str keep(struct awl_buf *text, awl_str from)
{
    size_t start = text->len;
    awl_buf_append_str(text, from); /* there is room */
    return awl_str_slice(awl_buf_str(text), start, text->len);
}

enum awl_rc awl_event_stream_sign(struct awl_event_stream *stream,
                                  const struct awl_sigv4_params *params,
                                  const struct awl_credentials *credentials,
                                  const char signature[AWL_SIGV4_SIGNATURE_LEN],
                                  struct awl_error *err)
{
    struct awl_event_signer *signer = &stream->signer;
    struct awl_buf *text = &signer->text;
    size_t need = params->region.len + params->service.len +
                  credentials->access_key_id.len + credentials->secret_access_key.len;
    awl_buf_clear(text);
    if (awl_buf_reserve(text, need + 1) != AWL_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    signer->params = (struct awl_sigv4_params){
        .region = keep(text, params->region),
        .service = keep(text, params->service),
    };
    signer->credentials = (struct awl_credentials){
        .access_key_id = keep(text, credentials->access_key_id),
        .secret_access_key = keep(text, credentials->secret_access_key),
    };
    memcpy(signer->prior, signature, AWL_SIGV4_SIGNATURE_LEN);
    signer->on = true;
    return AWL_OK;
}

static int hex_value(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void from_hex(const char *hex, char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
}

/* Wraps a frame, or nothing at the stream's end, in one that carries the signature.
 * The time is in whole seconds, as the string that is signed has it. */
static enum awl_rc wrap(struct awl_event_stream *stream, awl_str payload,
                        struct awl_error *err)
{
    struct awl_event_signer *signer = &stream->signer;
    char signature[AWL_SIGV4_SIGNATURE_LEN / 2];
    struct awl_event_header headers[2];
    struct awl_buf date;
    int64_t now_ms = awl_clock_wall_ms(&stream->pipeline->runtime->clock) +
                     stream->client->clock_offset_ms;

    signer->params.now_ms = now_ms - now_ms % 1000;
    headers[0] = (struct awl_event_header){.name = STR(":date"),
                                           .type = AWL_EVENT_TIMESTAMP,
                                           .integer = signer->params.now_ms};
    awl_buf_init(&date, 64);
    enum awl_rc rc = awl_event_encode_headers(&date, headers, 1, err);
    if (rc == AWL_OK)
        rc = awl_sigv4_sign_piece(stream->pipeline->sigv4, &signer->params,
                                  &signer->credentials, signer->prior, awl_buf_str(&date),
                                  payload, signer->prior, err);
    awl_buf_release(&date);
    if (rc != AWL_OK)
        return rc;
    from_hex(signer->prior, signature, sizeof(signature));
    headers[1] = (struct awl_event_header){.name = STR(":chunk-signature"),
                                           .type = AWL_EVENT_BYTES,
                                           .text = {signature, sizeof(signature)}};
    const struct awl_event_message message = {
        .headers = headers, .header_count = 2, .payload = payload};
    awl_buf_clear(&stream->wrapped);
    return awl_event_encode(&stream->wrapped, &message, err);
}

/* ---- sending ---- */

/* AWL_ECANCELED when the service has stopped listening. */
static enum awl_rc put_frame(struct awl_event_stream *stream, awl_str frame,
                             struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    if (stream->signer.on) {
        rc = wrap(stream, frame, err);
        frame = awl_buf_str(&stream->wrapped);
    }
    if (rc != AWL_OK || frame.len == 0)
        return rc;
    rc = awl_transfer_feed(stream->transfer, frame);
    return rc == AWL_OK || rc == AWL_ECANCELED
               ? rc
               : awl_error_set(err, rc, "the event cannot be sent");
}

/* Sends the event at the stack's top; raises for one that is not what it should be. */
static enum awl_rc put_event(lua_State *L, struct awl_event_stream *stream)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_buf_clear(&stream->frame);
    enum awl_rc rc = awl_wire_write_event(&stream->client->service->wire, L, -1,
                                          &stream->out, &stream->frame, &err);
    if (rc == AWL_OK)
        rc = put_frame(stream, awl_buf_str(&stream->frame), &err);
    if (rc != AWL_OK && rc != AWL_ECANCELED)
        awl_raise(L, &err);
    return rc;
}

/* A signed stream says with an empty frame that it is whole. */
static void put_end(lua_State *L, struct awl_event_stream *stream)
{
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_rc rc = put_frame(stream, (awl_str){"", 0}, &err);
    stream->finished = true;
    awl_transfer_feed_end(stream->transfer);
    if (rc != AWL_OK && rc != AWL_ECANCELED)
        awl_raise(L, &err);
}

/* ---- from a source, in a task of its own ---- */

static int feed_run(lua_State *L);

static int feed_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    return feed_run(L);
}

static bool is_over(const struct awl_event_stream *stream)
{
    return stream->transfer == NULL || awl_transfer_ended(stream->transfer);
}

/* The source's next event, or nil, is on top. True at the end. */
static bool take_event(lua_State *L)
{
    struct awl_event_stream *stream = lua_touserdata(L, FEED_STREAM);
    if (is_over(stream))
        return true;
    if (lua_isnil(L, -1)) {
        put_end(L, stream);
        return true;
    }
    stream->taken++;
    enum awl_rc rc = put_event(L, stream);
    lua_settop(L, FEED_TOP);
    return rc != AWL_OK;
}

static int taken_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    return take_event(L) ? 0 : feed_run(L);
}

static int feed_run(lua_State *L)
{
    struct awl_event_stream *stream = lua_touserdata(L, FEED_STREAM);
    for (;;) {
        if (is_over(stream))
            return 0;
        struct awl_waitable *writable = awl_transfer_writable(stream->transfer);
        if (!writable->signaled)
            return awl_task_wait(L, writable, feed_k, 0);
        if (stream->repeatable) {
            lua_geti(L, FEED_SOURCE, stream->taken + 1);
        } else {
            lua_pushvalue(L, FEED_SOURCE);
            lua_callk(L, 0, 1, 0, taken_k);
        }
        if (take_event(L))
            return 0;
    }
}

/* The end of the task: what the source has raised is the call's error, or the reader's
 * if the call has returned. */
static int feed_ended(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_event_stream *stream = lua_touserdata(L, FEED_STREAM);
    (void)ctx;
    stream->feeding = false;
    if (status == LUA_OK || status == LUA_YIELD || stream->stopped ||
        stream->transfer == NULL)
        return 0;
    stream->failed = true;
    lua_setiuservalue(L, FEED_STREAM, STREAM_FAILURE);
    awl_transfer_abort(stream->transfer);
    return 0;
}

static int feed_task(lua_State *L)
{
    lua_pushcfunction(L, feed_run);
    lua_pushvalue(L, FEED_STREAM);
    lua_pushvalue(L, FEED_SOURCE);
    return feed_ended(L, lua_pcallk(L, 2, 0, 0, 0, feed_ended), 0);
}

static void start_feeder(lua_State *L, struct awl_event_stream *stream)
{
    lua_pushcfunction(L, feed_task);
    lua_pushvalue(L, CALL_UPLOAD);
    lua_getiuservalue(L, CALL_UPLOAD, STREAM_SOURCE);
    stream->feeder = awl_task_spawn(L, 2);
    stream->feeding = true; /* it starts later */
    lua_pop(L, 1);
}

void awl_event_stream_start(lua_State *L, struct awl_call *call)
{
    struct awl_event_stream *stream = call->events;
    struct awl_error err = AWL_ERROR_INIT;

    stream->transfer = call->transfer;
    stream->taken = 0;
    stream->stopped = stream->failed = stream->finished = false;
    if (!stream->writes)
        return;
    /* Where the protocol begins with a message for the members beside the stream. */
    if (call->request.body.len > 0 &&
        put_frame(stream, awl_buf_str(&call->request.body), &err) != AWL_OK)
        awl_raise(L, &err);
    bool has_source = lua_getiuservalue(L, CALL_UPLOAD, STREAM_SOURCE) != LUA_TNIL;
    lua_pop(L, 1);
    if (has_source)
        start_feeder(L, stream);
    else if (!stream->reads) /* nobody could send any later */
        put_end(L, stream);
}

bool awl_event_stream_feeding(const struct awl_event_stream *stream)
{
    return stream->feeding;
}

void awl_event_stream_stop(struct awl_event_stream *stream)
{
    stream->stopped = true;
    if (stream->feeding)
        awl_task_cancel(stream->feeder);
}

bool awl_event_stream_can_repeat(const struct awl_event_stream *stream)
{
    return stream->repeatable || stream->taken == 0;
}

bool awl_event_stream_push_failure(lua_State *L, const struct awl_event_stream *stream)
{
    if (stream->failed)
        lua_getiuservalue(L, CALL_UPLOAD, STREAM_FAILURE);
    return stream->failed;
}

/* ---- by the script ---- */

/* Raises unless the script may send now. */
static struct awl_event_stream *check_writer(lua_State *L)
{
    struct awl_event_stream *stream = awl_event_stream_check(L, 1);
    awl_task_check(L);
    if (!stream->writes)
        luaL_error(L, "this operation takes no events");
    if (lua_getiuservalue(L, 1, STREAM_SOURCE) != LUA_TNIL)
        luaL_error(L, "the events of this stream come from its input");
    lua_pop(L, 1);
    if (stream->finished)
        awl_raisef(L, AWL_EINPUT, "StreamFinished", "the stream has been finished");
    if (stream->closed)
        awl_raisef(L, AWL_EINPUT, "StreamClosed", "the stream is closed");
    return stream;
}

/* The event is at stack index 2; nil is the stream's end. */
static int send_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_event_stream *stream = check_writer(L);
    struct awl_waitable *writable = awl_transfer_writable(stream->transfer);
    const struct awl_error *failure = awl_transfer_error(stream->transfer);
    bool finish = lua_isnil(L, 2);
    (void)status;
    if (failure != NULL)
        return awl_event_stream_raise(L, 1, failure);
    if (!writable->signaled && writable->wake != NULL)
        return luaL_error(L, "another task sends to this event stream");
    if (!writable->signaled)
        return awl_task_wait(L, writable, send_k, ctx);
    if (finish)
        put_end(L, stream);
    else if (awl_transfer_ended(stream->transfer) || put_event(L, stream) != AWL_OK)
        awl_raisef(L, AWL_ETRANSPORT, "StreamEnded",
                   "the service has ended the stream and takes no more events");
    return 0;
}

/* stream:send(event): suspends the task while the connection is too slow. */
int awl_event_stream_send(lua_State *L)
{
    check_writer(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    return send_k(L, LUA_OK, 0);
}

/* stream:finish(): there are no more events to send; reading goes on. */
int awl_event_stream_finish(lua_State *L)
{
    struct awl_event_stream *stream = awl_event_stream_check(L, 1);
    if (stream->finished || stream->closed)
        return 0;
    check_writer(L);
    lua_settop(L, 1);
    lua_pushnil(L);
    return send_k(L, LUA_OK, 0);
}
