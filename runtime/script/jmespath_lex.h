/* jmespath_lex.h - the tokens of a JMESPath expression. */
#ifndef AWL_SCRIPT_JMESPATH_LEX_H
#define AWL_SCRIPT_JMESPATH_LEX_H

#include <stdint.h>

#include "base/str.h"

enum awl_jmespath_token_type {
    AWL_JMESPATH_T_END,
    AWL_JMESPATH_T_ERROR, /* `reason` says why */
    AWL_JMESPATH_T_NAME,
    AWL_JMESPATH_T_QUOTED,  /* text: between the quotes, escaped as in JSON */
    AWL_JMESPATH_T_RAW,     /* text: between the quotes, with \' */
    AWL_JMESPATH_T_LITERAL, /* text: between the backquotes, with \` */
    AWL_JMESPATH_T_NUMBER,
    AWL_JMESPATH_T_STAR,
    AWL_JMESPATH_T_CURRENT,
    AWL_JMESPATH_T_DOT,
    AWL_JMESPATH_T_COMMA,
    AWL_JMESPATH_T_COLON,
    AWL_JMESPATH_T_LBRACKET,
    AWL_JMESPATH_T_RBRACKET,
    AWL_JMESPATH_T_FLATTEN, /* [] */
    AWL_JMESPATH_T_FILTER,  /* [? */
    AWL_JMESPATH_T_LBRACE,
    AWL_JMESPATH_T_RBRACE,
    AWL_JMESPATH_T_LPAREN,
    AWL_JMESPATH_T_RPAREN,
    AWL_JMESPATH_T_PIPE,
    AWL_JMESPATH_T_OR,
    AWL_JMESPATH_T_AND,
    AWL_JMESPATH_T_NOT,
    AWL_JMESPATH_T_EXPREF,
    AWL_JMESPATH_T_EQ,
    AWL_JMESPATH_T_NE,
    AWL_JMESPATH_T_LT,
    AWL_JMESPATH_T_LE,
    AWL_JMESPATH_T_GT,
    AWL_JMESPATH_T_GE,
};

struct awl_jmespath_token {
    enum awl_jmespath_token_type type;
    awl_str text; /* in the source */
    size_t at;    /* byte of the source where it begins */
    const char *reason;
};

/* The token at or after byte *pos, which is moved behind it. */
struct awl_jmespath_token awl_jmespath_lex(awl_str source, size_t *pos);

#endif
