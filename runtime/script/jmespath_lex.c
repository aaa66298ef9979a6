#include "script/jmespath_lex.h"

#include <stdbool.h>

typedef struct awl_jmespath_token token;

static char char_at(awl_str source, size_t at)
{
    return at < source.len ? source.ptr[at] : '\0';
}

static token token_error(awl_str source, size_t at, const char *reason)
{
    return (token){AWL_JMESPATH_T_ERROR, awl_str_slice(source, at, at + 1), at, reason};
}

/* Text up to the next `quote` that no backslash precedes. */
static token lex_quoted(awl_str source, size_t *pos, char quote,
                        enum awl_jmespath_token_type type)
{
    size_t start = *pos;
    for (size_t i = start + 1; i < source.len; i++) {
        if (source.ptr[i] == '\\') {
            i++;
        } else if (source.ptr[i] == quote) {
            *pos = i + 1;
            return (token){type, awl_str_slice(source, start + 1, i), start, NULL};
        }
    }
    return token_error(source, start, "the text that begins here has no end");
}

static token lex_while(awl_str source, size_t *pos, enum awl_jmespath_token_type type,
                       bool (*belongs)(char))
{
    size_t start = *pos, end = start + 1;
    while (end < source.len && belongs(source.ptr[end]))
        end++;
    *pos = end;
    return (token){type, awl_str_slice(source, start, end), start, NULL};
}

static bool is_name_char(char c)
{
    return awl_char_is_alnum(c) || c == '_';
}

static token lex_number(awl_str source, size_t *pos)
{
    if (source.ptr[*pos] == '-' && !awl_char_is_digit(char_at(source, *pos + 1)))
        return token_error(source, *pos, "expected a digit after '-'");
    return lex_while(source, pos, AWL_JMESPATH_T_NUMBER, awl_char_is_digit);
}

struct symbol {
    char text[3];
    uint8_t type;
};

/* The longer of two with the same beginning first. */
static const struct symbol symbols[] = {
    {"[]", AWL_JMESPATH_T_FLATTEN}, {"[?", AWL_JMESPATH_T_FILTER},
    {"[", AWL_JMESPATH_T_LBRACKET}, {"]", AWL_JMESPATH_T_RBRACKET},
    {"{", AWL_JMESPATH_T_LBRACE},   {"}", AWL_JMESPATH_T_RBRACE},
    {"(", AWL_JMESPATH_T_LPAREN},   {")", AWL_JMESPATH_T_RPAREN},
    {".", AWL_JMESPATH_T_DOT},      {",", AWL_JMESPATH_T_COMMA},
    {":", AWL_JMESPATH_T_COLON},    {"*", AWL_JMESPATH_T_STAR},
    {"@", AWL_JMESPATH_T_CURRENT},  {"||", AWL_JMESPATH_T_OR},
    {"|", AWL_JMESPATH_T_PIPE},     {"&&", AWL_JMESPATH_T_AND},
    {"&", AWL_JMESPATH_T_EXPREF},   {"!=", AWL_JMESPATH_T_NE},
    {"!", AWL_JMESPATH_T_NOT},      {"==", AWL_JMESPATH_T_EQ},
    {"<=", AWL_JMESPATH_T_LE},      {"<", AWL_JMESPATH_T_LT},
    {">=", AWL_JMESPATH_T_GE},      {">", AWL_JMESPATH_T_GT},
};

static token lex_symbol(awl_str source, size_t *pos)
{
    awl_str rest = awl_str_slice(source, *pos, source.len);
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        awl_str text = awl_str_of(symbols[i].text);
        if (awl_str_starts(rest, text)) {
            token found = {symbols[i].type, awl_str_slice(rest, 0, text.len), *pos, NULL};
            *pos += text.len;
            return found;
        }
    }
    return token_error(source, *pos,
                       rest.ptr[0] == '=' ? "'=' is no operator; equality is '=='"
                                          : "this character means nothing here");
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct awl_jmespath_token awl_jmespath_lex(awl_str source, size_t *pos)
{
    while (*pos < source.len && is_space(source.ptr[*pos]))
        ++*pos;
    if (*pos >= source.len)
        return (token){AWL_JMESPATH_T_END, awl_str_make("", 0), source.len, NULL};
    char c = source.ptr[*pos];
    if (awl_char_is_alpha(c) || c == '_')
        return lex_while(source, pos, AWL_JMESPATH_T_NAME, is_name_char);
    if (awl_char_is_digit(c) || c == '-')
        return lex_number(source, pos);
    if (c == '"')
        return lex_quoted(source, pos, c, AWL_JMESPATH_T_QUOTED);
    if (c == '\'')
        return lex_quoted(source, pos, c, AWL_JMESPATH_T_RAW);
    if (c == '`')
        return lex_quoted(source, pos, c, AWL_JMESPATH_T_LITERAL);
    return lex_symbol(source, pos);
}
