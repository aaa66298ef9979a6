/* state.h - what a call consists of while it is under way; private to call/. */
#ifndef AWL_CALL_STATE_H
#define AWL_CALL_STATE_H

#include <lua.h>

#include "aws/digest.h"
#include "base/message.h"
#include "base/random.h"
#include "call/client.h"
#include "call/pipeline.h"
#include "call/retry.h"
#include "call/turns.h"
#include "http/http.h"
#include "loop/waitable.h"
#include "wire/wire.h"

/* Where things stand on the stack of the function that makes the call. */
enum {
    CALL_CLIENT = 1,
    CALL_INPUT = 2,
    CALL_OPTIONS = 3,
    CALL_HANDLE = 4, /* the userdata that owns the call */
    CALL_UPLOAD = 5, /* a streaming member's value, an event stream, or nil */
    CALL_DETOUR = 6, /* what a detour has got, or nil */
    CALL_TOP = 6,
};

enum awl_call_stage {
    CALL_ASK_GATE,
    CALL_GATE_ANSWERED,
    CALL_SERIALIZE,
    CALL_TAKE_TURN,
    CALL_TURN_TAKEN,
    CALL_GET_CREDENTIALS,
    CALL_CREDENTIALS_REFRESHED,
    CALL_RESOLVE,
    CALL_DETOUR_MADE,
    CALL_SIGN,
    CALL_REWIND,
    CALL_SEND,
    CALL_HEAD_ARRIVED,
    CALL_ERROR_BODY,
    CALL_ERROR_COLLECTED,
    CALL_DECIDE,
    CALL_GIVE_UP,
    CALL_PLACE_ASKED,
    CALL_FINISH,
    CALL_FIRST_EVENT,
};

/* Where a streaming body comes from. */
struct awl_upload_plan {
    bool present; /* a source to read from; a string needs none */
    bool seekable;
    int64_t length; /* -1: unknown */
    int64_t start;  /* position of a seekable source when the call began */
    bool hashed;    /* it has been read once, for `sha256` */
    uint8_t sha256[AWL_SHA256_LEN];
    uint8_t tree_hash[AWL_SHA256_LEN]; /* likewise, where the service needs it */
    struct awl_sha256 reading;
};

struct awl_call_options {
    int timeout_ms, read_timeout_ms, connect_timeout_ms; /* 0: not given */
    int max_attempts;
    const char *feature; /* for the user agent: who makes the call; or NULL */
};

struct awl_event_stream;

struct awl_call {
    struct awl_pipeline *pipeline;
    struct awl_client *client;
    const struct awl_operation *operation;
    enum awl_call_stage stage;
    bool prepare_only;
    uint32_t presign_seconds; /* above 0: only to be made a URL of that life */
    bool presign_default;     /* the caller has named no time */
    awl_str presign_method;   /* "": as is usual */
    struct awl_call_options options;

    struct awl_request request;
    struct awl_buf url;
    struct awl_buf text; /* scratch memory of sign.c */
    struct awl_resolved *resolved;
    awl_str base_url, base_host;       /* of this attempt: the resolved, or a detour's */
    struct awl_credentials_slot *keys; /* likewise: the session's, or a detour's */
    uint32_t keys_generation;          /* that the attempt was signed with */
    struct awl_transfer *transfer;
    char invocation_id[AWL_UUID_LEN + 1];

    int attempt; /* of the one under way, from 1 */
    int last_retry_cost;
    bool redirected;            /* once, to where the service has it */
    bool refreshed_credentials; /* once, after the service called them expired */
    bool corrected_clock;       /* once, after it called the time wrong */
    bool server_time_known;
    int64_t server_ahead_ms; /* its clock, by its last answer, less our own */
    struct awl_turn turn;    /* of the adaptive mode */
    int64_t turn_asked_us;
    int64_t waited_us; /* for turns: counts for no timeout */
    bool compressed;   /* the body is */
    struct awl_upload_plan upload;
    struct awl_waitable upload_over;  /* its task has ended */
    struct awl_event_stream *events;  /* at CALL_UPLOAD, or NULL */
    struct awl_upload_chunks *chunks; /* NULL: an upload goes as it is */
    bool validate;                    /* a checksum of the answer has been asked for */
    awl_str validated; /* the algorithm that the answer's body is compared by, or "" */
    int64_t attempt_started_us;
    int64_t started_us;

