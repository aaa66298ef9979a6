#include "model/tree.h"

#include "base/json.h"

struct parser {
    struct awl_json_reader reader;
    struct awl_arena *arena;
    struct awl_buf scratch; /* where escapes are resolved */
    awl_str key;
    struct awl_tree *parents[AWL_JSON_DEPTH_MAX + 1];
    unsigned depth;
};

/* The reader's text with its escapes resolved; ptr is NULL when memory is short. */
static awl_str parser_text(struct parser *p)
{
    if (!p->reader.escaped)
        return p->reader.text.ptr != NULL ? p->reader.text : STR("");
    awl_buf_clear(&p->scratch);
    if (awl_json_unescape(&p->scratch, p->reader.text) != AWL_OK)
        return (awl_str){NULL, 0};
    return awl_arena_copy(p->arena, awl_buf_str(&p->scratch));
}

static struct awl_tree *node_new(struct parser *p, enum awl_tree_type type)
{
    struct awl_tree *node = awl_arena_alloc(p->arena, sizeof(*node));
    if (node == NULL)
        return NULL;
    *node = (struct awl_tree){.type = type, .key = p->key};
    if (p->depth > 0) {
        struct awl_tree *parent = p->parents[p->depth - 1];
        if (parent->last != NULL)
            parent->last->next = node;
        else
            parent->child = node;
        parent->last = node;
        parent->count++;
    }
    p->key = (awl_str){NULL, 0};
    return node;
}

static struct awl_tree *node_open(struct parser *p, enum awl_tree_type type)
{
    struct awl_tree *node = node_new(p, type);
    if (node != NULL)
        p->parents[p->depth++] = node;
    return node;
}

/* The node that begins with `token`, or NULL when memory is short. */
static struct awl_tree *node_of_token(struct parser *p, enum awl_json_token token)
{
    struct awl_tree *node = NULL;
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        return node_open(p, AWL_TREE_OBJECT);
    case AWL_JSON_ARRAY_BEGIN:
        return node_open(p, AWL_TREE_ARRAY);
    case AWL_JSON_STRING:
        node = node_new(p, AWL_TREE_STRING);
        if (node != NULL)
            node->text = parser_text(p);
        return node != NULL && node->text.ptr != NULL ? node : NULL;
    case AWL_JSON_NUMBER:
        node = node_new(p, AWL_TREE_NUMBER);
        if (node != NULL)
            node->text = p->reader.text;
        return node;
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        node = node_new(p, AWL_TREE_BOOLEAN);
        if (node != NULL)
            node->boolean = token == AWL_JSON_TRUE;
        return node;
    default:
        return node_new(p, AWL_TREE_NULL);
    }
}

static struct awl_tree *parser_run(struct parser *p, struct awl_error *err)
{
    struct awl_tree *root = NULL;
    for (;;) {
        enum awl_json_token token = awl_json_next(&p->reader);
        if (token == AWL_JSON_END)
            return root;
        if (token == AWL_JSON_ERROR) {
            awl_json_error(&p->reader, err);
            return NULL;
        }
        if (token == AWL_JSON_OBJECT_END || token == AWL_JSON_ARRAY_END) {
            p->depth--;
            continue;
        }
        bool made;
        if (token == AWL_JSON_KEY) {
            p->key = parser_text(p);
            made = p->key.ptr != NULL;
        } else {
            struct awl_tree *node = node_of_token(p, token);
            made = node != NULL;
            root = root != NULL ? root : node;
        }
        if (!made) {
            awl_error_set(err, AWL_ENOMEM, "out of memory for a JSON text");
            return NULL;
        }
    }
}

struct awl_tree *awl_tree_parse(struct awl_arena *arena, awl_str json,
                                struct awl_error *err)
{
    struct parser p = {.arena = arena};
    awl_json_reader_init(&p.reader, json);
    awl_buf_init(&p.scratch, json.len);
    struct awl_tree *root = parser_run(&p, err);
    awl_buf_release(&p.scratch);
    return root;
}

struct awl_tree *awl_tree_get(const struct awl_tree *object, awl_str key)
{
    if (!awl_tree_is(object, AWL_TREE_OBJECT))
        return NULL;
    for (struct awl_tree *child = object->child; child != NULL; child = child->next)
        if (awl_str_eq(child->key, key))
            return child;
    return NULL;
}

