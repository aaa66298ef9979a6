/* Operations, what they may fail with, and their order by both spellings. */
#include <stdlib.h>

#include "model/compiler.h"
#include "model/endpoint.h"

/* ---- endpoint parameters that an operation sets ---- */

static void binding_emit(struct awl_compiler *c, struct awl_words *words, awl_str name,
                         const struct awl_tree *value, const struct awl_tree *path)
{
    awl_words_add(words, awl_compiler_string(c, name));
    awl_words_add(words, awl_compiler_string_of(c, path));
    awl_words_add(words, path == NULL ? awl_compile_constant(c, value) : AWL_MODEL_NONE);
}

/* Readers of a static list have room for so many strings. */
static enum awl_rc bindings_check(struct awl_compiler *c, const struct awl_tree *fixed)
{
    for (const struct awl_tree *p = fixed != NULL ? fixed->child : NULL; p != NULL;
         p = p->next) {
        const struct awl_tree *value = awl_tree_get(p, STR("value"));
        if (awl_tree_is(value, AWL_TREE_ARRAY) && value->count > AWL_ENDPOINT_ARRAY_MAX)
            return awl_compiler_fail(c, "parameter '%.*s': more than %d strings",
                                     STR_ARG(p->key), AWL_ENDPOINT_ARRAY_MAX);
    }
    return AWL_OK;
}

static uint32_t bindings_emit(struct awl_compiler *c, const struct awl_tree *node)
{
    const struct awl_tree *fixed = awl_tree_get(node, STR("staticContextParams"));
    const struct awl_tree *paths = awl_tree_get(node, STR("operationContextParams"));
    uint32_t count =
        (fixed != NULL ? fixed->count : 0) + (paths != NULL ? paths->count : 0);
    if (count == 0)
        return AWL_MODEL_NONE;
    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, count);
    for (const struct awl_tree *p = fixed != NULL ? fixed->child : NULL; p != NULL;
         p = p->next)
        binding_emit(c, &words, p->key, awl_tree_get(p, STR("value")), NULL);
    for (const struct awl_tree *p = paths != NULL ? paths->child : NULL; p != NULL;
         p = p->next)
        binding_emit(c, &words, p->key, NULL, awl_tree_get(p, STR("path")));
    uint32_t index = awl_words_finish(&words, c, true);
    awl_words_release(&words);
    return index;
}

/* ---- flags ---- */

static bool list_has(const struct awl_tree *list, awl_str text)
{
    if (!awl_tree_is(list, AWL_TREE_ARRAY))
        return false;
    for (const struct awl_tree *item = list->child; item != NULL; item = item->next)
        if (awl_str_eq(awl_tree_text(item), text))
            return true;
    return false;
}

static uint32_t trait_flags(const struct awl_tree *node)
{
    static const struct {
        awl_str trait;
        uint32_t flag;
    } traits[] = {
        {{"readonly", 8}, AWL_OPERATION_READONLY},
        {{"idempotent", 10}, AWL_OPERATION_IDEMPOTENT},
        {{"deprecated", 10}, AWL_OPERATION_DEPRECATED},
        {{"unsignedPayload", 15}, AWL_OPERATION_UNSIGNED_PAYLOAD},
        {{"httpChecksumRequired", 20}, AWL_OPERATION_CHECKSUM_REQUIRED},
        {{"endpointoperation", 17}, AWL_OPERATION_DISCOVERY_CALL},
    };
    uint32_t flags = 0;
    for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++)
        if (awl_tree_true(awl_tree_get(node, traits[i].trait)))
            flags |= traits[i].flag;

    awl_str authtype = awl_tree_text(awl_tree_get(node, STR("authtype")));
    /* Behind other schemes it only means that these are optional. */
    const struct awl_tree *auth = awl_tree_get(node, STR("auth"));
    if (awl_str_eq(authtype, STR("none")) ||
        (auth != NULL &&
         awl_str_eq(awl_tree_text(auth->child), STR("smithy.api#noAuth"))))
        flags |= AWL_OPERATION_NO_AUTH;
    if (awl_str_eq(authtype, STR("v4-unsigned-body")))
        flags |= AWL_OPERATION_UNSIGNED_PAYLOAD;
    const struct awl_tree *checksum = awl_tree_get(node, STR("httpChecksum"));
    if (awl_tree_true(awl_tree_get(checksum, STR("requestChecksumRequired"))))
        flags |= AWL_OPERATION_CHECKSUM_REQUIRED;
    const struct awl_tree *compression = awl_tree_get(node, STR("requestcompression"));
    if (list_has(awl_tree_get(compression, STR("encodings")), STR("gzip")))
        flags |= AWL_OPERATION_COMPRESS_GZIP;
    const struct awl_tree *discovery = awl_tree_get(node, STR("endpointdiscovery"));
    if (discovery != NULL)
        flags |= AWL_OPERATION_DISCOVERY;
    if (awl_tree_true(awl_tree_get(discovery, STR("required"))))
        flags |= AWL_OPERATION_DISCOVERY_REQUIRED;
    return flags;
}

