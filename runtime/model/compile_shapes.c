/* Shapes and their members, with the traits of both merged. */
#include <stdlib.h>

#include "model/compiler.h"

static const struct {
    awl_str name;
    enum awl_shape_type type;
    unsigned flags;
} types[] = {
    {{"structure", 9}, AWL_SHAPE_STRUCTURE, 0},
    {{"list", 4}, AWL_SHAPE_LIST, 0},
    {{"map", 3}, AWL_SHAPE_MAP, 0},
    {{"string", 6}, AWL_SHAPE_STRING, 0},
    {{"character", 9}, AWL_SHAPE_STRING, 0},
    {{"blob", 4}, AWL_SHAPE_BLOB, 0},
    {{"boolean", 7}, AWL_SHAPE_BOOLEAN, 0},
    {{"byte", 4}, AWL_SHAPE_INTEGER, AWL_SHAPE_BYTE},
    {{"short", 5}, AWL_SHAPE_INTEGER, AWL_SHAPE_SHORT},
    {{"integer", 7}, AWL_SHAPE_INTEGER, 0},
    {{"long", 4}, AWL_SHAPE_LONG, 0},
    {{"biginteger", 10}, AWL_SHAPE_LONG, 0},
    {{"float", 5}, AWL_SHAPE_FLOAT, 0},
    {{"double", 6}, AWL_SHAPE_DOUBLE, 0},
    {{"bigdecimal", 10}, AWL_SHAPE_DOUBLE, 0},
    {{"timestamp", 9}, AWL_SHAPE_TIMESTAMP, 0},
};

static const struct {
    awl_str trait;
    unsigned flag;
} shape_flags[] = {
    {{"union", 5}, AWL_SHAPE_UNION},
    {{"exception", 9}, AWL_SHAPE_EXCEPTION},
    {{"fault", 5}, AWL_SHAPE_FAULT},
    {{"eventstream", 11}, AWL_SHAPE_EVENT_STREAM},
    {{"event", 5}, AWL_SHAPE_EVENT},
    {{"streaming", 9}, AWL_SHAPE_STREAMING},
    {{"requiresLength", 14}, AWL_SHAPE_REQUIRES_LENGTH},
    {{"flattened", 9}, AWL_SHAPE_FLATTENED},
    {{"sparse", 6}, AWL_SHAPE_SPARSE},
    {{"sensitive", 9}, AWL_SHAPE_SENSITIVE},
    {{"jsonvalue", 9}, AWL_SHAPE_JSON_VALUE},
};

/* Traits that a member has of its own or from its shape. */
static const struct {
    awl_str trait;
    unsigned flag;
} member_flags[] = {
    {{"idempotencyToken", 16}, AWL_MEMBER_IDEMPOTENCY_TOKEN},
    {{"flattened", 9}, AWL_MEMBER_FLATTENED},
    {{"xmlAttribute", 12}, AWL_MEMBER_XML_ATTRIBUTE},
    {{"jsonvalue", 9}, AWL_MEMBER_JSON_VALUE},
    {{"hostLabel", 9}, AWL_MEMBER_HOST_LABEL},
    {{"eventpayload", 12}, AWL_MEMBER_EVENT_PAYLOAD},
    {{"eventheader", 11}, AWL_MEMBER_EVENT_HEADER},
    {{"streaming", 9}, AWL_MEMBER_STREAMING},
    {{"sensitive", 9}, AWL_MEMBER_SENSITIVE},
};

static const struct {
    awl_str name;
    enum awl_location location;
} locations[] = {
    {{"uri", 3}, AWL_LOCATION_URI},
    {{"querystring", 11}, AWL_LOCATION_QUERYSTRING},
    {{"header", 6}, AWL_LOCATION_HEADER},
    {{"headers", 7}, AWL_LOCATION_HEADERS},
    {{"statusCode", 10}, AWL_LOCATION_STATUS_CODE},
};

