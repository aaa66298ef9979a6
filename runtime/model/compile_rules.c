/* A rule set becomes a tree of words. Names are resolved here: each parameter and
 * each variable gets a slot, a variable being visible to the conditions after it
 * and to what its rule holds, so nothing is looked up by name later. */
#include "model/compile_expressions.h"

static enum awl_rc fail_memory(struct awl_compiler *c)
{
    return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
}

/* ---- parameters ---- */

static enum awl_rc parameter_type(struct awl_compiler *c, const struct awl_tree *node,
                                  uint32_t *type)
{
    awl_str name = awl_tree_text(awl_tree_get(node, STR("type")));
    if (awl_str_eq_nocase(name, STR("string")))
        *type = AWL_ENDPOINT_STRING;
    else if (awl_str_eq_nocase(name, STR("boolean")))
        *type = AWL_ENDPOINT_BOOLEAN;
    else if (awl_str_eq_nocase(name, STR("stringArray")))
        *type = AWL_ENDPOINT_STRING_ARRAY;
    else
        return awl_compiler_fail(c, "parameter '%.*s': unknown type '%.*s'",
                                 STR_ARG(node->key), STR_ARG(name));
    return AWL_OK;
}

static enum awl_rc parameters_compile(struct awl_rules_compiler *rc,
                                      const struct awl_tree *list, struct awl_words *out)
{
    struct awl_compiler *c = rc->c;
    if (list != NULL && list->count > AWL_ENDPOINT_PARAMETERS_MAX)
        return awl_compiler_fail(c, "more than %d parameters",
                                 AWL_ENDPOINT_PARAMETERS_MAX);
    for (const struct awl_tree *p = list != NULL ? list->child : NULL; p != NULL;
         p = p->next) {
        uint32_t type = 0;
        enum awl_rc status = parameter_type(c, p, &type);
        if (status == AWL_OK)
            status = awl_rules_bind(rc, p->key, NULL);
        if (status != AWL_OK)
            return status;
        awl_words_add(out, awl_compiler_string(c, p->key));
        awl_words_add(out, awl_compiler_string_of(c, awl_tree_get(p, STR("builtIn"))));
        awl_words_add(out, type);
        awl_words_add(out, awl_tree_true(awl_tree_get(p, STR("required"))));
        awl_words_add(out, awl_compile_constant(c, awl_tree_get(p, STR("default"))));
    }
    return AWL_OK;
}

/* ---- rules ---- */

static enum awl_rc rule_compile(struct awl_rules_compiler *rc,
                                const struct awl_tree *rule, unsigned depth,
                                uint32_t *index);

static enum awl_rc conditions_compile(struct awl_rules_compiler *rc,
                                      const struct awl_tree *list, struct awl_words *out)
{
    if (!awl_tree_is(list, AWL_TREE_ARRAY))
        return AWL_OK;
    for (const struct awl_tree *node = list->child; node != NULL; node = node->next) {
        const struct awl_tree *assign = awl_tree_get(node, STR("assign"));
        uint32_t test, slot = AWL_MODEL_NONE;
        enum awl_rc status = awl_rules_expression(rc, node, 0, &test);
        if (status == AWL_OK && assign != NULL)
            status = awl_rules_bind(rc, awl_tree_text(assign), &slot);
        if (status != AWL_OK)
            return status;
        awl_words_add(out, test);
        awl_words_add(out, slot);
    }
    return AWL_OK;
}

static enum awl_rc tree_compile(struct awl_rules_compiler *rc,
                                const struct awl_tree *rule, unsigned depth,
                                struct awl_words *out)
{
    const struct awl_tree *rules = awl_tree_get(rule, STR("rules"));
    if (!awl_tree_is(rules, AWL_TREE_ARRAY))
        return awl_compiler_fail(rc->c, "a tree rule without rules");
    awl_words_add(out, rules->count);
    for (const struct awl_tree *r = rules->child; r != NULL; r = r->next) {
        uint32_t index;
        enum awl_rc status = rule_compile(rc, r, depth + 1, &index);
        if (status != AWL_OK)
            return status;
        awl_words_add(out, index);
    }
    return AWL_OK;
}

/* A header field's values, each an expression. */
static enum awl_rc header_values(struct awl_rules_compiler *rc,
                                 const struct awl_tree *list, uint32_t *index)
{
    struct awl_words words;
    enum awl_rc status = AWL_OK;
    awl_words_init(&words);
    awl_words_add(&words, AWL_EXPRESSION_ARRAY);
    awl_words_add(&words, list->count);
    for (const struct awl_tree *item = list->child; status == AWL_OK && item != NULL;
         item = item->next) {
        uint32_t value = 0;
        status = awl_rules_expression(rc, item, 0, &value);
        awl_words_add(&words, value);
    }
    if (status == AWL_OK)
        *index = awl_words_finish(&words, rc->c, true);
    awl_words_release(&words);
    return status;
}

