/* Signed requests as a server receives them: the query is the first line, then come a
 * byte that chooses a signature of our own for it, and header lines. */
#include "aws/sigv4_verify.h"
#include "fuzz.h"

#define NOW_MS 1440938160000
#define TEXT_MAX ((size_t)1 << 16)

static const struct awl_credentials keys = {
    .access_key_id = STR("AKIDEXAMPLE"),
    .secret_access_key = STR("secret"),
};

static bool lookup(void *data, awl_str access_key_id, struct awl_credentials *credentials)
{
    (void)data;
    *credentials = keys;
    return awl_str_eq(access_key_id, keys.access_key_id);
}

static enum awl_sigv4_verdict verify(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_target *target,
                                     const struct awl_headers *headers)
{
    struct awl_sigv4_verification v = {.now_ms = NOW_MS,
                                       .skew_ms = AWL_SIGV4_SKEW_MS,
                                       .body = STR("body"),
                                       .lookup = lookup};
    enum awl_sigv4_verdict verdict = AWL_SIGV4_VALID;
    enum awl_rc rc = awl_sigv4_verify(sigv4, target, headers, &v, &verdict);
    require(rc == AWL_OK || rc == AWL_ELIMIT);
    require(rc != AWL_OK || (v.reason == NULL) == (verdict == AWL_SIGV4_VALID));
    require(strlen(v.signature) < sizeof(v.signature));
    return rc == AWL_OK ? verdict : AWL_SIGV4_MISSING;
}

/* The fields that a client of ours could send. */
static void copy_fields(struct awl_headers *to, const struct awl_headers *from)
{
    for (size_t i = 0; i < from->count; i++)
        (void)awl_headers_add(to, awl_headers_name(from, i), awl_headers_value(from, i));
    awl_headers_set(to, STR("Host"), STR("a"));
    awl_headers_remove(to, STR("Date"));
    awl_headers_remove(to, STR("X-Amz-Security-Token"));
    awl_headers_remove(to, STR("X-Amz-Content-Sha256"));
}

/* What we sign over these fields is valid, or cannot be signed. */
static void check_own(struct awl_sigv4 *sigv4, const struct awl_sigv4_target *target,
                      const struct awl_headers *from, bool s3)
{
    struct awl_headers headers;
    const struct awl_sigv4_params params = {.region = STR("eu-west-1"),
                                            .service = s3 ? STR("s3") : STR("sqs"),
                                            .now_ms = NOW_MS,
                                            .double_encode_path = !s3,
                                            .normalize_path = !s3,
                                            .add_content_sha256 = s3};
    awl_headers_init(&headers, TEXT_MAX * 2);
    copy_fields(&headers, from);
    const char *hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
    if (awl_sigv4_sign(sigv4, &params, &keys, target, awl_str_of(hash), &headers, NULL,
                       NULL) == AWL_OK)
        require(verify(sigv4, target, &headers) == AWL_SIGV4_VALID);
    awl_headers_release(&headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct awl_sigv4 *sigv4;
    struct awl_headers headers;
    awl_str rest = awl_str_make((const char *)data, size), line;
    struct awl_sigv4_target target = {.method = STR("GET"), .path = STR("/a")};
    if (sigv4 == NULL)
        sigv4 = awl_sigv4_new();
    take_line(&rest, &target.query);
    unsigned how = take_byte(&rest);
    awl_headers_init(&headers, TEXT_MAX);
    while (take_line(&rest, &line))
        (void)awl_headers_add_line(&headers, line);
    (void)verify(sigv4, &target, &headers);
    if (how == 'S' || how == 's')
        check_own(sigv4, &target, &headers, how == 's');
    awl_headers_release(&headers);
    return 0;
}
