#include "call/pipeline.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "call/service.h"
#include "call/state.h"

#define TRACE_ID_MAX 8192

/* awl/0.1.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/lua#5.4 */
static void write_user_agent(char *out, size_t size)
{
    struct utsname system;
    if (uname(&system) != 0)
        snprintf(out, size,
                 "awl/" AWL_VERSION " ua/2.1 lang/lua#" LUA_VERSION_MAJOR
                 "." LUA_VERSION_MINOR);
    else
        snprintf(out, size,
                 "awl/" AWL_VERSION " ua/2.1 os/linux#%.64s md/arch#%.32s "
                 "lang/lua#" LUA_VERSION_MAJOR "." LUA_VERSION_MINOR,
                 system.release, system.machine);
    /* Of what may stand in a release, these two would end the word. */
    for (char *c = out; *c != '\0'; c++)
        if (*c == '(' || *c == ')' || *c == '@')
            *c = '-';
}

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
    write_user_agent(pipeline->user_agent, sizeof(pipeline->user_agent));
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
    free(pipeline);
    runtime->call = NULL;
}
