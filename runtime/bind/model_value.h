/* model_value.h - what models say, as Lua tables. */
#ifndef AWL_BIND_MODEL_VALUE_H
#define AWL_BIND_MODEL_VALUE_H

#include <lua.h>

#include "model/model.h"

/* Set a field of the table on the top of the stack. */
void awl_value_set_text(lua_State *L, const char *key, awl_str text);
void awl_value_set_integer(lua_State *L, const char *key, lua_Integer value);
/* Sets nothing for AWL_MODEL_NONE. */
void awl_value_set_name(lua_State *L, const struct awl_model *model, const char *key,
                        uint32_t name);
/* A list of strings, given their offsets. */
void awl_value_set_names(lua_State *L, const struct awl_model *model, const char *key,
                         const uint32_t *names, uint32_t count);

/* Pushes { operation, input_tokens, output_tokens, result_keys, non_aggregate_keys,
 * limit_key, more_results }, or nil when the operation answers in one page. result_keys
 * is empty if the model does not say. */
void awl_value_push_paginator(lua_State *L, const struct awl_model *model,
                              const struct awl_operation *operation);

/* Pushes { name, method_name, operation, delay, max_attempts, acceptors = { { matcher,
 * state, argument, expected } } }. */
void awl_value_push_waiter(lua_State *L, const struct awl_model *model,
                           const struct awl_waiter *waiter);

#endif
