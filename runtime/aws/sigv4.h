/* sigv4.h - AWS Signature Version 4 and, asymmetric, 4A.
 *
 * Pure functions: the caller passes the time, nothing is read from the environment,
 * nothing suspends. A struct awl_sigv4 holds derived signing keys and scratch
 * memory, so that signing again allocates nothing; it is not for two threads. */
#ifndef AWL_AWS_SIGV4_H
#define AWL_AWS_SIGV4_H

#include "aws/credentials.h"
#include "aws/digest.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/headers.h"

/* Words that stand where the payload's SHA-256 would. */
#define AWL_SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define AWL_SIGV4_STREAMING "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
#define AWL_SIGV4_STREAMING_TRAILER "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
#define AWL_SIGV4_STREAMING_UNSIGNED_TRAILER "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
#define AWL_SIGV4_STREAMING_EVENTS "STREAMING-AWS4-HMAC-SHA256-EVENTS"

#define AWL_SIGV4_SIGNATURE_LEN 64
#define AWL_SIGV4_EXPIRES_MAX 604800 /* seconds; a presigned URL's longest life */

struct awl_sigv4;

/* NULL when out of memory. Free wipes the keys. */
struct awl_sigv4 *awl_sigv4_new(void);
void awl_sigv4_free(struct awl_sigv4 *sigv4);

/* What tests and the wire trace look at; both are replaced by each signing. The
 * canonical request shows the session token: never log it. */
struct awl_sigv4_trace {
    struct awl_buf canonical_request;
    struct awl_buf string_to_sign;
};

struct awl_sigv4_params {
    awl_str region;  /* SigV4A: all it is good for, "us-east-1,us-west-2" or "*" */
    awl_str service; /* the signing name, not the endpoint prefix */
    int64_t now_ms;
    bool asymmetric;               /* SigV4A */
    bool double_encode_path;       /* false for S3 only */
    bool normalize_path;           /* false for S3 only */
    bool add_content_sha256;       /* set X-Amz-Content-SHA256: S3, unsigned payloads */
    bool token_unsigned;           /* add the session token after signing */
    awl_str token_name;            /* "": X-Amz-Security-Token; S3 Express has its own */
    struct awl_sigv4_trace *trace; /* usually NULL */
};

/* The parts of a request that are not header fields. */
struct awl_sigv4_target {
    awl_str method;
    awl_str host;  /* as the Host header will say; not needed if there is one */
    awl_str path;  /* percent-encoded, as on the wire, the endpoint's path included */
    awl_str query; /* percent-encoded, without '?' */
};

/* Whether a signing name wants S3's rules: path as it is, content hash always. */
bool awl_sigv4_is_s3(awl_str service);

/* Sets X-Amz-Date (or Date, if the request has one), the session token and
 * Authorization, and if asked X-Amz-Content-SHA256; fields of an earlier signature
 * are replaced. All other fields are signed as they are, less those that proxies
 * change. SigV4A sets X-Amz-Region-Set too. `payload_hash` is 64 hex digits or one of
 * the words above. `signature` gets the hex digits and a NUL; it may be NULL, and must
 * be for SigV4A, whose signatures are longer. On failure `headers` carries no
 * signature. AWL_ECONFIG without a region or keys. */
enum awl_rc awl_sigv4_sign(struct awl_sigv4 *sigv4, const struct awl_sigv4_params *params,
                           const struct awl_credentials *credentials,
                           const struct awl_sigv4_target *target, awl_str payload_hash,
                           struct awl_headers *headers,
                           char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                           struct awl_error *err);

/* The same in the query string: appends X-Amz-Algorithm ... X-Amz-Signature to
 * `query`, which holds the request's own query (target->query is not looked at).
 * Whoever uses the URL must send `headers` as they are. On failure `query` is left
 * as it was. AWL_EINPUT for `expires` of 0 or beyond AWL_SIGV4_EXPIRES_MAX. */
enum awl_rc awl_sigv4_presign(struct awl_sigv4 *sigv4,
                              const struct awl_sigv4_params *params,
                              const struct awl_credentials *credentials,
                              const struct awl_sigv4_target *target, awl_str payload_hash,
                              const struct awl_headers *headers, uint32_t expires,
                              struct awl_buf *query, struct awl_error *err);

/* The signature of the next piece of a streamed body (not with SigV4A: AWL_EINPUT): a
 * chunk (`headers` empty) or an event (`headers` its encoded :date header). `prior` is
 * the signature before it, the request's own at first; `signature` may be the same
 * memory. */
enum awl_rc awl_sigv4_sign_piece(struct awl_sigv4 *sigv4,
                                 const struct awl_sigv4_params *params,
                                 const struct awl_credentials *credentials,
                                 const char prior[AWL_SIGV4_SIGNATURE_LEN],
                                 awl_str headers, awl_str payload,
                                 char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                                 struct awl_error *err);

/* The signature of an aws-chunked body's trailer: "name:value\n" for each. */
enum awl_rc awl_sigv4_sign_trailer(
    struct awl_sigv4 *sigv4, const struct awl_sigv4_params *params,
    const struct awl_credentials *credentials, const char prior[AWL_SIGV4_SIGNATURE_LEN],
    awl_str trailer, char signature[AWL_SIGV4_SIGNATURE_LEN + 1], struct awl_error *err);

/* HMAC of `text` with the signing key, in hex: presigned POST policies. */
enum awl_rc awl_sigv4_sign_text(struct awl_sigv4 *sigv4,
                                const struct awl_sigv4_params *params,
                                const struct awl_credentials *credentials, awl_str text,
                                char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                                struct awl_error *err);

#endif
