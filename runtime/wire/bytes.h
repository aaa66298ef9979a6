/* bytes.h - comparing short names without a call. */
#ifndef AWL_WIRE_BYTES_H
#define AWL_WIRE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Of 8 and of 4 bytes, which must be there. */
static inline bool awl_same_8(const char *a, const char *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x == y;
}

static inline bool awl_same_4(const char *a, const char *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x == y;
}

/* Whether `len` bytes are the same: words that overlap rather than a loop over the
 * rest. */
static inline bool awl_same_bytes(const char *a, const char *b, size_t len)
{
    if (len >= 8) {
        for (size_t i = 0; i + 8 < len; i += 8)
            if (!awl_same_8(a + i, b + i))
                return false;
        return awl_same_8(a + len - 8, b + len - 8);
    }
    if (len >= 4)
        return awl_same_4(a, b) && awl_same_4(a + len - 4, b + len - 4);
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

#endif