/* What an input or output of that shape makes of the operation. */
static uint32_t shape_flags(const struct awl_compiler *c, uint32_t index, bool input)
{
    uint32_t flags = 0;
    if (index == AWL_MODEL_NONE)
        return 0;
    const struct awl_shape *shapes =
        (const struct awl_shape *)c->sections[AWL_PACK_SHAPES].ptr;
    const struct awl_shape *shape = &shapes[index];
    if (shape->member_count == 0)
        return 0; /* there may be no members at all */
    const struct awl_member *members =
        (const struct awl_member *)c->sections[AWL_PACK_MEMBERS].ptr;
    for (uint32_t i = 0; i < shape->member_count; i++) {
        const struct awl_member *m = &members[shape->members + i];
        const struct awl_shape *target = &shapes[m->shape];
        if (target->flags & AWL_SHAPE_EVENT_STREAM)
            flags |= input ? AWL_OPERATION_EVENT_INPUT : AWL_OPERATION_EVENT_OUTPUT;
        if (shape->payload == i + 1 && target->type == AWL_SHAPE_BLOB &&
            (m->flags & AWL_MEMBER_STREAMING))
            flags |= input ? AWL_OPERATION_STREAM_INPUT : AWL_OPERATION_STREAM_OUTPUT;
        if (input && (m->flags & AWL_MEMBER_IDEMPOTENCY_TOKEN))
            flags |= AWL_OPERATION_TOKEN;
    }
    return flags;
}

/* ---- operations ---- */

static enum awl_rc shape_ref(struct awl_compiler *c, const struct awl_tree *ref,
                             uint32_t *index)
{
    *index = AWL_MODEL_NONE;
    if (ref == NULL)
        return AWL_OK;
    awl_str name = awl_tree_text(awl_tree_get(ref, STR("shape")));
    *index = awl_idmap_get(&c->shape_index, awl_compiler_string(c, name));
    if (*index == AWL_MODEL_NONE)
        return awl_compiler_fail(c, "unknown shape '%.*s'", STR_ARG(name));
    const struct awl_shape *shapes =
        (const struct awl_shape *)c->sections[AWL_PACK_SHAPES].ptr;
    if (shapes[*index].type != AWL_SHAPE_STRUCTURE)
        return awl_compiler_fail(c, "shape '%.*s' is no structure", STR_ARG(name));
    return AWL_OK;
}

/* The root element of an XML request: as the operation says, else its shape. */
static void input_names(struct awl_compiler *c, const struct awl_tree *input,
                        struct awl_operation *op)
{
    const struct awl_tree *shape =
        op->input != AWL_MODEL_NONE ? c->nodes[op->input] : NULL;
    const struct awl_tree *name = awl_tree_get(input, STR("locationName"));
    const struct awl_tree *ns = awl_tree_get(input, STR("xmlNamespace"));
    if (name == NULL)
        name = awl_tree_get(shape, STR("locationName"));
    if (ns == NULL)
        ns = awl_tree_get(shape, STR("xmlNamespace"));
    const struct awl_tree *uri =
        awl_tree_is(ns, AWL_TREE_OBJECT) ? awl_tree_get(ns, STR("uri")) : ns;
    op->input_wire_name = awl_compiler_string_of(c, name);
    op->input_namespace = awl_compiler_string_of(c, uri);
    op->input_prefix = awl_compiler_string_of(c, awl_tree_get(ns, STR("prefix")));
}

static enum awl_rc errors_emit(struct awl_compiler *c, const struct awl_tree *list,
                               struct awl_operation *op)
{
    struct awl_buf *words = &c->sections[AWL_PACK_WORDS];
    op->errors = awl_compiler_count(c, AWL_PACK_WORDS) - c->service.errors;
    for (const struct awl_tree *e = list != NULL ? list->child : NULL; e != NULL;
         e = e->next) {
        uint32_t index;
        enum awl_rc rc = shape_ref(c, e, &index);
        if (rc != AWL_OK)
            return rc;
        awl_buf_append(words, &index, sizeof(index));
        op->error_count++;
    }
    return AWL_OK;
}

static enum awl_rc operation_body(struct awl_compiler *c, const struct awl_tree *node,
                                  struct awl_operation *op)
{
    const struct awl_tree *http = awl_tree_get(node, STR("http"));
    const struct awl_tree *output = awl_tree_get(node, STR("output"));
    const struct awl_tree *checksum = awl_tree_get(node, STR("httpChecksum"));
    const struct awl_tree *endpoint = awl_tree_get(node, STR("endpoint"));
    const struct {
        const struct awl_tree *node;
        uint32_t *offset;
    } texts[] = {
        {awl_tree_get(http, STR("method")), &op->http_method},
        {awl_tree_get(http, STR("requestUri")), &op->request_uri},
        {awl_tree_get(output, STR("resultWrapper")), &op->result_wrapper},
        {awl_tree_get(endpoint, STR("hostPrefix")), &op->host_prefix},
        {awl_tree_get(checksum, STR("requestAlgorithmMember")), &op->checksum_member},
        {awl_tree_get(checksum, STR("requestValidationModeMember")),
         &op->checksum_mode_member},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i].offset = awl_compiler_string_of(c, texts[i].node);
    op->response_checksums =
        awl_compiler_joined(c, awl_tree_get(checksum, STR("responseAlgorithms")));
    op->auth = awl_compiler_joined(c, awl_tree_get(node, STR("auth")));

