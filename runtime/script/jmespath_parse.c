/* jmespath_parse.c - a top-down operator precedence parser of JMESPath. */
#include <stdarg.h>
#include <stdio.h>

#include "script/jmespath_lex.h"
#include "script/jmespath_tree.h"

/* The right side of a projection ends at a token that binds less than this. */
#define PROJECTION_STOP 10

enum {
    BIND_PIPE = 1,
    BIND_OR = 2,
    BIND_AND = 3,
    BIND_COMPARE = 5,
    BIND_FLATTEN = 9,
    BIND_STAR = 20,
    BIND_FILTER = 21,
    BIND_DOT = 40,
    BIND_NOT = 45,
    BIND_BRACKET = 55,
};

/* After a failure `rc` is set, the current token is END and every function returns
 * NONE, so that callers need not ask after each step. */
struct parser {
    struct awl_jmespath_tree *tree;
    struct awl_jmespath_token token;
    size_t pos; /* behind `token` */
    unsigned depth;
    enum awl_rc rc;
    struct awl_error *err;
};

static uint32_t expression(struct parser *p, int binding);

enum awl_rc awl_jmespath_fail(struct awl_error *err, const char *code, awl_str source,
                              size_t at, const char *format, ...)
{
    char words[400];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    awl_str shown = awl_str_slice(source, 0, 200);
    return awl_error_code(err, AWL_EINPUT, code, "JMESPath '%.*s%s', byte %zu: %s",
                          STR_ARG(shown), shown.len < source.len ? "..." : "", at + 1,
                          words);
}

static uint32_t stop(struct parser *p, enum awl_rc rc)
{
    if (p->rc == AWL_OK)
        p->rc = rc;
    p->token = (struct awl_jmespath_token){AWL_JMESPATH_T_END, {NULL, 0}, 0, NULL};
    p->pos = p->tree->source_len;
    return AWL_JMESPATH_NONE;
}

static uint32_t no_memory(struct parser *p)
{
    if (p->rc != AWL_OK)
        return AWL_JMESPATH_NONE;
    return stop(p, awl_error_set(p->err, AWL_ENOMEM, "out of memory"));
}

static uint32_t fail_at(struct parser *p, size_t at, const char *code, const char *words)
{
    if (p->rc != AWL_OK)
        return AWL_JMESPATH_NONE;
    return stop(p, awl_jmespath_fail(p->err, code, awl_jmespath_source(p->tree), at, "%s",
                                     words));
}

/* "expected ']', got 'foo'" */
static uint32_t fail_expected(struct parser *p, const char *expected)
{
    char words[160];
    awl_str got = awl_str_slice(p->token.text, 0, 60);
    if (p->token.type == AWL_JMESPATH_T_END)
        snprintf(words, sizeof words, "expected %s, but it ends here", expected);
    else
        snprintf(words, sizeof words, "expected %s, got '%.*s'", expected, STR_ARG(got));
    return fail_at(p, p->token.at, "syntax", words);
}

static void advance(struct parser *p)
{
    if (p->rc != AWL_OK)
        return;
    p->token = awl_jmespath_lex(awl_jmespath_source(p->tree), &p->pos);
    if (p->token.type == AWL_JMESPATH_T_ERROR)
        fail_at(p, p->token.at, "syntax", p->token.reason);
}

static bool is(const struct parser *p, enum awl_jmespath_token_type type)
{
    return p->rc == AWL_OK && p->token.type == type;
}

static bool accept(struct parser *p, enum awl_jmespath_token_type type)
{
    if (!is(p, type))
        return false;
    advance(p);
    return true;
}

static void expect(struct parser *p, enum awl_jmespath_token_type type, const char *what)
{
    if (!accept(p, type))
        fail_expected(p, what);
}

static enum awl_jmespath_token_type peek(const struct parser *p)
{
    size_t pos = p->pos;
    return awl_jmespath_lex(awl_jmespath_source(p->tree), &pos).type;
}

/* ---- nodes ---- */

static struct awl_jmespath_node *node_at(struct parser *p, uint32_t index)
{
    return &p->tree->nodes[index];
}

static void node_set_depth(struct parser *p, uint32_t index)
{
    if (awl_jmespath_tree_measure(p->tree, index) > AWL_JMESPATH_DEPTH_MAX)
        fail_at(p, node_at(p, index)->at, "syntax", "nested too deeply");
}

