#include "base/json.h"

#include <float.h>
#include <math.h>

#include "test.h"

/* The tokens of a text as letters: { } [ ] k(ey) s(tring) n(umber) t f z(null), and
 * at the end . for END or ! for ERROR. */
static void tokens_of(awl_str input, struct awl_buf *out)
{
    static const char letters[] = {
        [AWL_JSON_END] = '.',          [AWL_JSON_ERROR] = '!',
        [AWL_JSON_OBJECT_BEGIN] = '{', [AWL_JSON_OBJECT_END] = '}',
        [AWL_JSON_ARRAY_BEGIN] = '[',  [AWL_JSON_ARRAY_END] = ']',
        [AWL_JSON_KEY] = 'k',          [AWL_JSON_STRING] = 's',
        [AWL_JSON_NUMBER] = 'n',       [AWL_JSON_TRUE] = 't',
        [AWL_JSON_FALSE] = 'f',        [AWL_JSON_NULL] = 'z',
    };
    struct awl_json_reader reader;
    enum awl_json_token token;

    awl_buf_clear(out);
    awl_json_reader_init(&reader, input);
    do {
        token = awl_json_next(&reader);
        awl_buf_append_char(out, letters[token]);
    } while (token != AWL_JSON_END && token != AWL_JSON_ERROR);
}

/* The last token of a text: whether it is JSON. */
static bool is_json(awl_str input)
{
    struct awl_buf out;
    awl_buf_init(&out, 1 << 20);
    tokens_of(input, &out);
    bool good = out.ptr[out.len - 1] == '.';
    awl_buf_release(&out);
    return good;
}

TEST(values_come_as_tokens_and_keys_before_their_values)
{
    UNUSED_STATE;
    static const struct {
        const char *text, *tokens;
    } cases[] = {
        {"{}", "{}."},
        {"[]", "[]."},
        {" [ ] ", "[]."},
        {"\t\r\n true \n", "t."},
        {"null", "z."},
        {"\"a\"", "s."},
        {"-0.5e+10", "n."},
        {"{\"a\":1,\"b\":[true,false,null,\"x\"]}", "{knk[tfzs]}."},
        {"[[],{},[{}]]", "[[]{}[{}]]."},
        {"{\"a\":{\"a\":{}}}", "{k{k{}}}."},
    };
    struct awl_buf out;
    awl_buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        tokens_of(awl_str_of(cases[i].text), &out);
        CHECK_BUF(&out, cases[i].tokens);
    }
    awl_buf_release(&out);
}

TEST(what_rfc_8259_does_not_allow_is_refused)
{
    UNUSED_STATE;
    static const char *const cases[] = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{,}",
        "{\"a\":1]",
        "{\"a\":1 \"b\":2}",
        "]",
        "}",
        "1 2",
        "{} {}",
        "[]]",
        "nul",
        "True",
        "nulll",
        "truefalse",
        "undefined",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"",
        "\"\\\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\",
        "\"a\nb\"",
        "\"\t\"",
        "01",
        "-",
        "-01",
        "+1",
        ".5",
        "1.",
        "1.e5",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "--1",
        "- 1",
        "/**/1",
        "// a\n1",
        "\xef\xbb\xbf{}",
        "\v1",
        "\2401",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (is_json(awl_str_of(cases[i]))) {
            print_error("taken for JSON: %s\n", cases[i]);
            fail();
        }
    CHECK(!is_json(STR("1\0")));
    CHECK(!is_json(STR("\0")));
    CHECK(!is_json(STR("\"a\0b\"")));
    CHECK(!is_json(awl_str_make(NULL, 0)));
}

