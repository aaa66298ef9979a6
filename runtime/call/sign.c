#include "call/sign.h"

#include <stdio.h>

#include "aws/digest.h"
#include "aws/sigv4.h"
#include "aws/timestamp.h"
#include "call/bearer.h"
#include "call/credentials.h"
#include "call/event_stream.h"
#include "call/presign.h"
#include "call/request_checksum.h"
#include "call/state.h"
#include "call/upload_chunks.h"
#include "call/user_agent.h"

/* The endpoint's URL, the host prefix put in, then the operation's path and query.
 * Gives the offset of the path in the URL. */
static enum awl_rc build_url(struct awl_call *call, size_t *path)
{
    const struct awl_request *request = &call->request;
    awl_str base = call->base_url;
    struct awl_buf *url = &call->url;
    size_t host = awl_str_find(base, '/', 0) + 2; /* after "https://" */
    size_t base_path = awl_str_find(base, '/', host);

    if (base_path == SIZE_MAX)
        base_path = base.len;
    while (base.len > base_path && base.ptr[base.len - 1] == '/')
        base.len--;
    awl_buf_clear(url);
    awl_buf_append(url, base.ptr, host);
    awl_buf_append_str(url, awl_buf_str(&request->host_prefix));
    awl_buf_append_str(url, awl_str_slice(base, host, base.len));
    *path = base_path + request->host_prefix.len;
    awl_buf_append_str(url, awl_buf_str(&request->path));
    if (url->len == *path)
        awl_buf_append_char(url, '/');
    if (request->query.len > 0) {
        awl_buf_append_char(url, '?');
        awl_buf_append_str(url, awl_buf_str(&request->query));
    }
    return awl_buf_rc(url);
}

/* Those that the endpoint rules want. */
static enum awl_rc add_endpoint_headers(struct awl_call *call)
{
    const struct awl_headers *endpoint = &call->resolved->endpoint.headers;
    enum awl_rc rc = AWL_OK;

    for (size_t i = 0; i < endpoint->count && rc == AWL_OK; i++)
        rc = awl_headers_set(&call->request.headers, awl_headers_name(endpoint, i),
                             awl_headers_value(endpoint, i));
    return rc;
}

/* From the second attempt on the service is told when, by its own clock, nobody waits
 * for the answer any more. */
static void append_ttl(const struct awl_call *call, struct awl_buf *out)
{
    char ttl[AWL_TIMESTAMP_BASIC_LEN + 1];
    int64_t until_ms = awl_clock_wall_ms(&call->pipeline->runtime->clock) +
                       call->server_ahead_ms + awl_call_read_timeout_ms(call);
    if (awl_timestamp_format_basic(awl_timestamp_from_ms(until_ms), ttl) != AWL_OK)
        return;
    awl_buf_append_str(out, STR("ttl="));
    awl_buf_append(out, ttl, AWL_TIMESTAMP_BASIC_LEN);
    awl_buf_append_str(out, STR("; "));
}

static void write_attempt(const struct awl_call *call, struct awl_buf *out)
{
    awl_buf_clear(out);
    if (call->server_time_known && !call->upload.present)
        append_ttl(call, out);
    awl_buf_append_str(out, STR("attempt="));
    awl_buf_append_int64(out, call->attempt);
    awl_buf_append_str(out, STR("; max="));
    awl_buf_append_int64(out, awl_call_max_attempts(call));
}

static enum awl_rc add_headers(struct awl_call *call)
{
    struct awl_headers *headers = &call->request.headers;
    struct awl_buf *attempt = &call->text;
    enum awl_rc rc;

    write_attempt(call, attempt);
    if (call->attempt > 1)
        return awl_headers_set(headers, STR("amz-sdk-request"), awl_buf_str(attempt));

    rc = awl_headers_add(headers, STR("amz-sdk-request"), awl_buf_str(attempt));
    if (rc == AWL_OK)
        rc = awl_headers_add(headers, STR("amz-sdk-invocation-id"),
                             awl_str_make(call->invocation_id, AWL_UUID_LEN));
    if (rc == AWL_OK && call->pipeline->trace_id.len > 0 &&
        !awl_headers_get(headers, STR("X-Amzn-Trace-Id"), NULL))
        rc = awl_headers_add(headers, STR("X-Amzn-Trace-Id"),
                             awl_buf_str(&call->pipeline->trace_id));
    return rc == AWL_OK ? add_endpoint_headers(call) : rc;
}

static bool uses_tls(awl_str url)
{
    return awl_str_starts(url, STR("https://"));
}

/* Where TLS guards it a payload need not be part of the signature: if the model says so,
 * or S3 is told its checksum. */
