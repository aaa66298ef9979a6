#include "base/utf8.h"

static bool continues(awl_str text, size_t at, unsigned low, unsigned high)
{
    if (at >= text.len)
        return false;
    unsigned char c = (unsigned char)text.ptr[at];
    return c >= low && c <= high;
}

size_t awl_utf8_len(awl_str text)
{
    if (text.len == 0)
        return 0;
    unsigned char first = (unsigned char)text.ptr[0];
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return continues(text, 1, 0x80, 0xbf) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        unsigned low = first == 0xe0 ? 0xa0 : 0x80;  /* not overlong */
        unsigned high = first == 0xed ? 0x9f : 0xbf; /* no surrogates */
        return continues(text, 1, low, high) && continues(text, 2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        unsigned low = first == 0xf0 ? 0x90 : 0x80;
        unsigned high = first == 0xf4 ? 0x8f : 0xbf;
        return continues(text, 1, low, high) && continues(text, 2, 0x80, 0xbf) &&
                       continues(text, 3, 0x80, 0xbf)
                   ? 4
                   : 0;
    }
    return 0;
}

size_t awl_utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | (code_point >> 6));
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | (code_point >> 12));
        out[1] = (char)(0x80 | ((code_point >> 6) & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code_point >> 18));
    out[1] = (char)(0x80 | ((code_point >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((code_point >> 6) & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}
