#include "aws/sigv4.h"

#include <stdlib.h>

#include "aws/sigv4_canonical.h"
#include "aws/timestamp.h"
#include "aws/uri.h"

/* A query may have 1 MiB, and every byte of it may become three. */
#define SCRATCH_MAX ((size_t)4 << 20)
#define HTTP_DATE_MAX 64

static const awl_str default_token_name = {"X-Amz-Security-Token", 20};
static const awl_str region_set_name = {"X-Amz-Region-Set", 16};

struct awl_sigv4 *awl_sigv4_new(void)
{
    struct awl_sigv4 *sigv4 = calloc(1, sizeof *sigv4);
    if (sigv4 == NULL)
        return NULL;
    awl_buf_init(&sigv4->signed_headers, SCRATCH_MAX);
    awl_buf_init(&sigv4->query, SCRATCH_MAX);
    awl_buf_init(&sigv4->normal_path, SCRATCH_MAX);
    awl_buf_init(&sigv4->path, SCRATCH_MAX);
    awl_buf_init(&sigv4->string_to_sign, SCRATCH_MAX);
    awl_buf_init(&sigv4->text, SCRATCH_MAX);
    return sigv4;
}

void awl_sigv4_free(struct awl_sigv4 *sigv4)
{
    if (sigv4 == NULL)
        return;
    awl_sigv4_keys_release(&sigv4->keys);
    awl_sigv4a_keys_release(&sigv4->pairs_of_keys);
    free(sigv4->fields.items);
    free(sigv4->pairs.items);
    awl_buf_release(&sigv4->signed_headers);
    awl_buf_wipe(&sigv4->query); /* of a presigned URL: it has the token */
    awl_buf_release(&sigv4->normal_path);
    awl_buf_release(&sigv4->path);
    awl_buf_release(&sigv4->string_to_sign);
    awl_buf_wipe(&sigv4->text);
    free(sigv4);
}

bool awl_sigv4_is_s3(awl_str service)
{
    return awl_str_eq(service, STR("s3")) || awl_str_eq(service, STR("s3express")) ||
           awl_str_eq(service, STR("s3-outposts")) ||
           awl_str_eq(service, STR("s3-object-lambda"));
}

/* Fields that proxies add, drop or change, and the signature itself. */
static bool field_is_unsigned(awl_str name)
{
    static const awl_str names[] = {
        STR("authorization"),
        STR("connection"),
        STR("expect"),
        STR("keep-alive"),
        STR("proxy-authenticate"),
        STR("proxy-authorization"),
        STR("te"),
        STR("trailer"),
        STR("transfer-encoding"),
        STR("upgrade"),
        STR("user-agent"),
        STR("x-amzn-trace-id"),
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (awl_str_eq_nocase(name, names[i]))
            return true;
    }
    return false;
}

static awl_str token_name(const struct awl_sigv4_params *params)
{
    return params->token_name.len > 0 ? params->token_name : default_token_name;
}

/* What must be there before anything is signed. */
static enum awl_rc params_check(const struct awl_sigv4_params *params,
                                const struct awl_credentials *credentials,
                                struct awl_error *err)
{
    if (credentials->access_key_id.len == 0 || credentials->secret_access_key.len == 0)
        return awl_error_set(err, AWL_ECONFIG,
                             "cannot sign: the credentials lack an access key id or a "
                             "secret access key");
    if (params->region.len == 0)
        return awl_error_set(err, AWL_ECONFIG, "cannot sign: no region is set");
    if (params->service.len == 0)
        return awl_error_set(err, AWL_EINPUT, "cannot sign: no signing name is given");
    return AWL_OK;
}

