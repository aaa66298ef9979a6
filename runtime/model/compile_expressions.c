/* Function calls, references, templates and literals of endpoint rules. */
#include "model/compile_expressions.h"

static const struct {
    awl_str name;
    enum awl_function function;
    unsigned min, max; /* arguments */
} functions[] = {
    {{"isSet", 5}, AWL_FUNCTION_IS_SET, 1, 1},
    {{"not", 3}, AWL_FUNCTION_NOT, 1, 1},
    {{"stringEquals", 12}, AWL_FUNCTION_STRING_EQUALS, 2, 2},
    {{"booleanEquals", 13}, AWL_FUNCTION_BOOLEAN_EQUALS, 2, 2},
    {{"substring", 9}, AWL_FUNCTION_SUBSTRING, 4, 4},
    {{"uriEncode", 9}, AWL_FUNCTION_URI_ENCODE, 1, 1},
    {{"parseURL", 8}, AWL_FUNCTION_PARSE_URL, 1, 1},
    {{"isValidHostLabel", 16}, AWL_FUNCTION_IS_VALID_HOST_LABEL, 2, 2},
    {{"aws.partition", 13}, AWL_FUNCTION_PARTITION, 1, 1},
    {{"aws.parseArn", 12}, AWL_FUNCTION_PARSE_ARN, 1, 1},
    {{"aws.isVirtualHostableS3Bucket", 29},
     AWL_FUNCTION_IS_VIRTUAL_HOSTABLE_S3_BUCKET,
     2,
     2},
    {{"split", 5}, AWL_FUNCTION_SPLIT, 3, 3},
    {{"coalesce", 8}, AWL_FUNCTION_COALESCE, 2, 16},
    {{"ite", 3}, AWL_FUNCTION_ITE, 3, 3},
};

static const awl_str attributes[AWL_ATTRIBUTES] = {
    [AWL_ATTRIBUTE_NAME] = {"name", 4},
    [AWL_ATTRIBUTE_DNS_SUFFIX] = {"dnsSuffix", 9},
    [AWL_ATTRIBUTE_DUAL_STACK_DNS_SUFFIX] = {"dualStackDnsSuffix", 18},
    [AWL_ATTRIBUTE_IMPLICIT_GLOBAL_REGION] = {"implicitGlobalRegion", 20},
    [AWL_ATTRIBUTE_SUPPORTS_FIPS] = {"supportsFIPS", 12},
    [AWL_ATTRIBUTE_SUPPORTS_DUAL_STACK] = {"supportsDualStack", 17},
    [AWL_ATTRIBUTE_PARTITION] = {"partition", 9},
    [AWL_ATTRIBUTE_SERVICE] = {"service", 7},
    [AWL_ATTRIBUTE_REGION] = {"region", 6},
    [AWL_ATTRIBUTE_ACCOUNT_ID] = {"accountId", 9},
    [AWL_ATTRIBUTE_RESOURCE_ID] = {"resourceId", 10},
    [AWL_ATTRIBUTE_SCHEME] = {"scheme", 6},
    [AWL_ATTRIBUTE_AUTHORITY] = {"authority", 9},
    [AWL_ATTRIBUTE_PATH] = {"path", 4},
    [AWL_ATTRIBUTE_NORMALIZED_PATH] = {"normalizedPath", 14},
    [AWL_ATTRIBUTE_IS_IP] = {"isIp", 4},
};

/* ---- writing ---- */

static uint32_t emit2(struct awl_compiler *c, enum awl_expression_kind kind, uint32_t a)
{
    const uint32_t words[] = {kind, a};
    return awl_compiler_words(c, words, 2, true);
}

static uint32_t emit3(struct awl_compiler *c, enum awl_expression_kind kind, uint32_t a,
                      uint32_t b)
{
    const uint32_t words[] = {kind, a, b};
    return awl_compiler_words(c, words, 3, true);
}

static uint32_t emit_string(struct awl_compiler *c, awl_str text)
{
    return emit2(c, AWL_EXPRESSION_STRING, awl_compiler_string(c, text));
}

