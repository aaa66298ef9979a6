#include "script/jmespath_tree.h"

#include <stdlib.h>

#include "base/json.h"

static bool tree_grow(struct awl_jmespath_tree *tree)
{
    uint32_t cap = tree->cap > 0 ? tree->cap * 2 : 8;
    struct awl_jmespath_node *nodes = realloc(tree->nodes, cap * sizeof *nodes);
    if (nodes == NULL)
        return false;
    tree->nodes = nodes;
    tree->cap = cap;
    return true;
}

uint32_t awl_jmespath_tree_add(struct awl_jmespath_tree *tree, enum awl_jmespath_op op,
                               size_t at, uint32_t left, uint32_t right)
{
    if (tree->count == tree->cap && !tree_grow(tree))
        return AWL_JMESPATH_NONE;
    uint32_t index = tree->count++;
    tree->nodes[index] = (struct awl_jmespath_node){
        .op = (uint8_t)op,
        .at = (uint32_t)at,
        .left = left,
        .right = right,
        .condition = AWL_JMESPATH_NONE,
        .next = AWL_JMESPATH_NONE,
    };
    return index;
}

static unsigned deeper(const struct awl_jmespath_tree *tree, unsigned depth,
                       uint32_t part)
{
    if (part == AWL_JMESPATH_NONE || tree->nodes[part].depth <= depth)
        return depth;
    return tree->nodes[part].depth;
}

/* A chain such as a.b.c grows to the left without recursion in the parser, but the
 * evaluator will recurse, so each node knows how deep it is. */
unsigned awl_jmespath_tree_measure(struct awl_jmespath_tree *tree, uint32_t index)
{
    struct awl_jmespath_node *node = &tree->nodes[index];
    unsigned depth = deeper(tree, deeper(tree, 0, node->right), node->condition);
    for (uint32_t part = node->left; part != AWL_JMESPATH_NONE;
         part = tree->nodes[part].next)
        depth = deeper(tree, depth, part);
    node->depth = (uint16_t)(depth + 1);
    return node->depth;
}

void awl_jmespath_tree_add_raw(struct awl_jmespath_tree *tree, awl_str part, char quote)
{
    /* The part lies in the buffer that grows: by offset, not by pointer. */
    struct awl_buf *text = &tree->text;
    size_t start = (size_t)(part.ptr - text->ptr);
    for (size_t i = 0; i < part.len; i++) {
        if (text->ptr[start + i] == '\\' && i + 1 < part.len) {
            if (text->ptr[start + i + 1] != quote)
                awl_buf_append_char(text, '\\');
            i++;
        }
        awl_buf_append_char(text, text->ptr[start + i]);
    }
}

bool awl_jmespath_tree_is_json(const struct awl_jmespath_tree *tree, size_t start)
{
    struct awl_json_reader reader;
    awl_json_reader_init(&reader,
                         awl_str_slice(awl_buf_str(&tree->text), start, tree->text.len));
    return awl_json_skip(&reader, awl_json_next(&reader)) == AWL_OK &&
           awl_json_next(&reader) == AWL_JSON_END;
}

bool awl_jmespath_tree_add_quoted(struct awl_jmespath_tree *tree, size_t at, size_t len,
                                  size_t *start)
{
    struct awl_buf *text = &tree->text;
    size_t quoted = text->len;
    awl_buf_reserve(text, len);
    awl_buf_append(text, text->ptr + at, len);
    *start = text->len;
    if (awl_buf_rc(text) != AWL_OK)
        return true;
    if (!awl_jmespath_tree_is_json(tree, quoted))
        return false;
    /* What is unescaped lies in the buffer, which must not grow meanwhile. */
    if (awl_buf_reserve(text, 3 * len) != AWL_OK)
        return true;
    awl_json_unescape(text, awl_str_make(text->ptr + quoted + 1, len - 2));
    return true;
}

void awl_jmespath_release(struct awl_jmespath_tree *tree)
{
    free(tree->nodes);
    awl_buf_release(&tree->text);
    *tree = (struct awl_jmespath_tree){.nodes = NULL};
}
