/* Event streams: frames that come in pieces, and what the codecs make of the events. The
 * lengths and checksums of the frames, which only show accidents, are put right first. */
#include <lauxlib.h>
#include <lua.h>

#include "aws/crc.h"
#include "aws/event_stream.h"
#include "fuzz.h"
#include "model/compile.h"
#include "wire/event.h"

#define BODY_MAX ((size_t)1 << 20)
#define FRAME_MIN 16
#define PRELUDE_LEN 8
#define CRC_LEN 4

static const char model_text[] =
    "{\"metadata\":{\"apiVersion\":\"1\",\"protocol\":\"rest-json\"},\"operations\":{"
    "\"Talk\":{\"name\":\"Talk\",\"http\":{\"method\":\"POST\",\"requestUri\":\"/\"},"
    "\"input\":{\"shape\":\"Talk\"},\"output\":{\"shape\":\"Talk\"}}},\"shapes\":{"
    "\"Talk\":{\"type\":\"structure\",\"members\":{\"Stream\":{\"shape\":\"Stream\"},"
    "\"Text\":{\"shape\":\"Text\"}},\"payload\":\"Stream\"},"
    "\"Stream\":{\"type\":\"structure\",\"eventstream\":true,\"members\":{"
    "\"Book\":{\"shape\":\"Book\"},\"Page\":{\"shape\":\"Page\"},"
    "\"Torn\":{\"shape\":\"Torn\"}}},"
    "\"Book\":{\"type\":\"structure\",\"event\":true,\"members\":{"
    "\"Text\":{\"shape\":\"Text\"},\"Long\":{\"shape\":\"Long\",\"eventheader\":true},"
    "\"Yes\":{\"shape\":\"Bool\",\"eventheader\":true},"
    "\"When\":{\"shape\":\"Time\",\"eventheader\":true},"
    "\"Raw\":{\"shape\":\"Blob\",\"eventheader\":true}}},"
    "\"Page\":{\"type\":\"structure\",\"event\":true,\"members\":{"
    "\"Bytes\":{\"shape\":\"Blob\",\"eventpayload\":true},"
    "\"Name\":{\"shape\":\"Text\",\"eventheader\":true}}},"
    "\"Torn\":{\"type\":\"structure\",\"exception\":true,\"members\":{"
    "\"Text\":{\"shape\":\"Text\"}}},"
    "\"Text\":{\"type\":\"string\"},\"Long\":{\"type\":\"long\"},"
    "\"Bool\":{\"type\":\"boolean\"},\"Time\":{\"type\":\"timestamp\"},"
    "\"Blob\":{\"type\":\"blob\"}}}";

static struct awl_pack *pack;
static struct awl_model model;
static struct awl_wire wire; /* of the run, like its Lua state: see fuzz_wire.c */
static struct awl_random source;

static void open_model(void)
{
    static struct awl_buf bytes;
    const struct awl_compile_input input = {.name = STR("talk"),
                                            .model = awl_str_of(model_text)};
    awl_buf_init(&bytes, BODY_MAX);
    require(awl_compile_service(&input, &bytes, NULL) == AWL_OK);
    pack = awl_pack_open(bytes.ptr, bytes.len, "fuzz", false, NULL);
    require(pack != NULL && awl_model_open(pack, STR("talk"), &model, NULL) == AWL_OK);
}

/* ---- frames ---- */

static uint32_t load(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void store(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (24 - 8 * i));
}

static void seal(char *bytes, size_t len)
{
    while (len >= FRAME_MIN) {
        uint32_t total = load(bytes);
        if (total < FRAME_MIN || total > len)
            total = (uint32_t)len;
        store(bytes, total);
        if (load(bytes + 4) > total - FRAME_MIN)
            store(bytes + 4, load(bytes + 4) % (total - FRAME_MIN + 1));
        store(bytes + PRELUDE_LEN, awl_crc32(0, bytes, PRELUDE_LEN));
        store(bytes + total - CRC_LEN, awl_crc32(0, bytes, total - CRC_LEN));
        bytes += total;
        len -= total;
    }
}

