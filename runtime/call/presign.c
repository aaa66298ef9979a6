#include "call/presign.h"

#include "aws/sigv4.h"
#include "call/state.h"

static bool is_form(const struct awl_request *request)
{
    awl_str type;
    return awl_headers_get(&request->headers, STR("Content-Type"), &type) &&
           awl_str_starts_nocase(type, STR("application/x-www-form-urlencoded"));
}

enum awl_rc awl_presign_shape(struct awl_call *call, struct awl_error *err)
{
    struct awl_request *request = &call->request;

    if (!is_form(request))
        return AWL_OK;
    if (request->query.len > 0)
        awl_buf_append_char(&request->query, '&');
    awl_buf_append_str(&request->query, awl_buf_str(&request->body));
    if (awl_buf_rc(&request->query) != AWL_OK)
        return awl_error_set(err, AWL_EINPUT, "the input is too long for a URL");
    awl_buf_clear(&request->body);
    awl_headers_remove(&request->headers, STR("Content-Type"));
    request->method = STR("GET");
    return AWL_OK;
}

enum awl_rc awl_presign_sign(struct awl_call *call, const struct awl_sigv4_params *params,
                             const struct awl_credentials *credentials,
                             const struct awl_sigv4_target *target, awl_str body,
                             struct awl_error *err)
{
    char hex[AWL_SHA256_HEX_LEN + 1];
    awl_str hash = STR(AWL_SIGV4_UNSIGNED);

    if (!awl_sigv4_is_s3(params->service)) {
        awl_sha256_hex_of(body, hex);
        hash = awl_str_make(hex, AWL_SHA256_HEX_LEN);
    }
    return awl_sigv4_presign(call->pipeline->sigv4, params, credentials, target, hash,
                             &call->request.headers, call->presign_seconds,
                             &call->request.query, err);
}
