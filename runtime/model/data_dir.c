#include "model/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "model/archive.h"

#define FILE_MAX ((size_t)64 << 20) /* bytes of one file, unpacked */

/* ---- names ---- */

void awl_names_free(struct awl_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct awl_names){NULL, 0};
}

enum awl_rc awl_names_add(struct awl_names *names, const char *name)
{
    if ((names->count & (names->count - 1)) == 0) {
        size_t cap = names->count > 0 ? 2 * names->count : 1;
        char **grown = realloc(names->names, cap * sizeof(*grown));
        if (grown == NULL)
            return AWL_ENOMEM;
        names->names = grown;
    }
    char *copy = strdup(name);
    if (copy == NULL)
        return AWL_ENOMEM;
    names->names[names->count++] = copy;
    return AWL_OK;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void awl_names_sort(struct awl_names *names)
{
    if (names->count > 1)
        qsort(names->names, names->count, sizeof(*names->names), name_compare);
}

/* ---- folders ---- */

enum awl_rc awl_data_folders(const char *dir, struct awl_names *names,
                             struct awl_error *err)
{
    DIR *handle = opendir(dir);
    if (handle == NULL)
        return awl_error_set(err, AWL_ENOTFOUND, "cannot read directory '%s': %s", dir,
                             strerror(errno));
    enum awl_rc rc = AWL_OK;
    struct dirent *entry;
    while (rc == AWL_OK && (entry = readdir(handle)) != NULL) {
        struct stat st;
        if (entry->d_name[0] != '.' &&
            fstatat(dirfd(handle), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode))
            rc = awl_names_add(names, entry->d_name);
    }
    closedir(handle);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "out of memory for directory '%s'", dir);
    awl_names_sort(names);
    return AWL_OK;
}

static bool has_file(struct awl_buf *path, const char *data_dir, const char *service,
                     const char *version, const char *suffix)
{
    struct stat st;
    awl_buf_clear(path);
    return awl_buf_printf(path, "%s/%s/%s/service-2%s", data_dir, service, version,
                          suffix) == AWL_OK &&
           stat(path->ptr, &st) == 0 && S_ISREG(st.st_mode);
}

static bool has_model(const char *data_dir, const char *service, const char *version)
{
    struct awl_buf path;
    awl_buf_init(&path, PATH_MAX);
    bool has = has_file(&path, data_dir, service, version, ".json") ||
               has_file(&path, data_dir, service, version, ".json.gz");
    awl_buf_release(&path);
    return has;
}

enum awl_rc awl_data_versions(const char *data_dir, const char *service,
                              struct awl_names *versions, struct awl_error *err)
{
    struct awl_names folders = {NULL, 0};
    struct awl_buf dir;
    awl_buf_init(&dir, PATH_MAX);
    enum awl_rc rc = awl_buf_printf(&dir, "%s/%s", data_dir, service);
    if (rc == AWL_OK)
        rc = awl_data_folders(dir.ptr, &folders, err);
    for (size_t i = 0; rc == AWL_OK && i < folders.count; i++)
        if (has_model(data_dir, service, folders.names[i]))
            rc = awl_names_add(versions, folders.names[i]);
    awl_names_free(&folders);
    awl_buf_release(&dir);
    if (rc == AWL_ENOTFOUND)
        return AWL_OK;
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot list '%s'", data_dir);
}

bool awl_data_has_service(const char *data_dir, const char *service)
{
    struct awl_names versions = {NULL, 0};
    bool has = awl_data_versions(data_dir, service, &versions, NULL) == AWL_OK &&
               versions.count > 0;
    awl_names_free(&versions);
    return has;
}

/* ---- files ---- */

struct reader {
    struct awl_arena *arena;
    const char *const *dirs;
    size_t count;
    const char *service, *version; /* NULL: the folder itself */
    struct awl_error *err;
};

static enum awl_rc path_make(const struct reader *r, const char *dir, const char *kind,
                             const char *suffix, struct awl_buf *path)
{
    awl_buf_clear(path);
    if (r->service == NULL)
        return awl_buf_printf(path, "%s/%s%s", dir, kind, suffix);
    return awl_buf_printf(path, "%s/%s/%s/%s%s", dir, r->service, r->version, kind,
                          suffix);
}

