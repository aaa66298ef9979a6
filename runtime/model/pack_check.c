/* A pack that was not built into the program may say anything: here each offset of
 * each record is looked at once, so that readers need not. */
#include "model/pack_check.h"

#include <stdlib.h>

bool awl_check(struct awl_checker *c, bool holds, const char *reason)
{
    if (!holds && c->reason == NULL)
        c->reason = reason;
    return c->reason == NULL;
}

bool awl_check_words(struct awl_checker *c, uint32_t index, uint64_t count)
{
    return awl_check(c, index + count <= c->part->counts[AWL_PACK_WORDS],
                     "a list leads outside");
}

bool awl_check_string(struct awl_checker *c, uint32_t offset, bool optional)
{
    uint16_t len;
    uint64_t end = c->part->counts[AWL_PACK_STRINGS];
    if (optional && offset == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check(c, offset >= sizeof(len) && offset <= end, "a name leads outside"))
        return false;
    memcpy(&len, c->part->strings + offset - sizeof(len), sizeof(len));
    return awl_check(c,
                     (uint64_t)offset + len < end &&
                         c->part->strings[(uint64_t)offset + len] == '\0',
                     "a name does not end");
}

bool awl_check_strings(struct awl_checker *c, uint32_t index, uint64_t count)
{
    if (!awl_check_words(c, index, count))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!awl_check_string(c, c->part->words[index + i], false))
            return false;
    return true;
}

/* ---- shapes ---- */

/* A hash table whose entries are members, with room for a search to end. */
static bool check_table(struct awl_checker *c, uint32_t index, uint32_t member_count)
{
    uint64_t end = c->part->counts[AWL_PACK_SLOTS];
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check(c, index < end, "a table leads outside"))
        return false;
    const uint16_t *table = c->part->slots + index;
    if (!awl_check(c,
                   table[0] <= AWL_TABLE_BITS_MAX &&
                       index + UINT64_C(1) + (1u << table[0]) <= end,
                   "a table leads outside"))
        return false;
    uint32_t empty = 0;
    for (uint32_t i = 0; i < 1u << table[0]; i++) {
        uint32_t entry = table[1 + i] & AWL_TABLE_INDEX_MASK;
        empty += table[1 + i] == 0;
        if (!awl_check(c, table[1 + i] == 0 || (entry > 0 && entry <= member_count),
                       "a table's entry is no member"))
            return false;
    }
    return awl_check(c, empty > 0, "a table is full");
}

static bool check_extra(struct awl_checker *c, uint32_t index)
{
    const uint32_t known = (AWL_EXTRA_PREFIX << 1) - 1;
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check_words(c, index, 1))
        return false;
    uint32_t bits = c->part->words[index++];
    if (!awl_check(c, (bits & ~known) == 0, "a shape has unknown traits"))
        return false;
    for (uint32_t bit = 1; bit <= AWL_EXTRA_PREFIX; bit <<= 1) {
        if ((bits & bit) == 0)
            continue;
        if (bit == AWL_EXTRA_STATUS) {
            index += 1;
        } else if (bit == AWL_EXTRA_MIN || bit == AWL_EXTRA_MAX) {
            index += 2;
        } else if (bit == AWL_EXTRA_ENUM) {
            if (!awl_check_words(c, index, 1))
                return false;
            uint32_t count = c->part->words[index];
            if (!awl_check_strings(c, index + 1, count))
                return false;
            index += 1 + count;
        } else if (!awl_check_strings(c, index++, 1)) {
            return false;
        }
        if (!awl_check_words(c, index, 0))
            return false;
    }
    return true;
}

static bool check_member_count(struct awl_checker *c, const struct awl_shape *shape)
{
    uint32_t count = shape->member_count;
    switch (shape->type) {
    case AWL_SHAPE_STRUCTURE:
        return awl_check(c, count <= AWL_TABLE_MEMBERS_MAX, "a structure is too large");
    case AWL_SHAPE_LIST:
        return awl_check(c, count == 1, "a list without an element");
    case AWL_SHAPE_MAP:
        return awl_check(c, count == 2, "a map without key and value");
    default:
        return awl_check(c, shape->type <= AWL_SHAPE_DOCUMENT && count == 0,
                         "a shape of an unknown type");
    }
}

static bool check_shape(struct awl_checker *c, const struct awl_shape *shape)
{
    return awl_check_string(c, shape->name, false) && check_member_count(c, shape) &&
           awl_check(c,
                     (uint64_t)shape->members + shape->member_count <=
                         c->part->counts[AWL_PACK_MEMBERS],
                     "a shape's members lead outside") &&
           awl_check(c,
                     shape->payload <= shape->member_count &&
                         shape->event_payload <= shape->member_count &&
                         shape->required_count <= shape->member_count &&
                         shape->timestamp_format <= AWL_TIMESTAMP_UNIX,
                     "a shape has a bad trait") &&
           check_table(c, shape->by_name, shape->member_count) &&
           check_table(c, shape->by_wire_name, shape->member_count) &&
           check_extra(c, shape->extra);
}

