#include "model/model.h"

#include "model/pack.h"
#include "model/suggest.h"

/* ---- opening a service ---- */

/* The newest version of the service of that name, or none. */
static uint32_t service_find(const struct awl_pack *pack, awl_str name)
{
    uint32_t low = 0, high = awl_pack_service_count(pack);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (awl_str_cmp(awl_pack_service_name(pack, middle), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < awl_pack_service_count(pack) &&
                   awl_str_eq(awl_pack_service_name(pack, low), name)
               ? low
               : AWL_MODEL_NONE;
}

/* The first alias of that name, or of the next one in order. */
static uint32_t alias_find(const struct awl_pack *pack, awl_str name)
{
    const struct awl_part *directory = &pack->directory;
    uint32_t low = 0, high = directory->counts[AWL_PACK_ALIASES];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (awl_str_cmp(awl_part_str(directory, directory->aliases[middle].name), name) <
            0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum awl_rc service_unknown(const struct awl_pack *pack, awl_str name,
                                   struct awl_error *err)
{
    struct awl_suggest suggest;
    char text[AWL_SUGGEST_TEXT_MAX];
    awl_suggest_init(&suggest, name);
    for (uint32_t i = 0; i < awl_pack_service_count(pack); i++)
        awl_suggest_offer(&suggest, awl_pack_service_name(pack, i));
    return awl_error_set(err, AWL_ENOTFOUND, "unknown service '%.*s'%s", STR_ARG(name),
                         awl_suggest_text(&suggest, text));
}

/* By an alias that one service alone has. */
static enum awl_rc find_by_alias(const struct awl_pack *pack, awl_str name,
                                 uint32_t *index, struct awl_error *err)
{
    const struct awl_part *directory = &pack->directory;
    const struct awl_pack_alias *alias = directory->aliases + alias_find(pack, name);
    const struct awl_pack_alias *end =
        directory->aliases + directory->counts[AWL_PACK_ALIASES];
    if (alias == end || !awl_str_eq(awl_part_str(directory, alias->name), name))
        return service_unknown(pack, name, err);
    if (alias + 1 == end || alias[1].name != alias->name) {
        *index = alias->service;
        return AWL_OK;
    }
    return awl_error_set(err, AWL_ENOTFOUND,
                         "service '%.*s' is not clear: '%.*s' or '%.*s'?", STR_ARG(name),
                         STR_ARG(awl_pack_service_name(pack, alias->service)),
                         STR_ARG(awl_pack_service_name(pack, alias[1].service)));
}

static enum awl_rc find_by_name(const struct awl_pack *pack, awl_str name,
                                uint32_t *index, struct awl_error *err)
{
    *index = service_find(pack, name);
    return *index != AWL_MODEL_NONE ? AWL_OK : find_by_alias(pack, name, index, err);
}

static struct awl_pack_words words_from(const struct awl_part *part, uint32_t root)
{
    if (root == AWL_MODEL_NONE)
        return (struct awl_pack_words){NULL, NULL, NULL};
    return (struct awl_pack_words){part->words + root, part->words, part->strings};
}

struct awl_pack_words awl_pack_partitions(const struct awl_pack *pack)
{
    return words_from(&pack->partitions, pack->partition_list);
}

static void model_fill(const struct awl_pack *pack, const struct awl_part *part,
                       struct awl_model *model)
{
    const struct awl_pack_service *s = part->service;
    *model = (struct awl_model){
        .strings = part->strings,
        .shapes = part->shapes,
        .members = part->members,
        .member_extras = part->member_extras,
        .operations = part->operations,
        .errors = part->words + s->errors,
        .words = part->words,
        .slots = part->slots,
        .shape_count = part->counts[AWL_PACK_SHAPES],
        .member_count = part->counts[AWL_PACK_MEMBERS],
        .member_extra_count = part->counts[AWL_PACK_MEMBER_EXTRAS],
        .operation_count = part->counts[AWL_PACK_OPERATIONS],
        .key_count = s->key_count,
        .record = s,
        .rules = words_from(part, s->rules),
        .partitions = awl_pack_partitions(pack),
        .name = awl_part_str(part, s->name),
        .api_version = awl_part_str(part, s->api_version),
        .service_id = awl_part_str(part, s->service_id),
        .endpoint_prefix = awl_part_str(part, s->endpoint_prefix),
        .signing_name = awl_part_str(part, s->signing_name),
        .target_prefix = awl_part_str(part, s->target_prefix),
        .json_version = awl_part_str(part, s->json_version),
        .xml_namespace = awl_part_str(part, s->xml_namespace),
        .signature_version = awl_part_str(part, s->signature_version),
        .auth = awl_part_str(part, s->auth),
        .full_name = awl_part_str(part, s->full_name),
        .protocol = s->protocol,
        .protocols = s->protocols,
        .http2 = s->http2,
        .query_compatible = s->query_compatible != 0,
    };
}

enum awl_rc awl_model_open_at(const struct awl_pack *pack, uint32_t index,
                              struct awl_model *model, struct awl_error *err)
{
    struct awl_part part;
    enum awl_rc rc = awl_pack_part(pack, index, &part, err);
    if (rc == AWL_OK && pack->check_late)
        rc = awl_pack_check_service(&part, AWL_PACK_DAMAGED, err);
    if (rc == AWL_OK)
        model_fill(pack, &part, model);
    return rc;
}

enum awl_rc awl_model_open(const struct awl_pack *pack, awl_str service,
                           struct awl_model *model, struct awl_error *err)
{
    uint32_t index;
    enum awl_rc rc = find_by_name(pack, service, &index, err);
    return rc == AWL_OK ? awl_model_open_at(pack, index, model, err) : rc;
}

enum awl_rc awl_pack_find(const struct awl_pack *pack, awl_str service, uint32_t *first,
                          uint32_t *count, struct awl_error *err)
{
    enum awl_rc rc = find_by_name(pack, service, first, err);
    if (rc != AWL_OK)
        return rc;
    awl_str name = awl_pack_service_name(pack, *first);
    *count = 1;
    while (*first + *count < awl_pack_service_count(pack) &&
           awl_str_eq(awl_pack_service_name(pack, *first + *count), name))
        ++*count;
    return AWL_OK;
}

awl_str awl_protocol_name(enum awl_protocol protocol)
{
    static const awl_str protocol_names[AWL_PROTOCOL_COUNT] = {
        [AWL_PROTOCOL_JSON] = {"json", 4},
        [AWL_PROTOCOL_REST_JSON] = {"rest-json", 9},
        [AWL_PROTOCOL_REST_XML] = {"rest-xml", 8},
        [AWL_PROTOCOL_CBOR] = {"smithy-rpc-v2-cbor", 18},
        [AWL_PROTOCOL_QUERY] = {"query", 5},
        [AWL_PROTOCOL_EC2] = {"ec2", 3},
    };
    return protocol_names[protocol];
}

/* ---- members ---- */

const struct awl_member_extra *awl_model_member_extra(const struct awl_model *model,
                                                      const struct awl_member *member)
{
    static const struct awl_member_extra none = {
        AWL_MODEL_NONE, AWL_MODEL_NONE, AWL_MODEL_NONE, AWL_MODEL_NONE, AWL_MODEL_NONE};
    if ((member->flags & AWL_MEMBER_EXTRA) == 0)
        return &none;
    uint32_t index = (uint32_t)(member - model->members);
    uint32_t low = 0, high = model->member_extra_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (model->member_extras[middle].member == index)
            return &model->member_extras[middle];
        if (model->member_extras[middle].member < index)
            low = middle + 1;
        else
            high = middle;
    }
    return &none;
}

static bool text_is(const struct awl_model *model, uint32_t offset, awl_str text)
{
    return awl_str_eq(awl_model_str(model, offset), text);
}

/* Few members are looked at one after the other. */
static const struct awl_member *member_scan(const struct awl_model *model,
                                            const struct awl_shape *shape, awl_str name,
                                            bool by_wire_name)
{
    const struct awl_member *members = awl_model_members(model, shape), *found = NULL;
    for (uint32_t i = 0; i < shape->member_count; i++) {
        const struct awl_member *m = &members[i];
        if (!text_is(model, by_wire_name ? m->wire_name : m->name, name))
            continue;
        if (!by_wire_name || m->location == AWL_LOCATION_BODY)
            return m;
        if (found == NULL)
            found = m;
    }
    return found;
}

static const struct awl_member *member_look_up(const struct awl_model *model,
                                               const struct awl_shape *shape,
                                               awl_str name, bool by_wire_name)
{
    uint32_t index = by_wire_name ? shape->by_wire_name : shape->by_name;
    if (index == AWL_MODEL_NONE)
        return member_scan(model, shape, name, by_wire_name);
    const struct awl_member *members = awl_model_members(model, shape);
    const uint16_t *table = model->slots + index;
    uint32_t mask = (1u << table[0]) - 1;
    uint32_t hash = awl_table_hash(name);
    uint16_t tag = awl_table_tag(hash);
    for (uint32_t at = hash;; at++) {
        uint16_t slot = table[1 + (at & mask)];
        if (slot == 0)
            return NULL;
        if ((slot & ~AWL_TABLE_INDEX_MASK) != tag)
            continue;
        const struct awl_member *m = &members[(slot & AWL_TABLE_INDEX_MASK) - 1];
        if (text_is(model, by_wire_name ? m->wire_name : m->name, name))
            return m;
    }
}

const struct awl_member *awl_model_member_by_name(const struct awl_model *model,
                                                  const struct awl_shape *shape,
                                                  awl_str name)
{
    return member_look_up(model, shape, name, false);
}

const struct awl_member *awl_model_member_by_wire_name(const struct awl_model *model,
                                                       const struct awl_shape *shape,
                                                       awl_str name)
{
    return member_look_up(model, shape, name, true);
}

/* ---- operations ---- */

static const struct awl_operation *operation_search(const struct awl_model *model,
                                                    const uint16_t *order, awl_str name)
{
    uint32_t low = 0, high = model->operation_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct awl_operation *op =
            &model->operations[order != NULL ? order[middle] : middle];
        int way = awl_str_cmp(
            awl_model_str(model, order != NULL ? op->method_name : op->name), name);
        if (way == 0)
            return op;
        if (way < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct awl_operation *awl_model_operation(const struct awl_model *model,
                                                awl_str name)
{
    const struct awl_pack_service *s = model->record;
    const struct awl_operation *op = operation_search(model, NULL, name);
    return op != NULL ? op : operation_search(model, model->slots + s->methods, name);
}

enum awl_rc awl_model_operation_unknown(const struct awl_model *model, awl_str name,
                                        struct awl_error *err)
{
    struct awl_suggest suggest;
    char text[AWL_SUGGEST_TEXT_MAX];
    bool camel = name.len > 0 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z';
    awl_suggest_init(&suggest, name);
    for (uint32_t i = 0; i < model->operation_count; i++) {
        const struct awl_operation *op = &model->operations[i];
        awl_suggest_offer(&suggest,
                          awl_model_str(model, camel ? op->name : op->method_name));
    }
    return awl_error_set(err, AWL_ENOTFOUND, "unknown operation '%.*s' of %.*s%s",
                         STR_ARG(name), STR_ARG(model->name),
                         awl_suggest_text(&suggest, text));
}

awl_str awl_model_operation_name(const struct awl_model *model,
                                 const struct awl_operation *operation)
{
    return awl_model_str(model, operation->name);
}

/* ---- shapes ---- */

static double words_double(const uint32_t *words)
{
    double value;
    memcpy(&value, words, sizeof(value));
    return value;
}

void awl_model_shape_extra(const struct awl_model *model, const struct awl_shape *shape,
                           struct awl_shape_extra *extra)
{
    *extra = (struct awl_shape_extra){.error_code = STR(""),
                                      .pattern = STR(""),
                                      .wire_name = AWL_MODEL_NONE,
                                      .xml_namespace = AWL_MODEL_NONE,
                                      .xml_prefix = AWL_MODEL_NONE};
    if (shape->extra == AWL_MODEL_NONE)
        return;
    const uint32_t *w = model->words + shape->extra;
    uint32_t bits = *w++;
    if (bits & AWL_EXTRA_ERROR_CODE)
        extra->error_code = awl_model_str(model, *w++);
    if (bits & AWL_EXTRA_STATUS)
        extra->http_status = (int)*w++;
    if (bits & AWL_EXTRA_MIN) {
        extra->has_min = true;
        extra->min = words_double(w);
        w += 2;
    }
    if (bits & AWL_EXTRA_MAX) {
        extra->has_max = true;
        extra->max = words_double(w);
        w += 2;
    }
    if (bits & AWL_EXTRA_PATTERN)
        extra->pattern = awl_model_str(model, *w++);
    if (bits & AWL_EXTRA_ENUM) {
        extra->enum_count = *w++;
        extra->enum_values = w;
        w += extra->enum_count;
    }
    if (bits & AWL_EXTRA_WIRE_NAME)
        extra->wire_name = *w++;
    if (bits & AWL_EXTRA_NAMESPACE)
        extra->xml_namespace = *w++;
    if (bits & AWL_EXTRA_PREFIX)
        extra->xml_prefix = *w++;
}

/* The shape of a list of indices whose error code, or else name, is `code`. */
static const struct awl_shape *error_scan(const struct awl_model *model,
                                          const uint32_t *indices, uint32_t count,
                                          awl_str code)
{
    const struct awl_shape *named = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct awl_shape *shape = &model->shapes[indices[i]];
        struct awl_shape_extra extra;
        awl_model_shape_extra(model, shape, &extra);
        if (extra.error_code.len > 0 && awl_str_eq(extra.error_code, code))
            return shape;
        if (named == NULL && text_is(model, shape->name, code))
            named = shape;
    }
    return named;
}

const struct awl_shape *awl_model_error_shape(const struct awl_model *model,
                                              const struct awl_operation *operation,
                                              awl_str code)
{
    const struct awl_pack_service *s = model->record;
    const struct awl_shape *shape = NULL;
    if (operation != NULL)
        shape = error_scan(model, model->errors + operation->errors,
                           operation->error_count, code);
    if (shape == NULL)
        shape = error_scan(model, model->words + s->exceptions, s->exception_count, code);
    return shape;
}
