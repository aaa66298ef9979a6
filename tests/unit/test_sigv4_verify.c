#include "test.h"

#include "aws/sigv4_verify.h"

#define NOW_MS 1440938160000

static const struct awl_credentials keys = {
    .access_key_id = STR("AKIDEXAMPLE"),
    .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};

/* A request, signed as a client does it and then received. */
struct request {
    struct awl_sigv4 *sigv4;
    struct awl_sigv4_params params;
    struct awl_sigv4_target target;
    struct awl_credentials credentials;
    struct awl_headers headers;
    struct awl_buf query;
    awl_str body;
    struct awl_sigv4_verification v;
};

static bool lookup(void *data, awl_str access_key_id, struct awl_credentials *credentials)
{
    const struct awl_credentials *known = data;
    *credentials = *known;
    return awl_str_eq(access_key_id, known->access_key_id);
}

static void request_init(struct request *r, const char *service)
{
    bool s3 = strcmp(service, "s3") == 0;
    memset(r, 0, sizeof *r);
    r->sigv4 = awl_sigv4_new();
    assert_non_null(r->sigv4);
    awl_headers_init(&r->headers, 65536);
    awl_buf_init(&r->query, 65536);
    awl_headers_add(&r->headers, STR("Host"), STR("127.0.0.1:4566"));
    r->params = (struct awl_sigv4_params){.region = STR("us-east-1"),
                                          .service = awl_str_of(service),
                                          .now_ms = NOW_MS,
                                          .double_encode_path = !s3,
                                          .normalize_path = !s3,
                                          .add_content_sha256 = s3};
    r->target.method = STR("PUT");
    r->target.path = STR("/a%20b//c");
    r->body = STR("hello");
    r->credentials = keys;
    awl_buf_append_str(&r->query, STR("x-id=Put&a=%2F"));
    r->v = (struct awl_sigv4_verification){.now_ms = NOW_MS,
                                           .skew_ms = AWL_SIGV4_SKEW_MS,
                                           .body = r->body,
                                           .lookup = lookup,
                                           .data = &r->credentials};
}

static void request_release(struct request *r)
{
    awl_sigv4_free(r->sigv4);
    awl_headers_release(&r->headers);
    awl_buf_release(&r->query);
}

static void request_sign(struct request *r, const char *payload)
{
    char hash[AWL_SHA256_HEX_LEN + 1];
    awl_sha256_hex_of(r->body, hash);
    r->target.query = awl_buf_str(&r->query);
    CHECK_OK(awl_sigv4_sign(r->sigv4, &r->params, &r->credentials, &r->target,
                            awl_str_of(payload != NULL ? payload : hash), &r->headers,
                            NULL, NULL));
}

static void request_presign(struct request *r, const char *payload, uint32_t expires)
{
    char hash[AWL_SHA256_HEX_LEN + 1];
    awl_sha256_hex_of(r->body, hash);
    CHECK_OK(awl_sigv4_presign(r->sigv4, &r->params, &r->credentials, &r->target,
                               awl_str_of(payload != NULL ? payload : hash), &r->headers,
                               expires, &r->query, NULL));
}

static void check(struct request *r, enum awl_sigv4_verdict expected)
{
    enum awl_sigv4_verdict verdict = AWL_SIGV4_MISSING;
    r->target.query = awl_buf_str(&r->query);
    CHECK_OK(awl_sigv4_verify(r->sigv4, &r->target, &r->headers, &r->v, &verdict));
    if (verdict != expected)
        fail_msg("verdict %d (%s), expected %d", verdict,
                 r->v.reason != NULL ? r->v.reason : "valid", expected);
    CHECK((r->v.reason == NULL) == (expected == AWL_SIGV4_VALID));
}

TEST(what_we_sign_is_valid)
{
    UNUSED_STATE;
    static const char *const services[] = {"s3", "lambda"};
    for (size_t i = 0; i < 2; i++) {
        struct request r;
        request_init(&r, services[i]);
        request_sign(&r, NULL);
        check(&r, AWL_SIGV4_VALID);
        CHECK(!r.v.presigned);
        CHECK_STR(r.v.access_key_id, "AKIDEXAMPLE");
        CHECK_STR(r.v.region, "us-east-1");
        CHECK_STR(r.v.service, services[i]);
        CHECK_INT(strlen(r.v.signature), 64);
        request_release(&r);
    }
}

TEST(what_we_presign_is_valid_until_it_expires)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    request_presign(&r, AWL_SIGV4_UNSIGNED, 60);
    check(&r, AWL_SIGV4_VALID);
    CHECK(r.v.presigned);
    CHECK_STR(r.v.payload_hash, "UNSIGNED-PAYLOAD");
    r.v.now_ms = NOW_MS + 60000;
    check(&r, AWL_SIGV4_VALID);
    r.v.now_ms = NOW_MS + 60001;
    check(&r, AWL_SIGV4_EXPIRED);
    r.v.now_ms = NOW_MS - AWL_SIGV4_SKEW_MS - 1;
    check(&r, AWL_SIGV4_SKEWED);
    request_release(&r);
}

