#include "aws/sigv2.h"

#include <stdlib.h>

#include "aws/base64.h"
#include "aws/digest.h"
#include "aws/timestamp.h"
#include "aws/uri.h"

#define FIRST_OF_OURS "AWSAccessKeyId"
#define TEXT_MAX (8 * 1024 * 1024)

struct pair {
    awl_str key, text; /* the text is "key=value" */
};

static int compare_keys(const void *a, const void *b)
{
    awl_str left = ((const struct pair *)a)->key, right = ((const struct pair *)b)->key;
    size_t len = left.len < right.len ? left.len : right.len;
    int order = memcmp(left.ptr, right.ptr, len);
    return order != 0 ? order : (left.len > right.len) - (left.len < right.len);
}

/* Its pairs are the last ones: a value has no '&' of its own. */
static void drop_signature(struct awl_buf *form)
{
    awl_str rest = awl_buf_str(form), key, value;
    while (awl_query_next(&rest, &key, &value)) {
        if (!awl_str_eq(key, STR(FIRST_OF_OURS)))
            continue;
        form->len = (size_t)(key.ptr - form->ptr);
        if (form->len > 0)
            form->len--;
        return;
    }
}

static void add(struct awl_buf *form, awl_str name, awl_str value)
{
    if (form->len > 0)
        awl_buf_append_char(form, '&');
    awl_buf_append_str(form, name);
    awl_buf_append_char(form, '=');
    awl_uri_encode(form, value);
}

static size_t count_pairs(awl_str form)
{
    awl_str key, value;
    size_t count = 0;
    while (awl_query_next(&form, &key, &value))
        count++;
    return count;
}

/* Appends the pairs in the order of their names. */
static enum awl_rc append_sorted(struct awl_buf *out, awl_str form)
{
    size_t count = count_pairs(form);
    struct pair *pairs = calloc(count + 1, sizeof(*pairs));
    awl_str value;

    if (pairs == NULL)
        return AWL_ENOMEM;
    for (size_t i = 0; i < count && awl_query_next(&form, &pairs[i].key, &value); i++) {
        size_t len = pairs[i].key.len + (value.ptr != NULL ? 1 + value.len : 0);
        pairs[i].text = awl_str_make(pairs[i].key.ptr, len);
    }
    qsort(pairs, count, sizeof(*pairs), compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            awl_buf_append_char(out, '&');
        awl_buf_append_str(out, pairs[i].text);
    }
    free(pairs);
    return awl_buf_rc(out);
}

static void compute(const struct awl_credentials *credentials, awl_str text,
                    char signature[AWL_BASE64_DIGEST_MAX])
{
    struct awl_hmac_sha256_key key;
    uint8_t mac[AWL_SHA256_LEN];

    awl_hmac_sha256_key_init(&key, credentials->secret_access_key.ptr,
                             credentials->secret_access_key.len);
    awl_hmac_sha256(&key, text.ptr, text.len, mac);
    awl_hmac_sha256_key_release(&key);
    awl_base64_encode_small(signature, mac, sizeof(mac));
}

enum awl_rc awl_sigv2_sign(const struct awl_credentials *credentials, awl_str host,
                           awl_str path, int64_t now_ms, struct awl_buf *form,
                           struct awl_error *err)
{
    char signature[AWL_BASE64_DIGEST_MAX];
    struct awl_buf text, time;

    if (credentials->access_key_id.len == 0 || credentials->secret_access_key.len == 0)
        return awl_error_set(err, AWL_ECONFIG, "there are no credentials to sign with");
    awl_buf_init(&text, TEXT_MAX);
    awl_buf_init(&time, 64);
    awl_timestamp_append_iso(&time, (struct awl_timestamp){.seconds = now_ms / 1000});
    drop_signature(form);
    add(form, STR(FIRST_OF_OURS), credentials->access_key_id);
    add(form, STR("SignatureVersion"), STR("2"));
    add(form, STR("SignatureMethod"), STR("HmacSHA256"));
    add(form, STR("Timestamp"), awl_buf_str(&time));
    if (credentials->session_token.len > 0)
        add(form, STR("SecurityToken"), credentials->session_token);
    awl_buf_append_str(&text, STR("POST\n"));
    awl_buf_append_str(&text, host);
    awl_buf_append_char(&text, '\n');
    awl_buf_append_str(&text, path);
    awl_buf_append_char(&text, '\n');
    enum awl_rc rc = awl_buf_rc(form);
    if (rc == AWL_OK)
        rc = append_sorted(&text, awl_buf_str(form));
    if (rc == AWL_OK) {
        compute(credentials, awl_buf_str(&text), signature);
        add(form, STR("Signature"), awl_str_of(signature));
        rc = awl_buf_rc(form);
    }
    awl_buf_wipe(&text); /* shows the session's token */
    awl_buf_release(&time);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the form cannot be signed");
}
