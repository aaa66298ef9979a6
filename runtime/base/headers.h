/* headers.h - the header fields of an HTTP message, in order.
 *
 * All text stands in one buffer, a field as "Name: value\0": the line libcurl
 * wants, so that sending copies nothing. Names compare without case; one name may
 * occur more than once. Values with CR, LF or NUL are refused. */
#ifndef AWL_BASE_HEADERS_H
#define AWL_BASE_HEADERS_H

#include "base/buf.h"

struct awl_header_field {
    uint32_t line; /* offset of the line in `text` */
    uint32_t name_len;
    uint32_t value_len; /* the value begins at line + name_len + 2 */
};

struct awl_headers {
    struct awl_header_field *fields;
    size_t count;
    size_t cap;
    struct awl_buf text;
};

/* Of a field by its index, valid until the next change. */
awl_str awl_headers_name(const struct awl_headers *headers, size_t index);
awl_str awl_headers_value(const struct awl_headers *headers, size_t index);
const char *awl_headers_line(const struct awl_headers *headers, size_t index);

/* All names and values together take at most `max` bytes. */
void awl_headers_init(struct awl_headers *headers, size_t max);
void awl_headers_release(struct awl_headers *headers);
void awl_headers_clear(struct awl_headers *headers);

/* AWL_EINPUT for a name that is no token of HTTP, or a value that may not be sent. */
enum awl_rc awl_headers_add(struct awl_headers *headers, awl_str name, awl_str value);

/* Adds a field as it stands in a message, "Name: value", the name in lower case;
 * it need be no token. AWL_EINPUT for a line that is none. */
enum awl_rc awl_headers_add_line(struct awl_headers *headers, awl_str text);

/* Replaces every field of that name by one. */
enum awl_rc awl_headers_set(struct awl_headers *headers, awl_str name, awl_str value);

/* Removes every field of that name; true if there was one. */
bool awl_headers_remove(struct awl_headers *headers, awl_str name);

/* The index of the first field of that name at or after `from`, or SIZE_MAX. */
size_t awl_headers_find(const struct awl_headers *headers, awl_str name, size_t from);

/* The first value; false (and *value left alone) when there is none. `value` may
 * be NULL. */
bool awl_headers_get(const struct awl_headers *headers, awl_str name, awl_str *value);

#endif
