#include "aws/sigv4a.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "aws/digest.h"

#define SCALAR_LEN AWL_SIGV4A_COORDINATE_LEN
#define POINT_LEN (1 + 2 * AWL_SIGV4A_COORDINATE_LEN) /* 4, x, y */
#define COUNTER_MAX 254
#define CURVE "prime256v1" /* P-256 by its other name */

/* The contexts have their algorithm fetched and initialized: signing looks up nothing. */
struct awl_sigv4a_key {
    EVP_PKEY *pair;
    EVP_PKEY_CTX *signer; /* NULL without the private half */
    EVP_PKEY_CTX *verifier;
    uint8_t point[POINT_LEN];
    struct awl_buf text; /* what the key was derived from: the id, then the secret */
    size_t id_len;
};

/* The order of the curve's group, less two. */
static const uint8_t scalar_max[SCALAR_LEN] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
};

/* ---- the private key: NIST SP 800-108 in counter mode, until it fits ---- */

static void scalar_add_one(uint8_t scalar[SCALAR_LEN])
{
    unsigned carry = 1;
    for (size_t i = SCALAR_LEN; i-- > 0;) {
        carry += scalar[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* The fixed input of the HMAC; its only changing byte is the last before the length. */
static enum awl_rc kdf_input(struct awl_buf *input, awl_str access_key_id)
{
    static const char begin[] = "\0\0\0\1"
                                "AWS4-ECDSA-P256-SHA256"; /* and a zero */
    static const char end[] = {0, 0, 1, 0};               /* 256 bits are wanted */
    awl_buf_append(input, begin, sizeof begin);
    awl_buf_append_str(input, access_key_id);
    awl_buf_append_char(input, 0);
    return awl_buf_append(input, end, sizeof end);
}

static enum awl_rc scalar_find(const struct awl_hmac_sha256_key *hmac,
                               struct awl_buf *input, uint8_t scalar[SCALAR_LEN])
{
    for (int counter = 1; counter <= COUNTER_MAX; counter++) {
        input->ptr[input->len - 5] = (char)counter;
        awl_hmac_sha256(hmac, input->ptr, input->len, scalar);
        if (memcmp(scalar, scalar_max, SCALAR_LEN) <= 0) {
            scalar_add_one(scalar);
            return AWL_OK;
        }
    }
    return AWL_EINPUT;
}

static enum awl_rc scalar_derive(const struct awl_credentials *credentials,
                                 uint8_t scalar[SCALAR_LEN])
{
    struct awl_hmac_sha256_key hmac;
    struct awl_buf secret, input;
    awl_buf_init(&secret, SIZE_MAX);
    awl_buf_init(&input, SIZE_MAX);
    /* All at once: a buffer that grows leaves copies behind. */
    enum awl_rc rc = awl_buf_reserve(&secret, 5 + credentials->secret_access_key.len);
    awl_buf_append_str(&secret, STR("AWS4A"));
    awl_buf_append_str(&secret, credentials->secret_access_key);
    if (rc == AWL_OK)
        rc = kdf_input(&input, credentials->access_key_id);
    if (rc == AWL_OK) {
        awl_hmac_sha256_key_init(&hmac, secret.ptr, secret.len);
        rc = scalar_find(&hmac, &input, scalar);
        awl_hmac_sha256_key_release(&hmac);
    }
    awl_buf_wipe(&secret);
    awl_buf_release(&input);
    return rc;
}

/* ---- the pair ---- */

static bool point_multiply(const uint8_t scalar[SCALAR_LEN], uint8_t out[POINT_LEN])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    BIGNUM *factor = BN_secure_new();
    bool ok = false;
    if (point != NULL && factor != NULL &&
        BN_bin2bn(scalar, SCALAR_LEN, factor) != NULL) {
        BN_set_flags(factor, BN_FLG_CONSTTIME);
        ok = EC_POINT_mul(group, point, factor, NULL, NULL, NULL) == 1 &&
             EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out,
                                POINT_LEN, NULL) == POINT_LEN;
    }
    BN_clear_free(factor);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return ok;
}

/* Written by hand, for the builder of parameters leaves copies of the scalar behind.
 * They take integers in the machine's order. */
static EVP_PKEY *pair_import(uint8_t point[POINT_LEN], const uint8_t *scalar)
{
    char curve[] = CURVE;
    uint8_t native[SCALAR_LEN] = {0};
    const uint16_t one = 1;
    bool little = *(const uint8_t *)&one == 1;
    OSSL_PARAM params[4];
    EVP_PKEY *pair = NULL;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
    params[1] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, POINT_LEN);
    params[2] = params[3] = OSSL_PARAM_construct_end();
    if (scalar != NULL) {
        for (size_t i = 0; i < SCALAR_LEN; i++)
            native[i] = scalar[little ? SCALAR_LEN - 1 - i : i];
        params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, SCALAR_LEN);
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pair,
                          scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          params) != 1)
        pair = NULL;
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_cleanse(native, sizeof native);
    return pair;
}

static bool contexts_init(struct awl_sigv4a_key *key, bool private)
{
    key->verifier = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
    if (key->verifier == NULL || EVP_PKEY_verify_init(key->verifier) != 1)
        return false;
    if (!private)
        return true;
    key->signer = EVP_PKEY_CTX_new_from_pkey(NULL, key->pair, NULL);
    return key->signer != NULL && EVP_PKEY_sign_init(key->signer) == 1;
}

