#include "aws/sigv4_verify.h"

#include <openssl/crypto.h>

#include "aws/sigv4_canonical.h"
#include "aws/timestamp.h"
#include "aws/uri.h"

#define SIGNED_FIELDS_MAX 512 /* each is looked for among all fields */

/* What the request says about its signature. */
struct claim {
    awl_str algorithm;
    awl_str credential;
    awl_str signed_headers;
    awl_str signature;
    awl_str date; /* of the X-Amz-Date field or parameter */
    awl_str token;
    awl_str expires; /* presigned only */
    awl_str region_set;
    struct awl_timestamp time;
    struct awl_sigv4_scope scope;
};

/* Everything that a step may need. */
struct check {
    struct awl_sigv4 *sigv4;
    const struct awl_sigv4_target *target;
    const struct awl_headers *headers;
    struct awl_sigv4_verification *v;
    struct claim claim;
    struct awl_credentials credentials;
};

static enum awl_sigv4_verdict refuse(struct check *check, enum awl_sigv4_verdict verdict,
                                     const char *reason)
{
    check->v->reason = reason;
    return verdict;
}

static enum awl_sigv4_verdict malformed(struct check *check, const char *reason)
{
    return refuse(check, AWL_SIGV4_MALFORMED, reason);
}

/* ---- reading the claim ---- */

/* "Credential=..., SignedHeaders=..., Signature=..." in any order. */
static void claim_read_authorization(struct claim *claim, awl_str text)
{
    size_t space = awl_str_find(text, ' ', 0);
    claim->algorithm = awl_str_slice(text, 0, space);
    text = awl_str_slice(text, space, text.len);
    while (text.len > 0) {
        size_t comma = awl_str_find(text, ',', 0);
        awl_str pair = awl_str_trim(awl_str_slice(text, 0, comma));
        size_t equals = awl_str_find(pair, '=', 0);
        awl_str name = awl_str_slice(pair, 0, equals);
        awl_str value = awl_str_slice(pair, equals, pair.len);
        value = awl_str_slice(value, 1, value.len);
        if (awl_str_eq(name, STR("Credential")))
            claim->credential = value;
        else if (awl_str_eq(name, STR("SignedHeaders")))
            claim->signed_headers = value;
        else if (awl_str_eq(name, STR("Signature")))
            claim->signature = value;
        text = comma == SIZE_MAX ? STR("") : awl_str_slice(text, comma + 1, text.len);
    }
}

/* The decoded value of a parameter, in the scratch buffer `out`, which has room. */
static awl_str parameter(struct check *check, awl_str name, struct awl_buf *out)
{
    size_t start = out->len;
    if (awl_query_get(check->target->query, name, out) != AWL_OK)
        return STR("");
    return awl_str_make(out->ptr + start, out->len - start);
}

/* Decoding never makes text longer, and only whole values are decoded: the scratch
 * buffer is given room for all of them beforehand, so that slices of it stay. */
static enum awl_rc claim_read_query(struct check *check)
{
    struct awl_buf *out = &check->sigv4->text;
    struct claim *claim = &check->claim;
    enum awl_rc rc = awl_buf_reserve(out, check->target->query.len + 1);
    if (rc != AWL_OK)
        return rc;
    claim->algorithm = parameter(check, STR("X-Amz-Algorithm"), out);
    claim->credential = parameter(check, STR("X-Amz-Credential"), out);
    claim->signed_headers = parameter(check, STR("X-Amz-SignedHeaders"), out);
    claim->signature = parameter(check, STR("X-Amz-Signature"), out);
    claim->date = parameter(check, STR("X-Amz-Date"), out);
    claim->token = parameter(check, STR("X-Amz-Security-Token"), out);
    claim->expires = parameter(check, STR("X-Amz-Expires"), out);
    claim->region_set = parameter(check, STR("X-Amz-Region-Set"), out);
    return awl_buf_rc(out);
}

static bool query_is_signed(awl_str query)
{
    awl_str key, value;
    while (awl_query_next(&query, &key, &value)) {
        if (awl_str_eq(key, STR("X-Amz-Signature")) ||
            awl_str_eq(key, STR("X-Amz-Algorithm")))
            return true;
    }
    return false;
}

