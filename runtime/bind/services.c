#include "bind/services.h"

#include <stdlib.h>

#include "call/pipeline.h"
#include "http/http.h"
#include "model/embedded.h"
#include "model/model.h"

enum awl_rc awl_services_open_models(struct awl_runtime *runtime, struct awl_error *err)
{
    if (runtime->pack != NULL)
        return AWL_OK;
    const char *path = getenv("AWL_MODELS");
    if (path != NULL && path[0] != '\0') {
        runtime->pack = awl_pack_open_file(path, err);
    } else {
        size_t len;
        const void *bytes = awl_embedded_pack(&len);
        runtime->pack = awl_pack_open(bytes, len, "the embedded models", true, err);
    }
    return runtime->pack != NULL ? AWL_OK : AWL_ECONFIG;
}

enum awl_rc awl_services_open_http(struct awl_runtime *runtime, struct awl_error *err)
{
    if (runtime->http != NULL)
        return AWL_OK;
    const struct awl_http_options options = {.max_connections = 0};
    runtime->http = awl_http_new(runtime->loop, &options, err);
    return runtime->http != NULL ? AWL_OK : AWL_ETRANSPORT;
}

enum awl_rc awl_services_open(struct awl_runtime *runtime, struct awl_error *err)
{
    enum awl_rc rc = awl_services_open_models(runtime, err);
    if (rc == AWL_OK && runtime->call == NULL)
        rc = awl_pipeline_new(runtime, err);
    if (rc == AWL_OK)
        rc = awl_services_open_http(runtime, err);
    return rc;
}

void awl_services_close(struct awl_runtime *runtime)
{
    awl_pipeline_free(runtime);
    awl_http_free(runtime->http);
    runtime->http = NULL;
    awl_pack_free((struct awl_pack *)runtime->pack);
    runtime->pack = NULL;
}
