#include "aws/es256.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define CURVE "prime256v1"
#define POINT_LEN (1 + 2 * AWL_ES256_COORDINATE_LEN) /* 4, x, y */
#define DER_MAX 80

/* Without it OpenSSL would ask the terminal for the password of an encrypted key. */
static int no_password(char *buf, int size, int writing, void *data)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32];
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
           strcmp(group, CURVE) == 0;
}

/* NULL with the reason in `err`. */
static EVP_PKEY *key_read(awl_str pem, struct awl_error *err)
{
    BIO *bio = pem.len <= INT_MAX ? BIO_new_mem_buf(pem.ptr, (int)pem.len) : NULL;
    EVP_PKEY *key =
        bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    if (key != NULL && is_p256(key))
        return key;
    EVP_PKEY_free(key);
    awl_error_set(err, AWL_EINPUT, "the key is no private key on the curve P-256 in PEM");
    return NULL;
}

enum awl_rc awl_es256_point(awl_str pem, uint8_t x[AWL_ES256_COORDINATE_LEN],
                            uint8_t y[AWL_ES256_COORDINATE_LEN], struct awl_error *err)
{
    uint8_t point[POINT_LEN];
    size_t len = 0;
    EVP_PKEY *key = key_read(pem, err);
    if (key == NULL)
        return AWL_EINPUT;
    /* The key may have been written with its point compressed. */
    bool ok = EVP_PKEY_set_utf8_string_param(
                  key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1 &&
              EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                              sizeof(point), &len) == 1 &&
              len == sizeof(point);
    EVP_PKEY_free(key);
    if (!ok)
        return awl_error_set(err, AWL_EINPUT, "the key has no public point");
    memcpy(x, point + 1, AWL_ES256_COORDINATE_LEN);
    memcpy(y, point + 1 + AWL_ES256_COORDINATE_LEN, AWL_ES256_COORDINATE_LEN);
    return AWL_OK;
}

static bool sign_der(EVP_PKEY *key, awl_str text, uint8_t der[DER_MAX], size_t *len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL &&
              EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(ctx, der, len, (const uint8_t *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* From DER, in which r and s have the lengths that they need. */
static bool signature_unpack(const uint8_t *der, size_t len,
                             uint8_t signature[AWL_ES256_SIGNATURE_LEN])
{
    const int half = AWL_ES256_SIGNATURE_LEN / 2;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool ok = pair != NULL &&
              BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, half) == half;
    ECDSA_SIG_free(pair);
    return ok;
}

enum awl_rc awl_es256_sign(awl_str pem, awl_str text,
                           uint8_t signature[AWL_ES256_SIGNATURE_LEN],
                           struct awl_error *err)
{
    uint8_t der[DER_MAX];
    size_t len = sizeof(der);
    EVP_PKEY *key = key_read(pem, err);
    if (key == NULL)
        return AWL_EINPUT;
    bool ok = sign_der(key, text, der, &len) && signature_unpack(der, len, signature);
    EVP_PKEY_free(key); /* wipes the private half */
    return ok ? AWL_OK : awl_error_set(err, AWL_ENOMEM, "the text cannot be signed");
}
