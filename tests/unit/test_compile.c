/* tests/unit/test_compile.c - registered as unit.compile */
#include "model_fixture.h"

#define HEADER "{\"format\":1,\"version\":\"botocore 9\",\"partitions\":[]}\n"
#define SERVICE(name, prefix)                                                            \
    "{\"name\":\"" name "\",\"model\":{\"metadata\":{\"protocol\":\"json\","             \
    "\"endpointPrefix\":\"" prefix "\"},\"operations\":{},\"shapes\":{}}}\n"

static void on_report(void *data, const char *reason)
{
    struct awl_buf *reasons = data;
    awl_buf_printf(reasons, "%s\n", reason);
}

struct compiled {
    struct awl_buf bytes, reasons;
    struct awl_error err;
    enum awl_rc rc;
};

static void compile(struct compiled *c, awl_str source)
{
    c->err = (struct awl_error)AWL_ERROR_INIT;
    awl_buf_init(&c->bytes, AWL_PACK_MAX);
    awl_buf_init(&c->reasons, 65536);
    c->rc = awl_compile_source(source, on_report, &c->reasons, &c->bytes, &c->err);
}

static void compiled_release(struct compiled *c)
{
    awl_buf_release(&c->bytes);
    awl_buf_release(&c->reasons);
}

static struct awl_pack *compiled_open(struct compiled *c)
{
    struct awl_pack *pack =
        awl_pack_open(c->bytes.ptr, c->bytes.len, "test", false, &c->err);
    if (pack == NULL)
        fail_msg("%s", c->err.message);
    return pack;
}

TEST(the_same_source_gives_the_same_bytes)
{
    UNUSED_STATE;
    struct fixture a, b;
    fixture_init(&a);
    fixture_init(&b);
    CHECK_INT(a.bytes.len, b.bytes.len);
    CHECK(memcmp(a.bytes.ptr, b.bytes.ptr, a.bytes.len) == 0);
    fixture_release(&a);
    fixture_release(&b);
}

TEST(a_service_without_a_single_member_compiles)
{
    UNUSED_STATE;
    struct fixture f;
    const struct awl_compile_input input = {
        .name = STR("bare"),
        .model = STR("{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"Get\":"
                     "{\"name\":\"Get\",\"input\":{\"shape\":\"Nothing\"}}},"
                     "\"shapes\":{\"Nothing\":{\"type\":\"structure\","
                     "\"members\":{}}}}")};
    fixture_open(&f, &input);
    CHECK_INT(fixture_shape(&f, "Nothing")->member_count, 0);
    fixture_release(&f);
}

TEST(a_model_at_odds_with_itself_is_left_out)
{
    UNUSED_STATE;
    struct compiled c;
    compile(&c, STR(HEADER
                    "{\"name\":\"odd\",\"model\":{\"metadata\":{\"protocol\":"
                    "\"json\"},\"operations\":{},\"shapes\":{\"Text\":{"
                    "\"type\":\"string\",\"exception\":true}}}}\n" SERVICE("zoo", "z")));
    CHECK_OK(c.rc);
    CHECK_BUF(&c.reasons, "service 'odd': the model is at odds with itself: an error is "
                          "no structure\n");
    struct awl_pack *pack = compiled_open(&c);
    CHECK_INT(awl_pack_service_count(pack), 1);
    awl_pack_free(pack);
    compiled_release(&c);
}

TEST(services_are_sorted_and_the_version_is_kept)
{
    UNUSED_STATE;
    struct compiled c;
    compile(&c, STR(HEADER SERVICE("zoo", "z") SERVICE("ant", "a")));
    CHECK_OK(c.rc);
    struct awl_pack *pack = compiled_open(&c);
    CHECK_STR(awl_pack_data_version(pack), "botocore 9");
    CHECK_INT(awl_pack_service_count(pack), 2);
    CHECK_STR(awl_pack_service_name(pack, 0), "ant");
    CHECK_STR(awl_pack_service_name(pack, 1), "zoo");
    awl_pack_free(pack);
    compiled_release(&c);
}

