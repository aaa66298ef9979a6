#include "aws/event_stream.h"

#include <stdlib.h>

#include "aws/crc.h"

#define PRELUDE_LEN 12 /* total length, length of the headers, CRC of both */
#define CRC_LEN 4
#define OVERHEAD (PRELUDE_LEN + CRC_LEN)
#define FRAME_MAX (OVERHEAD + AWL_EVENT_HEADER_BYTES_MAX + AWL_EVENT_PAYLOAD_MAX)
#define FEED_MAX ((size_t)16 << 20) /* bytes that may come at once on top of a frame */
#define TEXT_LEN_MAX INT16_MAX
#define NAME_LEN_MAX UINT8_MAX

/* Bytes that a value takes on the wire; of texts, their length's. */
static size_t type_width(enum awl_event_type type)
{
    switch (type) {
    case AWL_EVENT_TRUE:
    case AWL_EVENT_FALSE:
        return 0;
    case AWL_EVENT_BYTE:
        return 1;
    case AWL_EVENT_INT16:
    case AWL_EVENT_BYTES:
    case AWL_EVENT_STRING:
        return 2;
    case AWL_EVENT_INT32:
        return 4;
    case AWL_EVENT_INT64:
    case AWL_EVENT_TIMESTAMP:
        return 8;
    case AWL_EVENT_UUID:
        return AWL_EVENT_UUID_LEN;
    }
    return 0;
}

static bool type_is_text(enum awl_event_type type)
{
    return type == AWL_EVENT_BYTES || type == AWL_EVENT_STRING;
}

static uint64_t load(const char *at, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | (uint8_t)at[i];
    return value;
}

static void store(char *at, uint64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--, value >>= 8)
        at[i - 1] = (char)(value & 0xff);
}

static const struct awl_event_header *header_find(const struct awl_event_header *headers,
                                                  size_t count, awl_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (awl_str_eq(headers[i].name, name))
            return &headers[i];
    }
    return NULL;
}

const struct awl_event_header *awl_event_header(const struct awl_event_message *message,
                                                awl_str name)
{
    return header_find(message->headers, message->header_count, name);
}

awl_str awl_event_header_text(const struct awl_event_message *message, awl_str name)
{
    const struct awl_event_header *header = awl_event_header(message, name);
    return header != NULL && header->type == AWL_EVENT_STRING ? header->text : STR("");
}

/* ---- encoding ---- */

static bool integer_fits(const struct awl_event_header *header)
{
    switch (header->type) {
    case AWL_EVENT_BYTE:
        return header->integer >= INT8_MIN && header->integer <= INT8_MAX;
    case AWL_EVENT_INT16:
        return header->integer >= INT16_MIN && header->integer <= INT16_MAX;
    case AWL_EVENT_INT32:
        return header->integer >= INT32_MIN && header->integer <= INT32_MAX;
    default:
        return true;
    }
}

static bool header_is_valid(const struct awl_event_header *header)
{
    if (header->name.len == 0 || header->name.len > NAME_LEN_MAX ||
        (unsigned)header->type > AWL_EVENT_UUID)
        return false;
    if (type_is_text(header->type))
        return header->text.len <= TEXT_LEN_MAX;
    if (header->type == AWL_EVENT_UUID)
        return header->text.len == AWL_EVENT_UUID_LEN;
    return integer_fits(header);
}

static void header_append(struct awl_buf *out, const struct awl_event_header *header)
{
    char number[8];
    size_t width = type_width(header->type);
    awl_buf_append_char(out, (char)header->name.len);
    awl_buf_append_str(out, header->name);
    awl_buf_append_char(out, (char)header->type);
    if (type_is_text(header->type)) {
        store(number, header->text.len, width);
        awl_buf_append(out, number, width);
        awl_buf_append_str(out, header->text);
    } else if (header->type == AWL_EVENT_UUID) {
        awl_buf_append_str(out, header->text);
    } else {
        store(number, (uint64_t)header->integer, width);
        awl_buf_append(out, number, width);
    }
}

