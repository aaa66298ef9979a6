/* test_input.c - reading descriptors of every kind. */
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "loop/input.h"
#include "test.h"

static struct awl_clock clock_of_test;

static struct awl_loop *loop_new(void)
{
    awl_clock_init(&clock_of_test);
    return awl_loop_new(&clock_of_test);
}

static void loop_release(struct awl_loop *loop)
{
    while (awl_loop_turn(loop, true))
        ;
    awl_loop_free(loop);
}

static void fill(struct awl_loop *loop, struct awl_input *input)
{
    CHECK_OK(awl_input_fill(input, NULL));
    while (!awl_input_waitable(input)->signaled)
        CHECK(awl_loop_turn(loop, true));
}

/* Writes to `end`, reads from `fd`, and sees the end when `end` is closed. */
static void check_stream(int fd, int end, bool owned)
{
    struct awl_loop *loop = loop_new();
    struct awl_input *input = awl_input_new(loop, fd, owned, 1000, NULL);
    assert_non_null(input);
    CHECK_INT(write(end, "one\n", 4), 4);
    fill(loop, input);
    CHECK_STR(awl_input_bytes(input), "one\n");
    awl_input_take(input, 2);
    CHECK_INT(write(end, "two\n", 4), 4);
    fill(loop, input);
    CHECK_STR(awl_input_bytes(input), "e\ntwo\n");
    awl_input_take(input, 100);
    CHECK_INT(awl_input_bytes(input).len, 0);
    close(end);
    fill(loop, input);
    CHECK(awl_input_ended(input));
    awl_input_free(input);
    loop_release(loop);
}

TEST(a_pipe_is_read_to_its_end)
{
    UNUSED_STATE;
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    check_stream(ends[0], ends[1], true);
    CHECK_INT(fcntl(ends[0], F_GETFD), -1); /* it was the input's */
}

TEST(a_descriptor_of_another_gets_its_mode_back)
{
    UNUSED_STATE;
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    check_stream(ends[0], ends[1], false);
    CHECK((fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0);
    close(ends[0]);
}

TEST(a_socket_is_read_to_its_end)
{
    UNUSED_STATE;
    int ends[2];
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    check_stream(ends[0], ends[1], true);
}

TEST(a_terminal_is_read_without_blocking)
{
    UNUSED_STATE;
    int master, slave;
    CHECK_INT(openpty(&master, &slave, NULL, NULL, NULL), 0);
    check_stream(slave, master, true);
}

TEST(a_file_is_read_in_pieces)
{
    UNUSED_STATE;
    char path[] = "/tmp/awl-test-XXXXXX";
    int fd = mkstemp(path);
    char *bytes = malloc(200000);
    memset(bytes, 'x', 200000);
    CHECK_INT(write(fd, bytes, 200000), 200000);
    CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
    struct awl_loop *loop = loop_new();
    struct awl_input *input = awl_input_new(loop, fd, true, 100000, NULL);
    size_t got = 0;
    for (;;) {
        fill(loop, input);
        if (awl_input_ended(input))
            break;
        CHECK(awl_input_bytes(input).len <= 100000);
        got += awl_input_bytes(input).len;
        awl_input_take(input, SIZE_MAX);
    }
    CHECK_INT(got, 200000);
    CHECK_OK(awl_input_result(input, NULL));
    awl_input_free(input);
    loop_release(loop);
    unlink(path);
    free(bytes);
}

TEST(no_more_is_held_than_the_limit)
{
    UNUSED_STATE;
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    struct awl_loop *loop = loop_new();
    struct awl_input *input = awl_input_new(loop, ends[0], true, 8, NULL);
    CHECK_INT(write(ends[1], "0123456789", 10), 10);
    fill(loop, input);
    CHECK_STR(awl_input_bytes(input), "01234567");
    CHECK_RC(awl_input_fill(input, NULL), AWL_ELIMIT);
    awl_input_take(input, 8);
    fill(loop, input);
    CHECK_STR(awl_input_bytes(input), "89");
    awl_input_free(input);
    close(ends[1]);
    loop_release(loop);
}

TEST(an_input_may_be_freed_while_it_reads)
{
    UNUSED_STATE;
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    struct awl_loop *loop = loop_new();
    struct awl_input *input = awl_input_new(loop, ends[0], true, 8, NULL);
    CHECK_OK(awl_input_fill(input, NULL));
    awl_input_free(input);
    input = awl_input_new(loop, open("/dev/null", O_RDONLY), true, 8, NULL);
    CHECK_OK(awl_input_fill(input, NULL));
    awl_input_free(input);
    close(ends[1]);
    loop_release(loop);
}

TEST(a_closed_descriptor_is_an_error)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_loop *loop = loop_new();
    assert_null(awl_input_new(loop, 999, false, 8, &err));
    CHECK_RC(err.rc, AWL_EIO);
    loop_release(loop);
}

TEST_MAIN(RUN(a_pipe_is_read_to_its_end), RUN(a_descriptor_of_another_gets_its_mode_back),
          RUN(a_socket_is_read_to_its_end), RUN(a_terminal_is_read_without_blocking),
          RUN(a_file_is_read_in_pieces), RUN(no_more_is_held_than_the_limit),
          RUN(an_input_may_be_freed_while_it_reads), RUN(a_closed_descriptor_is_an_error))
