/* source.h - the source form of the service models.
 *
 * Text: a first line with the version of the data and the partitions, then one
 * service a line, by name, as minified JSON in declared order:
 *
 *     {"format":1,"version":"botocore 1.43.11","partitions":[...]}
 *     {"name":"s3","model":{...},"rules":{...},"paginators":{...},"waiters":{...}}
 *
 * Facts only: documentation strings and examples are left out. */
#ifndef AWL_MODEL_SOURCE_H
#define AWL_MODEL_SOURCE_H

#include "base/buf.h"
#include "model/docs.h"

#define AWL_SOURCE_FORMAT 1
#define AWL_SOURCE_MAX ((size_t)256 << 20) /* bytes of a source form */

struct awl_source_options {
    bool all_versions; /* every API version of a service, not the newest alone */
    struct awl_docs_writer *docs; /* takes the newest ones' texts, or NULL */
    bool (*stop)(void *data);     /* asked before each service; true: AWL_ECANCELED */
    void *data;
};

/* Appends the source form of a botocore data directory, which awl_source_find looks
 * for in `dir`: of each service the newest API version (of several the newest first),
 * what its sdk-extras add laid over it. The same files give the same bytes.
 * `options` may be NULL. */
enum awl_rc awl_source_read(const char *dir, const struct awl_source_options *options,
                            struct awl_buf *out, struct awl_error *err);

/* The data directory that `dir` is, or that lies in it: in a checkout or an installation
 * of botocore, or in a virtual environment that has one. Replaces `data_dir`. */
enum awl_rc awl_source_find(const char *dir, struct awl_buf *data_dir,
                            struct awl_error *err);

/* Takes the next line off `text`; false at the end. */
bool awl_source_line(awl_str *text, awl_str *line);

#endif