static enum awl_rc headers_append(struct awl_buf *out,
                                  const struct awl_event_header *headers, size_t count,
                                  struct awl_error *err)
{
    size_t start = out->len;
    if (count > AWL_EVENT_HEADERS_MAX)
        return awl_error_set(err, AWL_ELIMIT, "an event has more than %d headers",
                             AWL_EVENT_HEADERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!header_is_valid(&headers[i]) ||
            header_find(headers, i, headers[i].name) != NULL)
            return awl_error_set(err, AWL_EINPUT,
                                 "event header '%.*s' has a value out of range or occurs "
                                 "twice",
                                 STR_ARG(headers[i].name));
        header_append(out, &headers[i]);
    }
    if (out->len - start > AWL_EVENT_HEADER_BYTES_MAX)
        return awl_error_set(err, AWL_ELIMIT,
                             "an event's headers take more than %zu bytes",
                             AWL_EVENT_HEADER_BYTES_MAX);
    if (awl_buf_rc(out) != AWL_OK)
        return awl_error_set(err, awl_buf_rc(out), "no room for an event");
    return AWL_OK;
}

enum awl_rc awl_event_encode_headers(struct awl_buf *out,
                                     const struct awl_event_header *headers, size_t count,
                                     struct awl_error *err)
{
    size_t start = out->len;
    enum awl_rc rc = headers_append(out, headers, count, err);
    if (rc != AWL_OK)
        awl_buf_truncate(out, start);
    return rc;
}

static void crc_append(struct awl_buf *out, size_t start)
{
    char crc[CRC_LEN];
    store(crc, awl_crc32(0, out->ptr + start, out->len - start), sizeof crc);
    awl_buf_append(out, crc, sizeof crc);
}

/* The prelude is filled in when the lengths are known. */
static enum awl_rc frame_append(struct awl_buf *out,
                                const struct awl_event_message *message, size_t start,
                                struct awl_error *err)
{
    const char room[PRELUDE_LEN] = {0};
    awl_buf_append(out, room, sizeof room);
    enum awl_rc rc = headers_append(out, message->headers, message->header_count, err);
    if (rc != AWL_OK)
        return rc;
    size_t headers_len = out->len - start - PRELUDE_LEN;
    awl_buf_append_str(out, message->payload);
    if (awl_buf_rc(out) != AWL_OK)
        return awl_error_set(err, awl_buf_rc(out), "no room for an event");

    char *prelude = out->ptr + start;
    store(prelude, out->len - start + CRC_LEN, 4);
    store(prelude + 4, headers_len, 4);
    store(prelude + 8, awl_crc32(0, prelude, 8), CRC_LEN);
    crc_append(out, start);
    if (awl_buf_rc(out) != AWL_OK)
        return awl_error_set(err, awl_buf_rc(out), "no room for an event");
    return AWL_OK;
}

enum awl_rc awl_event_encode(struct awl_buf *out, const struct awl_event_message *message,
                             struct awl_error *err)
{
    size_t start = out->len;
    if (message->payload.len > AWL_EVENT_PAYLOAD_MAX)
        return awl_error_set(err, AWL_ELIMIT,
                             "an event's payload has more than %zu bytes",
                             AWL_EVENT_PAYLOAD_MAX);
    enum awl_rc rc = frame_append(out, message, start, err);
    if (rc != AWL_OK)
        awl_buf_truncate(out, start);
    return rc;
}

/* ---- decoding ---- */

void awl_event_decoder_init(struct awl_event_decoder *decoder)
{
    memset(decoder, 0, sizeof *decoder);
    awl_buf_init(&decoder->pending, FRAME_MAX + FEED_MAX);
}

void awl_event_decoder_release(struct awl_event_decoder *decoder)
{
    awl_buf_release(&decoder->pending);
    free(decoder->headers);
    awl_event_decoder_init(decoder);
}

enum awl_rc awl_event_decoder_feed(struct awl_event_decoder *decoder, const void *bytes,
                                   size_t len, struct awl_error *err)
{
    if (decoder->taken > 0)
        awl_buf_consume(&decoder->pending, decoder->taken);
    decoder->taken = 0;
    enum awl_rc rc = awl_buf_append(&decoder->pending, bytes, len);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "no room for what an event stream sends");
    return AWL_OK;
}

bool awl_event_decoder_is_empty(const struct awl_event_decoder *decoder)
{
    return decoder->taken == decoder->pending.len;
}

static enum awl_rc malformed(struct awl_error *err, const char *what)
{
    return awl_error_set(err, AWL_EPARSE, "malformed event stream: %s", what);
}

/* Room for one more header. */
static bool headers_reserve(struct awl_event_decoder *decoder, size_t count)
{
    if (count < decoder->header_cap)
        return true;
    size_t cap = decoder->header_cap > 0 ? decoder->header_cap * 2 : 16;
    struct awl_event_header *grown = realloc(decoder->headers, cap * sizeof *grown);
    if (grown == NULL)
        return false;
    decoder->headers = grown;
    decoder->header_cap = cap;
    return true;
}

