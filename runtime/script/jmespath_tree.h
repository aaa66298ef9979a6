/* jmespath_tree.h - what the parser makes a tree with: nodes and text. */
#ifndef AWL_SCRIPT_JMESPATH_TREE_H
#define AWL_SCRIPT_JMESPATH_TREE_H

#include "script/jmespath_ast.h"

/* The index of a new node, not yet measured; AWL_JMESPATH_NONE when memory is out. */
uint32_t awl_jmespath_tree_add(struct awl_jmespath_tree *tree, enum awl_jmespath_op op,
                               size_t at, uint32_t left, uint32_t right);

/* Sets the depth of a node whose parts have theirs, and returns it. */
unsigned awl_jmespath_tree_measure(struct awl_jmespath_tree *tree, uint32_t index);

/* These add to the tree's text, whose awl_buf_rc tells whether memory was out. */

/* A part of that text, with each backslash before a `quote` left out. */
void awl_jmespath_tree_add_raw(struct awl_jmespath_tree *tree, awl_str part, char quote);

/* What the JSON string of `len` bytes at `at`, quotes included, means; it begins at
 * `*start`. False if it is none. */
bool awl_jmespath_tree_add_quoted(struct awl_jmespath_tree *tree, size_t at, size_t len,
                                  size_t *start);

/* Whether what was added from `start` on is one JSON value. */
bool awl_jmespath_tree_is_json(const struct awl_jmespath_tree *tree, size_t start);

#endif