TEST(an_alias_of_two_services_is_refused_with_both_names)
{
    UNUSED_STATE;
    struct compiled c;
    struct awl_model model;
    compile(&c, STR(HEADER SERVICE("elb", "lb") SERVICE("elbv2", "lb")));
    struct awl_pack *pack = compiled_open(&c);
    CHECK_RC(awl_model_open(pack, STR("lb"), &model, &c.err), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(c.err.message), "service 'lb' is not clear: 'elb' or 'elbv2'?");
    awl_pack_free(pack);
    compiled_release(&c);
}

TEST(a_service_that_is_not_understood_is_left_out_and_reported)
{
    UNUSED_STATE;
    struct compiled c;
    compile(&c,
            STR(HEADER SERVICE(
                "ant", "a") "{\"name\":\"odd\",\"model\":{\"metadata\":{\"protocol\":"
                            "\"json\"},\"shapes\":{\"S\":{\"type\":\"quaternion\"}}}}\n"
                            "{\"name\":\"new\",\"model\":{\"metadata\":{\"protocol\":"
                            "\"telepathy\"}}}\n" SERVICE("zoo", "z")));
    CHECK_OK(c.rc);
    CHECK_BUF(&c.reasons, "service 'odd': shape 'S': unknown type 'quaternion'\n"
                          "service 'new': unknown protocol 'telepathy'\n");
    struct awl_pack *pack = compiled_open(&c);
    CHECK_INT(awl_pack_service_count(pack), 2);
    awl_pack_free(pack);
    compiled_release(&c);
}

/* A service with a text of so many letters. */
static void check_too_long(const char *before, size_t count, const char *after)
{
    struct awl_buf source;
    struct compiled c;
    awl_buf_init(&source, AWL_PACK_MAX);
    awl_buf_printf(&source,
                   "%s{\"name\":\"odd\",\"model\":{\"metadata\":{"
                   "\"protocol\":\"json\"%s",
                   HEADER, before);
    for (size_t i = 0; i < count; i++)
        awl_buf_append_char(&source, 'x');
    awl_buf_printf(&source, "%s}\n%s", after, SERVICE("zoo", "z"));
    compile(&c, awl_buf_str(&source));
    CHECK_OK(c.rc);
    CHECK_BUF(&c.reasons, "service 'odd': a text is too long\n");
    struct awl_pack *pack = compiled_open(&c);
    CHECK_INT(awl_pack_service_count(pack), 1);
    CHECK_STR(awl_pack_service_name(pack, 0), "zoo");
    awl_pack_free(pack);
    compiled_release(&c);
    awl_buf_release(&source);
}

TEST(a_service_with_a_text_that_is_too_long_is_left_out)
{
    UNUSED_STATE;
    check_too_long(",\"serviceId\":\"", 65536, "\"}}");
    check_too_long(",\"auth\":[\"a\",\"", 65535, "\"]}}");
    check_too_long("},\"shapes\":{\"S\":{\"type\":\"string\",\"pattern\":\"", 65536,
                   "\"}}}");
    check_too_long("},\"operations\":{\"", 65535, "A\":{}}}");
    check_too_long("}},\"waiters\":{\"W\":{\"acceptors\":[{\"expected\":\"", 65534,
                   "\"}]}}");
    check_too_long("}},\"rules\":{\"parameters\":{},\"rules\":[{\"type\":\"endpoint\","
                   "\"conditions\":[],\"endpoint\":{\"url\":\"",
                   65536, "\"}}]}");
}

TEST(what_is_no_source_form_is_an_error)
{
    UNUSED_STATE;
    struct compiled c;
    compile(&c, STR(""));
    CHECK_RC(c.rc, AWL_EPARSE);
    compiled_release(&c);
    compile(&c, STR("{\"format\":2}\n"));
    CHECK_RC(c.rc, AWL_EPARSE);
    compiled_release(&c);
    compile(&c, STR("{\"format\"\n"));
    CHECK_RC(c.rc, AWL_EPARSE);
    compiled_release(&c);
}

/* ---- what a model or rule set may not say ---- */

