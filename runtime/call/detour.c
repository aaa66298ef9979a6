#include "call/detour.h"

#include "call/credentials.h"
#include "call/presign.h"
#include "call/state.h"

#define ENDPOINT_DISCOVERY "awl.endpoint_discovery"

static enum awl_rc discovery_module(const struct awl_call *call, const char **module,
                                    struct awl_error *err)
{
    const struct awl_client *client = call->client;
    bool required = (call->operation->flags & AWL_OPERATION_DISCOVERY_REQUIRED) != 0;

    if (client->endpoint_url.len > 0)
        return AWL_OK;
    if (client->discovery == AWL_DISCOVERY_ON ||
        (required && client->discovery == AWL_DISCOVERY_AUTO)) {
        *module = ENDPOINT_DISCOVERY;
        return AWL_OK;
    }
    if (!required)
        return AWL_OK;
    return awl_error_code(
        err, AWL_ECONFIG, "EndpointDiscoveryRequired",
        "%.*s:%.*s needs endpoint discovery, which is turned off",
        STR_ARG(client->service->model.name),
        STR_ARG(awl_model_operation_name(&client->service->model, call->operation)));
}

static bool needs_session(const struct awl_call *call)
{
    const struct awl_service_rules *rules = call->client->service->rules;
    return rules->needs_session != NULL && call->client->sign && !call->keys->anonymous &&
           rules->needs_session(&call->resolved->endpoint);
}

enum awl_rc awl_detour_module(const struct awl_call *call, const char **module,
                              struct awl_error *err)
{
    *module = NULL;
    if (call->operation->flags & AWL_OPERATION_DISCOVERY)
        return discovery_module(call, module, err);
    if (needs_session(call))
        *module = call->client->service->rules->session_module;
    return AWL_OK;
}

void awl_detour_take(lua_State *L, struct awl_call *call)
{
    if (!lua_istable(L, CALL_DETOUR))
        return;
    /* Both are the table's own, which stays on the stack. */
    if (lua_getfield(L, CALL_DETOUR, "url") == LUA_TSTRING) {
        call->base_url.ptr = lua_tolstring(L, -1, &call->base_url.len);
        call->base_host = awl_resolve_host(call->base_url);
    }
    if (lua_getfield(L, CALL_DETOUR, "credentials") != LUA_TNIL) {
        call->keys = awl_credentials_check(L, -1);
        if (call->presign_default)
            call->presign_seconds = AWL_PRESIGN_SESSION_SECONDS;
    }
    lua_pop(L, 2);
}

bool awl_detour_rejected(lua_State *L, const struct awl_call *call)
{
    if (!lua_istable(L, CALL_DETOUR))
        return false;
    if (awl_transfer_response(call->transfer)->status != 421 &&
        !awl_str_eq(call->service_error.code, STR("InvalidEndpointException")))
        return false;
    lua_pushboolean(L, true);
    lua_setfield(L, CALL_DETOUR, "rejected");
    return true;
}