static enum awl_rc claim_read(struct check *check, bool *found)
{
    struct claim *claim = &check->claim;
    awl_str authorization;
    *found = true;
    if (awl_headers_get(check->headers, STR("Authorization"), &authorization)) {
        claim_read_authorization(claim, awl_str_trim(authorization));
        awl_headers_get(check->headers, STR("X-Amz-Date"), &claim->date);
        awl_headers_get(check->headers, STR("X-Amz-Security-Token"), &claim->token);
        awl_headers_get(check->headers, STR("X-Amz-Region-Set"), &claim->region_set);
        return AWL_OK;
    }
    check->v->presigned = query_is_signed(check->target->query);
    *found = check->v->presigned;
    return *found ? claim_read_query(check) : AWL_OK;
}

/* Takes the part after the last '/' off the credential: an access key id, although
 * AWS makes none such, might have a '/' in it. */
static bool credential_take(awl_str *credential, awl_str *part)
{
    size_t i = credential->len;
    while (i > 0 && credential->ptr[i - 1] != '/')
        i--;
    if (i == 0)
        return false;
    *part = awl_str_slice(*credential, i, credential->len);
    *credential = awl_str_slice(*credential, 0, i - 1);
    return true;
}

static enum awl_sigv4_verdict credential_split(struct check *check)
{
    struct awl_sigv4_scope *scope = &check->claim.scope;
    awl_str rest = check->claim.credential, day, end;
    scope->region = check->claim.region_set;
    if (!credential_take(&rest, &end) || !credential_take(&rest, &scope->service) ||
        (!scope->asymmetric && !credential_take(&rest, &scope->region)) ||
        !credential_take(&rest, &day) || !awl_str_eq(end, STR("aws4_request")) ||
        rest.len == 0)
        return malformed(
            check, scope->asymmetric
                       ? "the credential is not ID/DATE/SERVICE/aws4_request"
                       : "the credential is not ID/DATE/REGION/SERVICE/aws4_request");
    if (scope->asymmetric && scope->region.len == 0)
        return malformed(check, "the request has no X-Amz-Region-Set");
    check->v->access_key_id = rest;
    check->v->region = scope->region;
    check->v->service = scope->service;
    if (!awl_str_eq(day, awl_str_make(scope->date, AWL_SIGV4_DAY_LEN)))
        return malformed(check, "the credential's date is not that of the request");
    return AWL_SIGV4_VALID;
}

/* A request without X-Amz-Date is dated by its Date. */
static bool claim_read_time(struct check *check)
{
    struct claim *claim = &check->claim;
    awl_str date;
    bool ok = claim->date.len > 0
                  ? awl_timestamp_parse_basic(claim->date, &claim->time)
                  : !check->v->presigned &&
                        awl_headers_get(check->headers, STR("Date"), &date) &&
                        (awl_timestamp_parse_http(date, &claim->time) ||
                         awl_timestamp_parse_basic(date, &claim->time));
    return ok && awl_timestamp_format_basic(claim->time, claim->scope.date) == AWL_OK;
}

/* SigV4A's signatures are DER, of which only a longest length is known. */
static enum awl_sigv4_verdict signature_take(struct check *check)
{
    awl_str signature = check->claim.signature;
    if (check->claim.scope.asymmetric ? signature.len == 0 || signature.len % 2 != 0 ||
                                            signature.len > AWL_SIGV4A_SIGNATURE_MAX
                                      : signature.len != AWL_SIGV4_SIGNATURE_LEN)
        return malformed(check, "the signature has another length than its algorithm's");
    memcpy(check->v->signature, signature.ptr, signature.len);
    check->v->signature[signature.len] = '\0';
    return AWL_SIGV4_VALID;
}

static enum awl_sigv4_verdict claim_check(struct check *check)
{
    struct claim *claim = &check->claim;
    claim->scope.asymmetric = awl_str_eq(claim->algorithm, STR(AWL_SIGV4A_ALGORITHM));
    if (!awl_str_eq(claim->algorithm, awl_sigv4_algorithm(&claim->scope)))
        return malformed(check, "the algorithm is neither " AWL_SIGV4_ALGORITHM
                                " nor " AWL_SIGV4A_ALGORITHM);
    if (!claim_read_time(check))
        return malformed(check, "the request has no valid date");
    enum awl_sigv4_verdict verdict = credential_split(check);
    return verdict == AWL_SIGV4_VALID ? signature_take(check) : verdict;
}

/* ---- time, key, payload ---- */

