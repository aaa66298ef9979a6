/* call.h - one AWS call, from a script's table to the table it gets back.
 *
 * Validate and serialize, resolve the endpoint, get credentials, sign, send; on the
 * answer decide whether to retry, else parse and return. Suspends the task. */
#ifndef AWL_CALL_CALL_H
#define AWL_CALL_CALL_H

#include <lua.h>

#include "model/model.h"

/* As the tail of a C function that Lua called with (client, input, options) at 1, 2
 * and 3: makes the call and returns the output table. Raises an error value. Options
 * are timeout, read_timeout, connect_timeout (seconds), max_attempts,
 * idempotency_token and headers. */
int awl_call(lua_State *L, const struct awl_operation *operation);

/* The same up to the signature: returns { method, url, headers, body } and sends
 * nothing. `body` is absent for a streaming one. */
int awl_call_prepare(lua_State *L, const struct awl_operation *operation);

struct awl_presign_options {
    uint32_t seconds;   /* how long the URL is good for; 0: the caller does not say */
    const char *method; /* static text; NULL: the operation's own, where a URL can */
};

/* The same as a URL that carries its signature: returns it and a table of the headers
 * that whoever uses it must send. The call's options are not looked at. */
int awl_call_presign(lua_State *L, const struct awl_operation *operation,
                     const struct awl_presign_options *options);

#endif
