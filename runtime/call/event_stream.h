/* event_stream.h - an operation's event streams as a script uses them.
 *
 * One userdata for both directions: an iterator of the events that come, and for
 * two-way operations a writer. It owns the transfer once the call has returned: while
 * nobody reads, the socket is paused, and closing or collecting it early closes the
 * connection. The events of the input come from a list, from something callable that
 * gives one at a time and nil at the end, both read in a task of their own, or from
 * send() and finish(). */
#ifndef AWL_CALL_EVENT_STREAM_H
#define AWL_CALL_EVENT_STREAM_H

#include <lua.h>

#include "aws/sigv4.h"
#include "wire/wire.h"

struct awl_call;
struct awl_event_stream;

/* Puts the stream of the call's operation at CALL_UPLOAD, in place of nothing; with
 * events to send it plans the upload. Raises for a source that cannot be one. */
void awl_event_stream_plan(lua_State *L, struct awl_call *call);

/* Before each attempt is signed: the events are sent as they are, unless ... */
void awl_event_stream_reset(struct awl_event_stream *stream);

/* ... they go on with the chain of signatures that begins with the request's. */
enum awl_rc awl_event_stream_sign(struct awl_event_stream *stream,
                                  const struct awl_sigv4_params *params,
                                  const struct awl_credentials *credentials,
                                  const char signature[AWL_SIGV4_SIGNATURE_LEN],
                                  struct awl_error *err);

/* The call's transfer has been started: begins to feed it. */
void awl_event_stream_start(lua_State *L, struct awl_call *call);

/* The source's task is still there. Stop cancels it; it ends soon. */
bool awl_event_stream_feeding(const struct awl_event_stream *stream);
void awl_event_stream_stop(struct awl_event_stream *stream);

/* Nothing of the input's events has been taken that could not be had again. */
bool awl_event_stream_can_repeat(const struct awl_event_stream *stream);

/* What the source of the stream at CALL_UPLOAD has raised: pushes it. False if it has
 * raised nothing. */
bool awl_event_stream_push_failure(lua_State *L, const struct awl_event_stream *stream);

/* The call is over without it; stop it first, if its task may still be there. */
void awl_event_stream_abandon(struct awl_event_stream *stream);

/* Takes the call's transfer, whose head has arrived. */
void awl_event_stream_adopt(struct awl_call *call);

/* For members that come in the first message: true once that is there, or none will
 * come; else what to wait for is in *waitable. */
struct awl_waitable;
enum awl_rc awl_event_stream_first(struct awl_call *call, struct awl_waitable **waitable,
                                   struct awl_error *err);

/* Moves those members into the output table on top. AWL_EPARSE, or AWL_OK; *failed:
 * the message is an error, in call->service_error, its members are pushed. */
enum awl_rc awl_event_stream_take_initial(lua_State *L, struct awl_call *call,
                                          bool *failed, struct awl_error *err);

#endif
