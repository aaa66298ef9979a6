/* body.h - the body of an answer as a script reads it.
 *
 * A userdata with read, lines, chunks, save and close. It owns the transfer: while
 * nobody reads, the socket is paused, and closing or collecting it early closes the
 * connection. */
#ifndef AWL_CALL_BODY_H
#define AWL_CALL_BODY_H

#include <lua.h>

#include "base/str.h"

struct awl_buf;
struct awl_model;
struct awl_operation;
struct awl_response;
struct awl_transfer;

/* Pushes a body that has no transfer yet. The names are for messages and are the
 * model's; both are empty where the answer is none of AWS's. */
void awl_body_push(lua_State *L, awl_str service, awl_str operation);

/* The body will be compared with the checksum that the answer has of it; reading its end
 * raises if it differs. The algorithm's name, or "" if there is no such checksum. */
awl_str awl_body_validate(lua_State *L, int index, const struct awl_model *model,
                          const struct awl_operation *operation,
                          const struct awl_response *response);

/* Gives the body at `index` its transfer, whose head has arrived. What the transfer may
 * still be sending goes with it: the bytes of `request` (or NULL), which is empty
 * afterwards, or what the Lua value at `upload` has. */
void awl_body_adopt(lua_State *L, int index, struct awl_transfer *transfer,
                    struct awl_buf *request, int upload);

#endif
