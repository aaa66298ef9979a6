#include "aws/uri.h"

/* What a byte is, for the tables' users. */
enum {
    UNRESERVED = 1,
    SLASH = 2,
    HEX = 4,
};

#define U UNRESERVED
#define X (UNRESERVED | HEX)
static const uint8_t byte_class[256] = {
    ['-'] = U, ['.'] = U, ['_'] = U, ['~'] = U, ['/'] = SLASH, ['0'] = X, ['1'] = X,
    ['2'] = X, ['3'] = X, ['4'] = X, ['5'] = X, ['6'] = X,     ['7'] = X, ['8'] = X,
    ['9'] = X, ['A'] = X, ['B'] = X, ['C'] = X, ['D'] = X,     ['E'] = X, ['F'] = X,
    ['G'] = U, ['H'] = U, ['I'] = U, ['J'] = U, ['K'] = U,     ['L'] = U, ['M'] = U,
    ['N'] = U, ['O'] = U, ['P'] = U, ['Q'] = U, ['R'] = U,     ['S'] = U, ['T'] = U,
    ['U'] = U, ['V'] = U, ['W'] = U, ['X'] = U, ['Y'] = U,     ['Z'] = U, ['a'] = X,
    ['b'] = X, ['c'] = X, ['d'] = X, ['e'] = X, ['f'] = X,     ['g'] = U, ['h'] = U,
    ['i'] = U, ['j'] = U, ['k'] = U, ['l'] = U, ['m'] = U,     ['n'] = U, ['o'] = U,
    ['p'] = U, ['q'] = U, ['r'] = U, ['s'] = U, ['t'] = U,     ['u'] = U, ['v'] = U,
    ['w'] = U, ['x'] = U, ['y'] = U, ['z'] = U,
};
#undef U
#undef X

static bool is_class(char c, unsigned classes)
{
    return (byte_class[(uint8_t)c] & classes) != 0;
}

/* Is there a whole %XX at this place? */
static bool is_triplet(awl_str text, size_t at)
{
    return text.ptr[at] == '%' && text.len - at > 2 && is_class(text.ptr[at + 1], HEX) &&
           is_class(text.ptr[at + 2], HEX);
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(awl_char_lower(c) - 'a') + 10;
}

static char triplet_byte(awl_str text, size_t at)
{
    return (char)(hex_digit(text.ptr[at + 1]) * 16 + hex_digit(text.ptr[at + 2]));
}

static enum awl_rc append_triplet(struct awl_buf *out, char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3] = {'%', digits[(uint8_t)byte >> 4], digits[(uint8_t)byte & 15]};
    return awl_buf_append(out, text, sizeof text);
}

/* The length of the run of bytes of these classes that begins at `from`. */
static size_t run_len(awl_str text, size_t from, unsigned classes)
{
    size_t i = from;
    while (i < text.len && is_class(text.ptr[i], classes))
        i++;
    return i - from;
}

static enum awl_rc encode(struct awl_buf *out, awl_str text, unsigned kept,
                          bool keep_triplets)
{
    size_t i = 0;
    for (;;) {
        size_t run = run_len(text, i, kept);
        if (run > 0)
            awl_buf_append(out, text.ptr + i, run);
        i += run;
        if (i == text.len)
            return awl_buf_rc(out);
        if (keep_triplets && is_triplet(text, i)) {
            awl_buf_append(out, text.ptr + i, 3);
            i += 3;
        } else {
            append_triplet(out, text.ptr[i++]);
        }
    }
}

enum awl_rc awl_uri_encode(struct awl_buf *out, awl_str text)
{
    return encode(out, text, UNRESERVED, false);
}

enum awl_rc awl_uri_encode_path(struct awl_buf *out, awl_str text)
{
    return encode(out, text, UNRESERVED | SLASH, false);
}

enum awl_rc awl_uri_encode_path_rest(struct awl_buf *out, awl_str path)
{
    return encode(out, path, UNRESERVED | SLASH, true);
}

enum awl_rc awl_uri_canonicalize(struct awl_buf *out, awl_str component)
{
    size_t i = 0;
    for (;;) {
        size_t run = run_len(component, i, UNRESERVED);
        if (run > 0)
            awl_buf_append(out, component.ptr + i, run);
        i += run;
        if (i == component.len)
            return awl_buf_rc(out);
        char byte = component.ptr[i];
        if (is_triplet(component, i)) {
            byte = triplet_byte(component, i);
            i += 2;
        }
        i++;
        if (is_class(byte, UNRESERVED))
            awl_buf_append_char(out, byte);
        else
            append_triplet(out, byte);
    }
}