static enum awl_rc headers_compile(struct awl_rules_compiler *rc,
                                   const struct awl_tree *headers, struct awl_words *out)
{
    awl_words_add(out, headers != NULL ? headers->count : 0);
    for (const struct awl_tree *h = headers != NULL ? headers->child : NULL; h != NULL;
         h = h->next) {
        uint32_t values;
        if (!awl_tree_is(h, AWL_TREE_ARRAY))
            return awl_compiler_fail(rc->c, "header '%.*s' is no list", STR_ARG(h->key));
        enum awl_rc status = header_values(rc, h, &values);
        if (status != AWL_OK)
            return status;
        awl_words_add(out, awl_compiler_string(rc->c, h->key));
        awl_words_add(out, values);
    }
    return AWL_OK;
}

static enum awl_rc endpoint_compile(struct awl_rules_compiler *rc,
                                    const struct awl_tree *rule, struct awl_words *out)
{
    const struct awl_tree *endpoint = awl_tree_get(rule, STR("endpoint"));
    const struct awl_tree *properties = awl_tree_get(endpoint, STR("properties"));
    uint32_t url, object = AWL_MODEL_NONE;
    enum awl_rc status =
        awl_rules_expression(rc, awl_tree_get(endpoint, STR("url")), 0, &url);
    if (status == AWL_OK && properties != NULL && properties->count > 0)
        status = awl_rules_value(rc, properties, 0, &object);
    if (status != AWL_OK)
        return status;
    awl_words_add(out, url);
    awl_words_add(out, object);
    return headers_compile(rc, awl_tree_get(endpoint, STR("headers")), out);
}

static enum awl_rc body_compile(struct awl_rules_compiler *rc,
                                const struct awl_tree *rule, enum awl_rule_kind kind,
                                unsigned depth, struct awl_words *out)
{
    uint32_t message;
    enum awl_rc status;
    switch (kind) {
    case AWL_RULE_ENDPOINT:
        return endpoint_compile(rc, rule, out);
    case AWL_RULE_TREE:
        return tree_compile(rc, rule, depth, out);
    default:
        status = awl_rules_expression(rc, awl_tree_get(rule, STR("error")), 0, &message);
        if (status == AWL_OK)
            awl_words_add(out, message);
        return status;
    }
}

static bool rule_kind(const struct awl_tree *rule, enum awl_rule_kind *kind)
{
    awl_str type = awl_tree_text(awl_tree_get(rule, STR("type")));
    if (awl_str_eq(type, STR("endpoint")))
        *kind = AWL_RULE_ENDPOINT;
    else if (awl_str_eq(type, STR("error")))
        *kind = AWL_RULE_ERROR;
    else if (awl_str_eq(type, STR("tree")))
        *kind = AWL_RULE_TREE;
    else
        return false;
    return true;
}

static enum awl_rc rule_compile(struct awl_rules_compiler *rc,
                                const struct awl_tree *rule, unsigned depth,
                                uint32_t *index)
{
    const struct awl_tree *conditions = awl_tree_get(rule, STR("conditions"));
    size_t bound = rc->bound_count;
    enum awl_rule_kind kind;
    if (depth > AWL_RULES_DEPTH_MAX)
        return awl_compiler_fail(rc->c, "rules nest more than %d deep",
                                 AWL_RULES_DEPTH_MAX);
    if (!rule_kind(rule, &kind))
        return awl_compiler_fail(rc->c, "a rule of an unknown type");
    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, kind);
    awl_words_add(&words, conditions != NULL ? conditions->count : 0);
    enum awl_rc status = conditions_compile(rc, conditions, &words);
    if (status == AWL_OK)
        status = body_compile(rc, rule, kind, depth, &words);
    rc->bound_count = bound;
    if (status == AWL_OK)
        *index = awl_words_finish(&words, rc->c, true);
    awl_words_release(&words);
    return status;
}

/* ---- the whole ---- */

static enum awl_rc rules_compile(struct awl_rules_compiler *rc,
                                 const struct awl_tree *rules, struct awl_words *out)
{
    const struct awl_tree *parameters = awl_tree_get(rules, STR("parameters"));
    const struct awl_tree *list = awl_tree_get(rules, STR("rules"));
    if (!awl_tree_is(list, AWL_TREE_ARRAY))
        return awl_compiler_fail(rc->c, "no rules");
    awl_words_add(out, parameters != NULL ? parameters->count : 0);
    awl_words_add(out, 0);
    awl_words_add(out, list->count);
    enum awl_rc status = parameters_compile(rc, parameters, out);
    for (const struct awl_tree *rule = list->child; status == AWL_OK && rule != NULL;
         rule = rule->next) {
        uint32_t index;
        status = rule_compile(rc, rule, 0, &index);
        if (status == AWL_OK)
            awl_words_add(out, index);
    }
    if (status != AWL_OK)
        return status;
    if (awl_buf_rc(&out->buf) != AWL_OK)
        return fail_memory(rc->c);
    ((uint32_t *)out->buf.ptr)[AWL_RULES_SLOT_COUNT] = rc->slot_count;
    return AWL_OK;
}

enum awl_rc awl_compile_rules(struct awl_compiler *c, const struct awl_tree *rules)
{
    struct awl_rules_compiler rc = {.c = c};
    struct awl_words words;
    awl_words_init(&words);
    enum awl_rc status = rules_compile(&rc, rules, &words);
    if (status == AWL_OK)
        c->service.rules = awl_words_finish(&words, c, false);
    else
        awl_error_prefix(c->err, "endpoint rules");
    awl_words_release(&words);
    return status;
}