static const struct {
    awl_str name;
    enum awl_timestamp_format format;
} timestamp_formats[] = {
    {{"iso8601", 7}, AWL_TIMESTAMP_ISO8601},
    {{"rfc822", 6}, AWL_TIMESTAMP_RFC822},
    {{"unixTimestamp", 13}, AWL_TIMESTAMP_UNIX},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A trait of a reference, else of the shape it refers to. `shape` may be NULL. */
static const struct awl_tree *trait_of(const struct awl_tree *reference,
                                       const struct awl_tree *shape, awl_str trait)
{
    const struct awl_tree *node = awl_tree_get(reference, trait);
    return node != NULL ? node : awl_tree_get(shape, trait);
}

static uint8_t timestamp_format(const struct awl_tree *reference,
                                const struct awl_tree *shape)
{
    awl_str name = awl_tree_text(trait_of(reference, shape, STR("timestampFormat")));
    for (size_t i = 0; i < COUNT(timestamp_formats); i++)
        if (awl_str_eq(timestamp_formats[i].name, name))
            return (uint8_t)timestamp_formats[i].format;
    return AWL_TIMESTAMP_DEFAULT;
}

static uint8_t location_of(const struct awl_tree *reference)
{
    awl_str name = awl_tree_text(awl_tree_get(reference, STR("location")));
    for (size_t i = 0; i < COUNT(locations); i++)
        if (awl_str_eq(locations[i].name, name))
            return (uint8_t)locations[i].location;
    return AWL_LOCATION_BODY;
}

/* A namespace is its uri alone, or an object with uri and prefix. */
static void namespace_of(struct awl_compiler *c, const struct awl_tree *node,
                         uint32_t *uri, uint32_t *prefix)
{
    *uri = *prefix = AWL_MODEL_NONE;
    if (awl_tree_is(node, AWL_TREE_OBJECT)) {
        *uri = awl_compiler_string_of(c, awl_tree_get(node, STR("uri")));
        *prefix = awl_compiler_string_of(c, awl_tree_get(node, STR("prefix")));
    } else {
        *uri = awl_compiler_string_of(c, node);
    }
}

/* ---- members ---- */

static void member_extra(struct awl_compiler *c, struct awl_member *member,
                         const struct awl_tree *reference, const struct awl_tree *shape)
{
    struct awl_member_extra extra;
    const struct awl_tree *ns = trait_of(reference, shape, STR("xmlNamespace"));
    const struct awl_tree *context = awl_tree_get(reference, STR("contextParam"));
    extra.member = awl_compiler_count(c, AWL_PACK_MEMBERS);
    extra.query_name =
        awl_compiler_string_of(c, awl_tree_get(reference, STR("queryName")));
    extra.context_param = awl_compiler_string_of(c, awl_tree_get(context, STR("name")));
    namespace_of(c, ns, &extra.xml_namespace, &extra.xml_prefix);
    if (extra.query_name == AWL_MODEL_NONE && extra.context_param == AWL_MODEL_NONE &&
        extra.xml_namespace == AWL_MODEL_NONE)
        return;
    member->flags |= AWL_MEMBER_EXTRA;
    awl_buf_append(&c->sections[AWL_PACK_MEMBER_EXTRAS], &extra, sizeof(extra));
}

static enum awl_rc member_key(struct awl_compiler *c, struct awl_member *member)
{
    uint32_t key = awl_idmap_get(&c->keys, member->name);
    if (key == AWL_MODEL_NONE) {
        key = c->service.key_count++;
        if (key > UINT16_MAX)
            return awl_compiler_fail(c, "more than %d names of members", UINT16_MAX + 1);
        if (awl_idmap_put(&c->keys, member->name, key) != AWL_OK)
            return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    }
    member->key = (uint16_t)key;
    return AWL_OK;
}

static enum awl_rc member_emit(struct awl_compiler *c, awl_str name,
                               const struct awl_tree *reference, bool required)
{
    awl_str target = awl_tree_text(awl_tree_get(reference, STR("shape")));
    uint32_t index = awl_idmap_get(&c->shape_index, awl_compiler_string(c, target));
    if (index == AWL_MODEL_NONE)
        return awl_compiler_fail(c, "member '%.*s' is of unknown shape '%.*s'",
                                 STR_ARG(name), STR_ARG(target));
    const struct awl_tree *shape = c->nodes[index];
    struct awl_member member = {.name = awl_compiler_string(c, name),
                                .shape = (uint16_t)index};
    member.location = location_of(reference);
    member.timestamp_format = timestamp_format(reference, shape);
    if (member.location == AWL_LOCATION_BODY &&
        member.timestamp_format == AWL_TIMESTAMP_DEFAULT)
        member.timestamp_format = c->body_time_format;
    for (size_t i = 0; i < COUNT(member_flags); i++)
        if (awl_tree_true(trait_of(reference, shape, member_flags[i].trait)))
            member.flags |= (uint16_t)member_flags[i].flag;
    if (required)
        member.flags |= AWL_MEMBER_REQUIRED;

    /* A structure's own name is that of a document's root. A name may be "": a prefix of
     * headers that takes them all. */
    bool is_structure = awl_str_eq_nocase(awl_tree_text(awl_tree_get(shape, STR("type"))),
                                          STR("structure"));
    const struct awl_tree *wire =
        trait_of(reference, is_structure ? NULL : shape, STR("locationName"));
    if (awl_tree_is(wire, AWL_TREE_STRING))
        member.flags |= AWL_MEMBER_NAMED;
    member.wire_name = awl_tree_is(wire, AWL_TREE_STRING)
                           ? awl_compiler_string(c, wire->text)
                           : member.name;
    member_extra(c, &member, reference, shape);
    enum awl_rc rc = member_key(c, &member);
    if (rc == AWL_OK)
        awl_buf_append(&c->sections[AWL_PACK_MEMBERS], &member, sizeof(member));
    return rc;
}

static bool is_required(const struct awl_tree *shape, awl_str name)
{
    const struct awl_tree *list = awl_tree_get(shape, STR("required"));
    if (!awl_tree_is(list, AWL_TREE_ARRAY))
        return false;
    for (const struct awl_tree *item = list->child; item != NULL; item = item->next)
        if (awl_str_eq(awl_tree_text(item), name))
            return true;
    return false;
}

static enum awl_rc structure_members(struct awl_compiler *c, struct awl_shape *shape,
                                     const struct awl_tree *node)
{
    const struct awl_tree *members = awl_tree_get(node, STR("members"));
    awl_str payload = awl_tree_text(awl_tree_get(node, STR("payload")));
    const struct awl_tree *m = members != NULL ? members->child : NULL;
    for (; m != NULL; m = m->next) {
        bool required = is_required(node, m->key);
        enum awl_rc rc = member_emit(c, m->key, m, required);
        if (rc != AWL_OK)
            return rc;
        if (++shape->member_count > AWL_TABLE_MEMBERS_MAX)
            return awl_compiler_fail(c, "more than %u members", AWL_TABLE_MEMBERS_MAX);
        shape->required_count = (uint16_t)(shape->required_count + required);
        if (payload.len > 0 && awl_str_eq(payload, m->key))
            shape->payload = shape->member_count;
        if (awl_tree_true(awl_tree_get(m, STR("eventpayload"))))
            shape->event_payload = shape->member_count;
    }
    return AWL_OK;
}

/* ---- tables of a structure's members ---- */

static const struct awl_member *member_at(const struct awl_compiler *c, size_t index)
{
    return (const struct awl_member *)c->sections[AWL_PACK_MEMBERS].ptr + index;
}

static void table_put(struct awl_compiler *c, uint16_t *table, uint32_t first,
                      uint32_t index, bool by_wire_name)
{
    const struct awl_member *m = member_at(c, first + index);
    uint32_t name = by_wire_name ? m->wire_name : m->name;
    uint32_t hash = awl_table_hash(awl_compiler_text(c, name));
    uint32_t mask = (1u << table[0]) - 1;
    for (uint32_t at = hash;; at++) {
        uint16_t *slot = &table[1 + (at & mask)];
        if (*slot == 0) {
            *slot = (uint16_t)(awl_table_tag(hash) | (index + 1));
            return;
        }
        const struct awl_member *other =
            member_at(c, first + (*slot & AWL_TABLE_INDEX_MASK) - 1);
        if ((by_wire_name ? other->wire_name : other->name) == name)
            return; /* the first stays */
    }
}

/* Appends a table and returns its index among the slots. */
static uint32_t table_emit(struct awl_compiler *c, const struct awl_shape *shape,
                           uint32_t first, bool by_wire_name)
{
    uint16_t table[1 + (1u << AWL_TABLE_BITS_MAX)] = {0};
    while ((1u << table[0]) < 2u * shape->member_count)
        table[0]++;
    for (uint32_t i = 0; i < shape->member_count; i++)
        if (!by_wire_name || member_at(c, first + i)->location == AWL_LOCATION_BODY)
            table_put(c, table, first, i, by_wire_name);
    for (uint32_t i = 0; by_wire_name && i < shape->member_count; i++)
        if (member_at(c, first + i)->location != AWL_LOCATION_BODY)
            table_put(c, table, first, i, by_wire_name);
    uint32_t index = awl_compiler_count(c, AWL_PACK_SLOTS);
    awl_buf_append(&c->sections[AWL_PACK_SLOTS], table,
                   (1 + (1u << table[0])) * sizeof(table[0]));
    return index;
}

static void tables_emit(struct awl_compiler *c, struct awl_shape *shape)
{
    uint32_t first = shape->members;
    bool same = true;
    if (shape->member_count <= AWL_TABLE_LINEAR_MAX)
        return;
    for (uint32_t i = 0; same && i < shape->member_count; i++)
        same = member_at(c, first + i)->name == member_at(c, first + i)->wire_name;
    shape->by_name = table_emit(c, shape, first, false);
    shape->by_wire_name = same ? shape->by_name : table_emit(c, shape, first, true);
}

/* ---- what few shapes have ---- */

static void extra_string(struct awl_words *words, unsigned *bits, unsigned bit,
                         uint32_t offset)
{
    if (offset == AWL_MODEL_NONE)
        return;
    *bits |= bit;
    awl_words_add(words, offset);
}

static void extra_double(struct awl_words *words, unsigned *bits, unsigned bit,
                         const struct awl_tree *node)
{
    double value;
    uint32_t halves[2];
    if (!awl_tree_is(node, AWL_TREE_NUMBER) || !awl_str_to_double(node->text, &value))
        return;
    *bits |= bit;
    memcpy(halves, &value, sizeof(value));
    awl_words_add(words, halves[0]);
    awl_words_add(words, halves[1]);
}

static void extra_enum(struct awl_compiler *c, struct awl_words *words, unsigned *bits,
                       const struct awl_tree *list)
{
    if (!awl_tree_is(list, AWL_TREE_ARRAY))
        return;
    *bits |= AWL_EXTRA_ENUM;
    awl_words_add(words, list->count);
    for (const struct awl_tree *item = list->child; item != NULL; item = item->next)
        awl_words_add(words, awl_compiler_string(c, awl_tree_text(item)));
}

static uint32_t shape_extra(struct awl_compiler *c, const struct awl_tree *node)
{
    const struct awl_tree *error = awl_tree_get(node, STR("error"));
    int64_t status;
    unsigned bits = 0;
    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, 0);

    extra_string(&words, &bits, AWL_EXTRA_ERROR_CODE,
                 awl_compiler_string_of(c, awl_tree_get(error, STR("code"))));
    if (awl_tree_int64(awl_tree_get(error, STR("httpStatusCode")), &status) &&
        status >= 100 && status <= 999) {
        bits |= AWL_EXTRA_STATUS;
        awl_words_add(&words, (uint32_t)status);
    }
    extra_double(&words, &bits, AWL_EXTRA_MIN, awl_tree_get(node, STR("min")));
    extra_double(&words, &bits, AWL_EXTRA_MAX, awl_tree_get(node, STR("max")));
    extra_string(&words, &bits, AWL_EXTRA_PATTERN,
                 awl_compiler_string_of(c, awl_tree_get(node, STR("pattern"))));
    extra_enum(c, &words, &bits, awl_tree_get(node, STR("enum")));
    extra_string(&words, &bits, AWL_EXTRA_WIRE_NAME,
                 awl_compiler_string_of(c, awl_tree_get(node, STR("locationName"))));
    uint32_t uri, prefix;
    namespace_of(c, awl_tree_get(node, STR("xmlNamespace")), &uri, &prefix);
    extra_string(&words, &bits, AWL_EXTRA_NAMESPACE, uri);
    extra_string(&words, &bits, AWL_EXTRA_PREFIX, prefix);

    uint32_t index = AWL_MODEL_NONE;
    if (awl_buf_rc(&words.buf) == AWL_OK)
        memcpy(words.buf.ptr, &bits, sizeof(bits));
    if (bits != 0)
        index = awl_words_finish(&words, c, true);
    awl_words_release(&words);
    return index;
}

