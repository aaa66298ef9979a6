#include "call/call_log.h"

#include "call/credentials.h"

#define TOPIC "call"

/* "s3:GetObject attempt 1 of 3" */
struct who {
    char text[160];
};

static struct who who_of(const struct awl_call *call)
{
    const struct awl_model *model = &call->client->service->model;
    struct who who;
    snprintf(who.text, sizeof(who.text), "%.*s:%.*s attempt %d of %d",
             STR_ARG(model->name),
             STR_ARG(awl_model_operation_name(model, call->operation)), call->attempt,
             awl_call_max_attempts(call));
    return who;
}

/* Scheme and host; what stands before an '@' is a secret. */
static void write_origin(awl_str url, char *out, size_t size)
{
    size_t host = awl_str_find(url, '/', 0) + 2; /* after "https://" */
    size_t end = awl_str_find(url, '/', host);
    awl_str authority = awl_str_slice(url, host, end == SIZE_MAX ? url.len : end);
    size_t at = awl_str_find(authority, '@', 0);
    if (at != SIZE_MAX)
        authority = awl_str_slice(authority, at + 1, authority.len);
    snprintf(out, size, "%.*s%.*s", (int)host, url.ptr, STR_ARG(authority));
}

/* Why the call goes there. */
static const char *endpoint_reason(const struct awl_call *call)
{
    const struct awl_client *client = call->client;
    if (call->base_url.ptr != call->resolved->endpoint.url.ptr)
        return "the service said so";
    if (call->redirected)
        return "endpoint rules, in the region the service named";
    if (client->endpoint_url.len > 0)
        return "the configured endpoint";
    if (client->use_fips)
        return client->use_dual_stack ? "endpoint rules, FIPS, dual-stack"
                                      : "endpoint rules, FIPS";
    return client->use_dual_stack ? "endpoint rules, dual-stack" : "endpoint rules";
}

static void write_signer(const struct awl_call *call, char *out, size_t size)
{
    const struct awl_auth *auth = &call->resolved->auth;
    enum awl_auth_kind kind = awl_auth_of_operation(call->client, call->operation);
    awl_str id = call->keys != NULL ? call->keys->keys.access_key_id : STR("");
    awl_str tail = awl_str_slice(id, id.len > 4 ? id.len - 4 : 0, id.len);

    if (kind == AWL_AUTH_NONE || call->keys == NULL || call->keys->anonymous)
        snprintf(out, size, "not signed");
    else if (kind == AWL_AUTH_BEARER)
        snprintf(out, size, "with a bearer token");
    else
        snprintf(out, size, "signed for %.*s in %.*s with key ...%.*s from %.*s",
                 STR_ARG(auth->signing_name), STR_ARG(auth->region), STR_ARG(tail),
                 STR_ARG(call->keys->provider.len > 0 ? call->keys->provider
                                                      : STR("the script")));
}

void awl_call_log_attempt(const struct awl_call *call)
{
    char origin[300], signer[300];
    write_origin(awl_buf_str(&call->url), origin, sizeof(origin));
    write_signer(call, signer, sizeof(signer));
    awl_log(AWL_LOG_DEBUG, TOPIC, "%s: %.*s to %s (%s), %s", who_of(call).text,
            STR_ARG(call->request.method), origin, endpoint_reason(call), signer);
}

void awl_call_log_answer(const struct awl_call *call)
{
    int64_t now_us = awl_clock_mono_us(&call->pipeline->runtime->clock);
    double took_s = (double)(now_us - call->attempt_started_us) / 1e6;

    if (call->failed) {
        awl_log(AWL_LOG_DEBUG, TOPIC, "%s: %s after %.3f s: %s", who_of(call).text,
                call->failure->code, took_s, call->failure->message);
        return;
    }
    const struct awl_response *response = awl_transfer_response(call->transfer);
    awl_str id = awl_wire_request_id(response);
    awl_log(AWL_LOG_DEBUG, TOPIC, "%s: status %d after %.3f s, request %.*s",
            who_of(call).text, response->status, took_s,
            STR_ARG(id.len > 0 ? id : STR("without an id")));
}

static awl_str code_of(const struct awl_call *call)
{
    awl_str code =
        call->failed ? awl_str_of(call->failure->code) : call->service_error.code;
    return code.len > 0 ? code : STR("no code");
}

void awl_call_log_again(const struct awl_call *call, const char *why, int64_t delay_us)
{
    awl_log(AWL_LOG_DEBUG, TOPIC, "%s: %.*s, again in %.3f s (%s), retry quota %d of %d",
            who_of(call).text, STR_ARG(code_of(call)), (double)delay_us / 1e6, why,
            call->client->per_region->quota.tokens, AWL_RETRY_QUOTA);
}

void awl_call_log_end(const struct awl_call *call, const char *why)
{
    awl_log(AWL_LOG_DEBUG, TOPIC, "%s: %.*s, not again (%s), retry quota %d of %d",
            who_of(call).text, STR_ARG(code_of(call)), why,
            call->client->per_region->quota.tokens, AWL_RETRY_QUOTA);
}
