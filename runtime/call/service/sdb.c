/* SimpleDB: a signature of an older kind, in the form. */
#include "aws/sigv2.h"
#include "call/credentials.h"
#include "call/service/rules.h"
#include "call/state.h"

static enum awl_rc sign(struct awl_call *call, struct awl_error *err)
{
    awl_str url = awl_buf_str(&call->url);
    size_t host = awl_str_find(url, '/', 0) + 2; /* after "https://" */
    awl_str path = awl_str_slice(url, awl_str_find(url, '/', host), url.len);
    int64_t now_ms = awl_call_now_ms(call);

    if (call->presign_seconds > 0)
        return awl_error_set(err, AWL_EINPUT, "a URL cannot carry SimpleDB's signature");
    return awl_sigv2_sign(&call->keys->keys, call->base_host, path, now_ms,
                          &call->request.body, err);
}

const struct awl_service_rules awl_rules_sdb = {
    .service = "sdb",
    .sign = sign,
};
