/* sigv4a.h - the asymmetric keys of AWS Signature Version 4A.
 *
 * SigV4A signs with ECDSA over P-256, so that one signature is good in several
 * regions. awl_sigv4_sign() and awl_sigv4_presign() do it when their parameters say
 * `asymmetric`; here is the key, which a secret and its access key id determine. */
#ifndef AWL_AWS_SIGV4A_H
#define AWL_AWS_SIGV4A_H

#include "aws/credentials.h"
#include "base/buf.h"
#include "base/error.h"

#define AWL_SIGV4A_SIGNATURE_MAX 144 /* hex digits of the longest DER signature */
#define AWL_SIGV4A_COORDINATE_LEN 32

/* A key pair, or only the public half of one. */
struct awl_sigv4a_key;

/* Derives the pair. AWL_ENOMEM, or AWL_EINPUT if the credentials give no key, which
 * takes a chance of one in 2^8000. */
enum awl_rc awl_sigv4a_key_new(const struct awl_credentials *credentials,
                               struct awl_sigv4a_key **key);

/* A public key by its point. AWL_EINPUT if that is not on the curve. */
enum awl_rc awl_sigv4a_key_of_point(const uint8_t x[AWL_SIGV4A_COORDINATE_LEN],
                                    const uint8_t y[AWL_SIGV4A_COORDINATE_LEN],
                                    struct awl_sigv4a_key **key);

/* Wipes it. NULL is fine. */
void awl_sigv4a_key_free(struct awl_sigv4a_key *key);

/* Does this key belong to these credentials? */
bool awl_sigv4a_key_matches(const struct awl_sigv4a_key *key,
                            const struct awl_credentials *credentials);

/* The public half: the point's coordinates, big-endian. */
void awl_sigv4a_key_point(const struct awl_sigv4a_key *key,
                          uint8_t x[AWL_SIGV4A_COORDINATE_LEN],
                          uint8_t y[AWL_SIGV4A_COORDINATE_LEN]);

/* The signature of the text's SHA-256 in DER, as lower-case hex and a NUL; another one
 * each time. */
enum awl_rc awl_sigv4a_key_sign(struct awl_sigv4a_key *key, awl_str text,
                                char signature[AWL_SIGV4A_SIGNATURE_MAX + 1]);

/* Is it a signature (hex of DER) of the text by this key? */
bool awl_sigv4a_key_verify(struct awl_sigv4a_key *key, awl_str text, awl_str signature);

#endif
