/* validation.h - whether an answer's body is what the service sent. */
#ifndef AWL_CALL_VALIDATION_H
#define AWL_CALL_VALIDATION_H

#include "aws/checksum.h"
#include "base/error.h"
#include "base/message.h"
#include "model/model.h"

struct awl_call;

/* A body that is compared with its checksum. */
struct awl_validation {
    struct awl_checksum checksum; /* of what has come so far */
    char expected[AWL_CHECKSUM_BASE64_MAX];
};

/* Asks the service for a checksum, where the operation has a member for that and the
 * client's settings or the caller say so; call->validate tells. */
enum awl_rc awl_validation_ask(struct awl_call *call, struct awl_error *err);

/* Begins with the best checksum that an answer has of its whole body. False: it has
 * none that can be compared. */
bool awl_validation_begin(struct awl_validation *validation,
                          const struct awl_model *model,
                          const struct awl_operation *operation,
                          const struct awl_response *response);

/* All of the body has been seen. AWL_ETRANSPORT, code ChecksumMismatch, for another one
 * than was sent. */
enum awl_rc awl_validation_end(const struct awl_validation *validation,
                               struct awl_error *err);

/* All of it for a buffered answer: its checksum, and what the service's rules check. */
enum awl_rc awl_validation_check(struct awl_call *call, struct awl_error *err);

#endif