static enum awl_rc sign_failed(enum awl_rc rc, struct awl_error *err)
{
    switch (rc) {
    case AWL_ENOMEM:
        return awl_error_set(err, rc, "cannot sign: out of memory");
    case AWL_ELIMIT:
        return awl_error_set(err, rc, "cannot sign: the request is too long");
    case AWL_EINPUT:
        return awl_error_set(err, rc,
                             "cannot sign: region, access key id or session token has a "
                             "character that may not be sent");
    default:
        return awl_error_set(err, rc, "cannot sign the request");
    }
}

static enum awl_rc scope_init(struct awl_sigv4_scope *scope,
                              const struct awl_sigv4_params *params)
{
    scope->region = params->region;
    scope->asymmetric = params->asymmetric;
    scope->service = params->service;
    return awl_timestamp_format_basic(awl_timestamp_from_ms(params->now_ms), scope->date);
}

static enum awl_rc fields_collect(struct awl_sigv4 *sigv4,
                                  const struct awl_headers *headers, awl_str host)
{
    bool has_host = false;
    enum awl_rc rc = AWL_OK;
    for (size_t i = 0; i < headers->count && rc == AWL_OK; i++) {
        awl_str name = awl_headers_name(headers, i);
        if (field_is_unsigned(name))
            continue;
        has_host = has_host || awl_str_eq_nocase(name, STR("host"));
        rc = awl_sigv4_items_add(&sigv4->fields, name, awl_headers_value(headers, i));
    }
    if (rc == AWL_OK && !has_host)
        rc = awl_sigv4_items_add(&sigv4->fields, STR("host"), host);
    return rc == AWL_OK ? awl_sigv4_fields_sort(sigv4) : rc;
}

static enum awl_rc request_signature(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_params *params,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_credentials *credentials,
                                     const struct awl_sigv4_target *target,
                                     awl_str payload_hash,
                                     char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1])
{
    enum awl_rc rc = awl_sigv4_string_to_sign(sigv4, params, scope, target, payload_hash);
    if (rc != AWL_OK)
        return rc;
    return awl_sigv4_text_signature(sigv4, scope, credentials,
                                    awl_buf_str(&sigv4->string_to_sign), signature);
}

/* ---- in the header fields ---- */

static void signature_remove(struct awl_headers *headers,
                             const struct awl_sigv4_params *params)
{
    awl_headers_remove(headers, STR("Authorization"));
    awl_headers_remove(headers, STR("X-Amz-Date"));
    if (params->asymmetric)
        awl_headers_remove(headers, region_set_name);
    awl_headers_remove(headers, token_name(params));
}

/* A request with a Date of its own is dated there, in the form that field has. */
static enum awl_rc date_add(struct awl_headers *headers,
                            const struct awl_sigv4_params *params,
                            const struct awl_sigv4_scope *scope)
{
    if (awl_headers_find(headers, STR("Date"), 0) == SIZE_MAX)
        return awl_headers_add(headers, STR("X-Amz-Date"),
                               awl_str_make(scope->date, AWL_SIGV4_DATE_LEN));
    struct awl_buf date;
    awl_buf_init(&date, HTTP_DATE_MAX);
    enum awl_rc rc =
        awl_timestamp_append_http(&date, awl_timestamp_from_ms(params->now_ms));
    if (rc == AWL_OK)
        rc = awl_headers_set(headers, STR("Date"), awl_buf_str(&date));
    awl_buf_release(&date);
    return rc;
}

static enum awl_rc token_add(struct awl_headers *headers,
                             const struct awl_sigv4_params *params,
                             const struct awl_credentials *credentials)
{
    if (credentials->session_token.len == 0)
        return AWL_OK;
    return awl_headers_add(headers, token_name(params), credentials->session_token);
}

