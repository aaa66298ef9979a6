/* evaluate.h - values of endpoint rules and the evaluation of expressions. */
#ifndef AWL_MODEL_EVALUATE_H
#define AWL_MODEL_EVALUATE_H

#include "aws/arn.h"
#include "model/arena.h"
#include "model/endpoint.h"
#include "model/pack.h"

enum awl_value_kind {
    AWL_VALUE_UNSET,
    AWL_VALUE_BOOLEAN,
    AWL_VALUE_INTEGER,
    AWL_VALUE_STRING,
    AWL_VALUE_STRINGS,
    AWL_VALUE_PARTITION,
    AWL_VALUE_ARN,
    AWL_VALUE_RESOURCE, /* an ARN's resource as the list of its parts */
    AWL_VALUE_URL,
};

struct awl_rules_url {
    awl_str scheme;
    awl_str authority;
    awl_str path;
    awl_str normalized_path;
    bool is_ip;
};

struct awl_value {
    enum awl_value_kind kind;
    union {
        bool boolean;
        int32_t integer;
        awl_str string; /* STRING and RESOURCE */
        struct {
            const awl_str *items;
            size_t count;
        } strings;
        const uint32_t *partition;
        const struct awl_arn *arn;
        const struct awl_rules_url *url;
    } as;
};

/* What an evaluation keeps. Values point into the pack, the parameters or `arena`. */
struct awl_evaluator {
    struct awl_pack_words rules, partitions;
    struct awl_arena arena;
    struct awl_value slots[AWL_RULES_SLOTS_MAX];
    uint32_t slot_count;
    unsigned depth;
    unsigned steps; /* expressions evaluated so far */
    enum awl_rc rc; /* AWL_ENOMEM or AWL_ELIMIT; no value counts after it */
};

/* The value of the expression at a word index; unset when it has none. */
struct awl_value awl_evaluate(struct awl_evaluator *ev, uint32_t expression);

#define AWL_RULES_STEPS_MAX 100000 /* the largest rule set has 400 rules */
#define AWL_RULES_ARGUMENTS_MAX 16
#define AWL_RULES_ARGUMENTS_NAMED 4 /* so many are always there, if unset */

/* The value of a function (endpoint_functions.c). */
struct awl_value awl_evaluate_call(struct awl_evaluator *ev, enum awl_function function,
                                   const struct awl_value *args, uint32_t count);

/* An attribute of a partition, ARN or URL; an element of a list. */
struct awl_value awl_evaluate_attribute(struct awl_evaluator *ev,
                                        const struct awl_value *of,
                                        enum awl_attribute attribute);
struct awl_value awl_evaluate_index(const struct awl_value *of, int32_t index);

/* The words of a parameter; what follows the last one are the rules. */
static inline const uint32_t *awl_rules_parameter(const uint32_t *rules, uint32_t index)
{
    return rules + AWL_RULES_WORDS + (size_t)index * AWL_PARAMETER_WORDS;
}

static inline struct awl_value awl_value_string(awl_str text)
{
    return (struct awl_value){.kind = AWL_VALUE_STRING, .as.string = text};
}

static inline struct awl_value awl_value_boolean(bool boolean)
{
    return (struct awl_value){.kind = AWL_VALUE_BOOLEAN, .as.boolean = boolean};
}

static inline struct awl_value awl_value_unset(void)
{
    return (struct awl_value){.kind = AWL_VALUE_UNSET};
}

/* Memory is short or a limit is reached: unset from here on. */
static inline struct awl_value awl_evaluator_stop(struct awl_evaluator *ev,
                                                  enum awl_rc rc)
{
    if (ev->rc == AWL_OK)
        ev->rc = rc;
    return awl_value_unset();
}

#endif
