/* sigv2.h - AWS Signature Version 2, in the form of a POST: SimpleDB's.
 *
 * A pure function on bytes: the caller passes the time. */
#ifndef AWL_AWS_SIGV2_H
#define AWL_AWS_SIGV2_H

#include "aws/credentials.h"
#include "base/buf.h"
#include "base/error.h"

/* Adds AWSAccessKeyId ... Signature to the form, whose names and values have all but
 * unreserved characters encoded; an earlier signature is replaced. `host` is as the Host
 * header says. AWL_ECONFIG without keys. */
enum awl_rc awl_sigv2_sign(const struct awl_credentials *credentials, awl_str host,
                           awl_str path, int64_t now_ms, struct awl_buf *form,
                           struct awl_error *err);

#endif