static uint32_t node_new(struct parser *p, enum awl_jmespath_op op, size_t at,
                         uint32_t left, uint32_t right)
{
    if (p->rc != AWL_OK)
        return AWL_JMESPATH_NONE;
    uint32_t index = awl_jmespath_tree_add(p->tree, op, at, left, right);
    if (index == AWL_JMESPATH_NONE)
        return no_memory(p);
    node_set_depth(p, index);
    return p->rc == AWL_OK ? index : AWL_JMESPATH_NONE;
}

static uint32_t leaf_new(struct parser *p, enum awl_jmespath_op op, size_t at)
{
    return node_new(p, op, at, AWL_JMESPATH_NONE, AWL_JMESPATH_NONE);
}

/* Gives a node the text that was added from `start` on. */
static void node_set_text(struct parser *p, uint32_t index, size_t start)
{
    if (awl_buf_rc(&p->tree->text) != AWL_OK) {
        no_memory(p);
    } else if (index != AWL_JMESPATH_NONE) {
        node_at(p, index)->text = (uint32_t)start;
        node_at(p, index)->text_len = (uint32_t)(p->tree->text.len - start);
    }
}

/* The node of a quoted identifier, or of one as a member's name. */
static uint32_t quoted_name(struct parser *p, enum awl_jmespath_op op)
{
    size_t at = p->token.at, start;
    if (!awl_jmespath_tree_add_quoted(p->tree, at, p->token.text.len + 2, &start))
        return fail_at(p, at, "syntax", "the quoted name is no JSON string");
    uint32_t node = leaf_new(p, op, at);
    node_set_text(p, node, start);
    advance(p);
    return node;
}

static uint32_t plain_name(struct parser *p, enum awl_jmespath_op op)
{
    uint32_t node = leaf_new(p, op, p->token.at);
    if (node != AWL_JMESPATH_NONE) {
        node_at(p, node)->text = (uint32_t)p->token.at;
        node_at(p, node)->text_len = (uint32_t)p->token.text.len;
    }
    advance(p);
    return node;
}

static uint32_t literal(struct parser *p)
{
    size_t start = p->tree->text.len;
    uint32_t node = leaf_new(p, AWL_JMESPATH_LITERAL, p->token.at);
    awl_jmespath_tree_add_raw(p->tree, p->token.text, '`');
    node_set_text(p, node, start);
    if (p->rc == AWL_OK && !awl_jmespath_tree_is_json(p->tree, start))
        return fail_at(p, p->token.at, "syntax", "the text in backquotes is not JSON");
    advance(p);
    return node;
}

static uint32_t raw_string(struct parser *p)
{
    size_t start = p->tree->text.len;
    uint32_t node = leaf_new(p, AWL_JMESPATH_STRING, p->token.at);
    awl_jmespath_tree_add_raw(p->tree, p->token.text, '\'');
    node_set_text(p, node, start);
    advance(p);
    return node;
}

/* ---- parts ---- */

/* Appends `part` to the list of parts. */
static void link_part(struct parser *p, uint32_t *first, uint32_t *last, uint32_t part)
{
    if (part == AWL_JMESPATH_NONE)
        return;
    if (*first == AWL_JMESPATH_NONE)
        *first = part;
    else
        node_at(p, *last)->next = part;
    *last = part;
}

/* Behind '[': a, b] */
static uint32_t multi_list(struct parser *p, size_t at)
{
    uint32_t first = AWL_JMESPATH_NONE, last = first;
    do
        link_part(p, &first, &last, expression(p, 0));
    while (accept(p, AWL_JMESPATH_T_COMMA));
    expect(p, AWL_JMESPATH_T_RBRACKET, "',' or ']'");
    return node_new(p, AWL_JMESPATH_LIST, at, first, AWL_JMESPATH_NONE);
}

static uint32_t member(struct parser *p)
{
    uint32_t node;
    if (is(p, AWL_JMESPATH_T_NAME))
        node = plain_name(p, AWL_JMESPATH_MEMBER);
    else if (is(p, AWL_JMESPATH_T_QUOTED))
        node = quoted_name(p, AWL_JMESPATH_MEMBER);
    else
        return fail_expected(p, "a name");
    expect(p, AWL_JMESPATH_T_COLON, "':'");
    uint32_t value = expression(p, 0);
    if (p->rc != AWL_OK)
        return AWL_JMESPATH_NONE;
    node_at(p, node)->left = value;
    node_set_depth(p, node);
    return node;
}