/* ---- shapes ---- */

static enum awl_rc shape_type(struct awl_compiler *c, const struct awl_tree *node,
                              struct awl_shape *shape)
{
    awl_str name = awl_tree_text(awl_tree_get(node, STR("type")));
    size_t i = 0;
    while (i < COUNT(types) && !awl_str_eq_nocase(types[i].name, name))
        i++;
    if (i == COUNT(types))
        return awl_compiler_fail(c, "unknown type '%.*s'", STR_ARG(name));
    shape->type = (uint8_t)types[i].type;
    shape->flags = (uint16_t)types[i].flags;
    if (shape->type == AWL_SHAPE_STRUCTURE &&
        awl_tree_true(awl_tree_get(node, STR("document"))))
        shape->type = AWL_SHAPE_DOCUMENT;
    return AWL_OK;
}

static void shape_traits(const struct awl_tree *node, struct awl_shape *shape)
{
    unsigned flags = 0;
    for (size_t i = 0; i < COUNT(shape_flags); i++)
        if (awl_tree_true(awl_tree_get(node, shape_flags[i].trait)))
            flags |= shape_flags[i].flag;
    const struct awl_tree *retryable = awl_tree_get(node, STR("retryable"));
    if (retryable != NULL)
        flags |= AWL_SHAPE_RETRYABLE;
    if (awl_tree_true(awl_tree_get(retryable, STR("throttling"))))
        flags |= AWL_SHAPE_THROTTLING;
    const struct awl_tree *error = awl_tree_get(node, STR("error"));
    if (awl_tree_true(awl_tree_get(error, STR("senderFault"))))
        flags |= AWL_SHAPE_SENDER_FAULT;
    shape->flags = (uint16_t)(shape->flags | flags);
    shape->timestamp_format = timestamp_format(node, NULL);
}

