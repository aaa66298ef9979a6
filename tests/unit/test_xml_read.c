#include "wire_fixture.h"

static struct fixture f;

static void open(const char *protocol)
{
    fixture_open(&f, protocol, "",
                 "'Get':{'name':'Get','http':{'method':'GET','requestUri':'/'},"
                 "'output':{'shape':'Book','resultWrapper':'GetResult'}},"
                 "'Where':{'name':'Where','http':{'method':'GET','requestUri':'/w'},"
                 "'output':{'shape':'Place'}}",
                 "'Book':{'type':'structure','members':{'Title':{'shape':'Text'},"
                 "'Count':{'shape':'Int'},'Ok':{'shape':'Bool'},'When':{'shape':'Time'},"
                 "'Bytes':{'shape':'Blob'},'Names':{'shape':'Texts'},"
                 "'Contents':{'shape':'Flat','locationName':'Item'},"
                 "'Others':{'shape':'Flat'},'Map':{'shape':'Map'},"
                 "'FlatMap':{'shape':'FlatMap'},'Kind':{'shape':'Text',"
                 "'xmlAttribute':true,'locationName':'xsi:type'},"
                 "'Next':{'shape':'Book'}}},"
                 "'Place':{'type':'structure','members':{'Region':{'shape':'Text'}}},"
                 "'Texts':{'type':'list','member':{'shape':'Text'}},"
                 "'Flat':{'type':'list','member':{'shape':'Place'},'flattened':true},"
                 "'Map':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Int'}},"
                 "'FlatMap':{'type':'map','key':{'shape':'Text','locationName':'K'},"
                 "'value':{'shape':'Int','locationName':'V'},'flattened':true},"
                 "'Text':{'type':'string'},'Int':{'type':'integer'},"
                 "'Bool':{'type':'boolean'},'Time':{'type':'timestamp'},"
                 "'Blob':{'type':'blob'}");
}

static void read_ok(const char *operation, const char *body)
{
    if (fixture_read_quoted(&f, operation, body) != AWL_OK)
        fail_msg("%s", f.err.message);
}

TEST(scalars_are_converted_by_their_shape)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Get", "<r><Title>a&amp;b</Title><Count> 7 </Count><Ok>true</Ok>"
                   "<When>2015-01-25T08:00:00Z</When><Bytes>aGk=</Bytes></r>");
    CHECK_LUA(&f, "out.Title == 'a&b' and out.Count == 7 and out.Ok == true");
    CHECK_LUA(&f, "out.When == 1422172800 and out.Bytes == 'hi'");
    read_ok("Get", "<r><Title/><Count/><Ok>false</Ok><When/></r>");
    CHECK_LUA(&f, "out.Title == '' and out.Count == nil and out.Ok == false");
    CHECK_LUA(&f, "out.When == nil");
    read_ok("Get", "<r><When>0000-00-00</When></r>");
    CHECK_LUA(&f, "out.When == '0000-00-00'");
    fixture_close(&f);
}

TEST(lists_that_are_empty_are_there_and_others_are_not)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Get", "<r><Names/><Map></Map></r>");
    CHECK_LUA(&f, "#out.Names == 0 and next(out.Map) == nil and out.Contents == nil");
    read_ok("Get", "<r><Names><member>a</member><x>b</x><member/></Names></r>");
    CHECK_LUA(&f, "table.concat(out.Names, ',') == 'a,b,'");
    fixture_close(&f);
}

TEST(flattened_lists_gather_siblings_wherever_they_stand)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Get", "<r><Item><Region>1</Region></Item><Item/><Title>t</Title>"
                   "<Others><Region>o</Region></Others><Item><Region>3</Region></Item>"
                   "<Others/></r>");
    CHECK_LUA(&f, "#out.Contents == 3 and out.Contents[1].Region == '1'");
    CHECK_LUA(&f, "out.Contents[3].Region == '3' and #out.Others == 2");
    CHECK_LUA(&f, "out.Title == 't'");
    fixture_close(&f);
}

TEST(maps_come_in_both_forms)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Get", "<r><Map><entry><key>a</key><value>1</value></entry>"
                   "<entry><value>2</value><key>b</key></entry></Map>"
                   "<FlatMap><K>x</K><V>3</V></FlatMap>"
                   "<FlatMap><K>y</K><V>4</V></FlatMap></r>");
    CHECK_LUA(&f, "out.Map.a == 1 and out.Map.b == 2");
    CHECK_LUA(&f, "out.FlatMap.x == 3 and out.FlatMap.y == 4");
    fixture_close(&f);
}

TEST(attributes_are_members_too)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Get",
            "<r><Next xmlns:xsi='u' xsi:type='A&amp;B'><Title>t</Title></Next></r>");
    CHECK_LUA(&f, "out.Next.Kind == 'A&B' and out.Next.Title == 't'");
    fixture_close(&f);
}

