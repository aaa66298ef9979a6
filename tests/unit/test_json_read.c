#include "wire_fixture.h"

static struct fixture f;

static void open(void)
{
    fixture_open(
        &f, "json", "",
        "'Get':{'name':'Get','http':{'method':'POST','requestUri':'/'},"
        "'output':{'shape':'Book'}}",
        "'Book':{'type':'structure','members':{'Title':{'shape':'Text'},"
        "'Long':{'shape':'Long'},'Real':{'shape':'Real'},'Ok':{'shape':'Bool'},"
        "'When':{'shape':'Time'},'Bytes':{'shape':'Blob'},"
        "'List':{'shape':'List'},'Map':{'shape':'Map'},'Holes':{'shape':'Holes'},"
        "'Any':{'shape':'Doc'},'Next':{'shape':'Book'},'One':{'shape':'Either'}}},"
        "'Either':{'type':'structure','union':true,'members':{'A':{'shape':'Text'},"
        "'B':{'shape':'Long'}}},"
        "'List':{'type':'list','member':{'shape':'Long'}},"
        "'Map':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Long'}},"
        "'Holes':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Long'},"
        "'sparse':true},"
        "'Doc':{'type':'structure','document':true,'members':{}},"
        "'Text':{'type':'string'},'Long':{'type':'long'},"
        "'Real':{'type':'double'},'Bool':{'type':'boolean'},"
        "'Time':{'type':'timestamp'},'Blob':{'type':'blob'}");
}

static void read_ok(const char *body)
{
    if (fixture_read_quoted(&f, "Get", body) != AWL_OK)
        fail_msg("%s", f.err.message);
}

static void check_refused(const char *body, const char *words)
{
    CHECK_RC(fixture_read_quoted(&f, "Get", body), AWL_EPARSE);
    CHECK_SAYS(&f, "the answer of shelf:Get is not what the model says: ");
    CHECK_SAYS(&f, words);
}

TEST(numbers_keep_their_kind)
{
    UNUSED_STATE;
    open();
    read_ok("{'Long':9007199254740993,'Real':1}");
    CHECK_LUA(&f, "out.Long == 9007199254740993 and math.type(out.Long) == 'integer'");
    CHECK_LUA(&f, "out.Real == 1 and math.type(out.Real) == 'float'");
    read_ok("{'Long':1.0e3,'Real':'NaN'}");
    CHECK_LUA(&f, "math.type(out.Long) == 'integer' and out.Long == 1000");
    CHECK_LUA(&f, "out.Real ~= out.Real");
    read_ok("{'When':1.5}");
    CHECK_LUA(&f, "out.When == 1.5");
    read_ok("{'When':1700000000}");
    CHECK_LUA(&f, "math.type(out.When) == 'integer'");
    read_ok("{'When':'2015-01-25T08:00:00Z'}");
    CHECK_LUA(&f, "out.When == 1422172800");
    fixture_close(&f);
}

TEST(text_is_unescaped_and_blobs_are_decoded)
{
    UNUSED_STATE;
    open();
    read_ok("{'Title':'a\\u00e4\\n\\ud83d\\ude00','Bytes':'aGk='}");
    CHECK_LUA(&f, "out.Title == 'a\\u{e4}\\n\\u{1f600}' and out.Bytes == 'hi'");
    read_ok("{'\\u0054itle':'x','Bytes':'a\\u0047k='}");
    CHECK_LUA(&f, "out.Title == 'x' and out.Bytes == 'hi'");
    read_ok("{'Bytes':'aG\\nk='}");
    CHECK_LUA(&f, "out.Bytes == 'hi'");
    fixture_close(&f);
}

TEST(unknown_members_and_nulls_are_dropped)
{
    UNUSED_STATE;
    open();
    read_ok("{'New':[{'a':[1,{}]}],'Title':null,'Ok':false}");
    CHECK_LUA(&f, "out.Title == nil and out.New == nil and out.Ok == false");
    fixture_close(&f);
}

TEST(nulls_stay_in_lists_and_sparse_maps)
{
    UNUSED_STATE;
    open();
    read_ok("{'List':[1,null,3],'Map':{'a':null},'Holes':{'a':null}}");
    CHECK_LUA(&f, "#out.List == 3 and out.List[2] == null");
    CHECK_LUA(&f, "next(out.Map) == nil and out.Holes.a == null");
    fixture_close(&f);
}

TEST(documents_are_plain_tables)
{
    UNUSED_STATE;
    open();
    read_ok("{'Any':{'a':[],'b':{},'c':[1,2.5,null,'x']}}");
    CHECK_LUA(&f, "getmetatable(out.Any.a) ~= nil and getmetatable(out.Any.b) == nil");
    CHECK_LUA(&f, "out.Any.c[2] == 2.5 and out.Any.c[3] == null and #out.Any.c == 4");
    read_ok("{'Any':null}");
    CHECK_LUA(&f, "out.Any == null");
    fixture_close(&f);
}

