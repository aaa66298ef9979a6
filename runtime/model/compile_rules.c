#include "model/compiler.h"
#include "model/endpoint.h"

/* ---- writing expressions ---- */

static uint32_t emit2(struct awl_compiler *c, enum awl_expression_kind kind, uint32_t a)
{
    const uint32_t words[] = {kind, a};
    return awl_compiler_words(c, words, 2, false);
}

uint32_t awl_compile_constant(struct awl_compiler *c, const struct awl_tree *node)
{
    if (awl_tree_is(node, AWL_TREE_STRING))
        return emit2(c, AWL_EXPRESSION_STRING, awl_compiler_string(c, node->text));
    if (awl_tree_is(node, AWL_TREE_BOOLEAN))
        return emit2(c, AWL_EXPRESSION_BOOLEAN, node->boolean);
    if (!awl_tree_is(node, AWL_TREE_ARRAY))
        return AWL_MODEL_NONE;

    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, AWL_EXPRESSION_ARRAY);
    awl_words_add(&words, node->count);
    for (const struct awl_tree *item = node->child; item != NULL; item = item->next)
        awl_words_add(&words, emit2(c, AWL_EXPRESSION_STRING,
                                    awl_compiler_string(c, awl_tree_text(item))));
    uint32_t index = awl_words_finish(&words, c, false);
    awl_words_release(&words);
    return index;
}
