/* sign.c - what signatures cost: CPU nanoseconds each. */
#include <stdio.h>
#include <time.h>

#include "aws/sigv4.h"

#define TIMES 200000

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static const struct awl_credentials keys = {
    .access_key_id = STR("AKIDEXAMPLE"),
    .secret_access_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};

static const struct awl_sigv4_params params = {
    .region = STR("us-east-1"),
    .service = STR("sts"),
    .now_ms = 1440938160000,
    .double_encode_path = true,
    .normalize_path = true,
};

static const struct awl_sigv4_target target = {
    .method = STR("POST"),
    .host = STR("sts.us-east-1.amazonaws.com"),
    .path = STR("/"),
    .query = STR(""),
};

static const awl_str body = STR("Action=GetCallerIdentity&Version=2011-06-15");

static enum awl_rc sign_header(struct awl_sigv4 *sigv4, struct awl_headers *headers)
{
    struct awl_error err = AWL_ERROR_INIT;
    char hex[AWL_SHA256_HEX_LEN + 1];
    awl_headers_clear(headers);
    awl_headers_add(headers, STR("Content-Type"),
                    STR("application/x-www-form-urlencoded; charset=utf-8"));
    awl_headers_add(headers, STR("amz-sdk-request"), STR("attempt=1; max=3"));
    awl_headers_add(headers, STR("amz-sdk-invocation-id"),
                    STR("01234567-89ab-4def-8123-456789abcdef"));
    awl_sha256_hex_of(body, hex);
    return awl_sigv4_sign(sigv4, &params, &keys, &target,
                          awl_str_make(hex, AWL_SHA256_HEX_LEN), headers, NULL, &err);
}

static enum awl_rc sign_query(struct awl_sigv4 *sigv4, struct awl_buf *query)
{
    struct awl_error err = AWL_ERROR_INIT;
    static const struct awl_headers none;
    awl_buf_clear(query);
    return awl_sigv4_presign(sigv4, &params, &keys, &target, STR(AWL_SIGV4_UNSIGNED),
                             &none, 3600, query, &err);
}

int main(void)
{
    struct awl_headers headers;
    struct awl_buf query;
    enum awl_rc rc = AWL_OK;
    struct awl_sigv4 *sigv4 = awl_sigv4_new();
    if (sigv4 == NULL)
        return 1;
    awl_headers_init(&headers, 65536);
    awl_buf_init(&query, 65536);

    double start = now_ns();
    for (int i = 0; i < TIMES && rc == AWL_OK; i++)
        rc = sign_header(sigv4, &headers);
    printf("%-28s %8.0f ns\n", "SigV4, headers", (now_ns() - start) / TIMES);
    start = now_ns();
    for (int i = 0; i < TIMES && rc == AWL_OK; i++)
        rc = sign_query(sigv4, &query);
    printf("%-28s %8.0f ns\n", "SigV4, query", (now_ns() - start) / TIMES);

    awl_buf_release(&query);
    awl_headers_release(&headers);
    awl_sigv4_free(sigv4);
    return rc != AWL_OK;
}
