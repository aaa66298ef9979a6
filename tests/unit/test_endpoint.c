/* tests/unit/test_endpoint.c - registered as unit.endpoint */
#include "model_fixture.h"

enum { REGION, SECURE, BUCKET, MANY, PARAMETERS };

struct resolved {
    struct fixture f;
    struct awl_endpoint_value values[PARAMETERS];
    struct awl_endpoint endpoint;
    struct awl_error err;
};

static void text(struct awl_endpoint_value *value, const char *string)
{
    value->type = AWL_ENDPOINT_STRING;
    value->string = awl_str_of(string);
}

static void setup(struct resolved *r)
{
    *r = (struct resolved){.err = AWL_ERROR_INIT};
    fixture_init(&r->f);
    awl_endpoint_init(&r->endpoint);
    text(&r->values[REGION], "eu-west-1");
}

static void teardown(struct resolved *r)
{
    awl_endpoint_release(&r->endpoint);
    fixture_release(&r->f);
}

static enum awl_rc resolve(struct resolved *r)
{
    return awl_endpoint_resolve(&r->f.model, r->values, &r->endpoint, &r->err);
}

TEST(parameters_are_listed_with_their_built_ins)
{
    UNUSED_STATE;
    struct resolved r;
    struct awl_endpoint_parameter p;
    setup(&r);
    CHECK_INT(awl_endpoint_parameter_count(&r.f.model), PARAMETERS);
    awl_endpoint_parameter(&r.f.model, REGION, &p);
    CHECK_STR(p.name, "Region");
    CHECK_STR(p.built_in, "AWS::Region");
    CHECK(p.required && !p.has_default);
    awl_endpoint_parameter(&r.f.model, MANY, &p);
    CHECK_INT(p.type, AWL_ENDPOINT_STRING_ARRAY);
    CHECK(p.has_default);
    CHECK_INT(awl_endpoint_parameter_find(&r.f.model, STR("Bucket")), BUCKET);
    CHECK_INT(awl_endpoint_parameter_find(&r.f.model, STR("bucket")), AWL_MODEL_NONE);
    teardown(&r);
}

TEST(defaults_fill_what_is_not_given)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    CHECK_OK(resolve(&r));
    CHECK_STR(r.endpoint.url, "https://shelf.eu-west-1.amazonaws.com");
    CHECK_STR(r.endpoint.properties, "{}");
    CHECK_INT(r.endpoint.auth_scheme_count, 0);
    CHECK_INT(r.endpoint.headers.count, 0);
    teardown(&r);
}

TEST(a_missing_required_parameter_is_named)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    r.values[REGION].type = AWL_ENDPOINT_UNSET;
    CHECK_RC(resolve(&r), AWL_ECONFIG);
    CHECK_STR(awl_str_of(r.err.message),
              "cannot resolve the endpoint: parameter 'Region' is required");
    teardown(&r);
}

TEST(a_value_of_a_wrong_type_is_refused)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    r.values[REGION].type = AWL_ENDPOINT_BOOLEAN;
    CHECK_RC(resolve(&r), AWL_EINPUT);
    teardown(&r);
}

TEST(an_error_rule_speaks_in_its_own_words)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    r.values[SECURE].type = AWL_ENDPOINT_BOOLEAN;
    CHECK_RC(resolve(&r), AWL_ECONFIG);
    CHECK_STR(awl_str_of(r.err.message), "not secure: {eu-west-1}");
    CHECK_STR(r.endpoint.url, "");
    teardown(&r);
}

TEST(no_rule_that_applies_is_an_error)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    r.values[MANY].type = AWL_ENDPOINT_STRING_ARRAY;
    CHECK_RC(resolve(&r), AWL_ECONFIG);
    CHECK_STR(awl_str_of(r.err.message), "cannot resolve the endpoint: no rule applies");
    teardown(&r);
}

TEST(a_failed_condition_goes_on_to_the_next_rule)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    text(&r.values[BUCKET], "abcdef");
    CHECK_OK(resolve(&r));
    CHECK_STR(r.endpoint.url, "https://def.aws");
    text(&r.values[BUCKET], "ab"); /* too short for the substring */
    CHECK_OK(resolve(&r));
    CHECK_STR(r.endpoint.url, "https://shelf.eu-west-1.amazonaws.com");
    teardown(&r);
}

