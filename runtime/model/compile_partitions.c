/* Region patterns are compiled to a few steps: they use no more of the regular
 * expressions than a start, literals, groups of literals, \w+, \d+ and an end. */
#include "model/compiler.h"

struct pattern {
    struct awl_compiler *c;
    awl_str rest;
    struct awl_words steps;
    uint32_t count;
    struct awl_buf literal; /* characters not yet put into a step */
};

static bool take(awl_str *rest, awl_str prefix)
{
    if (!awl_str_starts(*rest, prefix))
        return false;
    *rest = awl_str_slice(*rest, prefix.len, rest->len);
    return true;
}

static void literal_end(struct pattern *p)
{
    if (p->literal.len == 0 && awl_buf_rc(&p->literal) == AWL_OK)
        return;
    awl_words_add(&p->steps, AWL_PATTERN_ONE_OF);
    awl_words_add(&p->steps, 1);
    awl_words_add(&p->steps, awl_compiler_written(p->c, &p->literal));
    p->count++;
}

static bool is_plain(char ch)
{
    return awl_char_is_alnum(ch) || ch == '-' || ch == '_';
}

/* "(us|eu)" */
static bool group_add(struct pattern *p)
{
    size_t end = awl_str_find(p->rest, ')', 0);
    if (end == SIZE_MAX)
        return false;
    awl_str group = awl_str_slice(p->rest, 0, end);
    p->rest = awl_str_slice(p->rest, end + 1, p->rest.len);
    uint32_t count = 1;
    for (size_t i = 0; i < group.len; i++) {
        if (group.ptr[i] != '|' && !is_plain(group.ptr[i]))
            return false;
        count += group.ptr[i] == '|';
    }
    literal_end(p);
    awl_words_add(&p->steps, AWL_PATTERN_ONE_OF);
    awl_words_add(&p->steps, count);
    for (size_t from = 0; count > 0; count--) {
        size_t to = awl_str_find(group, '|', from);
        awl_words_add(&p->steps,
                      awl_compiler_string(p->c, awl_str_slice(group, from, to)));
        from = to + 1;
    }
    p->count++;
    return true;
}

static void class_add(struct pattern *p, enum awl_pattern_step step)
{
    literal_end(p);
    awl_words_add(&p->steps, step);
    p->count++;
}

static bool pattern_steps(struct pattern *p)
{
    if (!take(&p->rest, STR("^")) || !awl_str_ends(p->rest, STR("$")))
        return false;
    p->rest.len--;
    while (p->rest.len > 0) {
        if (take(&p->rest, STR("("))) {
            if (!group_add(p))
                return false;
        } else if (take(&p->rest, STR("\\w+"))) {
            class_add(p, AWL_PATTERN_WORD);
        } else if (take(&p->rest, STR("\\d+"))) {
            class_add(p, AWL_PATTERN_DIGITS);
        } else {
            bool escaped = take(&p->rest, STR("\\"));
            char ch = p->rest.len > 0 ? p->rest.ptr[0] : '\0';
            if (escaped ? ch == '\0' || awl_char_is_alnum(ch) : !is_plain(ch))
                return false;
            awl_buf_append_char(&p->literal, ch);
            p->rest = awl_str_slice(p->rest, 1, p->rest.len);
        }
    }
    literal_end(p);
    return p->count <= AWL_PATTERN_STEPS_MAX;
}

/* *index is none for an empty pattern. */
static enum awl_rc pattern_compile(struct awl_compiler *c, awl_str text, uint32_t *index)
{
    struct pattern p = {.c = c, .rest = text};
    *index = AWL_MODEL_NONE;
    if (text.len == 0)
        return AWL_OK;
    awl_words_init(&p.steps);
    awl_words_add(&p.steps, 0);
    awl_buf_init(&p.literal, UINT16_MAX);
    bool understood = pattern_steps(&p);
    if (awl_buf_rc(&p.steps.buf) == AWL_OK)
        memcpy(p.steps.buf.ptr, &p.count, sizeof(p.count));
    if (understood)
        *index = awl_words_finish(&p.steps, c, false);
    awl_words_release(&p.steps);
    awl_buf_release(&p.literal);
    return understood ? AWL_OK
                      : awl_compiler_fail(c, "region pattern '%.*s' is too complicated",
                                          STR_ARG(text));
}

static enum awl_rc partition_compile(struct awl_compiler *c, const struct awl_tree *node,
                                     uint32_t *index)
{
    const struct awl_tree *outputs = awl_tree_get(node, STR("outputs"));
    const struct awl_tree *regions = awl_tree_get(node, STR("regions"));
    uint32_t pattern;
    enum awl_rc rc = pattern_compile(
        c, awl_tree_text(awl_tree_get(node, STR("regionRegex"))), &pattern);
    if (rc != AWL_OK)
        return rc;
    const uint32_t head[AWL_PARTITION_WORDS] = {
        [AWL_PARTITION_NAME] =
            awl_compiler_string(c, awl_tree_text(awl_tree_get(node, STR("id")))),
        [AWL_PARTITION_DNS_SUFFIX] =
            awl_compiler_string_of(c, awl_tree_get(outputs, STR("dnsSuffix"))),
        [AWL_PARTITION_DUAL_STACK_DNS_SUFFIX] =
            awl_compiler_string_of(c, awl_tree_get(outputs, STR("dualStackDnsSuffix"))),
        [AWL_PARTITION_IMPLICIT_GLOBAL_REGION] =
            awl_compiler_string_of(c, awl_tree_get(outputs, STR("implicitGlobalRegion"))),
        [AWL_PARTITION_SUPPORTS_FIPS] =
            awl_tree_true(awl_tree_get(outputs, STR("supportsFIPS"))),
        [AWL_PARTITION_SUPPORTS_DUAL_STACK] =
            awl_tree_true(awl_tree_get(outputs, STR("supportsDualStack"))),
        [AWL_PARTITION_PATTERN] = pattern,
        [AWL_PARTITION_REGION_COUNT] = regions != NULL ? regions->count : 0,
    };
    struct awl_words words;
    awl_words_init(&words);
    for (unsigned i = 0; i < AWL_PARTITION_WORDS; i++)
        awl_words_add(&words, head[i]);
    for (const struct awl_tree *r = regions != NULL ? regions->child : NULL; r != NULL;
         r = r->next)
        awl_words_add(&words, awl_compiler_string(c, r->key));
    *index = awl_words_finish(&words, c, false);
    awl_words_release(&words);
    return AWL_OK;
}

enum awl_rc awl_compile_partitions(struct awl_compiler *c,
                                   const struct awl_tree *partitions)
{
    struct awl_words list;
    enum awl_rc rc = AWL_OK;
    awl_words_init(&list);
    awl_words_add(&list, awl_tree_is(partitions, AWL_TREE_ARRAY) ? partitions->count : 0);
    if (awl_tree_is(partitions, AWL_TREE_ARRAY))
        for (const struct awl_tree *node = partitions->child;
             rc == AWL_OK && node != NULL; node = node->next) {
            uint32_t index = AWL_MODEL_NONE;
            rc = partition_compile(c, node, &index);
            awl_words_add(&list, index);
        }
    if (rc == AWL_OK)
        c->partition_list = awl_words_finish(&list, c, false);
    awl_words_release(&list);
    return rc;
}