static void check_refused(struct awl_compile_input input, const char *reason)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf out;
    awl_buf_init(&out, AWL_PACK_MAX);
    CHECK_RC(awl_compile_service(&input, &out, &err), AWL_EPARSE);
    CHECK_STR(awl_str_of(err.message), reason);
    awl_buf_release(&out);
}

static void check_model_refused(const char *shapes, const char *operations,
                                const char *reason)
{
    struct awl_buf model;
    awl_buf_init(&model, 65536);
    awl_buf_printf(&model,
                   "{\"metadata\":{\"protocol\":\"json\"},\"shapes\":{%s},"
                   "\"operations\":{%s}}",
                   shapes, operations);
    check_refused(
        (struct awl_compile_input){.name = STR("x"), .model = awl_buf_str(&model)},
        reason);
    awl_buf_release(&model);
}

TEST(references_must_lead_to_shapes)
{
    UNUSED_STATE;
    check_model_refused(
        "\"S\":{\"type\":\"structure\",\"members\":{\"A\":{\"shape\":\"B\"}}}", "",
        "service 'x': shape 'S': member 'A' is of unknown shape 'B'");
    check_model_refused("\"L\":{\"type\":\"list\"}", "",
                        "service 'x': shape 'L': member 'member' is of unknown shape ''");
    check_model_refused("", "\"Op\":{\"input\":{\"shape\":\"In\"}}",
                        "service 'x': operation 'Op': unknown shape 'In'");
    check_model_refused("\"T\":{\"type\":\"string\"}",
                        "\"Op\":{\"output\":{\"shape\":\"T\"}}",
                        "service 'x': operation 'Op': shape 'T' is no structure");
    check_model_refused(
        "",
        "\"Op\":{\"staticContextParams\":{\"P\":{\"value\":[\"1\",\"2\","
        "\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}}}",
        "service 'x': operation 'Op': parameter 'P': more than 8 strings");
}

static void check_rules_refused(const char *rules, const char *reason)
{
    struct awl_compile_input input = FIXTURE_INPUT;
    struct awl_buf text, words;
    awl_buf_init(&text, 65536);
    awl_buf_init(&words, 4096);
    awl_buf_printf(&text, "{\"parameters\":{\"X\":{\"type\":\"string\"}},\"rules\":[%s]}",
                   rules);
    awl_buf_printf(&words, "service 'shelf': endpoint rules: %s", reason);
    input.rules = awl_buf_str(&text);
    check_refused(input, words.ptr);
    awl_buf_release(&text);
    awl_buf_release(&words);
}

TEST(rules_that_are_not_understood_are_refused)
{
    UNUSED_STATE;
    check_rules_refused("{\"type\":\"bdd\"}", "a rule of an unknown type");
    check_rules_refused("{\"type\":\"error\",\"error\":\"{Y}\"}", "unknown variable 'Y'");
    check_rules_refused("{\"type\":\"error\",\"error\":\"{X#colour}\"}",
                        "unknown attribute 'colour'");
    check_rules_refused("{\"type\":\"error\",\"error\":\"a}b\"}", "stray brace in 'a}b'");
    check_rules_refused("{\"type\":\"error\",\"conditions\":[{\"fn\":\"guess\","
                        "\"argv\":[]}],\"error\":\"\"}",
                        "unknown function 'guess'");
    check_rules_refused("{\"type\":\"error\",\"conditions\":[{\"fn\":\"not\","
                        "\"argv\":[]}],\"error\":\"\"}",
                        "'not' with a wrong number of arguments");
    check_rules_refused("{\"type\":\"error\",\"conditions\":[{\"fn\":\"isSet\","
                        "\"argv\":[{\"ref\":\"X\"}],\"assign\":\"X\"}],\"error\":\"\"}",
                        "'X' is assigned twice");
}