TEST(numbers_are_kept_as_they_stand)
{
    UNUSED_STATE;
    static const struct {
        const char *text;
        bool integral;
    } cases[] = {
        {"0", true},
        {"-0", true},
        {"12345678901234567890123", true},
        {"9223372036854775807", true},
        {"1.0", false},
        {"0.10", false},
        {"1E5", false},
        {"-1.5e-300", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_json_reader reader;
        awl_json_reader_init(&reader, awl_str_of(cases[i].text));
        CHECK_INT(awl_json_next(&reader), AWL_JSON_NUMBER);
        CHECK_STR(reader.text, cases[i].text);
        CHECK(reader.integral == cases[i].integral);
        CHECK_INT(awl_json_next(&reader), AWL_JSON_END);
    }
}

TEST(strings_are_slices_that_say_whether_they_have_escapes)
{
    UNUSED_STATE;
    struct awl_json_reader reader;
    awl_json_reader_init(&reader, STR("{\"k\\u00e9\":\"plain \xc3\xbc\"}"));
    CHECK_INT(awl_json_next(&reader), AWL_JSON_OBJECT_BEGIN);
    CHECK_INT(awl_json_next(&reader), AWL_JSON_KEY);
    CHECK_STR(reader.text, "k\\u00e9");
    CHECK(reader.escaped);
    CHECK_INT(awl_json_next(&reader), AWL_JSON_STRING);
    CHECK_STR(reader.text, "plain \xc3\xbc");
    CHECK(!reader.escaped);
}

TEST(text_that_is_not_utf8_is_refused)
{
    UNUSED_STATE;
    static const char *const cases[] = {
        "\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xe2\x82\"",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK(!is_json(awl_str_of(cases[i])));
    CHECK(is_json(STR("\"\xf0\x9f\x98\x80\"")));
}

TEST(escapes_resolve_to_their_characters)
{
    UNUSED_STATE;
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00fc\\u20AC", "A\xc3\xbc\xe2\x82\xac"},
        {"a\\ud83d\\ude00b", "a\xf0\x9f\x98\x80"
                             "b"},
        /* A surrogate without its partner stands for nothing. */
        {"\\ud83d", "\xef\xbf\xbd"},
        {"\\ude00", "\xef\xbf\xbd"},
        {"\\ud83dx", "\xef\xbf\xbdx"},
        {"\\ud83d\\n", "\xef\xbf\xbd\n"},
        {"\\ud83d\\u0041", "\xef\xbf\xbd"
                           "A"},
        {"\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_buf out;
        awl_buf_init(&out, 100);
        CHECK_OK(awl_json_unescape(&out, awl_str_of(cases[i].text)));
        CHECK_BUF(&out, cases[i].plain);
        awl_buf_release(&out);
    }
}

TEST(an_escaped_nul_is_a_byte_of_the_text)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_buf_init(&out, 100);
    CHECK_OK(awl_json_unescape(&out, STR("a\\u0000b")));
    CHECK_INT(out.len, 3);
    CHECK(memcmp(out.ptr, "a\0b", 3) == 0);
    awl_buf_release(&out);
}

TEST(unescaping_stops_at_the_buffers_limit)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_buf_init(&out, 3);
    CHECK_RC(awl_json_unescape(&out, STR("ab\\u20ac")), AWL_ELIMIT);
    awl_buf_release(&out);
}

static bool nested(size_t depth)
{
    struct awl_buf text;
    awl_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < depth; i++)
        awl_buf_append_str(&text, i % 2 == 0 ? STR("[") : STR("{\"a\":"));
    awl_buf_append_str(&text, STR("1"));
    for (size_t i = depth; i-- > 0;)
        awl_buf_append_str(&text, i % 2 == 0 ? STR("]") : STR("}"));
    bool good = is_json(awl_buf_str(&text));
    awl_buf_release(&text);
    return good;
}

TEST(depth_has_a_limit)
{
    UNUSED_STATE;
    CHECK(nested(AWL_JSON_DEPTH_MAX));
    CHECK(!nested(AWL_JSON_DEPTH_MAX + 1));
    CHECK(!nested(100000));
}

TEST(an_error_says_where_and_stays)
{
    UNUSED_STATE;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"a\" 1}", "invalid JSON at byte 6: expected ':'"},
        {"[1 2]", "invalid JSON at byte 4: expected ',' or ']'"},
        {"[1", "invalid JSON at byte 3: ends too early"},
        {"[1]x", "invalid JSON at byte 4: something after the value"},
        {"[\"\x01\"]", "invalid JSON at byte 3: control character in a string"},
        {"[\"\\q\"]", "invalid JSON at byte 3: bad escape"},
        {"[\"\xff\"]", "invalid JSON at byte 3: not UTF-8"},
        {"[01]", "invalid JSON at byte 2: bad number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_json_reader reader;
        struct awl_error err = AWL_ERROR_INIT;
        enum awl_json_token token;
        awl_json_reader_init(&reader, awl_str_of(cases[i].text));
        do
            token = awl_json_next(&reader);
        while (token != AWL_JSON_ERROR && token != AWL_JSON_END);
        CHECK_INT(token, AWL_JSON_ERROR);
        CHECK_RC(awl_json_error(&reader, &err), AWL_EPARSE);
        assert_string_equal(err.message, cases[i].message);
        CHECK_INT(awl_json_next(&reader), AWL_JSON_ERROR);
        awl_json_error(&reader, &err);
        assert_string_equal(err.message, cases[i].message);
    }
}

TEST(skipping_passes_over_a_whole_value)
{
    UNUSED_STATE;
    struct awl_json_reader reader;
    awl_json_reader_init(&reader, STR("[{\"a\":[1,{\"b\":[]}],\"c\":{}},\"x\",[],5]"));
    CHECK_INT(awl_json_next(&reader), AWL_JSON_ARRAY_BEGIN);
    CHECK_OK(awl_json_skip(&reader, awl_json_next(&reader)));
    CHECK_OK(awl_json_skip(&reader, awl_json_next(&reader)));
    CHECK_OK(awl_json_skip(&reader, awl_json_next(&reader)));
    CHECK_INT(awl_json_next(&reader), AWL_JSON_NUMBER);
    CHECK_STR(reader.text, "5");
    CHECK_INT(awl_json_next(&reader), AWL_JSON_ARRAY_END);
    CHECK_INT(awl_json_next(&reader), AWL_JSON_END);
}