static bool may_go_unsigned(const struct awl_call *call, bool tls)
{
    if (call->operation->flags & AWL_OPERATION_UNSIGNED_PAYLOAD)
        return tls;
    return tls && call->request.streaming && !call->client->sign_payload &&
           awl_sigv4_is_s3(call->client->service->model.signing_name) &&
           awl_request_has_checksum(&call->request.headers);
}

static enum awl_rc refuse_stream(const struct awl_call *call, struct awl_error *err)
{
    const struct awl_model *model = &call->client->service->model;
    awl_str name = awl_model_operation_name(model, call->operation);
    return awl_error_set(err, AWL_EINPUT,
                         "%.*s signs the whole body: give it as a string or a file",
                         STR_ARG(name));
}

/* What stands for the payload in the signature: its hash, or that it is unsigned. */
static enum awl_rc payload_hash(struct awl_call *call, const struct awl_auth *auth,
                                awl_str body, bool streamed,
                                char hex[AWL_SHA256_HEX_LEN + 1], awl_str *hash,
                                struct awl_error *err)
{
    if (call->events != NULL) {
        *hash = STR(AWL_SIGV4_STREAMING_EVENTS);
        return AWL_OK;
    }
    *hash = STR(AWL_SIGV4_UNSIGNED);
    if (call->chunks != NULL) {
        *hash = awl_upload_chunks_hash(call->chunks);
        return AWL_OK;
    }
    if (may_go_unsigned(call, uses_tls(awl_buf_str(&call->url))))
        return AWL_OK;
    if (call->upload.hashed) {
        awl_hex_encode(hex, call->upload.sha256, AWL_SHA256_LEN);
    } else if (streamed) {
        if (!(call->operation->flags & AWL_OPERATION_UNSIGNED_PAYLOAD) && !auth->s3)
            return refuse_stream(call, err);
        return AWL_OK; /* a function's pieces cannot be had twice */
    } else {
        awl_sha256_hex_of(body, hex);
    }
    *hash = awl_str_make(hex, AWL_SHA256_HEX_LEN);
    return AWL_OK;
}

static awl_str signed_host(struct awl_call *call)
{
    if (call->request.host_prefix.len == 0)
        return call->base_host;
    awl_buf_clear(&call->text);
    awl_buf_append_str(&call->text, awl_buf_str(&call->request.host_prefix));
    awl_buf_append_str(&call->text, call->base_host);
    return awl_buf_str(&call->text);
}

static enum awl_rc sign_request(struct awl_call *call,
                                const struct awl_credentials_slot *slot,
                                const struct awl_auth *auth, size_t path, awl_str body,
                                bool streamed, struct awl_error *err)
{
    char hex[AWL_SHA256_HEX_LEN + 1], signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    awl_str hash;

    awl_str url = awl_buf_str(&call->url);
    size_t end = awl_str_find(url, '?', path);
    const struct awl_sigv4_target target = {
        .method = call->request.method,
        .host = signed_host(call),
        .path = awl_str_slice(url, path, end == SIZE_MAX ? url.len : end),
        .query = awl_buf_str(&call->request.query),
    };
    struct awl_sigv4_params params = {
        .region = auth->region,
        .service = auth->signing_name,
        .token_name = auth->token_name,
        .asymmetric = auth->kind == AWL_AUTH_SIGV4A,
        .now_ms = awl_call_now_ms(call),
        .double_encode_path = auth->double_encode,
        .normalize_path = auth->double_encode,
    };
    if (call->presign_seconds > 0)
        return awl_presign_sign(call, &params, &slot->keys, &target, body, err);
    enum awl_rc rc = payload_hash(call, auth, body, streamed, hex, &hash, err);
    if (rc != AWL_OK)
        return rc;
    params.add_content_sha256 =
        auth->s3 || call->events != NULL || awl_str_eq(hash, STR(AWL_SIGV4_UNSIGNED));
    if (call->events == NULL && !awl_upload_chunks_signed(call->chunks))
        return awl_sigv4_sign(call->pipeline->sigv4, &params, &slot->keys, &target, hash,
                              &call->request.headers, NULL, err);
    if (params.asymmetric)
        return awl_error_set(err, AWL_ECONFIG, "events cannot be signed with SigV4A");
    rc = awl_sigv4_sign(call->pipeline->sigv4, &params, &slot->keys, &target, hash,
                        &call->request.headers, signature, err);
    if (rc != AWL_OK)
        return rc;
    if (call->events != NULL)
        return awl_event_stream_sign(call->events, &params, &slot->keys, signature, err);
    rc = awl_upload_chunks_seed(call->chunks, call->pipeline->sigv4, &params, &slot->keys,
                                signature);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the keys are too long");
}

