/* event.h - messages of event streams: Lua values to frames and back.
 *
 * An event is a table of one entry, { EventName = { ... } }, as in boto3. An event
 * stream is a member of an input or output; in a message that is read or written
 * whole its value is the list of its events. */
#ifndef AWL_WIRE_EVENT_H
#define AWL_WIRE_EVENT_H

#include "aws/event_stream.h"
#include "wire/wire.h"

#define AWL_EVENT_CONTENT_TYPE "application/vnd.amazon.eventstream"

/* The event stream of an operation, in one direction. */
struct awl_event_target {
    const struct awl_operation *operation;
    const struct awl_shape *outer;   /* the input or output */
    const struct awl_member *member; /* of `outer` */
    const struct awl_shape *stream;  /* its members are the events */
    bool input;
};

/* False if there is none in that direction. */
bool awl_event_target(const struct awl_model *model,
                      const struct awl_operation *operation, bool input,
                      struct awl_event_target *target);

enum awl_message_kind {
    AWL_MESSAGE_EVENT,
    AWL_MESSAGE_UNKNOWN, /* an event that the model does not have: to be passed over */
    AWL_MESSAGE_INITIAL, /* the members that stand beside the stream */
    AWL_MESSAGE_ERROR,   /* ends the stream */
};

/* Reads one message. Pushes the event, the table of the initial members, or the table
 * of the error's members (`error` is filled in then); nothing for an unknown event.
 * AWL_EPARSE for a message that is not what it should be. */
enum awl_rc awl_wire_read_event(struct awl_wire *wire, lua_State *L,
                                const struct awl_event_target *target,
                                const struct awl_event_message *message,
                                enum awl_message_kind *kind,
                                struct awl_service_error *error, struct awl_error *err);

/* Appends the frame of the event at stack `index`; an event that the model calls an
 * exception becomes an exception. AWL_EINPUT lists what is wrong with it. */
enum awl_rc awl_wire_write_event(struct awl_wire *wire, lua_State *L, int index,
                                 const struct awl_event_target *target,
                                 struct awl_buf *out, struct awl_error *err);

/* The header of a frame that is a signed wrapper around another one, or around
 * nothing at the stream's end. */
bool awl_event_is_signed(const struct awl_event_message *message);

#endif
