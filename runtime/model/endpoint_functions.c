/* The functions of endpoint rules: smithy.io/2.0/additional-specs/rules-engine and
 * AWS's own. A function whose arguments are not of its kind has no value. */
#include "aws/host.h"
#include "aws/uri.h"
#include "aws/url.h"
#include "model/evaluate.h"
#include "model/partition.h"

static bool is_string(const struct awl_value *value)
{
    return value->kind == AWL_VALUE_STRING;
}

static bool is_true(const struct awl_value *value)
{
    return value->kind == AWL_VALUE_BOOLEAN && value->as.boolean;
}

static struct awl_value string_equals(const struct awl_value *args)
{
    return awl_value_boolean(is_string(&args[0]) && is_string(&args[1]) &&
                             awl_str_eq(args[0].as.string, args[1].as.string));
}

static struct awl_value boolean_equals(const struct awl_value *args)
{
    return awl_value_boolean(args[0].kind == AWL_VALUE_BOOLEAN &&
                             args[1].kind == AWL_VALUE_BOOLEAN &&
                             args[0].as.boolean == args[1].as.boolean);
}

/* substring(text, start, stop, reverse): with `reverse` counted from the end. */
static struct awl_value substring(const struct awl_value *args)
{
    if (!is_string(&args[0]) || args[1].kind != AWL_VALUE_INTEGER ||
        args[2].kind != AWL_VALUE_INTEGER || args[1].as.integer < 0)
        return awl_value_unset();
    awl_str text = args[0].as.string;
    size_t start = (size_t)args[1].as.integer;
    int32_t end = args[2].as.integer;
    if (end < 0 || start >= (size_t)end || (size_t)end > text.len)
        return awl_value_unset();
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] > 127)
            return awl_value_unset();
    size_t stop = (size_t)end;
    if (is_true(&args[3]))
        return awl_value_string(awl_str_slice(text, text.len - stop, text.len - start));
    return awl_value_string(awl_str_slice(text, start, stop));
}

static struct awl_value uri_encode(struct awl_evaluator *ev, const struct awl_value *args)
{
    struct awl_buf encoded;
    if (!is_string(&args[0]))
        return awl_value_unset();
    awl_buf_init(&encoded, ev->arena.max);
    enum awl_rc rc = awl_uri_encode(&encoded, args[0].as.string);
    awl_str copy = {NULL, 0};
    if (rc == AWL_OK)
        copy = awl_arena_copy(&ev->arena, awl_buf_str(&encoded));
    awl_buf_release(&encoded);
    return copy.ptr != NULL ? awl_value_string(copy) : awl_evaluator_stop(ev, AWL_ENOMEM);
}

/* `path` with a slash at both ends; ptr is NULL when memory is short. */
static awl_str normalized_path(struct awl_evaluator *ev, awl_str path)
{
    if (path.len == 0)
        return STR("/");
    if (awl_str_ends(path, STR("/")))
        return path;
    char *text = awl_arena_alloc(&ev->arena, path.len + 1);
    if (text == NULL)
        return (awl_str){NULL, 0};
    memcpy(text, path.ptr, path.len);
    text[path.len] = '/';
    return (awl_str){text, path.len + 1};
}

