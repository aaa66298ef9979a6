/* Frames of event streams and the events in them. The first byte chooses: bytes as they
 * come, in pieces; or a frame made of the bytes, with the checksums that few random ones
 * have, read as an event. What can be read must be written again without harm. */
#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/compile.h"
#include "wire/event.h"

#define BODY_MAX ((size_t)1 << 20)
#define HEADERS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char model_text[] =
    "{'metadata':{'apiVersion':'1','protocol':'rest-json'},'operations':{'Get':{'name':"
    "'Get','http':{'method':'POST','requestUri':'/'},'output':{'shape':'Out'}}},'shapes':"
    "{'Out':{'type':'structure','payload':'S','members':{'S':{'shape':'Stream'}}},"
    "'Stream':{'type':'structure','eventstream':true,'members':{'A':{'shape':'A'},"
    "'B':{'shape':'B'},'E':{'shape':'E'}}},"
    "'A':{'type':'structure','event':true,'members':{'T':{'shape':'Text'},"
    "'N':{'shape':'Int','eventheader':true},'W':{'shape':'Time','eventheader':true},"
    "'Y':{'shape':'Bool','eventheader':true},'D':{'shape':'Blob','eventheader':true}}},"
    "'B':{'type':'structure','event':true,'members':{'P':{'shape':'Blob',"
    "'eventpayload':true}}},"
    "'E':{'type':'structure','exception':true,'members':{'message':{'shape':'Text'}}},"
    "'Text':{'type':'string'},'Int':{'type':'integer'},'Time':{'type':'timestamp'},"
    "'Bool':{'type':'boolean'},'Blob':{'type':'blob'}}}";

static lua_State *L;
static struct awl_buf bytes;
static struct awl_model model;
static struct awl_wire wire;
static struct awl_random source;
static struct awl_event_target target;

static void open_model(void)
{
    static char text[sizeof(model_text)];
    struct awl_error err = AWL_ERROR_INIT;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = model_text[i];
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    struct awl_compile_input input = {.name = STR("t"), .model = awl_str_of(text)};
    struct awl_pack *pack;
    awl_buf_init(&bytes, BODY_MAX);
    L = luaL_newstate();
    awl_random_seed(&source, 1);
    if (awl_compile_service(&input, &bytes, &err) != AWL_OK ||
        (pack = awl_pack_open(bytes.ptr, bytes.len, "t", false, &err)) == NULL ||
        awl_model_open(pack, STR("t"), &model, &err) != AWL_OK ||
        awl_wire_init(&wire, L, &model, model.protocol, &source, &err) != AWL_OK ||
        !awl_event_target(&model, model.operations, false, &target))
        abort();
}

/* Takes up to `max` bytes, as many as the next byte says. */
static awl_str take(awl_str *rest, size_t max)
{
    size_t len = rest->len > 0 ? (unsigned char)rest->ptr[0] % (max + 1) : 0;
    awl_str after = awl_str_slice(*rest, rest->len > 0 ? 1 : 0, rest->len);
    awl_str taken = awl_str_slice(after, 0, len);
    *rest = awl_str_slice(after, taken.len, after.len);
    return taken;
}

static void read_event(const struct awl_event_message *message)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    enum awl_message_kind kind;
    struct awl_buf frame;
    awl_service_error_init(&error);
    awl_buf_init(&frame, BODY_MAX);
    if (awl_wire_read_event(&wire, L, &target, message, &kind, &error, &err) == AWL_OK &&
        kind == AWL_MESSAGE_EVENT)
        (void)awl_wire_write_event(&wire, L, 1, &target, &frame, &err);
    awl_buf_release(&frame);
    awl_service_error_release(&error);
    lua_settop(L, 0);
}

static void decode(awl_str input, size_t piece)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    bool found = true;
    awl_event_decoder_init(&decoder);
    for (size_t at = 0; at < input.len && found; at += piece) {
        awl_str part = awl_str_slice(input, at, at + piece);
        if (awl_event_decoder_feed(&decoder, part.ptr, part.len, NULL) != AWL_OK)
            break;
        enum awl_rc rc;
        while ((rc = awl_event_decoder_next(&decoder, &message, &found, NULL)) ==
                   AWL_OK &&
               found)
            read_event(&message);
        found = rc == AWL_OK;
    }
    awl_event_decoder_release(&decoder);
}

static void encode(awl_str input)
{
    static const char *const names[] = {":message-type",
                                        ":event-type",
                                        ":exception-type",
                                        ":error-code",
                                        "N",
                                        "W",
                                        "Y",
                                        "D"};
    struct awl_event_header headers[HEADERS_MAX];
    struct awl_event_message message = {.headers = headers};
    struct awl_buf frame;
    size_t count = input.len > 0 ? (unsigned char)input.ptr[0] % HEADERS_MAX : 0;
    for (size_t i = 0; i < count && input.len > 2; i++) {
        unsigned kind = (unsigned char)input.ptr[1];
        input = awl_str_slice(input, 2, input.len);
        headers[message.header_count] =
            (struct awl_event_header){.name = awl_str_of(names[kind % 8]),
                                      .type = (enum awl_event_type)(kind / 8 % 9)};
        awl_str text = take(&input, 32);
        headers[message.header_count].integer = text.len > 0 ? text.ptr[0] : 0;
        headers[message.header_count++].text = text;
    }
    message.payload = input;
    awl_buf_init(&frame, BODY_MAX);
    if (awl_event_encode(&frame, &message, NULL) == AWL_OK) {
        decode(awl_buf_str(&frame), frame.len);
        read_event(&message);
    }
    awl_buf_release(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (L == NULL)
        open_model();
    if (size < 2)
        return 0;
    awl_str rest = awl_str_make((const char *)data + 1, size - 1);
    if (data[0] % 4 == 0)
        decode(rest, (size_t)(data[0] / 4) + 1);
    else
        encode(rest);
    return 0;
}
