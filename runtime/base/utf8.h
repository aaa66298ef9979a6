/* utf8.h - UTF-8, one character at a time. */
#ifndef AWL_BASE_UTF8_H
#define AWL_BASE_UTF8_H

#include <stdint.h>

#include "base/str.h"

/* The length in bytes (1 to 4) of the valid character at the start of `text`, or 0:
 * overlong forms, surrogates and what is beyond U+10FFFF are invalid. */
size_t awl_utf8_len(awl_str text);

/* Writes a code point (not a surrogate, at most U+10FFFF) and returns its length. */
size_t awl_utf8_encode(uint32_t code_point, char out[4]);

#endif