TEST(an_empty_body_is_an_empty_table)
{
    UNUSED_STATE;
    open();
    read_ok("");
    CHECK_LUA(&f, "next(out) == nil");
    fixture_close(&f);
}

TEST(what_the_model_does_not_say_is_told_with_path_and_byte)
{
    UNUSED_STATE;
    open();
    check_refused("{'List':{}}", "List: expected a list, got an object, at byte 9");
    check_refused("{'Next':{'List':[1,'x']}}", "Next.List[2]: expected integer, got 'x'");
    check_refused("{'Map':{'a b':[]}}", "Map[\"a b\"]: expected an integer, got a list");
    check_refused("[]", "expected an object, got a list");
    check_refused("{'Bytes':'*'}", "Bytes: expected base64");
    fixture_close(&f);
}

TEST(a_union_has_exactly_one_member)
{
    UNUSED_STATE;
    open();
    read_ok("{'One':{'__type':'Either','A':null,'B':1}}");
    CHECK_LUA(&f, "out.One.B == 1 and next(out.One, 'B') == nil");
    read_ok("{'One':{'New':{'A':'x'}}}");
    CHECK_LUA(&f, "out.One.SDK_UNKNOWN_MEMBER.name == 'New'");
    check_refused("{'One':{}}", "One: expected exactly one member, got 0");
    check_refused("{'One':{'A':null}}", "One: expected exactly one member, got 0");
    check_refused("{'One':{'A':'x','B':1}}", "One: expected exactly one member, got 2");
    fixture_close(&f);
}

TEST(what_is_no_json_is_refused)
{
    UNUSED_STATE;
    open();
    check_refused("{'Title':'x'", "invalid JSON");
    check_refused("{'Title' 'x'}", "invalid JSON");
    check_refused("{'List':[1,]}", "invalid JSON");
    check_refused("{} {}", "invalid JSON");
    check_refused("<html>", "invalid JSON");
    fixture_close(&f);
}

TEST(depth_is_limited)
{
    UNUSED_STATE;
    struct awl_buf body;
    open();
    awl_buf_init(&body, FIXTURE_MAX);
    for (int i = 0; i < 200; i++)
        awl_buf_append_str(&body, STR("{\"Next\":"));
    CHECK_RC(fixture_read(&f, "Get", awl_buf_str(&body)), AWL_EPARSE);
    CHECK_SAYS(&f, "nested deeper than 100 levels");
    awl_buf_clear(&body);
    awl_buf_append_str(&body, STR("{\"Any\":"));
    for (int i = 0; i < 200; i++)
        awl_buf_append_str(&body, STR("["));
    CHECK_RC(fixture_read(&f, "Get", awl_buf_str(&body)), AWL_EPARSE);
    CHECK_SAYS(&f, "nested too deeply");
    awl_buf_release(&body);
    fixture_close(&f);
}

TEST(damaged_answers_are_survived)
{
    UNUSED_STATE;
    static const char seed[] =
        "{\"Title\":\"a\\u00e4\",\"Long\":12,\"Real\":1.5,\"List\":[1,2,null],"
        "\"Map\":{\"a\":1},\"Any\":{\"x\":[true,\"\\n\"]},\"Next\":{\"Bytes\":\"aGk=\","
        "\"When\":1.5,\"New\":[{}]}}";
    static const char alphabet[] = "{}[]\",:\\u0e-+.tn 1";
    struct awl_random random;
    open();
    awl_random_seed(&random, 42);
    for (unsigned turn = 0; turn < 10000; turn++) {
        char text[sizeof(seed)];
        size_t len = sizeof(seed) - 1 - awl_random_next(&random) % 30;
        memcpy(text, seed, len);
        for (uint64_t n = awl_random_next(&random) % 5; n > 0; n--)
            text[awl_random_next(&random) % len] =
                alphabet[awl_random_next(&random) % (sizeof(alphabet) - 1)];
        (void)fixture_read(&f, "Get", awl_str_make(text, len));
    }
    fixture_close(&f);
}

TEST_MAIN(RUN(numbers_keep_their_kind), RUN(text_is_unescaped_and_blobs_are_decoded),
          RUN(unknown_members_and_nulls_are_dropped),
          RUN(nulls_stay_in_lists_and_sparse_maps), RUN(documents_are_plain_tables),
          RUN(an_empty_body_is_an_empty_table),
          RUN(what_the_model_does_not_say_is_told_with_path_and_byte),
          RUN(a_union_has_exactly_one_member), RUN(what_is_no_json_is_refused),
          RUN(depth_is_limited), RUN(damaged_answers_are_survived))