TEST(other_services_presign_the_bodys_hash)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "sts");
    request_presign(&r, NULL, 60);
    check(&r, AWL_SIGV4_VALID);
    r.v.body = STR("other");
    check(&r, AWL_SIGV4_MISMATCH);
    request_release(&r);
}

TEST(every_changed_part_is_noticed)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    awl_headers_add(&r.headers, STR("x-amz-meta-a"), STR("1"));
    request_sign(&r, NULL);
    check(&r, AWL_SIGV4_VALID);
    r.target.method = STR("GET");
    check(&r, AWL_SIGV4_MISMATCH);
    r.target.method = STR("PUT");
    r.target.path = STR("/a%20b/c");
    check(&r, AWL_SIGV4_MISMATCH);
    r.target.path = STR("/a%20b//c");
    awl_buf_append_str(&r.query, STR("&z"));
    check(&r, AWL_SIGV4_MISMATCH);
    awl_buf_truncate(&r.query, r.query.len - 2);
    check(&r, AWL_SIGV4_VALID);
    awl_headers_set(&r.headers, STR("x-amz-meta-a"), STR("2"));
    check(&r, AWL_SIGV4_MISMATCH);
    awl_headers_remove(&r.headers, STR("x-amz-meta-a"));
    check(&r, AWL_SIGV4_MISMATCH);
    request_release(&r);
}

TEST(a_field_that_was_not_signed_may_change)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    request_sign(&r, NULL);
    awl_headers_add(&r.headers, STR("Via"), STR("a proxy"));
    awl_headers_add(&r.headers, STR("User-Agent"), STR("x"));
    check(&r, AWL_SIGV4_VALID);
    request_release(&r);
}

TEST(a_body_that_is_not_the_hashed_one_is_noticed)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    request_sign(&r, NULL);
    r.v.body = STR("Hello");
    check(&r, AWL_SIGV4_BAD_BODY);
    r.v.body = STR("");
    r.v.body_sha256 =
        STR("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    check(&r, AWL_SIGV4_VALID);
    request_release(&r);
}

TEST(words_in_place_of_the_hash_say_nothing_about_the_body)
{
    UNUSED_STATE;
    static const char *const words[] = {AWL_SIGV4_UNSIGNED, AWL_SIGV4_STREAMING,
                                        AWL_SIGV4_STREAMING_UNSIGNED_TRAILER};
    for (size_t i = 0; i < 3; i++) {
        struct request r;
        request_init(&r, "s3");
        request_sign(&r, words[i]);
        r.v.body = STR("anything");
        check(&r, AWL_SIGV4_VALID);
        CHECK_STR(r.v.payload_hash, words[i]);
        request_release(&r);
    }
    struct request r;
    request_init(&r, "s3");
    request_sign(&r, "NONSENSE");
    check(&r, AWL_SIGV4_MALFORMED);
    request_release(&r);
}

TEST(a_date_far_from_now_is_refused)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    request_sign(&r, NULL);
    r.v.now_ms = NOW_MS + AWL_SIGV4_SKEW_MS;
    check(&r, AWL_SIGV4_VALID);
    r.v.now_ms++;
    check(&r, AWL_SIGV4_SKEWED);
    r.v.now_ms = NOW_MS - AWL_SIGV4_SKEW_MS - 1;
    check(&r, AWL_SIGV4_SKEWED);
    request_release(&r);
}

TEST(keys_and_tokens_must_be_known)
{
    UNUSED_STATE;
    struct request r;
    struct awl_credentials other = keys;
    request_init(&r, "s3");
    r.credentials.session_token = STR("token+/=");
    request_sign(&r, NULL);
    check(&r, AWL_SIGV4_VALID);
    other.session_token = STR("another");
    r.v.data = &other;
    check(&r, AWL_SIGV4_UNKNOWN);
    other = r.credentials;
    other.secret_access_key = STR("not it");
    check(&r, AWL_SIGV4_MISMATCH);
    other.access_key_id = STR("AKIDOTHER");
    check(&r, AWL_SIGV4_UNKNOWN);
    request_release(&r);
}

TEST(a_presigned_token_is_compared_decoded)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    r.credentials.session_token = STR("token+/=");
    request_presign(&r, AWL_SIGV4_UNSIGNED, 60);
    check(&r, AWL_SIGV4_VALID);
    request_release(&r);
}

TEST(a_date_field_may_stand_for_x_amz_date)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "lambda");
    awl_headers_add(&r.headers, STR("Date"), STR("x"));
    request_sign(&r, NULL);
    check(&r, AWL_SIGV4_VALID);
    request_release(&r);
}