static enum awl_rc file_parse(struct reader *r, const char *path, struct awl_tree **node)
{
    struct awl_buf bytes;
    awl_buf_init(&bytes, FILE_MAX);
    enum awl_rc rc = awl_archive_read(path, &bytes, r->err);
    if (rc == AWL_OK) {
        awl_str copy = awl_arena_copy(r->arena, awl_buf_str(&bytes));
        *node = copy.ptr != NULL ? awl_tree_parse(r->arena, copy, r->err) : NULL;
        if (*node == NULL)
            rc = copy.ptr != NULL ? awl_error_prefix(r->err, "'%s'", path)
                                  : awl_error_set(r->err, AWL_ENOMEM, "out of memory");
        else if ((*node)->type != AWL_TREE_OBJECT)
            rc = awl_error_set(r->err, AWL_EPARSE, "'%s': not a JSON object", path);
    }
    awl_buf_release(&bytes);
    return rc;
}

/* The first KIND.json or KIND.json.gz there is. *node is NULL when there is none. */
static enum awl_rc document_read(struct reader *r, const char *kind,
                                 struct awl_tree **node)
{
    static const char *const suffixes[] = {".json", ".json.gz"};
    enum awl_rc rc = AWL_ENOTFOUND;
    struct awl_buf path;
    *node = NULL;
    awl_buf_init(&path, PATH_MAX);
    for (size_t i = 0; rc == AWL_ENOTFOUND && i < 2 * r->count; i++) {
        enum awl_rc made = path_make(r, r->dirs[i / 2], kind, suffixes[i % 2], &path);
        if (made == AWL_OK)
            rc = file_parse(r, path.ptr, node);
        else if (made != AWL_ELIMIT) /* no file has a name that is too long */
            rc = awl_error_set(r->err, made, "out of memory");
    }
    awl_buf_release(&path);
    return rc == AWL_ENOTFOUND ? AWL_OK : rc;
}

/* A document with its sdk-extras laid over it. */
static enum awl_rc document_read_merged(struct reader *r, const char *kind,
                                        struct awl_tree **node)
{
    struct awl_tree *extra = NULL;
    char extras[64];
    snprintf(extras, sizeof(extras), "%s.sdk-extras", kind);
    enum awl_rc rc = document_read(r, kind, node);
    if (rc == AWL_OK && *node != NULL)
        rc = document_read(r, extras, &extra);
    struct awl_tree *merge = awl_tree_get(extra, STR("merge"));
    if (rc == AWL_OK && awl_tree_is(merge, AWL_TREE_OBJECT))
        awl_tree_merge(*node, merge);
    return rc;
}

enum awl_rc awl_data_read_service(const char *const *data_dirs, size_t count,
                                  const char *service, const char *version,
                                  struct awl_arena *arena,
                                  struct awl_service_parts *parts, struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct reader r = {.arena = arena,
                       .dirs = data_dirs,
                       .count = count,
                       .service = service,
                       .version = version,
                       .err = err != NULL ? err : &own};
    *parts = (struct awl_service_parts){.name = awl_str_of(service)};
    enum awl_rc rc = document_read_merged(&r, "service-2", &parts->model);
    if (rc == AWL_OK)
        rc = document_read_merged(&r, "paginators-1", &parts->paginators);
    if (rc == AWL_OK)
        rc = document_read_merged(&r, "endpoint-rule-set-1", &parts->rules);
    if (rc == AWL_OK)
        rc = document_read_merged(&r, "waiters-2", &parts->waiters);
    parts->paginators = awl_tree_get(parts->paginators, STR("pagination"));
    parts->waiters = awl_tree_get(parts->waiters, STR("waiters"));
    if (rc == AWL_OK && parts->model == NULL)
        rc = awl_error_set(r.err, AWL_ENOTFOUND, "'%s/%s/%s' has no service-2.json",
                           count > 0 ? data_dirs[0] : "", service, version);
    return rc;
}

enum awl_rc awl_data_read(const char *data_dir, const char *name, struct awl_arena *arena,
                          struct awl_tree **node, struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct reader r = {
        .arena = arena, .dirs = &data_dir, .count = 1, .err = err != NULL ? err : &own};
    return document_read(&r, name, node);
}
