/* fuzz.h - what the fuzz targets share.
 *
 * A target is given bytes and must come back; what does not hold calls abort. */
#ifndef AWL_TESTS_FUZZ_H
#define AWL_TESTS_FUZZ_H

#include <stdlib.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds)
{
    if (!holds)
        abort();
}

/* Takes the next line off the input; false at its end. Inputs of several texts are
 * lines, so that seeds can be read. */
static inline bool take_line(awl_str *rest, awl_str *line)
{
    if (rest->len == 0)
        return false;
    size_t end = awl_str_find(*rest, '\n', 0);
    *line = awl_str_slice(*rest, 0, end);
    *rest = end == SIZE_MAX ? (awl_str){"", 0} : awl_str_slice(*rest, end + 1, rest->len);
    return true;
}

/* The number an input begins with, of one byte, which is taken off. */
static inline unsigned take_byte(awl_str *rest)
{
    if (rest->len == 0)
        return 0;
    unsigned byte = (unsigned char)rest->ptr[0];
    *rest = awl_str_slice(*rest, 1, rest->len);
    return byte;
}

#endif
