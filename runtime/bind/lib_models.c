/* awl.core.models: which services there are, and packs made from botocore's data. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/services.h"
#include "model/archive.h"
#include "model/catalog.h"
#include "model/compile.h"
#include "model/docs.h"
#include "model/home.h"
#include "model/source.h"
#include "script/error_value.h"
#include "script/scheduler.h"

/* ---- memory ---- */

/* What a function has in hand; collected, whatever is raised. */
struct work {
    lua_State *L;
    struct awl_buf source, pack, docs, path;
    struct awl_docs_writer *writer;
    struct awl_names names; /* in a build: why services were left out */
};

#define WORK "awl.models.work"

static int work_gc(lua_State *L)
{
    struct work *work = lua_touserdata(L, 1);
    awl_buf_release(&work->source);
    awl_buf_release(&work->pack);
    awl_buf_release(&work->docs);
    awl_buf_release(&work->path);
    awl_docs_writer_free(work->writer);
    awl_names_free(&work->names);
    work->writer = NULL;
    return 0;
}

static struct work *work_push(lua_State *L)
{
    struct work *work = lua_newuserdatauv(L, sizeof(*work), 0);
    *work = (struct work){.L = L};
    awl_buf_init(&work->source, AWL_SOURCE_MAX);
    awl_buf_init(&work->pack, AWL_PACK_MAX);
    awl_buf_init(&work->docs, AWL_PACK_MAX);
    awl_buf_init(&work->path, PATH_MAX);
    if (luaL_newmetatable(L, WORK)) {
        lua_pushcfunction(L, work_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return work;
}

/* ---- list ---- */

static struct awl_catalog *check_catalog(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    if (awl_services_open_models(awl_runtime(L), &err) != AWL_OK)
        awl_raise(L, &err);
    return awl_runtime(L)->models;
}

static void push_names(lua_State *L, const struct awl_names *names)
{
    lua_createtable(L, (int)names->count, 0);
    for (size_t i = 0; i < names->count; i++) {
        lua_pushstring(L, names->names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* services() -> the names of all services, sorted. */
static int models_services(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_catalog *catalog = check_catalog(L);
    struct work *work = work_push(L);
    if (awl_catalog_services(catalog, &work->names, &err) != AWL_OK)
        return awl_raise(L, &err);
    push_names(L, &work->names);
    return 1;
}

static void set_text(lua_State *L, const char *key, awl_str text)
{
    lua_pushlstring(L, text.ptr != NULL ? text.ptr : "", text.len);
    lua_setfield(L, -2, key);
}

/* service(name) -> { name, service_id, full_name, api_version, api_versions, protocol,
 * folder or nil }; or nil and why its model cannot be read. */
static int models_service(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_catalog *catalog = check_catalog(L);
    struct work *work = work_push(L);
    struct awl_model model;
    awl_str name = awl_str_of(luaL_checkstring(L, 1));
    enum awl_rc rc = awl_catalog_open(catalog, name, STR(""), &model, &err);
    if (rc == AWL_ECONFIG) {
        lua_pushnil(L);
        lua_pushstring(L, err.message);
        return 2;
    }
    if (rc == AWL_OK)
        rc = awl_catalog_versions(catalog, model.name.ptr, &work->names, &err);
    if (rc != AWL_OK)
        return awl_raise(L, &err);
    lua_createtable(L, 0, 7);
    push_names(L, &work->names);
    lua_setfield(L, -2, "api_versions");
    set_text(L, "name", model.name);
    set_text(L, "service_id", model.service_id);
    set_text(L, "full_name", model.full_name);
    set_text(L, "api_version", model.api_version);
    set_text(L, "protocol", awl_protocol_name(model.protocol));
    const char *folder = awl_catalog_folder(catalog, &model);
    if (folder != NULL)
        set_text(L, "folder", awl_str_of(folder));
    return 1;
}

/* pack() -> the version of the data in it, where it is from ("embedded" or a file). */
static int models_pack(lua_State *L)
{
    const struct awl_catalog *catalog = check_catalog(L);
    awl_str version = awl_pack_data_version(awl_catalog_pack(catalog));
    lua_pushlstring(L, version.ptr, version.len);
    lua_pushstring(L, awl_catalog_origin(catalog));
    return 2;
}

/* ---- build ---- */

static void on_skipped(void *data, const char *reason)
{
    struct work *work = data;
    (void)awl_names_add(&work->names, reason);
}

static bool on_service(void *data)
{
    const struct work *work = data;
    return awl_scheduler_interrupted(work->L);
}

/* Makes the pack, and the docs pack if there is a writer, from the directory. */
static enum awl_rc work_compile(struct work *work, const char *dir, bool all_versions,
                                struct awl_error *err)
{
    const struct awl_source_options options = {.all_versions = all_versions,
                                               .docs = work->writer,
                                               .stop = on_service,
                                               .data = work};
    enum awl_rc rc = awl_source_read(dir, &options, &work->source, err);
    if (rc == AWL_OK)
        rc = awl_compile_source(awl_buf_str(&work->source), on_skipped, work, &work->pack,
                                err);
    if (rc != AWL_OK)
        return rc;
    /* What cannot be opened again must not be kept. */
    struct awl_pack *pack =
        awl_pack_open(work->pack.ptr, work->pack.len, "the new pack", false, err);
    if (pack == NULL)
        return AWL_EPARSE;
    if (awl_pack_service_count(pack) == 0)
        rc = awl_error_set(err, AWL_EPARSE, "'%s' has no service that can be used: %s",
                           dir,
                           work->names.count > 0 ? work->names.names[0]
                                                 : "no SERVICE/VERSION/service-2.json");
    else if (work->writer != NULL)
        rc = awl_docs_write(work->writer, awl_pack_data_version(pack), &work->docs, err);
    awl_pack_free(pack);
    if (rc == AWL_OK && awl_scheduler_interrupted(work->L))
        rc = awl_error_set(err, AWL_ECANCELED, "interrupted");
    return rc;
}

/* The file's name, the version of its data, how many services it has, and why others
 * were left out. */
static int push_result(lua_State *L, struct work *work, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_pack *pack =
        awl_pack_open(work->pack.ptr, work->pack.len, path, true, &err);
    if (pack == NULL)
        return awl_raise(L, &err);
    uint32_t count = awl_pack_service_count(pack), services = 0;
    for (uint32_t i = 0; i < count; i++)
        services += i == 0 || !awl_str_eq(awl_pack_service_name(pack, i - 1),
                                          awl_pack_service_name(pack, i));
    awl_str version = awl_pack_data_version(pack);
    lua_pushstring(L, path);
    lua_pushlstring(L, version.ptr, version.len); /* lies in the bytes of `work` */
    lua_pushinteger(L, services);
    awl_pack_free(pack);
    push_names(L, &work->names);
    return 4;
}

/* build(dir, file, all_versions) -> file, version, services, skipped */
static int models_build(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *dir = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    struct work *work = work_push(L);
    if (work_compile(work, dir, lua_toboolean(L, 3), &err) != AWL_OK ||
        awl_archive_write(path, awl_buf_str(&work->pack), &err) != AWL_OK)
        return awl_raise(L, &err);
    return push_result(L, work, path);
}

/* ---- update and reset ---- */

/* Makes all folders of a path; the last part of it is a file. */
static enum awl_rc folders_make(struct awl_buf *path, struct awl_error *err)
{
    for (size_t i = 1; i < path->len; i++) {
        if (path->ptr[i] != '/')
            continue;
        path->ptr[i] = '\0';
        int failed = mkdir(path->ptr, 0777) != 0 && errno != EEXIST ? errno : 0;
        if (failed != 0)
            awl_error_set(err, AWL_EIO, "cannot make folder '%s': %s", path->ptr,
                          strerror(failed));
        path->ptr[i] = '/';
        if (failed != 0)
            return AWL_EIO;
    }
    return AWL_OK;
}

static enum awl_rc home_write(struct awl_buf *path, const char *name, awl_str bytes,
                              struct awl_error *err)
{
    awl_buf_clear(path);
    enum awl_rc rc = awl_home_file(name, path, err);
    if (rc == AWL_OK)
        rc = folders_make(path, err);
    return rc == AWL_OK ? awl_archive_write(path->ptr, bytes, err) : rc;
}

/* update(dir) -> file, version, services, skipped */
static int models_update(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *dir = luaL_checkstring(L, 1);
    struct work *work = work_push(L);
    work->writer = awl_docs_writer_new();
    if (work->writer == NULL)
        return luaL_error(L, "not enough memory");
    /* The texts first: with models of another version they are no harm. */
    if (work_compile(work, dir, true, &err) != AWL_OK ||
        home_write(&work->path, AWL_HOME_DOCS, awl_buf_str(&work->docs), &err) !=
            AWL_OK ||
        home_write(&work->path, AWL_HOME_MODELS, awl_buf_str(&work->pack), &err) !=
            AWL_OK)
        return awl_raise(L, &err);
    return push_result(L, work, work->path.ptr);
}

/* reset() -> the names of the files that were removed */
static int models_reset(lua_State *L)
{
    static const char *const names[] = {AWL_HOME_MODELS, AWL_HOME_DOCS};
    struct awl_error err = AWL_ERROR_INIT;
    lua_Integer count = 0;
    struct work *work = work_push(L);
    lua_newtable(L);
    for (size_t i = 0; i < 2; i++) {
        awl_buf_clear(&work->path);
        if (awl_home_file(names[i], &work->path, &err) != AWL_OK)
            return awl_raise(L, &err);
        if (unlink(work->path.ptr) == 0) {
            lua_pushstring(L, work->path.ptr);
            lua_rawseti(L, -2, ++count);
        } else if (errno != ENOENT) {
            return awl_raisef(L, AWL_EIO, NULL, "cannot remove '%s': %s", work->path.ptr,
                              strerror(errno));
        }
    }
    return 1;
}

int luaopen_awl_models(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"services", models_services},
        {"service", models_service},
        {"pack", models_pack},
        {"build", models_build},
        {"update", models_update},
        {"reset", models_reset},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
