/* tests/unit/test_event_read.c - registered as unit.event_read */
#include "wire_fixture.h"

#include "wire/event.h"

#define OPERATIONS                                                                       \
    "'Talk':{'name':'Talk','http':{'method':'POST','requestUri':'/'},"                   \
    "'output':{'shape':'Talk'}}"
#define SHAPES                                                                           \
    "'Talk':{'type':'structure','members':{'Stream':{'shape':'Stream'}},"                \
    "'payload':'Stream'},"                                                               \
    "'Stream':{'type':'structure','eventstream':true,'members':{"                        \
    "'Book':{'shape':'Book'},'Torn':{'shape':'Torn'}}},"                                 \
    "'Book':{'type':'structure','event':true,'members':{'Title':{'shape':'Text'},"       \
    "'Pages':{'shape':'Long','eventheader':true}}},"                                     \
    "'Torn':{'type':'structure','exception':true,'members':{"                            \
    "'message':{'shape':'Text'}}},'Text':{'type':'string'},'Long':{'type':'long'}"

struct talk {
    struct fixture f;
    struct awl_event_target target;
    enum awl_message_kind kind;
};

static void setup(struct talk *t)
{
    *t = (struct talk){.kind = AWL_MESSAGE_UNKNOWN};
    fixture_open(&t->f, "rest-json", "", OPERATIONS, SHAPES);
    CHECK(awl_event_target(&t->f.model, fixture_operation(&t->f, "Talk"), false,
                           &t->target));
}

/* A message of that type whose event, exception or error bears the name. */
static enum awl_rc read(struct talk *t, const char *type, const char *named,
                        const char *name, const char *payload)
{
    const struct awl_event_header headers[] = {
        {STR(":message-type"), AWL_EVENT_STRING, 0, awl_str_of(type)},
        {awl_str_of(named), AWL_EVENT_STRING, 0, awl_str_of(name)},
        {STR("Pages"), AWL_EVENT_INT64, 7, {NULL, 0}}};
    struct awl_buf quoted;
    const struct awl_event_message message = {headers, 3,
                                              fixture_quote(&quoted, payload)};
    enum awl_rc rc = awl_wire_read_event(&t->f.wire, t->f.L, &t->target, &message,
                                         &t->kind, &t->f.error, &t->f.err);
    awl_buf_release(&quoted);
    if (rc == AWL_OK && t->kind != AWL_MESSAGE_UNKNOWN)
        lua_setglobal(t->f.L, "event");
    CHECK_INT(lua_gettop(t->f.L), 0);
    return rc;
}

TEST(an_event_is_a_table_of_one_entry)
{
    UNUSED_STATE;
    struct talk t;
    setup(&t);
    CHECK_OK(read(&t, "event", ":event-type", "Book", "{'Title':'A'}"));
    CHECK_INT(t.kind, AWL_MESSAGE_EVENT);
    CHECK_LUA(&t.f, "event.Book.Title == 'A' and event.Book.Pages == 7");
    fixture_close(&t.f);
}

TEST(an_event_that_the_model_does_not_have_is_passed_over)
{
    UNUSED_STATE;
    struct talk t;
    setup(&t);
    CHECK_OK(read(&t, "event", ":event-type", "Leaflet", "no JSON"));
    CHECK_INT(t.kind, AWL_MESSAGE_UNKNOWN);
    fixture_close(&t.f);
}

TEST(an_exception_of_the_model_has_its_members)
{
    UNUSED_STATE;
    struct talk t;
    setup(&t);
    CHECK_OK(read(&t, "exception", ":exception-type", "Torn", "{'message':'at page 3'}"));
    CHECK_INT(t.kind, AWL_MESSAGE_ERROR);
    CHECK_STR(t.f.error.code, "Torn");
    CHECK_STR(t.f.error.message, "at page 3");
    CHECK_LUA(&t.f, "event.message == 'at page 3'");
    fixture_close(&t.f);
}

TEST(an_exception_that_the_model_does_not_have_keeps_its_name)
{
    UNUSED_STATE;
    struct talk t;
    setup(&t);
    CHECK_OK(read(&t, "exception", ":exception-type", "Wet", "{'message':'m'}"));
    CHECK_INT(t.kind, AWL_MESSAGE_ERROR);
    CHECK_STR(t.f.error.code, "Wet");
    CHECK_STR(t.f.error.message, "m");
    fixture_close(&t.f);
}

TEST(an_error_without_a_name_still_has_a_code)
{
    UNUSED_STATE;
    static const char *const types[][2] = {{"exception", ":exception-type"},
                                           {"error", ":error-code"}};
    for (size_t i = 0; i < 2; i++) {
        struct talk t;
        setup(&t);
        CHECK_OK(read(&t, types[i][0], types[i][1], "", "{}"));
        CHECK_INT(t.kind, AWL_MESSAGE_ERROR);
        CHECK(t.f.error.code.len > 0);
        fixture_close(&t.f);
    }
}

TEST(a_message_of_another_kind_or_with_a_wrong_payload_is_refused)
{
    UNUSED_STATE;
    struct talk t;
    setup(&t);
    CHECK_RC(read(&t, "event", ":event-type", "Book", "{'Title':"), AWL_EPARSE);
    CHECK_RC(read(&t, "news", ":event-type", "Book", "{}"), AWL_EPARSE);
    CHECK_RC(read(&t, "event", ":event-kind", "Book", "{}"), AWL_EPARSE);
    fixture_close(&t.f);
}

TEST_MAIN(RUN(an_event_is_a_table_of_one_entry),
          RUN(an_event_that_the_model_does_not_have_is_passed_over),
          RUN(an_exception_of_the_model_has_its_members),
          RUN(an_exception_that_the_model_does_not_have_keeps_its_name),
          RUN(an_error_without_a_name_still_has_a_code),
          RUN(a_message_of_another_kind_or_with_a_wrong_payload_is_refused))