TEST(query_answers_are_read_from_their_wrapper)
{
    UNUSED_STATE;
    open("query");
    read_ok("Get", "<GetResponse><ResponseMetadata><RequestId>1</RequestId>"
                   "</ResponseMetadata><GetResult><Title>t</Title></GetResult>"
                   "</GetResponse>");
    CHECK_LUA(&f, "out.Title == 't'");
    read_ok("Get", "<GetResponse><Title>t</Title></GetResponse>");
    CHECK_LUA(&f, "out.Title == 't'");
    fixture_close(&f);
}

TEST(an_answer_may_be_its_one_member_itself)
{
    UNUSED_STATE;
    open("rest-xml");
    read_ok("Where", "<Region xmlns='u'>eu</Region>");
    CHECK_LUA(&f, "out.Region == 'eu'");
    read_ok("Where", "<Region xmlns='u'/>");
    CHECK_LUA(&f, "next(out) == nil");
    read_ok("Where", "<Place><Region>eu</Region></Place>");
    CHECK_LUA(&f, "out.Region == 'eu'");
    fixture_close(&f);
}

TEST(what_cannot_be_read_is_told_with_its_path)
{
    UNUSED_STATE;
    open("rest-xml");
    CHECK_RC(fixture_read_quoted(&f, "Get", "<r><Next><Count>x</Count></Next></r>"),
             AWL_EPARSE);
    CHECK_SAYS(&f, "the answer of shelf:Get is not what the model says: "
                   "Next.Count: expected integer, got 'x', at byte 25");
    CHECK_RC(fixture_read_quoted(&f, "Get", "<r><Title>&no;</Title></r>"), AWL_EPARSE);
    CHECK_SAYS(&f, "Title: invalid XML: bad reference");
    CHECK_RC(fixture_read_quoted(&f, "Get", "<r><Title>"), AWL_EPARSE);
    CHECK_RC(fixture_read_quoted(&f, "Get", "<r></r><r/>"), AWL_EPARSE);
    CHECK_SAYS(&f, "more than one element");
    fixture_close(&f);
}

/* Bytes of any kind, of which some come often, in lengths around those of a word. */
TEST(texts_that_come_again_stay_what_they_were)
{
    UNUSED_STATE;
    struct awl_buf body;
    struct awl_random random;
    open("rest-xml");
    awl_random_seed(&random, 3);
    awl_buf_init(&body, FIXTURE_MAX);
    lua_newtable(f.L);
    awl_buf_append_str(&body, STR("<r><Names>"));
    for (int i = 1; i <= 20000; i++) {
        char text[48];
        size_t len = awl_random_next(&random) % 27;
        for (size_t at = 0; at < len; at++)
            text[at] = (char)('a' + awl_random_next(&random) % (1 + len / 6));
        awl_buf_printf(&body, "<member>%.*s</member>", (int)len, text);
        lua_pushlstring(f.L, text, len);
        lua_rawseti(f.L, -2, i);
    }
    awl_buf_append_str(&body, STR("</Names></r>"));
    lua_setglobal(f.L, "sent");
    for (int turn = 0; turn < 3; turn++) {
        lua_gc(f.L, LUA_GCCOLLECT);
        CHECK_OK(fixture_read(&f, "Get", awl_buf_str(&body)));
        CHECK_LUA(&f, "#out.Names == #sent");
        CHECK_LUA(&f, "(function() for i = 1, #sent do"
                      " if out.Names[i] ~= sent[i] then return false end end"
                      " return true end)()");
    }
    awl_buf_release(&body);
    fixture_close(&f);
}

TEST(damaged_answers_are_survived)
{
    UNUSED_STATE;
    static const char seed[] =
        "<r><Item><Region>1</Region></Item><Map><entry><key>a</key><value>1</value>"
        "</entry></Map><Next xsi:type='x'><Names><m>&lt;</m></Names></Next>"
        "<FlatMap><K>x</K><V>3</V></FlatMap><Bytes>aGk=</Bytes></r>";
    static const char alphabet[] = "<>/&;ab1 ='";
    struct awl_random random;
    open("rest-xml");
    awl_random_seed(&random, 42);
    for (unsigned turn = 0; turn < 10000; turn++) {
        char text[sizeof(seed)];
        size_t len = sizeof(seed) - 1 - awl_random_next(&random) % 20;
        memcpy(text, seed, len);
        for (uint64_t n = awl_random_next(&random) % 5; n > 0; n--)
            text[awl_random_next(&random) % len] =
                alphabet[awl_random_next(&random) % (sizeof(alphabet) - 1)];
        (void)fixture_read(&f, "Get", awl_str_make(text, len));
    }
    fixture_close(&f);
}

TEST_MAIN(RUN(scalars_are_converted_by_their_shape),
          RUN(lists_that_are_empty_are_there_and_others_are_not),
          RUN(flattened_lists_gather_siblings_wherever_they_stand),
          RUN(maps_come_in_both_forms), RUN(attributes_are_members_too),
          RUN(query_answers_are_read_from_their_wrapper),
          RUN(an_answer_may_be_its_one_member_itself),
          RUN(what_cannot_be_read_is_told_with_its_path),
          RUN(texts_that_come_again_stay_what_they_were),
          RUN(damaged_answers_are_survived))