uint32_t awl_compile_constant(struct awl_compiler *c, const struct awl_tree *node)
{
    if (awl_tree_is(node, AWL_TREE_STRING))
        return emit_string(c, node->text);
    if (awl_tree_is(node, AWL_TREE_BOOLEAN))
        return emit2(c, AWL_EXPRESSION_BOOLEAN, node->boolean);
    if (!awl_tree_is(node, AWL_TREE_ARRAY))
        return AWL_MODEL_NONE;

    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, AWL_EXPRESSION_ARRAY);
    awl_words_add(&words, node->count);
    for (const struct awl_tree *item = node->child; item != NULL; item = item->next)
        awl_words_add(&words, emit_string(c, awl_tree_text(item)));
    uint32_t index = awl_words_finish(&words, c, true);
    awl_words_release(&words);
    return index;
}

/* ---- names ---- */

static bool name_find(const struct awl_rules_compiler *rc, awl_str name, uint32_t *slot)
{
    for (size_t i = rc->bound_count; i-- > 0;)
        if (awl_str_eq(rc->bound[i].name, name)) {
            *slot = rc->bound[i].slot;
            return true;
        }
    return false;
}

enum awl_rc awl_rules_bind(struct awl_rules_compiler *rc, awl_str name, uint32_t *slot)
{
    uint32_t used;
    if (name.len == 0 || name_find(rc, name, &used))
        return awl_compiler_fail(rc->c, "'%.*s' is assigned twice", STR_ARG(name));
    if (rc->bound_count == AWL_RULES_SLOTS_MAX)
        return awl_compiler_fail(rc->c, "more than %d variables", AWL_RULES_SLOTS_MAX);
    /* Visible names never share a slot; those of other branches do. */
    used = (uint32_t)rc->bound_count;
    rc->bound[rc->bound_count].name = name;
    rc->bound[rc->bound_count++].slot = used;
    if (rc->slot_count <= used)
        rc->slot_count = used + 1;
    if (slot != NULL)
        *slot = used;
    return AWL_OK;
}

static enum awl_rc reference(struct awl_rules_compiler *rc, awl_str name, uint32_t *index)
{
    uint32_t slot;
    if (!name_find(rc, name, &slot))
        return awl_compiler_fail(rc->c, "unknown variable '%.*s'", STR_ARG(name));
    *index = emit2(rc->c, AWL_EXPRESSION_REF, slot);
    return AWL_OK;
}

/* ---- paths: "name", "a.b", "resourceId[2]", "[0]" ---- */

static enum awl_rc path_index(struct awl_rules_compiler *rc, awl_str digits,
                              uint32_t *index)
{
    int64_t number;
    if (!awl_str_to_int64(digits, &number) || number < INT32_MIN || number > INT32_MAX)
        return awl_compiler_fail(rc->c, "bad index '%.*s'", STR_ARG(digits));
    *index = emit3(rc->c, AWL_EXPRESSION_INDEX, *index, (uint32_t)(int32_t)number);
    return AWL_OK;
}

static enum awl_rc path_attribute(struct awl_rules_compiler *rc, awl_str name,
                                  uint32_t *index)
{
    for (uint32_t i = 0; i < AWL_ATTRIBUTES; i++)
        if (awl_str_eq(attributes[i], name)) {
            *index = emit3(rc->c, AWL_EXPRESSION_ATTRIBUTE, *index, i);
            return AWL_OK;
        }
    return awl_compiler_fail(rc->c, "unknown attribute '%.*s'", STR_ARG(name));
}

/* Wraps the expression at *index into the steps of `path`. */
static enum awl_rc path_compile(struct awl_rules_compiler *rc, awl_str path,
                                uint32_t *index)
{
    size_t at = 0;
    enum awl_rc status = AWL_OK;
    while (status == AWL_OK && at < path.len) {
        size_t end;
        if (path.ptr[at] == '[') {
            end = awl_str_find(path, ']', at);
            status = path_index(rc, awl_str_slice(path, at + 1, end), index);
            at = end < path.len ? end + 1 : path.len;
        } else {
            end = at;
            while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != '[')
                end++;
            status = path_attribute(rc, awl_str_slice(path, at, end), index);
            at = end;
        }
        at += at < path.len && path.ptr[at] == '.';
    }
    return status;
}

/* ---- templates ---- */

/* The text up to the next brace that is not doubled. */
static void literal_add(struct awl_rules_compiler *rc, struct awl_words *parts,
                        struct awl_buf *literal)
{
    if (literal->len > 0 || awl_buf_rc(literal) != AWL_OK)
        awl_words_add(parts, emit2(rc->c, AWL_EXPRESSION_STRING,
                                   awl_compiler_written(rc->c, literal)));
}