static struct awl_value parse_url(struct awl_evaluator *ev, const struct awl_value *args)
{
    struct awl_url parts;
    if (!is_string(&args[0]) ||
        awl_url_parse(args[0].as.string, &parts, NULL) != AWL_OK || parts.has_query ||
        (!awl_str_eq(parts.scheme, STR("https")) &&
         !awl_str_eq(parts.scheme, STR("http"))))
        return awl_value_unset();
    struct awl_rules_url *url = awl_arena_alloc(&ev->arena, sizeof(*url));
    if (url == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    *url = (struct awl_rules_url){
        .scheme = parts.scheme,
        .authority = parts.authority,
        .path = parts.path,
        .normalized_path = normalized_path(ev, parts.path),
        .is_ip = parts.is_ipv6 || awl_host_is_ipv4(parts.host),
    };
    if (url->normalized_path.ptr == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    return (struct awl_value){.kind = AWL_VALUE_URL, .as.url = url};
}

static struct awl_value parse_arn(struct awl_evaluator *ev, const struct awl_value *args)
{
    struct awl_arn parts;
    if (!is_string(&args[0]) || !awl_arn_parse(args[0].as.string, &parts))
        return awl_value_unset();
    struct awl_arn *arn = awl_arena_alloc(&ev->arena, sizeof(*arn));
    if (arn == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    *arn = parts;
    return (struct awl_value){.kind = AWL_VALUE_ARN, .as.arn = arn};
}

static struct awl_value partition_of(struct awl_evaluator *ev,
                                     const struct awl_value *args)
{
    if (!is_string(&args[0]))
        return awl_value_unset();
    const uint32_t *partition = awl_partition_find(&ev->partitions, args[0].as.string);
    if (partition == NULL)
        return awl_value_unset();
    return (struct awl_value){.kind = AWL_VALUE_PARTITION, .as.partition = partition};
}

/* split(text, delimiter, limit): at most `limit` parts unless that is 0. */
static struct awl_value split(struct awl_evaluator *ev, const struct awl_value *args)
{
    if (!is_string(&args[0]) || !is_string(&args[1]) || args[1].as.string.len == 0 ||
        args[2].kind != AWL_VALUE_INTEGER || args[2].as.integer < 0)
        return awl_value_unset();
    awl_str text = args[0].as.string, delimiter = args[1].as.string;
    size_t limit = args[2].as.integer > 0 ? (size_t)args[2].as.integer : SIZE_MAX;
    size_t room = text.len / delimiter.len + 1, count = 0, from = 0;
    awl_str *items =
        awl_arena_alloc(&ev->arena, (room < limit ? room : limit) * sizeof(*items));
    if (items == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    for (size_t at = 0; at + delimiter.len <= text.len && count + 1 < limit;) {
        if (memcmp(text.ptr + at, delimiter.ptr, delimiter.len) != 0) {
            at++;
            continue;
        }
        items[count++] = awl_str_slice(text, from, at);
        from = at += delimiter.len;
    }
    items[count++] = awl_str_slice(text, from, text.len);
    struct awl_value value = {.kind = AWL_VALUE_STRINGS};
    value.as.strings.items = items;
    value.as.strings.count = count;
    return value;
}

static struct awl_value coalesce(const struct awl_value *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (args[i].kind != AWL_VALUE_UNSET)
            return args[i];
    return awl_value_unset();
}

struct awl_value awl_evaluate_call(struct awl_evaluator *ev, enum awl_function function,
                                   const struct awl_value *args, uint32_t count)
{
    switch (function) {
    case AWL_FUNCTION_IS_SET:
        return awl_value_boolean(args[0].kind != AWL_VALUE_UNSET);
    case AWL_FUNCTION_NOT:
        return awl_value_boolean(!is_true(&args[0]));
    case AWL_FUNCTION_STRING_EQUALS:
        return string_equals(args);
    case AWL_FUNCTION_BOOLEAN_EQUALS:
        return boolean_equals(args);
    case AWL_FUNCTION_SUBSTRING:
        return substring(args);
    case AWL_FUNCTION_URI_ENCODE:
        return uri_encode(ev, args);
    case AWL_FUNCTION_PARSE_URL:
        return parse_url(ev, args);
    case AWL_FUNCTION_IS_VALID_HOST_LABEL:
        return awl_value_boolean(
            is_string(&args[0]) &&
            awl_host_label_valid(args[0].as.string, is_true(&args[1])));
    case AWL_FUNCTION_PARTITION:
        return partition_of(ev, args);
    case AWL_FUNCTION_PARSE_ARN:
        return parse_arn(ev, args);
    case AWL_FUNCTION_IS_VIRTUAL_HOSTABLE_S3_BUCKET:
        return awl_value_boolean(
            is_string(&args[0]) &&
            awl_host_s3_bucket_valid(args[0].as.string, is_true(&args[1])));
    case AWL_FUNCTION_SPLIT:
        return split(ev, args);
    case AWL_FUNCTION_COALESCE:
        return coalesce(args, count);
    case AWL_FUNCTION_ITE:
        return is_true(&args[0]) ? args[1] : args[2];
    default:
        return awl_value_unset();
    }
}

/* ---- getAttr ---- */

static struct awl_value partition_attribute(struct awl_evaluator *ev,
                                            const uint32_t *partition,
                                            enum awl_attribute attribute)
{
    switch (attribute) {
    case AWL_ATTRIBUTE_NAME:
        return awl_value_string(
            awl_pack_words_str(&ev->partitions, partition[AWL_PARTITION_NAME]));
    case AWL_ATTRIBUTE_DNS_SUFFIX:
        return awl_value_string(
            awl_pack_words_str(&ev->partitions, partition[AWL_PARTITION_DNS_SUFFIX]));
    case AWL_ATTRIBUTE_DUAL_STACK_DNS_SUFFIX:
        return awl_value_string(awl_pack_words_str(
            &ev->partitions, partition[AWL_PARTITION_DUAL_STACK_DNS_SUFFIX]));
    case AWL_ATTRIBUTE_IMPLICIT_GLOBAL_REGION:
        return awl_value_string(awl_pack_words_str(
            &ev->partitions, partition[AWL_PARTITION_IMPLICIT_GLOBAL_REGION]));
    case AWL_ATTRIBUTE_SUPPORTS_FIPS:
        return awl_value_boolean(partition[AWL_PARTITION_SUPPORTS_FIPS] != 0);
    case AWL_ATTRIBUTE_SUPPORTS_DUAL_STACK:
        return awl_value_boolean(partition[AWL_PARTITION_SUPPORTS_DUAL_STACK] != 0);
    default:
        return awl_value_unset();
    }
}

static struct awl_value arn_attribute(const struct awl_arn *arn,
                                      enum awl_attribute attribute)
{
    switch (attribute) {
    case AWL_ATTRIBUTE_PARTITION:
        return awl_value_string(arn->partition);
    case AWL_ATTRIBUTE_SERVICE:
        return awl_value_string(arn->service);
    case AWL_ATTRIBUTE_REGION:
        return awl_value_string(arn->region);
    case AWL_ATTRIBUTE_ACCOUNT_ID:
        return awl_value_string(arn->account_id);
    case AWL_ATTRIBUTE_RESOURCE_ID:
        return (struct awl_value){.kind = AWL_VALUE_RESOURCE, .as.string = arn->resource};
    default:
        return awl_value_unset();
    }
}

static struct awl_value url_attribute(const struct awl_rules_url *url,
                                      enum awl_attribute attribute)
{
    switch (attribute) {
    case AWL_ATTRIBUTE_SCHEME:
        return awl_value_string(url->scheme);
    case AWL_ATTRIBUTE_AUTHORITY:
        return awl_value_string(url->authority);
    case AWL_ATTRIBUTE_PATH:
        return awl_value_string(url->path);
    case AWL_ATTRIBUTE_NORMALIZED_PATH:
        return awl_value_string(url->normalized_path);
    case AWL_ATTRIBUTE_IS_IP:
        return awl_value_boolean(url->is_ip);
    default:
        return awl_value_unset();
    }
}

struct awl_value awl_evaluate_attribute(struct awl_evaluator *ev,
                                        const struct awl_value *of,
                                        enum awl_attribute attribute)
{
    switch (of->kind) {
    case AWL_VALUE_PARTITION:
        return partition_attribute(ev, of->as.partition, attribute);
    case AWL_VALUE_ARN:
        return arn_attribute(of->as.arn, attribute);
    case AWL_VALUE_URL:
        return url_attribute(of->as.url, attribute);
    default:
        return awl_value_unset();
    }
}

static size_t part_count(awl_str resource)
{
    awl_str part;
    size_t count = 0;
    while (awl_arn_resource_next(&resource, &part))
        count++;
    return count;
}

/* A negative index counts from the end. */
struct awl_value awl_evaluate_index(const struct awl_value *of, int32_t index)
{
    size_t count = 0;
    if (of->kind == AWL_VALUE_STRINGS)
        count = of->as.strings.count;
    else if (of->kind == AWL_VALUE_RESOURCE)
        count = part_count(of->as.string);
    size_t at = index >= 0 ? (size_t)index : count - (size_t)(-(int64_t)index);
    if (at >= count)
        return awl_value_unset();
    if (of->kind == AWL_VALUE_STRINGS)
        return awl_value_string(of->as.strings.items[at]);
    awl_str rest = of->as.string, part = STR("");
    for (size_t i = 0; i <= at; i++)
        awl_arn_resource_next(&rest, &part);
    return awl_value_string(part);
}
