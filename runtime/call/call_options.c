/* call_options.c - a call's second table: what is about this call and not in AWS's model.
 */
#include <lauxlib.h>

#include "call/state.h"
#include "script/error_value.h"

static int seconds_option(lua_State *L, const char *name)
{
    int is_number;
    double seconds = lua_tonumberx(L, -1, &is_number);
    if (!is_number || !(seconds > 0 && seconds <= 1e6))
        awl_raisef(L, AWL_EINPUT, NULL,
                   "call option '%s' must be a positive number of seconds", name);
    int ms = (int)(seconds * 1000.0);
    return ms > 0 ? ms : 1;
}

static void read_option(lua_State *L, const char *name, struct awl_call_options *options)
{
    if (strcmp(name, "timeout") == 0) {
        options->timeout_ms = seconds_option(L, name);
    } else if (strcmp(name, "read_timeout") == 0) {
        options->read_timeout_ms = seconds_option(L, name);
    } else if (strcmp(name, "connect_timeout") == 0) {
        options->connect_timeout_ms = seconds_option(L, name);
    } else if (strcmp(name, "max_attempts") == 0) {
        lua_Integer attempts = lua_tointeger(L, -1);
        if (attempts < 1 || attempts > 1000)
            awl_raisef(L, AWL_EINPUT, NULL,
                       "call option 'max_attempts' must be between 1 and 1000");
        options->max_attempts = (int)attempts;
    } else if (strcmp(name, "idempotency_token") == 0) {
        if (lua_type(L, -1) != LUA_TSTRING)
            awl_raisef(L, AWL_EINPUT, NULL,
                       "call option 'idempotency_token' must be a string");
    } else if (strcmp(name, "feature") == 0) {
        static const char *const features[] = {"waiter", "paginator", NULL};
        static const char *const codes[] = {"B", "C"};
        options->feature = codes[luaL_checkoption(L, -1, NULL, features)];
    } else if (strcmp(name, "headers") == 0) {
        if (!lua_istable(L, -1))
            awl_raisef(L, AWL_EINPUT, NULL, "call option 'headers' must be a table");
    } else {
        awl_raisef(L, AWL_EINPUT, NULL,
                   "unknown call option '%s'; there are timeout, read_timeout, "
                   "connect_timeout, max_attempts, idempotency_token and headers",
                   name);
    }
}

void awl_call_read_options(lua_State *L, struct awl_call_options *options)
{
    if (lua_isnoneornil(L, CALL_OPTIONS))
        return;
    if (!lua_istable(L, CALL_OPTIONS))
        awl_raisef(L, AWL_EINPUT, NULL, "call options must be a table, not a %s",
                   luaL_typename(L, CALL_OPTIONS));
    lua_pushnil(L);
    while (lua_next(L, CALL_OPTIONS) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING)
            awl_raisef(L, AWL_EINPUT, NULL, "call options have names, not numbers");
        read_option(L, lua_tostring(L, -2), options);
        lua_pop(L, 1);
    }
}

int awl_call_max_attempts(const struct awl_call *call)
{
    int max = call->options.max_attempts > 0 ? call->options.max_attempts
                                             : call->client->max_attempts;
    return max + call->redirected + call->refreshed_credentials + call->corrected_clock;
}

/* Puts the token that the caller chose into a copy of the input. */
void awl_call_apply_token(lua_State *L, const struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;

    if (!lua_istable(L, CALL_OPTIONS))
        return;
    if (lua_getfield(L, CALL_OPTIONS, "idempotency_token") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!(call->operation->flags & AWL_OPERATION_TOKEN))
        awl_raisef(L, AWL_EINPUT, NULL, "%s takes no idempotency token",
                   awl_model_operation_name(model, call->operation).ptr);

    lua_newtable(L);
    if (lua_istable(L, CALL_INPUT)) {
        lua_pushnil(L);
        while (lua_next(L, CALL_INPUT) != 0) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    }
    const struct awl_shape *shape = awl_model_shape(model, call->operation->input);
    const struct awl_member *member = awl_model_members(model, shape);
    while (!(member->flags & AWL_MEMBER_IDEMPOTENCY_TOKEN))
        member++;
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, awl_model_str(model, member->name).ptr);
    lua_replace(L, CALL_INPUT);
    lua_pop(L, 1);
}

void awl_call_apply_headers(lua_State *L, struct awl_call *call)
{
    if (!lua_istable(L, CALL_OPTIONS) ||
        lua_getfield(L, CALL_OPTIONS, "headers") == LUA_TNIL)
        return;
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        awl_str name, value;
        if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
            awl_raisef(L, AWL_EINPUT, NULL, "headers have strings as names and values");
        name.ptr = lua_tolstring(L, -2, &name.len);
        value.ptr = lua_tolstring(L, -1, &value.len);
        if (awl_headers_set(&call->request.headers, name, value) != AWL_OK)
            awl_raisef(L, AWL_EINPUT, NULL, "header '%s' cannot be sent", name.ptr);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}
