/* jmespath_eval.h - what the evaluator and its functions share. */
#ifndef AWL_SCRIPT_JMESPATH_EVAL_H
#define AWL_SCRIPT_JMESPATH_EVAL_H

#include <lua.h>

#include "script/jmespath_ast.h"

struct awl_jmespath_eval {
    lua_State *L;
    const struct awl_jmespath_tree *tree; /* something on the stack keeps it alive */
    uint32_t steps;
};

/* Pushes what the node gives for the value at `current`, an absolute index; nil or
 * awl.json.null for null. Raises. */
void awl_jmespath_eval(struct awl_jmespath_eval *e, uint32_t node, int current);

/* Pushes what the function gives for its arguments, which stand from stack index `base`
 * on and have been checked. */
void awl_jmespath_call(struct awl_jmespath_eval *e, const struct awl_jmespath_node *call,
                       int base, uint32_t count);

/* Counts work: one that no expression in earnest needs is refused. */
void awl_jmespath_step(struct awl_jmespath_eval *e, const struct awl_jmespath_node *node);

/* Raises, as awl_jmespath_fail words it. */
void awl_jmespath_raise(struct awl_jmespath_eval *e, const struct awl_jmespath_node *node,
                        const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5), noreturn));

#endif
