/* error_value.h - errors as scripts see them.
 *
 * An error is a table with the metatable "awl.Error": kind, code, message and,
 * where they are known, service, operation, status, request_id, region, attempts,
 * retryable, throttled, unknown_outcome and modelled members. tostring(err) is the
 * one line that a person wants; err:is "Throttling*" matches the code. */
#ifndef AWL_SCRIPT_ERROR_VALUE_H
#define AWL_SCRIPT_ERROR_VALUE_H

#include <lua.h>

#include "base/error.h"

#define AWL_CODE_IO "IOError" /* of an AWL_EIO that has no code */

/* Pushes a new error table with kind and code, of which each may be NULL, and
 * message. The caller adds more fields with lua_setfield. */
void awl_error_push(lua_State *L, const char *kind, const char *code,
                    const char *message);

/* The same from a C error: kind by its rc, code by its code, else AWL_CODE_IO or
 * the kind. */
void awl_error_push_c(lua_State *L, const struct awl_error *err);

/* Raises `err` as an error table; never returns. */
int awl_raise(lua_State *L, const struct awl_error *err);

/* Raises with words of our own; never returns. */
int awl_raisef(lua_State *L, enum awl_rc rc, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True if the value is an error table of ours. */
bool awl_error_is(lua_State *L, int index);

/* True if it is one whose code is exactly `code`: "Canceled", "Timeout". */
bool awl_error_has_code(lua_State *L, int index, const char *code);

/* Lua: new(fields) makes the table an error value and returns it; for errors that
 * Lua modules raise. */
int awl_error_new(lua_State *L);

/* Adds the metatable and its functions; called once for a state. */
void awl_error_value_open(lua_State *L);

#endif
