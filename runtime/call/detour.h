/* detour.h - what a call has to get by calls of its own before it can be signed.
 *
 * Such a call names a Lua module that exports function(client, operation, input,
 * required) (the last: the operation has required endpoint discovery). It may suspend and
 * is asked before each attempt, so it keeps what it has got. It returns nil, or a table:
 * `url` is where to send the request, instead of to the resolved endpoint; `credentials`
 * is the slot to sign it with, instead of the session's. Where an answer says that they
 * are not good any more, `rejected` is set in the table and the call is repeated at once.
 * Nearly all calls go without. */
#ifndef AWL_CALL_DETOUR_H
#define AWL_CALL_DETOUR_H

#include <lua.h>

#include "base/error.h"

struct awl_call;

/* The module's name; NULL for none. The endpoint is resolved. */
enum awl_rc awl_detour_module(const struct awl_call *call, const char **module,
                              struct awl_error *err);

/* Takes what the module's function has returned, at CALL_DETOUR, for the attempt that
 * begins. */
void awl_detour_take(lua_State *L, struct awl_call *call);

/* A service's error rejects what was got; says so in the table. */
bool awl_detour_rejected(lua_State *L, const struct awl_call *call);

#endif
