#include "test.h"

#include "aws/crc.h"
#include "aws/event_stream.h"

#define FRAME_MAX ((size_t)32 << 20)

static const struct awl_event_header all_types[] = {
    {STR(":event-type"), AWL_EVENT_STRING, 0, STR("Records")},
    {STR("yes"), AWL_EVENT_TRUE, 0, {NULL, 0}},
    {STR("no"), AWL_EVENT_FALSE, 0, {NULL, 0}},
    {STR("byte"), AWL_EVENT_BYTE, -128, {NULL, 0}},
    {STR("short"), AWL_EVENT_INT16, -2, {NULL, 0}},
    {STR("int"), AWL_EVENT_INT32, INT32_MIN, {NULL, 0}},
    {STR("long"), AWL_EVENT_INT64, INT64_MIN, {NULL, 0}},
    {STR("bytes"), AWL_EVENT_BYTES, 0, STR("a\0b")},
    {STR("when"), AWL_EVENT_TIMESTAMP, 1440938160123, {NULL, 0}},
    {STR("uuid"), AWL_EVENT_UUID, 0, STR("0123456789abcdef")},
};

#define ALL_TYPES (sizeof all_types / sizeof all_types[0])

static void frame_make(struct awl_buf *out, const struct awl_event_header *headers,
                       size_t count, awl_str payload)
{
    struct awl_event_message message = {headers, count, payload};
    CHECK_OK(awl_event_encode(out, &message, NULL));
}

static void store32(char *at, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        at[i] = (char)(value & 0xff);
}

/* Both CRCs set right again, so that what is wrong is behind them. */
static void frame_seal(struct awl_buf *frame)
{
    store32(frame->ptr + 8, awl_crc32(0, frame->ptr, 8));
    store32(frame->ptr + frame->len - 4, awl_crc32(0, frame->ptr, frame->len - 4));
}

static enum awl_rc frame_decode(const struct awl_buf *frame, bool *found)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    awl_event_decoder_init(&decoder);
    CHECK_OK(awl_event_decoder_feed(&decoder, frame->ptr, frame->len, NULL));
    enum awl_rc rc = awl_event_decoder_next(&decoder, &message, found, NULL);
    awl_event_decoder_release(&decoder);
    return rc;
}

TEST(every_type_of_header_comes_back)
{
    UNUSED_STATE;
    struct awl_buf frame;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    bool found;
    awl_buf_init(&frame, FRAME_MAX);
    frame_make(&frame, all_types, ALL_TYPES, STR("{}"));
    awl_event_decoder_init(&decoder);
    CHECK_OK(awl_event_decoder_feed(&decoder, frame.ptr, frame.len, NULL));
    CHECK_OK(awl_event_decoder_next(&decoder, &message, &found, NULL));
    CHECK(found);
    CHECK_INT(message.header_count, ALL_TYPES);
    for (size_t i = 0; i < ALL_TYPES; i++) {
        CHECK(awl_str_eq(message.headers[i].name, all_types[i].name));
        CHECK_INT(message.headers[i].type, all_types[i].type);
        CHECK(message.headers[i].integer == all_types[i].integer);
        CHECK(awl_str_eq(message.headers[i].text, all_types[i].text));
    }
    CHECK_STR(message.payload, "{}");
    CHECK_STR(awl_event_header_text(&message, STR(":event-type")), "Records");
    CHECK_STR(awl_event_header_text(&message, STR("int")), "");
    CHECK(awl_event_header(&message, STR("none")) == NULL);
    CHECK(awl_event_decoder_is_empty(&decoder));
    awl_event_decoder_release(&decoder);
    awl_buf_release(&frame);
}