awl_str awl_tree_text(const struct awl_tree *node)
{
    return awl_tree_is(node, AWL_TREE_STRING) ? node->text : STR("");
}

bool awl_tree_true(const struct awl_tree *node)
{
    return awl_tree_is(node, AWL_TREE_BOOLEAN) && node->boolean;
}

bool awl_tree_is(const struct awl_tree *node, enum awl_tree_type type)
{
    return node != NULL && node->type == type;
}

bool awl_tree_int64(const struct awl_tree *node, int64_t *value)
{
    return awl_tree_is(node, AWL_TREE_NUMBER) && awl_str_to_int64(node->text, value);
}

static void tree_append(struct awl_tree *parent, struct awl_tree *child)
{
    child->next = NULL;
    if (parent->last != NULL)
        parent->last->next = child;
    else
        parent->child = child;
    parent->last = child;
    parent->count++;
}

void awl_tree_merge(struct awl_tree *base, struct awl_tree *extra)
{
    struct awl_tree *next;
    for (struct awl_tree *child = extra->child; child != NULL; child = next) {
        next = child->next;
        struct awl_tree *old = awl_tree_get(base, child->key);
        if (old == NULL) {
            tree_append(base, child);
        } else if (old->type == AWL_TREE_OBJECT && child->type == AWL_TREE_OBJECT) {
            awl_tree_merge(old, child);
        } else {
            struct awl_tree *after = old->next;
            *old = *child;
            old->next = after;
        }
    }
}

void awl_tree_remove(struct awl_tree *object, awl_str key)
{
    struct awl_tree *before = NULL;
    for (struct awl_tree *child = object->child; child != NULL; child = child->next) {
        if (!awl_str_eq(child->key, key)) {
            before = child;
            continue;
        }
        if (before != NULL)
            before->next = child->next;
        else
            object->child = child->next;
        if (object->last == child)
            object->last = before;
        object->count--;
        return;
    }
}

static bool children_equal(const struct awl_tree *a, const struct awl_tree *b)
{
    if (a->count != b->count)
        return false;
    const struct awl_tree *other = b->child;
    for (const struct awl_tree *child = a->child; child != NULL; child = child->next) {
        if (a->type == AWL_TREE_OBJECT)
            other = awl_tree_get(b, child->key);
        if (!awl_tree_equal(child, other))
            return false;
        other = other->next;
    }
    return true;
}

bool awl_tree_equal(const struct awl_tree *a, const struct awl_tree *b)
{
    if (a == NULL || b == NULL || a->type != b->type)
        return a == b;
    switch (a->type) {
    case AWL_TREE_NULL:
        return true;
    case AWL_TREE_BOOLEAN:
        return a->boolean == b->boolean;
    case AWL_TREE_NUMBER: {
        double x, y;
        return awl_str_to_double(a->text, &x) && awl_str_to_double(b->text, &y) && x == y;
    }
    case AWL_TREE_STRING:
        return awl_str_eq(a->text, b->text);
    default:
        return children_equal(a, b);
    }
}

static void tree_write_children(struct awl_buf *out, const struct awl_tree *node)
{
    bool object = node->type == AWL_TREE_OBJECT;
    awl_buf_append_char(out, object ? '{' : '[');
    for (const struct awl_tree *child = node->child; child != NULL; child = child->next) {
        if (child != node->child)
            awl_buf_append_char(out, ',');
        if (object) {
            awl_json_append_string(out, child->key);
            awl_buf_append_char(out, ':');
        }
        awl_tree_write(out, child);
    }
    awl_buf_append_char(out, object ? '}' : ']');
}

enum awl_rc awl_tree_write(struct awl_buf *out, const struct awl_tree *node)
{
    if (node == NULL)
        return awl_buf_append_str(out, STR("null"));
    switch (node->type) {
    case AWL_TREE_NULL:
        return awl_buf_append_str(out, STR("null"));
    case AWL_TREE_BOOLEAN:
        return awl_buf_append_str(out, node->boolean ? STR("true") : STR("false"));
    case AWL_TREE_NUMBER:
        return awl_buf_append_str(out, node->text);
    case AWL_TREE_STRING:
        return awl_json_append_string(out, node->text);
    default:
        tree_write_children(out, node);
        return awl_buf_rc(out);
    }
}