static enum awl_rc shape_members(struct awl_compiler *c, const struct awl_tree *node,
                                 struct awl_shape *shape)
{
    enum awl_rc rc = AWL_OK;
    switch (shape->type) {
    case AWL_SHAPE_STRUCTURE:
        rc = structure_members(c, shape, node);
        break;
    case AWL_SHAPE_LIST:
        shape->member_count = 1;
        rc = member_emit(c, STR("member"), awl_tree_get(node, STR("member")), false);
        break;
    case AWL_SHAPE_MAP:
        shape->member_count = 2;
        rc = member_emit(c, STR("key"), awl_tree_get(node, STR("key")), false);
        if (rc == AWL_OK)
            rc = member_emit(c, STR("value"), awl_tree_get(node, STR("value")), false);
        break;
    default:
        break;
    }
    return rc;
}

static enum awl_rc shape_emit(struct awl_compiler *c, const struct awl_tree *node)
{
    struct awl_shape shape = {.name = awl_compiler_string(c, node->key),
                              .by_name = AWL_MODEL_NONE,
                              .by_wire_name = AWL_MODEL_NONE};
    shape.members = awl_compiler_count(c, AWL_PACK_MEMBERS);
    enum awl_rc rc = shape_type(c, node, &shape);
    if (rc == AWL_OK) {
        shape_traits(node, &shape);
        rc = shape_members(c, node, &shape);
    }
    if (rc == AWL_OK)
        rc = awl_compiler_rc(c);
    if (rc != AWL_OK) {
        awl_error_prefix(c->err, "shape '%.*s'", STR_ARG(node->key));
        return rc;
    }
    tables_emit(c, &shape);
    shape.extra = shape_extra(c, node);
    awl_buf_append(&c->sections[AWL_PACK_SHAPES], &shape, sizeof(shape));
    return awl_compiler_rc(c);
}

