#include "test.h"

#include "cli/options.h"

static struct awl_options options;
static struct awl_error err;
static int next;

static enum awl_rc read_words(int argc, char **argv)
{
    awl_options_init(&options);
    return awl_options_read(&options, argc, argv, 1, &next, &err);
}

#define READ(...)                                                                        \
    read_words((int)(sizeof((char *[]){"awl", __VA_ARGS__}) / sizeof(char *)),           \
               (char *[]){"awl", __VA_ARGS__})

static void check_setting(size_t index, const char *key, const char *text)
{
    CHECK(index < options.count);
    assert_string_equal(options.settings[index].option->key, key);
    if (text == NULL)
        assert_null(options.settings[index].text);
    else
        assert_string_equal(options.settings[index].text, text);
}

TEST(both_spellings_of_a_value_are_read)
{
    UNUSED_STATE;
    CHECK_OK(READ("--region=eu-west-1", "--profile", "dev", "s.lua", "--debug"));
    CHECK_INT(options.count, 2);
    check_setting(0, "region", "eu-west-1");
    check_setting(1, "profile", "dev");
    CHECK_INT(next, 4);
}

TEST(what_follows_the_script_is_left_to_it)
{
    UNUSED_STATE;
    CHECK_OK(READ("s.lua", "--nonsense"));
    CHECK_INT(options.count, 0);
    CHECK_INT(next, 1);
}

TEST(code_ends_the_options)
{
    UNUSED_STATE;
    CHECK_OK(READ("--debug", "-e", "print(1)", "--profile"));
    assert_string_equal(options.code, "print(1)");
    CHECK_INT(next, 4);
}

TEST(a_lone_dash_is_no_option)
{
    UNUSED_STATE;
    CHECK_OK(READ("-", "x"));
    CHECK_INT(next, 1);
}

TEST(two_dashes_end_the_options)
{
    UNUSED_STATE;
    CHECK_OK(READ("--", "--debug"));
    CHECK_INT(options.count, 0);
    CHECK_INT(next, 2);
}

TEST(an_unknown_option_is_answered_with_the_nearest)
{
    UNUSED_STATE;
    CHECK_RC(READ("--profil", "x"), AWL_EINPUT);
    assert_string_equal(err.message,
                        "unknown option '--profil', did you mean '--profile'?");
}

TEST(an_option_like_no_other_is_answered_with_help)
{
    UNUSED_STATE;
    CHECK_RC(READ("-x"), AWL_EINPUT);
    assert_string_equal(err.message, "unknown option '-x'; 'awl help' lists the options");
}

TEST(a_value_that_is_missing_is_asked_for)
{
    UNUSED_STATE;
    CHECK_RC(READ("--region"), AWL_EINPUT);
    assert_string_equal(err.message, "option '--region' needs a value: NAME");
    CHECK_RC(READ("-e"), AWL_EINPUT);
}

TEST(a_flag_takes_no_value)
{
    UNUSED_STATE;
    CHECK_RC(READ("--debug=yes"), AWL_EINPUT);
}

TEST(values_are_checked_for_their_kind)
{
    UNUSED_STATE;
    CHECK_RC(READ("--max-attempts", "many"), AWL_EINPUT);
    assert_string_equal(err.message,
                        "option '--max-attempts' takes a whole number, not 'many'");
    CHECK_RC(READ("--max-attempts=-1"), AWL_EINPUT);
    CHECK_RC(READ("--read-timeout=0"), AWL_EINPUT);
    CHECK_RC(READ("--read-timeout=nan"), AWL_EINPUT);
    CHECK_RC(READ("--log=loud"), AWL_EINPUT);
    CHECK_RC(READ("--region="), AWL_EINPUT);
    CHECK_RC(READ("--local-function", "name"), AWL_EINPUT);
    CHECK_RC(READ("--local-function", "=file"), AWL_EINPUT);
    CHECK_RC(READ("--local-function", "name="), AWL_EINPUT);
    CHECK_OK(READ("--local-function", "name=file", "--log=debug", "--read-timeout=0.5"));
    CHECK_INT(options.count, 3);
}

TEST(too_many_options_are_refused)
{
    UNUSED_STATE;
    char *argv[AWL_SETTINGS_MAX + 2];
    for (int i = 0; i < AWL_SETTINGS_MAX + 2; i++)
        argv[i] = "--debug";
    CHECK(read_words(AWL_SETTINGS_MAX + 2, argv) != AWL_OK);
}

static enum awl_rc read_text(const char *text)
{
    awl_options_release(&options);
    awl_options_init(&options);
    return awl_options_read_text(&options, text, &err);
}

TEST(the_environment_s_words_are_cut_as_by_a_shell)
{
    UNUSED_STATE;
    CHECK_OK(
        read_text("  --profile 'a b'\t--ca-bundle=\"/x \\\"y\\\"\" --region e\\ u "));
    CHECK_INT(options.count, 3);
    check_setting(0, "profile", "a b");
    check_setting(1, "ca_bundle", "/x \"y\"");
    check_setting(2, "region", "e u");
    awl_options_release(&options);
}

TEST(an_empty_environment_is_fine)
{
    UNUSED_STATE;
    CHECK_OK(read_text(""));
    CHECK_OK(read_text("  "));
    CHECK_INT(options.count, 0);
    awl_options_release(&options);
}

TEST(the_environment_holds_options_only)
{
    UNUSED_STATE;
    CHECK_RC(read_text("--debug script.lua"), AWL_EINPUT);
    assert_string_equal(err.message, "AWL_OPTIONS: 'script.lua' is not an option");
    CHECK_RC(read_text("--profile 'x"), AWL_EINPUT);
    assert_string_equal(err.message, "AWL_OPTIONS: a quote is not closed");
    CHECK_RC(read_text("--regoin x"), AWL_EINPUT);
    assert_string_equal(
        err.message, "AWL_OPTIONS: unknown option '--regoin', did you mean '--region'?");
    awl_options_release(&options);
}

TEST(each_option_stands_once_in_the_table)
{
    UNUSED_STATE;
    const struct awl_option *option;
    for (size_t i = 0; (option = awl_option_at(i)) != NULL; i++)
        CHECK(awl_option_find(awl_str_of(option->name)) == option);
}

TEST_MAIN(RUN(each_option_stands_once_in_the_table),
          RUN(both_spellings_of_a_value_are_read),
          RUN(what_follows_the_script_is_left_to_it), RUN(code_ends_the_options),
          RUN(a_lone_dash_is_no_option), RUN(two_dashes_end_the_options),
          RUN(an_unknown_option_is_answered_with_the_nearest),
          RUN(an_option_like_no_other_is_answered_with_help),
          RUN(a_value_that_is_missing_is_asked_for), RUN(a_flag_takes_no_value),
          RUN(values_are_checked_for_their_kind), RUN(too_many_options_are_refused),
          RUN(the_environment_s_words_are_cut_as_by_a_shell),
          RUN(an_empty_environment_is_fine), RUN(the_environment_holds_options_only))
