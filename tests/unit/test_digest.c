/* Values from FIPS 180-4's examples, RFC 1321 and RFC 4231. */
#include "test.h"

#include "aws/digest.h"

static void check_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    char hex[2 * AWL_DIGEST_LEN_MAX];
    awl_hex_encode(hex, bytes, len);
    CHECK_STR(awl_str_make(hex, 2 * len), expected);
}

TEST(sha256_of_known_texts_is_known)
{
    UNUSED_STATE;
    char hex[AWL_SHA256_HEX_LEN + 1];
    awl_sha256_hex_of(STR(""), hex);
    CHECK_STR(awl_str_of(hex), AWL_SHA256_EMPTY_HEX);
    awl_sha256_hex_of(STR("abc"), hex);
    CHECK_STR(awl_str_of(hex),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(sha256_of_pieces_is_that_of_the_whole)
{
    UNUSED_STATE;
    char text[200];
    uint8_t whole[AWL_SHA256_LEN], pieces[AWL_SHA256_LEN];
    memset(text, 'q', sizeof text);
    awl_sha256_of(awl_str_make(text, sizeof text), whole);
    for (size_t cut = 0; cut <= sizeof text; cut++) {
        struct awl_sha256 sha;
        awl_sha256_init(&sha);
        awl_sha256_update(&sha, text, cut);
        awl_sha256_update(&sha, text + cut, sizeof text - cut);
        awl_sha256_final(&sha, pieces);
        assert_memory_equal(pieces, whole, sizeof whole);
    }
}

TEST(a_copy_of_a_state_goes_its_own_way)
{
    UNUSED_STATE;
    struct awl_sha256 one, two;
    uint8_t out[AWL_SHA256_LEN], expected[AWL_SHA256_LEN];
    awl_sha256_init(&one);
    awl_sha256_update(&one, "a", 1);
    two = one;
    awl_sha256_update(&one, "xyz", 3);
    awl_sha256_final(&one, out);
    awl_sha256_update(&two, "bc", 2);
    awl_sha256_final(&two, out);
    awl_sha256_of(STR("abc"), expected);
    assert_memory_equal(out, expected, sizeof out);
}

static void check_hmac(const void *key, size_t key_len, const char *text,
                       const char *expected)
{
    struct awl_hmac_sha256_key hmac;
    uint8_t mac[AWL_SHA256_LEN];
    awl_hmac_sha256_key_init(&hmac, key, key_len);
    for (int i = 0; i < 2; i++) { /* the key may be used again */
        awl_hmac_sha256(&hmac, text, strlen(text), mac);
        check_hex(mac, sizeof mac, expected);
    }
    awl_hmac_sha256_key_release(&hmac);
}

TEST(hmac_agrees_with_rfc_4231)
{
    UNUSED_STATE;
    uint8_t key[131];
    memset(key, 0x0b, sizeof key);
    check_hmac(key, 20, "Hi There",
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check_hmac("Jefe", 4, "what do ya want for nothing?",
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    check_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First",
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(a_released_key_is_wiped)
{
    UNUSED_STATE;
    struct awl_hmac_sha256_key hmac, zero;
    memset(&zero, 0, sizeof zero);
    awl_hmac_sha256_key_init(&hmac, "secret", 6);
    awl_hmac_sha256_key_release(&hmac);
    assert_memory_equal(&hmac, &zero, sizeof hmac);
}

static void check_digest(enum awl_digest_algorithm algorithm, size_t len,
                         const char *expected)
{
    struct awl_digest digest;
    uint8_t out[AWL_DIGEST_LEN_MAX];
    CHECK_INT(awl_digest_len(algorithm), len);
    awl_digest_init(&digest, algorithm);
    awl_digest_update(&digest, "a", 1);
    awl_digest_update(&digest, NULL, 0);
    awl_digest_update(&digest, "bc", 2);
    awl_digest_final(&digest, out);
    check_hex(out, len, expected);
}

TEST(every_algorithm_has_its_known_value)
{
    UNUSED_STATE;
    check_digest(AWL_DIGEST_MD5, 16, "900150983cd24fb0d6963f7d28e17f72");
    check_digest(AWL_DIGEST_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    check_digest(AWL_DIGEST_SHA256, 32,
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest(AWL_DIGEST_SHA512, 64,
                 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(hex_is_read_in_both_cases_and_nothing_else)
{
    UNUSED_STATE;
    uint8_t out[4];
    CHECK(awl_hex_decode(out, STR("00fFa9")));
    CHECK_INT(out[0], 0);
    CHECK_INT(out[1], 0xff);
    CHECK_INT(out[2], 0xa9);
    CHECK(awl_hex_decode(out, STR("")));
    CHECK(!awl_hex_decode(out, STR("abc")));
    CHECK(!awl_hex_decode(out, STR("0g")));
    CHECK(!awl_hex_decode(out, STR("0:")));
    CHECK(!awl_hex_decode(out, STR(" 1")));
}

TEST_MAIN(RUN(sha256_of_known_texts_is_known), RUN(sha256_of_pieces_is_that_of_the_whole),
          RUN(a_copy_of_a_state_goes_its_own_way), RUN(hmac_agrees_with_rfc_4231),
          RUN(a_released_key_is_wiped), RUN(every_algorithm_has_its_known_value),
          RUN(hex_is_read_in_both_cases_and_nothing_else))
