#include "wire/xml_scanner.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"
#include "wire/bytes.h"

/* What a byte means to the scanner. */
enum {
    SPACE = 1 << 0,
    NAME_END = 1 << 1,   /* may not be part of a name */
    TEXT_STOP = 1 << 2,  /* text with it needs a second look */
    NAME_LATER = 1 << 3, /* may be part of a name, but not its first byte */
    CONTROL = NAME_END | TEXT_STOP,
};

#define EIGHT(at, class)                                                                 \
    [(at)] = (class), [(at) + 1] = (class), [(at) + 2] = (class), [(at) + 3] = (class),  \
    [(at) + 4] = (class), [(at) + 5] = (class), [(at) + 6] = (class),                    \
    [(at) + 7] = (class)
#define SIXTY_FOUR(at, class)                                                            \
    EIGHT(at, class), EIGHT((at) + 8, class), EIGHT((at) + 16, class),                   \
        EIGHT((at) + 24, class), EIGHT((at) + 32, class), EIGHT((at) + 40, class),       \
        EIGHT((at) + 48, class), EIGHT((at) + 56, class)

static const unsigned char classes[256] = {
    EIGHT(0, CONTROL),
    [8] = CONTROL,
    ['\t'] = SPACE | NAME_END,
    ['\n'] = SPACE | NAME_END,
    [11] = CONTROL,
    [12] = CONTROL,
    ['\r'] = SPACE | NAME_END | TEXT_STOP,
    [14] = CONTROL,
    [15] = CONTROL,
    EIGHT(16, CONTROL),
    EIGHT(24, CONTROL),
    [' '] = SPACE | NAME_END,
    ['!'] = NAME_END,
    ['"'] = NAME_END,
    ['#'] = NAME_END,
    ['$'] = NAME_END,
    ['%'] = NAME_END,
    ['&'] = NAME_END | TEXT_STOP,
    ['\''] = NAME_END,
    ['('] = NAME_END,
    [')'] = NAME_END,
    ['*'] = NAME_END,
    ['+'] = NAME_END,
    [','] = NAME_END,
    ['-'] = NAME_LATER,
    ['.'] = NAME_LATER,
    ['/'] = NAME_END,
    EIGHT('0', NAME_LATER),
    ['8'] = NAME_LATER,
    ['9'] = NAME_LATER,
    [';'] = NAME_END,
    ['<'] = NAME_END | TEXT_STOP,
    ['='] = NAME_END,
    ['>'] = NAME_END,
    ['?'] = NAME_END,
    ['@'] = NAME_END,
    ['['] = NAME_END,
    ['\\'] = NAME_END,
    [']'] = NAME_END,
    ['^'] = NAME_END,
    ['`'] = NAME_END,
    ['{'] = NAME_END,
    ['|'] = NAME_END,
    ['}'] = NAME_END,
    ['~'] = NAME_END,
    [127] = NAME_END,
    SIXTY_FOUR(0x80, TEXT_STOP), /* must be UTF-8 */
    SIXTY_FOUR(0xc0, TEXT_STOP),
};

static inline bool is(char c, unsigned class)
{
    return (classes[(unsigned char)c] & class) != 0;
}

static bool fail(struct awl_xml *xml, const char *reason)
{
    if (xml->reason == NULL)
        xml->reason = reason;
    return false;
}

static size_t left(const struct awl_xml *xml)
{
    return (size_t)(xml->end - xml->pos);
}

static bool at(const struct awl_xml *xml, awl_str text)
{
    return left(xml) >= text.len && memcmp(xml->pos, text.ptr, text.len) == 0;
}

void awl_xml_init(struct awl_xml *xml, awl_str input)
{
    xml->start = xml->pos = input.ptr != NULL ? input.ptr : "";
    xml->end = xml->start + input.len;
    xml->name = xml->attributes = (awl_str){NULL, 0};
    xml->empty = xml->as_expected = false;
    xml->reason = NULL;
    xml->depth = 0;
    if (at(xml, STR("\xEF\xBB\xBF")))
        xml->pos += 3;
    xml->declared = xml->pos;
}

/* Moves behind the next `text` at or after byte `from` of the rest. */
static bool pass(struct awl_xml *xml, size_t from, awl_str text, const char *reason)
{
    if (left(xml) < from)
        return fail(xml, reason);
    const char *found = memmem(xml->pos + from, left(xml) - from, text.ptr, text.len);
    if (found == NULL)
        return fail(xml, reason);
    xml->pos = found + text.len;
    return true;
}

