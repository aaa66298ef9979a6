/* event_stream_private.h - what event_stream.c and event_stream_send.c share. */
#ifndef AWL_CALL_EVENT_STREAM_PRIVATE_H
#define AWL_CALL_EVENT_STREAM_PRIVATE_H

#include "call/event_stream.h"
#include "call/state.h"
#include "wire/event.h"

/* User values of a stream. */
enum {
    STREAM_CLIENT = 1,
    STREAM_SOURCE,  /* of the events to send: a list, something callable, or nil */
    STREAM_FAILURE, /* what the source has raised */
    STREAM_VALUES = STREAM_FAILURE,
};

/* The chain of signatures: the keys are a copy, for a call may outlast the session's. */
struct awl_event_signer {
    bool on;
    struct awl_buf text; /* wiped when released */
    struct awl_sigv4_params params;
    struct awl_credentials credentials;
    char prior[AWL_SIGV4_SIGNATURE_LEN + 1];
};

struct awl_event_stream {
    struct awl_pipeline *pipeline;
    struct awl_client *client;
    const struct awl_operation *operation;
    struct awl_transfer *transfer; /* NULL: none yet, or closed */
    struct awl_buf request;        /* owned: what it may still have to send */
    bool owned;                    /* the transfer is ours, no more the call's */
    bool closed;

    /* Reading. */
    bool reads;
    struct awl_event_target in;
    struct awl_event_decoder decoder;
    struct awl_event_message message; /* `held`: looked at, not yet taken */
    bool held;
    struct awl_service_error error;

    /* Writing. */
    bool writes;
    struct awl_event_target out;
    struct awl_event_signer signer;
    struct awl_buf frame, wrapped;
    struct awl_task *feeder; /* valid while feeding */
    bool feeding, stopped, failed;
    bool finished;
    bool repeatable;
    int64_t taken; /* events from the source */
};

/* The stream at a stack index, perhaps a closed one; raises for anything else. */
struct awl_event_stream *awl_event_stream_check(lua_State *L, int index);

/* Raises the transfer's failure, or that of the source which made it fail. */
int awl_event_stream_raise(lua_State *L, int index, const struct awl_error *err);

/* stream:send(event), stream:finish() */
int awl_event_stream_send(lua_State *L);
int awl_event_stream_finish(lua_State *L);

/* Wipes it. */
void awl_event_signer_release(struct awl_event_signer *signer);

#endif
