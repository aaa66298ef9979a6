#include "base/headers.h"

#include <stdlib.h>

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

static bool may_be_sent(awl_str name, awl_str value)
{
    if (name.len == 0)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c <= ' ' || c == ':' || c == 0x7f)
            return false;
    }
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '\r' || value.ptr[i] == '\n' || value.ptr[i] == '\0')
            return false;
    return true;
}

static enum awl_rc fields_reserve(struct awl_headers *headers)
{
    if (headers->count < headers->cap)
        return AWL_OK;
    size_t cap = headers->cap > 0 ? headers->cap * 2 : 16;
    struct awl_header_field *fields =
        realloc(headers->fields, cap * sizeof(*headers->fields));
    if (fields == NULL)
        return AWL_ENOMEM;
    headers->fields = fields;
    headers->cap = cap;
    return AWL_OK;
}

enum awl_rc awl_headers_add(struct awl_headers *headers, awl_str name, awl_str value)
{
    if (!may_be_sent(name, value))
        return AWL_EINPUT;
    enum awl_rc rc = fields_reserve(headers);
    if (rc != AWL_OK)
        return rc;
    rc = awl_buf_reserve(&headers->text, name.len + SEPARATOR_LEN + value.len + 1);
    if (rc != AWL_OK)
        return rc;

    headers->fields[headers->count++] = (struct awl_header_field){
        .line = (uint32_t)headers->text.len,
        .name_len = (uint32_t)name.len,
        .value_len = (uint32_t)value.len,
    };
    awl_buf_append_str(&headers->text, name);
    awl_buf_append_str(&headers->text, STR(": "));
    awl_buf_append_str(&headers->text, value);
    return awl_buf_append_char(&headers->text, '\0');
}

enum awl_rc awl_headers_set(struct awl_headers *headers, awl_str name, awl_str value)
{
    awl_headers_remove(headers, name);
    return awl_headers_add(headers, name, value);
}

bool awl_headers_remove(struct awl_headers *headers, awl_str name)
{
    size_t kept = 0;
    for (size_t i = 0; i < headers->count; i++)
        if (!awl_str_eq_nocase(awl_headers_name(headers, i), name))
            headers->fields[kept++] = headers->fields[i];
    bool removed = kept < headers->count;
    headers->count = kept;
    return removed;
}

size_t awl_headers_find(const struct awl_headers *headers, awl_str name, size_t from)
{
    for (size_t i = from; i < headers->count; i++)
        if (awl_str_eq_nocase(awl_headers_name(headers, i), name))
            return i;
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