TEST(frames_come_out_whole_however_they_are_cut)
{
    UNUSED_STATE;
    struct awl_buf stream;
    awl_buf_init(&stream, FRAME_MAX);
    for (int i = 0; i < 5; i++)
        frame_make(&stream, all_types, (size_t)i, STR("payload"));
    for (size_t piece = 1; piece <= stream.len; piece++) {
        struct awl_event_decoder decoder;
        size_t messages = 0;
        awl_event_decoder_init(&decoder);
        for (size_t at = 0; at < stream.len; at += piece) {
            size_t len = stream.len - at < piece ? stream.len - at : piece;
            struct awl_event_message message;
            bool found = true;
            CHECK_OK(awl_event_decoder_feed(&decoder, stream.ptr + at, len, NULL));
            for (;;) {
                CHECK_OK(awl_event_decoder_next(&decoder, &message, &found, NULL));
                if (!found)
                    break;
                CHECK_INT(message.header_count, messages++);
                CHECK_STR(message.payload, "payload");
            }
        }
        CHECK_INT(messages, 5);
        CHECK(awl_event_decoder_is_empty(&decoder));
        awl_event_decoder_release(&decoder);
    }
    awl_buf_release(&stream);
}

TEST(a_stream_cut_off_in_a_frame_is_not_empty)
{
    UNUSED_STATE;
    struct awl_buf frame;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    bool found;
    awl_buf_init(&frame, FRAME_MAX);
    frame_make(&frame, NULL, 0, STR("x"));
    awl_event_decoder_init(&decoder);
    CHECK(awl_event_decoder_is_empty(&decoder));
    CHECK_OK(awl_event_decoder_feed(&decoder, frame.ptr, frame.len - 1, NULL));
    CHECK_OK(awl_event_decoder_next(&decoder, &message, &found, NULL));
    CHECK(!found);
    CHECK(!awl_event_decoder_is_empty(&decoder));
    awl_event_decoder_release(&decoder);
    awl_buf_release(&frame);
}

TEST(every_flipped_bit_is_noticed)
{
    UNUSED_STATE;
    struct awl_buf frame;
    awl_buf_init(&frame, FRAME_MAX);
    frame_make(&frame, all_types, ALL_TYPES, STR("{}"));
    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        bool found;
        frame.ptr[bit / 8] ^= (char)(1 << bit % 8);
        CHECK_RC(frame_decode(&frame, &found), AWL_EPARSE);
        frame.ptr[bit / 8] ^= (char)(1 << bit % 8);
    }
    awl_buf_release(&frame);
}

TEST(impossible_lengths_are_refused_before_anything_is_waited_for)
{
    UNUSED_STATE;
    static const uint32_t lengths[][2] = {{0, 0},
                                          {15, 0},
                                          {16, 1},
                                          {20, 5},
                                          {0xffffffff, 0},
                                          {0x10000000, 0x7fffffff},
                                          {16 + (24 << 20) + 1, 0},
                                          {16 + (128 << 10) + 1, (128 << 10) + 1}};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct awl_buf frame;
        bool found;
        awl_buf_init(&frame, FRAME_MAX);
        frame_make(&frame, NULL, 0, STR(""));
        store32(frame.ptr, lengths[i][0]);
        store32(frame.ptr + 4, lengths[i][1]);
        frame_seal(&frame);
        CHECK_RC(frame_decode(&frame, &found), AWL_EPARSE);
        awl_buf_release(&frame);
    }
}

/* A frame whose headers are these bytes. */
static enum awl_rc decode_headers(awl_str headers)
{
    struct awl_buf frame;
    bool found;
    awl_buf_init(&frame, FRAME_MAX);
    awl_buf_append(&frame, "\0\0\0\0\0\0\0\0\0\0\0", 12);
    awl_buf_append_str(&frame, headers);
    awl_buf_append(&frame, "\0\0\0", 4);
    store32(frame.ptr, (uint32_t)frame.len);
    store32(frame.ptr + 4, (uint32_t)headers.len);
    frame_seal(&frame);
    enum awl_rc rc = frame_decode(&frame, &found);
    awl_buf_release(&frame);
    return rc;
}

