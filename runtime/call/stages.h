/* stages.h - the stages of a call, in the order of call.c; private to call/.
 *
 * A stage function that returns 0 has set the next stage. Every other value is what the
 * C function that makes the call returns: it has suspended, or it is over. */
#ifndef AWL_CALL_STAGES_H
#define AWL_CALL_STAGES_H

#include "call/state.h"

/* Goes on with the call after it was suspended. */
int awl_call_k(lua_State *L, int status, lua_KContext ctx);

/* Raises `err` as the call's failure. */
int awl_call_fail(lua_State *L, struct awl_call *call, const struct awl_error *err);

/* The whole body, where there is one: serialized, or a streaming member's string. */
awl_str awl_call_body(lua_State *L, const struct awl_call *call);

/* Pushes what `require` gives for a module of ours: a function. */
void awl_call_push_function(lua_State *L, const char *module);

/* serialize.c */
int awl_call_serialize(lua_State *L, struct awl_call *call);

/* send.c */
int awl_call_take_turn(lua_State *L, struct awl_call *call);
int awl_call_turn_taken(lua_State *L, struct awl_call *call);
int awl_call_send(lua_State *L, struct awl_call *call);
int awl_call_head_arrived(lua_State *L, struct awl_call *call);
int awl_call_collect_error(lua_State *L, struct awl_call *call);
int awl_call_error_collected(lua_State *L, struct awl_call *call);
bool awl_call_output_streams(const struct awl_call *call);
bool awl_call_is_long_poll(const struct awl_call *call);

/* What is left of the time that the whole call may take; 0: no limit. */
int awl_call_timeout_left_ms(const struct awl_call *call);

/* decide.c */
int awl_call_decide(lua_State *L, struct awl_call *call);
int awl_call_place_asked(lua_State *L, struct awl_call *call);
int awl_call_rewind(lua_State *L, struct awl_call *call);

#endif
