/* jmespath_signature.c - what JMESPath's functions take. */
#include <stdio.h>

#include "script/jmespath_ast.h"

#define ARRAY AWL_JMESPATH_ARRAY
#define OBJECT AWL_JMESPATH_OBJECT
#define TEXT AWL_JMESPATH_TEXT
#define NUMBER AWL_JMESPATH_NUMBER
#define ANY AWL_JMESPATH_ANY
#define REFERENCE AWL_JMESPATH_REFERENCE
#define MANY AWL_JMESPATH_MANY

/* Sorted; the evaluator has its functions in the same order. */
static const struct awl_jmespath_signature signatures[] = {
    {"abs", 1, 1, {NUMBER}},
    {"avg", 1, 1, {ARRAY}},
    {"ceil", 1, 1, {NUMBER}},
    {"contains", 2, 2, {ARRAY | TEXT, ANY}},
    {"ends_with", 2, 2, {TEXT, TEXT}},
    {"floor", 1, 1, {NUMBER}},
    {"join", 2, 2, {TEXT, ARRAY}},
    {"keys", 1, 1, {OBJECT}},
    {"length", 1, 1, {TEXT | ARRAY | OBJECT}},
    {"map", 2, 2, {REFERENCE, ARRAY}},
    {"max", 1, 1, {ARRAY}},
    {"max_by", 2, 2, {ARRAY, REFERENCE}},
    {"merge", 0, MANY, {OBJECT, OBJECT}},
    {"min", 1, 1, {ARRAY}},
    {"min_by", 2, 2, {ARRAY, REFERENCE}},
    {"not_null", 1, MANY, {ANY, ANY}},
    {"reverse", 1, 1, {ARRAY | TEXT}},
    {"sort", 1, 1, {ARRAY}},
    {"sort_by", 2, 2, {ARRAY, REFERENCE}},
    {"starts_with", 2, 2, {TEXT, TEXT}},
    {"sum", 1, 1, {ARRAY}},
    {"to_array", 1, 1, {ANY}},
    {"to_number", 1, 1, {ANY}},
    {"to_string", 1, 1, {ANY}},
    {"type", 1, 1, {ANY}},
    {"values", 1, 1, {OBJECT}},
};

int awl_jmespath_function_find(awl_str name)
{
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (awl_str_eq(awl_str_of(signatures[i].name), name))
            return (int)i;
    return -1;
}

const struct awl_jmespath_signature *awl_jmespath_signature(uint8_t function)
{
    return &signatures[function];
}

unsigned awl_jmespath_argument_types(const struct awl_jmespath_signature *signature,
                                     uint32_t index)
{
    return signature->types[index > 0 ? 1 : 0];
}

const char *awl_jmespath_type_names(unsigned types, char out[AWL_JMESPATH_TYPES_MAX])
{
    static const char *const names[] = {"null",  "boolean", "number",      "string",
                                        "array", "object",  "other value", "&expression"};
    size_t len = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((types & 1U << i) == 0)
            continue;
        int added = snprintf(out + len, AWL_JMESPATH_TYPES_MAX - len, "%s%s",
                             len > 0 ? " or " : "", names[i]);
        if (added < 0 || (size_t)added >= AWL_JMESPATH_TYPES_MAX - len)
            break;
        len += (size_t)added;
    }
    return out;
}
