/* wire.h - the protocols: Lua values to messages and back.
 *
 * One codec a protocol, driven by shapes: a Lua value and a shape are walked
 * together, once, validating, converting and writing; parsing goes from tokens
 * straight into the table that the script gets. Both directions exist for requests
 * and for answers: the emulator needs the other two.
 *
 * No function here suspends or keeps a reference. They return AWL_OK or a failure
 * with `err` filled in, the Lua stack as it was; only lack of memory in Lua is
 * raised. All memory is the message's, which hangs on its owner. */
#ifndef AWL_WIRE_WIRE_H
#define AWL_WIRE_WIRE_H

#include <lua.h>

#include "base/message.h"
#include "base/random.h"
#include "model/model.h"

/* See texts.h. */
#define AWL_TEXT_BITS 7
struct awl_text {
    const char *ptr; /* the Lua string's bytes */
    uint32_t len;    /* 0: none is known */
    uint32_t seen;   /* of the hash of what came last */
};

/* A service model with a protocol, for one Lua state. */
struct awl_wire {
    const struct awl_model *model;
    enum awl_protocol protocol;
    int keys; /* registry reference: member key -> Lua string, then those of `texts` */
    struct awl_random *random; /* idempotency tokens */
    uint32_t *presize;         /* per shape: how many entries its last list or map had,
                                  capped; owned by this */
    uint16_t *follow; /* per shape, then per member: 1 + the index of the member that
                         came first, or next, the last time; owned by this */
    struct awl_text texts[1 << AWL_TEXT_BITS];
    struct awl_buf scratch, scratch2; /* of the call under way */
};

/* Registers the key table. AWL_ENOMEM, or AWL_EINPUT for a protocol that has no
 * codec; release is due then too. The model must outlive it. */
enum awl_rc awl_wire_init(struct awl_wire *wire, lua_State *L,
                          const struct awl_model *model, enum awl_protocol protocol,
                          struct awl_random *random, struct awl_error *err);
/* `L` is NULL if the state has been closed. */
void awl_wire_release(struct awl_wire *wire, lua_State *L);

/* The input at stack `index` (a table, or nil for none) as a request: method, host
 * prefix, path, query, headers and body. AWL_EINPUT lists every problem, each with
 * its path (`Tags[1].Key: expected string, got number`) and the nearest right name.
 * A streaming member is validated but not written: request->streaming is set and
 * the caller takes it from the input. */
enum awl_rc awl_wire_write_input(struct awl_wire *wire, lua_State *L, int index,
                                 const struct awl_operation *operation,
                                 struct awl_request *request, struct awl_error *err);

/* Pushes the output table of a successful answer. A streaming payload is set to the
 * value at stack index `stream` (0: none). */
enum awl_rc awl_wire_read_output(struct awl_wire *wire, lua_State *L,
                                 const struct awl_operation *operation,
                                 const struct awl_response *response, int stream,
                                 struct awl_error *err);

/* What an error answer says. Slices point into `text`. */
struct awl_service_error {
    struct awl_buf text;
    awl_str code;                  /* never empty: at least the status number */
    awl_str message;               /* may be empty */
    awl_str type;                  /* "Sender", "Receiver" or "" */
    awl_str request_id;            /* from header or body, or "" */
    const struct awl_shape *shape; /* the modelled error, or NULL */
};
void awl_service_error_init(struct awl_service_error *error);
void awl_service_error_release(struct awl_service_error *error);

/* Reads code and message and pushes a table with the modelled members (empty if
 * there are none), for rest-xml also unmodelled text members of the error element
 * (Region, BucketName); with awsQueryCompatible QueryErrorCode, the code that the one
 * in the header stands for. Never fails for odd bodies: the code is then the status. */
enum awl_rc awl_wire_read_error(struct awl_wire *wire, lua_State *L,
                                const struct awl_operation *operation,
                                const struct awl_response *response,
                                struct awl_service_error *error, struct awl_error *err);

/* x-amzn-requestid, x-amz-request-id or the body's; "" if there is none. */
awl_str awl_wire_request_id(const struct awl_response *response);

/* A structure alone, in the format of the protocol's bodies: what the frames of an
 * event stream hold. Reading pushes the value. */
enum awl_rc awl_wire_read_payload(struct awl_wire *wire, lua_State *L,
                                  const struct awl_shape *shape, awl_str bytes,
                                  struct awl_error *err);
enum awl_rc awl_wire_write_payload(struct awl_wire *wire, lua_State *L, int index,
                                   const struct awl_shape *shape, struct awl_buf *out,
                                   struct awl_error *err);

/* ---- the server's side ---- */

/* Which operation a request is for; NULL if none. Path labels are not checked. The
 * path is without the endpoint's own; for S3 the bucket is its first segment. */
const struct awl_operation *awl_wire_match(struct awl_wire *wire,
                                           const struct awl_request *request);

/* Pushes the input table of a request. `stream` as in read_output. */
enum awl_rc awl_wire_read_input(struct awl_wire *wire, lua_State *L,
                                const struct awl_operation *operation,
                                const struct awl_request *request, int stream,
                                struct awl_error *err);

/* The output table at stack `index` as an answer with its status. Validated like an
 * input. `request_id` goes where the protocol puts it. A streaming member is written
 * when it is a string; another kind of stream is the caller's to send. */
enum awl_rc awl_wire_write_output(struct awl_wire *wire, lua_State *L, int index,
                                  const struct awl_operation *operation,
                                  awl_str request_id, struct awl_response *response,
                                  struct awl_error *err);

/* An error answer: the modelled status for the code, or `status` if it is not 0,
 * or 400. `members` is the stack index of a table of modelled members, or 0. */
enum awl_rc awl_wire_write_error(struct awl_wire *wire, lua_State *L,
                                 const struct awl_operation *operation, int status,
                                 awl_str code, awl_str message, int members,
                                 awl_str request_id, struct awl_response *response,
                                 struct awl_error *err);

#endif
