/* Expected signatures are those of the examples in AWS's public documentation:
 * "Create a signed AWS API request" (IAM) and the Amazon S3 API Reference. */
#include "test.h"

#include <stdio.h>

#include "aws/sigv4.h"

#define MAY_24_2013_MS 1369353600000 /* 20130524T000000Z */
#define AUG_30_2015_MS 1440938160000 /* 20150830T123600Z */

static const struct awl_credentials iam_keys = {
    .access_key_id = STR("AKIDEXAMPLE"),
    .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};
static const struct awl_credentials s3_keys = {
    .access_key_id = STR("AKIAIOSFODNN7EXAMPLE"),
    .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};
static const struct awl_sigv4_params iam_params = {
    .region = STR("us-east-1"),
    .service = STR("iam"),
    .now_ms = AUG_30_2015_MS,
    .double_encode_path = true,
    .normalize_path = true,
};
static const struct awl_sigv4_params s3_params = {
    .region = STR("us-east-1"),
    .service = STR("s3"),
    .now_ms = MAY_24_2013_MS,
    .add_content_sha256 = true,
};
static const struct awl_sigv4_target iam_target = {
    .method = STR("GET"),
    .host = STR("iam.amazonaws.com"),
    .path = STR("/"),
    .query = STR("Action=ListUsers&Version=2010-05-08"),
};
static const struct awl_sigv4_target s3_target = {
    .method = STR("GET"),
    .host = STR("examplebucket.s3.amazonaws.com"),
    .path = STR("/test.txt"),
};

static const awl_str empty_hash = STR(AWL_SHA256_EMPTY_HEX);

static awl_str header(const struct awl_headers *headers, const char *name)
{
    awl_str value = STR("(none)");
    awl_headers_get(headers, awl_str_of(name), &value);
    return value;
}

struct fixture {
    struct awl_sigv4 *sigv4;
    struct awl_headers headers;
    struct awl_error err;
    struct awl_sigv4_trace trace;
};

static void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->sigv4 = awl_sigv4_new();
    assert_non_null(f->sigv4);
    awl_headers_init(&f->headers, 65536);
    awl_buf_init(&f->trace.canonical_request, 65536);
    awl_buf_init(&f->trace.string_to_sign, 65536);
}

static void fixture_release(struct fixture *f)
{
    awl_sigv4_free(f->sigv4);
    awl_headers_release(&f->headers);
    awl_buf_release(&f->trace.canonical_request);
    awl_buf_release(&f->trace.string_to_sign);
}

static void iam_sign(struct fixture *f, const struct awl_sigv4_params *params,
                     const struct awl_credentials *keys)
{
    CHECK_OK(awl_sigv4_sign(f->sigv4, params, keys, &iam_target, empty_hash, &f->headers,
                            NULL, &f->err));
}

static void add(struct fixture *f, const char *name, const char *value)
{
    CHECK_OK(awl_headers_add(&f->headers, awl_str_of(name), awl_str_of(value)));
}

