/* json.h - JSON as tokens, and text as JSON.
 *
 * The reader checks RFC 8259 to the letter (commas, colons, escapes, UTF-8,
 * numbers, nothing after the value) and hands out slices of the input: nothing is
 * copied or converted until a caller asks. Objects' keys come as AWL_JSON_KEY
 * just before their value. */
#ifndef AWL_BASE_JSON_H
#define AWL_BASE_JSON_H

#include "base/buf.h"

#define AWL_JSON_DEPTH_MAX 256 /* levels of objects and arrays */

enum awl_json_token {
    AWL_JSON_END, /* after the one value: the input is used up */
    AWL_JSON_ERROR,
    AWL_JSON_OBJECT_BEGIN,
    AWL_JSON_OBJECT_END,
    AWL_JSON_ARRAY_BEGIN,
    AWL_JSON_ARRAY_END,
    AWL_JSON_KEY,
    AWL_JSON_STRING,
    AWL_JSON_NUMBER,
    AWL_JSON_TRUE,
    AWL_JSON_FALSE,
    AWL_JSON_NULL,
};

struct awl_json_reader {
    const char *start;
    const char *pos;
    const char *end;
    awl_str text;       /* of KEY and STRING: between the quotes; of NUMBER: all */
    bool escaped;       /* KEY, STRING: `text` has escapes; see awl_json_unescape */
    bool integral;      /* NUMBER: neither fraction nor exponent */
    const char *reason; /* after ERROR: static text */
    unsigned depth;
    unsigned char expect;
    unsigned char objects[AWL_JSON_DEPTH_MAX / 8]; /* a bit a level: object? */
};

/* The input must outlive the reader. */
void awl_json_reader_init(struct awl_json_reader *reader, awl_str input);

/* After ERROR every call gives ERROR again. */
enum awl_json_token awl_json_next(struct awl_json_reader *reader);

/* Passes over the rest of the value whose first token was `first`. */
enum awl_rc awl_json_skip(struct awl_json_reader *reader, enum awl_json_token first);

/* "invalid JSON at byte 17: expected ':'" into `err`. Returns AWL_EPARSE. */
enum awl_rc awl_json_error(const struct awl_json_reader *reader, struct awl_error *err);

/* Appends the text of a KEY or STRING with its escapes resolved. A lone surrogate
 * becomes U+FFFD. */
enum awl_rc awl_json_unescape(struct awl_buf *out, awl_str text);

/* Appends `text` between quotes. Bytes that are not UTF-8 become U+FFFD. */
enum awl_rc awl_json_append_string(struct awl_buf *out, awl_str text);

/* Appends the shortest decimal that reads back as the same double, with a '.0' or
 * an exponent kept so that it stays a float. NaN and infinities are the caller's
 * business: AWL_EINPUT. */
enum awl_rc awl_json_append_double(struct awl_buf *out, double value);

#endif
