#include "wire_fixture.h"

static struct fixture f;

static void open(const char *protocol)
{
    fixture_open(&f, protocol, "",
                 "'Put':{'name':'Put','http':{'method':'POST','requestUri':'/'},"
                 "'input':{'shape':'In'}}",
                 "'In':{'type':'structure','members':{'Title':{'shape':'Text'},"
                 "'Count':{'shape':'Int'},'Tags':{'shape':'Tags'},"
                 "'Flat':{'shape':'Flat'},'Map':{'shape':'Map'},"
                 "'lower':{'shape':'Text','locationName':'lowerName'}}},"
                 "'Tag':{'type':'structure','members':{'Key':{'shape':'Text'}}},"
                 "'Tags':{'type':'list','member':{'shape':'Tag'}},"
                 "'Flat':{'type':'list','member':{'shape':'Text','locationName':'Item'},"
                 "'flattened':true},"
                 "'Map':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Int'}},"
                 "'Text':{'type':'string'},'Int':{'type':'integer'}");
}

static enum awl_rc read(const char *body)
{
    awl_request_clear(&f.request);
    awl_buf_append_str(&f.request.body, awl_str_of(body));
    int top = lua_gettop(f.L);
    enum awl_rc rc = awl_wire_read_input(&f.wire, f.L, fixture_operation(&f, "Put"),
                                         &f.request, 0, &f.err);
    CHECK_INT(lua_gettop(f.L), rc == AWL_OK ? top + 1 : top);
    if (rc == AWL_OK)
        lua_setglobal(f.L, "out");
    return rc;
}

TEST(pairs_may_stand_in_any_order)
{
    UNUSED_STATE;
    open("query");
    CHECK_OK(read("Tags.member.10.Key=j&Count=7&Tags.member.2.Key=b&Title=a+b%26c"
                  "&Tags.member.1.Key=a&Action=Put&Version=1&Unknown.1=x"));
    CHECK_LUA(&f, "out.Title == 'a b&c' and out.Count == 7 and #out.Tags == 3");
    CHECK_LUA(&f, "out.Tags[1].Key == 'a' and out.Tags[3].Key == 'j'");
    fixture_close(&f);
}

TEST(maps_flattened_and_empty_lists_are_understood)
{
    UNUSED_STATE;
    open("query");
    CHECK_OK(read("Map.entry.2.key=b&Map.entry.2.value=2&Map.entry.1.value=1"
                  "&Map.entry.1.key=a&Item.1=x&Item.2=y&Tags="));
    CHECK_LUA(&f, "out.Map.a == 1 and out.Map.b == 2");
    CHECK_LUA(&f, "out.Flat[1] == 'x' and out.Flat[2] == 'y' and #out.Tags == 0");
    fixture_close(&f);
}

TEST(ec2_names_begin_in_upper_case)
{
    UNUSED_STATE;
    open("ec2");
    CHECK_OK(read("LowerName=x&Tags.1.Key=a"));
    CHECK_LUA(&f, "out.lower == 'x' and out.Tags[1].Key == 'a'");
    fixture_close(&f);
}

TEST(odd_forms_are_refused_or_survived)
{
    UNUSED_STATE;
    struct awl_buf body;
    open("query");
    CHECK_RC(read("Count=x"), AWL_EPARSE);
    CHECK_SAYS(&f, "the request for shelf:Put is not what the model says: "
                   "Count: expected integer, got 'x'");
    CHECK_OK(read(""));
    CHECK_OK(read("&&=&.=&..&Tags.&Tags..1=&Tags.member=1&Map.entry.1.value=5"));
    CHECK_LUA(&f, "next(out.Map) == nil");
    awl_buf_init(&body, FIXTURE_MAX);
    awl_buf_append_str(&body, STR("Tags"));
    for (int i = 0; i < 100000; i++)
        awl_buf_append_str(&body, STR(".x"));
    CHECK_RC(read(body.ptr), AWL_EPARSE);
    CHECK_SAYS(&f, "nested deeper");
    awl_buf_release(&body);
    fixture_close(&f);
}

TEST_MAIN(RUN(pairs_may_stand_in_any_order),
          RUN(maps_flattened_and_empty_lists_are_understood),
          RUN(ec2_names_begin_in_upper_case), RUN(odd_forms_are_refused_or_survived))
