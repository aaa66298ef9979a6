#include "aws/base64.h"

#define BAD 0x80

static const char standard_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of a digit plus one, of either alphabet's: 0 is no digit. */
static const uint8_t digit_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
    ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
    ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
    ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
    ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
    ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62,
};

static size_t encode(char *out, const uint8_t *in, size_t len, const char *digits)
{
    char *at = out;
    size_t i = 0;
    for (; i + 3 <= len; i += 3, at += 4) {
        uint32_t bits = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = digits[bits >> 6 & 63];
        at[3] = digits[bits & 63];
    }
    if (i < len) {
        uint32_t bits = (uint32_t)in[i] << 16;
        if (i + 1 < len)
            bits |= (uint32_t)in[i + 1] << 8;
        at[0] = digits[bits >> 18];
        at[1] = digits[bits >> 12 & 63];
        at[2] = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        at[3] = '=';
        at += 4;
    }
    return (size_t)(at - out);
}

enum awl_rc awl_base64_encode(struct awl_buf *out, const void *bytes, size_t len,
                              enum awl_base64 variant)
{
    if (len > SIZE_MAX / 2)
        return AWL_ELIMIT;
    enum awl_rc rc = awl_buf_reserve(out, awl_base64_encoded_len(len));
    if (rc != AWL_OK)
        return rc;
    const char *digits = variant == AWL_BASE64_STANDARD ? standard_digits : url_digits;
    size_t written = encode(out->ptr + out->len, bytes, len, digits);
    if (variant == AWL_BASE64_URL_NO_PADDING && len % 3 > 0)
        written -= 3 - len % 3;
    out->len += written;
    out->ptr[out->len] = '\0';
    return awl_buf_rc(out);
}

void awl_base64_encode_small(char out[AWL_BASE64_DIGEST_MAX], const void *bytes,
                             size_t len)
{
    out[encode(out, bytes, len < 64 ? len : 64, standard_digits)] = '\0';
}

/* The value of a digit, or BAD. */
static uint32_t digit_value(char c, const char *digits)
{
    uint8_t value = digit_values[(uint8_t)c];
    if (value > 0)
        return value - 1u;
    if (c == digits[62])
        return 62;
    return c == digits[63] ? 63 : BAD;
}

/* Text without its padding; false when the padding is wrong. */
static bool unpad(awl_str *text)
{
    size_t padding = 0;
    while (padding < 2 && padding < text->len &&
           text->ptr[text->len - 1 - padding] == '=')
        padding++;
    if (padding > 0 && text->len % 4 != 0)
        return false;
    text->len -= padding;
    return text->len % 4 != 1;
}

/* The last two or three digits, which are one or two bytes. */
static bool decode_tail(uint8_t *out, awl_str text, const char *digits)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint32_t value = digit_value(text.ptr[i], digits);
        if (value == BAD)
            return false;
        bits |= value << (18 - 6 * i);
    }
    out[0] = (uint8_t)(bits >> 16);
    if (text.len == 3)
        out[1] = (uint8_t)(bits >> 8);
    return (bits & (text.len == 3 ? 0xffu : 0xffffu)) == 0;
}

static bool decode(uint8_t *out, awl_str text, const char *digits)
{
    size_t i = 0;
    for (; i + 4 <= text.len; i += 4, out += 3) {
        uint32_t a = digit_value(text.ptr[i], digits);
        uint32_t b = digit_value(text.ptr[i + 1], digits);
        uint32_t c = digit_value(text.ptr[i + 2], digits);
        uint32_t d = digit_value(text.ptr[i + 3], digits);
        if (((a | b | c | d) & BAD) != 0)
            return false;
        uint32_t bits = a << 18 | b << 12 | c << 6 | d;
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
    }
    return i == text.len || decode_tail(out, awl_str_slice(text, i, text.len), digits);
}

enum awl_rc awl_base64_decode(struct awl_buf *out, awl_str text, enum awl_base64 variant)
{
    if (!unpad(&text))
        return AWL_EPARSE;
    size_t len = text.len / 4 * 3 + (text.len % 4 > 0 ? text.len % 4 - 1 : 0);
    enum awl_rc rc = awl_buf_reserve(out, len);
    if (rc != AWL_OK)
        return rc;
    const char *digits = variant == AWL_BASE64_STANDARD ? standard_digits : url_digits;
    if (!decode((uint8_t *)out->ptr + out->len, text, digits)) {
        out->ptr[out->len] = '\0';
        return AWL_EPARSE;
    }
    out->len += len;
    out->ptr[out->len] = '\0';
    return awl_buf_rc(out);
}
