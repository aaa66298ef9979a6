#include "base/utf8.h"

#include "test.h"

TEST(valid_characters_have_their_length)
{
    UNUSED_STATE;
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3}, /* the last before the surrogates */
        {"\xee\x80\x80", 3}, /* the first after them */
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4}, /* U+10FFFF */
        {"\xc3\xbc and more", 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_INT(awl_utf8_len(awl_str_of(cases[i].text)), cases[i].len);
}

TEST(invalid_bytes_have_none)
{
    UNUSED_STATE;
    static const char *const cases[] = {
        "",
        "\x80", /* a continuation alone */
        "\xbf",
        "\xc0\x80", /* overlong NUL */
        "\xc1\xbf",
        "\xe0\x9f\xbf", /* overlong */
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* a surrogate */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3", /* cut short */
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(", /* not continued */
        "\xe2(\xa1",
        "\xf0\x9f(\x80",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        CHECK_INT(awl_utf8_len(awl_str_of(cases[i])), 0);
}

TEST(bytes_beyond_the_text_are_not_looked_at)
{
    UNUSED_STATE;
    CHECK_INT(awl_utf8_len(awl_str_make("\xe2\x82\xac", 2)), 0);
    CHECK_INT(awl_utf8_len(awl_str_make(NULL, 0)), 0);
}

TEST(what_is_encoded_is_valid_and_has_that_length)
{
    UNUSED_STATE;
    static const struct {
        uint32_t code_point;
        const char *text;
    } cases[] = {
        {'a', "a"},
        {0xfc, "\xc3\xbc"},
        {0x7ff, "\xdf\xbf"},
        {0x800, "\xe0\xa0\x80"},
        {0x20ac, "\xe2\x82\xac"},
        {0xfffd, "\xef\xbf\xbd"},
        {0x1f600, "\xf0\x9f\x98\x80"},
        {0x10ffff, "\xf4\x8f\xbf\xbf"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char bytes[4];
        size_t len = awl_utf8_encode(cases[i].code_point, bytes);
        CHECK_STR(awl_str_make(bytes, len), cases[i].text);
        CHECK_INT(awl_utf8_len(awl_str_make(bytes, len)), len);
    }
}

TEST_MAIN(RUN(valid_characters_have_their_length), RUN(invalid_bytes_have_none),
          RUN(bytes_beyond_the_text_are_not_looked_at),
          RUN(what_is_encoded_is_valid_and_has_that_length))