static enum awl_sigv4_verdict time_check(struct check *check)
{
    int64_t then = awl_timestamp_to_ms(check->claim.time);
    int64_t age = check->v->now_ms - then, expires;
    if (!check->v->presigned) {
        if (age > check->v->skew_ms || age < -check->v->skew_ms)
            return refuse(check, AWL_SIGV4_SKEWED, "the request's date is too far away");
        return AWL_SIGV4_VALID;
    }
    if (!awl_str_to_int64(check->claim.expires, &expires) || expires < 0 ||
        expires > AWL_SIGV4_EXPIRES_MAX)
        return malformed(check, "X-Amz-Expires is not between 0 and 604800");
    if (age < -check->v->skew_ms)
        return refuse(check, AWL_SIGV4_SKEWED, "the request is not valid yet");
    if (age > expires * 1000)
        return refuse(check, AWL_SIGV4_EXPIRED, "the request has expired");
    return AWL_SIGV4_VALID;
}

static enum awl_sigv4_verdict key_check(struct check *check)
{
    struct awl_sigv4_verification *v = check->v;
    if (!v->lookup(v->data, v->access_key_id, &check->credentials))
        return refuse(check, AWL_SIGV4_UNKNOWN, "nobody has this access key id");
    check->credentials.access_key_id = v->access_key_id;
    if (check->credentials.session_token.len > 0 &&
        !awl_str_eq(check->credentials.session_token, check->claim.token))
        return refuse(check, AWL_SIGV4_UNKNOWN, "the session token is not the key's");
    return AWL_SIGV4_VALID;
}

static awl_str body_hash(struct check *check)
{
    if (check->v->body_sha256.len > 0)
        return check->v->body_sha256;
    awl_sha256_hex_of(check->v->body, check->v->body_hash);
    return awl_str_make(check->v->body_hash, AWL_SHA256_HEX_LEN);
}

/* Not a word such as UNSIGNED-PAYLOAD: those say nothing about the body. */
static bool is_hash(awl_str text)
{
    uint8_t bytes[AWL_SHA256_LEN];
    return text.len == AWL_SHA256_HEX_LEN && awl_hex_decode(bytes, text);
}

static void payload_read(struct check *check)
{
    awl_str *hash = &check->v->payload_hash;
    if (awl_headers_get(check->headers, STR("X-Amz-Content-SHA256"), hash))
        *hash = awl_str_trim(*hash);
    else if (check->v->presigned && awl_sigv4_is_s3(check->v->service))
        *hash = STR(AWL_SIGV4_UNSIGNED);
    else
        *hash = body_hash(check);
}

static enum awl_sigv4_verdict payload_check(struct check *check)
{
    awl_str hash = check->v->payload_hash;
    if (is_hash(hash) && !awl_str_eq_nocase(hash, body_hash(check)))
        return refuse(check, AWL_SIGV4_BAD_BODY,
                      "the body is not the one X-Amz-Content-SHA256 was made of");
    if (!is_hash(hash) && !awl_str_eq(hash, STR(AWL_SIGV4_UNSIGNED)) &&
        !awl_str_starts(hash, STR("STREAMING-")))
        return malformed(check,
                         "X-Amz-Content-SHA256 is neither a hash nor a known word");
    return AWL_SIGV4_VALID;
}

/* ---- the signature ---- */

/* Adds the fields the claim names. One that the request lacks is signed as empty,
 * and so will not match. AWL_ELIMIT when it names too many. */
static enum awl_rc fields_pick(struct check *check, bool *host_signed, bool *set_signed)
{
    struct awl_sigv4_items *fields = &check->sigv4->fields;
    awl_str rest = check->claim.signed_headers;
    enum awl_rc rc = AWL_OK;
    *host_signed = *set_signed = false;
    while (rest.len > 0 && rc == AWL_OK) {
        size_t end = awl_str_find(rest, ';', 0);
        awl_str name = awl_str_slice(rest, 0, end);
        rest = end == SIZE_MAX ? STR("") : awl_str_slice(rest, end + 1, rest.len);
        if (fields->count >= SIGNED_FIELDS_MAX)
            return AWL_ELIMIT;
        *host_signed = *host_signed || awl_str_eq_nocase(name, STR("host"));
        *set_signed = *set_signed || awl_str_eq_nocase(name, STR("x-amz-region-set"));
        size_t at = awl_headers_find(check->headers, name, 0);
        if (at == SIZE_MAX)
            rc = awl_sigv4_items_add(fields, name, STR(""));
        for (; at != SIZE_MAX && rc == AWL_OK;
             at = awl_headers_find(check->headers, name, at + 1))
            rc = awl_sigv4_items_add(fields, name, awl_headers_value(check->headers, at));
    }
    return rc == AWL_OK ? awl_sigv4_fields_sort(check->sigv4) : rc;
}

