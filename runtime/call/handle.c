/* handle.c - calls and who owns them: buffers outlive a call and serve the next. */
#include <lauxlib.h>
#include <stdlib.h>

#include "call/event_stream.h"
#include "call/state.h"
#include "call/upload_chunks.h"

#define BODY_MAX (256u * 1024 * 1024)
#define URL_MAX (2u * 1024 * 1024)
#define IDLE_CALLS_MAX 256
#define KEPT_BODY_BYTES (256 * 1024) /* a larger buffer is not kept for the next call */

static struct awl_call *call_new(struct awl_pipeline *pipeline)
{
    struct awl_call *call = calloc(1, sizeof(*call));
    if (call == NULL)
        return NULL;
    call->pipeline = pipeline;
    awl_request_init(&call->request, BODY_MAX);
    awl_buf_init(&call->url, URL_MAX);
    awl_buf_init(&call->text, URL_MAX);
    awl_service_error_init(&call->service_error);
    return call;
}

static void call_free(struct awl_call *call)
{
    if (call == NULL)
        return;
    awl_request_release(&call->request);
    awl_buf_release(&call->url);
    awl_buf_release(&call->text);
    awl_service_error_release(&call->service_error);
    free(call);
}

struct awl_call *awl_call_take(struct awl_pipeline *pipeline)
{
    struct awl_call *call = pipeline->idle;
    if (call == NULL)
        return call_new(pipeline);
    pipeline->idle = call->next_idle;
    pipeline->idle_count--;
    return call;
}

/* Forgets the call and keeps its buffers for another one. */
static void call_put_back(struct awl_call *call)
{
    struct awl_pipeline *pipeline = call->pipeline;

    awl_turn_leave(&call->turn);
    awl_resolved_done(call->resolved);
    call->resolved = NULL;
    awl_upload_chunks_free(call->chunks);
    call->chunks = NULL;
    awl_transfer_free(call->transfer);
    call->transfer = NULL;
    if (pipeline->idle_count >= IDLE_CALLS_MAX ||
        call->request.body.cap > KEPT_BODY_BYTES) {
        call_free(call);
        return;
    }
    awl_request_clear(&call->request);
    awl_buf_clear(&call->url);
    call->next_idle = pipeline->idle;
    pipeline->idle = call;
    pipeline->idle_count++;
}

void awl_calls_free_idle(struct awl_pipeline *pipeline)
{
    while (pipeline->idle != NULL) {
        struct awl_call *call = pipeline->idle;
        pipeline->idle = call->next_idle;
        call_free(call);
    }
    pipeline->idle_count = 0;
}

static void handle_release(struct awl_call_handle *handle)
{
    struct awl_call *call = handle->call;
    handle->call = NULL;
    if (call == NULL)
        return;
    if (handle->upload_running) /* its task still looks at the transfer */
        awl_transfer_abort(call->transfer);
    if (call->events != NULL)
        awl_event_stream_abandon(call->events);
    call->events = NULL;
    call_put_back(call);
}

static void handle_over(struct awl_call_handle *handle)
{
    if (handle->call != NULL)
        awl_upload_stop(handle);
    if (handle->call != NULL && handle->call->events != NULL)
        awl_event_stream_stop(handle->call->events);
    handle_release(handle);
}

void awl_call_over(lua_State *L)
{
    handle_over(lua_touserdata(L, CALL_HANDLE));
}

static int handle_close(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, 1);
    if (handle->call != NULL)
        awl_call_observe_unwound(L, handle->call, 2);
    handle_over(handle);
    return 0;
}

/* While an upload's task lives it holds the handle: only when the state is closed can
 * it still run here, and then it may be gone. */
static int handle_gc(lua_State *L)
{
    handle_release(lua_touserdata(L, 1));
    return 0;
}

static const char handle_type[] = "awl.Call";

struct awl_call_handle *awl_call_handle_check(lua_State *L, int index)
{
    return luaL_checkudata(L, index, handle_type);
}

/* The owner stands on the stack before it owns anything. */
struct awl_call_handle *awl_call_handle_push(lua_State *L)
{
    struct awl_call_handle *handle = lua_newuserdatauv(L, sizeof(*handle), 1);
    *handle = (struct awl_call_handle){0};
    if (luaL_newmetatable(L, handle_type)) {
        lua_pushcfunction(L, handle_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, handle_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return handle;
}

void awl_call_handle_mark(lua_State *L)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    if (!handle->marked)
        lua_toclose(L, CALL_HANDLE);
    handle->marked = true;
}

void awl_call_reset(struct awl_call *call, struct awl_client *client,
                    const struct awl_operation *operation, bool prepare_only)
{
    struct awl_runtime *runtime = call->pipeline->runtime;

    call->client = client;
    call->operation = operation;
    call->stage = CALL_ASK_GATE;
    call->prepare_only = prepare_only;
    call->presign_seconds = 0;
    call->presign_default = false;
    call->presign_method = STR("");
    call->options = (struct awl_call_options){0};
    call->attempt = 1;
    call->last_retry_cost = 0;
    call->attempt_started_us = 0;
    call->events = NULL;
    call->refreshed_credentials = call->redirected = call->corrected_clock = false;
    call->server_time_known = false;
    call->waited_us = 0;
    call->failed = call->is_error = call->compressed = false;
    call->unknown_outcome = call->quota_reached = false;
    call->started_us = awl_clock_mono_us(&runtime->clock);
    awl_random_uuid(&runtime->random, call->invocation_id);
}