TEST(skipping_a_damaged_value_fails)
{
    UNUSED_STATE;
    struct awl_json_reader reader;
    awl_json_reader_init(&reader, STR("[[1,2"));
    CHECK_INT(awl_json_next(&reader), AWL_JSON_ARRAY_BEGIN);
    CHECK_RC(awl_json_skip(&reader, awl_json_next(&reader)), AWL_EPARSE);
    CHECK_RC(awl_json_skip(&reader, awl_json_next(&reader)), AWL_EPARSE);
}

TEST(written_strings_are_escaped_and_always_utf8)
{
    UNUSED_STATE;
    static const struct {
        awl_str text;
        const char *json;
    } cases[] = {
        {STR(""), "\"\""},
        {STR("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
        {STR("\n\r\t\b\x01\x1f"), "\"\\n\\r\\t\\u0008\\u0001\\u001f\""},
        {STR("\0"), "\"\\u0000\""},
        {STR("\x7f\xc3\xbc\xf0\x9f\x98\x80"), "\"\x7f\xc3\xbc\xf0\x9f\x98\x80\""},
        {STR("a\xff"
             "b"),
         "\"a\xef\xbf\xbd"
         "b\""},
        {STR("\xc3"), "\"\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_buf out;
        awl_buf_init(&out, 100);
        CHECK_OK(awl_json_append_string(&out, cases[i].text));
        CHECK_BUF(&out, cases[i].json);
        CHECK(is_json(awl_buf_str(&out)));
        awl_buf_release(&out);
    }
}

TEST(every_byte_comes_back_from_a_written_string)
{
    UNUSED_STATE;
    char bytes[128];
    struct awl_buf json, back;
    struct awl_json_reader reader;
    for (int i = 0; i < 128; i++)
        bytes[i] = (char)i;
    awl_buf_init(&json, 4096);
    awl_buf_init(&back, 4096);
    CHECK_OK(awl_json_append_string(&json, awl_str_make(bytes, sizeof(bytes))));
    awl_json_reader_init(&reader, awl_buf_str(&json));
    CHECK_INT(awl_json_next(&reader), AWL_JSON_STRING);
    CHECK_OK(awl_json_unescape(&back, reader.text));
    CHECK_INT(back.len, sizeof(bytes));
    CHECK(memcmp(back.ptr, bytes, sizeof(bytes)) == 0);
    awl_buf_release(&json);
    awl_buf_release(&back);
}

TEST(floats_are_written_as_short_as_they_read_back)
{
    UNUSED_STATE;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1e100, "1e+100"},
        {100000, "100000.0"},
        {0.30000000000000004, "0.30000000000000004"},
        {DBL_MAX, "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct awl_buf out;
        double back;
        awl_buf_init(&out, 100);
        CHECK_OK(awl_json_append_double(&out, cases[i].value));
        CHECK_BUF(&out, cases[i].text);
        CHECK(awl_str_to_double(awl_buf_str(&out), &back));
        CHECK(memcmp(&back, &cases[i].value, sizeof(back)) == 0);
        awl_buf_release(&out);
    }
}

TEST(what_json_cannot_say_is_refused)
{
    UNUSED_STATE;
    struct awl_buf out;
    awl_buf_init(&out, 100);
    CHECK_RC(awl_json_append_double(&out, (double)NAN), AWL_EINPUT);
    CHECK_RC(awl_json_append_double(&out, (double)INFINITY), AWL_EINPUT);
    CHECK_RC(awl_json_append_double(&out, -(double)INFINITY), AWL_EINPUT);
    CHECK_INT(out.len, 0);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(values_come_as_tokens_and_keys_before_their_values),
          RUN(what_rfc_8259_does_not_allow_is_refused),
          RUN(numbers_are_kept_as_they_stand),
          RUN(strings_are_slices_that_say_whether_they_have_escapes),
          RUN(text_that_is_not_utf8_is_refused), RUN(escapes_resolve_to_their_characters),
          RUN(an_escaped_nul_is_a_byte_of_the_text),
          RUN(unescaping_stops_at_the_buffers_limit), RUN(depth_has_a_limit),
          RUN(an_error_says_where_and_stays), RUN(skipping_passes_over_a_whole_value),
          RUN(skipping_a_damaged_value_fails),
          RUN(written_strings_are_escaped_and_always_utf8),
          RUN(every_byte_comes_back_from_a_written_string),
          RUN(floats_are_written_as_short_as_they_read_back),
          RUN(what_json_cannot_say_is_refused))
