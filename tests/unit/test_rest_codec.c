#include "wire_fixture.h"

static struct fixture f;

static void open(void)
{
    fixture_open(&f, "rest-json", "",
                 "'Put':{'name':'Put','http':{'method':'PUT','requestUri':"
                 "'/b/{Name}/{Path+}?fixed'},'input':{'shape':'In'},"
                 "'endpoint':{'hostPrefix':'{Host}-x.'}},"
                 "'Send':{'name':'Send','http':{'method':'POST','requestUri':'/s'},"
                 "'input':{'shape':'Upload'},'output':{'shape':'Upload'}}",
                 "'In':{'type':'structure','required':['Name','Path','Host'],'members':{"
                 "'Name':{'shape':'Text','location':'uri','locationName':'Name'},"
                 "'Path':{'shape':'Text','location':'uri','locationName':'Path'},"
                 "'Host':{'shape':'Text','location':'header','locationName':'x-host',"
                 "'hostLabel':true},"
                 "'Head':{'shape':'Text','location':'header','locationName':'x-head'},"
                 "'Heads':{'shape':'Texts','location':'header','locationName':'x-heads'},"
                 "'Meta':{'shape':'Map','location':'headers','locationName':'x-meta-'},"
                 "'Query':{'shape':'Texts','location':'querystring','locationName':'q'},"
                 "'More':{'shape':'Map','location':'querystring','locationName':'more'},"
                 "'Value':{'shape':'Text','jsonvalue':true,'location':'header',"
                 "'locationName':'x-value'},'Body':{'shape':'Text'}}},"
                 "'Upload':{'type':'structure','payload':'Data','members':{"
                 "'Data':{'shape':'Stream'},'Kind':{'shape':'Text','location':'header',"
                 "'locationName':'Content-Type'}}},"
                 "'Texts':{'type':'list','member':{'shape':'Text'}},"
                 "'Map':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Text'}},"
                 "'Stream':{'type':'blob','streaming':true},'Text':{'type':'string'}");
}

static void check_header(const char *name, const char *expected)
{
    awl_str value;
    CHECK(awl_headers_get(&f.request.headers, awl_str_of(name), &value));
    CHECK_STR(value, expected);
}

TEST(members_go_where_the_model_binds_them)
{
    UNUSED_STATE;
    open();
    CHECK_OK(fixture_write(&f, "Put",
                           "{Name='a b', Path='c/d e', Host='h', Head='x', "
                           "Heads={'1', '2,3', '\"'}, Meta={a='1'}, Query={'x y', 'z'}, "
                           "More={k='v', q='lost'}, Value={1}, Body='b'}"));
    CHECK_STR(f.request.method, "PUT");
    CHECK_BUF(&f.request.host_prefix, "h-x.");
    CHECK_BUF(&f.request.path, "/b/a%20b/c/d%20e");
    CHECK_BUF(&f.request.query, "fixed&q=x%20y&q=z&k=v");
    CHECK_BUF(&f.request.body, "{\"Body\":\"b\"}");
    check_header("x-heads", "1,\"2,3\",\"\\\"\"");
    check_header("x-meta-a", "1");
    check_header("x-value", "WzFd");
    check_header("content-type", "application/json");
    fixture_close(&f);
}

TEST(labels_may_not_be_empty_nor_hosts_odd)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put", "{Name='', Path='x', Host='a/b'}"), AWL_EINPUT);
    CHECK_SAYS(&f, "Name: must not be empty");
    CHECK_SAYS(&f, "Host: not a label of a host name");
    CHECK_RC(fixture_write(&f, "Put", "{Path='x'}"), AWL_EINPUT);
    CHECK_SAYS(&f, "Name: required but missing");
    CHECK_SAYS(&f, "Host: required but missing");
    fixture_close(&f);
}

TEST(lists_in_a_query_string_are_lists)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put", "{Name='a', Path='x', Host='h', Query={a='b'}}"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "Query: expected list, got a table with key 'a'");
    CHECK_RC(fixture_write(&f, "Put", "{Name='a', Path='x', Host='h', Query='b'}"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "Query: expected list, got string");
    fixture_close(&f);
}

TEST(a_line_break_cannot_get_into_a_header)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put",
                           "{Name='a', Path='x', Host='h', "
                           "Head='x\\r\\nEvil: 1', Meta={['b\\n']='1'}}"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "Head: a line break or NUL");
    CHECK_SAYS(&f, "Meta[\"b\n\"]: a line break or NUL");
    fixture_close(&f);
}

TEST(a_streamed_payload_is_left_to_the_caller)
{
    UNUSED_STATE;
    open();
    CHECK_OK(fixture_write(&f, "Send", "{Data='bytes', Kind='text/x'}"));
    CHECK(f.request.streaming);
    CHECK_INT(f.request.body.len, 0);
    check_header("content-type", "text/x");
    CHECK_OK(fixture_write(&f, "Send", "{Data=print}"));
    CHECK_OK(fixture_write(&f, "Send", "{Data=io.stdout}"));
    CHECK_RC(fixture_write(&f, "Send", "{Data=1}"), AWL_EINPUT);
    CHECK_SAYS(&f, "Data: expected string, file or function, got number");
    fixture_close(&f);
}

TEST(a_streamed_answer_is_what_the_caller_gives)
{
    UNUSED_STATE;
    open();
    fixture_push(&f, "'the stream'");
    CHECK_OK(awl_wire_read_output(&f.wire, f.L, fixture_operation(&f, "Send"),
                                  &f.response, -1, &f.err));
    lua_setglobal(f.L, "out");
    CHECK_LUA(&f, "out.Data == 'the stream'");
    fixture_close(&f);
}

TEST_MAIN(RUN(members_go_where_the_model_binds_them),
          RUN(labels_may_not_be_empty_nor_hosts_odd),
          RUN(lists_in_a_query_string_are_lists),
          RUN(a_line_break_cannot_get_into_a_header),
          RUN(a_streamed_payload_is_left_to_the_caller),
          RUN(a_streamed_answer_is_what_the_caller_gives))