static void pass_space(struct awl_xml *xml)
{
    while (xml->pos < xml->end && is(*xml->pos, SPACE))
        xml->pos++;
}

/* At a name: moves behind it. */
static awl_str take_name(struct awl_xml *xml)
{
    const char *begin = xml->pos;
    while (xml->pos < xml->end && !is(*xml->pos, NAME_END))
        xml->pos++;
    return awl_str_make(begin, (size_t)(xml->pos - begin));
}

/* At "<!--": the next "--" must be its end. */
static bool pass_comment(struct awl_xml *xml)
{
    if (!pass(xml, 4, STR("--"), "comment without end"))
        return false;
    if (left(xml) == 0 || *xml->pos != '>')
        return fail(xml, "'--' in a comment");
    xml->pos++;
    return true;
}

/* At "<?": a target, that of the declaration at the very start only. */
static bool pass_instruction(struct awl_xml *xml)
{
    bool first = xml->pos == xml->declared;
    const char *begin = xml->pos += 2;
    awl_str target = take_name(xml);
    if (target.len == 0 || is(*begin, NAME_LATER))
        return fail(xml, "processing instruction without a name");
    if (awl_str_eq_nocase(target, STR("xml")) &&
        !(first && awl_str_eq(target, STR("xml"))))
        return fail(xml, "a declaration in the middle");
    if (!at(xml, STR("?>")) && (left(xml) == 0 || !is(*xml->pos, SPACE)))
        return fail(xml, "processing instruction without a name");
    return pass(xml, 0, STR("?>"), "processing instruction without end");
}

/* At "<!" or "<?": passes over what is neither element nor text. */
static bool pass_markup(struct awl_xml *xml)
{
    if (at(xml, STR("<!--")))
        return pass_comment(xml);
    if (at(xml, STR("<![CDATA[")))
        return xml->depth > 0 ? pass(xml, 9, STR("]]>"), "CDATA without end")
                              : fail(xml, "text outside the root element");
    if (at(xml, STR("<?")))
        return pass_instruction(xml);
    return fail(xml, at(xml, STR("<!DOCTYPE")) ? "a document type is not allowed"
                                               : "expected an element");
}

static awl_str local_name(awl_str name)
{
    const char *colon = memchr(name.ptr, ':', name.len);
    if (colon == NULL)
        return name;
    size_t prefix = (size_t)(colon - name.ptr) + 1;
    return awl_str_make(name.ptr + prefix, name.len - prefix);
}

static bool pass_attribute(struct awl_xml *xml)
{
    awl_str name = take_name(xml);
    if (name.len == 0 || is(name.ptr[0], NAME_LATER))
        return fail(xml, "expected an attribute");
    pass_space(xml);
    if (left(xml) == 0 || *xml->pos != '=')
        return fail(xml, "attribute without value");
    xml->pos++;
    pass_space(xml);
    if (left(xml) == 0 || (*xml->pos != '"' && *xml->pos != '\''))
        return fail(xml, "attribute without quotes");
    char quote = *xml->pos++;
    const char *close = memchr(xml->pos, quote, left(xml));
    if (close == NULL)
        return fail(xml, "attribute without end");
    if (memchr(xml->pos, '<', (size_t)(close - xml->pos)) != NULL)
        return fail(xml, "'<' in an attribute");
    xml->pos = close + 1;
    return true;
}

/* Behind the name of a start tag: moves behind the tag. */
static bool pass_attributes(struct awl_xml *xml)
{
    const char *begin = xml->pos;
    for (;;) {
        const char *before = xml->pos;
        pass_space(xml);
        if (left(xml) == 0)
            return fail(xml, "start tag without end");
        if (*xml->pos == '>' || *xml->pos == '/')
            break;
        if (xml->pos == before)
            return fail(xml, "expected white space");
        if (!pass_attribute(xml))
            return false;
    }
    xml->attributes = awl_str_make(begin, (size_t)(xml->pos - begin));
    if (*xml->pos == '/') {
        xml->empty = true;
        xml->pos++;
    }
    if (left(xml) == 0 || *xml->pos != '>')
        return fail(xml, "expected '>'");
    xml->pos++;
    return true;
}

/* At '<' of a start tag. */
static bool open_element(struct awl_xml *xml)
{
    if (xml->depth >= AWL_XML_DEPTH_MAX)
        return fail(xml, "nested too deeply");
    xml->pos++;
    awl_str name = take_name(xml);
    if (name.len == 0 || is(name.ptr[0], NAME_LATER))
        return fail(xml, "expected a name");
    xml->open[xml->depth++] = name;
    xml->name = local_name(name);
    xml->attributes.len = 0;
    if (xml->pos < xml->end && *xml->pos == '>') {
        xml->pos++;
        return true;
    }
    return pass_attributes(xml);
}

