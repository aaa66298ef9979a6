/* tree.h - a JSON text as a tree, in declared order.
 *
 * For the model compiler and its tests, which look at a document more than once;
 * what runs a call reads tokens (base/json.h). Functions that take a node accept
 * NULL, the node that is not there. */
#ifndef AWL_MODEL_TREE_H
#define AWL_MODEL_TREE_H

#include "base/buf.h"
#include "model/arena.h"

enum awl_tree_type {
    AWL_TREE_NULL,
    AWL_TREE_BOOLEAN,
    AWL_TREE_NUMBER,
    AWL_TREE_STRING,
    AWL_TREE_ARRAY,
    AWL_TREE_OBJECT,
};

struct awl_tree {
    enum awl_tree_type type;
    bool boolean;
    uint32_t count;         /* of an array's or object's children */
    awl_str key;            /* of an object's child, escapes resolved */
    awl_str text;           /* STRING: escapes resolved; NUMBER: as written */
    struct awl_tree *child; /* the first */
    struct awl_tree *last;
    struct awl_tree *next;
};

/* NULL with `err` when `json` is not JSON or memory is short. Nodes stand in `arena`
 * and point into `json`: both must outlive the tree. */
struct awl_tree *awl_tree_parse(struct awl_arena *arena, awl_str json,
                                struct awl_error *err);

/* The child of an object by key, or NULL. */
struct awl_tree *awl_tree_get(const struct awl_tree *object, awl_str key);

/* The text of a string; "" for anything else. */
awl_str awl_tree_text(const struct awl_tree *node);

/* The truth of a boolean; false for anything else. */
bool awl_tree_true(const struct awl_tree *node);

/* Whether the node is there and of that type. */
bool awl_tree_is(const struct awl_tree *node, enum awl_tree_type type);

/* The value of an integral number; false for anything else. */
bool awl_tree_int64(const struct awl_tree *node, int64_t *value);

/* Lays `extra` over `base`: objects are merged member by member, anything else is
 * replaced. Takes the nodes of `extra` over. */
void awl_tree_merge(struct awl_tree *base, struct awl_tree *extra);

/* Takes a child away by key, if it is there. */
void awl_tree_remove(struct awl_tree *object, awl_str key);

/* Equal by value: objects without order, numbers as doubles. */
bool awl_tree_equal(const struct awl_tree *a, const struct awl_tree *b);

/* Appends the tree as minified JSON. */
enum awl_rc awl_tree_write(struct awl_buf *out, const struct awl_tree *node);

#endif