/* Numbers the shapes, so that members can name those that come later. */
static enum awl_rc shapes_index(struct awl_compiler *c, const struct awl_tree *shapes)
{
    uint32_t count = 0;
    if (shapes->count > UINT16_MAX)
        return awl_compiler_fail(c, "more than %d shapes", UINT16_MAX);
    c->nodes = awl_arena_alloc(&c->arena, (shapes->count + 1) * sizeof(*c->nodes));
    if (c->nodes == NULL)
        return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    for (const struct awl_tree *node = shapes->child; node != NULL; node = node->next) {
        c->nodes[count] = node;
        if (awl_idmap_put(&c->shape_index, awl_compiler_string(c, node->key), count++) !=
            AWL_OK)
            return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    }
    return AWL_OK;
}

enum awl_rc awl_compile_shapes(struct awl_compiler *c, const struct awl_tree *model)
{
    const struct awl_tree *shapes = awl_tree_get(model, STR("shapes"));
    /* What API Gateway generates for its users' own services. */
    bool is_gateway =
        awl_str_eq(awl_tree_text(awl_tree_get(awl_tree_get(model, STR("metadata")),
                                              STR("protocol"))),
                   STR("api-gateway"));
    c->body_time_format = is_gateway ? AWL_TIMESTAMP_ISO8601 : AWL_TIMESTAMP_DEFAULT;
    if (!awl_tree_is(shapes, AWL_TREE_OBJECT))
        return AWL_OK;
    enum awl_rc rc = shapes_index(c, shapes);
    for (const struct awl_tree *node = shapes->child; rc == AWL_OK && node != NULL;
         node = node->next)
        rc = shape_emit(c, node);
    return rc;
}
