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
    return awl_check(c, index + count <= c->pack->counts[AWL_PACK_WORDS],
                     "a list leads outside");
}

bool awl_check_string(struct awl_checker *c, uint32_t offset, bool optional)
{
    uint16_t len;
    uint64_t end = c->pack->counts[AWL_PACK_STRINGS];
    if (optional && offset == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check(c, offset >= sizeof(len) && offset <= end, "a name leads outside"))
        return false;
    memcpy(&len, c->pack->strings + offset - sizeof(len), sizeof(len));
    return awl_check(c,
                     (uint64_t)offset + len < end &&
                         c->pack->strings[(uint64_t)offset + len] == '\0',
                     "a name does not end");
}

bool awl_check_strings(struct awl_checker *c, uint32_t index, uint64_t count)
{
    if (!awl_check_words(c, index, count))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!awl_check_string(c, c->pack->words[index + i], false))
            return false;
    return true;
}

static bool check_range(struct awl_checker *c, enum awl_pack_section section,
                        uint32_t first, uint32_t count)
{
    return awl_check(c, (uint64_t)first + count <= c->pack->counts[section],
                     "a service leads outside");
}

/* ---- shapes ---- */

/* A hash table whose entries are members, with room for a search to end. */
static bool check_table(struct awl_checker *c, uint32_t index, uint32_t member_count)
{
    uint64_t end = c->pack->counts[AWL_PACK_SLOTS];
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check(c, index < end, "a table leads outside"))
        return false;
    const uint16_t *table = c->pack->slots + index;
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
    uint32_t bits = c->pack->words[index++];
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
            uint32_t count = c->pack->words[index];
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

