/* str.h - a piece of text: bytes and their number.
 *
 * An awl_str owns nothing and need not end in NUL. An empty one may have a NULL
 * pointer. Comparisons without case are ASCII only, whatever the locale. */
#ifndef AWL_BASE_STR_H
#define AWL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct awl_str {
    const char *ptr;
    size_t len;
} awl_str;

/* The text of a string literal. */
#define STR(literal) ((awl_str){"" literal, sizeof(literal) - 1})

/* For printf's "%.*s". */
#define STR_ARG(str) (int)(str).len, ((str).ptr != NULL ? (str).ptr : "")

static inline awl_str awl_str_make(const char *ptr, size_t len)
{
    return (awl_str){ptr, len};
}

/* The text of a C string; of NULL, the empty text. */
static inline awl_str awl_str_of(const char *text)
{
    return (awl_str){text, text != NULL ? strlen(text) : 0};
}

static inline bool awl_str_eq(awl_str a, awl_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool awl_str_starts(awl_str text, awl_str prefix)
{
    return text.len >= prefix.len &&
           (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool awl_str_ends(awl_str text, awl_str suffix)
{
    return text.len >= suffix.len &&
           (suffix.len == 0 ||
            memcmp(text.ptr + (text.len - suffix.len), suffix.ptr, suffix.len) == 0);
}

/* Bytewise order, a prefix before the longer text: <0, 0 or >0. */
int awl_str_cmp(awl_str a, awl_str b);

/* Without regard to the case of ASCII letters. */
bool awl_str_starts_nocase(awl_str text, awl_str prefix);

static inline bool awl_str_eq_nocase(awl_str a, awl_str b)
{
    return a.len == b.len && awl_str_starts_nocase(a, b);
}

/* The index of `byte` in `text` at or after `from`, or SIZE_MAX. */
size_t awl_str_find(awl_str text, char byte, size_t from);

/* From byte `from` up to, not including, byte `to`; both are cut to the length. */
awl_str awl_str_slice(awl_str text, size_t from, size_t to);

/* Without spaces, tabs, CR and LF at both ends. */
awl_str awl_str_trim(awl_str text);

/* A whole decimal integer with an optional minus sign; false when the text is
 * anything else or does not fit. */
bool awl_str_to_int64(awl_str text, int64_t *value);

/* A whole decimal number in the C locale's spelling; false for anything else. */
bool awl_str_to_double(awl_str text, double *value);

/* How unlike two names are: Levenshtein's distance without case, at most 255.
 * Used to suggest the nearest right name. */
unsigned awl_str_distance(awl_str a, awl_str b);

/* ---- ASCII, whatever the locale ---- */

static inline char awl_char_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline char awl_char_upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

static inline bool awl_char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool awl_char_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool awl_char_is_alnum(char c)
{
    return awl_char_is_digit(c) || awl_char_is_alpha(c);
}

#endif
