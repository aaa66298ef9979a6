/* The key is made for these tests. */
#include "test.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "aws/digest.h"
#include "aws/es256.h"
#include "aws/sigv4a.h"

/* In two, so that no tool takes it for a real one. */
static const char pem[] =
    "-----BEGIN PRIVATE"
    " KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi+UcoRsRRHjdI+r8\n"
    "/7eUC2dkk0lDamHxKpfrQ4EIlcChRANCAAQCtBfJL3NL8pWG6L6FBNA/RH2Wn6LQ\n"
    "uYAS0ztY7Z/e73Ye2QO0m+9VHTC41eAr4iKqidBSwHhximRs6RfjG6KP\n"
    "-----END PRIVATE"
    " KEY-----";

/* Puts r and s back into DER, with which the other module verifies. */
static bool verifies(awl_str text, const uint8_t signature[AWL_ES256_SIGNATURE_LEN])
{
    uint8_t x[AWL_ES256_COORDINATE_LEN], y[AWL_ES256_COORDINATE_LEN], *der = NULL;
    char hex[AWL_SIGV4A_SIGNATURE_MAX + 1];
    struct awl_sigv4a_key *key = NULL;

    CHECK_OK(awl_es256_point(awl_str_of(pem), x, y, NULL));
    CHECK_OK(awl_sigv4a_key_of_point(x, y, &key));
    ECDSA_SIG *pair = ECDSA_SIG_new();
    CHECK(ECDSA_SIG_set0(pair, BN_bin2bn(signature, 32, NULL),
                         BN_bin2bn(signature + 32, 32, NULL)) == 1);
    int len = i2d_ECDSA_SIG(pair, &der);
    ECDSA_SIG_free(pair);
    CHECK(len > 0);
    awl_hex_encode(hex, der, (size_t)len);
    OPENSSL_free(der);
    bool ok = awl_sigv4a_key_verify(key, text, awl_str_make(hex, 2 * (size_t)len));
    awl_sigv4a_key_free(key);
    return ok;
}

TEST(the_point_is_that_of_the_key)
{
    UNUSED_STATE;
    uint8_t x[AWL_ES256_COORDINATE_LEN], y[AWL_ES256_COORDINATE_LEN];
    char hex[2 * AWL_ES256_COORDINATE_LEN];
    CHECK_OK(awl_es256_point(awl_str_of(pem), x, y, NULL));
    awl_hex_encode(hex, x, sizeof x);
    CHECK_STR(awl_str_make(hex, sizeof hex),
              "02b417c92f734bf29586e8be8504d03f447d969fa2d0b98012d33b58ed9fdeef");
    awl_hex_encode(hex, y, sizeof y);
    CHECK_STR(awl_str_make(hex, sizeof hex),
              "761ed903b49bef551d30b8d5e02be222aa89d052c078718a646ce917e31ba28f");
}

TEST(a_signature_is_two_numbers_of_full_length_that_verify)
{
    UNUSED_STATE;
    uint8_t signature[AWL_ES256_SIGNATURE_LEN];
    for (int i = 0; i < 300; i++) { /* one in 128 begins with a zero */
        CHECK_OK(awl_es256_sign(awl_str_of(pem), STR("text"), signature, NULL));
        CHECK(verifies(STR("text"), signature));
    }
    CHECK(!verifies(STR("other text"), signature));
}

TEST(what_is_no_key_on_the_curve_is_refused)
{
    UNUSED_STATE;
    uint8_t signature[AWL_ES256_SIGNATURE_LEN];
    struct awl_error err = AWL_ERROR_INIT;
    CHECK_RC(awl_es256_sign(STR(""), STR("text"), signature, &err), AWL_EINPUT);
    CHECK_RC(awl_es256_sign(awl_str_make(pem, 100), STR("text"), signature, &err),
             AWL_EINPUT);
    CHECK(strstr(err.message, "P-256") != NULL);
    CHECK(strstr(err.message, "MIGHA") == NULL);
}

TEST_MAIN(RUN(the_point_is_that_of_the_key),
          RUN(a_signature_is_two_numbers_of_full_length_that_verify),
          RUN(what_is_no_key_on_the_curve_is_refused))