/* At "</": passes an end tag that is the current element's and has no white space. */
static inline bool close_plainly(struct awl_xml *xml)
{
    if (xml->depth == 0)
        return false;
    awl_str name = xml->open[xml->depth - 1];
    if (left(xml) < name.len + 3 || xml->pos[2 + name.len] != '>' ||
        !awl_same_bytes(xml->pos + 2, name.ptr, name.len))
        return false;
    xml->pos += name.len + 3;
    xml->depth--;
    return true;
}

/* At "</": the end tag must be the current element's. */
static bool close_element(struct awl_xml *xml)
{
    if (close_plainly(xml))
        return true;
    if (xml->depth == 0)
        return fail(xml, "end tag without start");
    awl_str name = xml->open[xml->depth - 1];
    if (left(xml) < name.len + 3 || !awl_same_bytes(xml->pos + 2, name.ptr, name.len))
        return fail(xml, "end tag does not match");
    xml->pos += 2 + name.len;
    pass_space(xml);
    if (left(xml) == 0 || *xml->pos != '>')
        return fail(xml, "end tag does not match");
    xml->pos++;
    xml->depth--;
    return true;
}

/* Passes over text; outside the root only white space may stand. */
static bool pass_text(struct awl_xml *xml)
{
    if (xml->depth == 0) {
        pass_space(xml);
        if (left(xml) > 0 && *xml->pos != '<')
            return fail(xml, "text outside the root element");
        return true;
    }
    const char *next = memchr(xml->pos, '<', left(xml));
    if (next == NULL)
        return fail(xml, "element without end");
    xml->pos = next;
    return true;
}

/* Leaves the current element if it was <a/>. */
static bool leave_empty(struct awl_xml *xml)
{
    if (!xml->empty)
        return false;
    xml->empty = false;
    xml->depth--;
    return true;
}

/* At '<': opens the element if it is the one expected, <a> or <a/>. */
static bool open_expected(struct awl_xml *xml, awl_str expected)
{
    const char *name = xml->pos + 1;
    const char *close = name + expected.len;
    if (left(xml) < expected.len + 3 || (*close != '>' && *close != '/') ||
        expected.len == 0 || !awl_same_bytes(name, expected.ptr, expected.len) ||
        xml->depth >= AWL_XML_DEPTH_MAX)
        return false;
    if (*close == '/') {
        if (*++close != '>')
            return false;
        xml->empty = true;
    }
    /* Both from `expected`: to copy one from the other waits for what was just stored. */
    xml->name = awl_str_make(name, expected.len);
    xml->open[xml->depth++] = awl_str_make(name, expected.len);
    xml->attributes.len = 0;
    xml->pos = close + 1;
    xml->as_expected = true;
    return true;
}

bool awl_xml_child(struct awl_xml *xml)
{
    return awl_xml_child_expected(xml, (awl_str){NULL, 0});
}

bool awl_xml_child_expected(struct awl_xml *xml, awl_str expected)
{
    xml->as_expected = false;
    if (xml->reason != NULL || leave_empty(xml))
        return false;
    for (;;) {
        if ((left(xml) == 0 || *xml->pos != '<') && !pass_text(xml))
            return false;
        if (left(xml) < 2)
            return left(xml) == 0 && xml->depth == 0 ? false
                                                     : fail(xml, "element without end");
        if (open_expected(xml, expected))
            return true;
        char next = xml->pos[1];
        if (next == '/') {
            close_element(xml);
            return false;
        }
        if (next != '!' && next != '?')
            return open_element(xml);
        if (!pass_markup(xml))
            return false;
    }
}

bool awl_xml_skip(struct awl_xml *xml)
{
    unsigned target = xml->depth - 1;
    while (xml->reason == NULL && xml->depth > target)
        awl_xml_child(xml);
    return xml->reason == NULL;
}

/* The general case of awl_xml_text. */
static bool text_slowly(struct awl_xml *xml, const char *begin, awl_str *raw)
{
    unsigned target = xml->depth - 1;
    const char *close = begin;
    while (xml->reason == NULL && xml->depth > target) {
        if (!pass_text(xml))
            return false;
        close = xml->pos;
        if (left(xml) < 2)
            return fail(xml, "element without end");
        if (xml->pos[1] == '/')
            close_element(xml);
        else if (xml->pos[1] == '!' || xml->pos[1] == '?')
            pass_markup(xml);
        else if (open_element(xml))
            awl_xml_skip(xml);
    }
    *raw = awl_str_make(begin, (size_t)(close - begin));
    return xml->reason == NULL;
}