/* Behind '{': a: b, c: d} */
static uint32_t multi_hash(struct parser *p, size_t at)
{
    uint32_t first = AWL_JMESPATH_NONE, last = first;
    do
        link_part(p, &first, &last, member(p));
    while (accept(p, AWL_JMESPATH_T_COMMA));
    expect(p, AWL_JMESPATH_T_RBRACE, "',' or '}'");
    return node_new(p, AWL_JMESPATH_HASH, at, first, AWL_JMESPATH_NONE);
}

static int64_t number(struct parser *p)
{
    int64_t value = 0;
    if (!awl_str_to_int64(p->token.text, &value) || value == AWL_JMESPATH_ABSENT)
        fail_at(p, p->token.at, "syntax", "the number is out of range");
    advance(p);
    return value;
}

/* Behind '[': 1] or 1:2:3] */
static uint32_t index_or_slice(struct parser *p, size_t at)
{
    int64_t numbers[3] = {AWL_JMESPATH_ABSENT, AWL_JMESPATH_ABSENT, AWL_JMESPATH_ABSENT};
    unsigned colons = 0;
    for (;;) {
        if (is(p, AWL_JMESPATH_T_NUMBER))
            numbers[colons] = number(p);
        if (colons == 2 || !accept(p, AWL_JMESPATH_T_COLON))
            break;
        colons++;
    }
    expect(p, AWL_JMESPATH_T_RBRACKET, colons < 2 ? "':' or ']'" : "']'");
    if (numbers[2] == 0)
        return fail_at(p, at, "invalid-value", "the step of a slice cannot be 0");
    uint32_t node = leaf_new(p, colons > 0 ? AWL_JMESPATH_SLICE : AWL_JMESPATH_INDEX, at);
    if (node != AWL_JMESPATH_NONE)
        memcpy(node_at(p, node)->numbers, numbers, sizeof numbers);
    return node;
}

static bool is_slice(struct parser *p, uint32_t index)
{
    return index != AWL_JMESPATH_NONE && node_at(p, index)->op == AWL_JMESPATH_SLICE;
}

/* ---- functions ---- */

static void check_argument(struct parser *p, uint8_t function, uint32_t index,
                           uint32_t argument)
{
    if (argument == AWL_JMESPATH_NONE)
        return;
    const struct awl_jmespath_signature *signature = awl_jmespath_signature(function);
    char words[120];
    bool wanted = awl_jmespath_argument_types(signature, index) & AWL_JMESPATH_REFERENCE;
    bool given = node_at(p, argument)->op == AWL_JMESPATH_EXPREF;
    if (wanted == given)
        return;
    snprintf(words, sizeof words, "argument %u of %s() must %sbe an &expression",
             (unsigned)index + 1, signature->name, wanted ? "" : "not ");
    fail_at(p, node_at(p, argument)->at, "invalid-type", words);
}

static void check_count(struct parser *p, uint8_t function, size_t at, uint32_t count)
{
    const struct awl_jmespath_signature *signature = awl_jmespath_signature(function);
    char words[120];
    if (count >= signature->min &&
        (signature->max == AWL_JMESPATH_MANY || count <= signature->max))
        return;
    snprintf(words, sizeof words, "%s() takes %s%u argument%s, got %u", signature->name,
             signature->max == AWL_JMESPATH_MANY ? "at least " : "", signature->min,
             signature->min == 1 ? "" : "s", (unsigned)count);
    fail_at(p, at, "invalid-arity", words);
}

static uint32_t argument(struct parser *p)
{
    size_t at = p->token.at;
    if (!accept(p, AWL_JMESPATH_T_EXPREF))
        return expression(p, 0);
    uint32_t of = expression(p, 0);
    return node_new(p, AWL_JMESPATH_EXPREF, at, of, AWL_JMESPATH_NONE);
}

