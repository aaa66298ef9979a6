#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

/* What one call wrote on stderr; at most `size` - 1 bytes. */
static void capture(char *out, size_t size, enum awl_log_level level, const char *text)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    CHECK(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    awl_log(level, "topic", "%s", text);
    fflush(stderr);
    CHECK(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    rewind(file);
    size_t len = fread(out, 1, size - 1, file);
    out[len] = '\0';
    fclose(file);
}

TEST(levels_are_known_by_their_words)
{
    UNUSED_STATE;
    enum awl_log_level level = AWL_LOG_OFF;
    CHECK(awl_log_level_parse("debug", &level));
    CHECK_INT(level, AWL_LOG_DEBUG);
    CHECK(awl_log_level_parse("off", &level));
    CHECK_INT(level, AWL_LOG_OFF);
    CHECK(!awl_log_level_parse("Debug", &level));
    CHECK(!awl_log_level_parse("", &level));
    CHECK(!awl_log_level_parse("warning", &level));
    CHECK_INT(level, AWL_LOG_OFF);
}

TEST(an_event_is_one_line_with_its_level_and_topic)
{
    UNUSED_STATE;
    char out[200];
    capture(out, sizeof(out), AWL_LOG_WARN, "slow answer");
    assert_string_equal(out, "awl: warn topic: slow answer\n");
}

TEST(what_is_below_the_threshold_is_not_written)
{
    UNUSED_STATE;
    char out[200];
    CHECK(!awl_log_enabled(AWL_LOG_INFO));
    capture(out, sizeof(out), AWL_LOG_INFO, "nothing");
    assert_string_equal(out, "");
    awl_log_threshold = AWL_LOG_OFF;
    capture(out, sizeof(out), AWL_LOG_ERROR, "nothing");
    assert_string_equal(out, "");
    capture(out, sizeof(out), AWL_LOG_OFF, "nothing");
    assert_string_equal(out, "");
    awl_log_threshold = AWL_LOG_DEBUG;
    capture(out, sizeof(out), AWL_LOG_DEBUG, "all");
    assert_string_equal(out, "awl: debug topic: all\n");
    awl_log_threshold = AWL_LOG_WARN;
}

TEST(a_remote_text_cannot_forge_a_line_or_move_the_cursor)
{
    UNUSED_STATE;
    char out[200];
    capture(out, sizeof(out), AWL_LOG_ERROR, "a\r\nawl: error x: b\x1b[2Jc\x7f");
    assert_string_equal(out,
                        "awl: error topic: a\\x0d\\x0aawl: error x: b\\x1b[2Jc\\x7f\n");
}

TEST(a_text_that_is_too_long_is_cut_and_still_ends_its_line)
{
    UNUSED_STATE;
    static char text[20000], out[30000];
    memset(text, '\n', sizeof(text) - 1); /* each takes four bytes */
    capture(out, sizeof(out), AWL_LOG_ERROR, text);
    size_t len = strlen(out);
    CHECK(len > 4000 && len < 4200);
    CHECK(strchr(out, '\n') == out + len - 1);
}

TEST_MAIN(RUN(levels_are_known_by_their_words),
          RUN(an_event_is_one_line_with_its_level_and_topic),
          RUN(what_is_below_the_threshold_is_not_written),
          RUN(a_remote_text_cannot_forge_a_line_or_move_the_cursor),
          RUN(a_text_that_is_too_long_is_cut_and_still_ends_its_line))
