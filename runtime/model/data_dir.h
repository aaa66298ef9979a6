/* data_dir.h - folders of service models in botocore's layout:
 * SERVICE/VERSION/KIND.json or .json.gz. */
#ifndef AWL_MODEL_DATA_DIR_H
#define AWL_MODEL_DATA_DIR_H

#include "base/buf.h"
#include "model/tree.h"

#define AWL_DATA_TREE_MAX ((size_t)1 << 30) /* bytes of one service's JSON as trees */

/* A growing list of strings. */
struct awl_names {
    char **names;
    size_t count;
};
void awl_names_free(struct awl_names *names);
enum awl_rc awl_names_add(struct awl_names *names, const char *name);
void awl_names_sort(struct awl_names *names);

/* Adds the folders in a folder, sorted. AWL_ENOTFOUND when it cannot be read. */
enum awl_rc awl_data_folders(const char *dir, struct awl_names *names,
                             struct awl_error *err);

/* Adds the API versions of a service that have a service-2 model, sorted; none when
 * there is no such folder. */
enum awl_rc awl_data_versions(const char *data_dir, const char *service,
                              struct awl_names *versions, struct awl_error *err);

/* Whether data_dir has a service-2 model of this service at all. */
bool awl_data_has_service(const char *data_dir, const char *service);

/* What a service consists of; all but the model may be NULL. */
struct awl_service_parts {
    awl_str name;
    struct awl_tree *model;      /* service-2: metadata, operations, shapes */
    struct awl_tree *rules;      /* endpoint-rule-set-1 */
    struct awl_tree *paginators; /* paginators-1's "pagination" */
    struct awl_tree *waiters;    /* waiters-2's "waiters" */
    struct awl_tree *partitions; /* set by the caller, for awl_compile_parts */
};

/* Reads a service, each kind of file from the first folder that has it, and lays over
 * it what sdk-extras say. `service` must outlive the parts; all else stands in `arena`.
 */
enum awl_rc awl_data_read_service(const char *const *data_dirs, size_t count,
                                  const char *service, const char *version,
                                  struct awl_arena *arena,
                                  struct awl_service_parts *parts, struct awl_error *err);

/* Reads data_dir/NAME.json, such as "partitions"; *node is NULL if it is not there. */
enum awl_rc awl_data_read(const char *data_dir, const char *name, struct awl_arena *arena,
                          struct awl_tree **node, struct awl_error *err);

#endif