static bool check_member(struct awl_checker *c, const struct awl_member *member)
{
    return awl_check_string(c, member->name, false) &&
           awl_check_string(c, member->wire_name, false) &&
           awl_check(c,
                     member->shape < c->part->counts[AWL_PACK_SHAPES] &&
                         member->key < c->part->service->key_count &&
                         member->location <= AWL_LOCATION_STATUS_CODE &&
                         member->timestamp_format <= AWL_TIMESTAMP_UNIX,
                     "a member leads outside");
}

static bool check_shapes(struct awl_checker *c)
{
    const struct awl_part *part = c->part;
    for (uint32_t i = 0; i < part->counts[AWL_PACK_SHAPES]; i++)
        if (!check_shape(c, &part->shapes[i]))
            return false;
    for (uint32_t i = 0; i < part->counts[AWL_PACK_MEMBERS]; i++)
        if (!check_member(c, &part->members[i]))
            return false;
    for (uint32_t i = 0; i < part->counts[AWL_PACK_MEMBER_EXTRAS]; i++) {
        const struct awl_member_extra *extra = &part->member_extras[i];
        if (!awl_check_string(c, extra->query_name, true) ||
            !awl_check_string(c, extra->xml_namespace, true) ||
            !awl_check_string(c, extra->xml_prefix, true) ||
            !awl_check_string(c, extra->context_param, true))
            return false;
    }
    return true;
}

/* ---- operations ---- */

static bool check_paginator(struct awl_checker *c, uint32_t index)
{
    uint64_t count = 0;
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check_words(c, index, AWL_PAGINATOR_WORDS))
        return false;
    const uint32_t *w = c->part->words + index;
    for (unsigned i = 0; i <= AWL_PAGINATOR_NON_AGGREGATE_COUNT; i++)
        count += w[i];
    return awl_check_string(c, w[AWL_PAGINATOR_LIMIT_KEY], true) &&
           awl_check_string(c, w[AWL_PAGINATOR_MORE_RESULTS], true) &&
           awl_check(c, count <= c->part->counts[AWL_PACK_WORDS],
                     "a list leads outside") &&
           awl_check_strings(c, index + AWL_PAGINATOR_WORDS, count);
}

static bool check_bindings(struct awl_checker *c, uint32_t index)
{
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check_words(c, index, 1))
        return false;
    uint32_t count = c->part->words[index];
    if (!awl_check_words(c, index + 1, (uint64_t)count * AWL_BINDING_WORDS))
        return false;
    const uint32_t *w = c->part->words + index + 1;
    for (uint32_t i = 0; i < count; i++, w += AWL_BINDING_WORDS)
        if (!awl_check_string(c, w[AWL_BINDING_PARAMETER], false) ||
            !awl_check_string(c, w[AWL_BINDING_PATH], true) ||
            (w[AWL_BINDING_VALUE] != AWL_MODEL_NONE &&
             !awl_check_constant(c, w[AWL_BINDING_VALUE])))
            return false;
    return true;
}

static bool is_structure(const struct awl_checker *c, uint32_t shape)
{
    return shape < c->part->counts[AWL_PACK_SHAPES] &&
           c->part->shapes[shape].type == AWL_SHAPE_STRUCTURE;
}

/* Words that are indices of structures. */
static bool check_errors(struct awl_checker *c, uint64_t index, uint32_t count)
{
    if (!awl_check(c, index + count <= c->part->counts[AWL_PACK_WORDS],
                   "a list leads outside"))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!awl_check(c, is_structure(c, c->part->words[index + i]),
                       "an error is no structure"))
            return false;
    return true;
}

static bool check_structure(struct awl_checker *c, uint32_t shape)
{
    return awl_check(c, shape == AWL_MODEL_NONE || is_structure(c, shape),
                     "an operation's input or output is no structure");
}

static bool check_operation(struct awl_checker *c, const struct awl_operation *op)
{
    const uint32_t optional[] = {
        op->http_method,          op->request_uri,
        op->input_wire_name,      op->input_namespace,
        op->input_prefix,         op->result_wrapper,
        op->host_prefix,          op->checksum_member,
        op->checksum_mode_member, op->auth,
        op->response_checksums,
    };
    for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (!awl_check_string(c, optional[i], true))
            return false;
    return awl_check_string(c, op->name, false) &&
           awl_check_string(c, op->method_name, false) && check_structure(c, op->input) &&
           check_structure(c, op->output) &&
           check_errors(c, (uint64_t)c->part->service->errors + op->errors,
                        op->error_count) &&
           check_bindings(c, op->extra) && check_paginator(c, op->paginator);
}

static bool check_operations(struct awl_checker *c)
{
    const struct awl_part *part = c->part;
    const struct awl_pack_service *s = part->service;
    uint32_t count = part->counts[AWL_PACK_OPERATIONS];
    if (!awl_check(c, (uint64_t)s->methods + count <= part->counts[AWL_PACK_SLOTS],
                   "the methods lead outside"))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_operation(c, &part->operations[i]) ||
            !awl_check(c, part->slots[s->methods + i] < count,
                       "a method is no operation"))
            return false;
    return check_errors(c, s->exceptions, s->exception_count);
}

