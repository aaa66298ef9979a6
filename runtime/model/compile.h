/* compile.h - makes a model pack out of JSON.
 *
 * Either of the source form (source.h) of many services, or of one service whose
 * model is at hand. The same input gives the same bytes. */
#ifndef AWL_MODEL_COMPILE_H
#define AWL_MODEL_COMPILE_H

#include "base/buf.h"
#include "model/data_dir.h"

#define AWL_PACK_MAX ((size_t)1 << 30) /* bytes of a pack */

/* Told of each service that is left out because it says what we do not understand;
 * `reason` names the service. */
typedef void awl_compile_report(void *data, const char *reason);

/* Compiles a source form into `out`, which must be empty. A service that cannot be
 * compiled is reported and left out; `report` may be NULL. */
enum awl_rc awl_compile_source(awl_str source, awl_compile_report *report, void *data,
                               struct awl_buf *out, struct awl_error *err);

/* One service, as JSON texts in botocore's format; what is empty is not there. */
struct awl_compile_input {
    awl_str name;
    awl_str model;      /* service-2: metadata, operations, shapes */
    awl_str rules;      /* endpoint-rule-set-1 */
    awl_str paginators; /* paginators-1's "pagination" */
    awl_str waiters;    /* waiters-2's "waiters" */
    awl_str partitions; /* partitions.json's "partitions" */
};

/* A pack with this service alone. AWL_EPARSE when something is not understood. */
enum awl_rc awl_compile_service(const struct awl_compile_input *input,
                                struct awl_buf *out, struct awl_error *err);

/* The same from trees. */
enum awl_rc awl_compile_parts(const struct awl_service_parts *parts, struct awl_buf *out,
                              struct awl_error *err);

#endif
