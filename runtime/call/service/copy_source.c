/* Copies from another region: the service that makes the copy fetches it with a request
 * to that region which the caller has signed beforehand, as a URL in a member of its
 * own. What names the region is the caller's word to us where the model lacks it. */
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "call/credentials.h"
#include "call/presign.h"
#include "call/service/ec2.h"
#include "call/service/rules.h"
#include "call/state.h"

#define URL_MAX (256 * 1024)
#define REGION_MAX 64

/* Whether the form has the pair; its value, still encoded, and where it begins and ends,
 * the '&' after it included. */
static bool form_find(awl_str form, awl_str name, awl_str *value, size_t *begin,
                      size_t *end)
{
    awl_str rest = form, key;

    while (awl_query_next(&rest, &key, value)) {
        if (!awl_str_eq(key, name))
            continue;
        *begin = (size_t)(key.ptr - form.ptr);
        *end = form.len - rest.len;
        return true;
    }
    return false;
}

static void form_remove(struct awl_buf *form, awl_str name)
{
    awl_str value;
    size_t begin, end;

    if (!form_find(awl_buf_str(form), name, &value, &begin, &end))
        return;
    memmove(form->ptr + begin, form->ptr + end, form->len - end);
    form->len -= end - begin;
    if (form->len > 0 && form->ptr[form->len - 1] == '&')
        form->len--;
}

static void form_set(struct awl_buf *form, awl_str name, awl_str value)
{
    form_remove(form, name);
    if (form->len > 0)
        awl_buf_append_char(form, '&');
    awl_buf_append_str(form, name);
    awl_buf_append_char(form, '=');
    awl_uri_encode(form, value);
}

/* Each `region` in the URL is the other one instead. */
static void append_elsewhere(struct awl_buf *out, awl_str url, awl_str region,
                             awl_str other)
{
    while (url.len > 0) {
        if (region.len > 0 && awl_str_starts(url, region)) {
            awl_buf_append_str(out, other);
            url = awl_str_slice(url, region.len, url.len);
        } else {
            awl_buf_append_char(out, *url.ptr);
            url = awl_str_slice(url, 1, url.len);
        }
    }
}

/* The request in `form` as a URL that the source's region accepts; `form` is used up. */
static enum awl_rc write_url(struct awl_call *call, awl_str source, struct awl_buf *form,
                             struct awl_buf *url, struct awl_error *err)
{
    const struct awl_client *client = call->client;
    const struct awl_headers none = {0};
    const struct awl_sigv4_params params = {
        .region = source,
        .service = client->service->model.signing_name,
        .now_ms = awl_call_now_ms(call),
        .double_encode_path = true,
        .normalize_path = true,
    };
    char hash[AWL_SHA256_HEX_LEN + 1];

    append_elsewhere(url, call->base_url, client->region, source);
    if (!awl_str_ends(awl_buf_str(url), STR("/")))
        awl_buf_append_char(url, '/');
    awl_str base = awl_buf_str(url);
    size_t host = awl_str_find(base, '/', 0) + 2; /* after "https://" */
    const struct awl_sigv4_target target = {
        .method = STR("GET"),
        .host = awl_resolve_host(base),
        .path = awl_str_slice(base, awl_str_find(base, '/', host), base.len),
    };
    awl_sha256_hex_of(STR(""), hash);
    enum awl_rc rc = awl_sigv4_presign(call->pipeline->sigv4, &params, &call->keys->keys,
                                       &target, awl_str_make(hash, AWL_SHA256_HEX_LEN),
                                       &none, AWL_PRESIGN_SECONDS, form, err);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append_char(url, '?');
    awl_buf_append_str(url, awl_buf_str(form));
    return AWL_OK;
}

/* Puts the URL into the member of that name. */
static enum awl_rc add_url(struct awl_call *call, awl_str member, awl_str source,
                           struct awl_error *err)
{
    struct awl_buf *body = &call->request.body;
    struct awl_buf form, url;

    awl_buf_init(&form, URL_MAX);
    awl_buf_init(&url, URL_MAX);
    awl_buf_append_str(&form, awl_buf_str(body));
    form_set(&form, STR("DestinationRegion"), call->client->region);
    enum awl_rc rc = write_url(call, source, &form, &url, err);
    if (rc == AWL_OK && awl_buf_rc(&url) != AWL_OK)
        rc = awl_error_set(err, awl_buf_rc(&url), "the input is too long for a URL");
    if (rc == AWL_OK)
        form_set(body, member, awl_buf_str(&url));
    awl_buf_release(&form);
    awl_buf_release(&url);
    return rc;
}

/* The value of SourceRegion, decoded into `text`; empty if there is none. */
static awl_str read_source(const struct awl_buf *body, char text[REGION_MAX])
{
    struct awl_buf decoded;
    size_t len = 0;

    awl_buf_init(&decoded, REGION_MAX);
    if (awl_query_get(awl_buf_str(body), STR("SourceRegion"), &decoded) == AWL_OK) {
        len = decoded.len;
        memcpy(text, awl_buf_cstr(&decoded), len);
    }
    awl_buf_release(&decoded);
    return awl_str_make(text, len);
}

static bool has_member(const struct awl_call *call, awl_str name)
{
    const struct awl_model *model = &call->client->service->model;

    return call->operation->input != AWL_MODEL_NONE &&
           awl_model_member_by_name(model, awl_model_shape(model, call->operation->input),
                                    name) != NULL;
}

/* `member` is there if the caller gave it. The regions are EC2's own members, but RDS
 * does not know them. */
static enum awl_rc before_sign(struct awl_call *call, awl_str member, bool knows_regions,
                               struct awl_error *err)
{
    struct awl_buf *body = &call->request.body;
    char text[REGION_MAX];
    awl_str value;
    size_t begin, end;

    if (!has_member(call, member))
        return AWL_OK;
    awl_str source = read_source(body, text);
    if (!knows_regions)
        form_remove(body, STR("SourceRegion"));
    if (source.len == 0 || form_find(awl_buf_str(body), member, &value, &begin, &end) ||
        !call->client->sign || call->keys->anonymous)
        return AWL_OK;
    enum awl_rc rc = add_url(call, member, source, err);
    if (rc == AWL_OK && knows_regions)
        form_set(body, STR("DestinationRegion"), call->client->region);
    return rc;
}

enum awl_rc awl_ec2_before_sign(struct awl_call *call, awl_str body,
                                struct awl_error *err)
{
    (void)body;
    return before_sign(call, STR("PresignedUrl"), true, err);
}

static enum awl_rc rds_before_sign(struct awl_call *call, awl_str body,
                                   struct awl_error *err)
{
    (void)body;
    return before_sign(call, STR("PreSignedUrl"), false, err);
}

/* Neptune and DocumentDB are made of RDS. */
const struct awl_service_rules awl_rules_rds = {
    .service = "rds",
    .before_sign = rds_before_sign,
};

const struct awl_service_rules awl_rules_neptune = {
    .service = "neptune",
    .before_sign = rds_before_sign,
};

const struct awl_service_rules awl_rules_docdb = {
    .service = "docdb",
    .before_sign = rds_before_sign,
};