    /* The outcome of the last attempt. */
    bool failed;                     /* no answer: see failure */
    const struct awl_error *failure; /* the transfer's, or the raiser's own */
    bool is_error;                   /* an answer, and an error: see service_error */
    struct awl_service_error service_error;
    bool unknown_outcome;
    bool quota_reached;

    struct awl_call *next_idle;
};

/* The userdata at CALL_HANDLE. `call` is NULL once it is over. */
struct awl_call_handle {
    struct awl_call *call;
    lua_Integer uploaded;         /* bytes taken from the upload's source */
    struct awl_task *upload_task; /* valid while upload_running */
    bool upload_running;
    bool upload_stopped; /* by us: how it ends is of no interest */
    bool upload_failed;  /* the source raised: user value 1 */
    bool marked;         /* to be closed, however the function that made it ends */
};

/* Pushes an owner that owns nothing yet. It can be marked to be closed. */
struct awl_call_handle *awl_call_handle_push(lua_State *L);
/* Marks the one at CALL_HANDLE to be closed. */
void awl_call_handle_mark(lua_State *L);
struct awl_call_handle *awl_call_handle_check(lua_State *L, int index);

/* The time by which requests are signed: the service's. */
static inline int64_t awl_call_now_ms(const struct awl_call *call)
{
    return awl_clock_wall_ms(&call->pipeline->runtime->clock) +
           call->client->clock_offset_ms;
}

/* A call with empty buffers, an idle one if there is; NULL when out of memory. */
struct awl_call *awl_call_take(struct awl_pipeline *pipeline);
void awl_call_reset(struct awl_call *call, struct awl_client *client,
                    const struct awl_operation *operation, bool prepare_only);

/* The table at CALL_OPTIONS; see call_options.c. All raise for what is wrong. */
void awl_call_read_options(lua_State *L, struct awl_call_options *options);

/* How often the call may be sent; attempts that were only sent to the wrong place, with
 * expired keys or at the wrong time do not count. */
int awl_call_max_attempts(const struct awl_call *call);

/* Without a byte for so long an attempt has failed. */
int awl_call_read_timeout_ms(const struct awl_call *call);
void awl_call_apply_token(lua_State *L, const struct awl_call *call);
void awl_call_apply_headers(lua_State *L, struct awl_call *call);

/* Ends the call whose handle stands on the stack and keeps its buffers for others.
 * `call` must not be used after it. */
void awl_call_over(lua_State *L);

/* Frees the calls that wait to be used again. */
void awl_calls_free_idle(struct awl_pipeline *pipeline);

/* What a call gives back; see outcome.c. return_output gives 0 if the answer turns out
 * to be an error. */
int awl_call_return_output(lua_State *L, struct awl_call *call);
int awl_call_raise(lua_State *L, struct awl_call *call);
int awl_call_push_prepared(lua_State *L, struct awl_call *call);
int awl_call_push_presigned(lua_State *L, struct awl_call *call);
void awl_call_observe(lua_State *L, struct awl_call *call, bool ended);

/* The call ends with the error at `index`, most often because its task is canceled. */
void awl_call_observe_unwound(lua_State *L, struct awl_call *call, int index);

/* Streaming uploads; see upload.c. */
void awl_upload_plan(lua_State *L, struct awl_call *call);

/* Reads a seekable source to its end, for its hash, and puts it back; then goes on with
 * `next`. The call's own task waits meanwhile. */
int awl_upload_hash(lua_State *L, lua_KFunction next);

/* Feeds the transfer from the source in a task of its own. */
void awl_upload_start(lua_State *L, struct awl_call_handle *handle);

/* Bytes that the transfer will be fed; -1: unknown. */
int64_t awl_upload_wire_length(const struct awl_call *call);

/* Waits for its end. Only as `return awl_upload_wait(...)`. */
int awl_upload_wait(lua_State *L, struct awl_call *call, lua_KFunction next);

/* Cancels that task, wherever its source waits; it ends soon. */
void awl_upload_stop(struct awl_call_handle *handle);

/* Puts the source back to where it began; it must be seekable. */
void awl_upload_rewind(lua_State *L, const struct awl_upload_plan *plan);

#endif