/* The first byte of TEXT_STOP's, or the end. */
static inline const char *text_stop(const char *pos, const char *end)
{
#ifdef __SSE2__
    const __m128i less = _mm_set1_epi8('<'), reference = _mm_set1_epi8('&');
    const __m128i tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n');
    const __m128i space = _mm_set1_epi8(' ');
    for (; end - pos >= 16; pos += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)pos);
        __m128i low = _mm_cmplt_epi8(bytes, space); /* 0x80 and above are negative */
        __m128i white =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, tab), _mm_cmpeq_epi8(bytes, lf));
        __m128i stops = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, less), _mm_cmpeq_epi8(bytes, reference)),
            _mm_andnot_si128(white, low));
        int mask = _mm_movemask_epi8(stops);
        if (mask != 0)
            return pos + __builtin_ctz((unsigned)mask);
    }
#endif
    while (pos < end && !is(*pos, TEXT_STOP))
        pos++;
    return pos;
}

bool awl_xml_text(struct awl_xml *xml, awl_str *raw, bool *plain)
{
    if (xml->reason != NULL)
        return false;
    *plain = true;
    if (leave_empty(xml)) {
        *raw = awl_str_make(xml->pos, 0);
        return true;
    }
    const char *begin = xml->pos;
    const char *pos = text_stop(begin, xml->end);
    xml->pos = pos;
    if (left(xml) >= 2 && pos[0] == '<' && pos[1] == '/') {
        *raw = awl_str_make(begin, (size_t)(pos - begin));
        return close_plainly(xml) || close_element(xml);
    }
    *plain = false;
    return text_slowly(xml, begin, raw);
}

bool awl_xml_at_end(struct awl_xml *xml)
{
    return xml->depth == 0 && !awl_xml_child(xml) && xml->reason == NULL;
}

/* ---- references ---- */