static enum awl_rc headers_prepare(struct awl_headers *headers,
                                   const struct awl_sigv4_params *params,
                                   const struct awl_sigv4_scope *scope,
                                   const struct awl_credentials *credentials,
                                   awl_str payload_hash)
{
    signature_remove(headers, params);
    enum awl_rc rc = date_add(headers, params, scope);
    if (rc == AWL_OK && params->asymmetric)
        rc = awl_headers_add(headers, region_set_name, params->region);
    if (rc == AWL_OK && params->add_content_sha256)
        rc = awl_headers_set(headers, STR("X-Amz-Content-SHA256"), payload_hash);
    if (rc == AWL_OK && !params->token_unsigned)
        rc = token_add(headers, params, credentials);
    return rc;
}

static enum awl_rc authorization_add(struct awl_sigv4 *sigv4, struct awl_headers *headers,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_credentials *credentials,
                                     const char *signature)
{
    struct awl_buf *out = &sigv4->text;
    awl_buf_append_str(out, awl_sigv4_algorithm(scope));
    awl_buf_append_str(out, STR(" Credential="));
    awl_buf_append_str(out, credentials->access_key_id);
    awl_buf_append_char(out, '/');
    awl_sigv4_scope_append(out, scope);
    awl_buf_append_str(out, STR(", SignedHeaders="));
    awl_buf_append_str(out, awl_buf_str(&sigv4->signed_headers));
    awl_buf_append_str(out, STR(", Signature="));
    awl_buf_append_str(out, awl_str_of(signature));
    if (awl_buf_rc(out) != AWL_OK)
        return awl_buf_rc(out);
    return awl_headers_add(headers, STR("Authorization"), awl_buf_str(out));
}

static enum awl_rc sign_headers(struct awl_sigv4 *sigv4,
                                const struct awl_sigv4_params *params,
                                const struct awl_credentials *credentials,
                                const struct awl_sigv4_target *target,
                                awl_str payload_hash, struct awl_headers *headers,
                                char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1])
{
    struct awl_sigv4_scope scope;
    awl_sigv4_clear(sigv4);
    enum awl_rc rc = scope_init(&scope, params);
    if (rc == AWL_OK)
        rc = headers_prepare(headers, params, &scope, credentials, payload_hash);
    if (rc == AWL_OK)
        rc = fields_collect(sigv4, headers, target->host);
    if (rc == AWL_OK)
        rc = awl_sigv4_query(sigv4, target->query, STR(""));
    if (rc == AWL_OK)
        rc = request_signature(sigv4, params, &scope, credentials, target, payload_hash,
                               signature);
    if (rc == AWL_OK && params->token_unsigned)
        rc = token_add(headers, params, credentials);
    if (rc == AWL_OK)
        rc = authorization_add(sigv4, headers, &scope, credentials, signature);
    return rc;
}

enum awl_rc awl_sigv4_sign(struct awl_sigv4 *sigv4, const struct awl_sigv4_params *params,
                           const struct awl_credentials *credentials,
                           const struct awl_sigv4_target *target, awl_str payload_hash,
                           struct awl_headers *headers,
                           char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                           struct awl_error *err)
{
    char any[AWL_SIGV4_ANY_SIGNATURE_MAX + 1];
    enum awl_rc rc = params_check(params, credentials, err);
    if (rc != AWL_OK)
        return rc;
    rc = sign_headers(sigv4, params, credentials, target, payload_hash, headers, any);
    if (rc != AWL_OK) {
        signature_remove(headers, params);
        return sign_failed(rc, err);
    }
    if (signature != NULL)
        memcpy(signature, any, AWL_SIGV4_SIGNATURE_LEN + 1);
    return AWL_OK;
}

/* ---- in the query ---- */

/* `name` needs no encoding. */
static void query_add(struct awl_buf *query, awl_str name, awl_str value)
{
    if (query->len > 0)
        awl_buf_append_char(query, '&');
    awl_buf_append_str(query, name);
    awl_buf_append_char(query, '=');
    awl_uri_encode(query, value);
}

static void query_add_token(struct awl_buf *query, const struct awl_sigv4_params *params,
                            const struct awl_credentials *credentials)
{
    if (credentials->session_token.len > 0)
        query_add(query, token_name(params), credentials->session_token);
}