/* Takes `len` bytes off the text. */
static bool take(awl_str *text, size_t len, awl_str *part)
{
    if (text->len < len)
        return false;
    *part = awl_str_make(text->ptr, len);
    *text = awl_str_make(text->ptr + len, text->len - len);
    return true;
}

static int64_t sign_extend(uint64_t value, size_t width)
{
    unsigned shift = 64 - 8 * (unsigned)width;
    return (int64_t)(value << shift) >> shift;
}

static bool header_value_take(awl_str *text, struct awl_event_header *header)
{
    awl_str value;
    size_t width = type_width(header->type);
    if (!take(text, width, &value))
        return false;
    if (type_is_text(header->type)) {
        size_t len = (size_t)load(value.ptr, width);
        return len <= TEXT_LEN_MAX && take(text, len, &header->text);
    }
    if (header->type == AWL_EVENT_UUID)
        header->text = value;
    else if (width > 0)
        header->integer = sign_extend(load(value.ptr, width), width);
    return true;
}

static bool header_take(awl_str *text, struct awl_event_header *header)
{
    awl_str byte;
    memset(header, 0, sizeof *header);
    if (!take(text, 1, &byte) || byte.ptr[0] == 0 ||
        !take(text, (uint8_t)byte.ptr[0], &header->name) || !take(text, 1, &byte) ||
        (uint8_t)byte.ptr[0] > AWL_EVENT_UUID)
        return false;
    header->type = (enum awl_event_type)byte.ptr[0];
    return header_value_take(text, header);
}

static enum awl_rc headers_decode(struct awl_event_decoder *decoder, awl_str text,
                                  struct awl_event_message *message,
                                  struct awl_error *err)
{
    size_t count = 0;
    for (; text.len > 0; count++) {
        if (count == AWL_EVENT_HEADERS_MAX)
            return malformed(err, "too many headers");
        if (!headers_reserve(decoder, count))
            return awl_error_set(err, AWL_ENOMEM, "out of memory");
        struct awl_event_header *header = &decoder->headers[count];
        if (!header_take(&text, header))
            return malformed(err, "a header is cut off or of an unknown type");
        if (header_find(decoder->headers, count, header->name) != NULL)
            return malformed(err, "a header occurs twice");
    }
    message->headers = decoder->headers;
    message->header_count = count;
    return AWL_OK;
}

/* The lengths are believed only after their CRC. */
static enum awl_rc prelude_check(const char *prelude, size_t *total, size_t *headers_len,
                                 struct awl_error *err)
{
    if (awl_crc32(0, prelude, 8) != (uint32_t)load(prelude + 8, CRC_LEN))
        return malformed(err, "the CRC of a prelude is wrong");
    *total = (size_t)load(prelude, 4);
    *headers_len = (size_t)load(prelude + 4, 4);
    if (*headers_len > AWL_EVENT_HEADER_BYTES_MAX || *total < OVERHEAD + *headers_len ||
        *total - OVERHEAD - *headers_len > AWL_EVENT_PAYLOAD_MAX)
        return malformed(err, "a frame's lengths are impossible");
    return AWL_OK;
}

enum awl_rc awl_event_decoder_next(struct awl_event_decoder *decoder,
                                   struct awl_event_message *message, bool *found,
                                   struct awl_error *err)
{
    size_t available = decoder->pending.len - decoder->taken, total = 0, headers_len = 0;
    *found = false;
    if (available < PRELUDE_LEN)
        return AWL_OK;
    const char *frame = decoder->pending.ptr + decoder->taken;
    enum awl_rc rc = prelude_check(frame, &total, &headers_len, err);
    if (rc != AWL_OK || available < total)
        return rc;
    if (awl_crc32(0, frame, total - CRC_LEN) !=
        (uint32_t)load(frame + total - CRC_LEN, CRC_LEN))
        return malformed(err, "the CRC of a frame is wrong");
    rc = headers_decode(decoder, awl_str_make(frame + PRELUDE_LEN, headers_len), message,
                        err);
    if (rc != AWL_OK)
        return rc;
    message->payload =
        awl_str_make(frame + PRELUDE_LEN + headers_len, total - OVERHEAD - headers_len);
    decoder->taken += total;
    *found = true;
    return AWL_OK;
}