TEST(properties_become_auth_schemes_headers_and_json)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    text(&r.values[BUCKET], "arn:aws:books:eu-west-1:123456789012:shelf:top");
    CHECK_OK(resolve(&r));
    CHECK_STR(r.endpoint.url, "https://top.amazonaws.com");
    CHECK_STR(r.endpoint.backend, "S3Express");
    CHECK_INT(r.endpoint.auth_scheme_count, 2);
    CHECK_STR(r.endpoint.auth_schemes[0].name, "sigv4a");
    CHECK_STR(r.endpoint.auth_schemes[0].signing_name, "books");
    CHECK_STR(r.endpoint.auth_schemes[0].signing_region, "*,eu-west-1");
    CHECK(r.endpoint.auth_schemes[0].disable_double_encoding);
    CHECK_STR(r.endpoint.auth_schemes[1].signing_name, "");
    CHECK_STR(r.endpoint.auth_schemes[1].signing_region, "eu-west-1");
    CHECK(!r.endpoint.auth_schemes[1].disable_double_encoding);
    CHECK_STR(r.endpoint.properties,
              "{\"authSchemes\":[{\"name\":\"sigv4a\",\"signingName\":\"books\","
              "\"signingRegionSet\":[\"*\",\"eu-west-1\"],"
              "\"disableDoubleEncoding\":true},{\"name\":\"sigv4\","
              "\"signingRegion\":\"eu-west-1\"}],\"backend\":\"S3Express\","
              "\"n\":{\"deep\":[1,false]}}");
    CHECK_INT(r.endpoint.headers.count, 2);
    CHECK_STR(awl_headers_value(&r.endpoint.headers, 0), "123456789012");
    CHECK_STR(awl_headers_value(&r.endpoint.headers, 1), "2");
    teardown(&r);
}

TEST(an_endpoint_may_be_used_again)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    text(&r.values[BUCKET], "arn:aws:books:eu-west-1:123456789012:shelf:top");
    CHECK_OK(resolve(&r));
    r.values[BUCKET].type = AWL_ENDPOINT_UNSET;
    CHECK_OK(resolve(&r));
    CHECK_STR(r.endpoint.backend, "");
    CHECK_INT(r.endpoint.auth_scheme_count, 0);
    CHECK_INT(r.endpoint.headers.count, 0);
    teardown(&r);
}

TEST(a_header_value_that_may_not_be_sent_is_refused)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    text(&r.values[BUCKET], "arn:aws:books:eu-west-1:12\r\nx: 1:shelf:top");
    CHECK_RC(resolve(&r), AWL_ECONFIG);
    teardown(&r);
}

TEST(a_value_of_any_length_is_safe)
{
    UNUSED_STATE;
    struct resolved r;
    setup(&r);
    struct awl_buf region;
    awl_buf_init(&region, 1 << 20);
    for (int i = 0; i < 1 << 18; i++)
        awl_buf_append_char(&region, 'x');
    text(&r.values[REGION], region.ptr);
    CHECK(resolve(&r) != AWL_OK);
    CHECK_STR(r.endpoint.url, "");
    awl_buf_release(&region);
    teardown(&r);
}

TEST(an_operation_sets_parameters_by_itself)
{
    UNUSED_STATE;
    struct resolved r;
    struct awl_endpoint_binding b;
    setup(&r);
    const struct awl_operation *op = fixture_operation(&r.f, "PutBook");
    CHECK_INT(awl_endpoint_binding_count(&r.f.model, fixture_operation(&r.f, "ListURLs")),
              0);
    CHECK_INT(awl_endpoint_binding_count(&r.f.model, op), 4);
    awl_endpoint_binding(&r.f.model, op, 0, &b);
    CHECK_STR(b.parameter, "Secure");
    CHECK(b.value.type == AWL_ENDPOINT_BOOLEAN && b.value.boolean);
    awl_endpoint_binding(&r.f.model, op, 1, &b);
    CHECK_STR(b.value.string, "k");
    awl_endpoint_binding(&r.f.model, op, 2, &b);
    CHECK_INT(b.value.string_count, 2);
    CHECK_STR(b.value.strings[1], "q");
    awl_endpoint_binding(&r.f.model, op, 3, &b);
    CHECK_STR(b.path, "keys(Map)");
    CHECK_INT(b.value.type, AWL_ENDPOINT_UNSET);
    teardown(&r);
}

