/* body_private.h - what body.c and body_save.c share. */
#ifndef AWL_CALL_BODY_PRIVATE_H
#define AWL_CALL_BODY_PRIVATE_H

#include <lua.h>

#include "base/buf.h"
#include "call/validation.h"
#include "http/http.h"

#define AWL_BODY_HELD_MAX ((size_t)2 << 30) /* bytes: the longest line, or read() */

struct awl_body {
    struct awl_transfer *transfer;     /* NULL once closed */
    struct awl_buf request;            /* what the transfer may still have to send */
    struct awl_buf pending;            /* taken from the transfer */
    size_t handed_out;                 /* of it, at its start */
    awl_str service, operation;        /* the model's */
    struct awl_validation *validation; /* NULL: there is nothing to compare with */
    bool closed;
    bool saving; /* a task writes it to a file */
};

/* What has been taken from the transfer and not handed out. */
awl_str awl_body_pending(const struct awl_body *body);

/* Bytes taken from the transfer, in order. */
void awl_body_seen(struct awl_body *body, awl_str bytes);

/* The body at a stack index, perhaps a closed one; raises for anything else. */
struct awl_body *awl_body_check(lua_State *L, int index);

/* Raises for a closed one. Another task may close it while one waits for its bytes. */
void awl_body_check_open(lua_State *L, const struct awl_body *body);

/* The body at index 1; raises if it is closed, or another task reads it: each would get
 * only some of the bytes. */
struct awl_body *awl_body_check_free(lua_State *L);

/* For more bytes; raises if another task waits for them already. */
struct awl_waitable *awl_body_readable(lua_State *L, const struct awl_body *body);

/* Ends the transfer; may be called again. */
void awl_body_close(struct awl_body *body);

/* The transfer has ended and all its bytes have been seen. Raises if it has failed, or
 * what came is not what was sent. */
void awl_body_check_end(lua_State *L, const struct awl_body *body);

/* body:save(path) -> bytes written. */
int awl_body_save(lua_State *L);

#endif
