#include "wire_fixture.h"

#include "wire/walk.h"

static struct fixture f;

static void open(void)
{
    fixture_open(&f, "json", "",
                 "'Put':{'name':'Put','http':{'method':'POST','requestUri':'/'},"
                 "'input':{'shape':'Book'}},"
                 "'Scan':{'name':'Scan','http':{'method':'POST','requestUri':'/'},"
                 "'input':{'shape':'Small'}}",
                 "'Book':{'type':'structure','required':['Title','Year'],'members':{"
                 "'Title':{'shape':'Text'},'Year':{'shape':'Int'},'Big':{'shape':'Long'},"
                 "'Price':{'shape':'Real'},'Tags':{'shape':'Tags'},"
                 "'Map':{'shape':'Map'},'Ok':{'shape':'Bool'},'Bytes':{'shape':'Blob'},"
                 "'When':{'shape':'Time'},'Any':{'shape':'Doc'},'One':{'shape':'One'},"
                 "'Next':{'shape':'Book'},'Tiny':{'shape':'Byte'},"
                 "'Holes':{'shape':'Holes'},'Token':{'shape':'Text',"
                 "'idempotencyToken':true}}},"
                 "'Small':{'type':'structure','members':{'Alpha':{'shape':'Text'},"
                 "'Beta':{'shape':'Text'}}},"
                 "'Tag':{'type':'structure','required':['Key'],'members':{"
                 "'Key':{'shape':'Text'},'Value':{'shape':'Text'}}},"
                 "'Tags':{'type':'list','member':{'shape':'Tag'},'min':1},"
                 "'Map':{'type':'map','key':{'shape':'Key'},'value':{'shape':'Int'}},"
                 "'Key':{'type':'string','min':1},"
                 "'Holes':{'type':'list','member':{'shape':'Int'},'sparse':true},"
                 "'One':{'type':'structure','union':true,'members':{"
                 "'A':{'shape':'Text'},'B':{'shape':'Int'}}},"
                 "'Doc':{'type':'structure','document':true,'members':{}},"
                 "'Text':{'type':'string','min':2},'Int':{'type':'integer','min':0},"
                 "'Byte':{'type':'byte'},'Long':{'type':'long'},'Real':{'type':'double'},"
                 "'Bool':{'type':'boolean'},'Blob':{'type':'blob'},"
                 "'Time':{'type':'timestamp'}");
}

/* Writes a book with the fields given on top of a valid one. */
static enum awl_rc put(const char *fields)
{
    char lua[512];
    snprintf(lua, sizeof(lua), "{Title='Emma', Year=1815, Token='tt', %s}", fields);
    return fixture_write(&f, "Put", lua);
}

static void check_body(const char *fields, const char *expected)
{
    char body[512];
    CHECK_OK(put(fields));
    snprintf(body, sizeof(body), "{\"Title\":\"Emma\",\"Year\":1815,%s\"Token\":\"tt\"}",
             expected);
    CHECK_BUF(&f.request.body, body);
}

static void check_refused(const char *fields, const char *words)
{
    CHECK_RC(put(fields), AWL_EINPUT);
    CHECK_SAYS(&f, words);
}

TEST(members_are_written_in_declared_order)
{
    UNUSED_STATE;
    open();
    check_body("Ok=false, Price=1, Big=math.maxinteger",
               "\"Big\":9223372036854775807,\"Price\":1.0,\"Ok\":false,");
    check_body("Map={b=2, a=1, c=3}", "\"Map\":{\"a\":1,\"b\":2,\"c\":3},");
    check_body("Bytes='hi', When=0, Tags={{Key='kk'}}",
               "\"Tags\":[{\"Key\":\"kk\"}],\"Bytes\":\"aGk=\",\"When\":0,");
    fixture_close(&f);
}

TEST(all_that_is_missing_is_told_at_once)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put", "{Tags={{Value='vv'}, {Key='kk'}, {}}}"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "invalid input of shelf:Put:");
    CHECK_SAYS(&f, "\n  Title: required but missing");
    CHECK_SAYS(&f, "\n  Year: required but missing");
    CHECK_SAYS(&f, "\n  Tags[1].Key: required but missing");
    CHECK_SAYS(&f, "\n  Tags[3].Key: required but missing");
    fixture_close(&f);
}

TEST(no_table_at_all_is_an_empty_one)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put", "nil"), AWL_EINPUT);
    CHECK_SAYS(&f, "Title: required but missing");
    CHECK_OK(fixture_write(&f, "Scan", "nil"));
    CHECK_BUF(&f.request.body, "{}");
    CHECK_RC(fixture_write(&f, "Scan", "'x'"), AWL_EINPUT);
    CHECK_SAYS(&f, "expected table, got string");
    fixture_close(&f);
}

TEST(an_unknown_member_names_the_nearest)
{
    UNUSED_STATE;
    open();
    check_refused("Tgas={}", "Tgas: no such member, did you mean 'Tags'?");
    check_refused("Tags={{Key='kk', vale='x'}}",
                  "Tags[1].vale: no such member, did you mean 'Value'?");
    CHECK_RC(fixture_write(&f, "Scan", "{Quite_other=1}"), AWL_EINPUT);
    CHECK_SAYS(&f, "Quite_other: no such member; valid: Alpha, Beta");
    CHECK_RC(fixture_write(&f, "Scan", "{[1]='x'}"), AWL_EINPUT);
    CHECK_SAYS(&f, "expected names of members, got a key of type number");
    fixture_close(&f);
}

