#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>

int awl_str_cmp(awl_str a, awl_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool awl_str_starts_nocase(awl_str text, awl_str prefix)
{
    if (text.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (awl_char_lower(text.ptr[i]) != awl_char_lower(prefix.ptr[i]))
            return false;
    return true;
}

size_t awl_str_find(awl_str text, char byte, size_t from)
{
    if (from >= text.len)
        return SIZE_MAX;
    const char *at = memchr(text.ptr + from, byte, text.len - from);
    return at != NULL ? (size_t)(at - text.ptr) : SIZE_MAX;
}

awl_str awl_str_slice(awl_str text, size_t from, size_t to)
{
    if (to > text.len)
        to = text.len;
    if (from >= to)
        return (awl_str){text.ptr, 0};
    return (awl_str){text.ptr + from, to - from};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

awl_str awl_str_trim(awl_str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

bool awl_str_to_int64(awl_str text, int64_t *value)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t sum = 0;

    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        if (!awl_char_is_digit(text.ptr[i]))
            return false;
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        if (sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(~sum + 1) : (int64_t)sum;
    return true;
}

/* strtod() follows the process's locale; this one is always C. */
static double c_strtod(const char *text, char **end)
{
    static locale_t c_locale;
    if (c_locale == (locale_t)0)
        c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return c_locale != (locale_t)0 ? strtod_l(text, end, c_locale) : strtod(text, end);
}

bool awl_str_to_double(awl_str text, double *value)
{
    char copy[64];
    char *heap = NULL;
    char *number = copy;

    if (text.len == 0 || text.len > 4096)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!awl_char_is_digit(c) && strchr("+-.eE", c) == NULL)
            return false;
        if (c == '\0')
            return false;
    }
    if (text.len >= sizeof(copy)) {
        heap = malloc(text.len + 1);
        if (heap == NULL)
            return false;
        number = heap;
    }
    memcpy(number, text.ptr, text.len);
    number[text.len] = '\0';

    char *end;
    double result = c_strtod(number, &end);
    bool whole = end == number + text.len;
    free(heap);
    if (whole)
        *value = result;
    return whole;
}

#define DISTANCE_MAX 128 /* longer names are compared by their beginning */

unsigned awl_str_distance(awl_str a, awl_str b)
{
    unsigned char row[DISTANCE_MAX + 1];

    a = awl_str_slice(a, 0, DISTANCE_MAX);
    b = awl_str_slice(b, 0, DISTANCE_MAX);
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (unsigned char)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = awl_char_lower(a.ptr[i - 1]) == awl_char_lower(b.ptr[j - 1]);
            unsigned best = diagonal + (same ? 0 : 1);
            if (row[j] + 1u < best)
                best = row[j] + 1u;
            if (row[j - 1] + 1u < best)
                best = row[j - 1] + 1u;
            diagonal = row[j];
            row[j] = (unsigned char)best;
        }
    }
    return row[b.len];
}
