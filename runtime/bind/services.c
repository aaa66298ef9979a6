#include "bind/services.h"

#include <limits.h>
#include <stdlib.h>

#include <lauxlib.h>

#include "base/log.h"
#include "call/pipeline.h"
#include "http/http.h"
#include "model/catalog.h"
#include "model/embedded.h"
#include "model/home.h"

static struct awl_pack *open_named(const char *path, struct awl_error *err)
{
    struct awl_error why = AWL_ERROR_INIT;
    struct awl_pack *pack = awl_pack_open_file(path, &why);
    if (pack == NULL)
        awl_error_set(err, why.rc == AWL_ENOMEM ? why.rc : AWL_ECONFIG,
                      "AWL_MODELS: %s ('awl models build DIR -o FILE' makes one; "
                      "without AWL_MODELS awl has its own)",
                      why.message);
    return pack;
}

/* Those that `awl models update` has left, or NULL. A newer awl may not read them any
 * more: that is said, and no reason to stop. */
static struct awl_pack *open_updated(struct awl_buf *path)
{
    struct awl_error why = AWL_ERROR_INIT;
    if (awl_home_file(AWL_HOME_MODELS, path, NULL) != AWL_OK)
        return NULL;
    struct awl_pack *pack = awl_pack_open_own_file(path->ptr, &why);
    if (pack == NULL && why.rc != AWL_ENOTFOUND)
        awl_log(AWL_LOG_WARN, "models",
                "%s; the embedded models are used ('awl models update DIR' makes it "
                "again, 'awl models reset' removes it)",
                why.message);
    return pack;
}

static struct awl_pack *open_embedded(struct awl_error *err)
{
    size_t len;
    const void *bytes = awl_embedded_pack(&len);
    return awl_pack_open(bytes, len, "the embedded models", true, err);
}

static enum awl_rc open_catalog(struct awl_runtime *runtime, struct awl_pack *pack,
                                const char *origin, struct awl_error *err)
{
    if (pack == NULL)
        return AWL_ECONFIG;
    runtime->models = awl_catalog_new(pack, origin, err);
    if (runtime->models == NULL) {
        awl_pack_free(pack);
        return AWL_ENOMEM;
    }
    return awl_catalog_add_user_folders(runtime->models, err);
}

enum awl_rc awl_services_open_models(struct awl_runtime *runtime, struct awl_error *err)
{
    const char *path = getenv("AWL_MODELS");
    struct awl_pack *pack;
    struct awl_buf updated;
    if (runtime->models != NULL)
        return AWL_OK;
    if (path != NULL && path[0] != '\0')
        return open_catalog(runtime, open_named(path, err), path, err);
    awl_buf_init(&updated, PATH_MAX);
    pack = open_updated(&updated);
    enum awl_rc rc = pack != NULL ? open_catalog(runtime, pack, updated.ptr, err)
                                  : open_catalog(runtime, open_embedded(err),
                                                 AWL_MODELS_EMBEDDED, err);
    awl_buf_release(&updated);
    return rc;
}

/* A number that the command line has set; 0: none. */
static unsigned setting(lua_State *L, const char *name)
{
    lua_Integer value = 0;
    int top = lua_gettop(L);

    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, "awl.core.settings") == LUA_TTABLE) {
        lua_getfield(L, -1, name);
        value = lua_tointeger(L, -1);
    }
    lua_settop(L, top);
    return value > 0 && value <= INT_MAX ? (unsigned)value : 0;
}

enum awl_rc awl_services_open_http(struct awl_runtime *runtime, struct awl_error *err)
{
    if (runtime->http != NULL)
        return AWL_OK;
    const struct awl_http_options options = {
        .max_connections = setting(runtime->L, "max_connections"),
        .max_connections_per_host = setting(runtime->L, "max_connections_per_host"),
    };
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
    awl_catalog_free(runtime->models);
    runtime->models = NULL;
}
