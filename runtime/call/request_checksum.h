/* request_checksum.h - the checksum that a request carries of its body. */
#ifndef AWL_CALL_REQUEST_CHECKSUM_H
#define AWL_CALL_REQUEST_CHECKSUM_H

#include "aws/checksum.h"
#include "base/error.h"
#include "base/headers.h"
#include "model/model.h"

/* Whether a request with these fields is to carry a checksum, and of which algorithm:
 * that of the operation's algorithm member, else CRC32. One is sent where the operation
 * requires it or, unless `when_required`, takes it; none beside a value that the caller
 * gave. AWL_EINPUT for an algorithm that is not known. */
enum awl_rc awl_request_checksum_choose(const struct awl_model *model,
                                        const struct awl_operation *operation,
                                        bool when_required,
                                        const struct awl_headers *headers, bool *wanted,
                                        enum awl_checksum_algorithm *algorithm,
                                        struct awl_error *err);

/* Names the algorithm where the caller has left it to us. */
enum awl_rc awl_request_checksum_announce(const struct awl_operation *operation,
                                          enum awl_checksum_algorithm algorithm,
                                          struct awl_headers *headers);

/* Adds the checksum of `body`, if there is to be one. */
enum awl_rc awl_request_checksum_add(const struct awl_model *model,
                                     const struct awl_operation *operation,
                                     bool when_required, struct awl_headers *headers,
                                     awl_str body, struct awl_error *err);

/* The request carries a checksum: a field of S3's, or Content-MD5. */
bool awl_request_has_checksum(const struct awl_headers *headers);

#endif
