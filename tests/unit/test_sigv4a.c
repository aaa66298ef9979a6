/* The expected point is the one that AWS's public signing test suite gives for its
 * example key. */
#include "test.h"

#include "aws/digest.h"
#include "aws/sigv4a.h"

static const struct awl_credentials example = {
    .access_key_id = STR("AKIDEXAMPLE"),
    .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};

static struct awl_sigv4a_key *key_of(const struct awl_credentials *credentials)
{
    struct awl_sigv4a_key *key = NULL;
    CHECK_OK(awl_sigv4a_key_new(credentials, &key));
    return key;
}

TEST(the_published_example_key_is_derived)
{
    UNUSED_STATE;
    uint8_t x[AWL_SIGV4A_COORDINATE_LEN], y[AWL_SIGV4A_COORDINATE_LEN];
    char hex[2 * AWL_SIGV4A_COORDINATE_LEN];
    struct awl_sigv4a_key *key = key_of(&example);
    awl_sigv4a_key_point(key, x, y);
    awl_hex_encode(hex, x, sizeof x);
    CHECK_STR(awl_str_make(hex, sizeof hex),
              "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1");
    awl_hex_encode(hex, y, sizeof y);
    CHECK_STR(awl_str_make(hex, sizeof hex),
              "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518");
    awl_sigv4a_key_free(key);
}

TEST(a_signature_is_verified_by_the_public_half_alone)
{
    UNUSED_STATE;
    uint8_t x[AWL_SIGV4A_COORDINATE_LEN], y[AWL_SIGV4A_COORDINATE_LEN];
    char signature[AWL_SIGV4A_SIGNATURE_MAX + 1], again[AWL_SIGV4A_SIGNATURE_MAX + 1];
    struct awl_sigv4a_key *key = key_of(&example), *public = NULL;
    awl_sigv4a_key_point(key, x, y);
    CHECK_OK(awl_sigv4a_key_of_point(x, y, &public));
    CHECK_OK(awl_sigv4a_key_sign(key, STR("text"), signature));
    CHECK_OK(awl_sigv4a_key_sign(key, STR("text"), again));
    CHECK(strcmp(signature, again) != 0);
    CHECK(awl_sigv4a_key_verify(public, STR("text"), awl_str_of(signature)));
    CHECK(awl_sigv4a_key_verify(public, STR("text"), awl_str_of(again)));
    CHECK(awl_sigv4a_key_verify(key, STR("text"), awl_str_of(again)));
    CHECK_RC(awl_sigv4a_key_sign(public, STR("text"), again), AWL_EINPUT);
    awl_sigv4a_key_free(public);
    awl_sigv4a_key_free(key);
}

TEST(a_changed_text_signature_or_key_does_not_verify)
{
    UNUSED_STATE;
    char signature[AWL_SIGV4A_SIGNATURE_MAX + 3];
    struct awl_credentials other = example;
    struct awl_sigv4a_key *key = key_of(&example);
    other.secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEy");
    struct awl_sigv4a_key *stranger = key_of(&other);
    CHECK_OK(awl_sigv4a_key_sign(key, STR("text"), signature));
    awl_str text = awl_str_of(signature);
    CHECK(!awl_sigv4a_key_verify(key, STR("texT"), text));
    CHECK(!awl_sigv4a_key_verify(stranger, STR("text"), text));
    CHECK(!awl_sigv4a_key_verify(key, STR("text"), STR("")));
    CHECK(!awl_sigv4a_key_verify(key, STR("text"), STR("zz")));
    CHECK(!awl_sigv4a_key_verify(key, STR("text"), awl_str_slice(text, 0, text.len - 2)));
    signature[text.len - 1] = signature[text.len - 1] == '0' ? '1' : '0';
    CHECK(!awl_sigv4a_key_verify(key, STR("text"), text));
    memset(signature, '0', sizeof signature);
    CHECK(!awl_sigv4a_key_verify(key, STR("text"),
                                 awl_str_make(signature, sizeof signature - 1)));
    awl_sigv4a_key_free(stranger);
    awl_sigv4a_key_free(key);
}

TEST(the_access_key_id_is_part_of_the_key)
{
    UNUSED_STATE;
    struct awl_credentials other = example;
    other.access_key_id = STR("AKIDEXAMPLF");
    struct awl_sigv4a_key *key = key_of(&example), *stranger = key_of(&other);
    char signature[AWL_SIGV4A_SIGNATURE_MAX + 1];
    CHECK(awl_sigv4a_key_matches(key, &example));
    CHECK(!awl_sigv4a_key_matches(key, &other));
    CHECK_OK(awl_sigv4a_key_sign(stranger, STR("text"), signature));
    CHECK(!awl_sigv4a_key_verify(key, STR("text"), awl_str_of(signature)));
    awl_sigv4a_key_free(stranger);
    awl_sigv4a_key_free(key);
}

TEST(a_point_beside_the_curve_is_no_key)
{
    UNUSED_STATE;
    uint8_t x[AWL_SIGV4A_COORDINATE_LEN] = {1}, y[AWL_SIGV4A_COORDINATE_LEN] = {2};
    struct awl_sigv4a_key *key = NULL;
    CHECK_RC(awl_sigv4a_key_of_point(x, y, &key), AWL_EINPUT);
    CHECK(key == NULL);
}

TEST_MAIN(RUN(the_published_example_key_is_derived),
          RUN(a_signature_is_verified_by_the_public_half_alone),
          RUN(a_changed_text_signature_or_key_does_not_verify),
          RUN(the_access_key_id_is_part_of_the_key),
          RUN(a_point_beside_the_curve_is_no_key))
