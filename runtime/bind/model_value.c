#include "bind/model_value.h"

#include "bind/json_value.h"

void awl_value_set_text(lua_State *L, const char *key, awl_str text)
{
    lua_pushlstring(L, text.len > 0 ? text.ptr : "", text.len);
    lua_setfield(L, -2, key);
}

void awl_value_set_integer(lua_State *L, const char *key, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

void awl_value_set_name(lua_State *L, const struct awl_model *model, const char *key,
                        uint32_t name)
{
    if (name != AWL_MODEL_NONE)
        awl_value_set_text(L, key, awl_model_str(model, name));
}

void awl_value_set_names(lua_State *L, const struct awl_model *model, const char *key,
                         const uint32_t *names, uint32_t count)
{
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        awl_str name = awl_model_str(model, names[i]);
        lua_pushlstring(L, name.ptr, name.len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

/* ---- paginators ---- */

static bool has_member(const struct awl_model *model, uint32_t shape, awl_str name)
{
    return shape != AWL_MODEL_NONE &&
           awl_model_member_by_name(model, awl_model_shape(model, shape), name) != NULL;
}

static void set_one_name(lua_State *L, const char *key, const char *name)
{
    lua_createtable(L, 1, 0);
    lua_pushstring(L, name);
    lua_rawseti(L, -2, 1);
    lua_setfield(L, -2, key);
}

/* The model has no paginator for some operations that plainly page. */
static bool push_next_token_paginator(lua_State *L, const struct awl_model *model,
                                      const struct awl_operation *operation)
{
    static const char *const names[] = {"NextToken", "nextToken", NULL};
    for (const char *const *name = names; *name != NULL; name++) {
        if (!has_member(model, operation->input, awl_str_of(*name)) ||
            !has_member(model, operation->output, awl_str_of(*name)))
            continue;
        lua_newtable(L);
        set_one_name(L, "input_tokens", *name);
        set_one_name(L, "output_tokens", *name);
        awl_value_set_names(L, model, "result_keys", NULL, 0);
        awl_value_set_names(L, model, "non_aggregate_keys", NULL, 0);
        return true;
    }
    return false;
}

void awl_value_push_paginator(lua_State *L, const struct awl_model *model,
                              const struct awl_operation *operation)
{
    struct awl_paginator p;

    if (awl_model_paginator(model, operation, &p)) {
        lua_createtable(L, 0, 7);
        awl_value_set_names(L, model, "input_tokens", p.input_tokens,
                            p.input_token_count);
        awl_value_set_names(L, model, "output_tokens", p.output_tokens,
                            p.output_token_count);
        awl_value_set_names(L, model, "result_keys", p.result_keys, p.result_key_count);
        awl_value_set_names(L, model, "non_aggregate_keys", p.non_aggregate_keys,
                            p.non_aggregate_key_count);
        awl_value_set_name(L, model, "limit_key", p.limit_key);
        awl_value_set_name(L, model, "more_results", p.more_results);
    } else if (!push_next_token_paginator(L, model, operation)) {
        lua_pushnil(L);
        return;
    }
    awl_value_set_name(L, model, "operation", operation->name);
}

/* ---- waiters ---- */

static void push_acceptor(lua_State *L, const struct awl_waiter_acceptor *acceptor)
{
    lua_createtable(L, 0, 4);
    awl_value_set_text(L, "matcher", acceptor->matcher);
    awl_value_set_text(L, "state", acceptor->state);
    if (acceptor->argument.len > 0)
        awl_value_set_text(L, "argument", acceptor->argument);
    awl_json_decode(L, acceptor->expected);
    lua_setfield(L, -2, "expected");
}

void awl_value_push_waiter(lua_State *L, const struct awl_model *model,
                           const struct awl_waiter *waiter)
{
    struct awl_waiter_acceptor acceptor;

    lua_createtable(L, 0, 6);
    awl_value_set_text(L, "name", waiter->name);
    awl_value_set_text(L, "method_name", waiter->method_name);
    awl_value_set_name(L, model, "operation", waiter->operation);
    awl_value_set_integer(L, "delay", waiter->delay_s);
    awl_value_set_integer(L, "max_attempts", waiter->max_attempts);
    lua_createtable(L, (int)waiter->acceptor_count, 0);
    for (uint32_t i = 0; i < waiter->acceptor_count; i++) {
        awl_model_waiter_acceptor(model, waiter, i, &acceptor);
        push_acceptor(L, &acceptor);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "acceptors");
}
