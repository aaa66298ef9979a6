#include "call/presign.h"

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "base/json.h"
#include "call/call.h"
#include "call/state.h"

void awl_presign_begin(struct awl_call *call, const struct awl_presign_options *options)
{
    call->presign_default = options->seconds == 0;
    call->presign_seconds =
        call->presign_default ? AWL_PRESIGN_SECONDS : options->seconds;
    call->presign_method =
        options->method != NULL ? awl_str_of(options->method) : STR("");
}

static bool is_form(const struct awl_request *request)
{
    awl_str type;
    return awl_headers_get(&request->headers, STR("Content-Type"), &type) &&
           awl_str_starts_nocase(type, STR("application/x-www-form-urlencoded"));
}

/* A string is decoded, a number or a word stays as it is. */
static void parameter_add(struct awl_buf *query, awl_str name, awl_str value,
                          struct awl_buf *scratch, bool escaped)
{
    if (query->len > 0)
        awl_buf_append_char(query, '&');
    awl_uri_encode(query, name);
    awl_buf_append_char(query, '=');
    awl_buf_clear(scratch);
    if (escaped)
        awl_json_unescape(scratch, value);
    awl_uri_encode(query, escaped ? awl_buf_str(scratch) : value);
}

/* The members of a JSON object; those of a list have its name, one by one. Structures
 * have no form in a query. */
static enum awl_rc members_add(struct awl_buf *query, awl_str body,
                               struct awl_buf *scratch)
{
    struct awl_json_reader reader;
    enum awl_json_token token;
    awl_str name = STR("");

    awl_json_reader_init(&reader, body);
    if (awl_json_next(&reader) != AWL_JSON_OBJECT_BEGIN)
        return AWL_EINPUT;
    while ((token = awl_json_next(&reader)) != AWL_JSON_END) {
        switch (token) {
        case AWL_JSON_KEY:
            name = reader.text; /* the model's: nothing in it is escaped */
            break;
        case AWL_JSON_STRING:
            parameter_add(query, name, reader.text, scratch, reader.escaped);
            break;
        case AWL_JSON_NUMBER:
            parameter_add(query, name, reader.text, scratch, false);
            break;
        case AWL_JSON_TRUE:
            parameter_add(query, name, STR("true"), scratch, false);
            break;
        case AWL_JSON_FALSE:
            parameter_add(query, name, STR("false"), scratch, false);
            break;
        case AWL_JSON_ARRAY_BEGIN:
        case AWL_JSON_ARRAY_END:
        case AWL_JSON_OBJECT_END:
            break;
        default:
            return AWL_EINPUT;
        }
    }
    return awl_buf_rc(scratch);
}

static enum awl_rc body_to_query(struct awl_request *request, bool form)
{
    struct awl_buf scratch;
    enum awl_rc rc = AWL_OK;

    if (form) {
        if (request->query.len > 0)
            awl_buf_append_char(&request->query, '&');
        awl_buf_append_str(&request->query, awl_buf_str(&request->body));
    } else {
        awl_buf_init(&scratch, request->body.len + 1);
        rc = members_add(&request->query, awl_buf_str(&request->body), &scratch);
        awl_buf_release(&scratch);
    }
    return rc == AWL_OK ? awl_buf_rc(&request->query) : rc;
}

enum awl_rc awl_presign_shape(struct awl_call *call, struct awl_error *err)
{
    struct awl_request *request = &call->request;
    bool form = is_form(request);

    if (form || call->client->service->rules->presign_body) {
        if (body_to_query(request, form) != AWL_OK)
            return awl_error_set(err, AWL_EINPUT, "the input does not fit into a URL");
        awl_buf_clear(&request->body);
        awl_headers_remove(&request->headers, STR("Content-Type"));
        request->method = STR("GET");
    }
    if (call->presign_method.len > 0)
        request->method = call->presign_method;
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
