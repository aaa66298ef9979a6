#include "base/headers.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATOR_LEN 2 /* ": " */

void awl_headers_init(struct awl_headers *headers, size_t max)
{
    headers->fields = NULL;
    headers->count = 0;
    headers->cap = 0;
    /* Offsets have 32 bits. */
    awl_buf_init(&headers->text, max < UINT32_MAX ? max : UINT32_MAX);
}

void awl_headers_release(struct awl_headers *headers)
{
    free(headers->fields);
    awl_buf_release(&headers->text);
    awl_headers_init(headers, headers->text.max);
}

void awl_headers_clear(struct awl_headers *headers)
{
    headers->count = 0;
    awl_buf_clear(&headers->text);
}

const char *awl_headers_line(const struct awl_headers *headers, size_t index)
{
    return headers->text.ptr + headers->fields[index].line;
}

awl_str awl_headers_name(const struct awl_headers *headers, size_t index)
{
    const struct awl_header_field *field = &headers->fields[index];
    return awl_str_make(headers->text.ptr + field->line, field->name_len);
}

awl_str awl_headers_value(const struct awl_headers *headers, size_t index)
{
    const struct awl_header_field *field = &headers->fields[index];
    return awl_str_make(headers->text.ptr + field->line + field->name_len + SEPARATOR_LEN,
                        field->value_len);
}

/* A token of RFC 9110: in a list of signed fields, others would not stay one name. */
static bool name_may_be_sent(awl_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c != '-' && !awl_char_is_alnum(c) &&
            (c == '\0' || strchr("!#$%&'*+.^_`|~", c) == NULL))
            return false;
    }
    return name.len > 0;
}

static bool value_may_be_sent(awl_str value)
{
    return value.len == 0 || (memchr(value.ptr, '\r', value.len) == NULL &&
                              memchr(value.ptr, '\n', value.len) == NULL &&
                              memchr(value.ptr, '\0', value.len) == NULL);
}

static enum awl_rc fields_reserve(struct awl_headers *headers)
{
    if (headers->count < headers->cap)
        return AWL_OK;
    size_t cap = headers->cap > 0 ? headers->cap * 2 : 16;
    struct awl_header_field *fields =
        realloc(headers->fields, cap * sizeof(*headers->fields));
    if (fields == NULL)
        return headers->text.rc = AWL_ENOMEM; /* asked for when all are written */
    headers->fields = fields;
    headers->cap = cap;
    return AWL_OK;
}

/* Room for one more field; *line is where its text goes. */
static enum awl_rc field_reserve(struct awl_headers *headers, awl_str name, awl_str value,
                                 char **line)
{
    enum awl_rc rc = fields_reserve(headers);
    if (rc == AWL_OK)
        rc = awl_buf_reserve(&headers->text, name.len + SEPARATOR_LEN + value.len + 1);
    if (rc == AWL_OK)
        *line = headers->text.ptr + headers->text.len;
    return rc;
}

/* The name stands at `line` already. */
static void field_end(struct awl_headers *headers, char *line, awl_str name,
                      awl_str value)
{
    headers->fields[headers->count++] = (struct awl_header_field){
        .line = (uint32_t)headers->text.len,
        .name_len = (uint32_t)name.len,
        .value_len = (uint32_t)value.len,
    };
    line += name.len;
    *line++ = ':';
    *line++ = ' ';
    if (value.len > 0)
        memcpy(line, value.ptr, value.len);
    line[value.len] = line[value.len + 1] = '\0'; /* the line's end, the buffer's */
    headers->text.len += name.len + SEPARATOR_LEN + value.len + 1;
}

enum awl_rc awl_headers_add(struct awl_headers *headers, awl_str name, awl_str value)
{
    char *line;
    if (!name_may_be_sent(name) || !value_may_be_sent(value))
        return AWL_EINPUT;
    enum awl_rc rc = field_reserve(headers, name, value, &line);
    if (rc != AWL_OK)
        return rc;
    memcpy(line, name.ptr, name.len);
    field_end(headers, line, name, value);
    return AWL_OK;
}

/* Writes the name in lower case as far as the colon; its length, 0 if it may not be
 * read. What others send need not be a token. */
static size_t name_read(char *out, awl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == ':')
            return i;
        if (c <= ' ' || c == 0x7f)
            return 0;
        out[i] = awl_char_lower((char)c);
    }
    return 0;
}

enum awl_rc awl_headers_add_line(struct awl_headers *headers, awl_str text)
{
    char *line;
    enum awl_rc rc = field_reserve(headers, text, STR(""), &line);
    if (rc != AWL_OK)
        return rc;
    awl_str name = {line, name_read(line, text)};
    awl_str value = awl_str_trim(awl_str_slice(text, name.len + 1, text.len));
    if (name.len == 0 || !value_may_be_sent(value))
        return AWL_EINPUT;
    field_end(headers, line, name, value);
    return AWL_OK;
}

enum awl_rc awl_headers_set(struct awl_headers *headers, awl_str name, awl_str value)
{
    awl_headers_remove(headers, name);
    return awl_headers_add(headers, name, value);
}

bool awl_headers_remove(struct awl_headers *headers, awl_str name)
{
    size_t kept = awl_headers_find(headers, name, 0);
    if (kept == SIZE_MAX)
        return false;
    for (size_t i = kept + 1; i < headers->count; i++)
        if (!awl_str_eq_nocase(awl_headers_name(headers, i), name))
            headers->fields[kept++] = headers->fields[i];
    headers->count = kept;
    return true;
}

/* Of names as long as this one few begin with the same letter: the others are passed
 * over without a call. */
size_t awl_headers_find(const struct awl_headers *headers, awl_str name, size_t from)
{
    if (name.len == 0)
        return SIZE_MAX;
    char first = awl_char_lower(name.ptr[0]);
    for (size_t i = from; i < headers->count; i++) {
        const struct awl_header_field *field = &headers->fields[i];
        if (field->name_len == name.len &&
            awl_char_lower(headers->text.ptr[field->line]) == first &&
            awl_str_eq_nocase(awl_headers_name(headers, i), name))
            return i;
    }
    return SIZE_MAX;
}

bool awl_headers_get(const struct awl_headers *headers, awl_str name, awl_str *value)
{
    size_t index = awl_headers_find(headers, name, 0);
    if (index == SIZE_MAX)
        return false;
    if (value != NULL)
        *value = awl_headers_value(headers, index);
    return true;
}
