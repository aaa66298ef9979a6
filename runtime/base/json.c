#include "base/json.h"

#include <math.h>
#include <stdio.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"

/* What may come next. */
enum expect {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_CLOSE, /* after '[' */
    EXPECT_KEY_OR_CLOSE,   /* after '{' */
    EXPECT_KEY,            /* after ',' in an object */
    EXPECT_COMMA_OR_CLOSE,
    EXPECT_END,
    EXPECT_NOTHING, /* after an error */
};

void awl_json_reader_init(struct awl_json_reader *reader, awl_str input)
{
    reader->start = reader->pos = input.ptr;
    reader->end = input.ptr != NULL ? input.ptr + input.len : NULL;
    reader->text = (awl_str){NULL, 0};
    reader->escaped = reader->integral = false;
    reader->reason = NULL;
    reader->depth = 0;
    reader->expect = EXPECT_VALUE;
}

static enum awl_json_token fail(struct awl_json_reader *reader, const char *reason)
{
    if (reader->expect != EXPECT_NOTHING)
        reader->reason = reason;
    reader->expect = EXPECT_NOTHING;
    return AWL_JSON_ERROR;
}

static void skip_space(struct awl_json_reader *reader)
{
    while (reader->pos < reader->end) {
        char c = *reader->pos;
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        reader->pos++;
    }
}

static bool in_object(const struct awl_json_reader *reader)
{
    unsigned level = reader->depth - 1;
    return (reader->objects[level / 8] >> (level % 8)) & 1;
}

static enum awl_json_token open(struct awl_json_reader *reader, bool object)
{
    if (reader->depth >= AWL_JSON_DEPTH_MAX)
        return fail(reader, "nested too deeply");
    unsigned level = reader->depth++;
    unsigned char bit = (unsigned char)(1u << (level % 8));
    if (object)
        reader->objects[level / 8] |= bit;
    else
        reader->objects[level / 8] &= (unsigned char)~bit;
    reader->pos++;
    reader->expect = object ? EXPECT_KEY_OR_CLOSE : EXPECT_VALUE_OR_CLOSE;
    return object ? AWL_JSON_OBJECT_BEGIN : AWL_JSON_ARRAY_BEGIN;
}

static void value_done(struct awl_json_reader *reader)
{
    reader->expect = reader->depth == 0 ? EXPECT_END : EXPECT_COMMA_OR_CLOSE;
}

static enum awl_json_token close(struct awl_json_reader *reader, bool object)
{
    reader->pos++;
    reader->depth--;
    value_done(reader);
    return object ? AWL_JSON_OBJECT_END : AWL_JSON_ARRAY_END;
}

static int hex_digit(char c)
{
    if (awl_char_is_digit(c))
        return c - '0';
    c = awl_char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex4(const char *pos, const char *end, uint32_t *value)
{
    if (end - pos < 4)
        return false;
    uint32_t sum = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(pos[i]);
        if (digit < 0)
            return false;
        sum = sum << 4 | (uint32_t)digit;
    }
    *value = sum;
    return true;
}

/* After a backslash: how many bytes the escape takes without it, 0 if wrong. */
static size_t escape_len(const char *pos, const char *end)
{
    uint32_t unused;
    if (pos >= end)
        return 0;
    if (*pos == 'u')
        return hex4(pos + 1, end, &unused) ? 5 : 0;
    return *pos != '\0' && strchr("\"\\/bfnrt", *pos) != NULL ? 1 : 0;
}

/* The first byte of a string that is not just itself: a quote, a backslash, a control
 * character or one of several bytes; or the end. */
static const char *pass_plain(const char *pos, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    for (; end - pos >= 16; pos += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)pos);
        __m128i stops = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
            _mm_cmplt_epi8(bytes, space)); /* 0x80 and above are negative */
        int mask = _mm_movemask_epi8(stops);
        if (mask != 0)
            return pos + __builtin_ctz((unsigned)mask);
    }
#endif
    while (pos < end && *pos != '"' && *pos != '\\' && (unsigned char)*pos >= ' ' &&
           (unsigned char)*pos < 0x80)
        pos++;
    return pos;
}

