#include "call/pipeline.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "aws/sigv4.h"
#include "call/service.h"
#include "call/state.h"

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
    free(pipeline);
    runtime->call = NULL;
}
