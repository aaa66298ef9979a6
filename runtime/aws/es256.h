/* es256.h - ES256, the signature of JSON web tokens: ECDSA over P-256 with SHA-256.
 *
 * The key is a PEM text (PKCS #8 or SEC 1), as `aws login` keeps it for its DPoP proofs;
 * it is parsed anew each time, for it is needed a few times an hour. */
#ifndef AWL_AWS_ES256_H
#define AWL_AWS_ES256_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define AWL_ES256_COORDINATE_LEN 32
#define AWL_ES256_SIGNATURE_LEN 64

/* The public point of the key. AWL_EINPUT if the text is no private key on P-256. */
enum awl_rc awl_es256_point(awl_str pem, uint8_t x[AWL_ES256_COORDINATE_LEN],
                            uint8_t y[AWL_ES256_COORDINATE_LEN], struct awl_error *err);

/* Signs the text: r and s, 32 bytes each, as RFC 7518 wants them; another signature each
 * time. AWL_EINPUT as above. */
enum awl_rc awl_es256_sign(awl_str pem, awl_str text,
                           uint8_t signature[AWL_ES256_SIGNATURE_LEN],
                           struct awl_error *err);

#endif