/* At the name; '(' follows. */
static uint32_t function_call(struct parser *p)
{
    awl_str name = p->token.text;
    size_t at = p->token.at;
    uint32_t count = 0, first = AWL_JMESPATH_NONE, last = first;
    struct awl_error unknown = AWL_ERROR_INIT;

    /* A syntax error further on is the graver one. */
    int function = awl_jmespath_function_find(name);
    if (function < 0)
        awl_jmespath_fail(&unknown, "unknown-function", awl_jmespath_source(p->tree), at,
                          "there is no function '%.*s'",
                          STR_ARG(awl_str_slice(name, 0, 60)));
    advance(p);
    advance(p);
    if (!is(p, AWL_JMESPATH_T_RPAREN)) {
        do {
            link_part(p, &first, &last, argument(p));
            if (function >= 0)
                check_argument(p, (uint8_t)function, count, last);
            count++;
        } while (accept(p, AWL_JMESPATH_T_COMMA));
    }
    expect(p, AWL_JMESPATH_T_RPAREN, "',' or ')'");
    if (p->rc == AWL_OK && function < 0) {
        if (p->err != NULL)
            *p->err = unknown;
        return stop(p, AWL_EINPUT);
    }
    if (function >= 0)
        check_count(p, (uint8_t)function, at, count);
    uint32_t node = node_new(p, AWL_JMESPATH_FUNCTION, at, first, AWL_JMESPATH_NONE);
    if (node != AWL_JMESPATH_NONE)
        node_at(p, node)->function = (uint8_t)function;
    return node;
}

/* ---- projections ---- */

static int binding_of(enum awl_jmespath_token_type type)
{
    switch (type) {
    case AWL_JMESPATH_T_PIPE:
        return BIND_PIPE;
    case AWL_JMESPATH_T_OR:
        return BIND_OR;
    case AWL_JMESPATH_T_AND:
        return BIND_AND;
    case AWL_JMESPATH_T_EQ:
    case AWL_JMESPATH_T_NE:
    case AWL_JMESPATH_T_LT:
    case AWL_JMESPATH_T_LE:
    case AWL_JMESPATH_T_GT:
    case AWL_JMESPATH_T_GE:
        return BIND_COMPARE;
    case AWL_JMESPATH_T_FLATTEN:
        return BIND_FLATTEN;
    case AWL_JMESPATH_T_STAR:
        return BIND_STAR;
    case AWL_JMESPATH_T_FILTER:
        return BIND_FILTER;
    case AWL_JMESPATH_T_DOT:
        return BIND_DOT;
    case AWL_JMESPATH_T_LBRACKET:
        return BIND_BRACKET;
    default:
        return 0;
    }
}

/* Behind a '.'. */
static uint32_t dot_right(struct parser *p, int binding)
{
    size_t at = p->token.at;
    switch (p->token.type) {
    case AWL_JMESPATH_T_NAME:
    case AWL_JMESPATH_T_QUOTED:
    case AWL_JMESPATH_T_STAR:
        return expression(p, binding);
    case AWL_JMESPATH_T_LBRACKET:
        advance(p);
        return multi_list(p, at);
    case AWL_JMESPATH_T_LBRACE:
        advance(p);
        return multi_hash(p, at);
    default:
        return fail_expected(p, "a name, '*', '[' or '{' after '.'");
    }
}

/* What is done with each element. */
static uint32_t projection_right(struct parser *p, int binding)
{
    if (is(p, AWL_JMESPATH_T_LBRACKET) || is(p, AWL_JMESPATH_T_FILTER))
        return expression(p, binding);
    if (accept(p, AWL_JMESPATH_T_DOT))
        return dot_right(p, binding);
    if (binding_of(p->token.type) < PROJECTION_STOP)
        return leaf_new(p, AWL_JMESPATH_IDENTITY, p->token.at);
    return fail_expected(p, "the end of the projection");
}

static uint32_t projection(struct parser *p, enum awl_jmespath_op op, size_t at,
                           uint32_t left, int binding)
{
    uint32_t right = projection_right(p, binding);
    return node_new(p, op, at, left, right);
}

