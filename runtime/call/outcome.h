/* outcome.h - errors of calls, for those that outlast the call: event streams. */
#ifndef AWL_CALL_OUTCOME_H
#define AWL_CALL_OUTCOME_H

#include <lua.h>

#include "call/client.h"
#include "wire/wire.h"

struct awl_outcome_context {
    const struct awl_client *client;
    const struct awl_operation *operation;
};

/* Sets service, operation, region and profile of the error value on top. */
void awl_outcome_set_context(lua_State *L, const struct awl_outcome_context *context);

/* The table of modelled members on top becomes the error value. `status` is the HTTP
 * one. */
void awl_outcome_push_service_error(lua_State *L,
                                    const struct awl_outcome_context *context,
                                    const struct awl_service_error *error, int status);

#endif
