/* repeatable.h - whether sending a call twice does no harm. */
#ifndef AWL_CALL_REPEATABLE_H
#define AWL_CALL_REPEATABLE_H

#include <stdbool.h>

#include "model/model.h"

/* True if the operation only reads, is idempotent (by its trait, or as HTTP's GET,
 * HEAD, PUT and DELETE are), or carries an idempotency token. A call that is not
 * repeatable is never sent again once it was sent and not answered. */
bool awl_call_repeatable(const struct awl_model *model,
                         const struct awl_operation *operation);

#endif
