/* Frames of event streams: decoded and encoded again, or refused. */
#include "aws_vectors.h"

#include "aws/base64.h"
#include "aws/event_stream.h"

#define FRAME_MAX ((size_t)32 << 20)

static bool base64_eq(awl_str base64, awl_str bytes)
{
    struct awl_buf decoded;
    awl_buf_init(&decoded, FRAME_MAX);
    bool eq = awl_base64_decode(&decoded, base64, AWL_BASE64_STANDARD) == AWL_OK &&
              awl_str_eq(awl_buf_str(&decoded), bytes);
    awl_buf_release(&decoded);
    return eq;
}

static bool header_eq(const struct awl_event_header *header,
                      const struct vectors_json *expected)
{
    if (!awl_str_eq(header->name, vectors_text(expected, "name")) ||
        (int64_t)header->type != vectors_int(expected, "type", -1))
        return false;
    switch (header->type) {
    case AWL_EVENT_TRUE:
    case AWL_EVENT_FALSE:
        return vectors_bool(expected, "value", header->type == AWL_EVENT_FALSE) ==
               (header->type == AWL_EVENT_TRUE);
    case AWL_EVENT_BYTES:
    case AWL_EVENT_STRING:
    case AWL_EVENT_UUID:
        return base64_eq(vectors_text(expected, "value"), header->text);
    default:
        return vectors_int(expected, "value", header->integer + 1) == header->integer;
    }
}

/* What differs, or NULL. */
static const char *message_diff(const struct awl_event_message *message,
                                const struct vectors_json *expected)
{
    const struct vectors_json *headers = vectors_get(expected, "headers");
    const struct vectors_json *header = headers != NULL ? headers->first : NULL;
    for (size_t i = 0; i < message->header_count; i++, header = header->next) {
        if (header == NULL || !header_eq(&message->headers[i], header))
            return "a header differs";
    }
    if (header != NULL)
        return "a header is missing";
    return base64_eq(vectors_text(expected, "payload"), message->payload)
               ? NULL
               : "the payload differs";
}

static bool encodes_to(const struct awl_event_message *message, awl_str frame)
{
    struct awl_buf out;
    awl_buf_init(&out, FRAME_MAX);
    bool eq = awl_event_encode(&out, message, NULL) == AWL_OK &&
              awl_str_eq(awl_buf_str(&out), frame);
    awl_buf_release(&out);
    return eq;
}

/* Byte by byte, so that every place where a frame can be cut is tried. */
static enum awl_rc decode(struct awl_event_decoder *decoder, awl_str frame,
                          struct awl_event_message *message, bool *found,
                          struct awl_error *err)
{
    enum awl_rc rc = AWL_OK;
    *found = false;
    for (size_t i = 0; i < frame.len && rc == AWL_OK && !*found; i++) {
        rc = awl_event_decoder_feed(decoder, frame.ptr + i, 1, err);
        if (rc == AWL_OK)
            rc = awl_event_decoder_next(decoder, message, found, err);
    }
    return rc;
}

static void run_positive(struct vectors_suite *suite, const char *name, awl_str frame,
                         const char *decoded)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    bool found;
    if (!vectors_exists(decoded)) {
        vectors_skip(suite, name, "the case has no expected result");
        return;
    }
    const struct vectors_json *expected = vectors_json_read(decoded);
    awl_event_decoder_init(&decoder);
    enum awl_rc rc = decode(&decoder, frame, &message, &found, &err);
    const char *diff = expected == NULL ? "no expected result"
                       : rc != AWL_OK   ? err.message
                       : !found         ? "the frame is not complete"
                                        : message_diff(&message, expected);
    if (diff != NULL)
        vectors_fail(suite, name, "%s", diff);
    else if (!awl_event_decoder_is_empty(&decoder))
        vectors_fail(suite, name, "bytes are left over");
    else if (!encodes_to(&message, frame))
        vectors_fail(suite, name, "encodes to other bytes");
    else
        vectors_pass(suite);
    awl_event_decoder_release(&decoder);
}

static void run_negative(struct vectors_suite *suite, const char *name, awl_str frame)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    bool found;
    awl_event_decoder_init(&decoder);
    if (decode(&decoder, frame, &message, &found, NULL) == AWL_EPARSE)
        vectors_pass(suite);
    else
        vectors_fail(suite, name, found ? "was accepted" : "was not refused");
    awl_event_decoder_release(&decoder);
}

static void run_folder(struct vectors_suite *suite, const char *folder, const char *kind,
                       bool positive)
{
    const char *frames = vectors_path(vectors_path(folder, "encoded"), kind);
    const char *decoded = vectors_path(vectors_path(folder, "decoded"), kind);
    const char **names = vectors_list(frames);
    for (; names != NULL && *names != NULL; names++) {
        awl_str frame;
        const char *name = vectors_path(kind, *names);
        if (!vectors_read(vectors_path(frames, *names), &frame))
            vectors_fail(suite, name, "unreadable");
        else if (positive)
            run_positive(suite, name, frame, vectors_path(decoded, *names));
        else
            run_negative(suite, name, frame);
    }
}

void aws_vectors_eventstream(struct vectors_suite *suite, const char *folder)
{
    const char *vectors = vectors_path(folder, "vectors");
    run_folder(suite, vectors, "positive", true);
    run_folder(suite, vectors, "negative", false);
}