TEST(the_documented_iam_request_gets_its_signature)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    add(&f, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    iam_sign(&f, &iam_params, &iam_keys);
    CHECK_STR(header(&f.headers, "X-Amz-Date"), "20150830T123600Z");
    CHECK_STR(header(&f.headers, "Authorization"),
              "AWS4-HMAC-SHA256 "
              "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
              "SignedHeaders=content-type;host;x-amz-date, "
              "Signature="
              "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    CHECK_STR(header(&f.headers, "Host"), "(none)");
    CHECK_STR(header(&f.headers, "X-Amz-Content-SHA256"), "(none)");
    fixture_release(&f);
}

TEST(the_documented_s3_request_gets_its_signature)
{
    UNUSED_STATE;
    struct fixture f;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    fixture_init(&f);
    add(&f, "Range", "bytes=0-9");
    CHECK_OK(awl_sigv4_sign(f.sigv4, &s3_params, &s3_keys, &s3_target, empty_hash,
                            &f.headers, signature, &f.err));
    CHECK_STR(awl_str_of(signature),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    CHECK(awl_str_eq(header(&f.headers, "X-Amz-Content-SHA256"), empty_hash));
    fixture_release(&f);
}

TEST(the_documented_presigned_url_gets_its_signature)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_buf query;
    fixture_init(&f);
    awl_buf_init(&query, 4096);
    CHECK_OK(awl_sigv4_presign(f.sigv4, &s3_params, &s3_keys, &s3_target,
                               STR(AWL_SIGV4_UNSIGNED), &f.headers, 86400, &query,
                               &f.err));
    CHECK_BUF(&query,
              "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
              "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&"
              "X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(the_documented_chunks_get_their_signatures)
{
    UNUSED_STATE;
    static char as[65536];
    static const struct {
        size_t len;
        const char *signature;
    } chunks[] = {
        {65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"},
        {1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"},
        {0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
    };
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1] =
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    struct fixture f;
    fixture_init(&f);
    memset(as, 'a', sizeof as);
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        CHECK_OK(awl_sigv4_sign_piece(f.sigv4, &s3_params, &s3_keys, signature, STR(""),
                                      awl_str_make(as, chunks[i].len), signature,
                                      &f.err));
        CHECK_STR(awl_str_of(signature), chunks[i].signature);
    }
    fixture_release(&f);
}

TEST(the_documented_trailer_gets_its_signature)
{
    UNUSED_STATE;
    struct fixture f;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    fixture_init(&f);
    CHECK_OK(awl_sigv4_sign_trailer(
        f.sigv4, &s3_params, &s3_keys,
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        STR("x-amz-checksum-crc32c:sOO8/Q==\n"), signature, &f.err));
    CHECK_STR(awl_str_of(signature),
              "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
    fixture_release(&f);
}

TEST(signing_again_replaces_the_signature)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_sigv4_params later = iam_params;
    struct awl_credentials keys = iam_keys;
    fixture_init(&f);
    add(&f, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    keys.session_token = STR("token-1");
    later.now_ms += 1000;
    iam_sign(&f, &later, &keys);
    CHECK_STR(header(&f.headers, "X-Amz-Security-Token"), "token-1");
    CHECK_STR(header(&f.headers, "X-Amz-Date"), "20150830T123601Z");
    iam_sign(&f, &iam_params, &iam_keys);
    CHECK_STR(header(&f.headers, "X-Amz-Security-Token"), "(none)");
    CHECK_INT(f.headers.count, 3);
    CHECK(awl_str_ends(header(&f.headers, "Authorization"),
                       STR("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2"
                           "b5d7")));
    fixture_release(&f);
}

static awl_str canonical_line(const struct fixture *f, unsigned line)
{
    awl_str text = awl_buf_str(&f->trace.canonical_request);
    for (; line > 0; line--)
        text = awl_str_slice(text, awl_str_find(text, '\n', 0) + 1, text.len);
    return awl_str_slice(text, 0, awl_str_find(text, '\n', 0));
}

TEST(fields_that_proxies_change_are_not_signed)
{
    UNUSED_STATE;
    static const char *const names[] = {"Connection",
                                        "Expect",
                                        "Keep-Alive",
                                        "Proxy-Authenticate",
                                        "TE",
                                        "Proxy-Authorization",
                                        "Trailer",
                                        "Upgrade",
                                        "User-Agent",
                                        "Transfer-Encoding",
                                        "X-Amzn-Trace-Id"};
    struct fixture f;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        add(&f, names[i], "x");
    iam_sign(&f, &iam_params, &iam_keys);
    CHECK(strstr(header(&f.headers, "Authorization").ptr,
                 "SignedHeaders=host;x-amz-date,") != NULL);
    fixture_release(&f);
}

TEST(equal_names_share_a_line_in_their_order)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_sigv4_params params = iam_params;
    fixture_init(&f);
    params.trace = &f.trace;
    add(&f, "b", " 2  x\t y ");
    add(&f, "A", "1");
    add(&f, "B", "1");
    add(&f, "Host", "other.example");
    iam_sign(&f, &params, &iam_keys);
    CHECK_STR(canonical_line(&f, 3), "a:1");
    CHECK_STR(canonical_line(&f, 4), "b:2 x y,1");
    CHECK_STR(canonical_line(&f, 5), "host:other.example");
    CHECK_STR(canonical_line(&f, 8), "a;b;host;x-amz-date");
    fixture_release(&f);
}

TEST(many_fields_and_parameters_are_sorted_too)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_buf query;
    struct awl_sigv4_params params = iam_params;
    struct awl_sigv4_target target = iam_target;
    fixture_init(&f);
    params.trace = &f.trace;
    awl_buf_init(&query, 4096);
    for (int i = 99; i >= 0; i--) {
        char name[16];
        snprintf(name, sizeof name, "x-%02d", i);
        add(&f, name, "v");
        awl_buf_printf(&query, "k%02d=v&", i);
    }
    target.query = awl_buf_str(&query);
    CHECK_OK(awl_sigv4_sign(f.sigv4, &params, &iam_keys, &target, empty_hash, &f.headers,
                            NULL, &f.err));
    CHECK(awl_str_starts(canonical_line(&f, 2), STR("k00=v&k01=v&k02=v")));
    CHECK(awl_str_ends(canonical_line(&f, 2), STR("&k98=v&k99=v")));
    CHECK_STR(canonical_line(&f, 3), "host:iam.amazonaws.com");
    CHECK_STR(canonical_line(&f, 4), "x-00:v");
    CHECK_STR(canonical_line(&f, 103), "x-99:v");
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(the_query_is_sorted_by_encoded_name_and_value)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_sigv4_params params = iam_params;
    struct awl_sigv4_target target = iam_target;
    fixture_init(&f);
    params.trace = &f.trace;
    target.query = STR("b&a-b=1&a=2&a=%31&\xc3\xbc=x&c=%7e+");
    CHECK_OK(awl_sigv4_sign(f.sigv4, &params, &iam_keys, &target, empty_hash, &f.headers,
                            NULL, &f.err));
    CHECK_STR(canonical_line(&f, 2), "%C3%BC=x&a=1&a=2&a-b=1&b=&c=~%2B");
    fixture_release(&f);
}

static void check_path(bool s3, const char *path, const char *expected)
{
    struct fixture f;
    struct awl_sigv4_params params = iam_params;
    struct awl_sigv4_target target = iam_target;
    fixture_init(&f);
    params.trace = &f.trace;
    params.double_encode_path = params.normalize_path = !s3;
    target.path = awl_str_of(path);
    CHECK_OK(awl_sigv4_sign(f.sigv4, &params, &iam_keys, &target, empty_hash, &f.headers,
                            NULL, &f.err));
    CHECK_STR(canonical_line(&f, 1), expected);
    fixture_release(&f);
}

TEST(a_path_is_encoded_twice_but_for_s3)
{
    UNUSED_STATE;
    check_path(false, "/functions/arn%3Aaws/x", "/functions/arn%253Aaws/x");
    check_path(false, "//a/./b/../c", "/a/c");
    check_path(false, "", "/");
    check_path(true, "/a%3Ab//../c", "/a%3Ab//../c");
    check_path(true, "/a:b c", "/a%3Ab%20c");
    check_path(true, "", "/");
}

TEST(a_request_with_a_date_of_its_own_keeps_that_field)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    add(&f, "Date", "Thu, 01 Jan 1970 00:00:00 GMT");
    iam_sign(&f, &iam_params, &iam_keys);
    CHECK_STR(header(&f.headers, "Date"), "Sun, 30 Aug 2015 12:36:00 GMT");
    CHECK_STR(header(&f.headers, "X-Amz-Date"), "(none)");
    CHECK(strstr(header(&f.headers, "Authorization").ptr, "SignedHeaders=date;host,") !=
          NULL);
    fixture_release(&f);
}

TEST(the_session_token_may_have_another_name_or_no_signature)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_sigv4_params params = s3_params;
    struct awl_credentials keys = s3_keys;
    struct awl_buf query;
    fixture_init(&f);
    keys.session_token = STR("t/+=");
    params.token_name = STR("X-Amz-S3session-Token");
    iam_sign(&f, &params, &keys);
    CHECK_STR(header(&f.headers, "x-amz-s3session-token"), "t/+=");
    CHECK(strstr(header(&f.headers, "Authorization").ptr, "x-amz-s3session-token,") !=
          NULL);
    params.token_unsigned = true;
    iam_sign(&f, &params, &keys);
    CHECK_STR(header(&f.headers, "x-amz-s3session-token"), "t/+=");
    CHECK(strstr(header(&f.headers, "Authorization").ptr, "token") == NULL);

    awl_headers_clear(&f.headers);
    awl_buf_init(&query, 4096);
    awl_buf_append(&query, "a=b", 3);
    CHECK_OK(awl_sigv4_presign(f.sigv4, &params, &keys, &s3_target, empty_hash,
                               &f.headers, 300, &query, &f.err));
    CHECK(awl_str_starts(awl_buf_str(&query), STR("a=b&X-Amz-Algorithm=")));
    CHECK(strstr(query.ptr, "&X-Amz-S3session-Token=t%2F%2B%3D&X-Amz-Signature=") !=
          NULL);
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(without_keys_or_region_nothing_is_signed)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_credentials none = {.access_key_id = STR("AKIDEXAMPLE")};
    struct awl_sigv4_params nowhere = iam_params;
    fixture_init(&f);
    CHECK_RC(awl_sigv4_sign(f.sigv4, &iam_params, &none, &iam_target, empty_hash,
                            &f.headers, NULL, &f.err),
             AWL_ECONFIG);
    nowhere.region = STR("");
    CHECK_RC(awl_sigv4_sign(f.sigv4, &nowhere, &iam_keys, &iam_target, empty_hash,
                            &f.headers, NULL, &f.err),
             AWL_ECONFIG);
    CHECK_STR(awl_str_of(f.err.message), "cannot sign: no region is set");
    CHECK_INT(f.headers.count, 0);
    fixture_release(&f);
}

TEST(a_failure_leaves_no_signature_and_shows_no_secret)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_credentials keys = iam_keys;
    fixture_init(&f);
    add(&f, "A", "1");
    iam_sign(&f, &iam_params, &iam_keys);
    keys.session_token = STR("SECRETTOKEN\n");
    CHECK_RC(awl_sigv4_sign(f.sigv4, &iam_params, &keys, &iam_target, empty_hash,
                            &f.headers, NULL, &f.err),
             AWL_EINPUT);
    CHECK(strstr(f.err.message, "SECRET") == NULL);
    CHECK_INT(f.headers.count, 1);
    CHECK_STR(header(&f.headers, "A"), "1");
    fixture_release(&f);
}

