#include "test.h"

#include "aws/uri.h"

typedef enum awl_rc rewriter(struct awl_buf *out, awl_str text);

static void check(rewriter *rewrite, awl_str text, const char *expected)
{
    struct awl_buf out;
    awl_buf_init(&out, 4096);
    awl_buf_append(&out, "<", 1);
    CHECK_OK(rewrite(&out, text));
    assert_true(out.len > 0 && out.ptr[0] == '<');
    CHECK_STR(awl_str_make(out.ptr + 1, out.len - 1), expected);
    awl_buf_release(&out);
}

static enum awl_rc decode_path(struct awl_buf *out, awl_str text)
{
    return awl_uri_decode(out, text, false);
}

static enum awl_rc decode_form(struct awl_buf *out, awl_str text)
{
    return awl_uri_decode(out, text, true);
}

TEST(only_unreserved_bytes_stay_in_a_component)
{
    UNUSED_STATE;
    check(awl_uri_encode, STR("AZaz09-._~"), "AZaz09-._~");
    check(awl_uri_encode, STR(" !\"#$%&'()*+,/:;<=>?@[\\]^`{|}"),
          "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60"
          "%7B%7C%7D");
    check(awl_uri_encode, STR("\xc3\xbc"), "%C3%BC");
    check(awl_uri_encode, STR("a\0b"), "a%00b");
    check(awl_uri_encode, STR(""), "");
}

TEST(a_path_keeps_its_slashes)
{
    UNUSED_STATE;
    check(awl_uri_encode_path, STR("/a b/\xc3\xbc"), "/a%20b/%C3%BC");
    check(awl_uri_encode_path, STR("/a%20b"), "/a%2520b");
}

TEST(what_is_encoded_stays_when_the_rest_is_encoded)
{
    UNUSED_STATE;
    check(awl_uri_encode_path_rest, STR("/a%20b c%2f%zz%2"), "/a%20b%20c%2f%25zz%252");
    check(awl_uri_encode_path_rest, STR("/%"), "/%25");
}

TEST(a_canonical_component_is_the_same_however_it_was_encoded)
{
    UNUSED_STATE;
    check(awl_uri_canonicalize, STR("a:b"), "a%3Ab");
    check(awl_uri_canonicalize, STR("a%3ab"), "a%3Ab");
    check(awl_uri_canonicalize, STR("%61%3A%7e"), "a%3A~");
    check(awl_uri_canonicalize, STR("a+b"), "a%2Bb");
    check(awl_uri_canonicalize, STR("%E1%88%B4\xe1\x88\xb4"), "%E1%88%B4%E1%88%B4");
    check(awl_uri_canonicalize, STR("50%"), "50%25");
}

TEST(decoding_leaves_alone_what_is_no_triplet)
{
    UNUSED_STATE;
    check(decode_path, STR("a%20b+c%2Fd"), "a b+c/d");
    check(decode_form, STR("a%20b+c%2Bd"), "a b c+d");
    check(decode_path, STR("%"), "%");
    check(decode_path, STR("%4"), "%4");
    check(decode_path, STR("%4g%%41"), "%4g%A");
    check(decode_path, STR("%C3%bc"), "\xc3\xbc");
    CHECK_INT(awl_uri_decoded_len(STR("%4g%%41")), 5);
    CHECK_INT(awl_uri_decoded_len(STR("a%20b")), 3);
}

TEST(dot_segments_and_double_slashes_go)
{
    UNUSED_STATE;
    static const char *const pairs[][2] = {
        {"/", "/"},
        {"", "/"},
        {"//", "/"},
        {"/./", "/"},
        {"/a/..", "/"},
        {"/a/../", "/"},
        {"/a/b/..", "/a"},
        {"/a/b/../", "/a/"},
        {"/a/./b", "/a/b"},
        {"//a//b//", "/a/b/"},
        {"/../../a", "/a"},
        {"/a/../..", "/"},
        {"/...", "/..."},
        {"/.a/..b", "/.a/..b"},
        {"/a/b/../../c", "/c"},
        {"/%2e/a", "/%2e/a"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        check(awl_uri_normalize_path, awl_str_of(pairs[i][0]), pairs[i][1]);
}

TEST(a_path_called_normal_does_not_change)
{
    UNUSED_STATE;
    static const char *const normal[] = {"/", "/a", "/a/", "/a/b.c", "/a./b"};
    static const char *const not_normal[] = {"",      "//",      "/.", "/..",
                                             "/a//b", "/a/../b", "a"};
    for (size_t i = 0; i < sizeof normal / sizeof normal[0]; i++) {
        CHECK(awl_uri_path_is_normal(awl_str_of(normal[i])));
        check(awl_uri_normalize_path, awl_str_of(normal[i]), normal[i]);
    }
    for (size_t i = 0; i < sizeof not_normal / sizeof not_normal[0]; i++)
        CHECK(!awl_uri_path_is_normal(awl_str_of(not_normal[i])));
}

TEST(a_query_comes_apart_into_pairs)
{
    UNUSED_STATE;
    awl_str query = STR("a=1&&b&c=&=d&e=f=g&"), key, value;
    static const char *const pairs[][2] = {
        {"a", "1"}, {"b", ""}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        CHECK(awl_query_next(&query, &key, &value));
        CHECK_STR(key, pairs[i][0]);
        CHECK_STR(value, pairs[i][1]);
        assert_int_equal(value.ptr == NULL, i == 1);
    }
    CHECK(!awl_query_next(&query, &key, &value));
    CHECK(!awl_query_next(&query, &key, &value));
}

TEST(a_parameter_is_found_by_its_decoded_name)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_str query = STR("x=0&a%62c=1+%2B&abc=2");
    awl_buf_init(&out, 64);
    CHECK_OK(awl_query_get(query, STR("abc"), &out));
    CHECK_BUF(&out, "1 +");
    CHECK_RC(awl_query_get(query, STR("ab"), &out), AWL_ENOTFOUND);
    CHECK_RC(awl_query_get(query, STR("abcd"), &out), AWL_ENOTFOUND);
    awl_buf_release(&out);
}

TEST(the_buffers_limit_is_reported)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_buf_init(&out, 5);
    CHECK_RC(awl_uri_encode(&out, STR("a  b")), AWL_ELIMIT);
    awl_buf_release(&out);
    awl_buf_init(&out, 2);
    CHECK_RC(awl_uri_normalize_path(&out, STR("/abc/d")), AWL_ELIMIT);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(only_unreserved_bytes_stay_in_a_component), RUN(a_path_keeps_its_slashes),
          RUN(what_is_encoded_stays_when_the_rest_is_encoded),
          RUN(a_canonical_component_is_the_same_however_it_was_encoded),
          RUN(decoding_leaves_alone_what_is_no_triplet),
          RUN(dot_segments_and_double_slashes_go),
          RUN(a_path_called_normal_does_not_change), RUN(a_query_comes_apart_into_pairs),
          RUN(a_parameter_is_found_by_its_decoded_name),
          RUN(the_buffers_limit_is_reported))