enum awl_rc awl_uri_decode(struct awl_buf *out, awl_str text, bool plus_is_space)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        char byte;
        if (text.ptr[i] == '+' && plus_is_space)
            byte = ' ';
        else if (is_triplet(text, i))
            byte = triplet_byte(text, i);
        else
            continue;
        if (i > from)
            awl_buf_append(out, text.ptr + from, i - from);
        if (text.ptr[i] == '%')
            i += 2;
        from = i + 1;
        awl_buf_append_char(out, byte);
    }
    if (text.len > from)
        awl_buf_append(out, text.ptr + from, text.len - from);
    return awl_buf_rc(out);
}

size_t awl_uri_decoded_len(awl_str text)
{
    size_t len = text.len;
    for (size_t i = 0; i < text.len; i++) {
        if (is_triplet(text, i)) {
            len -= 2;
            i += 2;
        }
    }
    return len;
}

/* Takes the next segment off an absolute path. */
static bool segment_next(awl_str *path, awl_str *segment)
{
    if (path->len == 0)
        return false;
    if (path->ptr[0] == '/')
        *path = awl_str_slice(*path, 1, path->len);
    size_t end = awl_str_find(*path, '/', 0);
    *segment = awl_str_slice(*path, 0, end);
    *path = awl_str_slice(*path, end, path->len);
    return true;
}

/* Cuts the last "/segment" off what was appended since `start`. */
static void segment_drop(struct awl_buf *out, size_t start)
{
    size_t len = out->len;
    while (len > start && out->ptr[len - 1] != '/')
        len--;
    awl_buf_truncate(out, len > start ? len - 1 : start);
}

enum awl_rc awl_uri_normalize_path(struct awl_buf *out, awl_str path)
{
    size_t start = out->len;
    bool slash = path.len > 0 && path.ptr[path.len - 1] == '/';
    awl_str segment;
    while (awl_buf_rc(out) == AWL_OK && segment_next(&path, &segment)) {
        if (segment.len == 0 || awl_str_eq(segment, STR(".")))
            continue;
        if (awl_str_eq(segment, STR(".."))) {
            segment_drop(out, start);
            continue;
        }
        awl_buf_append_char(out, '/');
        awl_buf_append_str(out, segment);
    }
    if (slash || out->len == start)
        awl_buf_append_char(out, '/');
    return awl_buf_rc(out);
}

bool awl_uri_path_is_normal(awl_str path)
{
    if (path.len == 0 || path.ptr[0] != '/')
        return false;
    for (size_t i = 1; i < path.len; i++) {
        if (path.ptr[i - 1] != '/')
            continue;
        /* Not every leading dot makes a dot segment, but such names are rare. */
        if (path.ptr[i] == '/' || path.ptr[i] == '.')
            return false;
    }
    return true;
}

bool awl_query_next(awl_str *query, awl_str *key, awl_str *value)
{
    while (query->len > 0) {
        size_t end = awl_str_find(*query, '&', 0);
        awl_str pair = awl_str_slice(*query, 0, end);
        *query = end < query->len ? awl_str_slice(*query, end + 1, query->len)
                                  : awl_str_make(NULL, 0);
        if (pair.len == 0)
            continue;
        size_t equals = awl_str_find(pair, '=', 0);
        *key = awl_str_slice(pair, 0, equals);
        *value = equals < pair.len ? awl_str_slice(pair, equals + 1, pair.len)
                                   : awl_str_make(NULL, 0);
        return true;
    }
    return false;
}

/* Does the encoded text say `name`? */
static bool decodes_to(awl_str encoded, awl_str name)
{
    size_t n = 0;
    for (size_t i = 0; i < encoded.len; i++, n++) {
        char byte = encoded.ptr[i];
        if (is_triplet(encoded, i)) {
            byte = triplet_byte(encoded, i);
            i += 2;
        }
        if (n == name.len || name.ptr[n] != byte)
            return false;
    }
    return n == name.len;
}

enum awl_rc awl_query_get(awl_str query, awl_str name, struct awl_buf *out)
{
    awl_str key, value;
    while (awl_query_next(&query, &key, &value)) {
        if (decodes_to(key, name))
            return awl_uri_decode(out, value, true);
    }
    return AWL_ENOTFOUND;
}
