#include "wire_fixture.h"

#include "wire/event.h"

static struct fixture f;
static struct awl_event_target in, out;

static void open(const char *protocol)
{
    fixture_open(&f, protocol, "",
                 "'Talk':{'name':'Talk','http':{'method':'POST','requestUri':'/'},"
                 "'input':{'shape':'Side'},'output':{'shape':'Side'}},"
                 "'Mute':{'name':'Mute','http':{'method':'POST','requestUri':'/m'}}",
                 "'Side':{'type':'structure','required':['Events','Name'],'members':{"
                 "'Name':{'shape':'Text'},'Events':{'shape':'Events'}}},"
                 "'Events':{'type':'structure','eventstream':true,'members':{"
                 "'Heads':{'shape':'Heads'},'Plain':{'shape':'Plain'},"
                 "'Raw':{'shape':'Raw'},'Nothing':{'shape':'Nothing'},"
                 "'slow':{'shape':'SlowDown'}}},"
                 "'Heads':{'type':'structure','event':true,'members':{"
                 "'Tiny':{'shape':'Tiny','eventheader':true},"
                 "'Small':{'shape':'Small','eventheader':true},"
                 "'Normal':{'shape':'Int','eventheader':true},"
                 "'Big':{'shape':'Big','eventheader':true},"
                 "'Yes':{'shape':'Bool','eventheader':true},"
                 "'When':{'shape':'Time','eventheader':true},"
                 "'Bytes':{'shape':'Blob','eventheader':true},"
                 "'Said':{'shape':'Text','eventheader':true},"
                 "'Rest':{'shape':'Text'}}},"
                 "'Plain':{'type':'structure','event':true,'required':['Text'],"
                 "'members':{'Text':{'shape':'Text'},'Data':{'shape':'Blob'}}},"
                 "'Raw':{'type':'structure','event':true,'members':{"
                 "'Data':{'shape':'Blob','eventpayload':true}}},"
                 "'Nothing':{'type':'structure','event':true,'members':{}},"
                 "'SlowDown':{'type':'structure','exception':true,'members':{"
                 "'message':{'shape':'Text'},'After':{'shape':'Int'}}},"
                 "'Tiny':{'type':'byte'},'Small':{'type':'short'},"
                 "'Int':{'type':'integer'},'Big':{'type':'long'},"
                 "'Bool':{'type':'boolean'},'Time':{'type':'timestamp'},"
                 "'Blob':{'type':'blob'},'Text':{'type':'string'}");
    CHECK(awl_event_target(&f.model, fixture_operation(&f, "Talk"), true, &in));
    CHECK(awl_event_target(&f.model, fixture_operation(&f, "Talk"), false, &out));
    CHECK(!awl_event_target(&f.model, fixture_operation(&f, "Mute"), false, &out) &&
          awl_event_target(&f.model, fixture_operation(&f, "Talk"), false, &out));
}

/* Writes the Lua expression's event and decodes its frame. */
static enum awl_rc write_event(const char *lua, struct awl_event_decoder *decoder,
                               struct awl_event_message *message)
{
    struct awl_buf frame;
    bool found;
    awl_buf_init(&frame, FIXTURE_MAX);
    fixture_push(&f, lua);
    int top = lua_gettop(f.L);
    enum awl_rc rc = awl_wire_write_event(&f.wire, f.L, -1, &in, &frame, &f.err);
    CHECK_INT(lua_gettop(f.L), top);
    lua_pop(f.L, 1);
    awl_event_decoder_init(decoder);
    if (rc == AWL_OK) {
        CHECK_OK(awl_event_decoder_feed(decoder, frame.ptr, frame.len, NULL));
        CHECK_OK(awl_event_decoder_next(decoder, message, &found, NULL));
        CHECK(found);
    }
    awl_buf_release(&frame);
    return rc;
}

static enum awl_rc read_message(const struct awl_event_message *message,
                                enum awl_message_kind *kind)
{
    int top = lua_gettop(f.L);
    enum awl_rc rc =
        awl_wire_read_event(&f.wire, f.L, &out, message, kind, &f.error, &f.err);
    bool pushed = rc == AWL_OK && *kind != AWL_MESSAGE_UNKNOWN;
    CHECK_INT(lua_gettop(f.L), pushed ? top + 1 : top);
    if (pushed)
        lua_setglobal(f.L, "event");
    return rc;
}

/* There and back; the event is the global `event`. */
static enum awl_message_kind there_and_back(const char *lua)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    enum awl_message_kind kind;
    CHECK_OK(write_event(lua, &decoder, &message));
    CHECK_OK(read_message(&message, &kind));
    awl_event_decoder_release(&decoder);
    return kind;
}

static void refused(const char *lua, const char *says)
{
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    CHECK_RC(write_event(lua, &decoder, &message), AWL_EINPUT);
    CHECK_SAYS(&f, says);
    awl_event_decoder_release(&decoder);
}