/* "Name" or "Name#path" */
static enum awl_rc placeholder_add(struct awl_rules_compiler *rc, awl_str text,
                                   struct awl_words *parts)
{
    uint32_t index;
    size_t hash = awl_str_find(text, '#', 0);
    enum awl_rc status = reference(rc, awl_str_slice(text, 0, hash), &index);
    if (status == AWL_OK && hash != SIZE_MAX)
        status = path_compile(rc, awl_str_slice(text, hash + 1, text.len), &index);
    if (status == AWL_OK)
        awl_words_add(parts, index);
    return status;
}

static enum awl_rc template_parts(struct awl_rules_compiler *rc, awl_str text,
                                  struct awl_words *parts, struct awl_buf *literal)
{
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.ptr[i];
        bool twice = i + 1 < text.len && text.ptr[i + 1] == ch;
        if ((ch == '{' || ch == '}') && twice)
            i++;
        if ((ch != '{' && ch != '}') || twice) {
            awl_buf_append_char(literal, ch);
            continue;
        }
        size_t end = awl_str_find(text, '}', i);
        if (ch == '}' || end == SIZE_MAX)
            return awl_compiler_fail(rc->c, "stray brace in '%.*s'", STR_ARG(text));
        literal_add(rc, parts, literal);
        enum awl_rc status = placeholder_add(rc, awl_str_slice(text, i + 1, end), parts);
        if (status != AWL_OK)
            return status;
        i = end;
    }
    literal_add(rc, parts, literal);
    return AWL_OK;
}

/* The parts as one expression: a template of one literal is that literal. None when
 * there are too many. */
static uint32_t template_emit(struct awl_rules_compiler *rc, struct awl_words *parts)
{
    uint32_t count = awl_words_count(parts) - 2;
    uint32_t *words = (uint32_t *)parts->buf.ptr;
    if (count == 0)
        return emit_string(rc->c, STR(""));
    const uint32_t *section = (const uint32_t *)rc->c->sections[AWL_PACK_WORDS].ptr;
    if (count == 1 && section[words[2]] == AWL_EXPRESSION_STRING)
        return words[2];
    if (count > AWL_RULES_TEMPLATE_MAX)
        return AWL_MODEL_NONE;
    words[0] = AWL_EXPRESSION_TEMPLATE;
    words[1] = count;
    return awl_words_finish(parts, rc->c, true);
}

static enum awl_rc template_compile(struct awl_rules_compiler *rc, awl_str text,
                                    uint32_t *index)
{
    struct awl_words parts;
    struct awl_buf literal;
    awl_words_init(&parts);
    awl_buf_init(&literal, UINT16_MAX);
    awl_words_add(&parts, 0);
    awl_words_add(&parts, 0);
    enum awl_rc status = template_parts(rc, text, &parts, &literal);
    if (status == AWL_OK && awl_buf_rc(&parts.buf) != AWL_OK)
        status = awl_error_set(rc->c->err, AWL_ENOMEM, "out of memory");
    if (status == AWL_OK)
        status = awl_compiler_rc(rc->c);
    if (status == AWL_OK)
        *index = template_emit(rc, &parts);
    if (status == AWL_OK && *index == AWL_MODEL_NONE)
        status =
            awl_compiler_fail(rc->c, "template '%.*s' has too many parts", STR_ARG(text));
    awl_words_release(&parts);
    awl_buf_release(&literal);
    return status;
}

/* ---- calls ---- */

static enum awl_rc getattr_compile(struct awl_rules_compiler *rc,
                                   const struct awl_tree *argv, unsigned depth,
                                   uint32_t *index)
{
    if (!awl_tree_is(argv, AWL_TREE_ARRAY) || argv->count != 2)
        return awl_compiler_fail(rc->c, "getAttr takes two arguments");
    enum awl_rc status = awl_rules_expression(rc, argv->child, depth, index);
    return status == AWL_OK ? path_compile(rc, awl_tree_text(argv->last), index) : status;
}

static enum awl_rc arguments_add(struct awl_rules_compiler *rc,
                                 const struct awl_tree *argv, unsigned depth,
                                 struct awl_words *words)
{
    for (const struct awl_tree *arg = argv->child; arg != NULL; arg = arg->next) {
        uint32_t index;
        enum awl_rc status = awl_rules_expression(rc, arg, depth, &index);
        if (status != AWL_OK)
            return status;
        awl_words_add(words, index);
    }
    return AWL_OK;
}

