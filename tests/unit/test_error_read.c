#include "wire_fixture.h"

static struct fixture f;

static void open(const char *protocol, const char *metadata)
{
    fixture_open(&f, protocol, metadata,
                 "'Get':{'name':'Get','http':{'method':'GET','requestUri':'/'},"
                 "'errors':[{'shape':'NoBook'}]}",
                 "'NoBook':{'type':'structure','exception':true,'error':{'code':"
                 "'Shelf.NoBook','httpStatusCode':404},'members':{"
                 "'message':{'shape':'Text'},'Title':{'shape':'Text'},"
                 "'Wait':{'shape':'Int','location':'header','locationName':"
                 "'retry-after'}}},"
                 "'Text':{'type':'string'},'Int':{'type':'integer'}");
}

/* Reads an error; the members become the global `out`. */
static void read(int status, const char *header, const char *value, const char *body)
{
    struct awl_buf quoted;
    awl_response_clear(&f.response);
    f.response.status = status;
    if (header != NULL)
        CHECK_OK(
            awl_headers_add(&f.response.headers, awl_str_of(header), awl_str_of(value)));
    awl_buf_append_str(&f.response.body, fixture_quote(&quoted, body));
    awl_buf_release(&quoted);
    int top = lua_gettop(f.L);
    CHECK_OK(awl_wire_read_error(&f.wire, f.L, fixture_operation(&f, "Get"), &f.response,
                                 &f.error, &f.err));
    CHECK_INT(lua_gettop(f.L), top + 1);
    lua_setglobal(f.L, "out");
}

TEST(a_code_is_freed_of_what_stands_around_it)
{
    UNUSED_STATE;
    open("json", "");
    read(400, NULL, NULL, "{'__type':'com.x#NoBook:http://x','Message':'gone'}");
    CHECK_STR(f.error.code, "NoBook");
    CHECK_STR(f.error.message, "gone");
    CHECK(f.error.shape != NULL);
    read(400, "x-amzn-errortype", "ns#Other:x", "{'__type':'NoBook'}");
    CHECK_STR(f.error.code, "Other");
    CHECK(f.error.shape == NULL);
    fixture_close(&f);
}

TEST(modelled_members_are_read)
{
    UNUSED_STATE;
    open("rest-json", "");
    read(404, "Retry-After", "7", "{'code':'NoBook','message':'m','Title':'Emma'}");
    CHECK_STR(f.error.code, "NoBook");
    CHECK_LUA(&f, "out.Title == 'Emma' and out.message == 'm' and out.Wait == 7");
    fixture_close(&f);
}

TEST(a_query_compatible_code_replaces_the_other)
{
    UNUSED_STATE;
    open("json", ",'awsQueryCompatible':{}");
    read(400, "x-amzn-query-error", "Shelf.NoBook;Sender",
         "{'__type':'NoBook','Title':'t'}");
    CHECK_STR(f.error.code, "Shelf.NoBook");
    CHECK_STR(f.error.type, "Sender");
    CHECK(f.error.shape != NULL);
    CHECK_LUA(&f, "out.Title == 't' and out.QueryErrorCode == 'NoBook'");
    fixture_close(&f);
}

TEST(xml_errors_are_found_in_their_envelopes)
{
    UNUSED_STATE;
    open("query", "");
    read(404, NULL, NULL,
         "<ErrorResponse><Error><Type>Sender</Type><Code>Shelf.NoBook</Code>"
         "<Message>a&lt;b</Message><Title>Emma</Title></Error>"
         "<RequestId>id-1</RequestId></ErrorResponse>");
    CHECK_STR(f.error.code, "Shelf.NoBook");
    CHECK_STR(f.error.message, "a<b");
    CHECK_STR(f.error.type, "Sender");
    CHECK_STR(f.error.request_id, "id-1");
    CHECK_LUA(&f, "out.Title == 'Emma'");
    fixture_close(&f);

    open("ec2", "");
    read(400, NULL, NULL,
         "<Response><Errors><Error><Code>A.B</Code><Message>m</Message></Error></Errors>"
         "<RequestID>id-2</RequestID></Response>");
    CHECK_STR(f.error.code, "A.B");
    CHECK_STR(f.error.request_id, "id-2");
    fixture_close(&f);
}

TEST(text_that_no_model_names_is_kept_for_rest_xml)
{
    UNUSED_STATE;
    open("rest-xml", "");
    read(301, NULL, NULL,
         "<Error><Code>PermanentRedirect</Code><Message>m</Message>"
         "<Bucket>b</Bucket><Region>eu</Region><Deep><x/></Deep></Error>");
    CHECK_STR(f.error.code, "PermanentRedirect");
    CHECK_LUA(&f, "out.Bucket == 'b' and out.Region == 'eu' and out.Deep == nil");
    CHECK_LUA(&f, "out.Code == nil");
    fixture_close(&f);
}

TEST(odd_bodies_leave_the_status)
{
    UNUSED_STATE;
    open("rest-xml", "");
    read(404, "x-amz-request-id", "id-3", "");
    CHECK_STR(f.error.code, "404");
    CHECK_STR(f.error.message, "Not Found");
    CHECK_STR(f.error.request_id, "id-3");
    read(503, NULL, NULL, "<html><body>no</body></html>");
    CHECK_STR(f.error.code, "503");
    read(500, NULL, NULL, "<Error><Code>x");
    CHECK(f.error.code.len > 0);
    fixture_close(&f);

    open("json", "");
    read(502, NULL, NULL, "upstream gone");
    CHECK_STR(f.error.code, "502");
    CHECK_STR(f.error.message, "upstream gone");
    read(500, NULL, NULL, "[]");
    CHECK_STR(f.error.code, "500");
    fixture_close(&f);
}

TEST_MAIN(RUN(a_code_is_freed_of_what_stands_around_it), RUN(modelled_members_are_read),
          RUN(a_query_compatible_code_replaces_the_other),
          RUN(xml_errors_are_found_in_their_envelopes),
          RUN(text_that_no_model_names_is_kept_for_rest_xml),
          RUN(odd_bodies_leave_the_status))
