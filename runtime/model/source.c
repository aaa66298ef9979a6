#include "model/source.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "model/archive.h"
#include "model/tree.h"

#define FILE_MAX ((size_t)64 << 20) /* bytes of one file, unpacked */
#define TREE_MAX ((size_t)1 << 30)

struct reader {
    struct awl_arena arena; /* of the service being read */
    struct awl_buf path;
    struct awl_buf *out;
    struct awl_error *err;
};

struct names {
    char **names;
    size_t count;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct names){NULL, 0};
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum awl_rc names_add(struct names *names, const char *name)
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

/* The directories in a directory, sorted by name. */
static enum awl_rc names_list(struct names *names, const char *dir, struct awl_error *err)
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
            rc = names_add(names, entry->d_name);
    }
    closedir(handle);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "out of memory for directory '%s'", dir);
    if (names->count > 1)
        qsort(names->names, names->count, sizeof(*names->names), name_compare);
    return AWL_OK;
}

static const char *path_of(struct reader *r, const char *dir, const char *name,
                           const char *suffix)
{
    awl_buf_clear(&r->path);
    if (awl_buf_printf(&r->path, "%s/%s%s", dir, name, suffix) != AWL_OK)
        awl_buf_clear(&r->path);
    return awl_buf_cstr(&r->path);
}

/* Parses DIR/KIND.json or DIR/KIND.json.gz. *node is NULL when there is neither. */
static enum awl_rc document_read(struct reader *r, const char *dir, const char *kind,
                                 struct awl_tree **node)
{
    *node = NULL;
    struct awl_buf bytes;
    awl_buf_init(&bytes, FILE_MAX);
    enum awl_rc rc = awl_archive_read(path_of(r, dir, kind, ".json"), &bytes, r->err);
    if (rc == AWL_ENOTFOUND)
        rc = awl_archive_read(path_of(r, dir, kind, ".json.gz"), &bytes, r->err);
    if (rc == AWL_OK) {
        awl_str copy = awl_arena_copy(&r->arena, awl_buf_str(&bytes));
        *node = copy.ptr != NULL ? awl_tree_parse(&r->arena, copy, r->err) : NULL;
        if (*node == NULL)
            rc = copy.ptr != NULL ? awl_error_prefix(r->err, "%s", r->path.ptr)
                                  : awl_error_set(r->err, AWL_ENOMEM, "out of memory");
    }
    awl_buf_release(&bytes);
    return rc == AWL_ENOTFOUND ? AWL_OK : rc;
}

/* A document with its sdk-extras laid over it. */
static enum awl_rc document_read_merged(struct reader *r, const char *dir,
                                        const char *kind, const char *extras,
                                        struct awl_tree **node)
{
    struct awl_tree *extra = NULL;
    enum awl_rc rc = document_read(r, dir, kind, node);
    if (rc == AWL_OK && *node != NULL)
        rc = document_read(r, dir, extras, &extra);
    struct awl_tree *merge = awl_tree_get(extra, STR("merge"));
    if (rc == AWL_OK && awl_tree_is(merge, AWL_TREE_OBJECT))
        awl_tree_merge(*node, merge);
    return rc;
}

/* Takes out every string member called `key`. A structure's member of that name is
 * an object and stays. */
static void strip(struct awl_tree *node, awl_str key)
{
    if (awl_tree_is(awl_tree_get(node, key), AWL_TREE_STRING))
        awl_tree_remove(node, key);
    if (node->type == AWL_TREE_OBJECT || node->type == AWL_TREE_ARRAY)
        for (struct awl_tree *child = node->child; child != NULL; child = child->next)
            strip(child, key);
}

static void put_part(struct awl_buf *out, const char *name, const struct awl_tree *node)
{
    if (node == NULL)
        return;
    awl_buf_printf(out, ",\"%s\":", name);
    awl_tree_write(out, node);
}

static enum awl_rc service_write(struct reader *r, const char *dir, const char *name)
{
    struct awl_tree *model, *rules, *paginators, *waiters;
    enum awl_rc rc =
        document_read_merged(r, dir, "service-2", "service-2.sdk-extras", &model);
    if (rc == AWL_OK)
        rc = document_read_merged(r, dir, "paginators-1", "paginators-1.sdk-extras",
                                  &paginators);
    if (rc == AWL_OK)
        rc = document_read(r, dir, "endpoint-rule-set-1", &rules);
    if (rc == AWL_OK)
        rc = document_read(r, dir, "waiters-2", &waiters);
    if (rc != AWL_OK)
        return rc;

    paginators = awl_tree_get(paginators, STR("pagination"));
    waiters = awl_tree_get(waiters, STR("waiters"));
    strip(model, STR("documentation"));
    awl_tree_remove(model, STR("examples"));
    if (rules != NULL)
        strip(rules, STR("documentation"));
    if (waiters != NULL)
        strip(waiters, STR("description"));

