#include "model/snake.h"

#define NAME_MAX_LEN 512 /* of a name with the underscores put in */

/* Names that are one word to AWS, whatever their capitals look like. */
static const struct {
    awl_str written;
    awl_str read;
} words[] = {
    {{"HITs", 4}, {"Hits", 4}},       {{"OTel", 4}, {"Otel", 4}},
    {{"PartiQL", 7}, {"Partiql", 7}}, {{"WhatsApp", 8}, {"Whatsapp", 8}},
    {{"iSCSI", 5}, {"Iscsi", 5}},
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static void put_lower(struct awl_buf *out, awl_str text)
{
    for (size_t i = 0; i < text.len; i++)
        awl_buf_append_char(out, awl_char_lower(text.ptr[i]));
}

/* Puts the words in that look like more than one. */
static void replace_words(struct awl_buf *out, awl_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        awl_str rest = awl_str_slice(name, i, name.len);
        size_t w = 0;
        while (w < sizeof(words) / sizeof(words[0]) &&
               !awl_str_starts(rest, words[w].written))
            w++;
        if (w == sizeof(words) / sizeof(words[0])) {
            awl_buf_append_char(out, name.ptr[i]);
        } else {
            awl_buf_append_str(out, words[w].read);
            i += words[w].written.len - 1;
        }
    }
}

/* A plural of capitals at the end is a word of its own: "ListARNs". */
static void split_plural(struct awl_buf *out, awl_str name)
{
    size_t start = name.len;
    if (start > 0 && name.ptr[start - 1] == 's')
        for (start--; start > 0 && is_upper(name.ptr[start - 1]);)
            start--;
    if (name.len - start < 3) {
        awl_buf_append_str(out, name);
        return;
    }
    awl_buf_append(out, name.ptr, start);
    awl_buf_append_char(out, '_');
    put_lower(out, awl_str_slice(name, start, name.len));
}

/* Parts each capital with small letters behind it from what stands before it. */
static void split_words(struct awl_buf *out, awl_str name)
{
    size_t i = 0;
    while (i < name.len) {
        awl_buf_append_char(out, name.ptr[i++]);
        if (i + 1 >= name.len || !is_upper(name.ptr[i]) || !is_lower(name.ptr[i + 1]))
            continue;
        awl_buf_append_char(out, '_');
        do
            awl_buf_append_char(out, name.ptr[i++]);
        while (i < name.len && is_lower(name.ptr[i]));
    }
}

/* Parts the remaining runs of capitals from the small letter or digit before. */
static void split_capitals(struct awl_buf *out, awl_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (i > 0 && is_upper(c) &&
            (is_lower(name.ptr[i - 1]) || awl_char_is_digit(name.ptr[i - 1])))
            awl_buf_append_char(out, '_');
        awl_buf_append_char(out, awl_char_lower(c));
    }
}

enum awl_rc awl_snake_append(struct awl_buf *out, awl_str name)
{
    if (awl_str_find(name, '_', 0) != SIZE_MAX)
        return awl_buf_append_str(out, name);

    void (*const passes[])(struct awl_buf *, awl_str) = {replace_words, split_plural,
                                                         split_words, split_capitals};
    struct awl_buf bufs[2];
    awl_buf_init(&bufs[0], NAME_MAX_LEN);
    awl_buf_init(&bufs[1], NAME_MAX_LEN);
    enum awl_rc rc = awl_buf_append_str(&bufs[0], name);
    for (size_t i = 0; i < 4 && rc == AWL_OK; i++) {
        struct awl_buf *to = &bufs[(i + 1) & 1];
        awl_buf_clear(to);
        passes[i](to, awl_buf_str(&bufs[i & 1]));
        rc = awl_buf_rc(to);
    }
    if (rc == AWL_OK)
        rc = awl_buf_append_str(out, awl_buf_str(&bufs[0]));
    awl_buf_release(&bufs[0]);
    awl_buf_release(&bufs[1]);
    return rc;
}