    int64_t code = 200;
    awl_tree_int64(awl_tree_get(http, STR("responseCode")), &code);
    op->response_code = (uint16_t)(code >= 100 && code <= 999 ? code : 200);

    enum awl_rc rc = shape_ref(c, awl_tree_get(node, STR("input")), &op->input);
    if (rc == AWL_OK)
        rc = shape_ref(c, output, &op->output);
    if (rc == AWL_OK)
        rc = errors_emit(c, awl_tree_get(node, STR("errors")), op);
    return rc;
}

static enum awl_rc operation_emit(struct awl_compiler *c, const struct awl_tree *node)
{
    struct awl_operation op = {.name = awl_compiler_string(c, node->key),
                               .method_name = awl_compiler_snake(c, node->key),
                               .paginator = AWL_MODEL_NONE};
    enum awl_rc rc = operation_body(c, node, &op);
    if (rc == AWL_OK)
        rc = bindings_check(c, awl_tree_get(node, STR("staticContextParams")));
    if (rc != AWL_OK) {
        awl_error_prefix(c->err, "operation '%.*s'", STR_ARG(node->key));
        return rc;
    }
    input_names(c, awl_tree_get(node, STR("input")), &op);
    op.flags = trait_flags(node) | shape_flags(c, op.input, true) |
               shape_flags(c, op.output, false);
    op.extra = bindings_emit(c, node);
    awl_buf_append(&c->sections[AWL_PACK_OPERATIONS], &op, sizeof(op));
    return AWL_OK;
}

/* ---- order ---- */

static int node_compare(const void *a, const void *b)
{
    const struct awl_tree *const *x = a, *const *y = b;
    return awl_str_cmp((*x)->key, (*y)->key);
}

static enum awl_rc operations_emit(struct awl_compiler *c, const struct awl_tree *list)
{
    const struct awl_tree **sorted =
        awl_arena_alloc(&c->arena, (list->count + 1) * sizeof(*sorted));
    if (sorted == NULL)
        return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    size_t count = 0;
    for (const struct awl_tree *node = list->child; node != NULL; node = node->next)
        sorted[count++] = node;
    qsort(sorted, count, sizeof(*sorted), node_compare);
    enum awl_rc rc = AWL_OK;
    for (size_t i = 0; rc == AWL_OK && i < count; i++)
        rc = operation_emit(c, sorted[i]);
    return rc;
}

struct method {
    awl_str name;
    uint16_t index;
};

static int method_compare(const void *a, const void *b)
{
    const struct method *x = a, *y = b;
    return awl_str_cmp(x->name, y->name);
}

/* The operations' indices in the order of their snake_case names. */
static enum awl_rc methods_emit(struct awl_compiler *c)
{
    uint32_t count = awl_compiler_count(c, AWL_PACK_OPERATIONS);
    struct method *methods =
        awl_arena_alloc(&c->arena, (count + (size_t)1) * sizeof(*methods));
    if (methods == NULL)
        return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    const struct awl_operation *ops =
        (const struct awl_operation *)c->sections[AWL_PACK_OPERATIONS].ptr;
    for (uint32_t i = 0; i < count; i++)
        methods[i] =
            (struct method){awl_compiler_text(c, ops[i].method_name), (uint16_t)i};
    qsort(methods, count, sizeof(*methods), method_compare);
    c->service.methods = awl_compiler_count(c, AWL_PACK_SLOTS);
    for (uint32_t i = 0; i < count; i++)
        awl_buf_append(&c->sections[AWL_PACK_SLOTS], &methods[i].index, sizeof(uint16_t));
    return AWL_OK;
}

static void exceptions_emit(struct awl_compiler *c)
{
    struct awl_pack_service *s = &c->service;
    const struct awl_shape *shapes =
        (const struct awl_shape *)c->sections[AWL_PACK_SHAPES].ptr;
    s->exceptions = awl_compiler_count(c, AWL_PACK_WORDS);
    for (uint32_t i = 0; i < awl_compiler_count(c, AWL_PACK_SHAPES); i++) {
        if ((shapes[i].flags & AWL_SHAPE_EXCEPTION) == 0)
            continue;
        awl_buf_append(&c->sections[AWL_PACK_WORDS], &i, sizeof(i));
        s->exception_count++;
    }
}

enum awl_rc awl_compile_operations(struct awl_compiler *c, const struct awl_tree *model)
{
    const struct awl_tree *list = awl_tree_get(model, STR("operations"));
    c->service.errors = awl_compiler_count(c, AWL_PACK_WORDS);
    if (awl_tree_is(list, AWL_TREE_OBJECT)) {
        if (list->count > UINT16_MAX)
            return awl_compiler_fail(c, "more than %d operations", UINT16_MAX);
        enum awl_rc rc = operations_emit(c, list);
        if (rc != AWL_OK)
            return rc;
    }
    exceptions_emit(c);
    return methods_emit(c);
}
