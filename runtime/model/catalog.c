#include "model/catalog.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "model/pack.h"
#include "model/suggest.h"
#include "model/user_model.h"

/* A service that was opened; the next time it is found here. */
struct opened {
    struct opened *next;
    struct awl_model model;
    struct awl_user_model user; /* what the model stands on, if a folder has it */
    const char *folder;         /* the first that has the version, or NULL */
    char *version;              /* the folder's name, or the pack's word for it */
};

/* A question and its answer. */
struct answer {
    struct answer *next;
    const struct opened *opened;
    char *service, *version; /* as asked */
};

struct awl_catalog {
    struct awl_pack *pack;
    char *origin; /* of the pack */
    struct awl_names folders;
    struct opened *opened;
    struct answer *answers;
};

struct awl_catalog *awl_catalog_new(struct awl_pack *pack, const char *origin,
                                    struct awl_error *err)
{
    struct awl_catalog *catalog = calloc(1, sizeof(*catalog));
    if (catalog != NULL && (catalog->origin = strdup(origin)) == NULL) {
        free(catalog);
        catalog = NULL;
    }
    if (catalog == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    catalog->pack = pack;
    return catalog;
}

static void opened_free(struct opened *o)
{
    awl_user_model_release(&o->user);
    free(o->version);
    free(o);
}

void awl_catalog_free(struct awl_catalog *catalog)
{
    if (catalog == NULL)
        return;
    while (catalog->answers != NULL) {
        struct answer *answer = catalog->answers;
        catalog->answers = answer->next;
        free(answer->service);
        free(answer->version);
        free(answer);
    }
    while (catalog->opened != NULL) {
        struct opened *o = catalog->opened;
        catalog->opened = o->next;
        opened_free(o);
    }
    awl_names_free(&catalog->folders);
    awl_pack_free(catalog->pack);
    free(catalog->origin);
    free(catalog);
}

enum awl_rc awl_catalog_add_folder(struct awl_catalog *catalog, const char *folder,
                                   struct awl_error *err)
{
    struct stat st;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        return AWL_OK;
    enum awl_rc rc = awl_names_add(&catalog->folders, folder);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "out of memory");
}

const struct awl_pack *awl_catalog_pack(const struct awl_catalog *catalog)
{
    return catalog->pack;
}

const char *awl_catalog_folder(const struct awl_catalog *catalog,
                               const struct awl_model *model)
{
    for (const struct opened *o = catalog->opened; o != NULL; o = o->next)
        if (o->model.record == model->record)
            return o->folder;
    return NULL;
}

const char *awl_catalog_origin(const struct awl_catalog *catalog)
{
    return catalog->origin;
}

/* ---- what there is ---- */

/* Sorts, and keeps each name once. */
static void names_unite(struct awl_names *names)
{
    size_t kept = 0;
    awl_names_sort(names);
    for (size_t i = 0; i < names->count; i++) {
        if (kept > 0 && strcmp(names->names[kept - 1], names->names[i]) == 0)
            free(names->names[i]);
        else
            names->names[kept++] = names->names[i];
    }
    names->count = kept;
}

enum awl_rc awl_catalog_services(const struct awl_catalog *catalog,
                                 struct awl_names *names, struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    for (uint32_t i = 0; rc == AWL_OK && i < awl_pack_service_count(catalog->pack); i++)
        rc = awl_names_add(names, awl_pack_service_name(catalog->pack, i).ptr);
    for (size_t i = 0; rc == AWL_OK && i < catalog->folders.count; i++) {
        struct awl_names found = {NULL, 0};
        const char *folder = catalog->folders.names[i];
        rc = awl_data_folders(folder, &found, err);
        if (rc == AWL_ENOTFOUND)
            rc = AWL_OK; /* it is gone, or not for us to read */
        for (size_t j = 0; rc == AWL_OK && j < found.count; j++)
            if (awl_data_has_service(folder, found.names[j]))
                rc = awl_names_add(names, found.names[j]);
        awl_names_free(&found);
    }
    names_unite(names);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot list the services");
}

/* How many versions the pack has of a service by its folder name, from *first on. */
static uint32_t packed_versions(const struct awl_catalog *catalog, const char *service,
                                uint32_t *first)
{
    uint32_t count;
    awl_str name = awl_str_of(service);
    return awl_pack_find(catalog->pack, name, first, &count, NULL) == AWL_OK &&
                   awl_str_eq(awl_pack_service_name(catalog->pack, *first), name)
               ? count
               : 0;
}

enum awl_rc awl_catalog_versions(const struct awl_catalog *catalog, const char *service,
                                 struct awl_names *versions, struct awl_error *err)
{
    uint32_t first, count = packed_versions(catalog, service, &first);
    enum awl_rc rc = AWL_OK;
    for (uint32_t i = 0; rc == AWL_OK && i < count; i++)
        rc = awl_names_add(versions,
                           awl_pack_service_version(catalog->pack, first + i).ptr);
    for (size_t i = 0; rc == AWL_OK && i < catalog->folders.count; i++)
        rc = awl_data_versions(catalog->folders.names[i], service, versions, err);
    names_unite(versions);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot list API versions");
}