static enum awl_rc call_compile(struct awl_rules_compiler *rc,
                                const struct awl_tree *node, unsigned depth,
                                uint32_t *index)
{
    awl_str name = awl_tree_text(awl_tree_get(node, STR("fn")));
    const struct awl_tree *argv = awl_tree_get(node, STR("argv"));
    const size_t function_count = sizeof(functions) / sizeof(functions[0]);
    if (awl_str_eq(name, STR("getAttr")))
        return getattr_compile(rc, argv, depth, index);
    size_t i = 0;
    while (i < function_count && !awl_str_eq(functions[i].name, name))
        i++;
    if (i == function_count)
        return awl_compiler_fail(rc->c, "unknown function '%.*s'", STR_ARG(name));
    if (!awl_tree_is(argv, AWL_TREE_ARRAY) || argv->count < functions[i].min ||
        argv->count > functions[i].max)
        return awl_compiler_fail(rc->c, "'%.*s' with a wrong number of arguments",
                                 STR_ARG(name));
    struct awl_words words;
    awl_words_init(&words);
    awl_words_add(&words, AWL_EXPRESSION_CALL);
    awl_words_add(&words, functions[i].function);
    awl_words_add(&words, argv->count);
    enum awl_rc status = arguments_add(rc, argv, depth, &words);
    if (status == AWL_OK)
        *index = awl_words_finish(&words, rc->c, true);
    awl_words_release(&words);
    return status;
}

/* ---- any expression ---- */

static enum awl_rc check_depth(struct awl_rules_compiler *rc, unsigned depth)
{
    return depth <= AWL_RULES_DEPTH_MAX
               ? AWL_OK
               : awl_compiler_fail(rc->c, "expressions nest too deep");
}

static enum awl_rc children_compile(struct awl_rules_compiler *rc,
                                    const struct awl_tree *node, unsigned depth,
                                    uint32_t *index)
{
    struct awl_words words;
    enum awl_rc status = AWL_OK;
    bool object = node->type == AWL_TREE_OBJECT;
    awl_words_init(&words);
    awl_words_add(&words, object ? AWL_EXPRESSION_OBJECT : AWL_EXPRESSION_ARRAY);
    awl_words_add(&words, node->count);
    for (const struct awl_tree *child = node->child; status == AWL_OK && child != NULL;
         child = child->next) {
        uint32_t part = 0;
        status = awl_rules_value(rc, child, depth + 1, &part);
        if (object)
            awl_words_add(&words, awl_compiler_string(rc->c, child->key));
        awl_words_add(&words, part);
    }
    if (status == AWL_OK)
        *index = awl_words_finish(&words, rc->c, true);
    awl_words_release(&words);
    return status;
}

enum awl_rc awl_rules_value(struct awl_rules_compiler *rc, const struct awl_tree *node,
                            unsigned depth, uint32_t *index)
{
    int64_t number;
    enum awl_rc status = check_depth(rc, depth);
    if (status != AWL_OK)
        return status;
    if (awl_tree_is(node, AWL_TREE_STRING))
        return template_compile(rc, node->text, index);
    if (awl_tree_is(node, AWL_TREE_ARRAY) || awl_tree_is(node, AWL_TREE_OBJECT))
        return children_compile(rc, node, depth, index);
    if (awl_tree_is(node, AWL_TREE_BOOLEAN))
        *index = emit2(rc->c, AWL_EXPRESSION_BOOLEAN, node->boolean);
    else if (awl_tree_int64(node, &number) && number >= INT32_MIN && number <= INT32_MAX)
        *index = emit2(rc->c, AWL_EXPRESSION_INTEGER, (uint32_t)(int32_t)number);
    else
        return awl_compiler_fail(rc->c, "a value of an unknown kind");
    return AWL_OK;
}

enum awl_rc awl_rules_expression(struct awl_rules_compiler *rc,
                                 const struct awl_tree *node, unsigned depth,
                                 uint32_t *index)
{
    enum awl_rc status = check_depth(rc, depth);
    if (status != AWL_OK)
        return status;
    const struct awl_tree *ref = awl_tree_get(node, STR("ref"));
    if (awl_tree_is(ref, AWL_TREE_STRING))
        return reference(rc, ref->text, index);
    if (awl_tree_get(node, STR("fn")) != NULL)
        return call_compile(rc, node, depth + 1, index);
    return awl_rules_value(rc, node, depth, index);
}