/* The request but for its signature. */
static enum awl_rc complete(struct awl_call *call, size_t *path, awl_str body,
                            bool streamed, struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;

    if (call->presign_seconds > 0) {
        rc = awl_presign_shape(call, err);
        if (rc != AWL_OK)
            return rc;
    }
    rc = build_url(call, path);
    if (rc == AWL_OK)
        rc = call->presign_seconds > 0 ? add_endpoint_headers(call) : add_headers(call);
    if (rc == AWL_OK && call->attempt == 1 && !streamed && call->presign_seconds == 0) {
        rc = awl_request_checksum_add(&call->client->service->model, call->operation,
                                      call->client->checksum_when_required,
                                      &call->request.headers, body, err);
        if (rc != AWL_OK)
            return rc;
    }
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}

bool awl_call_wants_upload_hash(const struct awl_call *call,
                                const struct awl_credentials_slot *slot)
{
    enum awl_auth_kind kind = awl_auth_of_operation(call->client, call->operation);
    enum awl_checksum_algorithm algorithm;
    bool wanted = false;

    if (!call->upload.seekable || call->upload.hashed || call->events != NULL ||
        call->presign_seconds > 0 || kind == AWL_AUTH_NONE || kind == AWL_AUTH_BEARER ||
        slot->anonymous || may_go_unsigned(call, uses_tls(call->base_url)))
        return false;
    return awl_request_checksum_choose(&call->client->service->model, call->operation,
                                       call->client->checksum_when_required,
                                       &call->request.headers, &wanted, &algorithm,
                                       NULL) == AWL_OK &&
           !wanted; /* else it goes in chunks */
}

static enum awl_rc plan_chunks(struct awl_call *call, bool streamed, bool sign_chunks,
                               struct awl_error *err)
{
    if (!streamed || call->attempt > 1 || call->presign_seconds > 0)
        return AWL_OK;
    return awl_upload_chunks_plan(call, sign_chunks, err);
}

/* S3 must still be told what the payload looks like. */
static enum awl_rc stay_unsigned(struct awl_call *call, bool streamed,
                                 struct awl_error *err)
{
    enum awl_rc rc = plan_chunks(call, streamed, false, err);
    if (rc != AWL_OK || call->chunks == NULL)
        return rc;
    rc = awl_headers_set(&call->request.headers, STR("X-Amz-Content-SHA256"),
                         awl_upload_chunks_hash(call->chunks));
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}

static enum awl_rc authenticate(struct awl_call *call,
                                const struct awl_credentials_slot *slot, size_t path,
                                awl_str body, bool streamed, struct awl_error *err)
{
    enum awl_auth_kind kind = awl_auth_of_operation(call->client, call->operation);
    struct awl_auth *auth = &call->resolved->auth;
    enum awl_rc rc = AWL_OK;

    if (kind == AWL_AUTH_NONE || slot->anonymous)
        return stay_unsigned(call, streamed, err);
    if (kind == AWL_AUTH_BEARER && call->presign_seconds > 0)
        return awl_error_set(err, AWL_EINPUT, "a URL cannot carry a bearer token");
    if (kind == AWL_AUTH_BEARER) {
        rc = stay_unsigned(call, streamed, err);
        return rc == AWL_OK ? awl_bearer_add(call, slot, err) : rc;
    }
    if (call->client->service->rules->sign != NULL)
        return call->client->service->rules->sign(call, err);
    if (auth->asked != kind)
        rc = awl_auth_choose(call->client, &call->resolved->endpoint, kind, auth, err);
    if (rc != AWL_OK)
        return rc;
    if (auth->region.len == 0)
        return awl_resolve_no_region(call->client, err);
    if (call->presign_seconds > 0) /* its form has become the query */
        body = awl_buf_str(&call->request.body);
    rc = plan_chunks(call, streamed, auth->kind != AWL_AUTH_SIGV4A, err);
    if (rc == AWL_OK)
        rc = sign_request(call, slot, auth, path, body, streamed, err);
    return rc == AWL_OK && call->presign_seconds > 0 ? build_url(call, &path) : rc;
}

enum awl_rc awl_call_sign(struct awl_call *call, const struct awl_credentials_slot *slot,
                          awl_str body, bool streamed, struct awl_error *err)
{
    size_t path = 0;

    enum awl_rc rc = complete(call, &path, body, streamed, err);
    if (call->events != NULL)
        awl_event_stream_reset(call->events);
    if (rc == AWL_OK)
        rc = authenticate(call, slot, path, body, streamed, err);
    if (rc != AWL_OK || call->presign_seconds > 0)
        return rc;
    /* Last, for it tells what all this has come to; it is not signed. */
    rc = awl_user_agent_add(call, slot);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}