static enum awl_rc service_unknown(const struct awl_catalog *catalog, const char *service,
                                   struct awl_error *err)
{
    struct awl_names names = {NULL, 0};
    struct awl_suggest suggest;
    char text[AWL_SUGGEST_TEXT_MAX];
    enum awl_rc rc = awl_catalog_services(catalog, &names, err);
    awl_suggest_init(&suggest, awl_str_of(service));
    for (size_t i = 0; i < names.count; i++)
        awl_suggest_offer(&suggest, awl_str_of(names.names[i]));
    if (rc == AWL_OK)
        rc = awl_error_set(err, AWL_ENOTFOUND, "unknown service '%s'%s", service,
                           awl_suggest_text(&suggest, text));
    awl_names_free(&names);
    return rc;
}

static enum awl_rc version_unknown(const char *service, const char *version,
                                   const struct awl_names *versions,
                                   struct awl_error *err)
{
    struct awl_buf list;
    awl_buf_init(&list, AWL_ERROR_MESSAGE_MAX);
    for (size_t i = versions->count; i-- > 0;)
        awl_buf_printf(&list, "%s%s", list.len > 0 ? ", " : "", versions->names[i]);
    enum awl_rc rc = awl_error_set(
        err, AWL_ENOTFOUND, "%s has no API version '%s'; there %s %s%s", service, version,
        versions->count == 1 ? "is" : "are", awl_buf_cstr(&list),
        versions->count == 1
            ? " (older ones come from AWS_DATA_PATH or 'awl models update')"
            : "");
    awl_buf_release(&list);
    return rc;
}

/* ---- opening ---- */

static struct opened *opened_find(const struct awl_catalog *catalog, const char *service,
                                  const char *version)
{
    struct opened *o = catalog->opened;
    while (o != NULL && !(awl_str_eq(o->model.name, awl_str_of(service)) &&
                          strcmp(o->version, version) == 0))
        o = o->next;
    return o;
}

static struct opened *opened_new(const char *version, struct awl_error *err)
{
    struct opened *o = calloc(1, sizeof(*o));
    char *copy = strdup(version);
    if (o == NULL || copy == NULL) {
        free(o);
        free(copy);
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    o->version = copy;
    return o;
}

static enum awl_rc packed_open(const struct awl_catalog *catalog, uint32_t index,
                               struct awl_model *model, struct awl_error *err)
{
    struct awl_error why = AWL_ERROR_INIT;
    enum awl_rc rc = awl_model_open_at(catalog->pack, index, model, &why);
    if (rc == AWL_EPARSE)
        return awl_error_set(err, AWL_ECONFIG,
                             "'%s': %s ('awl models update DIR' makes it again, 'awl "
                             "models reset' removes it)",
                             catalog->origin, why.message);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "%s", why.message);
}

/* The first folder that has this version of the service, or NULL. */
static enum awl_rc folder_find(const struct awl_catalog *catalog, const char *service,
                               const char *version, const char **folder,
                               struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    *folder = NULL;
    for (size_t i = 0; rc == AWL_OK && *folder == NULL && i < catalog->folders.count;
         i++) {
        struct awl_names versions = {NULL, 0};
        rc = awl_data_versions(catalog->folders.names[i], service, &versions, err);
        for (size_t j = 0; j < versions.count; j++)
            if (strcmp(versions.names[j], version) == 0)
                *folder = catalog->folders.names[i];
        awl_names_free(&versions);
    }
    return rc;
}

/* botocore would take paginators, waiters, rules and extras from a folder without a model
 * too. They are compiled with a model, and the pack's cannot be had as JSON. */
static void warn_of_lone_files(const struct awl_catalog *catalog, const char *service,
                               const char *version)
{
    struct awl_buf path;
    struct stat st;
    awl_buf_init(&path, PATH_MAX);
    for (size_t i = 0; i < catalog->folders.count; i++) {
        awl_buf_clear(&path);
        if (awl_buf_printf(&path, "%s/%s/%s", catalog->folders.names[i], service,
                           version) == AWL_OK &&
            stat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode))
            awl_log(AWL_LOG_WARN, "models",
                    "'%s' is left out: its files need the service-2.json of this version "
                    "beside them",
                    path.ptr);
    }
    awl_buf_release(&path);
}