TEST(a_presigned_urls_life_has_limits)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_buf query;
    fixture_init(&f);
    awl_buf_init(&query, 4096);
    awl_buf_append(&query, "a=b", 3);
    static const uint32_t bad[] = {0, 604801};
    for (size_t i = 0; i < 2; i++)
        CHECK_RC(awl_sigv4_presign(f.sigv4, &s3_params, &s3_keys, &s3_target, empty_hash,
                                   &f.headers, bad[i], &query, &f.err),
                 AWL_EINPUT);
    CHECK_BUF(&query, "a=b");
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(a_presigned_url_that_has_no_room_leaves_the_query)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_buf query;
    fixture_init(&f);
    awl_buf_init(&query, 200);
    awl_buf_append(&query, "a=b", 3);
    CHECK_RC(awl_sigv4_presign(f.sigv4, &s3_params, &s3_keys, &s3_target, empty_hash,
                               &f.headers, 60, &query, &f.err),
             AWL_ELIMIT);
    CHECK_BUF(&query, "a=b");
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(a_secret_corrected_under_the_same_id_is_used_at_once)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_credentials wrong = iam_keys;
    char first[AWL_SIGV4_SIGNATURE_LEN + 1], second[AWL_SIGV4_SIGNATURE_LEN + 1];
    fixture_init(&f);
    wrong.secret_access_key = STR("wrong");
    CHECK_OK(awl_sigv4_sign_text(f.sigv4, &iam_params, &wrong, STR("x"), first, NULL));
    CHECK_OK(
        awl_sigv4_sign_text(f.sigv4, &iam_params, &iam_keys, STR("x"), second, NULL));
    CHECK(strcmp(first, second) != 0);
    fixture_release(&f);
}

