/* docs.h - the documentation strings of the service models: a pack of its own.
 *
 * The program carries none; `awl models update` writes one beside the models
 * (awl_home_file(AWL_HOME_DOCS), home.h). Texts are HTML, as they stand in the model. */
#ifndef AWL_MODEL_DOCS_H
#define AWL_MODEL_DOCS_H

#include "base/buf.h"

enum awl_docs_kind {
    AWL_DOCS_SERVICE,   /* no name, no member */
    AWL_DOCS_OPERATION, /* name: AWS's spelling; no member */
    AWL_DOCS_SHAPE,     /* name: the shape; no member */
    AWL_DOCS_MEMBER,    /* name: the structure; member: its member. The member's own
                           text, not that of its shape. */
};

struct awl_docs;

/* Opens a file, which is checked as it is read: it may come from anywhere.
 * AWL_ENOTFOUND when there is none; AWL_EPARSE when it is no docs pack, of another
 * format version or damaged. On failure *docs is NULL. */
enum awl_rc awl_docs_open_file(const char *path, struct awl_docs **docs,
                               struct awl_error *err);

/* Bytes of the caller's, which must outlive it; `origin` is for messages. */
enum awl_rc awl_docs_open(const void *bytes, size_t len, const char *origin,
                          struct awl_docs **docs, struct awl_error *err);

/* Does nothing for NULL. */
void awl_docs_free(struct awl_docs *docs);

awl_str awl_docs_data_version(const struct awl_docs *docs); /* "botocore 1.43.11" */
uint32_t awl_docs_service_count(const struct awl_docs *docs);
awl_str awl_docs_service_name(const struct awl_docs *docs, uint32_t index); /* sorted */

/* Appends the text. `service` is the model's name; what the kind does not have is "".
 * AWL_ENOTFOUND (without words) when there is none, AWL_EPARSE when the service's part
 * is damaged. The service asked for last is kept unpacked: ask for one after the other.
 */
enum awl_rc awl_docs_text(struct awl_docs *docs, awl_str service, enum awl_docs_kind kind,
                          awl_str name, awl_str member, struct awl_buf *out,
                          struct awl_error *err);

/* ---- writing ---- */

struct awl_tree;
struct awl_docs_writer;

/* NULL when memory is short. */
struct awl_docs_writer *awl_docs_writer_new(void);
void awl_docs_writer_free(struct awl_docs_writer *writer);

/* Adds the texts of a service's model (service-2). Names must come sorted. */
enum awl_rc awl_docs_add(struct awl_docs_writer *writer, awl_str service,
                         const struct awl_tree *model, struct awl_error *err);

/* Appends the pack to `out`, which must be empty. The same input gives the same bytes. */
enum awl_rc awl_docs_write(struct awl_docs_writer *writer, awl_str data_version,
                           struct awl_buf *out, struct awl_error *err);

#endif