TEST(members_stand_in_headers_of_their_type)
{
    UNUSED_STATE;
    static const char *const protocols[] = {"json", "rest-json", "rest-xml",
                                            "smithy-rpc-v2-cbor"};
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        open(protocols[i]);
        there_and_back("{Heads={Tiny=-7, Small=300, Normal=70000, Big=1<<40, Yes=false, "
                       "When=1.5, Bytes='\\0b', Said='word', Rest='rest'}}");
        CHECK_LUA(&f, "event.Heads.Tiny == -7 and event.Heads.Small == 300 and "
                      "event.Heads.Normal == 70000 and event.Heads.Big == 1<<40");
        CHECK_LUA(&f, "event.Heads.Yes == false and event.Heads.When == 1.5 and "
                      "event.Heads.Bytes == '\\0b' and event.Heads.Said == 'word' and "
                      "event.Heads.Rest == 'rest'");
        fixture_close(&f);
    }
}

TEST(a_number_has_the_width_of_its_shape)
{
    UNUSED_STATE;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    open("rest-json");
    CHECK_OK(
        write_event("{Heads={Tiny=1, Small=1, Normal=1, Big=1}}", &decoder, &message));
    CHECK_INT(awl_event_header(&message, STR("Tiny"))->type, AWL_EVENT_BYTE);
    CHECK_INT(awl_event_header(&message, STR("Small"))->type, AWL_EVENT_INT16);
    CHECK_INT(awl_event_header(&message, STR("Normal"))->type, AWL_EVENT_INT32);
    CHECK_INT(awl_event_header(&message, STR("Big"))->type, AWL_EVENT_INT64);
    awl_event_decoder_release(&decoder);
    refused("{Heads={Tiny=128}}", "Heads.Tiny: 128 is out of range");
    fixture_close(&f);
}

TEST(a_payload_is_the_member_or_all_of_them)
{
    UNUSED_STATE;
    struct awl_event_decoder decoder;
    struct awl_event_message message;
    open("rest-json");
    CHECK_OK(write_event("{Raw={Data='a\\0b'}}", &decoder, &message));
    CHECK(awl_str_eq(message.payload, awl_str_make("a\0b", 3)));
    CHECK_STR(awl_event_header_text(&message, STR(":content-type")),
              "application/octet-stream");
    awl_event_decoder_release(&decoder);
    CHECK_OK(write_event("{Plain={Text='t'}}", &decoder, &message));
    CHECK_STR(message.payload, "{\"Text\":\"t\"}");
    awl_event_decoder_release(&decoder);
    CHECK_OK(write_event("{Nothing={}}", &decoder, &message));
    CHECK_INT(message.payload.len, 0);
    CHECK_INT(message.header_count, 2);
    awl_event_decoder_release(&decoder);
    fixture_close(&f);
}

TEST(what_is_wrong_with_an_event_is_named)
{
    UNUSED_STATE;
    open("rest-json");
    refused("{}", "expected a table of one event, got 0 of them");
    refused("{Raw={}, Nothing={}}", "expected a table of one event, got 2 of them");
    refused("{Plan={}}", "Plan: no such member, did you mean 'Plain'?");
    refused("{Plain={}}", "Plain.Text: required but missing");
    refused("{Plain={Text=1}}", "Plain.Text: expected string, got number");
    refused("{Raw={Data=1}}", "Raw.Data: expected string, got number");
    refused("{Heads={Yes='x'}}", "Heads.Yes: expected boolean, got string");
    refused("{Raw='x'}", "Raw: expected table, got string");
    refused("'x'", "expected table, got string");
    fixture_close(&f);
}

TEST(an_exception_is_an_error_with_its_members)
{
    UNUSED_STATE;
    open("rest-json");
    CHECK_INT(there_and_back("{slow={message='wait', After=3}}"), AWL_MESSAGE_ERROR);
    CHECK_STR(f.error.code, "SlowDown");
    CHECK_STR(f.error.message, "wait");
    CHECK(f.error.shape != NULL);
    CHECK_LUA(&f, "event.After == 3");
    fixture_close(&f);
}

static struct awl_event_header text_header(const char *name, const char *text)
{
    return (struct awl_event_header){
        .name = awl_str_of(name), .type = AWL_EVENT_STRING, .text = awl_str_of(text)};
}

TEST(errors_that_no_model_has_are_errors_too)
{
    UNUSED_STATE;
    enum awl_message_kind kind;
    open("rest-json");
    struct awl_event_header headers[] = {text_header(":message-type", "exception"),
                                         text_header(":exception-type", "Odd"),
                                         text_header(":error-message", "broken")};
    struct awl_event_message message = {headers, 2, STR("{\"message\":\"why\"}")};
    CHECK_OK(read_message(&message, &kind));
    CHECK_INT(kind, AWL_MESSAGE_ERROR);
    CHECK_STR(f.error.code, "Odd");
    CHECK_STR(f.error.message, "why");
    headers[0] = text_header(":message-type", "error");
    headers[1] = text_header(":error-code", "Internal");
    message.header_count = 3;
    CHECK_OK(read_message(&message, &kind));
    CHECK_STR(f.error.code, "Internal");
    CHECK_STR(f.error.message, "broken");
    fixture_close(&f);
}

