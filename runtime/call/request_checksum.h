/* request_checksum.h - the checksum header of S3's requests. */
#ifndef AWL_CALL_REQUEST_CHECKSUM_H
#define AWL_CALL_REQUEST_CHECKSUM_H

#include "base/error.h"
#include "base/str.h"

struct awl_call;

/* Adds x-amz-checksum-<algorithm> for `body` where the operation requires a checksum
 * or, at AWS's own endpoints, takes one, unless the caller gave one. The algorithm is
 * that of the operation's algorithm member, else CRC32. */
enum awl_rc awl_call_add_checksum(struct awl_call *call, awl_str body);

/* The caller chose an algorithm and gave no value: of a streamed body there is none. */
bool awl_call_lacks_checksum(const struct awl_call *call);

#endif