TEST(an_unsigned_request_is_told_from_a_malformed_one)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    check(&r, AWL_SIGV4_MISSING);
    awl_headers_add(&r.headers, STR("X-Amz-Date"), STR("20150830T123600Z"));
    static const char *const bad[] = {
        "",
        "Bearer x",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential",
        "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/other, SignedHeaders=host, "
        "Signature=x",
        "AWS4-HMAC-SHA256 Credential=A/20150831/r/s/aws4_request, SignedHeaders=host, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, "
        "Signature=5d67",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/r/s/aws4_request, "
        "SignedHeaders=x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        awl_headers_set(&r.headers, STR("Authorization"), awl_str_of(bad[i]));
        check(&r, AWL_SIGV4_MALFORMED);
    }
    awl_headers_set(&r.headers, STR("X-Amz-Date"), STR("2015-08-30T12:36:00Z"));
    check(&r, AWL_SIGV4_MALFORMED);
    request_release(&r);
}

TEST(a_presigned_url_needs_a_sensible_life)
{
    UNUSED_STATE;
    static const char *const lives[] = {"", "x", "-1", "604801", "99999999999999999999"};
    for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
        struct request r;
        request_init(&r, "s3");
        awl_buf_clear(&r.query);
        awl_buf_printf(&r.query,
                       "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/"
                       "20150830/us-east-1/s3/aws4_request&X-Amz-Date=20150830T123600Z&"
                       "X-Amz-SignedHeaders=host&X-Amz-Expires=%s&X-Amz-Signature="
                       "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
                       lives[i]);
        check(&r, AWL_SIGV4_MALFORMED);
        request_release(&r);
    }
}

TEST(endless_signed_headers_are_refused)
{
    UNUSED_STATE;
    struct request r;
    struct awl_buf text;
    request_init(&r, "s3");
    request_sign(&r, NULL);
    awl_buf_init(&text, 65536);
    awl_buf_append_str(
        &text, STR("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/"
                   "aws4_request, Signature="
                   "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5"
                   "d7, SignedHeaders=host"));
    for (int i = 0; i < 2000; i++)
        awl_buf_append_str(&text, STR(";host"));
    awl_headers_set(&r.headers, STR("Authorization"), awl_buf_str(&text));
    check(&r, AWL_SIGV4_MALFORMED);
    awl_buf_release(&text);
    request_release(&r);
}

TEST(what_we_sign_asymmetrically_is_valid_until_it_is_changed)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    r.params.asymmetric = true;
    r.params.region = STR("*");
    request_sign(&r, NULL);
    check(&r, AWL_SIGV4_VALID);
    CHECK_STR(r.v.region, "*");
    CHECK_STR(r.v.access_key_id, "AKIDEXAMPLE");
    awl_headers_set(&r.headers, STR("X-Amz-Region-Set"), STR("us-east-1"));
    check(&r, AWL_SIGV4_MISMATCH);
    request_sign(&r, NULL);
    r.credentials.secret_access_key = STR("another");
    check(&r, AWL_SIGV4_MISMATCH);
    awl_headers_remove(&r.headers, STR("X-Amz-Region-Set"));
    check(&r, AWL_SIGV4_MALFORMED);
    request_release(&r);
}

TEST(what_we_presign_asymmetrically_is_valid)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    r.params.asymmetric = true;
    request_presign(&r, AWL_SIGV4_UNSIGNED, 60);
    check(&r, AWL_SIGV4_VALID);
    r.target.method = STR("DELETE");
    check(&r, AWL_SIGV4_MISMATCH);
    request_release(&r);
}

TEST(many_secrets_take_turns_with_asymmetric_keys)
{
    UNUSED_STATE;
    struct request r;
    request_init(&r, "s3");
    r.params.asymmetric = true;
    for (int i = 0; i < 30; i++) {
        char secret[] = "secret-0";
        secret[7] = (char)('0' + i % 10);
        r.credentials.secret_access_key = awl_str_of(secret);
        request_sign(&r, NULL);
        check(&r, AWL_SIGV4_VALID);
    }
    request_release(&r);
}

TEST_MAIN(RUN(what_we_sign_is_valid), RUN(what_we_presign_is_valid_until_it_expires),
          RUN(other_services_presign_the_bodys_hash), RUN(every_changed_part_is_noticed),
          RUN(a_field_that_was_not_signed_may_change),
          RUN(a_body_that_is_not_the_hashed_one_is_noticed),
          RUN(words_in_place_of_the_hash_say_nothing_about_the_body),
          RUN(a_date_far_from_now_is_refused), RUN(keys_and_tokens_must_be_known),
          RUN(a_presigned_token_is_compared_decoded),
          RUN(a_date_field_may_stand_for_x_amz_date),
          RUN(an_unsigned_request_is_told_from_a_malformed_one),
          RUN(a_presigned_url_needs_a_sensible_life),
          RUN(endless_signed_headers_are_refused),
          RUN(what_we_sign_asymmetrically_is_valid_until_it_is_changed),
          RUN(what_we_presign_asymmetrically_is_valid),
          RUN(many_secrets_take_turns_with_asymmetric_keys))
