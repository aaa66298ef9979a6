#include "call/call.h"

#include <lauxlib.h>

#include "call/credentials.h"
#include "call/detour.h"
#include "call/event_stream.h"
#include "call/presign.h"
#include "call/sign.h"
#include "call/stages.h"
#include "call/validation.h"
#include "script/error_value.h"
#include "script/task.h"

static int call_run(lua_State *L, struct awl_call *call);

int awl_call_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);
    (void)status;
    (void)ctx;
    return call_run(L, handle->call);
}

int awl_call_fail(lua_State *L, struct awl_call *call, const struct awl_error *err)
{
    call->failed = true;
    call->failure = err;
    return awl_call_raise(L, call);
}

static int ask_gate(lua_State *L, struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;

    call->stage = CALL_SERIALIZE;
    if (call->pipeline->gate == LUA_NOREF)
        return 0;
    call->stage = CALL_GATE_ANSWERED;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->pipeline->gate);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushstring(L, awl_model_operation_name(model, call->operation).ptr);
    lua_pushvalue(L, CALL_INPUT);
    lua_pushvalue(L, CALL_OPTIONS);
    lua_callk(L, 4, 1, 0, awl_call_k);
    return awl_call_k(L, LUA_OK, 0);
}

static int gate_answered(lua_State *L, struct awl_call *call)
{
    if (!lua_isnil(L, -1)) {
        awl_call_over(L);
        return 1;
    }
    lua_settop(L, CALL_TOP);
    call->stage = CALL_SERIALIZE;
    return 0;
}

/* Which of the client's slots the call needs. */
static int slot_index(const struct awl_call *call)
{
    return awl_auth_of_operation(call->client, call->operation) == AWL_AUTH_BEARER
               ? AWL_CLIENT_TOKEN
               : AWL_CLIENT_CREDENTIALS;
}

/* NULL if there is no bearer token for a call that needs one. */
static struct awl_credentials_slot *slot_of(lua_State *L, const struct awl_call *call)
{
    lua_getiuservalue(L, CALL_CLIENT, slot_index(call));
    struct awl_credentials_slot *slot = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return slot;
}

/* Whether it has none of which `fine` says that they will do. */
static bool lacks_credentials(lua_State *L, const struct awl_call *call,
                              bool (*fine)(const struct awl_credentials_slot *, int64_t))
{
    if (awl_auth_of_operation(call->client, call->operation) == AWL_AUTH_NONE)
        return false;
    const struct awl_credentials_slot *slot = slot_of(L, call);
    int64_t now_ms = awl_clock_wall_ms(&awl_runtime(L)->clock);
    return slot == NULL || !fine(slot, now_ms);
}

/* Calls the session's function that fills the slot; it may suspend. */
static int refresh_credentials(lua_State *L, struct awl_call *call)
{
    call->stage = CALL_CREDENTIALS_REFRESHED;
    int type = lua_getiuservalue(L, CALL_CLIENT, slot_index(call));
    if (type == LUA_TNIL || !awl_credentials_push_refresh(L, -1))
        return 0;
    lua_insert(L, -2);
    lua_pushboolean(L, awl_credentials_check(L, -1)->refused);
    lua_callk(L, 2, 0, 0, awl_call_k);
    return awl_call_k(L, LUA_OK, 0);
}

static int get_credentials(lua_State *L, struct awl_call *call)
{
    if (lacks_credentials(L, call, awl_credentials_fresh))
        return refresh_credentials(L, call);
    call->stage = CALL_RESOLVE;
    return 0;
}

static int credentials_refreshed(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    lua_settop(L, CALL_TOP);
    call->stage = CALL_RESOLVE;
    if (!lacks_credentials(L, call, awl_credentials_usable))
        return 0;
    if (slot_index(call) == AWL_CLIENT_TOKEN)
        awl_auth_no_token(call->client, &err);
    else
        awl_error_code(&err, AWL_ECONFIG, "NoCredentials",
                       "no credentials found for %.*s",
                       STR_ARG(call->client->service->model.name));
    return awl_call_fail(L, call, &err);
}

void awl_call_push_function(lua_State *L, const char *module)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
}

/* Calls the module's function, which may suspend. */
static int make_detour(lua_State *L, struct awl_call *call, const char *module)
{
    awl_str name =
        awl_model_operation_name(&call->client->service->model, call->operation);

    call->stage = CALL_DETOUR_MADE;
    awl_call_push_function(L, module);
    lua_pushvalue(L, CALL_CLIENT);
    lua_pushlstring(L, name.ptr, name.len);
    lua_pushvalue(L, CALL_INPUT);
    lua_pushboolean(L, (call->operation->flags & AWL_OPERATION_DISCOVERY_REQUIRED) != 0);
    lua_callk(L, 4, 1, 0, awl_call_k);
    return awl_call_k(L, LUA_OK, 0);
}

static int detour_made(lua_State *L, struct awl_call *call)
{
    lua_replace(L, CALL_DETOUR);
    lua_settop(L, CALL_TOP);
    awl_detour_take(L, call);
    call->stage = CALL_SIGN;
    return 0;
}

/* Rules may want to know whose account it is: the credentials come first. */
static int resolve(lua_State *L, struct awl_call *call)
{
    struct awl_error err;
    const char *detour = NULL;
    enum awl_rc rc = AWL_OK;

    awl_error_init(&err);
    call->keys = slot_of(L, call);
    if (call->resolved == NULL)
        rc = awl_resolve(L, call->client, call->operation, CALL_INPUT, &call->keys->keys,
                         &call->resolved, &err);
    if (rc == AWL_OK)
        rc = awl_detour_module(call, &detour, &err);
    if (rc != AWL_OK)
        return awl_call_fail(L, call, &err);
    call->base_url = call->resolved->endpoint.url;
    call->base_host = call->resolved->host;
    call->stage = CALL_SIGN;
    return detour != NULL ? make_detour(L, call, detour) : 0;
}

