/* Expressions of endpoint rules: everything but the functions. */
#include "model/evaluate.h"

static struct awl_value evaluate_template(struct awl_evaluator *ev, const uint32_t *parts,
                                          uint32_t count)
{
    awl_str texts[AWL_RULES_TEMPLATE_MAX];
    size_t len = 0;
    if (count > AWL_RULES_TEMPLATE_MAX)
        return awl_evaluator_stop(ev, AWL_ELIMIT);
    for (uint32_t i = 0; i < count; i++) {
        struct awl_value part = awl_evaluate(ev, parts[i]);
        if (part.kind == AWL_VALUE_BOOLEAN)
            part = awl_value_string(part.as.boolean ? STR("true") : STR("false"));
        if (part.kind != AWL_VALUE_STRING)
            return awl_value_unset();
        texts[i] = part.as.string;
        len += texts[i].len;
    }
    char *text = awl_arena_alloc(&ev->arena, len + 1), *to = text;
    if (text == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    for (uint32_t i = 0; i < count; i++) {
        if (texts[i].len > 0)
            memcpy(to, texts[i].ptr, texts[i].len);
        to += texts[i].len;
    }
    return awl_value_string(awl_str_make(text, len));
}

/* A list of strings. */
static struct awl_value evaluate_array(struct awl_evaluator *ev, const uint32_t *parts,
                                       uint32_t count)
{
    awl_str *items = awl_arena_alloc(&ev->arena, (count + (size_t)1) * sizeof(*items));
    if (items == NULL)
        return awl_evaluator_stop(ev, AWL_ENOMEM);
    for (uint32_t i = 0; i < count; i++) {
        struct awl_value part = awl_evaluate(ev, parts[i]);
        if (part.kind != AWL_VALUE_STRING)
            return awl_value_unset();
        items[i] = part.as.string;
    }
    struct awl_value value = {.kind = AWL_VALUE_STRINGS};
    value.as.strings.items = items;
    value.as.strings.count = count;
    return value;
}

static struct awl_value evaluate_call(struct awl_evaluator *ev, const uint32_t *words)
{
    struct awl_value args[AWL_RULES_ARGUMENTS_MAX];
    enum awl_function function = words[1];
    uint32_t count = words[2];
    if (count > AWL_RULES_ARGUMENTS_MAX)
        return awl_evaluator_stop(ev, AWL_ELIMIT);
    for (uint32_t i = 0; i < count; i++)
        args[i] = awl_evaluate(ev, words[3 + i]);
    for (uint32_t i = count; i < AWL_RULES_ARGUMENTS_NAMED; i++)
        args[i] = awl_value_unset();
    return ev->rc == AWL_OK ? awl_evaluate_call(ev, function, args, count)
                            : awl_value_unset();
}

static struct awl_value evaluate_kind(struct awl_evaluator *ev, const uint32_t *words)
{
    struct awl_value of;
    switch ((enum awl_expression_kind)words[0]) {
    case AWL_EXPRESSION_STRING:
        return awl_value_string(awl_pack_words_str(&ev->rules, words[1]));
    case AWL_EXPRESSION_BOOLEAN:
        return awl_value_boolean(words[1] != 0);
    case AWL_EXPRESSION_INTEGER:
        return (struct awl_value){.kind = AWL_VALUE_INTEGER,
                                  .as.integer = (int32_t)words[1]};
    case AWL_EXPRESSION_REF:
        return words[1] < ev->slot_count ? ev->slots[words[1]] : awl_value_unset();
    case AWL_EXPRESSION_TEMPLATE:
        return evaluate_template(ev, words + 2, words[1]);
    case AWL_EXPRESSION_ARRAY:
        return evaluate_array(ev, words + 2, words[1]);
    case AWL_EXPRESSION_ATTRIBUTE:
        of = awl_evaluate(ev, words[1]);
        return awl_evaluate_attribute(ev, &of, words[2]);
    case AWL_EXPRESSION_INDEX:
        of = awl_evaluate(ev, words[1]);
        return awl_evaluate_index(&of, (int32_t)words[2]);
    case AWL_EXPRESSION_CALL:
        return evaluate_call(ev, words);
    default:
        return awl_value_unset();
    }
}

struct awl_value awl_evaluate(struct awl_evaluator *ev, uint32_t expression)
{
    if (ev->rc != AWL_OK || ev->depth > AWL_RULES_DEPTH_MAX ||
        ev->steps > AWL_RULES_STEPS_MAX)
        return awl_evaluator_stop(ev, AWL_ELIMIT);
    ev->depth++;
    ev->steps++;
    struct awl_value value = evaluate_kind(ev, ev->rules.words + expression);
    ev->depth--;
    return value;
}
