#include "aws/sigv4_canonical.h"

#include <stdlib.h>

#include "aws/uri.h"

#define INSERTION_SORT_MAX 24

void awl_sigv4_clear(struct awl_sigv4 *sigv4)
{
    sigv4->fields.count = 0;
    sigv4->pairs.count = 0;
    awl_buf_clear(&sigv4->signed_headers);
    awl_buf_clear(&sigv4->query);
    awl_buf_clear(&sigv4->normal_path);
    awl_buf_clear(&sigv4->path);
    awl_buf_clear(&sigv4->string_to_sign);
    awl_buf_clear(&sigv4->text);
}

enum awl_rc awl_sigv4_items_add(struct awl_sigv4_items *items, awl_str name,
                                awl_str value)
{
    if (items->count == items->cap) {
        size_t cap = items->cap > 0 ? items->cap * 2 : 16;
        struct awl_sigv4_item *grown = realloc(items->items, cap * sizeof *grown);
        if (grown == NULL)
            return AWL_ENOMEM;
        items->items = grown;
        items->cap = cap;
    }
    items->items[items->count] = (struct awl_sigv4_item){name, value, items->count};
    items->count++;
    return AWL_OK;
}

typedef int item_order(const void *a, const void *b);

/* Requests have few fields and pairs; those that have many come from elsewhere. */
static void items_sort(struct awl_sigv4_items *items, item_order *order)
{
    struct awl_sigv4_item *list = items->items;
    if (items->count > INSERTION_SORT_MAX) {
        qsort(list, items->count, sizeof *list, order);
        return;
    }
    for (size_t i = 1; i < items->count; i++) {
        struct awl_sigv4_item item = list[i];
        size_t at = i;
        for (; at > 0 && order(&list[at - 1], &item) > 0; at--)
            list[at] = list[at - 1];
        list[at] = item;
    }
}