static int sign(lua_State *L, struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;
    struct awl_error err;
    enum awl_rc rc = AWL_OK;

    awl_error_init(&err);
    if (awl_call_wants_upload_hash(call, call->keys))
        return awl_upload_hash(L, awl_call_k);
    call->keys_generation = call->keys->generation;
    if (rules->before_sign != NULL && call->attempt == 1 && call->presign_seconds == 0)
        rc = rules->before_sign(call, awl_call_body(L, call), &err);
    if (rc == AWL_OK)
        rc = awl_call_sign(call, call->keys, awl_call_body(L, call), call->upload.present,
                           &err);
    if (rc != AWL_OK)
        return awl_call_fail(L, call, &err);
    call->stage = CALL_SEND;
    return 0;
}

static int send_or_return(lua_State *L, struct awl_call *call)
{
    if (call->presign_seconds > 0)
        return awl_call_push_presigned(L, call);
    if (call->prepare_only)
        return awl_call_push_prepared(L, call);
    return awl_call_send(L, call);
}

static int return_output(lua_State *L, struct awl_call *call)
{
    int results = awl_call_return_output(L, call);
    if (results == 0)
        call->stage = CALL_DECIDE;
    return results;
}

static int finish(lua_State *L, struct awl_call *call)
{
    struct awl_call_handle *handle = lua_touserdata(L, CALL_HANDLE);

    if (call->operation->flags & AWL_OPERATION_EVENT_OUTPUT) {
        if (call->events == NULL)
            awl_event_stream_plan(L, call);
        call->stage = CALL_FIRST_EVENT;
        return 0;
    }
    if ((call->operation->flags & AWL_OPERATION_STREAM_OUTPUT) == 0)
        return return_output(L, call);
    /* The answer's body takes the transfer along, which then could not be fed. */
    if (handle->upload_running)
        return awl_upload_wait(L, call, awl_call_k);
    if (!handle->upload_failed)
        return return_output(L, call);
    call->stage = CALL_DECIDE;
    return 0;
}

/* Where members of the output come with the first message. */
static int first_event(lua_State *L, struct awl_call *call)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_waitable *waitable;

    if (awl_event_stream_first(call, &waitable, &err) != AWL_OK)
        return awl_call_fail(L, call, &err);
    if (waitable != NULL)
        return awl_task_wait(L, waitable, awl_call_k, 0);
    return return_output(L, call);
}

static int (*const stages[])(lua_State *L, struct awl_call *call) = {
    [CALL_ASK_GATE] = ask_gate,
    [CALL_GATE_ANSWERED] = gate_answered,
    [CALL_SERIALIZE] = awl_call_serialize,
    [CALL_TAKE_TURN] = awl_call_take_turn,
    [CALL_TURN_TAKEN] = awl_call_turn_taken,
    [CALL_GET_CREDENTIALS] = get_credentials,
    [CALL_CREDENTIALS_REFRESHED] = credentials_refreshed,
    [CALL_RESOLVE] = resolve,
    [CALL_DETOUR_MADE] = detour_made,
    [CALL_SIGN] = sign,
    [CALL_REWIND] = awl_call_rewind,
    [CALL_SEND] = send_or_return,
    [CALL_HEAD_ARRIVED] = awl_call_head_arrived,
    [CALL_ERROR_BODY] = awl_call_collect_error,
    [CALL_ERROR_COLLECTED] = awl_call_error_collected,
    [CALL_DECIDE] = awl_call_decide,
    [CALL_GIVE_UP] = awl_call_raise,
    [CALL_PLACE_ASKED] = awl_call_place_asked,
    [CALL_FINISH] = finish,
    [CALL_FIRST_EVENT] = first_event,
};

/* Runs stages until one suspends or returns. A stage function that returns 0 has
 * set the next stage; every other return value is the C function's own. */
static int call_run(lua_State *L, struct awl_call *call)
{
    int results;
    do
        results = stages[call->stage](L, call);
    while (results == 0);
    return results;
}

static int start(lua_State *L, const struct awl_operation *operation, bool prepare_only,
                 const struct awl_presign_options *presign)
{
    struct awl_client *client = lua_touserdata(L, CALL_CLIENT);

    awl_task_check(L);
    lua_settop(L, CALL_OPTIONS);
    struct awl_call_handle *handle = awl_call_handle_push(L);
    lua_pushnil(L); /* CALL_UPLOAD */
    lua_pushnil(L); /* CALL_DETOUR */
    if (awl_pipeline(awl_runtime(L))->observer != LUA_NOREF)
        awl_call_handle_mark(L); /* it is told how the call ends in any case */
    handle->call = awl_call_take(awl_pipeline(awl_runtime(L)));
    if (handle->call == NULL)
        return luaL_error(L, "not enough memory");
    awl_call_reset(handle->call, client, operation, prepare_only);
    if (presign != NULL)
        awl_presign_begin(handle->call, presign);
    awl_call_read_options(L, &handle->call->options);
    return call_run(L, handle->call);
}

int awl_call(lua_State *L, const struct awl_operation *operation)
{
    return start(L, operation, false, NULL);
}

int awl_call_prepare(lua_State *L, const struct awl_operation *operation)
{
    return start(L, operation, true, NULL);
}

int awl_call_presign(lua_State *L, const struct awl_operation *operation,
                     const struct awl_presign_options *options)
{
    lua_settop(L, CALL_INPUT);
    return start(L, operation, true, options);
}