/* ---- waiters ---- */

static bool check_waiters(struct awl_checker *c)
{
    const struct awl_pack_service *s = c->part->service;
    if (!awl_check_words(c, s->waiters, (uint64_t)s->waiter_count * AWL_WAITER_WORDS))
        return false;
    const uint32_t *w = c->part->words + s->waiters;
    for (uint32_t i = 0; i < s->waiter_count; i++, w += AWL_WAITER_WORDS) {
        uint64_t words = (uint64_t)w[AWL_WAITER_ACCEPTOR_COUNT] * AWL_ACCEPTOR_WORDS;
        if (!awl_check_string(c, w[AWL_WAITER_NAME], false) ||
            !awl_check_string(c, w[AWL_WAITER_METHOD_NAME], false) ||
            !awl_check_string(c, w[AWL_WAITER_OPERATION], true) ||
            !awl_check_words(c, w[AWL_WAITER_ACCEPTORS], words))
            return false;
        for (uint64_t j = 0; j < words; j++)
            if (!awl_check_string(c, c->part->words[w[AWL_WAITER_ACCEPTORS] + j], true))
                return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool check_service(struct awl_checker *c)
{
    if (!awl_check(c, c->part->counts[AWL_PACK_SERVICE] == 1, "a service has no record"))
        return false;
    const struct awl_pack_service *s = c->part->service;
    const uint32_t optional[] = {
        s->api_version,   s->service_id,   s->endpoint_prefix, s->signing_name,
        s->target_prefix, s->json_version, s->xml_namespace,   s->signature_version,
        s->auth,          s->full_name,
    };
    for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (!awl_check_string(c, optional[i], true))
            return false;
    return awl_check_string(c, s->name, false) &&
           awl_check(c,
                     s->protocol < AWL_PROTOCOL_COUNT && s->http2 <= AWL_HTTP2_OPTIONAL &&
                         s->key_count <= UINT16_MAX + 1u,
                     "a service has a bad trait") &&
           awl_check_words(c, s->errors, 0) && check_shapes(c) && check_operations(c) &&
           check_waiters(c) &&
           (s->rules == AWL_MODEL_NONE || awl_check_rules(c, s->rules));
}

/* What finding a service reads. */
static bool check_directory(struct awl_checker *c, uint32_t data_version)
{
    const struct awl_part *part = c->part;
    if (!awl_check_string(c, data_version, false))
        return false;
    for (uint32_t i = 0; i < part->counts[AWL_PACK_ENTRIES]; i++)
        if (!awl_check_string(c, part->entries[i].name, false) ||
            !awl_check_string(c, part->entries[i].api_version, true))
            return false;
    for (uint32_t i = 0; i < part->counts[AWL_PACK_ALIASES]; i++)
        if (!awl_check_string(c, part->aliases[i].name, false) ||
            !awl_check(c, part->aliases[i].service < part->counts[AWL_PACK_ENTRIES],
                       "an alias of no service"))
            return false;
    return true;
}

static enum awl_rc checker_init(struct awl_checker *c, const struct awl_part *part,
                                struct awl_error *err)
{
    size_t len = part->counts[AWL_PACK_WORDS] / 8 + (size_t)1;
    *c = (struct awl_checker){.part = part, .expressions = calloc(2, len)};
    if (c->expressions == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    c->rules = c->expressions + len;
    return AWL_OK;
}

static enum awl_rc checker_finish(struct awl_checker *c, const char *what,
                                  struct awl_error *err)
{
    free(c->expressions);
    return c->reason == NULL ? AWL_OK
                             : awl_error_set(err, AWL_EPARSE, "%s: %s", what, c->reason);
}

enum awl_rc awl_pack_check_service(const struct awl_part *part, const char *what,
                                   struct awl_error *err)
{
    struct awl_checker c;
    enum awl_rc rc = checker_init(&c, part, err);
    if (rc != AWL_OK)
        return rc;
    check_service(&c);
    return checker_finish(&c, what, err);
}

static enum awl_rc services_check(const struct awl_pack *pack, struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    for (uint32_t i = 0; rc == AWL_OK && i < awl_pack_service_count(pack); i++) {
        struct awl_part part;
        rc = awl_pack_part(pack, i, &part, err);
        if (rc == AWL_OK)
            rc = awl_pack_check_service(&part, AWL_PACK_DAMAGED, err);
    }
    return rc;
}

enum awl_rc awl_pack_check(const struct awl_pack *pack, bool services,
                           struct awl_error *err)
{
    struct awl_checker c = {.part = &pack->directory};
    check_directory(&c, pack->data_version);
    c.part = &pack->partitions;
    awl_check_partitions(&c, pack->partition_list);
    enum awl_rc rc = checker_finish(&c, AWL_PACK_DAMAGED, err);
    return rc == AWL_OK && services ? services_check(pack, err) : rc;
}