/* Takes key->point; `scalar` is NULL for a public key. */
static enum awl_rc key_init(struct awl_sigv4a_key *key, const uint8_t *scalar)
{
    key->pair = pair_import(key->point, scalar);
    if (key->pair == NULL)
        return scalar != NULL ? AWL_ENOMEM : AWL_EINPUT;
    return contexts_init(key, scalar != NULL) ? AWL_OK : AWL_ENOMEM;
}

static struct awl_sigv4a_key *key_alloc(void)
{
    struct awl_sigv4a_key *key = calloc(1, sizeof *key);
    if (key != NULL)
        awl_buf_init(&key->text, SIZE_MAX);
    return key;
}

enum awl_rc awl_sigv4a_key_new(const struct awl_credentials *credentials,
                               struct awl_sigv4a_key **made)
{
    uint8_t scalar[SCALAR_LEN];
    struct awl_sigv4a_key *key = key_alloc();
    if (key == NULL)
        return AWL_ENOMEM;
    key->id_len = credentials->access_key_id.len;
    enum awl_rc rc =
        awl_buf_reserve(&key->text, key->id_len + credentials->secret_access_key.len);
    awl_buf_append_str(&key->text, credentials->access_key_id);
    awl_buf_append_str(&key->text, credentials->secret_access_key);
    if (rc == AWL_OK)
        rc = scalar_derive(credentials, scalar);
    if (rc == AWL_OK && !point_multiply(scalar, key->point))
        rc = AWL_ENOMEM;
    if (rc == AWL_OK)
        rc = key_init(key, scalar);
    OPENSSL_cleanse(scalar, sizeof scalar);
    if (rc != AWL_OK) {
        awl_sigv4a_key_free(key);
        return rc;
    }
    *made = key;
    return AWL_OK;
}

enum awl_rc awl_sigv4a_key_of_point(const uint8_t x[AWL_SIGV4A_COORDINATE_LEN],
                                    const uint8_t y[AWL_SIGV4A_COORDINATE_LEN],
                                    struct awl_sigv4a_key **made)
{
    struct awl_sigv4a_key *key = key_alloc();
    if (key == NULL)
        return AWL_ENOMEM;
    key->point[0] = POINT_CONVERSION_UNCOMPRESSED;
    memcpy(key->point + 1, x, AWL_SIGV4A_COORDINATE_LEN);
    memcpy(key->point + 1 + AWL_SIGV4A_COORDINATE_LEN, y, AWL_SIGV4A_COORDINATE_LEN);
    enum awl_rc rc = key_init(key, NULL);
    if (rc != AWL_OK) {
        awl_sigv4a_key_free(key);
        return rc;
    }
    *made = key;
    return AWL_OK;
}

void awl_sigv4a_key_free(struct awl_sigv4a_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_CTX_free(key->signer);
    EVP_PKEY_CTX_free(key->verifier);
    EVP_PKEY_free(key->pair); /* wipes the private key */
    awl_buf_wipe(&key->text);
    free(key);
}

bool awl_sigv4a_key_matches(const struct awl_sigv4a_key *key,
                            const struct awl_credentials *credentials)
{
    awl_str text = awl_buf_str(&key->text);
    return awl_str_eq(awl_str_slice(text, 0, key->id_len), credentials->access_key_id) &&
           awl_str_eq(awl_str_slice(text, key->id_len, text.len),
                      credentials->secret_access_key);
}

void awl_sigv4a_key_point(const struct awl_sigv4a_key *key,
                          uint8_t x[AWL_SIGV4A_COORDINATE_LEN],
                          uint8_t y[AWL_SIGV4A_COORDINATE_LEN])
{
    memcpy(x, key->point + 1, AWL_SIGV4A_COORDINATE_LEN);
    memcpy(y, key->point + 1 + AWL_SIGV4A_COORDINATE_LEN, AWL_SIGV4A_COORDINATE_LEN);
}

/* ---- signatures ---- */

enum awl_rc awl_sigv4a_key_sign(struct awl_sigv4a_key *key, awl_str text,
                                char signature[AWL_SIGV4A_SIGNATURE_MAX + 1])
{
    uint8_t digest[AWL_SHA256_LEN], der[AWL_SIGV4A_SIGNATURE_MAX / 2];
    size_t len = sizeof der;
    if (key->signer == NULL)
        return AWL_EINPUT;
    awl_sha256_of(text, digest);
    if (EVP_PKEY_sign(key->signer, der, &len, digest, sizeof digest) != 1)
        return AWL_ENOMEM; /* nothing else is left to go wrong */
    awl_hex_encode(signature, der, len);
    signature[2 * len] = '\0';
    return AWL_OK;
}

bool awl_sigv4a_key_verify(struct awl_sigv4a_key *key, awl_str text, awl_str signature)
{
    uint8_t digest[AWL_SHA256_LEN], der[AWL_SIGV4A_SIGNATURE_MAX / 2];
    if (signature.len > AWL_SIGV4A_SIGNATURE_MAX || !awl_hex_decode(der, signature))
        return false;
    awl_sha256_of(text, digest);
    return EVP_PKEY_verify(key->verifier, der, signature.len / 2, digest,
                           sizeof digest) == 1;
}
