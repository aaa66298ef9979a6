#include "aws/aws_chunked.h"

#include <stdio.h>

#define LINE_MAX 8192

/* Takes a line up to its CR LF. */
static bool take_line(awl_str *rest, awl_str *line)
{
    size_t end = awl_str_find(*rest, '\n', 0);
    if (end == SIZE_MAX || end == 0 || end > LINE_MAX || rest->ptr[end - 1] != '\r')
        return false;
    *line = awl_str_slice(*rest, 0, end - 1);
    *rest = awl_str_slice(*rest, end + 1, rest->len);
    return true;
}

static int hex_digit(char c)
{
    c = awl_char_lower(c);
    if (awl_char_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_length(awl_str text, size_t *length)
{
    *length = 0;
    if (text.len == 0 || text.len > 8)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);
        if (digit < 0)
            return false;
        *length = *length * 16 + (size_t)digit;
    }
    return true;
}

enum awl_rc awl_chunked_next(struct awl_chunked *reader, struct awl_chunk *chunk)
{
    static const awl_str mark = {"chunk-signature=", 16};
    awl_str line;
    size_t length;
    if (reader->ended || !take_line(&reader->rest, &line))
        return AWL_EPARSE;
    size_t semicolon = awl_str_find(line, ';', 0);
    if (!parse_length(awl_str_slice(line, 0, semicolon), &length))
        return AWL_EPARSE;
    chunk->signature = (awl_str){"", 0};
    if (semicolon != SIZE_MAX) {
        awl_str extension = awl_str_slice(line, semicolon + 1, line.len);
        if (awl_str_starts(extension, mark))
            chunk->signature = awl_str_slice(extension, mark.len, extension.len);
    }
    chunk->bytes = awl_str_slice(reader->rest, 0, length);
    if (length == 0) {
        reader->ended = true;
        return AWL_OK;
    }
    if (reader->rest.len < length + 2 || reader->rest.ptr[length] != '\r' ||
        reader->rest.ptr[length + 1] != '\n')
        return AWL_EPARSE;
    reader->rest = awl_str_slice(reader->rest, length + 2, reader->rest.len);
    return AWL_OK;
}

enum awl_rc awl_chunked_trailer(struct awl_chunked *reader, awl_str *name, awl_str *value)
{
    awl_str line;
    if (reader->rest.len == 0)
        return AWL_ENOTFOUND; /* some clients leave the last empty line out */
    if (!take_line(&reader->rest, &line))
        return AWL_EPARSE;
    if (line.len == 0)
        return AWL_ENOTFOUND;
    size_t colon = awl_str_find(line, ':', 0);
    if (colon == SIZE_MAX || colon == 0)
        return AWL_EPARSE;
    *name = awl_str_slice(line, 0, colon);
    *value = awl_str_trim(awl_str_slice(line, colon + 1, line.len));
    return AWL_OK;
}

static bool is_chunked_word(awl_str word)
{
    return awl_str_eq_nocase(awl_str_trim(word), STR("aws-chunked"));
}

/* Takes the next word of a list with commas. */
static bool take_word(awl_str *list, awl_str *word)
{
    if (list->len == 0)
        return false;
    size_t comma = awl_str_find(*list, ',', 0);
    *word = awl_str_slice(*list, 0, comma);
    *list =
        comma != SIZE_MAX ? awl_str_slice(*list, comma + 1, list->len) : (awl_str){"", 0};
    return true;
}

bool awl_chunked_is(const struct awl_headers *headers)
{
    awl_str value, word;
    if (awl_headers_get(headers, STR("x-amz-content-sha256"), &value) &&
        awl_str_starts(value, STR("STREAMING-")) && !awl_str_ends(value, STR("-EVENTS")))
        return true;
    if (awl_headers_get(headers, STR("content-encoding"), &value))
        while (take_word(&value, &word))
            if (is_chunked_word(word))
                return true;
    return false;
}

/* The other encodings of the body stay. */
static enum awl_rc strip_encoding(struct awl_headers *headers)
{
    char rest[256];
    size_t len = 0;
    awl_str value, word;
    if (!awl_headers_get(headers, STR("content-encoding"), &value))
        return AWL_OK;
    while (take_word(&value, &word)) {
        word = awl_str_trim(word);
        if (is_chunked_word(word) || word.len == 0)
            continue;
        int wrote = snprintf(rest + len, sizeof(rest) - len, "%s%.*s",
                             len > 0 ? ", " : "", STR_ARG(word));
        if (wrote < 0 || (size_t)wrote >= sizeof(rest) - len)
            return AWL_ELIMIT;
        len += (size_t)wrote;
    }
    if (len > 0)
        return awl_headers_set(headers, STR("content-encoding"), awl_str_make(rest, len));
    awl_headers_remove(headers, STR("content-encoding"));
    return AWL_OK;
}

static bool is_announced(const struct awl_headers *headers, awl_str name)
{
    awl_str list, word;
    if (!awl_headers_get(headers, STR("x-amz-trailer"), &list))
        return false;
    while (take_word(&list, &word))
        if (awl_str_eq_nocase(awl_str_trim(word), name))
            return true;
    return false;
}

static enum awl_rc take_trailer(struct awl_chunked *reader, struct awl_headers *headers)
{
    awl_str name, value;
    enum awl_rc rc;
    while ((rc = awl_chunked_trailer(reader, &name, &value)) == AWL_OK)
        if (is_announced(headers, name) &&
            (rc = awl_headers_set(headers, name, value)) != AWL_OK)
            return rc;
    return rc == AWL_ENOTFOUND ? AWL_OK : rc;
}

static enum awl_rc set_length(struct awl_headers *headers, size_t len)
{
    char text[24];
    int wrote = snprintf(text, sizeof(text), "%zu", len);
    return awl_headers_set(headers, STR("content-length"),
                           awl_str_make(text, (size_t)wrote));
}

static bool has_other_length(const struct awl_headers *headers, size_t len)
{
    awl_str value;
    int64_t announced;
    return awl_headers_get(headers, STR("x-amz-decoded-content-length"), &value) &&
           (!awl_str_to_int64(value, &announced) || announced < 0 ||
            (uint64_t)announced != len);
}

enum awl_rc awl_chunked_decode(awl_str body, struct awl_headers *headers,
                               struct awl_buf *out, struct awl_error *err)
{
    struct awl_chunked reader = {.rest = body};
    struct awl_chunk chunk;
    size_t before = out->len;
    enum awl_rc rc;
    while ((rc = awl_chunked_next(&reader, &chunk)) == AWL_OK && chunk.bytes.len > 0)
        if ((rc = awl_buf_append_str(out, chunk.bytes)) != AWL_OK)
            return awl_error_set(err, rc, "cannot hold the body");
    if (rc == AWL_OK)
        rc = take_trailer(&reader, headers);
    if (rc != AWL_OK)
        return awl_error_code(err, rc, "IncompleteBody", "the body is not aws-chunked");
    if (has_other_length(headers, out->len - before))
        return awl_error_code(err, AWL_EPARSE, "IncompleteBody",
                              "the body has not the length that was announced");
    rc = strip_encoding(headers);
    if (rc == AWL_OK)
        rc = set_length(headers, out->len - before);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "bad header fields");
}
