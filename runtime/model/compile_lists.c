/* Paginators and waiters. */
#include <stdlib.h>

#include "model/compiler.h"

/* ---- paginators ---- */

/* A string, or a list of strings; the count. */
static uint32_t expressions_add(struct awl_compiler *c, struct awl_words *words,
                                const struct awl_tree *node)
{
    if (awl_tree_is(node, AWL_TREE_STRING)) {
        awl_words_add(words, awl_compiler_string(c, node->text));
        return 1;
    }
    if (!awl_tree_is(node, AWL_TREE_ARRAY))
        return 0;
    for (const struct awl_tree *item = node->child; item != NULL; item = item->next)
        awl_words_add(words, awl_compiler_string(c, awl_tree_text(item)));
    return node->count;
}

static uint32_t paginator_emit(struct awl_compiler *c, const struct awl_tree *node)
{
    static const awl_str keys[] = {
        [AWL_PAGINATOR_INPUT_COUNT] = {"input_token", 11},
        [AWL_PAGINATOR_OUTPUT_COUNT] = {"output_token", 12},
        [AWL_PAGINATOR_RESULT_COUNT] = {"result_key", 10},
        [AWL_PAGINATOR_NON_AGGREGATE_COUNT] = {"non_aggregate_keys", 18},
    };
    uint32_t head[AWL_PAGINATOR_WORDS];
    struct awl_words words;
    awl_words_init(&words);
    for (unsigned i = 0; i < AWL_PAGINATOR_WORDS; i++)
        awl_words_add(&words, 0);
    for (unsigned i = 0; i <= AWL_PAGINATOR_NON_AGGREGATE_COUNT; i++)
        head[i] = expressions_add(c, &words, awl_tree_get(node, keys[i]));
    head[AWL_PAGINATOR_LIMIT_KEY] =
        awl_compiler_string_of(c, awl_tree_get(node, STR("limit_key")));
    head[AWL_PAGINATOR_MORE_RESULTS] =
        awl_compiler_string_of(c, awl_tree_get(node, STR("more_results")));
    if (awl_buf_rc(&words.buf) == AWL_OK)
        memcpy(words.buf.ptr, head, sizeof(head));
    uint32_t index = awl_words_finish(&words, c, true);
    awl_words_release(&words);
    return index;
}

static struct awl_operation *operation_find(struct awl_compiler *c, awl_str name)
{
    struct awl_operation *ops =
        (struct awl_operation *)c->sections[AWL_PACK_OPERATIONS].ptr;
    uint32_t low = 0, high = awl_compiler_count(c, AWL_PACK_OPERATIONS);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = awl_str_cmp(awl_compiler_text(c, ops[middle].name), name);
        if (order == 0)
            return &ops[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum awl_rc awl_compile_paginators(struct awl_compiler *c,
                                   const struct awl_tree *paginators)
{
    if (!awl_tree_is(paginators, AWL_TREE_OBJECT))
        return AWL_OK;
    for (const struct awl_tree *node = paginators->child; node != NULL;
         node = node->next) {
        struct awl_operation *op = operation_find(c, node->key);
        if (op != NULL)
            op->paginator = paginator_emit(c, node);
    }
    return AWL_OK;
}

/* ---- waiters ---- */

static uint32_t number_of(const struct awl_tree *node, uint32_t otherwise)
{
    int64_t value;
    return awl_tree_int64(node, &value) && value >= 0 && value <= INT32_MAX
               ? (uint32_t)value
               : otherwise;
}

static void acceptor_add(struct awl_compiler *c, struct awl_words *words,
                         const struct awl_tree *node)
{
    struct awl_buf expected;
    awl_buf_init(&expected, UINT16_MAX);
    awl_tree_write(&expected, awl_tree_get(node, STR("expected")));
    awl_words_add(words, awl_compiler_string_of(c, awl_tree_get(node, STR("matcher"))));
    awl_words_add(words, awl_compiler_string_of(c, awl_tree_get(node, STR("state"))));
    awl_words_add(words, awl_compiler_string_of(c, awl_tree_get(node, STR("argument"))));
    awl_words_add(words, awl_compiler_written(c, &expected));
    awl_buf_release(&expected);
}

static void waiter_add(struct awl_compiler *c, struct awl_words *waiters,
                       const struct awl_tree *node)
{
    const struct awl_tree *list = awl_tree_get(node, STR("acceptors"));
    struct awl_words acceptors;
    awl_words_init(&acceptors);
    if (awl_tree_is(list, AWL_TREE_ARRAY))
        for (const struct awl_tree *item = list->child; item != NULL; item = item->next)
            acceptor_add(c, &acceptors, item);
    uint32_t count = awl_words_count(&acceptors) / AWL_ACCEPTOR_WORDS;

    awl_words_add(waiters, awl_compiler_string(c, node->key));
    awl_words_add(waiters, awl_compiler_snake(c, node->key));
    awl_words_add(waiters,
                  awl_compiler_string_of(c, awl_tree_get(node, STR("operation"))));
    awl_words_add(waiters, number_of(awl_tree_get(node, STR("delay")), 0));
    awl_words_add(waiters, number_of(awl_tree_get(node, STR("maxAttempts")), 1));
    awl_words_add(waiters, count);
    awl_words_add(waiters, awl_words_finish(&acceptors, c, true));
    awl_words_release(&acceptors);
}

static int node_compare(const void *a, const void *b)
{
    const struct awl_tree *const *x = a, *const *y = b;
    return awl_str_cmp((*x)->key, (*y)->key);
}

enum awl_rc awl_compile_waiters(struct awl_compiler *c, const struct awl_tree *waiters)
{
    if (!awl_tree_is(waiters, AWL_TREE_OBJECT) || waiters->count == 0)
        return AWL_OK;
    const struct awl_tree **sorted =
        awl_arena_alloc(&c->arena, waiters->count * sizeof(*sorted));
    if (sorted == NULL)
        return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    size_t count = 0;
    for (const struct awl_tree *node = waiters->child; node != NULL; node = node->next)
        sorted[count++] = node;
    qsort(sorted, count, sizeof(*sorted), node_compare);

    struct awl_words words;
    awl_words_init(&words);
    for (size_t i = 0; i < count; i++)
        waiter_add(c, &words, sorted[i]);
    c->service.waiter_count = (uint32_t)count;
    c->service.waiters = awl_words_finish(&words, c, false);
    awl_words_release(&words);
    return AWL_OK;
}