TEST(a_variable_ends_with_its_rule)
{
    UNUSED_STATE;
    check_rules_refused("{\"type\":\"error\",\"conditions\":[{\"fn\":\"isSet\","
                        "\"argv\":[{\"ref\":\"X\"}],\"assign\":\"V\"}],\"error\":\"a\"},"
                        "{\"type\":\"error\",\"error\":\"b\","
                        "\"conditions\":[{\"fn\":\"isSet\",\"argv\":[{\"ref\":\"V\"}]}]}",
                        "unknown variable 'V'");
}

TEST(rules_may_not_nest_without_end)
{
    UNUSED_STATE;
    struct awl_buf rules;
    awl_buf_init(&rules, 65536);
    for (int i = 0; i < 70; i++)
        awl_buf_printf(&rules, "{\"type\":\"tree\",\"conditions\":[],\"rules\":[");
    for (int i = 0; i < 70; i++)
        awl_buf_printf(&rules, "]}");
    check_rules_refused(rules.ptr, "rules nest more than 64 deep");
    awl_buf_release(&rules);
}

TEST(a_region_pattern_beyond_our_few_steps_is_refused)
{
    UNUSED_STATE;
    struct awl_compile_input input = FIXTURE_INPUT;
    input.partitions = STR("[{\"id\":\"a\",\"regionRegex\":\"^u[st].*$\"}]");
    check_refused(input, "region pattern '^u[st].*$' is too complicated");
}

TEST(types_of_protocol_tests_have_a_place)
{
    UNUSED_STATE;
    struct fixture f;
    const struct awl_compile_input input = {
        .name = STR("t"),
        .model = STR("{\"metadata\":{\"protocol\":\"rest-xml\"},\"shapes\":{"
                     "\"A\":{\"type\":\"byte\"},\"B\":{\"type\":\"character\"},"
                     "\"C\":{\"type\":\"bigdecimal\"},\"D\":{\"type\":\"short\"},"
                     "\"E\":{\"type\":\"structure\",\"members\":{\"H\":{\"shape\":\"A\","
                     "\"eventheader\":true},\"P\":{\"shape\":\"B\",\"eventpayload\":true,"
                     "\"xmlNamespace\":{\"uri\":\"u\",\"prefix\":\"p\"}}},"
                     "\"event\":true}}}")};
    fixture_open(&f, &input);
    CHECK_INT(fixture_shape(&f, "A")->type, AWL_SHAPE_INTEGER);
    CHECK_INT(fixture_shape(&f, "A")->flags, AWL_SHAPE_BYTE);
    CHECK_INT(fixture_shape(&f, "B")->type, AWL_SHAPE_STRING);
    CHECK_INT(fixture_shape(&f, "C")->type, AWL_SHAPE_DOUBLE);
    CHECK_INT(fixture_shape(&f, "D")->flags, AWL_SHAPE_SHORT);
    const struct awl_shape *event = fixture_shape(&f, "E");
    const struct awl_member *m = awl_model_members(&f.model, event);
    CHECK_INT(event->event_payload, 2);
    CHECK_INT(m[0].flags, AWL_MEMBER_EVENT_HEADER);
    CHECK_STR(
        awl_model_str(&f.model, awl_model_member_extra(&f.model, &m[1])->xml_prefix),
        "p");
    CHECK_INT(f.model.protocol, AWL_PROTOCOL_REST_XML);
    fixture_release(&f);
}

TEST_MAIN(RUN(the_same_source_gives_the_same_bytes),
          RUN(a_service_without_a_single_member_compiles),
          RUN(a_model_at_odds_with_itself_is_left_out),
          RUN(services_are_sorted_and_the_version_is_kept),
          RUN(an_alias_of_two_services_is_refused_with_both_names),
          RUN(a_service_that_is_not_understood_is_left_out_and_reported),
          RUN(a_service_with_a_text_that_is_too_long_is_left_out),
          RUN(what_is_no_source_form_is_an_error), RUN(references_must_lead_to_shapes),
          RUN(rules_that_are_not_understood_are_refused),
          RUN(a_variable_ends_with_its_rule), RUN(rules_may_not_nest_without_end),
          RUN(a_region_pattern_beyond_our_few_steps_is_refused),
          RUN(types_of_protocol_tests_have_a_place))
