/* event_body.h - event streams as the codecs and the parts of event.h see them. */
#ifndef AWL_WIRE_EVENT_BODY_H
#define AWL_WIRE_EVENT_BODY_H

#include "wire/event.h"
#include "wire/read.h"
#include "wire/walk.h"

#define AWL_EVENT_SLOTS 32 /* of the Lua stack */

/* Whether an event has members that make up its payload together. */
bool awl_event_has_body(const struct awl_model *model, const struct awl_shape *shape);

/* "initial-request" or "initial-response": the first message where the protocol has no
 * other place for the members beside the stream. */
awl_str awl_event_initial_name(const struct awl_event_target *target);

/* As awl_wire_read_event, within a read; may leave the stack higher. */
enum awl_rc awl_event_read(struct awl_reader *reader,
                           const struct awl_event_target *target,
                           const struct awl_event_message *message,
                           enum awl_message_kind *kind, struct awl_service_error *error);

/* As awl_wire_write_event, within a walk: appends the event on top of the stack. */
void awl_event_write(struct awl_walk *walk, const struct awl_path *path,
                     const struct awl_event_target *target, struct awl_buf *out);

/* ---- whole streams ---- */

/* All events of a body as a list, into the table on top; initial members too. Signed
 * frames are unwrapped, their signatures not looked at. An error in the stream is
 * AWL_EPARSE. */
enum awl_rc awl_events_read(struct awl_reader *reader,
                            const struct awl_event_target *target, awl_str body);

/* What a message with events says beside them is checked, as little else that is read:
 * without a required member the stream is for something else than was asked for. */
enum awl_rc awl_events_check_initial(struct awl_reader *reader,
                                     const struct awl_event_target *target);

/* The value on top must be something that gives events, or nil. */
void awl_event_check_source(struct awl_walk *walk, const struct awl_event_target *target);

/* Appends the frames of the list on top of the stack. */
void awl_events_write(struct awl_walk *walk, const struct awl_event_target *target,
                      struct awl_buf *out);

/* For protocols with initial messages: that message from the table at `index`, then,
 * with `list`, the frames of the events if they are a list there. */
void awl_events_write_all(struct awl_walk *walk, int index,
                          const struct awl_event_target *target, bool tokens, bool list,
                          struct awl_buf *out);

#endif