/* Opens a version that is known to be there. */
static enum awl_rc version_open(struct awl_catalog *catalog, const char *service,
                                const char *version, const struct opened **opened,
                                struct awl_error *err)
{
    struct awl_model newest;
    uint32_t first, count = packed_versions(catalog, service, &first);
    *opened = opened_find(catalog, service, version);
    if (*opened != NULL)
        return AWL_OK;
    struct opened *o = opened_new(version, err);
    if (o == NULL)
        return AWL_ENOMEM;
    enum awl_rc rc = folder_find(catalog, service, version, &o->folder, err);
    if (rc == AWL_OK && count > 0 && o->folder != NULL)
        rc = packed_open(catalog, first, &newest, err);
    if (rc == AWL_OK && o->folder != NULL) {
        const struct awl_user_request request = {.service = service,
                                                 .version = version,
                                                 .folders = &catalog->folders,
                                                 .folder = o->folder,
                                                 .pack = catalog->pack,
                                                 .base = count > 0 ? &newest : NULL};
        rc = awl_user_model_open(&o->user, &request, &o->model, err);
    } else if (rc == AWL_OK) {
        warn_of_lone_files(catalog, service, version);
        rc = AWL_ENOTFOUND;
        for (uint32_t i = first; count > 0 && i < first + count; i++)
            if (awl_str_eq(awl_pack_service_version(catalog->pack, i),
                           awl_str_of(version)))
                rc = packed_open(catalog, i, &o->model, err);
    }
    if (rc != AWL_OK) {
        opened_free(o);
        return rc;
    }
    o->next = catalog->opened;
    catalog->opened = o;
    *opened = o;
    return AWL_OK;
}

static enum awl_rc service_open(struct awl_catalog *catalog, const char *service,
                                const char *version, const struct opened **opened,
                                struct awl_error *err)
{
    struct awl_names versions = {NULL, 0};
    enum awl_rc rc = awl_catalog_versions(catalog, service, &versions, err);
    if (rc == AWL_OK && versions.count == 0) {
        rc = service_unknown(catalog, service, err);
    } else if (rc == AWL_OK) {
        bool known = version[0] == '\0';
        for (size_t i = 0; !known && i < versions.count; i++)
            known = strcmp(versions.names[i], version) == 0;
        const char *newest = versions.names[versions.count - 1];
        rc = known ? version_open(catalog, service, version[0] != '\0' ? version : newest,
                                  opened, err)
                   : version_unknown(service, version, &versions, err);
    }
    awl_names_free(&versions);
    return rc;
}

/* The name of the service's folder: an alias is one of the pack's. */
static enum awl_rc service_name(const struct awl_catalog *catalog, const char *asked,
                                const char **name, struct awl_error *err)
{
    uint32_t first, count;
    *name = asked;
    for (size_t i = 0; i < catalog->folders.count; i++)
        if (strchr(asked, '/') == NULL && asked[0] != '.' &&
            awl_data_has_service(catalog->folders.names[i], asked))
            return AWL_OK;
    enum awl_rc rc = awl_pack_find(catalog->pack, awl_str_of(asked), &first, &count, err);
    if (rc == AWL_OK)
        *name = awl_pack_service_name(catalog->pack, first).ptr;
    else if (rc == AWL_ENOTFOUND && catalog->folders.count > 0)
        return service_unknown(catalog, asked, err);
    return rc;
}

static enum awl_rc answer_find(struct awl_catalog *catalog, struct answer *answer,
                               struct awl_error *err)
{
    const char *name;
    enum awl_rc rc = service_name(catalog, answer->service, &name, err);
    return rc == AWL_OK
               ? service_open(catalog, name, answer->version, &answer->opened, err)
               : rc;
}

static char *text_copy(awl_str text)
{
    return strndup(text.ptr != NULL ? text.ptr : "", text.len);
}

enum awl_rc awl_catalog_open(struct awl_catalog *catalog, awl_str service,
                             awl_str api_version, struct awl_model *model,
                             struct awl_error *err)
{
    for (const struct answer *a = catalog->answers; a != NULL; a = a->next)
        if (awl_str_eq(service, awl_str_of(a->service)) &&
            awl_str_eq(api_version, awl_str_of(a->version))) {
            *model = a->opened->model;
            return AWL_OK;
        }

    if ((service.len > 0 && memchr(service.ptr, 0, service.len) != NULL) ||
        (api_version.len > 0 && memchr(api_version.ptr, 0, api_version.len) != NULL))
        return awl_error_set(err, AWL_ENOTFOUND, "unknown service '%.*s'",
                             STR_ARG(service));
    struct answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    answer->service = text_copy(service);
    answer->version = text_copy(api_version);
    enum awl_rc rc = answer->service != NULL && answer->version != NULL
                         ? answer_find(catalog, answer, err)
                         : awl_error_set(err, AWL_ENOMEM, "out of memory");
    if (rc != AWL_OK) {
        free(answer->service);
        free(answer->version);
        free(answer);
        return rc;
    }
    answer->next = catalog->answers;
    catalog->answers = answer;
    *model = answer->opened->model;
    return AWL_OK;
}
