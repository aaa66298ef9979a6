/* What a rule set asks for, and what operations set of it by themselves. */
#include "model/endpoint.h"
#include "model/evaluate.h"

uint32_t awl_endpoint_parameter_count(const struct awl_model *model)
{
    const uint32_t *rules = model->rules.root;
    return rules != NULL ? rules[AWL_RULES_PARAMETER_COUNT] : 0;
}

void awl_endpoint_parameter(const struct awl_model *model, uint32_t index,
                            struct awl_endpoint_parameter *parameter)
{
    const uint32_t *w = awl_rules_parameter(model->rules.root, index);
    *parameter = (struct awl_endpoint_parameter){
        .name = awl_pack_words_str(&model->rules, w[AWL_PARAMETER_NAME]),
        .built_in = awl_pack_words_str(&model->rules, w[AWL_PARAMETER_BUILT_IN]),
        .type = w[AWL_PARAMETER_TYPE],
        .required = w[AWL_PARAMETER_REQUIRED] != 0,
        .has_default = w[AWL_PARAMETER_DEFAULT] != AWL_MODEL_NONE,
    };
}

uint32_t awl_endpoint_parameter_find(const struct awl_model *model, awl_str name)
{
    const uint32_t *rules = model->rules.root;
    uint32_t count = awl_endpoint_parameter_count(model);
    for (uint32_t i = 0; i < count; i++)
        if (awl_str_eq(
                awl_pack_words_str(&model->rules,
                                   awl_rules_parameter(rules, i)[AWL_PARAMETER_NAME]),
                name))
            return i;
    return AWL_MODEL_NONE;
}

uint32_t awl_endpoint_binding_count(const struct awl_model *model,
                                    const struct awl_operation *operation)
{
    return operation->extra != AWL_MODEL_NONE ? model->words[operation->extra] : 0;
}

/* A constant of the pack as a value; an array's strings go into `strings`. */
static void constant_value(const struct awl_model *model, const uint32_t *words,
                           struct awl_endpoint_value *value,
                           awl_str strings[AWL_ENDPOINT_ARRAY_MAX])
{
    switch (words[0]) {
    case AWL_EXPRESSION_STRING:
        value->type = AWL_ENDPOINT_STRING;
        value->string = awl_model_str(model, words[1]);
        break;
    case AWL_EXPRESSION_BOOLEAN:
        value->type = AWL_ENDPOINT_BOOLEAN;
        value->boolean = words[1] != 0;
        break;
    case AWL_EXPRESSION_ARRAY:
        value->type = AWL_ENDPOINT_STRING_ARRAY;
        value->strings = strings;
        for (uint32_t i = 0; i < words[1] && i < AWL_ENDPOINT_ARRAY_MAX; i++)
            strings[value->string_count++] =
                awl_model_str(model, model->words[words[2 + i] + 1]);
        break;
    default:
        break;
    }
}

void awl_endpoint_binding(const struct awl_model *model,
                          const struct awl_operation *operation, uint32_t index,
                          struct awl_endpoint_binding *binding)
{
    const uint32_t *w =
        model->words + operation->extra + 1 + (size_t)index * AWL_BINDING_WORDS;
    binding->parameter = awl_model_str(model, w[AWL_BINDING_PARAMETER]);
    binding->path = awl_model_str(model, w[AWL_BINDING_PATH]);
    binding->value = (struct awl_endpoint_value){.type = AWL_ENDPOINT_UNSET};
    if (w[AWL_BINDING_VALUE] != AWL_MODEL_NONE)
        constant_value(model, model->words + w[AWL_BINDING_VALUE], &binding->value,
                       binding->strings);
}
