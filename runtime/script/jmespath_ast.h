/* jmespath_ast.h - JMESPath expressions as trees. No Lua in sight. */
#ifndef AWL_SCRIPT_JMESPATH_AST_H
#define AWL_SCRIPT_JMESPATH_AST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define AWL_JMESPATH_LENGTH_MAX 65536
#define AWL_JMESPATH_DEPTH_MAX 200 /* levels of a tree, and so of recursion */

#define AWL_JMESPATH_NONE UINT32_MAX  /* no node */
#define AWL_JMESPATH_ABSENT INT64_MIN /* a part of a slice that is not given */

enum awl_jmespath_op {
    AWL_JMESPATH_IDENTITY,
    AWL_JMESPATH_FIELD,             /* text */
    AWL_JMESPATH_STRING,            /* text */
    AWL_JMESPATH_LITERAL,           /* text: JSON */
    AWL_JMESPATH_INDEX,             /* numbers[0] of the current value */
    AWL_JMESPATH_SLICE,             /* numbers: start, stop, step */
    AWL_JMESPATH_CHAIN,             /* right, of what left gives: '.' and '|' */
    AWL_JMESPATH_FLATTEN,           /* left */
    AWL_JMESPATH_PROJECTION,        /* right for each element of left */
    AWL_JMESPATH_VALUE_PROJECTION,  /* right for each value of left */
    AWL_JMESPATH_FILTER_PROJECTION, /* the same where `condition` holds */
    AWL_JMESPATH_OR,
    AWL_JMESPATH_AND,
    AWL_JMESPATH_NOT, /* left */
    AWL_JMESPATH_EQ,
    AWL_JMESPATH_NE,
    AWL_JMESPATH_LT,
    AWL_JMESPATH_LE,
    AWL_JMESPATH_GT,
    AWL_JMESPATH_GE,
    AWL_JMESPATH_LIST,     /* left: its first part, the others by `next` */
    AWL_JMESPATH_HASH,     /* the same; each part a MEMBER */
    AWL_JMESPATH_MEMBER,   /* text, left */
    AWL_JMESPATH_FUNCTION, /* function; left: its first argument, the others by `next` */
    AWL_JMESPATH_EXPREF,   /* left; an argument only */
};

struct awl_jmespath_node {
    uint8_t op;
    uint8_t function; /* index of its signature */
    uint16_t depth;
    uint32_t at; /* byte of the expression, from 0 */
    uint32_t left, right, condition, next;
    uint32_t text, text_len; /* in the tree's text */
    int64_t numbers[3];
};

struct awl_jmespath_tree {
    struct awl_jmespath_node *nodes;
    uint32_t count, cap, root;
    uint32_t source_len;
    struct awl_buf text; /* the expression, then names and literals */
};

/* Parses an expression into `tree`, which the caller has zeroed and releases whatever the
 * result. AWL_EINPUT with one of the codes of jmespath.h, AWL_ENOMEM. */
enum awl_rc awl_jmespath_parse(struct awl_jmespath_tree *tree, awl_str expression,
                               struct awl_error *err);
void awl_jmespath_release(struct awl_jmespath_tree *tree);

/* "CODE at byte AT of 'EXPRESSION': words" into `err`; returns AWL_EINPUT. */
enum awl_rc awl_jmespath_fail(struct awl_error *err, const char *code, awl_str expression,
                              size_t at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static inline awl_str awl_jmespath_source(const struct awl_jmespath_tree *tree)
{
    return awl_str_make(awl_buf_cstr(&tree->text), tree->source_len);
}

static inline awl_str awl_jmespath_text(const struct awl_jmespath_tree *tree,
                                        const struct awl_jmespath_node *node)
{
    return awl_str_make(awl_buf_cstr(&tree->text) + node->text, node->text_len);
}

/* ---- functions ---- */

/* Types of values, as a set: an empty table is both of the last two. */
enum {
    AWL_JMESPATH_NULL = 1,
    AWL_JMESPATH_BOOLEAN = 2,
    AWL_JMESPATH_NUMBER = 4,
    AWL_JMESPATH_TEXT = 8,
    AWL_JMESPATH_ARRAY = 16,
    AWL_JMESPATH_OBJECT = 32,
    AWL_JMESPATH_OTHER = 64, /* what JSON does not know */
    AWL_JMESPATH_ANY = 127,
    AWL_JMESPATH_REFERENCE = 128, /* &expression */
};

#define AWL_JMESPATH_MANY 255

struct awl_jmespath_signature {
    const char *name;
    uint8_t min, max; /* arguments; MANY: no limit, as the last one given here */
    uint8_t types[2];
};

/* The index of a function, or -1. */
int awl_jmespath_function_find(awl_str name);
const struct awl_jmespath_signature *awl_jmespath_signature(uint8_t function);

/* The types that argument `index`, from 0, may have. */
unsigned awl_jmespath_argument_types(const struct awl_jmespath_signature *signature,
                                     uint32_t index);

/* "array or string". Returns `out`. */
#define AWL_JMESPATH_TYPES_MAX 64
const char *awl_jmespath_type_names(unsigned types, char out[AWL_JMESPATH_TYPES_MAX]);

#endif