TEST(a_message_must_say_what_it_is)
{
    UNUSED_STATE;
    enum awl_message_kind kind;
    open("rest-json");
    struct awl_event_header headers[] = {text_header(":message-type", "event"),
                                         text_header(":event-type", "NewThing")};
    struct awl_event_message message = {headers, 2, STR("{}")};
    CHECK_OK(read_message(&message, &kind));
    CHECK_INT(kind, AWL_MESSAGE_UNKNOWN);
    headers[1].type = AWL_EVENT_BYTES;
    CHECK_RC(read_message(&message, &kind), AWL_EPARSE);
    message.header_count = 1;
    CHECK_RC(read_message(&message, &kind), AWL_EPARSE);
    headers[0] = text_header(":message-type", "rumour");
    CHECK_RC(read_message(&message, &kind), AWL_EPARSE);
    message.header_count = 0;
    CHECK_RC(read_message(&message, &kind), AWL_EPARSE);
    fixture_close(&f);
}

TEST(a_header_of_another_type_is_refused)
{
    UNUSED_STATE;
    enum awl_message_kind kind;
    open("rest-json");
    struct awl_event_header headers[] = {text_header(":message-type", "event"),
                                         text_header(":event-type", "Heads"),
                                         text_header("Normal", "12")};
    struct awl_event_message message = {headers, 3, STR("{}")};
    CHECK_RC(read_message(&message, &kind), AWL_EPARSE);
    CHECK_SAYS(&f, "Heads.Normal: the header is of another type");
    headers[2].type = AWL_EVENT_BYTE; /* narrower than the shape */
    headers[2].integer = 12;
    CHECK_OK(read_message(&message, &kind));
    CHECK_LUA(&f, "event.Heads.Normal == 12");
    fixture_close(&f);
}

TEST(a_whole_stream_is_a_list_and_the_members_beside_it)
{
    UNUSED_STATE;
    static const char *const protocols[] = {"json", "smithy-rpc-v2-cbor"};
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        open(protocols[i]);
        const struct awl_operation *talk = fixture_operation(&f, "Talk");
        awl_str type;
        fixture_push(&f, "{Name='n', Events={{Plain={Text='a'}}, {Nothing={}}}}");
        CHECK_OK(awl_wire_write_output(&f.wire, f.L, -1, talk, STR("id"), &f.response,
                                       &f.err));
        CHECK(awl_headers_get(&f.response.headers, STR("content-type"), &type));
        CHECK_STR(type, AWL_EVENT_CONTENT_TYPE);
        CHECK_OK(awl_wire_read_output(&f.wire, f.L, talk, &f.response, 0, &f.err));
        lua_setglobal(f.L, "out");
        CHECK_LUA(&f, "out.Name == 'n' and #out.Events == 2 and "
                      "out.Events[1].Plain.Text == 'a'");
        f.response.body.len--;
        CHECK_RC(awl_wire_read_output(&f.wire, f.L, talk, &f.response, 0, &f.err),
                 AWL_EPARSE);
        CHECK_SAYS(&f, "the last message is cut off");
        fixture_close(&f);
    }
}

TEST(a_request_begins_with_its_initial_message)
{
    UNUSED_STATE;
    open("json");
    CHECK_OK(fixture_write(&f, "Talk", "{Name='n', Events=print}"));
    CHECK(f.request.streaming);
    CHECK_OK(awl_wire_read_input(&f.wire, f.L, fixture_operation(&f, "Talk"), &f.request,
                                 0, &f.err));
    lua_setglobal(f.L, "out");
    CHECK_LUA(&f, "out.Name == 'n' and #out.Events == 0");
    CHECK_RC(fixture_write(&f, "Talk", "{Name='n', Events=1}"), AWL_EINPUT);
    CHECK_SAYS(&f, "Events: expected a list of events or a function, got number");
    fixture_close(&f);
}

TEST_MAIN(RUN(members_stand_in_headers_of_their_type),
          RUN(a_number_has_the_width_of_its_shape),
          RUN(a_payload_is_the_member_or_all_of_them),
          RUN(what_is_wrong_with_an_event_is_named),
          RUN(an_exception_is_an_error_with_its_members),
          RUN(errors_that_no_model_has_are_errors_too),
          RUN(a_message_must_say_what_it_is), RUN(a_header_of_another_type_is_refused),
          RUN(a_whole_stream_is_a_list_and_the_members_beside_it),
          RUN(a_request_begins_with_its_initial_message))