/* What was read is written as it was. */
static void check_again(const struct awl_event_message *message)
{
    struct awl_event_decoder decoder;
    struct awl_event_message again;
    struct awl_buf frame;
    bool found;
    awl_buf_init(&frame, BODY_MAX);
    if (awl_event_encode(&frame, message, NULL) == AWL_OK) {
        awl_event_decoder_init(&decoder);
        require(awl_event_decoder_feed(&decoder, frame.ptr, frame.len, NULL) == AWL_OK);
        require(awl_event_decoder_next(&decoder, &again, &found, NULL) == AWL_OK);
        require(found && again.header_count == message->header_count &&
                awl_str_eq(again.payload, message->payload));
        awl_event_decoder_release(&decoder);
    }
    awl_buf_release(&frame);
}

/* ---- events ---- */

static void read_event(lua_State *L, const struct awl_event_message *message, bool input)
{
    struct awl_event_target target;
    struct awl_service_error error;
    struct awl_buf frame;
    enum awl_message_kind kind;
    require(awl_event_target(&model, model.operations, input, &target));
    awl_service_error_init(&error);
    awl_buf_init(&frame, BODY_MAX);
    if (awl_wire_read_event(&wire, L, &target, message, &kind, &error, NULL) == AWL_OK) {
        require(lua_gettop(L) == (kind == AWL_MESSAGE_UNKNOWN ? 0 : 1));
        require(kind != AWL_MESSAGE_ERROR || error.code.len > 0);
        if (kind == AWL_MESSAGE_EVENT)
            (void)awl_wire_write_event(&wire, L, 1, &target, &frame, NULL);
    }
    awl_buf_release(&frame);
    awl_service_error_release(&error);
    lua_settop(L, 0);
}

static void read_frames(lua_State *L, struct awl_event_decoder *decoder)
{
    struct awl_event_message message;
    bool found;
    while (awl_event_decoder_next(decoder, &message, &found, NULL) == AWL_OK && found) {
        check_again(&message);
        read_event(L, &message, true);
        read_event(L, &message, false);
    }
}

static void read_stream(lua_State *L, awl_str bytes, size_t piece)
{
    struct awl_event_decoder decoder;
    awl_event_decoder_init(&decoder);
    for (size_t at = 0; at < bytes.len; at += piece) {
        awl_str part = awl_str_slice(bytes, at, at + piece);
        if (awl_event_decoder_feed(&decoder, part.ptr, part.len, NULL) != AWL_OK)
            break;
        read_frames(L, &decoder);
    }
    awl_event_decoder_release(&decoder);
}

/* A body whole: the list of its events. */
static void read_body(lua_State *L, awl_str bytes)
{
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    response.status = 200;
    awl_buf_append_str(&response.body, bytes);
    if (awl_wire_read_output(&wire, L, model.operations, &response, 0, NULL) == AWL_OK) {
        awl_response_clear(&response);
        (void)awl_wire_write_output(&wire, L, 1, model.operations, STR("id"), &response,
                                    NULL);
    }
    awl_response_release(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_buf bytes;
    if (pack == NULL)
        open_model();
    awl_buf_init(&bytes, BODY_MAX);
    awl_buf_append(&bytes, data, size);
    lua_State *L = luaL_newstate();
    awl_random_seed(&source, 1);
    require(L != NULL &&
            awl_wire_init(&wire, L, &model, model.protocol, &source, NULL) == AWL_OK);
    read_stream(L, awl_buf_str(&bytes), size + 1);
    seal(bytes.ptr, bytes.len);
    read_stream(L, awl_buf_str(&bytes), 1 + size % 13);
    read_body(L, awl_buf_str(&bytes));
    awl_wire_release(&wire, L);
    lua_close(L);
    awl_buf_release(&bytes);
    return 0;
}