static int name_cmp_nocase(awl_str a, awl_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++) {
        int order = (uint8_t)awl_char_lower(a.ptr[i]) - (uint8_t)awl_char_lower(b.ptr[i]);
        if (order != 0)
            return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static int field_order(const void *a, const void *b)
{
    const struct awl_sigv4_item *x = a, *y = b;
    int order = name_cmp_nocase(x->name, y->name);
    if (order != 0)
        return order;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int pair_order(const void *a, const void *b)
{
    const struct awl_sigv4_item *x = a, *y = b;
    int order = awl_str_cmp(x->name, y->name);
    return order != 0 ? order : awl_str_cmp(x->value, y->value);
}

/* Does this field go on the line of the one before it? */
static bool field_continues(const struct awl_sigv4_items *fields, size_t index)
{
    return index > 0 &&
           awl_str_eq_nocase(fields->items[index - 1].name, fields->items[index].name);
}

/* In lower case, which is then the field's name as well. */
static void append_name(struct awl_buf *out, struct awl_sigv4_item *field)
{
    char *lower = out->ptr + out->len;
    awl_buf_append_str(out, field->name);
    for (size_t i = 0; i < field->name.len; i++)
        lower[i] = awl_char_lower(lower[i]);
    field->name.ptr = lower;
}

/* Room for all of them first: the fields are given names in it. */
static enum awl_rc names_reserve(struct awl_buf *out,
                                 const struct awl_sigv4_items *fields)
{
    size_t len = 0;
    for (size_t i = 0; i < fields->count; i++)
        len += fields->items[i].name.len + 1;
    return awl_buf_reserve(out, len);
}

enum awl_rc awl_sigv4_fields_sort(struct awl_sigv4 *sigv4)
{
    struct awl_sigv4_items *fields = &sigv4->fields;
    struct awl_buf *out = &sigv4->signed_headers;
    enum awl_rc rc = names_reserve(out, fields);
    if (rc != AWL_OK)
        return rc;
    items_sort(fields, field_order);
    for (size_t i = 0; i < fields->count; i++) {
        if (field_continues(fields, i))
            continue;
        if (i > 0)
            awl_buf_append_char(out, ';');
        append_name(out, &fields->items[i]);
    }
    return AWL_OK;
}

enum awl_rc awl_sigv4_query(struct awl_sigv4 *sigv4, awl_str query, awl_str except)
{
    struct awl_buf *out = &sigv4->query;
    if (query.len == 0)
        return AWL_OK;
    /* At worst every byte becomes three. The items point into the buffer, so it must
     * not grow afterwards. */
    enum awl_rc rc = awl_buf_reserve(out, 3 * query.len);
    awl_str key, value;
    while (rc == AWL_OK && awl_query_next(&query, &key, &value)) {
        size_t start = out->len;
        awl_uri_canonicalize(out, key);
        size_t middle = out->len;
        rc = awl_uri_canonicalize(out, value);
        awl_str name = awl_str_make(out->ptr + start, middle - start);
        if (rc == AWL_OK && (except.len == 0 || !awl_str_eq(name, except)))
            rc = awl_sigv4_items_add(&sigv4->pairs, name,
                                     awl_str_make(out->ptr + middle, out->len - middle));
    }
    items_sort(&sigv4->pairs, pair_order);
    return rc;
}

/* ---- the canonical request, hashed as it is written ---- */

/* Gathers small pieces: a call of the hash for each of them would cost more than
 * copying them. */
struct sink {
    struct awl_sha256 sha;
    struct awl_buf *copy; /* NULL unless somebody wants to see the text */
    size_t fill;
    char block[512];
};

static void sink_init(struct sink *sink, struct awl_buf *copy)
{
    awl_sha256_init(&sink->sha);
    sink->copy = copy;
    sink->fill = 0;
}

static void sink_flush(struct sink *sink)
{
    awl_sha256_update(&sink->sha, sink->block, sink->fill);
    if (sink->copy != NULL)
        awl_buf_append(sink->copy, sink->block, sink->fill);
    sink->fill = 0;
}

static void sink_put(struct sink *sink, awl_str text)
{
    while (text.len > 0) {
        size_t room = sizeof sink->block - sink->fill;
        size_t part = text.len < room ? text.len : room;
        memcpy(sink->block + sink->fill, text.ptr, part);
        sink->fill += part;
        text = awl_str_make(text.ptr + part, text.len - part);
        if (sink->fill == sizeof sink->block)
            sink_flush(sink);
    }
}

static void sink_putc(struct sink *sink, char c)
{
    sink->block[sink->fill++] = c;
    if (sink->fill == sizeof sink->block)
        sink_flush(sink);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Nothing but single spaces, as nearly all values have. */
static bool is_plain(awl_str value)
{
    for (size_t i = 0; (i = awl_str_find(value, ' ', i)) != SIZE_MAX; i++) {
        if (is_blank(value.ptr[i + 1])) /* the last byte is no blank */
            return false;
    }
    return awl_str_find(value, '\t', 0) == SIZE_MAX &&
           awl_str_find(value, '\r', 0) == SIZE_MAX &&
           awl_str_find(value, '\n', 0) == SIZE_MAX;
}

/* Trimmed, and every run of white space inside as one space. */
static void put_value(struct sink *sink, awl_str value)
{
    value = awl_str_trim(value);
    if (is_plain(value)) {
        sink_put(sink, value);
        return;
    }
    size_t from = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (!is_blank(value.ptr[i]))
            continue;
        sink_put(sink, awl_str_slice(value, from, i));
        sink_putc(sink, ' ');
        while (is_blank(value.ptr[i + 1])) /* ends: the last byte is no blank */
            i++;
        from = i + 1;
    }
    sink_put(sink, awl_str_slice(value, from, value.len));
}

static void put_fields(struct sink *sink, const struct awl_sigv4_items *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct awl_sigv4_item *field = &fields->items[i];
        if (field_continues(fields, i)) {
            sink_putc(sink, ',');
        } else {
            if (i > 0)
                sink_putc(sink, '\n');
            sink_put(sink, field->name);
            sink_putc(sink, ':');
        }
        put_value(sink, field->value);
    }
    sink_putc(sink, '\n');
}

static void put_query(struct sink *sink, const struct awl_sigv4_items *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (i > 0)
            sink_putc(sink, '&');
        sink_put(sink, pairs->items[i].name);
        sink_putc(sink, '=');
        sink_put(sink, pairs->items[i].value);
    }
}

/* Into sigv4->path. */
static enum awl_rc canonical_path(struct awl_sigv4 *sigv4,
                                  const struct awl_sigv4_params *params, awl_str path)
{
    if (path.len == 0)
        path = STR("/");
    if (params->normalize_path && !awl_uri_path_is_normal(path)) {
        enum awl_rc rc = awl_uri_normalize_path(&sigv4->normal_path, path);
        if (rc != AWL_OK)
            return rc;
        path = awl_buf_str(&sigv4->normal_path);
    }
    return params->double_encode_path ? awl_uri_encode_path(&sigv4->path, path)
                                      : awl_uri_encode_path_rest(&sigv4->path, path);
}

