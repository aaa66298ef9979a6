#include "call/bearer.h"

#include "call/credentials.h"
#include "call/state.h"

/* "127.0.0.1:8000", "localhost", "[::1]"; not "127.example.com". */
static bool is_loopback(awl_str host)
{
    if (awl_str_starts(host, STR("[::1]")))
        return true;
    host = awl_str_slice(host, 0, awl_str_find(host, ':', 0));
    if (awl_str_eq_nocase(host, STR("localhost")))
        return true;
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9'))
            return false;
    return awl_str_starts(host, STR("127."));
}

enum awl_rc awl_bearer_add(struct awl_call *call, const struct awl_credentials_slot *slot,
                           struct awl_error *err)
{
    struct awl_headers *headers = &call->request.headers;
    struct awl_buf value;

    if (!awl_str_starts(awl_buf_str(&call->url), STR("https://")) &&
        !is_loopback(call->base_host))
        return awl_error_code(err, AWL_ECONFIG, "InsecureBearerToken",
                              "a bearer token is sent over https only, not to %.*s",
                              STR_ARG(call->base_url));
    awl_buf_init(&value, AWL_CREDENTIALS_TEXT_MAX);
    enum awl_rc rc = awl_buf_reserve(&value, 7 + slot->bearer_token.len);
    awl_buf_append_str(&value, STR("Bearer "));
    awl_buf_append_str(&value, slot->bearer_token);
    if (rc == AWL_OK)
        rc = awl_headers_set(headers, STR("Authorization"), awl_buf_str(&value));
    awl_buf_wipe(&value);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the bearer token cannot be sent");
}
