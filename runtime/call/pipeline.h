/* pipeline.h - what all calls of a process share.
 *
 * Opened services, the signer with its keys, calls whose buffers wait to be used
 * again, and the two points where others look in: one gate, one observer. */
#ifndef AWL_CALL_PIPELINE_H
#define AWL_CALL_PIPELINE_H

#include "base/buf.h"
#include "base/error.h"
#include "script/runtime.h"

struct awl_call;
struct awl_service;
struct awl_sigv4;

struct awl_pipeline {
    struct awl_runtime *runtime;
    struct awl_service *services;
    struct awl_sigv4 *sigv4;
    struct awl_call *idle; /* calls to be used again */
    int idle_count;
    struct awl_buf user_agent; /* what it is with all clients; see user_agent.h */
    struct awl_buf trace_id;   /* a header, or empty: only set in a Lambda function */
    bool told_of_legacy;       /* that this mode of retries is not its own */

    /* Lua functions as registry references, LUA_NOREF for none.
     * gate(client, operation, input, options) is asked before a call is serialized:
     * nil lets it go on, a table answers it, an error refuses it.
     * observer(event) is told after each attempt that failed and at each call's end:
     * { service, operation, region, attempts, status, request_id, code, seconds,
     * ended }. It cannot wait. */
    int gate;
    int observer;
};

/* Makes runtime->call. The pack must be open. */
enum awl_rc awl_pipeline_new(struct awl_runtime *runtime, struct awl_error *err);

/* After the Lua state's objects are gone, before http and loop. NULL is fine. */
void awl_pipeline_free(struct awl_runtime *runtime);

static inline struct awl_pipeline *awl_pipeline(struct awl_runtime *runtime)
{
    return runtime->call;
}

#endif
