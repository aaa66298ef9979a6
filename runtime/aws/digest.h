/* digest.h - SHA-256, SHA-1, SHA-512, MD5 and HMAC-SHA256.
 *
 * All states are plain values: nothing is allocated, nothing can fail, a struct
 * copy forks a computation. States that saw a secret are wiped by their owner. */
#ifndef AWL_AWS_DIGEST_H
#define AWL_AWS_DIGEST_H

#include "base/str.h"

#define AWL_SHA256_LEN 32
#define AWL_SHA256_HEX_LEN 64
#define AWL_DIGEST_LEN_MAX 64

/* The SHA-256 of no bytes, in hex. */
#define AWL_SHA256_EMPTY_HEX                                                             \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* In pieces. After final the state is of no use but to be initialized again. */
struct awl_sha256 {
    uint64_t state[14];
};

void awl_sha256_init(struct awl_sha256 *sha);
void awl_sha256_update(struct awl_sha256 *sha, const void *bytes, size_t len);
void awl_sha256_final(struct awl_sha256 *sha, uint8_t out[AWL_SHA256_LEN]);

/* All at once. The hex form is lower case and NUL-terminated. */
void awl_sha256_of(awl_str text, uint8_t out[AWL_SHA256_LEN]);
void awl_sha256_hex_of(awl_str text, char out[AWL_SHA256_HEX_LEN + 1]);

/* A key with its two pads already hashed: a MAC then costs two blocks less. It is
 * as secret as the key itself: release wipes it. */
struct awl_hmac_sha256_key {
    struct awl_sha256 inner;
    struct awl_sha256 outer;
};

void awl_hmac_sha256_key_init(struct awl_hmac_sha256_key *key, const void *bytes,
                              size_t len);
void awl_hmac_sha256_key_release(struct awl_hmac_sha256_key *key);
void awl_hmac_sha256(const struct awl_hmac_sha256_key *key, const void *bytes, size_t len,
                     uint8_t out[AWL_SHA256_LEN]);

/* Any of the algorithms by its name. */
enum awl_digest_algorithm {
    AWL_DIGEST_MD5,
    AWL_DIGEST_SHA1,
    AWL_DIGEST_SHA256,
    AWL_DIGEST_SHA512,
};

/* The state of any of them. */
struct awl_digest {
    enum awl_digest_algorithm algorithm;
    uint64_t state[27];
};

/* 16, 20, 32 or 64 bytes. */
size_t awl_digest_len(enum awl_digest_algorithm algorithm);

void awl_digest_init(struct awl_digest *digest, enum awl_digest_algorithm algorithm);
void awl_digest_update(struct awl_digest *digest, const void *bytes, size_t len);

/* Writes awl_digest_len() bytes. */
void awl_digest_final(struct awl_digest *digest, uint8_t out[AWL_DIGEST_LEN_MAX]);

/* Writes 2 * len lower-case digits, no NUL. */
void awl_hex_encode(char *out, const void *bytes, size_t len);

/* Writes text.len / 2 bytes; false, with `out` undefined, when the text has an odd
 * length or another character than 0-9, a-f, A-F. */
bool awl_hex_decode(uint8_t *out, awl_str text);

#endif
