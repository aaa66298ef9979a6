/* server.h - what the parts of awl.core.server share: lib_server.c, server_wire.c and
 * server_verify.c. */
#ifndef AWL_BIND_SERVER_H
#define AWL_BIND_SERVER_H

#include <lua.h>

#include "http/server.h"

/* The exchange at `index`; raises an argument error for any other value. */
struct awl_exchange *awl_server_check_exchange(lua_State *L, int index);

/* Pushes a userdata that owns an answer. */
struct awl_response *awl_server_push_response(lua_State *L);

/* Adds the fields of the table at `index` (nil: none): a value is a string, a number
 * or a list of strings. Those that are there are replaced. */
void awl_server_add_headers(lua_State *L, int index, struct awl_headers *headers);

/* Answers with the head in `response` and the string at stack `body` (0: the body in
 * `response`), which is not copied on the way. Raises; false when the client has gone. */
bool awl_server_respond(lua_State *L, struct awl_exchange *exchange,
                        const struct awl_response *response, int body);

/* wire(service) -> wire: the codecs of a service, from the server's side. */
int awl_server_wire(lua_State *L);

/* verify(exchange, keys) -> verdict, reason: whether the request was signed with the
 * secret that the table `keys` has for its access key. "valid", "missing",
 * "malformed", "unknown", "skewed", "expired", "mismatch" or "bad body". */
int awl_server_verify(lua_State *L);

#endif
