/* OpenSSL's raw hash functions rather than EVP: an EVP state is an allocation, and
 * copying one, as each HMAC with hashed pads does, is another. Both reach the same
 * assembly. They are marked deprecated, hence the definition. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "aws/digest.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct awl_sha256), "state is too small");

_Static_assert(sizeof(SHA512_CTX) <= sizeof(((struct awl_digest *)0)->state),
               "state is too small");

#define HMAC_BLOCK_LEN 64

static SHA256_CTX *sha256_ctx(struct awl_sha256 *sha)
{
    return (SHA256_CTX *)(void *)sha->state;
}

void awl_sha256_init(struct awl_sha256 *sha)
{
    SHA256_Init(sha256_ctx(sha));
}

void awl_sha256_update(struct awl_sha256 *sha, const void *bytes, size_t len)
{
    if (len > 0)
        SHA256_Update(sha256_ctx(sha), bytes, len);
}

void awl_sha256_final(struct awl_sha256 *sha, uint8_t out[AWL_SHA256_LEN])
{
    SHA256_Final(out, sha256_ctx(sha));
}

void awl_sha256_of(awl_str text, uint8_t out[AWL_SHA256_LEN])
{
    struct awl_sha256 sha;
    awl_sha256_init(&sha);
    awl_sha256_update(&sha, text.ptr, text.len);
    awl_sha256_final(&sha, out);
}

void awl_sha256_hex_of(awl_str text, char out[AWL_SHA256_HEX_LEN + 1])
{
    uint8_t digest[AWL_SHA256_LEN];
    awl_sha256_of(text, digest);
    awl_hex_encode(out, digest, sizeof digest);
    out[AWL_SHA256_HEX_LEN] = '\0';
}

static void hmac_pad(struct awl_sha256 *sha, const uint8_t block[HMAC_BLOCK_LEN],
                     uint8_t pad)
{
    uint8_t padded[HMAC_BLOCK_LEN];
    for (size_t i = 0; i < HMAC_BLOCK_LEN; i++)
        padded[i] = block[i] ^ pad;
    awl_sha256_init(sha);
    awl_sha256_update(sha, padded, sizeof padded);
    OPENSSL_cleanse(padded, sizeof padded);
}

void awl_hmac_sha256_key_init(struct awl_hmac_sha256_key *key, const void *bytes,
                              size_t len)
{
    uint8_t block[HMAC_BLOCK_LEN] = {0};
    if (len > sizeof block)
        awl_sha256_of(awl_str_make(bytes, len), block);
    else if (len > 0)
        memcpy(block, bytes, len);
    hmac_pad(&key->inner, block, 0x36);
    hmac_pad(&key->outer, block, 0x5c);
    OPENSSL_cleanse(block, sizeof block);
}

void awl_hmac_sha256_key_release(struct awl_hmac_sha256_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

void awl_hmac_sha256(const struct awl_hmac_sha256_key *key, const void *bytes, size_t len,
                     uint8_t out[AWL_SHA256_LEN])
{
    struct awl_sha256 sha = key->inner;
    awl_sha256_update(&sha, bytes, len);
    awl_sha256_final(&sha, out);
    sha = key->outer;
    awl_sha256_update(&sha, out, AWL_SHA256_LEN);
    awl_sha256_final(&sha, out);
    /* Final leaves no key material behind but the chaining value: wipe that too. */
    OPENSSL_cleanse(&sha, sizeof sha);
}

size_t awl_digest_len(enum awl_digest_algorithm algorithm)
{
    switch (algorithm) {
    case AWL_DIGEST_MD5:
        return MD5_DIGEST_LENGTH;
    case AWL_DIGEST_SHA1:
        return SHA_DIGEST_LENGTH;
    case AWL_DIGEST_SHA256:
        return SHA256_DIGEST_LENGTH;
    case AWL_DIGEST_SHA512:
        return SHA512_DIGEST_LENGTH;
    }
    return 0;
}

void awl_digest_init(struct awl_digest *digest, enum awl_digest_algorithm algorithm)
{
    void *state = digest->state;
    digest->algorithm = algorithm;
    switch (algorithm) {
    case AWL_DIGEST_MD5:
        MD5_Init(state);
        break;
    case AWL_DIGEST_SHA1:
        SHA1_Init(state);
        break;
    case AWL_DIGEST_SHA256:
        SHA256_Init(state);
        break;
    case AWL_DIGEST_SHA512:
        SHA512_Init(state);
        break;
    }
}

void awl_digest_update(struct awl_digest *digest, const void *bytes, size_t len)
{
    void *state = digest->state;
    if (len == 0)
        return;
    switch (digest->algorithm) {
    case AWL_DIGEST_MD5:
        MD5_Update(state, bytes, len);
        break;
    case AWL_DIGEST_SHA1:
        SHA1_Update(state, bytes, len);
        break;
    case AWL_DIGEST_SHA256:
        SHA256_Update(state, bytes, len);
        break;
    case AWL_DIGEST_SHA512:
        SHA512_Update(state, bytes, len);
        break;
    }
}

void awl_digest_final(struct awl_digest *digest, uint8_t out[AWL_DIGEST_LEN_MAX])
{
    void *state = digest->state;
    switch (digest->algorithm) {
    case AWL_DIGEST_MD5:
        MD5_Final(out, state);
        break;
    case AWL_DIGEST_SHA1:
        SHA1_Final(out, state);
        break;
    case AWL_DIGEST_SHA256:
        SHA256_Final(out, state);
        break;
    case AWL_DIGEST_SHA512:
        SHA512_Final(out, state);
        break;
    }
}

void awl_hex_encode(char *out, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = awl_char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool awl_hex_decode(uint8_t *out, awl_str text)
{
    if (text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_value(text.ptr[i]);
        int low = hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high * 16 + low);
    }
    return true;
}