TEST(more_keys_than_are_kept_give_the_same_signatures_again)
{
    UNUSED_STATE;
    enum { REGIONS = 150 };
    static char signatures[REGIONS][AWL_SIGV4_SIGNATURE_LEN + 1];
    struct fixture f;
    fixture_init(&f);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < REGIONS; i++) {
            char region[32], signature[AWL_SIGV4_SIGNATURE_LEN + 1];
            struct awl_sigv4_params params = iam_params;
            snprintf(region, sizeof region, "region-%d", i);
            params.region = awl_str_of(region);
            CHECK_OK(awl_sigv4_sign_text(f.sigv4, &params, &iam_keys, STR("x"), signature,
                                         NULL));
            if (round == 0)
                memcpy(signatures[i], signature, sizeof signature);
            CHECK_STR(awl_str_of(signature), signatures[i]);
            if (i > 0)
                CHECK(strcmp(signature, signatures[i - 1]) != 0);
        }
    }
    fixture_release(&f);
}

TEST(an_asymmetric_signature_names_its_regions_beside_the_scope)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_sigv4_params params = iam_params;
    struct awl_buf query;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    fixture_init(&f);
    params.asymmetric = true;
    params.region = STR("us-east-1,eu-*");
    iam_sign(&f, &params, &iam_keys);
    iam_sign(&f, &params, &iam_keys);
    CHECK_INT(f.headers.count, 3);
    CHECK_STR(header(&f.headers, "X-Amz-Region-Set"), "us-east-1,eu-*");
    CHECK(awl_str_starts(header(&f.headers, "Authorization"),
                         STR("AWS4-ECDSA-P256-SHA256 "
                             "Credential=AKIDEXAMPLE/20150830/iam/aws4_request, "
                             "SignedHeaders=host;x-amz-date;x-amz-region-set, "
                             "Signature=30")));

    awl_headers_clear(&f.headers);
    awl_buf_init(&query, 4096);
    CHECK_OK(awl_sigv4_presign(f.sigv4, &params, &iam_keys, &iam_target, empty_hash,
                               &f.headers, 60, &query, &f.err));
    CHECK(strstr(query.ptr, "&X-Amz-Region-Set=us-east-1%2Ceu-%2A&X-Amz-Signature=30") !=
          NULL);
    CHECK_RC(
        awl_sigv4_sign_text(f.sigv4, &params, &iam_keys, STR("x"), signature, &f.err),
        AWL_EINPUT);
    awl_buf_release(&query);
    fixture_release(&f);
}