TEST(types_are_checked_with_the_path)
{
    UNUSED_STATE;
    open();
    check_refused("Tags={{Key=7}}", "Tags[1].Key: expected string, got number");
    check_refused("Big='7'", "Big: expected integer, got string");
    check_refused("Price='7'", "Price: expected number, got string");
    check_refused("Ok=0", "Ok: expected boolean, got number");
    check_refused("Bytes=true", "Bytes: expected string, got boolean");
    check_refused("Next=1", "Next: expected table, got number");
    check_refused("Tags='x'", "Tags: expected list, got string");
    check_refused("Map={['a b']='x'}", "Map[\"a b\"]: expected integer, got string");
    check_refused("Map={1}",
                  "Map: expected keys of type string, got a key of type number");
    check_refused("When={}", "When: expected timestamp");
    check_refused("When='soon'", "When: not a time");
    check_refused("When=1700000000000", "When: not in the years 0 to 9999");
    fixture_close(&f);
}

TEST(integers_must_be_whole_and_in_range)
{
    UNUSED_STATE;
    open();
    check_body("Big=3.0", "\"Big\":3,");
    check_refused("Big=3.5", "Big: expected integer, got 3.5");
    check_refused("Map={a=2147483648}", "Map.a: 2147483648 is out of range");
    check_refused("Tiny=-129", "Tiny: -129 is out of range, at most 127");
    check_body("Tiny=-128", "\"Tiny\":-128,");
    fixture_close(&f);
}

TEST(least_lengths_and_numbers_are_checked)
{
    UNUSED_STATE;
    open();
    check_refused("Tags={}", "Tags: expected at least 1 elements, got 0");
    check_refused("Map={a=-1}", "Map.a: expected at least 0, got -1");
    check_refused("Map={['']=1}",
                  "Map[\"\"]: expected at least 1 characters in the key, got 0");
    check_refused("One={A='\xc3\xa4'}", "One.A: expected at least 2 characters, got 1");
    fixture_close(&f);
}

TEST(a_table_with_keys_is_no_list)
{
    UNUSED_STATE;
    open();
    check_refused("Tags={Key='kk'}", "Tags: expected list, got a table with key 'Key'");
    fixture_close(&f);
}

TEST(a_union_has_exactly_one_member)
{
    UNUSED_STATE;
    open();
    check_body("One={B=1}", "\"One\":{\"B\":1},");
    check_refused("One={}", "One: expected exactly one of A, B, got 0");
    check_refused("One={A='aa', B=1}", "One: expected exactly one of A, B, got 2");
    fixture_close(&f);
}

TEST(null_is_absent_in_structures_and_kept_where_lists_are_sparse)
{
    UNUSED_STATE;
    open();
    check_body("Price=null", "");
    check_body("Holes={1, null, 3}", "\"Holes\":[1,null,3],");
    check_refused("Tags={{Key='kk'}, null}", "Tags[2]: null is not allowed here");
    fixture_close(&f);
}

TEST(documents_are_any_json)
{
    UNUSED_STATE;
    open();
    check_body("Any=null", "\"Any\":null,");
    check_body("Any={1, {a=true}, {}}", "\"Any\":[1,{\"a\":true},{}],");
    check_refused("Any={f=print}", "Any.f: JSON has no values of type function");
    check_refused("Any={0/0}", "Any[1]: JSON has no NaN");
    fixture_close(&f);
}

TEST(a_table_within_itself_is_refused)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put",
                           "(function() local t = {Title='tt', Year=1} t.Next = t "
                           "return t end)()"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "nested deeper than 100 levels");
    CHECK_RC(fixture_write(&f, "Put",
                           "(function() local t = {} t[1] = t "
                           "return {Title='tt', Year=1, Any=t} end)()"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "nested deeper than 100 levels");
    fixture_close(&f);
}

TEST(many_problems_are_counted_but_not_all_told)
{
    UNUSED_STATE;
    open();
    CHECK_RC(fixture_write(&f, "Put",
                           "(function() local t = {} for i = 1, 50 do t[i] = {} end "
                           "return {Title='tt', Year=1, Tags=t} end)()"),
             AWL_EINPUT);
    CHECK_SAYS(&f, "Tags[20].Key");
    CHECK_SAYS(&f, "and 30 more");
    fixture_close(&f);
}

TEST(an_idempotency_token_is_made_at_the_top_alone)
{
    UNUSED_STATE;
    open();
    CHECK_OK(fixture_write(&f, "Put", "{Title='aa', Year=1, Next={Title='bb', Year=2}}"));
    const char *body = f.request.body.ptr;
    const char *token = strstr(body, "\"Token\":\"");
    assert_non_null(token);
    CHECK_INT(token[9 + 14], '4');
    CHECK(strstr(token + 2, "Token") == NULL);
    fixture_close(&f);
}

TEST_MAIN(RUN(members_are_written_in_declared_order),
          RUN(all_that_is_missing_is_told_at_once), RUN(no_table_at_all_is_an_empty_one),
          RUN(an_unknown_member_names_the_nearest), RUN(types_are_checked_with_the_path),
          RUN(integers_must_be_whole_and_in_range),
          RUN(least_lengths_and_numbers_are_checked), RUN(a_table_with_keys_is_no_list),
          RUN(a_union_has_exactly_one_member),
          RUN(null_is_absent_in_structures_and_kept_where_lists_are_sparse),
          RUN(documents_are_any_json), RUN(a_table_within_itself_is_refused),
          RUN(many_problems_are_counted_but_not_all_told),
          RUN(an_idempotency_token_is_made_at_the_top_alone))
