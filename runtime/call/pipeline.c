#include "call/pipeline.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "call/service.h"
#include "call/state.h"
#include "call/user_agent.h"

#define TRACE_ID_MAX 8192
#define USER_AGENT_MAX 1024

static bool stays_in_trace_id(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-=;:+&[]{}\"',_.~", c) != NULL);
}

/* Lambda finds functions that call each other without end by this id. */
static void read_trace_id(struct awl_buf *out)
{
    const char *id = getenv("_X_AMZN_TRACE_ID");

    awl_buf_init(out, TRACE_ID_MAX);
    if (id == NULL || getenv("AWS_LAMBDA_FUNCTION_NAME") == NULL)
        return;
    for (; *id != '\0'; id++) {
        if (stays_in_trace_id(*id))
            awl_buf_append_char(out, *id);
        else
            awl_uri_encode(out, awl_str_make(id, 1));
    }
    if (awl_buf_rc(out) != AWL_OK)
        awl_buf_clear(out);
}

enum awl_rc awl_pipeline_new(struct awl_runtime *runtime, struct awl_error *err)
{
    struct awl_pipeline *pipeline = calloc(1, sizeof(*pipeline));
    if (pipeline == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    pipeline->sigv4 = awl_sigv4_new();
    if (pipeline->sigv4 == NULL) {
        free(pipeline);
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    }
    pipeline->runtime = runtime;
    pipeline->gate = LUA_NOREF;
    pipeline->observer = LUA_NOREF;
    awl_buf_init(&pipeline->user_agent, USER_AGENT_MAX);
    awl_user_agent_begin(&pipeline->user_agent);
    read_trace_id(&pipeline->trace_id);
    runtime->call = pipeline;
    return AWL_OK;
}

void awl_pipeline_free(struct awl_runtime *runtime)
{
    struct awl_pipeline *pipeline = runtime->call;
    if (pipeline == NULL)
        return;
    awl_calls_free_idle(pipeline);
    awl_services_release(runtime);
    awl_sigv4_free(pipeline->sigv4);
    awl_buf_release(&pipeline->trace_id);
    awl_buf_release(&pipeline->user_agent);
    free(pipeline);
    runtime->call = NULL;
}