TEST(malformed_headers_are_refused)
{
    UNUSED_STATE;
    CHECK_OK(decode_headers(STR("\1a\0\1b\1")));
    CHECK_OK(decode_headers(STR("\1a\7\0\1x")));
    CHECK_RC(decode_headers(STR("\0\0")), AWL_EPARSE);        /* no name */
    CHECK_RC(decode_headers(STR("\1")), AWL_EPARSE);          /* cut in the name */
    CHECK_RC(decode_headers(STR("\1a")), AWL_EPARSE);         /* no type */
    CHECK_RC(decode_headers(STR("\1a\12")), AWL_EPARSE);      /* unknown type */
    CHECK_RC(decode_headers(STR("\1a\377")), AWL_EPARSE);     /* unknown type */
    CHECK_RC(decode_headers(STR("\1a\4\0\0\0")), AWL_EPARSE); /* cut in a number */
    CHECK_RC(decode_headers(STR("\1a\7\0\2x")), AWL_EPARSE);  /* cut in a text */
    CHECK_RC(decode_headers(STR("\1a\7\377\377x")), AWL_EPARSE);
    CHECK_RC(decode_headers(STR("\1a\11abc")), AWL_EPARSE);  /* cut in a UUID */
    CHECK_RC(decode_headers(STR("\1a\0\1a\1")), AWL_EPARSE); /* twice */
}

TEST(what_cannot_be_written_is_refused_and_leaves_the_buffer)
{
    UNUSED_STATE;
    static char long_name[300], long_text[40000];
    const struct awl_event_header bad[] = {
        {STR(""), AWL_EVENT_TRUE, 0, {NULL, 0}},
        {{long_name, sizeof long_name}, AWL_EVENT_TRUE, 0, {NULL, 0}},
        {STR("a"), AWL_EVENT_BYTE, 128, {NULL, 0}},
        {STR("a"), AWL_EVENT_INT16, -32769, {NULL, 0}},
        {STR("a"), AWL_EVENT_INT32, 1LL << 31, {NULL, 0}},
        {STR("a"), AWL_EVENT_UUID, 0, STR("short")},
        {STR("a"), AWL_EVENT_STRING, 0, {long_text, sizeof long_text}},
        {STR("a"), (enum awl_event_type)10, 0, {NULL, 0}},
    };
    struct awl_buf out;
    awl_buf_init(&out, FRAME_MAX);
    awl_buf_append(&out, "kept", 4);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct awl_event_message message = {&bad[i], 1, STR("")};
        CHECK_RC(awl_event_encode(&out, &message, NULL), AWL_EINPUT);
        CHECK_BUF(&out, "kept");
    }
    const struct awl_event_header twice[] = {all_types[1], all_types[1]};
    struct awl_event_message message = {twice, 2, STR("")};
    CHECK_RC(awl_event_encode(&out, &message, NULL), AWL_EINPUT);
    CHECK_BUF(&out, "kept");
    awl_buf_release(&out);
}

TEST(too_many_bytes_of_headers_are_refused)
{
    UNUSED_STATE;
    static char text[32767];
    struct awl_event_header headers[5];
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct awl_buf out;
    for (size_t i = 0; i < 5; i++)
        headers[i] = (struct awl_event_header){
            awl_str_of(names[i]), AWL_EVENT_BYTES, 0, {text, sizeof text}};
    awl_buf_init(&out, FRAME_MAX);
    struct awl_event_message message = {headers, 3, STR("")};
    CHECK_OK(awl_event_encode(&out, &message, NULL));
    message.header_count = 5;
    CHECK_RC(awl_event_encode(&out, &message, NULL), AWL_ELIMIT);
    awl_buf_release(&out);
}

TEST(headers_alone_are_those_of_the_frame)
{
    UNUSED_STATE;
    struct awl_buf frame, alone;
    awl_buf_init(&frame, FRAME_MAX);
    awl_buf_init(&alone, FRAME_MAX);
    frame_make(&frame, all_types, ALL_TYPES, STR(""));
    CHECK_OK(awl_event_encode_headers(&alone, all_types, ALL_TYPES, NULL));
    CHECK_INT(frame.len, alone.len + 16);
    assert_memory_equal(frame.ptr + 12, alone.ptr, alone.len);
    awl_buf_release(&frame);
    awl_buf_release(&alone);
}

TEST_MAIN(RUN(every_type_of_header_comes_back),
          RUN(frames_come_out_whole_however_they_are_cut),
          RUN(a_stream_cut_off_in_a_frame_is_not_empty),
          RUN(every_flipped_bit_is_noticed),
          RUN(impossible_lengths_are_refused_before_anything_is_waited_for),
          RUN(malformed_headers_are_refused),
          RUN(what_cannot_be_written_is_refused_and_leaves_the_buffer),
          RUN(too_many_bytes_of_headers_are_refused),
          RUN(headers_alone_are_those_of_the_frame))