static enum awl_rc put_code_point(struct awl_buf *out, uint32_t c)
{
    char bytes[4];
    size_t len;
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return AWL_EPARSE;
    if (c < 0x80) {
        bytes[0] = (char)c;
        len = 1;
    } else if (c < 0x800) {
        bytes[0] = (char)(0xc0 | (c >> 6));
        bytes[1] = (char)(0x80 | (c & 0x3f));
        len = 2;
    } else if (c < 0x10000) {
        bytes[0] = (char)(0xe0 | (c >> 12));
        bytes[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        bytes[2] = (char)(0x80 | (c & 0x3f));
        len = 3;
    } else {
        bytes[0] = (char)(0xf0 | (c >> 18));
        bytes[1] = (char)(0x80 | ((c >> 12) & 0x3f));
        bytes[2] = (char)(0x80 | ((c >> 6) & 0x3f));
        bytes[3] = (char)(0x80 | (c & 0x3f));
        len = 4;
    }
    return awl_buf_append(out, bytes, len);
}

static int digit_value(char c, unsigned base)
{
    if (awl_char_is_digit(c))
        return c - '0';
    c = awl_char_lower(c);
    return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `text` is what stands between "&#" and ';'. */
static enum awl_rc put_character(struct awl_buf *out, awl_str text)
{
    unsigned base = text.len > 0 && text.ptr[0] == 'x' ? 16 : 10;
    uint32_t c = 0;
    size_t i = base == 16 ? 1 : 0;
    if (i == text.len)
        return AWL_EPARSE;
    for (; i < text.len; i++) {
        int digit = digit_value(text.ptr[i], base);
        if (digit < 0 || c > 0x10ffff)
            return AWL_EPARSE;
        c = c * base + (uint32_t)digit;
    }
    return put_code_point(out, c);
}

/* At '&': the length of a predefined entity, else 0. */
static size_t put_entity(struct awl_buf *out, const char *pos, const char *end)
{
    static const struct {
        awl_str text;
        char c;
    } entities[] = {
        {{"&quot;", 6}, '"'}, {{"&amp;", 5}, '&'},   {{"&lt;", 4}, '<'},
        {{"&gt;", 4}, '>'},   {{"&apos;", 6}, '\''},
    };
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        awl_str text = entities[i].text;
        if ((size_t)(end - pos) >= text.len && awl_same_bytes(pos, text.ptr, text.len)) {
            awl_buf_append_char(out, entities[i].c);
            return text.len;
        }
    }
    return 0;
}

/* At '&': returns what follows the reference, or NULL. */
static const char *decode_reference(struct awl_buf *out, const char *pos, const char *end)
{
    size_t len = put_entity(out, pos, end);
    if (len > 0)
        return pos + len;
    const char *close = memchr(pos, ';', (size_t)(end - pos));
    if (close == NULL || pos[1] != '#' ||
        put_character(out, awl_str_make(pos + 2, (size_t)(close - pos - 2))) != AWL_OK)
        return NULL;
    return close + 1;
}

/* At a byte of TEXT_STOP's: the length of what is text nevertheless, else 0. */
static size_t text_len(const char *pos, const char *end)
{
    return (unsigned char)*pos >= 0x80
               ? awl_utf8_len(awl_str_make(pos, (size_t)(end - pos)))
               : 0;
}

/* UTF-8 without control characters. */
static bool is_text(const char *pos, const char *end)
{
    while ((pos = text_stop(pos, end)) < end) {
        size_t len = text_len(pos, end);
        if (len == 0 && *pos != '<' && *pos != '&' && *pos != '\r')
            return false;
        pos += len > 0 ? len : 1;
    }
    return true;
}

/* At CR, or CR LF: appends LF and returns what follows. */
static const char *put_line_end(struct awl_buf *out, const char *pos, const char *end)
{
    awl_buf_append_char(out, '\n');
    pos++;
    return pos < end && *pos == '\n' ? pos + 1 : pos;
}

static void put_cdata(struct awl_buf *out, const char *pos, const char *end)
{
    const char *cr;
    while ((cr = memchr(pos, '\r', (size_t)(end - pos))) != NULL) {
        awl_buf_append(out, pos, (size_t)(cr - pos));
        pos = put_line_end(out, cr, end);
    }
    awl_buf_append(out, pos, (size_t)(end - pos));
}

/* At "<": appends CDATA. Returns what follows, the end at an element, or NULL. */
static const char *decode_markup(struct awl_buf *out, const char *pos, const char *end)
{
    struct awl_xml rest;
    rest.pos = pos;
    rest.end = end;
    rest.reason = NULL;
    rest.depth = 1;
    rest.declared = NULL;
    bool is_cdata = at(&rest, STR("<![CDATA["));
    if ((!at(&rest, STR("<!")) && !at(&rest, STR("<?"))) || !pass_markup(&rest))
        rest.pos = end;
    else if (is_cdata)
        put_cdata(out, pos + 9, rest.pos - 3);
    return is_text(pos, rest.pos) ? rest.pos : NULL;
}

enum awl_rc awl_xml_decode(struct awl_buf *out, awl_str raw)
{
    const char *pos = raw.ptr;
    const char *end = raw.ptr + raw.len;
    if (raw.len == 0)
        return awl_buf_rc(out);
    while (pos != NULL && pos < end) {
        const char *stop = text_stop(pos, end);
        size_t len;
        while (stop < end && (len = text_len(stop, end)) > 0)
            stop = text_stop(stop + len, end);
        awl_buf_append(out, pos, (size_t)(stop - pos));
        if (stop == end)
            break;
        if (*stop == '&')
            pos = decode_reference(out, stop, end);
        else if (*stop == '<')
            pos = decode_markup(out, stop, end);
        else
            pos = *stop == '\r' ? put_line_end(out, stop, end) : NULL;
    }
    if (pos == NULL && awl_buf_rc(out) == AWL_OK)
        return AWL_EPARSE;
    return awl_buf_rc(out);
}

bool awl_xml_attribute(const struct awl_xml *xml, awl_str name, awl_str *raw)
{
    /* The text was checked when the element was opened. */
    struct awl_xml rest;
    if (xml->attributes.len == 0)
        return false;
    rest.pos = xml->attributes.ptr;
    rest.end = xml->attributes.ptr + xml->attributes.len;
    rest.reason = NULL;
    while (left(&rest) > 0) {
        pass_space(&rest);
        awl_str found = take_name(&rest);
        pass_space(&rest);
        if (left(&rest) == 0)
            return false;
        rest.pos++;
        pass_space(&rest);
        if (left(&rest) == 0)
            return false;
        char quote = *rest.pos++;
        const char *close = memchr(rest.pos, quote, left(&rest));
        if (close == NULL)
            return false;
        if (awl_str_eq(found, name)) {
            *raw = awl_str_make(rest.pos, (size_t)(close - rest.pos));
            return true;
        }
        rest.pos = close + 1;
    }
    return false;
}