/* Reads from the opening quote to past the closing one. */
static bool read_string(struct awl_json_reader *reader)
{
    const char *pos = reader->pos + 1;
    const char *begin = pos;

    reader->escaped = false;
    for (;;) {
        pos = pass_plain(pos, reader->end);
        if (pos >= reader->end) {
            fail(reader, "string without its closing quote");
            return false;
        }
        unsigned char c = (unsigned char)*pos;
        size_t len = 0;
        if (c == '"')
            break;
        if (c == '\\') {
            reader->escaped = true;
            len = escape_len(pos + 1, reader->end);
            if (len > 0)
                len++;
        } else if (c >= 0x80) {
            len = awl_utf8_len(awl_str_make(pos, (size_t)(reader->end - pos)));
        }
        if (len == 0) {
            reader->pos = pos;
            fail(reader, c == '\\' ? "bad escape"
                         : c < ' ' ? "control character in a string"
                                   : "not UTF-8");
            return false;
        }
        pos += len;
    }
    reader->text = awl_str_make(begin, (size_t)(pos - begin));
    reader->pos = pos + 1;
    return true;
}

static const char *skip_digits(const char *pos, const char *end)
{
    while (pos < end && awl_char_is_digit(*pos))
        pos++;
    return pos;
}

static enum awl_json_token read_number(struct awl_json_reader *reader)
{
    const char *pos = reader->pos;
    const char *end = reader->end;

    reader->integral = true;
    if (*pos == '-')
        pos++;
    const char *digits = pos;
    pos = skip_digits(pos, end);
    if (pos == digits || (*digits == '0' && pos - digits > 1))
        return fail(reader, "bad number");
    if (pos < end && *pos == '.') {
        reader->integral = false;
        digits = ++pos;
        pos = skip_digits(pos, end);
        if (pos == digits)
            return fail(reader, "bad number");
    }
    if (pos < end && (*pos == 'e' || *pos == 'E')) {
        reader->integral = false;
        pos++;
        if (pos < end && (*pos == '+' || *pos == '-'))
            pos++;
        digits = pos;
        pos = skip_digits(pos, end);
        if (pos == digits)
            return fail(reader, "bad number");
    }
    reader->text = awl_str_make(reader->pos, (size_t)(pos - reader->pos));
    reader->pos = pos;
    value_done(reader);
    return AWL_JSON_NUMBER;
}

static enum awl_json_token read_word(struct awl_json_reader *reader, awl_str word,
                                     enum awl_json_token token)
{
    awl_str rest = awl_str_make(reader->pos, (size_t)(reader->end - reader->pos));
    if (!awl_str_starts(rest, word))
        return fail(reader, "expected a value");
    reader->pos += word.len;
    value_done(reader);
    return token;
}

static enum awl_json_token read_value(struct awl_json_reader *reader)
{
    switch (*reader->pos) {
    case '{':
        return open(reader, true);
    case '[':
        return open(reader, false);
    case '"':
        if (!read_string(reader))
            return AWL_JSON_ERROR;
        value_done(reader);
        return AWL_JSON_STRING;
    case 't':
        return read_word(reader, STR("true"), AWL_JSON_TRUE);
    case 'f':
        return read_word(reader, STR("false"), AWL_JSON_FALSE);
    case 'n':
        return read_word(reader, STR("null"), AWL_JSON_NULL);
    default:
        if (*reader->pos == '-' || awl_char_is_digit(*reader->pos))
            return read_number(reader);
        return fail(reader, "expected a value");
    }
}

static enum awl_json_token read_key(struct awl_json_reader *reader)
{
    if (*reader->pos != '"')
        return fail(reader, "expected a key");
    if (!read_string(reader))
        return AWL_JSON_ERROR;
    skip_space(reader);
    if (reader->pos >= reader->end || *reader->pos != ':')
        return fail(reader, "expected ':'");
    reader->pos++;
    reader->expect = EXPECT_VALUE;
    return AWL_JSON_KEY;
}

static enum awl_json_token after_value(struct awl_json_reader *reader)
{
    bool object = in_object(reader);
    if (*reader->pos == (object ? '}' : ']'))
        return close(reader, object);
    if (*reader->pos != ',')
        return fail(reader, object ? "expected ',' or '}'" : "expected ',' or ']'");
    reader->pos++;
    reader->expect = object ? EXPECT_KEY : EXPECT_VALUE;
    return awl_json_next(reader);
}

enum awl_json_token awl_json_next(struct awl_json_reader *reader)
{
    skip_space(reader);
    if (reader->pos >= reader->end && reader->expect != EXPECT_NOTHING) {
        if (reader->expect == EXPECT_END)
            return AWL_JSON_END;
        return fail(reader, "ends too early");
    }
    switch ((enum expect)reader->expect) {
    case EXPECT_VALUE:
        return read_value(reader);
    case EXPECT_VALUE_OR_CLOSE:
        return *reader->pos == ']' ? close(reader, false) : read_value(reader);
    case EXPECT_KEY_OR_CLOSE:
        return *reader->pos == '}' ? close(reader, true) : read_key(reader);
    case EXPECT_KEY:
        return read_key(reader);
    case EXPECT_COMMA_OR_CLOSE:
        return after_value(reader);
    case EXPECT_END:
        return fail(reader, "something after the value");
    case EXPECT_NOTHING:
        break;
    }
    return AWL_JSON_ERROR;
}

