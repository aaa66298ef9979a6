#include "model/source.h"

#include <limits.h>
#include <sys/stat.h>

#include "base/json.h"
#include "model/archive.h"
#include "model/data_dir.h"

#define VERSION_FILE_MAX ((size_t)1 << 20)

struct reader {
    const struct awl_source_options *options;
    const char *data_dir;
    struct awl_arena arena; /* of the service being read */
    struct awl_buf *out;
    struct awl_error *err;
};

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

static enum awl_rc service_write(struct reader *r, struct awl_service_parts *parts)
{
    strip(parts->model, STR("documentation"));
    awl_tree_remove(parts->model, STR("examples"));
    if (parts->rules != NULL)
        strip(parts->rules, STR("documentation"));
    if (parts->waiters != NULL)
        strip(parts->waiters, STR("description"));

    awl_buf_append_str(r->out, STR("{\"name\":"));
    awl_json_append_string(r->out, parts->name);
    put_part(r->out, "model", parts->model);
    put_part(r->out, "rules", parts->rules);
    put_part(r->out, "paginators", parts->paginators);
    put_part(r->out, "waiters", parts->waiters);
    awl_buf_append_str(r->out, STR("}\n"));
    return awl_buf_rc(r->out);
}

static enum awl_rc version_read(struct reader *r, const char *service,
                                const char *version, bool newest)
{
    struct awl_service_parts parts;
    enum awl_rc rc = awl_data_read_service(&r->data_dir, 1, service, version, &r->arena,
                                           &parts, r->err);
    if (rc == AWL_OK && newest && r->options->docs != NULL)
        rc = awl_docs_add(r->options->docs, parts.name, parts.model, r->err);
    if (rc == AWL_OK)
        rc = service_write(r, &parts);
    awl_arena_release(&r->arena);
    return rc;
}

/* Writes the versions of a service, the newest first, if the folder is one at all. */
static enum awl_rc service_read(struct reader *r, const char *service)
{
    struct awl_names versions = {NULL, 0};
    enum awl_rc rc = awl_data_versions(r->data_dir, service, &versions, r->err);
    for (size_t i = versions.count; rc == AWL_OK && i-- > 0;) {
        bool newest = i + 1 == versions.count;
        rc = version_read(r, service, versions.names[i], newest);
        if (!r->options->all_versions)
            break;
    }
    awl_names_free(&versions);
    return rc;
}

/* ---- the header ---- */

/* botocore's version, out of the package that the data directory lies in. */
static void data_version_write(struct reader *r)
{
    struct awl_buf text, path;
    awl_buf_init(&text, VERSION_FILE_MAX);
    awl_buf_init(&path, PATH_MAX);
    awl_str version = STR("unknown");
    if (awl_buf_printf(&path, "%s/../__init__.py", r->data_dir) == AWL_OK &&
        awl_archive_read(path.ptr, &text, NULL) == AWL_OK) {
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
    awl_buf_release(&path);
    awl_buf_release(&text);
}

static enum awl_rc header_write(struct reader *r)
{
    struct awl_tree *partitions;
    enum awl_rc rc =
        awl_data_read(r->data_dir, "partitions", &r->arena, &partitions, r->err);
    if (rc != AWL_OK)
        return rc;
    if (awl_tree_get(partitions, STR("partitions")) == NULL)
        return awl_error_set(r->err, AWL_ENOTFOUND,
                             "'%s' is no botocore data directory: no partitions.json",
                             r->data_dir);
    awl_buf_printf(r->out, "{\"format\":%d,\"version\":", AWL_SOURCE_FORMAT);
    data_version_write(r);
    put_part(r->out, "partitions", awl_tree_get(partitions, STR("partitions")));
    awl_buf_append_str(r->out, STR("}\n"));
    awl_arena_release(&r->arena);
    return awl_buf_rc(r->out);
}

/* ---- the whole ---- */

/* Whether dir/inside is a data directory; its path is in `path` then. */
static bool data_dir_try(const char *dir, const char *inside, struct awl_buf *path)
{
    static const char *const names[] = {"/partitions.json", "/partitions.json.gz"};
    struct stat st;
    for (size_t i = 0; i < 2; i++) {
        awl_buf_clear(path);
        awl_buf_printf(path, "%s%s", dir, inside);
        size_t len = path->len;
        if (awl_buf_append_str(path, awl_str_of(names[i])) == AWL_OK &&
            stat(path->ptr, &st) == 0) {
            awl_buf_truncate(path, len);
            return true;
        }
    }
    return false;
}

/* dir/lib/python3.x/site-packages/botocore/data. */
static bool data_dir_try_python(const char *dir, struct awl_buf *path)
{
    struct awl_names folders = {NULL, 0};
    struct awl_buf inside;
    bool found = false;
    awl_buf_clear(path);
    awl_buf_init(&inside, PATH_MAX);
    if (awl_buf_printf(path, "%s/lib", dir) == AWL_OK)
        awl_data_folders(path->ptr, &folders, NULL);
    for (size_t i = folders.count; !found && i-- > 0;) {
        awl_buf_clear(&inside);
        if (strncmp(folders.names[i], "python3", 7) == 0 &&
            awl_buf_printf(&inside, "/lib/%s/site-packages/botocore/data",
                           folders.names[i]) == AWL_OK)
            found = data_dir_try(dir, inside.ptr, path);
    }
    awl_names_free(&folders);
    awl_buf_release(&inside);
    return found;
}

enum awl_rc awl_source_find(const char *dir, struct awl_buf *data_dir,
                            struct awl_error *err)
{
    static const char *const inside[] = {"", "/data", "/botocore/data"};
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        if (data_dir_try(dir, inside[i], data_dir))
            return AWL_OK;
    if (data_dir_try_python(dir, data_dir))
        return AWL_OK;
    return awl_error_set(err, AWL_ENOTFOUND,
                         "'%s' is no botocore data directory and holds none: no "
                         "partitions.json in it, nor in its data/ or botocore/data/",
                         dir);
}

static bool is_stopped(const struct reader *r)
{
    return r->options->stop != NULL && r->options->stop(r->options->data);
}

enum awl_rc awl_source_read(const char *dir, const struct awl_source_options *options,
                            struct awl_buf *out, struct awl_error *err)
{
    static const struct awl_source_options none;
    struct awl_error own = AWL_ERROR_INIT;
    struct reader r = {.options = options != NULL ? options : &none,
                       .out = out,
                       .err = err != NULL ? err : &own};
    struct awl_names services = {NULL, 0};
    struct awl_buf data_dir;
    awl_arena_init(&r.arena, NULL, 0, AWL_DATA_TREE_MAX);
    awl_buf_init(&data_dir, PATH_MAX);

    enum awl_rc rc = awl_source_find(dir, &data_dir, r.err);
    r.data_dir = awl_buf_cstr(&data_dir);
    if (rc == AWL_OK)
        rc = header_write(&r);
    if (rc == AWL_OK)
        rc = awl_data_folders(r.data_dir, &services, r.err);
    for (size_t i = 0; rc == AWL_OK && i < services.count; i++)
        rc = is_stopped(&r) ? awl_error_set(r.err, AWL_ECANCELED, "interrupted")
                            : service_read(&r, services.names[i]);

    awl_arena_release(&r.arena);
    awl_buf_release(&data_dir);
    awl_names_free(&services);
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
