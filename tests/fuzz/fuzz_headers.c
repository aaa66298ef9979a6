/* Header lines as they come off the wire: what is taken can be found again and sent. */
#include "base/headers.h"
#include "fuzz.h"

#define TEXT_MAX ((size_t)1 << 16)

static void check_field(struct awl_headers *headers, size_t i)
{
    awl_str name = awl_headers_name(headers, i);
    awl_str value = awl_headers_value(headers, i);
    require(name.len > 0 && memchr(awl_headers_line(headers, i), '\n', name.len) == NULL);
    require(strlen(awl_headers_line(headers, i)) == name.len + 2 + value.len);
    require(awl_headers_find(headers, name, 0) <= i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_headers headers, copy;
    awl_str rest = awl_str_make((const char *)data, size), line;
    awl_headers_init(&headers, TEXT_MAX);
    awl_headers_init(&copy, TEXT_MAX);
    while (take_line(&rest, &line))
        (void)awl_headers_add_line(&headers, line);
    for (size_t i = 0; i < headers.count; i++) {
        check_field(&headers, i);
        (void)awl_headers_set(&copy, awl_headers_name(&headers, i),
                              awl_headers_value(&headers, i));
    }
    require(copy.count <= headers.count);
    while (copy.count > 0)
        require(awl_headers_remove(&copy, awl_headers_name(&copy, 0)));
    awl_headers_release(&headers);
    awl_headers_release(&copy);
    return 0;
}
