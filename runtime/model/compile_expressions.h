/* compile_expressions.h - expressions of endpoint rules, for compile_rules.c. */
#ifndef AWL_MODEL_COMPILE_EXPRESSIONS_H
#define AWL_MODEL_COMPILE_EXPRESSIONS_H

#include "model/compiler.h"
#include "model/endpoint.h"

struct awl_rules_compiler {
    struct awl_compiler *c;
    struct {
        awl_str name;
        uint32_t slot;
    } bound[AWL_RULES_SLOTS_MAX]; /* the names that are visible, innermost last */
    size_t bound_count;
    uint32_t slot_count;
};

/* Makes a name visible until `bound_count` is set back. `slot` may be NULL. */
enum awl_rc awl_rules_bind(struct awl_rules_compiler *rc, awl_str name, uint32_t *slot);

/* A function call, a reference or a literal. */
enum awl_rc awl_rules_expression(struct awl_rules_compiler *rc,
                                 const struct awl_tree *node, unsigned depth,
                                 uint32_t *index);

/* Any JSON, its strings being templates. */
enum awl_rc awl_rules_value(struct awl_rules_compiler *rc, const struct awl_tree *node,
                            unsigned depth, uint32_t *index);

#endif
