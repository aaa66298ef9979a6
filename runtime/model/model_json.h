/* model_json.h - parts of an opened model as botocore writes them. */
#ifndef AWL_MODEL_MODEL_JSON_H
#define AWL_MODEL_MODEL_JSON_H

#include "base/buf.h"
#include "model/model.h"

/* Appends what stands under "pagination" in paginators-1.json. */
enum awl_rc awl_model_write_paginators(const struct awl_model *model,
                                       struct awl_buf *out);

/* Appends what stands under "waiters" in waiters-2.json. */
enum awl_rc awl_model_write_waiters(const struct awl_model *model, struct awl_buf *out);

/* Appends an endpoint rule set for a service that has none: PREFIX.REGION.SUFFIX, with
 * "-fips" and the dual-stack suffix where asked for. AWL_EPARSE for a prefix that is
 * no host name. */
enum awl_rc awl_model_write_plain_rules(awl_str endpoint_prefix, struct awl_buf *out);

#endif