TEST(a_partition_is_found_by_list_then_by_pattern_then_is_the_first)
{
    UNUSED_STATE;
    struct resolved r;
    struct awl_partition p;
    setup(&r);
    static const char *const cases[][2] = {
        {"us-east-1", "aws"},   {"aws-global", "aws"}, {"cn-north-1", "aws-cn"},
        {"us-odd", "aws-cn"},   {"cn-north-x", "aws"}, {"cn-north-12", "aws-cn"},
        {"xcn-north-1", "aws"}, {"cn--1", "aws"},      {"", "aws"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        awl_partition_of_region(&r.f.model.partitions, awl_str_of(cases[i][0]), &p);
        CHECK_STR(p.name, cases[i][1]);
    }
    awl_partition_of_region(&r.f.model.partitions, STR("cn-north-1"), &p);
    CHECK_STR(p.dns_suffix, "amazonaws.com.cn");
    CHECK(p.supports_fips && !p.supports_dual_stack);
    teardown(&r);
}

TEST(a_service_without_rules_says_so)
{
    UNUSED_STATE;
    struct awl_compile_input input = FIXTURE_INPUT;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_endpoint endpoint;
    struct fixture f;
    input.rules = STR("");
    fixture_open(&f, &input);
    awl_endpoint_init(&endpoint);
    CHECK_INT(awl_endpoint_parameter_count(&f.model), 0);
    CHECK_RC(awl_endpoint_resolve(&f.model, NULL, &endpoint, &err), AWL_ECONFIG);
    CHECK_STR(awl_str_of(err.message), "service 'shelf' has no endpoint rules");
    awl_endpoint_release(&endpoint);
    fixture_release(&f);
}

/* ---- functions of rules that AWS's own rule sets do not use yet ---- */

/* What the URL of a rule set with this one condition becomes; X is a string. */
static void check_function(const char *condition, const char *x, const char *url)
{
    struct awl_buf rules;
    struct awl_compile_input input = FIXTURE_INPUT;
    struct awl_endpoint_value values[1] = {{.type = AWL_ENDPOINT_UNSET}};
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_endpoint endpoint;
    struct fixture f;
    awl_buf_init(&rules, 65536);
    awl_buf_printf(&rules,
                   "{\"parameters\":{\"X\":{\"type\":\"string\"}},\"rules\":["
                   "{\"type\":\"endpoint\",\"conditions\":[%s],"
                   "\"endpoint\":{\"url\":\"{V}\"}},"
                   "{\"type\":\"endpoint\",\"conditions\":[],"
                   "\"endpoint\":{\"url\":\"none\"}}]}",
                   condition);
    input.rules = awl_buf_str(&rules);
    fixture_open(&f, &input);
    awl_endpoint_init(&endpoint);
    if (x != NULL)
        text(&values[0], x);
    CHECK_OK(awl_endpoint_resolve(&f.model, values, &endpoint, &err));
    CHECK_STR(endpoint.url, url);
    awl_endpoint_release(&endpoint);
    fixture_release(&f);
    awl_buf_release(&rules);
}

#define SPLIT(limit, at)                                                                 \
    "{\"fn\":\"split\",\"argv\":[{\"ref\":\"X\"},\"--\"," limit "],\"assign\":\"L\"},"   \
    "{\"fn\":\"getAttr\",\"argv\":[{\"ref\":\"L\"},\"[" at "]\"],\"assign\":\"V\"}"

TEST(split_divides_a_text)
{
    UNUSED_STATE;
    check_function(SPLIT("0", "0"), "a--b--c", "a");
    check_function(SPLIT("0", "2"), "a--b--c", "c");
    check_function(SPLIT("2", "1"), "a--b--c", "b--c");
    check_function(SPLIT("1", "0"), "a--b--c", "a--b--c");
    check_function(SPLIT("0", "1"), "--", "");
    check_function(SPLIT("0", "3"), "a--b--c", "none");
    check_function(SPLIT("0", "-1"), "a--b--c", "c");
    check_function(SPLIT("0", "-4"), "a--b--c", "none");
    check_function(SPLIT("0", "0"), NULL, "none");
}

TEST(coalesce_takes_the_first_that_is_set)
{
    UNUSED_STATE;
    static const char condition[] =
        "{\"fn\":\"coalesce\",\"argv\":[{\"ref\":\"X\"},\"y\"],\"assign\":\"V\"}";
    check_function(condition, "x", "x");
    check_function(condition, NULL, "y");
}

TEST(ite_chooses_by_a_condition)
{
    UNUSED_STATE;
    static const char condition[] =
        "{\"fn\":\"ite\",\"argv\":[{\"fn\":\"stringEquals\",\"argv\":[{\"ref\":\"X\"},"
        "\"a\"]},\"same\",\"other\"],\"assign\":\"V\"}";
    check_function(condition, "a", "same");
    check_function(condition, "b", "other");
}

TEST_MAIN(RUN(parameters_are_listed_with_their_built_ins),
          RUN(defaults_fill_what_is_not_given),
          RUN(a_missing_required_parameter_is_named),
          RUN(a_value_of_a_wrong_type_is_refused),
          RUN(an_error_rule_speaks_in_its_own_words),
          RUN(no_rule_that_applies_is_an_error),
          RUN(a_failed_condition_goes_on_to_the_next_rule),
          RUN(properties_become_auth_schemes_headers_and_json),
          RUN(an_endpoint_may_be_used_again),
          RUN(a_header_value_that_may_not_be_sent_is_refused),
          RUN(a_value_of_any_length_is_safe), RUN(an_operation_sets_parameters_by_itself),
          RUN(a_partition_is_found_by_list_then_by_pattern_then_is_the_first),
          RUN(a_service_without_rules_says_so), RUN(split_divides_a_text),
          RUN(coalesce_takes_the_first_that_is_set), RUN(ite_chooses_by_a_condition))
