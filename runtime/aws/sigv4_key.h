/* sigv4_key.h - derived signing keys, kept for as long as they are of use.
 *
 * Of this folder only. A key is good for one day, region and service; deriving it
 * costs four HMACs, finding it a few comparisons. */
#ifndef AWL_AWS_SIGV4_KEY_H
#define AWL_AWS_SIGV4_KEY_H

#include "aws/credentials.h"
#include "aws/digest.h"
#include "aws/sigv4a.h"
#include "base/error.h"

#define AWL_SIGV4_KEYS_MAX 64
#define AWL_SIGV4A_KEYS_MAX 8
#define AWL_SIGV4_DAY_LEN 8

struct awl_sigv4_key {
    char *text; /* access key id, "AWS4" + secret, region, service; owned */
    size_t text_len;
    awl_str parts[4]; /* slices of `text` */
    char day[AWL_SIGV4_DAY_LEN];
    struct awl_hmac_sha256_key hmac;
    uint64_t used; /* when it was asked for last, in requests */
};

struct awl_sigv4_keys {
    struct awl_sigv4_key *entries[AWL_SIGV4_KEYS_MAX];
    size_t count;
    size_t last; /* index of the one that was asked for last */
    uint64_t requests;
};

/* Wipes them. */
void awl_sigv4_keys_release(struct awl_sigv4_keys *keys);

/* The key, derived if it is not there yet; the longest unused one makes room.
 * Valid until the next call. NULL when out of memory. `day` is YYYYMMDD. */
const struct awl_hmac_sha256_key *
awl_sigv4_keys_get(struct awl_sigv4_keys *keys, const struct awl_credentials *credentials,
                   const char day[AWL_SIGV4_DAY_LEN], awl_str region, awl_str service);

/* The same for SigV4A, whose keys depend on the credentials alone; deriving one costs
 * as much as a signature. */
struct awl_sigv4a_keys {
    struct awl_sigv4a_key *entries[AWL_SIGV4A_KEYS_MAX]; /* the last used one first */
    size_t count;
};

/* Wipes them. */
void awl_sigv4a_keys_release(struct awl_sigv4a_keys *keys);

/* Valid until the next call. */
enum awl_rc awl_sigv4a_keys_get(struct awl_sigv4a_keys *keys,
                                const struct awl_credentials *credentials,
                                struct awl_sigv4a_key **key);

#endif