/* Behind '[?'. */
static uint32_t filter(struct parser *p, size_t at, uint32_t left)
{
    uint32_t condition = expression(p, 0);
    expect(p, AWL_JMESPATH_T_RBRACKET, "']'");
    uint32_t right = is(p, AWL_JMESPATH_T_FLATTEN)
                         ? leaf_new(p, AWL_JMESPATH_IDENTITY, at)
                         : projection_right(p, BIND_FILTER);
    uint32_t node = node_new(p, AWL_JMESPATH_FILTER_PROJECTION, at, left, right);
    if (node != AWL_JMESPATH_NONE) {
        node_at(p, node)->condition = condition;
        node_set_depth(p, node);
    }
    return node;
}

static uint32_t flatten(struct parser *p, size_t at, uint32_t left)
{
    uint32_t merged = node_new(p, AWL_JMESPATH_FLATTEN, at, left, AWL_JMESPATH_NONE);
    return projection(p, AWL_JMESPATH_PROJECTION, at, merged, BIND_FLATTEN);
}

/* Behind '[', when it is no list of expressions. */
static uint32_t bracket(struct parser *p, size_t at, uint32_t left)
{
    if (accept(p, AWL_JMESPATH_T_STAR)) {
        expect(p, AWL_JMESPATH_T_RBRACKET, "']'");
        return projection(p, AWL_JMESPATH_PROJECTION, at, left, BIND_STAR);
    }
    if (!is(p, AWL_JMESPATH_T_NUMBER) && !is(p, AWL_JMESPATH_T_COLON))
        return fail_expected(p, "a number, ':' or '*'");
    uint32_t part = index_or_slice(p, at);
    uint32_t node = node_new(p, AWL_JMESPATH_CHAIN, at, left, part);
    if (!is_slice(p, part))
        return node;
    return projection(p, AWL_JMESPATH_PROJECTION, at, node, BIND_STAR);
}

/* ---- expressions ---- */

/* Behind '[' at the beginning of an expression. */
static uint32_t leading_bracket(struct parser *p, size_t at)
{
    bool star = is(p, AWL_JMESPATH_T_STAR) && peek(p) == AWL_JMESPATH_T_RBRACKET;
    if (star || is(p, AWL_JMESPATH_T_NUMBER) || is(p, AWL_JMESPATH_T_COLON))
        return bracket(p, at, leaf_new(p, AWL_JMESPATH_IDENTITY, at));
    return multi_list(p, at);
}

static uint32_t leading_name(struct parser *p)
{
    if (peek(p) == AWL_JMESPATH_T_LPAREN)
        return function_call(p);
    return plain_name(p, AWL_JMESPATH_FIELD);
}

static uint32_t leading_quoted(struct parser *p)
{
    uint32_t node = quoted_name(p, AWL_JMESPATH_FIELD);
    if (is(p, AWL_JMESPATH_T_LPAREN))
        return fail_at(p, p->token.at, "syntax", "a function's name is not quoted");
    return node;
}

static uint32_t leading_star(struct parser *p, size_t at)
{
    uint32_t left = leaf_new(p, AWL_JMESPATH_IDENTITY, at);
    if (!is(p, AWL_JMESPATH_T_RBRACKET))
        return projection(p, AWL_JMESPATH_VALUE_PROJECTION, at, left, BIND_STAR);
    uint32_t right = leaf_new(p, AWL_JMESPATH_IDENTITY, at);
    return node_new(p, AWL_JMESPATH_VALUE_PROJECTION, at, left, right);
}

static uint32_t parenthesized(struct parser *p)
{
    uint32_t node = expression(p, 0);
    expect(p, AWL_JMESPATH_T_RPAREN, "')'");
    return node;
}

static uint32_t leading(struct parser *p)
{
    size_t at = p->token.at;
    switch (p->token.type) {
    case AWL_JMESPATH_T_NAME:
        return leading_name(p);
    case AWL_JMESPATH_T_QUOTED:
        return leading_quoted(p);
    case AWL_JMESPATH_T_LITERAL:
        return literal(p);
    case AWL_JMESPATH_T_RAW:
        return raw_string(p);
    default:
        break;
    }
    if (accept(p, AWL_JMESPATH_T_CURRENT))
        return leaf_new(p, AWL_JMESPATH_IDENTITY, at);
    if (accept(p, AWL_JMESPATH_T_STAR))
        return leading_star(p, at);
    if (accept(p, AWL_JMESPATH_T_FILTER))
        return filter(p, at, leaf_new(p, AWL_JMESPATH_IDENTITY, at));
    if (accept(p, AWL_JMESPATH_T_FLATTEN))
        return flatten(p, at, leaf_new(p, AWL_JMESPATH_IDENTITY, at));
    if (accept(p, AWL_JMESPATH_T_LBRACE))
        return multi_hash(p, at);
    if (accept(p, AWL_JMESPATH_T_LBRACKET))
        return leading_bracket(p, at);
    if (accept(p, AWL_JMESPATH_T_LPAREN))
        return parenthesized(p);
    if (accept(p, AWL_JMESPATH_T_NOT))
        return node_new(p, AWL_JMESPATH_NOT, at, expression(p, BIND_NOT),
                        AWL_JMESPATH_NONE);
    return fail_expected(p, "an expression");
}