    awl_buf_append_str(r->out, STR("{\"name\":"));
    awl_json_append_string(r->out, awl_str_of(name));
    put_part(r->out, "model", model);
    put_part(r->out, "rules", rules);
    put_part(r->out, "paginators", paginators);
    put_part(r->out, "waiters", waiters);
    awl_buf_append_str(r->out, STR("}\n"));
    return awl_buf_rc(r->out);
}

static bool has_model(struct reader *r, const char *dir)
{
    struct stat st;
    return stat(path_of(r, dir, "service-2", ".json"), &st) == 0 ||
           stat(path_of(r, dir, "service-2", ".json.gz"), &st) == 0;
}

/* Writes the newest version of a service, if the directory is one at all. */
static enum awl_rc service_read(struct reader *r, const char *data_dir, const char *name)
{
    struct names versions = {NULL, 0};
    struct awl_buf dir;
    awl_buf_init(&dir, PATH_MAX);
    awl_buf_printf(&dir, "%s/%s", data_dir, name);
    enum awl_rc rc = names_list(&versions, awl_buf_cstr(&dir), r->err);
    for (size_t i = versions.count; rc == AWL_OK && i-- > 0;) {
        awl_buf_clear(&dir);
        rc = awl_buf_printf(&dir, "%s/%s/%s", data_dir, name, versions.names[i]);
        if (rc == AWL_OK && has_model(r, dir.ptr)) {
            rc = service_write(r, dir.ptr, name);
            break;
        }
    }
    awl_arena_release(&r->arena);
    names_free(&versions);
    awl_buf_release(&dir);
    return rc;
}

/* botocore's version, out of the package that the data directory lies in. */
static void version_read(struct reader *r, const char *data_dir)
{
    struct awl_buf text;
    awl_buf_init(&text, FILE_MAX);
    awl_str version = STR("unknown");
    const char *path = path_of(r, data_dir, "../__init__", ".py");
    if (awl_archive_read(path, &text, NULL) == AWL_OK) {
        awl_str rest = awl_buf_str(&text), line;
        while (awl_source_line(&rest, &line)) {
            size_t from = awl_str_find(line, '\'', 0);
            size_t to = from != SIZE_MAX ? awl_str_find(line, '\'', from + 1) : SIZE_MAX;
            if (awl_str_starts(line, STR("__version__ = '")) && to != SIZE_MAX)
                version = awl_str_slice(line, from + 1, to);
        }
    }
    awl_buf_append_str(r->out, STR("\"botocore "));
    awl_buf_append_str(r->out, version);
    awl_buf_append_str(r->out, STR("\""));
    awl_buf_release(&text);
}

static enum awl_rc header_write(struct reader *r, const char *data_dir)
{
    struct awl_tree *partitions;
    enum awl_rc rc = document_read(r, data_dir, "partitions", &partitions);
    if (rc != AWL_OK)
        return rc;
    if (awl_tree_get(partitions, STR("partitions")) == NULL)
        return awl_error_set(r->err, AWL_ENOTFOUND,
                             "'%s' is no botocore data directory: no partitions.json",
                             data_dir);
    awl_buf_printf(r->out, "{\"format\":%d,\"version\":", AWL_SOURCE_FORMAT);
    version_read(r, data_dir);
    put_part(r->out, "partitions", awl_tree_get(partitions, STR("partitions")));
    awl_buf_append_str(r->out, STR("}\n"));
    awl_arena_release(&r->arena);
    return awl_buf_rc(r->out);
}

enum awl_rc awl_source_read(const char *data_dir, struct awl_buf *out,
                            struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct reader r = {.out = out, .err = err != NULL ? err : &own};
    struct names services = {NULL, 0};
    awl_arena_init(&r.arena, NULL, 0, TREE_MAX);
    awl_buf_init(&r.path, PATH_MAX);

    enum awl_rc rc = header_write(&r, data_dir);
    if (rc == AWL_OK)
        rc = names_list(&services, data_dir, r.err);
    for (size_t i = 0; rc == AWL_OK && i < services.count; i++)
        rc = service_read(&r, data_dir, services.names[i]);

    awl_arena_release(&r.arena);
    awl_buf_release(&r.path);
    names_free(&services);
    return rc;
}

bool awl_source_line(awl_str *text, awl_str *line)
{
    if (text->len == 0)
        return false;
    size_t end = awl_str_find(*text, '\n', 0);
    *line = awl_str_slice(*text, 0, end);
    *text = awl_str_slice(*text, end == SIZE_MAX ? text->len : end + 1, text->len);
    return true;
}