TEST(runs_of_white_space_in_a_value_are_signed_as_one_space)
{
    UNUSED_STATE;
    struct awl_sigv4_params params = iam_params;
    const char *const values[] = {"a b c", "a  b c", "a b\tc", " a b   c\t", "a \t b c"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct fixture f;
        fixture_init(&f);
        params.trace = &f.trace;
        add(&f, "X-Mixed-CASE", values[i]);
        iam_sign(&f, &params, &iam_keys);
        CHECK(strstr(f.trace.canonical_request.ptr, "\nx-mixed-case:a b c\n") != NULL);
        fixture_release(&f);
    }
}

TEST_MAIN(RUN(the_documented_iam_request_gets_its_signature),
          RUN(the_documented_s3_request_gets_its_signature),
          RUN(the_documented_presigned_url_gets_its_signature),
          RUN(the_documented_chunks_get_their_signatures),
          RUN(the_documented_trailer_gets_its_signature),
          RUN(signing_again_replaces_the_signature),
          RUN(fields_that_proxies_change_are_not_signed),
          RUN(equal_names_share_a_line_in_their_order),
          RUN(runs_of_white_space_in_a_value_are_signed_as_one_space),
          RUN(many_fields_and_parameters_are_sorted_too),
          RUN(the_query_is_sorted_by_encoded_name_and_value),
          RUN(a_path_is_encoded_twice_but_for_s3),
          RUN(a_request_with_a_date_of_its_own_keeps_that_field),
          RUN(the_session_token_may_have_another_name_or_no_signature),
          RUN(without_keys_or_region_nothing_is_signed),
          RUN(a_failure_leaves_no_signature_and_shows_no_secret),
          RUN(a_presigned_urls_life_has_limits),
          RUN(a_presigned_url_that_has_no_room_leaves_the_query),
          RUN(a_secret_corrected_under_the_same_id_is_used_at_once),
          RUN(more_keys_than_are_kept_give_the_same_signatures_again),
          RUN(an_asymmetric_signature_names_its_regions_beside_the_scope))