static uint32_t binary(struct parser *p, enum awl_jmespath_op op, size_t at,
                       uint32_t left, int binding)
{
    advance(p);
    uint32_t right = expression(p, binding);
    return node_new(p, op, at, left, right);
}

static uint32_t dot(struct parser *p, size_t at, uint32_t left)
{
    advance(p);
    if (accept(p, AWL_JMESPATH_T_STAR))
        return projection(p, AWL_JMESPATH_VALUE_PROJECTION, at, left, BIND_STAR);
    uint32_t right = dot_right(p, BIND_DOT);
    return node_new(p, AWL_JMESPATH_CHAIN, at, left, right);
}

/* The token goes on with what is on its left. */
static uint32_t following(struct parser *p, uint32_t left)
{
    size_t at = p->token.at;
    enum awl_jmespath_token_type type = p->token.type;
    switch (type) {
    case AWL_JMESPATH_T_DOT:
        return dot(p, at, left);
    case AWL_JMESPATH_T_PIPE:
        return binary(p, AWL_JMESPATH_CHAIN, at, left, BIND_PIPE);
    case AWL_JMESPATH_T_OR:
        return binary(p, AWL_JMESPATH_OR, at, left, BIND_OR);
    case AWL_JMESPATH_T_AND:
        return binary(p, AWL_JMESPATH_AND, at, left, BIND_AND);
    case AWL_JMESPATH_T_FLATTEN:
        advance(p);
        return flatten(p, at, left);
    case AWL_JMESPATH_T_FILTER:
        advance(p);
        return filter(p, at, left);
    case AWL_JMESPATH_T_LBRACKET:
        advance(p);
        return bracket(p, at, left);
    case AWL_JMESPATH_T_STAR:
        return fail_expected(p, "an operator");
    default: /* a comparator: both lists have the same order */
        return binary(p, AWL_JMESPATH_EQ + (type - AWL_JMESPATH_T_EQ), at, left,
                      BIND_COMPARE);
    }
}

static uint32_t expression(struct parser *p, int binding)
{
    if (p->rc != AWL_OK)
        return AWL_JMESPATH_NONE;
    if (p->depth == AWL_JMESPATH_DEPTH_MAX)
        return fail_at(p, p->token.at, "syntax", "nested too deeply");
    p->depth++;
    uint32_t left = leading(p);
    while (p->rc == AWL_OK && binding < binding_of(p->token.type))
        left = following(p, left);
    p->depth--;
    return p->rc == AWL_OK ? left : AWL_JMESPATH_NONE;
}

enum awl_rc awl_jmespath_parse(struct awl_jmespath_tree *tree, awl_str source,
                               struct awl_error *err)
{
    struct parser p = {.tree = tree, .err = err};

    if (source.len > AWL_JMESPATH_LENGTH_MAX)
        return awl_jmespath_fail(err, "syntax", source, AWL_JMESPATH_LENGTH_MAX,
                                 "the expression is too long");
    /* Each character is added once as it is, once quoted and three times unescaped. */
    awl_buf_init(&tree->text, 6 * (AWL_JMESPATH_LENGTH_MAX + 1));
    if (awl_buf_append_str(&tree->text, source) != AWL_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    tree->source_len = (uint32_t)source.len;
    advance(&p);
    tree->root = expression(&p, 0);
    if (p.rc == AWL_OK && p.token.type != AWL_JMESPATH_T_END)
        fail_expected(&p, "an operator or the end");
    return p.rc;
}