/* Everything but the signature. */
static enum awl_rc query_prepare(struct awl_sigv4 *sigv4,
                                 const struct awl_sigv4_params *params,
                                 const struct awl_sigv4_scope *scope,
                                 const struct awl_credentials *credentials,
                                 uint32_t expires, struct awl_buf *query)
{
    struct awl_buf *credential = &sigv4->text;
    awl_buf_append_str(credential, credentials->access_key_id);
    awl_buf_append_char(credential, '/');
    awl_sigv4_scope_append(credential, scope);
    if (awl_buf_rc(credential) != AWL_OK)
        return awl_buf_rc(credential);

    query_add(query, STR("X-Amz-Algorithm"), awl_sigv4_algorithm(scope));
    query_add(query, STR("X-Amz-Credential"), awl_buf_str(credential));
    query_add(query, STR("X-Amz-Date"), awl_str_make(scope->date, AWL_SIGV4_DATE_LEN));
    query_add(query, STR("X-Amz-Expires"), STR(""));
    awl_buf_append_int64(query, expires);
    query_add(query, STR("X-Amz-SignedHeaders"), awl_buf_str(&sigv4->signed_headers));
    if (params->asymmetric)
        query_add(query, region_set_name, params->region);
    if (!params->token_unsigned)
        query_add_token(query, params, credentials);
    return awl_buf_rc(query);
}

static enum awl_rc sign_query(struct awl_sigv4 *sigv4,
                              const struct awl_sigv4_params *params,
                              const struct awl_credentials *credentials,
                              const struct awl_sigv4_target *target, awl_str payload_hash,
                              const struct awl_headers *headers, uint32_t expires,
                              struct awl_buf *query)
{
    char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1];
    struct awl_sigv4_scope scope;
    awl_sigv4_clear(sigv4);
    enum awl_rc rc = scope_init(&scope, params);
    if (rc == AWL_OK)
        rc = fields_collect(sigv4, headers, target->host);
    if (rc == AWL_OK)
        rc = query_prepare(sigv4, params, &scope, credentials, expires, query);
    if (rc == AWL_OK)
        rc = awl_sigv4_query(sigv4, awl_buf_str(query), STR(""));
    if (rc == AWL_OK)
        rc = request_signature(sigv4, params, &scope, credentials, target, payload_hash,
                               signature);
    if (rc != AWL_OK)
        return rc;
    if (params->token_unsigned)
        query_add_token(query, params, credentials);
    query_add(query, STR("X-Amz-Signature"), awl_str_of(signature));
    return awl_buf_rc(query);
}

enum awl_rc awl_sigv4_presign(struct awl_sigv4 *sigv4,
                              const struct awl_sigv4_params *params,
                              const struct awl_credentials *credentials,
                              const struct awl_sigv4_target *target, awl_str payload_hash,
                              const struct awl_headers *headers, uint32_t expires,
                              struct awl_buf *query, struct awl_error *err)
{
    enum awl_rc rc = params_check(params, credentials, err);
    if (rc != AWL_OK)
        return rc;
    if (expires == 0 || expires > AWL_SIGV4_EXPIRES_MAX)
        return awl_error_set(err, AWL_EINPUT,
                             "cannot presign: %u s is not between 1 and %d", expires,
                             AWL_SIGV4_EXPIRES_MAX);
    size_t len = query->len;
    rc = sign_query(sigv4, params, credentials, target, payload_hash, headers, expires,
                    query);
    if (rc == AWL_OK)
        return AWL_OK;
    awl_buf_truncate(query, len);
    return sign_failed(rc, err);
}

/* ---- other texts ---- */

