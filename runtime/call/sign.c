#include "call/sign.h"

#include <stdio.h>

#include "aws/digest.h"
#include "aws/sigv4.h"
#include "call/bearer.h"
#include "call/credentials.h"
#include "call/event_stream.h"
#include "call/presign.h"
#include "call/request_checksum.h"
#include "call/state.h"

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

static enum awl_rc add_headers(struct awl_call *call)
{
    struct awl_headers *headers = &call->request.headers;
    char attempt[48];
    enum awl_rc rc;

    snprintf(attempt, sizeof(attempt), "attempt=%d; max=%d", call->attempt,
             awl_call_max_attempts(call));
    if (call->attempt > 1)
        return awl_headers_set(headers, STR("amz-sdk-request"), awl_str_of(attempt));

    rc = awl_headers_add(headers, STR("amz-sdk-request"), awl_str_of(attempt));
    if (rc == AWL_OK)
        rc = awl_headers_add(headers, STR("amz-sdk-invocation-id"),
                             awl_str_make(call->invocation_id, AWL_UUID_LEN));
    if (rc == AWL_OK && !awl_headers_get(headers, STR("User-Agent"), NULL))
        rc = awl_headers_add(headers, STR("User-Agent"),
                             awl_str_of(call->pipeline->user_agent));
    if (rc == AWL_OK && call->pipeline->trace_id.len > 0 &&
        !awl_headers_get(headers, STR("X-Amzn-Trace-Id"), NULL))
        rc = awl_headers_add(headers, STR("X-Amzn-Trace-Id"),
                             awl_buf_str(&call->pipeline->trace_id));
    return rc == AWL_OK ? add_endpoint_headers(call) : rc;
}

/* What stands for the payload in the signature: its hash, or that it is unsigned. */
static enum awl_rc payload_hash(struct awl_call *call, const struct awl_auth *auth,
                                awl_str body, bool streamed,
                                char hex[AWL_SHA256_HEX_LEN + 1], awl_str *hash,
                                struct awl_error *err)
{
    bool tls = awl_str_starts(awl_buf_str(&call->url), STR("https://"));
    bool unsigned_allowed =
        (call->operation->flags & AWL_OPERATION_UNSIGNED_PAYLOAD) || auth->s3;

    if (call->events != NULL) {
        *hash = STR(AWL_SIGV4_STREAMING_EVENTS);
        return AWL_OK;
    }
    if (streamed && !unsigned_allowed)
        return awl_error_set(err, AWL_EINPUT,
                             "%.*s signs the whole body: give it as a string",
                             STR_ARG(awl_model_operation_name(
                                 &call->client->service->model, call->operation)));
    if (streamed || (call->request.streaming && tls && unsigned_allowed)) {
        *hash = STR(AWL_SIGV4_UNSIGNED);
        return AWL_OK;
    }
    awl_sha256_hex_of(body, hex);
    *hash = awl_str_make(hex, AWL_SHA256_HEX_LEN);
    return AWL_OK;
}

static enum awl_rc sign_request(struct awl_call *call,
                                const struct awl_credentials_slot *slot,
                                const struct awl_auth *auth, size_t path, awl_str body,
                                bool streamed, struct awl_error *err)
{
    char hex[AWL_SHA256_HEX_LEN + 1];
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1];
    char host[512];
    awl_str hash;

    int host_len = snprintf(host, sizeof(host), "%.*s%.*s",
                            STR_ARG(awl_buf_str(&call->request.host_prefix)),
                            STR_ARG(call->base_host));
    if (host_len < 0 || (size_t)host_len >= sizeof(host))
        return awl_error_set(err, AWL_EINPUT, "the endpoint's host name is too long");

    awl_str url = awl_buf_str(&call->url);
    size_t end = awl_str_find(url, '?', path);
    const struct awl_sigv4_target target = {
        .method = call->request.method,
        .host = awl_str_make(host, (size_t)host_len),
        .path = awl_str_slice(url, path, end == SIZE_MAX ? url.len : end),
        .query = awl_buf_str(&call->request.query),
    };
    struct awl_sigv4_params params = {
        .region = auth->region,
        .service = auth->signing_name,
        .token_name = auth->token_name,
        .asymmetric = auth->kind == AWL_AUTH_SIGV4A,
        .now_ms = awl_clock_wall_ms(&call->pipeline->runtime->clock),
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
    if (call->events == NULL)
        return awl_sigv4_sign(call->pipeline->sigv4, &params, &slot->keys, &target, hash,
                              &call->request.headers, NULL, err);
    if (params.asymmetric)
        return awl_error_set(err, AWL_ECONFIG, "events cannot be signed with SigV4A");
    rc = awl_sigv4_sign(call->pipeline->sigv4, &params, &slot->keys, &target, hash,
                        &call->request.headers, signature, err);
    return rc == AWL_OK
               ? awl_event_stream_sign(call->events, &params, &slot->keys, signature, err)
               : rc;
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
    if (rc == AWL_OK && call->attempt == 1 && !streamed && call->presign_seconds == 0)
        rc = awl_call_add_checksum(call, body);
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
        return AWL_OK;
    if (kind == AWL_AUTH_BEARER && call->presign_seconds > 0)
        return awl_error_set(err, AWL_EINPUT, "a URL cannot carry a bearer token");
    if (kind == AWL_AUTH_BEARER)
        return awl_bearer_add(call, slot, err);
    if (auth->asked != kind)
        rc = awl_auth_choose(call->client, &call->resolved->endpoint, kind, auth, err);
    if (rc != AWL_OK)
        return rc;
    if (auth->region.len == 0)
        return awl_resolve_no_region(call->client, err);
    if (call->presign_seconds > 0) /* its form has become the query */
        body = awl_buf_str(&call->request.body);
    rc = sign_request(call, slot, auth, path, body, streamed, err);
    return rc == AWL_OK && call->presign_seconds > 0 ? build_url(call, &path) : rc;
}

enum awl_rc awl_call_sign(struct awl_call *call, const struct awl_credentials_slot *slot,
                          awl_str body, bool streamed, struct awl_error *err)
{
    size_t path = 0;

    if (streamed && awl_call_lacks_checksum(call))
        return awl_error_set(err, AWL_EINPUT,
                             "a checksum of a streamed body is not supported yet: give "
                             "its value, or the body as a string, or no algorithm");
    enum awl_rc rc = complete(call, &path, body, streamed, err);
    if (call->events != NULL)
        awl_event_stream_reset(call->events);
    return rc == AWL_OK ? authenticate(call, slot, path, body, streamed, err) : rc;
}
