/* sigv4_verify.h - the server's side of AWS Signature Version 4 and 4A.
 *
 * Says whether a received request was signed with the secret of the access key it
 * names, in its header fields or, presigned, in its query. */
#ifndef AWL_AWS_SIGV4_VERIFY_H
#define AWL_AWS_SIGV4_VERIFY_H

#include "aws/sigv4.h"
#include "aws/sigv4a.h"

enum awl_sigv4_verdict {
    AWL_SIGV4_VALID,
    AWL_SIGV4_MISSING,   /* no signature at all: MissingAuthenticationToken */
    AWL_SIGV4_MALFORMED, /* IncompleteSignature */
    AWL_SIGV4_UNKNOWN,   /* the access key: InvalidClientTokenId, InvalidAccessKeyId */
    AWL_SIGV4_SKEWED,    /* the date is too far away: RequestTimeTooSkewed */
    AWL_SIGV4_EXPIRED,   /* a presigned URL after its time: AccessDenied */
    AWL_SIGV4_MISMATCH,  /* SignatureDoesNotMatch */
    AWL_SIGV4_BAD_BODY,  /* not the payload hash's body: XAmzContentSHA256Mismatch */
};

/* Fills in the credentials of an access key id; false if nobody has it. The text
 * must stay until the verification ends. A session token, if there is one, must
 * come with the request. */
typedef bool awl_sigv4_lookup(void *data, awl_str access_key_id,
                              struct awl_credentials *credentials);

#define AWL_SIGV4_SKEW_MS (15 * 60 * 1000) /* what AWS allows */

struct awl_sigv4_verification {
    /* What the caller sets. */
    int64_t now_ms;
    int64_t skew_ms; /* how far the request's date may be from now */
    awl_str body;
    awl_str body_sha256; /* in hex, if the caller has it; else of `body` */
    awl_sigv4_lookup *lookup;
    void *data;
    struct awl_sigv4_trace *trace; /* may be NULL: shows what was expected */

    /* What is found out; slices point into the request, the struct awl_sigv4 or this
     * struct and are valid until they change. Set as far as it was understood. */
    bool presigned;
    awl_str access_key_id;
    awl_str region; /* SigV4A: the set, as it stands there */
    awl_str service;
    awl_str payload_hash;
    char signature[AWL_SIGV4A_SIGNATURE_MAX + 1]; /* the request's: a stream's seed */
    char body_hash[AWL_SHA256_HEX_LEN + 1];       /* of `body`, if it was needed */
    const char *reason;                           /* static text; NULL if valid */
};

/* `target` is the request line; the Host field is among the headers. Which rules the
 * path follows depends on the service in the credential. AWL_ENOMEM or AWL_ELIMIT,
 * else AWL_OK with a verdict. */
enum awl_rc awl_sigv4_verify(struct awl_sigv4 *sigv4,
                             const struct awl_sigv4_target *target,
                             const struct awl_headers *headers,
                             struct awl_sigv4_verification *verification,
                             enum awl_sigv4_verdict *verdict);

#endif