enum awl_rc awl_sigv4_sign_text(struct awl_sigv4 *sigv4,
                                const struct awl_sigv4_params *params,
                                const struct awl_credentials *credentials, awl_str text,
                                char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                                struct awl_error *err)
{
    char any[AWL_SIGV4_ANY_SIGNATURE_MAX + 1];
    struct awl_sigv4_scope scope;
    enum awl_rc rc = params_check(params, credentials, err);
    if (rc != AWL_OK)
        return rc;
    if (params->asymmetric)
        return awl_error_set(err, AWL_EINPUT, "cannot sign: SigV4A has no such text");
    rc = scope_init(&scope, params);
    if (rc == AWL_OK)
        rc = awl_sigv4_text_signature(sigv4, &scope, credentials, text, any);
    if (rc != AWL_OK)
        return sign_failed(rc, err);
    memcpy(signature, any, AWL_SIGV4_SIGNATURE_LEN + 1);
    return AWL_OK;
}

static void append_hash_line(struct awl_buf *out, awl_str text)
{
    char hash[AWL_SHA256_HEX_LEN + 1];
    awl_sha256_hex_of(text, hash);
    awl_buf_append_char(out, '\n');
    awl_buf_append(out, hash, AWL_SHA256_HEX_LEN);
}

/* The lines that all pieces of a stream begin with. */
static enum awl_rc piece_begin(struct awl_sigv4 *sigv4,
                               const struct awl_sigv4_params *params, awl_str algorithm,
                               const char *prior)
{
    struct awl_sigv4_scope scope;
    struct awl_buf *out = &sigv4->text;
    awl_buf_clear(out);
    enum awl_rc rc = scope_init(&scope, params);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append_str(out, algorithm);
    awl_buf_append_char(out, '\n');
    awl_buf_append(out, scope.date, AWL_SIGV4_DATE_LEN);
    awl_buf_append_char(out, '\n');
    awl_sigv4_scope_append(out, &scope);
    awl_buf_append_char(out, '\n');
    awl_buf_append(out, prior, AWL_SIGV4_SIGNATURE_LEN);
    return awl_buf_rc(out);
}

enum awl_rc awl_sigv4_sign_piece(struct awl_sigv4 *sigv4,
                                 const struct awl_sigv4_params *params,
                                 const struct awl_credentials *credentials,
                                 const char prior[AWL_SIGV4_SIGNATURE_LEN],
                                 awl_str headers, awl_str payload,
                                 char signature[AWL_SIGV4_SIGNATURE_LEN + 1],
                                 struct awl_error *err)
{
    enum awl_rc rc =
        piece_begin(sigv4, params, STR(AWL_SIGV4_ALGORITHM "-PAYLOAD"), prior);
    if (rc != AWL_OK)
        return sign_failed(rc, err);
    append_hash_line(&sigv4->text, headers);
    append_hash_line(&sigv4->text, payload);
    if (awl_buf_rc(&sigv4->text) != AWL_OK)
        return sign_failed(awl_buf_rc(&sigv4->text), err);
    return awl_sigv4_sign_text(sigv4, params, credentials, awl_buf_str(&sigv4->text),
                               signature, err);
}

enum awl_rc
awl_sigv4_sign_trailer(struct awl_sigv4 *sigv4, const struct awl_sigv4_params *params,
                       const struct awl_credentials *credentials,
                       const char prior[AWL_SIGV4_SIGNATURE_LEN], awl_str trailer,
                       char signature[AWL_SIGV4_SIGNATURE_LEN + 1], struct awl_error *err)
{
    enum awl_rc rc =
        piece_begin(sigv4, params, STR(AWL_SIGV4_ALGORITHM "-TRAILER"), prior);
    if (rc != AWL_OK)
        return sign_failed(rc, err);
    append_hash_line(&sigv4->text, trailer);
    if (awl_buf_rc(&sigv4->text) != AWL_OK)
        return sign_failed(awl_buf_rc(&sigv4->text), err);
    return awl_sigv4_sign_text(sigv4, params, credentials, awl_buf_str(&sigv4->text),
                               signature, err);
}
