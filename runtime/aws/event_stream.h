/* event_stream.h - frames of application/vnd.amazon.eventstream.
 *
 * A frame is a length, headers, a payload and two CRCs; what a header or a payload
 * means is the caller's business. */
#ifndef AWL_AWS_EVENT_STREAM_H
#define AWL_AWS_EVENT_STREAM_H

#include "base/buf.h"

#define AWL_EVENT_HEADER_BYTES_MAX ((size_t)128 << 10) /* all of a frame's headers */
#define AWL_EVENT_PAYLOAD_MAX ((size_t)24 << 20)
#define AWL_EVENT_HEADERS_MAX 1024
#define AWL_EVENT_UUID_LEN 16

/* The numbers are those on the wire. */
enum awl_event_type {
    AWL_EVENT_TRUE = 0,
    AWL_EVENT_FALSE = 1,
    AWL_EVENT_BYTE = 2,
    AWL_EVENT_INT16 = 3,
    AWL_EVENT_INT32 = 4,
    AWL_EVENT_INT64 = 5,
    AWL_EVENT_BYTES = 6,
    AWL_EVENT_STRING = 7,
    AWL_EVENT_TIMESTAMP = 8, /* `integer` is milliseconds since 1970 */
    AWL_EVENT_UUID = 9,      /* `text` is its 16 bytes */
};

struct awl_event_header {
    awl_str name; /* 1 to 255 bytes */
    enum awl_event_type type;
    int64_t integer; /* of BYTE, INT16, INT32, INT64, TIMESTAMP */
    awl_str text;    /* of BYTES, STRING (both at most 32767 bytes), UUID */
};

struct awl_event_message {
    const struct awl_event_header *headers;
    size_t header_count;
    awl_str payload;
};

/* NULL if there is none of that name. */
const struct awl_event_header *awl_event_header(const struct awl_event_message *message,
                                                awl_str name);

/* The text of a string header, or "". */
awl_str awl_event_header_text(const struct awl_event_message *message, awl_str name);

/* Appends a frame. AWL_EINPUT for a header that cannot be written (its name, a number
 * out of its type's range, two of one name), AWL_ELIMIT for too much; then `out` is
 * as it was. */
enum awl_rc awl_event_encode(struct awl_buf *out, const struct awl_event_message *message,
                             struct awl_error *err);

/* Appends headers alone, as they stand in a frame: what a chunk signature covers. */
enum awl_rc awl_event_encode_headers(struct awl_buf *out,
                                     const struct awl_event_header *headers, size_t count,
                                     struct awl_error *err);

/* Takes bytes as they come and gives whole messages. */
struct awl_event_decoder {
    struct awl_buf pending;
    size_t taken; /* bytes of `pending` that are done with */
    struct awl_event_header *headers;
    size_t header_cap;
};

void awl_event_decoder_init(struct awl_event_decoder *decoder);
void awl_event_decoder_release(struct awl_event_decoder *decoder);

/* Adds bytes. Take all messages after each call: AWL_ELIMIT when much more than one
 * frame is waiting. Ends the life of the message given last. */
enum awl_rc awl_event_decoder_feed(struct awl_event_decoder *decoder, const void *bytes,
                                   size_t len, struct awl_error *err);

/* The next message, if all of it is there; else *found is false. It points into the
 * decoder until the next call. AWL_EPARSE for a wrong CRC or a malformed frame: the
 * stream cannot be read on. */
enum awl_rc awl_event_decoder_next(struct awl_event_decoder *decoder,
                                   struct awl_event_message *message, bool *found,
                                   struct awl_error *err);

/* False at the end of a stream that was cut off inside a frame. */
bool awl_event_decoder_is_empty(const struct awl_event_decoder *decoder);

#endif
