/* The endpoint rules and partitions of a pack. Parts stand before the whole, so
 * there are no cycles; a part that is used twice is looked at once. */
#include "model/evaluate.h"
#include "model/pack_check.h"

static const uint32_t *words_at(const struct awl_checker *c, uint32_t index)
{
    return c->part->words + index;
}

/* Whether the word was seen before; notes it. */
static bool seen(unsigned char *bits, uint32_t index)
{
    unsigned char bit = (unsigned char)(1u << (index & 7));
    bool before = (bits[index / 8] & bit) != 0;
    bits[index / 8] |= bit;
    return before;
}

static bool check_expression(struct awl_checker *c, uint32_t index, uint32_t before,
                             unsigned depth);

static bool check_parts(struct awl_checker *c, uint32_t whole, uint32_t first,
                        uint32_t count, unsigned depth)
{
    if (!awl_check_words(c, first, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_expression(c, *words_at(c, first + i), whole, depth + 1))
            return false;
    return true;
}

static bool check_object(struct awl_checker *c, uint32_t index, unsigned depth)
{
    uint32_t count = words_at(c, index)[1];
    if (!awl_check_words(c, index + 2, 2 * (uint64_t)count))
        return false;
    const uint32_t *w = words_at(c, index + 2);
    for (uint32_t i = 0; i < count; i++, w += 2)
        if (!awl_check_string(c, w[0], false) ||
            !check_expression(c, w[1], index, depth + 1))
            return false;
    return true;
}

static bool check_kind(struct awl_checker *c, uint32_t index, unsigned depth)
{
    const uint32_t *w = words_at(c, index);
    switch (w[0]) {
    case AWL_EXPRESSION_STRING:
        return awl_check_string(c, w[1], false);
    case AWL_EXPRESSION_BOOLEAN:
    case AWL_EXPRESSION_INTEGER:
    case AWL_EXPRESSION_REF:
        return true;
    case AWL_EXPRESSION_TEMPLATE:
    case AWL_EXPRESSION_ARRAY:
        return check_parts(c, index, index + 2, w[1], depth);
    case AWL_EXPRESSION_OBJECT:
        return check_object(c, index, depth);
    case AWL_EXPRESSION_ATTRIBUTE:
        return awl_check_words(c, index, 3) &&
               awl_check(c, w[2] < AWL_ATTRIBUTES, "an unknown attribute") &&
               check_expression(c, w[1], index, depth + 1);
    case AWL_EXPRESSION_INDEX:
        return awl_check_words(c, index, 3) &&
               check_expression(c, w[1], index, depth + 1);
    case AWL_EXPRESSION_CALL:
        return awl_check_words(c, index, 3) &&
               awl_check(
                   c, w[1] < AWL_FUNCTIONS && w[2] > 0 && w[2] <= AWL_RULES_ARGUMENTS_MAX,
                   "an unknown function") &&
               check_parts(c, index, index + 3, w[2], depth);
    default:
        return awl_check(c, false, "an unknown expression");
    }
}

/* `before` is the word that the expression must stand before. */
static bool check_expression(struct awl_checker *c, uint32_t index, uint32_t before,
                             unsigned depth)
{
    if (!awl_check_words(c, index, 2) ||
        !awl_check(c, index < before && depth <= 2 * AWL_RULES_DEPTH_MAX,
                   "expressions in a bad order"))
        return false;
    return seen(c->expressions, index) || check_kind(c, index, depth);
}

bool awl_check_constant(struct awl_checker *c, uint32_t expression)
{
    if (!check_expression(c, expression, AWL_MODEL_NONE, 0))
        return false;
    const uint32_t *w = words_at(c, expression);
    if (w[0] != AWL_EXPRESSION_ARRAY)
        return awl_check(c,
                         w[0] == AWL_EXPRESSION_STRING || w[0] == AWL_EXPRESSION_BOOLEAN,
                         "a default that is no constant");
    for (uint32_t i = 0; i < w[1]; i++)
        if (!awl_check(c, *words_at(c, w[2 + i]) == AWL_EXPRESSION_STRING,
                       "a default that is no constant"))
            return false;
    return true;
}

/* ---- rules ---- */

static bool check_rule(struct awl_checker *c, uint32_t index, uint32_t before,
                       unsigned depth);

static bool check_headers(struct awl_checker *c, uint32_t rule, uint32_t index)
{
    if (!awl_check_words(c, index, 1))
        return false;
    uint32_t count = *words_at(c, index);
    if (!awl_check_words(c, index + 1, 2 * (uint64_t)count))
        return false;
    const uint32_t *w = words_at(c, index + 1);
    for (uint32_t i = 0; i < count; i++, w += 2)
        if (!awl_check_string(c, w[0], false) || !check_expression(c, w[1], rule, 0))
            return false;
    return true;
}

static bool check_endpoint(struct awl_checker *c, uint32_t rule, uint32_t body)
{
    if (!awl_check_words(c, body, 2))
        return false;
    const uint32_t *w = words_at(c, body);
    if (!check_expression(c, w[0], rule, 0) ||
        (w[1] != AWL_MODEL_NONE && !check_expression(c, w[1], rule, 0)))
        return false;
    return check_headers(c, rule, body + 2);
}

static bool check_tree(struct awl_checker *c, uint32_t rule, uint32_t body,
                       unsigned depth)
{
    if (!awl_check_words(c, body, 1))
        return false;
    uint32_t count = *words_at(c, body);
    if (!awl_check_words(c, body + 1, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_rule(c, *words_at(c, body + 1 + i), rule, depth + 1))
            return false;
    return true;
}

static bool check_rule(struct awl_checker *c, uint32_t index, uint32_t before,
                       unsigned depth)
{
    if (!awl_check_words(c, index, AWL_RULE_WORDS) ||
        !awl_check(c, index < before && depth <= AWL_RULES_DEPTH_MAX,
                   "rules in a bad order"))
        return false;
    if (seen(c->rules, index))
        return true;
    const uint32_t *w = words_at(c, index);
    uint32_t count = w[AWL_RULE_CONDITION_COUNT];
    uint32_t at = index + AWL_RULE_WORDS;
    if (!awl_check_words(c, at, (uint64_t)count * AWL_CONDITION_WORDS))
        return false;
    for (uint32_t i = 0; i < count; i++, at += AWL_CONDITION_WORDS)
        if (!check_expression(c, words_at(c, at)[AWL_CONDITION_TEST], index, 0))
            return false;
    switch (w[AWL_RULE_KIND]) {
    case AWL_RULE_ENDPOINT:
        return check_endpoint(c, index, at);
    case AWL_RULE_ERROR:
        return awl_check_words(c, at, 1) &&
               check_expression(c, *words_at(c, at), index, 0);
    case AWL_RULE_TREE:
        return check_tree(c, index, at, depth);
    default:
        return awl_check(c, false, "a rule of an unknown kind");
    }
}

static bool check_parameter(struct awl_checker *c, const uint32_t *w)
{
    return awl_check_string(c, w[AWL_PARAMETER_NAME], false) &&
           awl_check_string(c, w[AWL_PARAMETER_BUILT_IN], true) &&
           awl_check(c, w[AWL_PARAMETER_TYPE] <= AWL_ENDPOINT_STRING_ARRAY,
                     "a parameter of an unknown type") &&
           (w[AWL_PARAMETER_DEFAULT] == AWL_MODEL_NONE ||
            awl_check_constant(c, w[AWL_PARAMETER_DEFAULT]));
}

bool awl_check_rules(struct awl_checker *c, uint32_t rules)
{
    if (!awl_check_words(c, rules, AWL_RULES_WORDS))
        return false;
    const uint32_t *w = words_at(c, rules);
    uint32_t count = w[AWL_RULES_PARAMETER_COUNT];
    if (!awl_check(c,
                   count <= AWL_ENDPOINT_PARAMETERS_MAX &&
                       count <= w[AWL_RULES_SLOT_COUNT] &&
                       w[AWL_RULES_SLOT_COUNT] <= AWL_RULES_SLOTS_MAX,
                   "too many parameters"))
        return false;
    uint32_t first = rules + AWL_RULES_WORDS + count * AWL_PARAMETER_WORDS;
    if (!awl_check_words(c, rules + AWL_RULES_WORDS, count * AWL_PARAMETER_WORDS) ||
        !awl_check_words(c, first, w[AWL_RULES_RULE_COUNT]))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_parameter(c, w + AWL_RULES_WORDS + i * AWL_PARAMETER_WORDS))
            return false;
    for (uint32_t i = 0; i < w[AWL_RULES_RULE_COUNT]; i++)
        if (!check_rule(c, *words_at(c, first + i), AWL_MODEL_NONE, 0))
            return false;
    return true;
}

/* ---- partitions ---- */

static bool check_pattern(struct awl_checker *c, uint32_t index)
{
    if (!awl_check_words(c, index, 1))
        return false;
    uint32_t steps = *words_at(c, index++);
    if (!awl_check(c, steps <= AWL_PATTERN_STEPS_MAX, "a pattern is too long"))
        return false;
    for (; steps > 0; steps--) {
        if (!awl_check_words(c, index, 2))
            return false;
        const uint32_t *w = words_at(c, index);
        if (!awl_check(c, w[0] < AWL_PATTERN_STEPS, "an unknown pattern") ||
            (w[0] == AWL_PATTERN_ONE_OF && !awl_check_strings(c, index + 2, w[1])))
            return false;
        index += w[0] == AWL_PATTERN_ONE_OF ? 2 + w[1] : 1;
    }
    return true;
}

static bool check_partition(struct awl_checker *c, uint32_t index)
{
    if (!awl_check_words(c, index, AWL_PARTITION_WORDS))
        return false;
    const uint32_t *w = words_at(c, index);
    for (unsigned i = 0; i <= AWL_PARTITION_IMPLICIT_GLOBAL_REGION; i++)
        if (!awl_check_string(c, w[i], true))
            return false;
    return (w[AWL_PARTITION_PATTERN] == AWL_MODEL_NONE ||
            check_pattern(c, w[AWL_PARTITION_PATTERN])) &&
           awl_check_strings(c, index + AWL_PARTITION_WORDS,
                             w[AWL_PARTITION_REGION_COUNT]);
}

bool awl_check_partitions(struct awl_checker *c, uint32_t list)
{
    if (list == AWL_MODEL_NONE)
        return c->reason == NULL;
    if (!awl_check_words(c, list, 1))
        return false;
    uint32_t count = *words_at(c, list);
    if (!awl_check_words(c, list + 1, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_partition(c, *words_at(c, list + 1 + i)))
            return false;
    return true;
}