static bool check_shape(struct awl_checker *c, const struct awl_pack_service *s,
                        const struct awl_shape *shape)
{
    return awl_check_string(c, shape->name, false) && check_member_count(c, shape) &&
           awl_check(c, (uint64_t)shape->members + shape->member_count <= s->member_count,
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

static bool check_member(struct awl_checker *c, const struct awl_pack_service *s,
                         const struct awl_member *member)
{
    return awl_check_string(c, member->name, false) &&
           awl_check_string(c, member->wire_name, false) &&
           awl_check(c,
                     member->shape < s->shape_count && member->key < s->key_count &&
                         member->location <= AWL_LOCATION_STATUS_CODE &&
                         member->timestamp_format <= AWL_TIMESTAMP_UNIX,
                     "a member leads outside");
}

static bool check_shapes(struct awl_checker *c, const struct awl_pack_service *s)
{
    const struct awl_pack *pack = c->pack;
    if (!check_range(c, AWL_PACK_SHAPES, s->shapes, s->shape_count) ||
        !check_range(c, AWL_PACK_MEMBERS, s->members, s->member_count) ||
        !check_range(c, AWL_PACK_MEMBER_EXTRAS, s->member_extras, s->member_extra_count))
        return false;
    for (uint32_t i = 0; i < s->shape_count; i++)
        if (!check_shape(c, s, &pack->shapes[s->shapes + i]))
            return false;
    for (uint32_t i = 0; i < s->member_count; i++)
        if (!check_member(c, s, &pack->members[s->members + i]))
            return false;
    for (uint32_t i = 0; i < s->member_extra_count; i++) {
        const struct awl_member_extra *extra = &pack->member_extras[s->member_extras + i];
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
    const uint32_t *w = c->pack->words + index;
    for (unsigned i = 0; i <= AWL_PAGINATOR_NON_AGGREGATE_COUNT; i++)
        count += w[i];
    return awl_check_string(c, w[AWL_PAGINATOR_LIMIT_KEY], true) &&
           awl_check_string(c, w[AWL_PAGINATOR_MORE_RESULTS], true) &&
           awl_check(c, count <= c->pack->counts[AWL_PACK_WORDS],
                     "a list leads outside") &&
           awl_check_strings(c, index + AWL_PAGINATOR_WORDS, count);
}

static bool check_bindings(struct awl_checker *c, uint32_t index)
{
    if (index == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check_words(c, index, 1))
        return false;
    uint32_t count = c->pack->words[index];
    if (!awl_check_words(c, index + 1, (uint64_t)count * AWL_BINDING_WORDS))
        return false;
    const uint32_t *w = c->pack->words + index + 1;
    for (uint32_t i = 0; i < count; i++, w += AWL_BINDING_WORDS)
        if (!awl_check_string(c, w[AWL_BINDING_PARAMETER], false) ||
            !awl_check_string(c, w[AWL_BINDING_PATH], true) ||
            (w[AWL_BINDING_VALUE] != AWL_MODEL_NONE &&
             !awl_check_constant(c, w[AWL_BINDING_VALUE])))
            return false;
    return true;
}

/* Words that are indices of structures. */
static bool check_structures(struct awl_checker *c, const struct awl_pack_service *s,
                             uint64_t index, uint32_t count)
{
    if (!awl_check(c, index + count <= c->pack->counts[AWL_PACK_WORDS],
                   "a list leads outside"))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shape = c->pack->words[index + i];
        if (!awl_check(c,
                       shape < s->shape_count &&
                           c->pack->shapes[s->shapes + shape].type == AWL_SHAPE_STRUCTURE,
                       "an error is no structure"))
            return false;
    }
    return true;
}

static bool check_structure(struct awl_checker *c, const struct awl_pack_service *s,
                            uint32_t shape)
{
    return awl_check(c,
                     shape == AWL_MODEL_NONE ||
                         (shape < s->shape_count &&
                          c->pack->shapes[s->shapes + shape].type == AWL_SHAPE_STRUCTURE),
                     "an operation's input or output is no structure");
}

static bool check_operation(struct awl_checker *c, const struct awl_pack_service *s,
                            const struct awl_operation *op)
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
           awl_check_string(c, op->method_name, false) &&
           check_structure(c, s, op->input) && check_structure(c, s, op->output) &&
           check_structures(c, s, (uint64_t)s->errors + op->errors, op->error_count) &&
           check_bindings(c, op->extra) && check_paginator(c, op->paginator);
}

static bool check_operations(struct awl_checker *c, const struct awl_pack_service *s)
{
    if (!check_range(c, AWL_PACK_OPERATIONS, s->operations, s->operation_count) ||
        !check_range(c, AWL_PACK_SLOTS, s->methods, s->operation_count))
        return false;
    for (uint32_t i = 0; i < s->operation_count; i++)
        if (!check_operation(c, s, &c->pack->operations[s->operations + i]) ||
            !awl_check(c, c->pack->slots[s->methods + i] < s->operation_count,
                       "a method is no operation"))
            return false;
    return check_structures(c, s, s->exceptions, s->exception_count);
}

/* ---- waiters ---- */

static bool check_waiters(struct awl_checker *c, const struct awl_pack_service *s)
{
    if (!awl_check_words(c, s->waiters, (uint64_t)s->waiter_count * AWL_WAITER_WORDS))
        return false;
    const uint32_t *w = c->pack->words + s->waiters;
    for (uint32_t i = 0; i < s->waiter_count; i++, w += AWL_WAITER_WORDS) {
        uint64_t words = (uint64_t)w[AWL_WAITER_ACCEPTOR_COUNT] * AWL_ACCEPTOR_WORDS;
        if (!awl_check_string(c, w[AWL_WAITER_NAME], false) ||
            !awl_check_string(c, w[AWL_WAITER_METHOD_NAME], false) ||
            !awl_check_string(c, w[AWL_WAITER_OPERATION], true) ||
            !awl_check_words(c, w[AWL_WAITER_ACCEPTORS], words))
            return false;
        for (uint64_t j = 0; j < words; j++)
            if (!awl_check_string(c, c->pack->words[w[AWL_WAITER_ACCEPTORS] + j], true))
                return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool check_service(struct awl_checker *c, const struct awl_pack_service *s)
{
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
           check_shapes(c, s) && check_operations(c, s) && check_waiters(c, s) &&
           (s->rules == AWL_MODEL_NONE || awl_check_rules(c, s->rules));
}

/* What finding a service reads. */
static bool check_directory(struct awl_checker *c)
{
    const struct awl_pack *pack = c->pack;
    if (!awl_check_string(c, pack->data_version, false) || !awl_check_partitions(c))
        return false;
    for (uint32_t i = 0; i < pack->counts[AWL_PACK_SERVICES]; i++)
        if (!awl_check_string(c, pack->services[i].name, false) ||
            !awl_check_string(c, pack->services[i].api_version, true))
            return false;
    for (uint32_t i = 0; i < pack->counts[AWL_PACK_ALIASES]; i++)
        if (!awl_check_string(c, pack->aliases[i].name, false) ||
            !awl_check(c, pack->aliases[i].service < pack->counts[AWL_PACK_SERVICES],
                       "an alias of no service"))
            return false;
    return true;
}

static bool check_services(struct awl_checker *c)
{
    for (uint32_t i = 0; i < c->pack->counts[AWL_PACK_SERVICES]; i++)
        if (!check_service(c, &c->pack->services[i]))
            return false;
    return true;
}

static enum awl_rc checker_init(struct awl_checker *c, const struct awl_pack *pack,
                                struct awl_error *err)
{
    size_t len = pack->counts[AWL_PACK_WORDS] / 8 + (size_t)1;
    *c = (struct awl_checker){.pack = pack, .expressions = calloc(2, len)};
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

enum awl_rc awl_pack_check(const struct awl_pack *pack, bool services,
                           struct awl_error *err)
{
    struct awl_checker c;
    enum awl_rc rc = checker_init(&c, pack, err);
    if (rc != AWL_OK)
        return rc;
    if (check_directory(&c) && services)
        check_services(&c);
    return checker_finish(&c, AWL_PACK_DAMAGED, err);
}

enum awl_rc awl_pack_check_service(const struct awl_pack *pack,
                                   const struct awl_pack_service *service,
                                   const char *what, struct awl_error *err)
{
    struct awl_checker c;
    enum awl_rc rc = checker_init(&c, pack, err);
    if (rc != AWL_OK)
        return rc;
    check_service(&c, service);
    return checker_finish(&c, what, err);
}