/* The signature over sigv4->string_to_sign is the one that the credentials give. */
static enum awl_rc signature_compare(struct check *check, bool *same)
{
    char expected[AWL_SIGV4_ANY_SIGNATURE_MAX + 1];
    struct awl_sigv4 *sigv4 = check->sigv4;
    awl_str text = awl_buf_str(&sigv4->string_to_sign);
    struct awl_sigv4a_key *key;
    enum awl_rc rc;

    if (check->claim.scope.asymmetric) {
        rc = awl_sigv4a_keys_get(&sigv4->pairs_of_keys, &check->credentials, &key);
        *same = rc == AWL_OK &&
                awl_sigv4a_key_verify(key, text, awl_str_of(check->v->signature));
        return rc;
    }
    rc = awl_sigv4_text_signature(sigv4, &check->claim.scope, &check->credentials, text,
                                  expected);
    *same = rc == AWL_OK &&
            CRYPTO_memcmp(expected, check->v->signature, AWL_SIGV4_SIGNATURE_LEN) == 0;
    return rc;
}

/* A presigned URL has the region set in its query, which is signed whole. */
static enum awl_rc fields_check(struct check *check, enum awl_sigv4_verdict *verdict)
{
    bool host_signed, set_signed;
    enum awl_rc rc = fields_pick(check, &host_signed, &set_signed);
    if (rc == AWL_ELIMIT)
        *verdict = malformed(check, "too many signed headers");
    else if (rc == AWL_OK && !host_signed)
        *verdict = malformed(check, "the host is not among the signed headers");
    else if (rc == AWL_OK && check->claim.scope.asymmetric && !check->v->presigned &&
             !set_signed)
        *verdict = malformed(check, "the region set is not among the signed headers");
    return rc == AWL_ELIMIT ? AWL_OK : rc;
}

static enum awl_rc signature_check(struct check *check, enum awl_sigv4_verdict *verdict)
{
    bool s3 = awl_sigv4_is_s3(check->v->service), same;
    struct awl_sigv4_params params = {
        .double_encode_path = !s3, .normalize_path = !s3, .trace = check->v->trace};

    enum awl_rc rc = fields_check(check, verdict);
    if (rc != AWL_OK || *verdict != AWL_SIGV4_VALID)
        return rc;
    rc = awl_sigv4_query(check->sigv4, check->target->query,
                         check->v->presigned ? STR("X-Amz-Signature") : STR(""));
    if (rc == AWL_OK)
        rc = awl_sigv4_string_to_sign(check->sigv4, &params, &check->claim.scope,
                                      check->target, check->v->payload_hash);
    if (rc == AWL_OK)
        rc = signature_compare(check, &same);
    if (rc == AWL_OK && !same)
        *verdict = refuse(check, AWL_SIGV4_MISMATCH,
                          "the signature is not the one that the secret gives");
    return rc;
}

enum awl_rc awl_sigv4_verify(struct awl_sigv4 *sigv4,
                             const struct awl_sigv4_target *target,
                             const struct awl_headers *headers,
                             struct awl_sigv4_verification *verification,
                             enum awl_sigv4_verdict *verdict)
{
    struct check check = {
        .sigv4 = sigv4, .target = target, .headers = headers, .v = verification};
    bool found;
    verification->presigned = false;
    verification->access_key_id = verification->region = verification->service = STR("");
    verification->payload_hash = STR("");
    verification->signature[0] = '\0';
    verification->reason = NULL;
    awl_sigv4_clear(sigv4);

    enum awl_rc rc = claim_read(&check, &found);
    if (rc != AWL_OK)
        return rc;
    *verdict = found ? claim_check(&check)
                     : refuse(&check, AWL_SIGV4_MISSING, "the request is not signed");
    if (*verdict == AWL_SIGV4_VALID)
        *verdict = time_check(&check);
    if (*verdict == AWL_SIGV4_VALID)
        *verdict = key_check(&check);
    if (*verdict != AWL_SIGV4_VALID)
        return AWL_OK;
    payload_read(&check);
    rc = signature_check(&check, verdict);
    if (rc == AWL_OK && *verdict == AWL_SIGV4_VALID)
        *verdict = payload_check(&check);
    return rc;
}