static enum awl_rc request_hash(struct awl_sigv4 *sigv4,
                                const struct awl_sigv4_params *params,
                                const struct awl_sigv4_target *target,
                                awl_str payload_hash, char hash[AWL_SHA256_HEX_LEN + 1])
{
    uint8_t digest[AWL_SHA256_LEN];
    struct awl_buf *copy =
        params->trace != NULL ? &params->trace->canonical_request : NULL;
    struct sink sink;

    enum awl_rc rc = canonical_path(sigv4, params, target->path);
    if (rc != AWL_OK)
        return rc;
    sink_init(&sink, copy);
    sink_put(&sink, target->method);
    sink_putc(&sink, '\n');
    sink_put(&sink, awl_buf_str(&sigv4->path));
    sink_putc(&sink, '\n');
    put_query(&sink, &sigv4->pairs);
    sink_putc(&sink, '\n');
    put_fields(&sink, &sigv4->fields);
    sink_putc(&sink, '\n');
    sink_put(&sink, awl_buf_str(&sigv4->signed_headers));
    sink_putc(&sink, '\n');
    sink_put(&sink, payload_hash);
    sink_flush(&sink);

    awl_sha256_final(&sink.sha, digest);
    awl_hex_encode(hash, digest, sizeof digest);
    hash[AWL_SHA256_HEX_LEN] = '\0';
    return copy != NULL ? awl_buf_rc(copy) : AWL_OK;
}

/* ---- the string to sign and the signature ---- */

awl_str awl_sigv4_algorithm(const struct awl_sigv4_scope *scope)
{
    return scope->asymmetric ? STR(AWL_SIGV4A_ALGORITHM) : STR(AWL_SIGV4_ALGORITHM);
}

void awl_sigv4_scope_append(struct awl_buf *out, const struct awl_sigv4_scope *scope)
{
    awl_buf_append(out, scope->date, AWL_SIGV4_DAY_LEN);
    awl_buf_append_char(out, '/');
    if (!scope->asymmetric) {
        awl_buf_append_str(out, scope->region);
        awl_buf_append_char(out, '/');
    }
    awl_buf_append_str(out, scope->service);
    awl_buf_append_str(out, STR("/aws4_request"));
}

static enum awl_rc pair_signature(struct awl_sigv4 *sigv4,
                                  const struct awl_credentials *credentials, awl_str text,
                                  char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1])
{
    struct awl_sigv4a_key *key;
    enum awl_rc rc = awl_sigv4a_keys_get(&sigv4->pairs_of_keys, credentials, &key);
    return rc == AWL_OK ? awl_sigv4a_key_sign(key, text, signature) : rc;
}

enum awl_rc awl_sigv4_text_signature(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_credentials *credentials,
                                     awl_str text,
                                     char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1])
{
    uint8_t mac[AWL_SHA256_LEN];
    if (scope->asymmetric)
        return pair_signature(sigv4, credentials, text, signature);
    const struct awl_hmac_sha256_key *key = awl_sigv4_keys_get(
        &sigv4->keys, credentials, scope->date, scope->region, scope->service);
    if (key == NULL)
        return AWL_ENOMEM;
    awl_hmac_sha256(key, text.ptr, text.len, mac);
    awl_hex_encode(signature, mac, sizeof mac);
    signature[AWL_SIGV4_SIGNATURE_LEN] = '\0';
    return AWL_OK;
}

enum awl_rc awl_sigv4_string_to_sign(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_params *params,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_sigv4_target *target,
                                     awl_str payload_hash)
{
    char hash[AWL_SHA256_HEX_LEN + 1];
    struct awl_buf *out = &sigv4->string_to_sign;
    if (params->trace != NULL) {
        awl_buf_clear(&params->trace->canonical_request);
        awl_buf_clear(&params->trace->string_to_sign);
    }
    enum awl_rc rc = request_hash(sigv4, params, target, payload_hash, hash);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append_str(out, awl_sigv4_algorithm(scope));
    awl_buf_append_char(out, '\n');
    awl_buf_append(out, scope->date, AWL_SIGV4_DATE_LEN);
    awl_buf_append_char(out, '\n');
    awl_sigv4_scope_append(out, scope);
    awl_buf_append_char(out, '\n');
    awl_buf_append(out, hash, AWL_SHA256_HEX_LEN);
    rc = awl_buf_rc(out);
    if (rc == AWL_OK && params->trace != NULL)
        rc = awl_buf_append_str(&params->trace->string_to_sign, awl_buf_str(out));
    return rc;
}