enum awl_rc awl_json_skip(struct awl_json_reader *reader, enum awl_json_token first)
{
    if (first == AWL_JSON_ERROR)
        return AWL_EPARSE;
    if (first != AWL_JSON_OBJECT_BEGIN && first != AWL_JSON_ARRAY_BEGIN)
        return AWL_OK;
    unsigned outside = reader->depth - 1;
    while (reader->depth > outside)
        if (awl_json_next(reader) == AWL_JSON_ERROR)
            return AWL_EPARSE;
    return AWL_OK;
}

enum awl_rc awl_json_error(const struct awl_json_reader *reader, struct awl_error *err)
{
    return awl_error_set(err, AWL_EPARSE, "invalid JSON at byte %zu: %s",
                         (size_t)(reader->pos - reader->start) + 1,
                         reader->reason != NULL ? reader->reason : "unexpected value");
}

/* The code point of a \u escape at `*at` (on the 'u'); moves past it. */
static uint32_t unescape_unicode(awl_str text, size_t *at)
{
    uint32_t high = 0;
    uint32_t low = 0;
    const char *end = text.ptr + text.len;

    hex4(text.ptr + *at + 1, end, &high);
    *at += 5;
    if (high < 0xd800 || high > 0xdfff)
        return high;
    const char *next = text.ptr + *at;
    if (high > 0xdbff || end - next < 6 || next[0] != '\\' || next[1] != 'u' ||
        !hex4(next + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *at += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

enum awl_rc awl_json_unescape(struct awl_buf *out, awl_str text)
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    size_t at = 0;

    while (at < text.len) {
        size_t slash = awl_str_find(text, '\\', at);
        size_t plain = slash == SIZE_MAX ? text.len : slash;
        awl_buf_append(out, text.ptr + at, plain - at);
        at = plain + 1;
        if (at >= text.len)
            break;
        if (text.ptr[at] == 'u') {
            char bytes[4];
            size_t len = awl_utf8_encode(unescape_unicode(text, &at), bytes);
            awl_buf_append(out, bytes, len);
            continue;
        }
        const char *named = strchr(from, text.ptr[at]);
        awl_buf_append_char(out, named != NULL ? to[named - from] : text.ptr[at]);
        at++;
    }
    return awl_buf_rc(out);
}

static enum awl_rc append_escaped_char(struct awl_buf *out, char c)
{
    switch (c) {
    case '"':
        return awl_buf_append_str(out, STR("\\\""));
    case '\\':
        return awl_buf_append_str(out, STR("\\\\"));
    case '\n':
        return awl_buf_append_str(out, STR("\\n"));
    case '\r':
        return awl_buf_append_str(out, STR("\\r"));
    case '\t':
        return awl_buf_append_str(out, STR("\\t"));
    default:
        return awl_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
    }
}

enum awl_rc awl_json_append_string(struct awl_buf *out, awl_str text)
{
    size_t from = 0; /* what is before it has been appended */
    size_t at = 0;

    awl_buf_append_char(out, '"');
    while (at < text.len) {
        unsigned char c = (unsigned char)text.ptr[at];
        if (c >= ' ' && c < 0x80 && c != '"' && c != '\\') {
            at++;
            continue;
        }
        size_t len = c < 0x80 ? 0 : awl_utf8_len(awl_str_slice(text, at, text.len));
        if (len > 0) {
            at += len;
            continue;
        }
        awl_buf_append(out, text.ptr + from, at - from);
        if (c < 0x80)
            append_escaped_char(out, (char)c);
        else
            awl_buf_append_str(out, STR("\xef\xbf\xbd"));
        from = ++at;
    }
    if (at > from)
        awl_buf_append(out, text.ptr + from, at - from);
    return awl_buf_append_char(out, '"');
}

enum awl_rc awl_json_append_double(struct awl_buf *out, double value)
{
    char text[40];
    double back;

    if (!isfinite(value))
        return AWL_EINPUT;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        char *comma = strchr(text, ','); /* the locale's decimal point */
        if (comma != NULL)
            *comma = '.';
        if (awl_str_to_double(awl_str_of(text), &back) && back == value)
            break;
    }
    awl_buf_append_str(out, awl_str_of(text));
    if (strpbrk(text, ".e") == NULL)
        awl_buf_append_str(out, STR(".0"));
    return awl_buf_rc(out);
}
