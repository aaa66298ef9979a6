/* URIs, URLs, hosts and ARNs. Lines of an input are texts of their own. */
#include "aws/arn.h"
#include "aws/host.h"
#include "aws/uri.h"
#include "aws/url.h"
#include "fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

struct buffers {
    struct awl_buf once, twice;
};

static void check_encoding(struct buffers *b, awl_str text)
{
    awl_buf_clear(&b->once);
    awl_buf_clear(&b->twice);
    require(awl_uri_encode(&b->once, text) == AWL_OK);
    require(awl_uri_decode(&b->twice, awl_buf_str(&b->once), false) == AWL_OK);
    require(awl_str_eq(awl_buf_str(&b->twice), text));
    awl_buf_clear(&b->once);
    require(awl_uri_decode(&b->once, text, false) == AWL_OK);
    require(b->once.len == awl_uri_decoded_len(text));
}

/* What is in its normal form stays as it is. */
static void check_stable(struct buffers *b, awl_str text,
                         enum awl_rc normalize(struct awl_buf *, awl_str))
{
    awl_buf_clear(&b->once);
    awl_buf_clear(&b->twice);
    require(normalize(&b->once, text) == AWL_OK);
    require(normalize(&b->twice, awl_buf_str(&b->once)) == AWL_OK);
    require(awl_str_eq(awl_buf_str(&b->once), awl_buf_str(&b->twice)));
}

static void check_path(struct buffers *b, awl_str text)
{
    check_stable(b, text, awl_uri_normalize_path);
    require(b->once.len > 0 && b->once.ptr[0] == '/');
    require(strstr(b->once.ptr, "//") == NULL);
    if (text.len > 0 && text.ptr[0] == '/' && awl_uri_path_is_normal(text))
        require(awl_str_eq(awl_buf_str(&b->once), text));
}

static void check_query(struct buffers *b, awl_str text)
{
    awl_str rest = text, key, value;
    while (awl_query_next(&rest, &key, &value)) {
        awl_buf_clear(&b->once);
        require(awl_uri_decode(&b->once, key, true) == AWL_OK);
        awl_buf_clear(&b->twice);
        (void)awl_query_get(text, awl_buf_str(&b->once), &b->twice);
    }
}

static bool lies_in(awl_str part, awl_str text)
{
    return part.len == 0 ||
           (part.ptr >= text.ptr && part.ptr + part.len <= text.ptr + text.len);
}

static void check_url(struct buffers *b, awl_str text)
{
    struct awl_url url;
    if (awl_url_parse(text, &url, NULL) != AWL_OK)
        return;
    require(url.host.len > 0 && url.port <= 65535);
    require(url.path.len == 0 || url.path.ptr[0] == '/');
    require(lies_in(url.scheme, text) && lies_in(url.authority, text) &&
            lies_in(url.host, url.authority) && lies_in(url.path, text) &&
            lies_in(url.query, text));
    awl_buf_clear(&b->once);
    require(awl_url_append_host(&b->once, &url) == AWL_OK);
    (void)awl_host_is_loopback(url.host);
}

static void check_arn(awl_str text)
{
    struct awl_arn arn;
    awl_str part;
    if (!awl_arn_parse(text, &arn))
        return;
    size_t len = strlen("arn:::::") + arn.partition.len + arn.service.len +
                 arn.region.len + arn.account_id.len + arn.resource.len;
    require(len == text.len && lies_in(arn.resource, text));
    awl_str rest = arn.resource;
    size_t parts = 0, bytes = 0;
    for (; awl_arn_resource_next(&rest, &part); parts++)
        bytes += part.len;
    require(bytes + parts - 1 == arn.resource.len);
}

static void check_host(awl_str text)
{
    bool label = awl_host_label_valid(text, false);
    require(!label || awl_host_label_valid(text, true));
    require(!awl_host_s3_bucket_valid(text, false) || label);
    require(!awl_host_s3_bucket_valid(text, true) || !awl_host_is_ipv4(text));
    require(!awl_host_region_valid(text) || label);
    require(!(awl_host_is_ipv4(text) && awl_host_is_ipv6(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffers b;
    awl_str rest = awl_str_make((const char *)data, size), text;
    awl_buf_init(&b.once, TEXT_MAX);
    awl_buf_init(&b.twice, TEXT_MAX);
    while (take_line(&rest, &text)) {
        check_encoding(&b, text);
        check_stable(&b, text, awl_uri_canonicalize);
        check_stable(&b, text, awl_uri_encode_path_rest);
        check_path(&b, text);
        check_query(&b, text);
        check_url(&b, text);
        check_arn(text);
        check_host(text);
    }
    awl_buf_release(&b.once);
    awl_buf_release(&b.twice);
    return 0;
}
