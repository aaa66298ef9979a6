/* test_process.c - child processes. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/process.h"
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

static struct awl_process *start_shell(struct awl_loop *loop, const char *command,
                                       struct awl_process_options options)
{
    const char *const argv[] = {"sh", "-c", command, NULL};
    struct awl_error err = AWL_ERROR_INIT;
    options.argv = argv;
    struct awl_process *process = awl_process_new(loop, &options, &err);
    if (process == NULL)
        print_error("%s\n", err.message);
    assert_non_null(process);
    return process;
}

static int finish(struct awl_loop *loop, struct awl_process *process, int *signal)
{
    int status = -1;
    while (!awl_process_exited(process)->signaled)
        CHECK(awl_loop_turn(loop, true));
    CHECK(awl_process_status(process, &status, signal));
    return status;
}

/* All output, up to its end. */
static void read_all(struct awl_loop *loop, struct awl_input *input, struct awl_buf *out)
{
    awl_buf_clear(out);
    while (!awl_input_ended(input)) {
        CHECK_OK(awl_input_fill(input, NULL));
        while (!awl_input_waitable(input)->signaled)
            CHECK(awl_loop_turn(loop, true));
        CHECK_OK(awl_buf_append_str(out, awl_input_bytes(input)));
        awl_input_take(input, SIZE_MAX);
    }
}

static void check_output(const char *command, struct awl_process_options options,
                         const char *expected)
{
    struct awl_buf out;
    int signal;
    struct awl_loop *loop = loop_new();
    awl_buf_init(&out, 1000000);
    options.out = AWL_STDIO_PIPE;
    struct awl_process *process = start_shell(loop, command, options);
    read_all(loop, awl_process_out(process), &out);
    CHECK_BUF(&out, expected);
    CHECK_INT(finish(loop, process, &signal), 0);
    awl_process_free(process);
    awl_buf_release(&out);
    loop_release(loop);
}

TEST(a_child_gets_its_surroundings_and_is_heard)
{
    UNUSED_STATE;
    const char *const env[] = {"PATH=/usr/bin:/bin", "A=b c", NULL};
    check_output(
        "echo $A; pwd; cat",
        (struct awl_process_options){.env = env, .cwd = "/", .in = AWL_STDIO_NULL},
        "b c\n/\n");
}

TEST(both_outputs_come_apart)
{
    UNUSED_STATE;
    struct awl_buf out;
    int signal;
    struct awl_loop *loop = loop_new();
    awl_buf_init(&out, 1000);
    struct awl_process *process = start_shell(
        loop, "echo out; echo err >&2; exit 7",
        (struct awl_process_options){.out = AWL_STDIO_PIPE, .err = AWL_STDIO_PIPE});
    read_all(loop, awl_process_err(process), &out);
    CHECK_BUF(&out, "err\n");
    read_all(loop, awl_process_out(process), &out);
    CHECK_BUF(&out, "out\n");
    CHECK_INT(finish(loop, process, &signal), 7);
    CHECK_INT(signal, 0);
    awl_process_free(process);
    awl_buf_release(&out);
    loop_release(loop);
}

TEST(what_a_child_is_fed_it_reads)
{
    UNUSED_STATE;
    struct awl_buf out;
    int signal;
    struct awl_loop *loop = loop_new();
    static char piece[300000];
    memset(piece, 'z', sizeof(piece));
    awl_buf_init(&out, 1000);
    struct awl_process *process = start_shell(
        loop, "wc -c",
        (struct awl_process_options){.in = AWL_STDIO_PIPE, .out = AWL_STDIO_PIPE});
    int limited = 0;
    for (int i = 0; i < 10; i++) {
        CHECK(awl_process_writable(process)->signaled);
        CHECK_OK(awl_process_write(process, awl_str_make(piece, sizeof(piece)), NULL));
        if (!awl_process_writable(process)->signaled) {
            CHECK_RC(awl_process_write(process, STR("x"), NULL), AWL_ELIMIT);
            limited++;
        }
        while (!awl_process_writable(process)->signaled)
            CHECK(awl_loop_turn(loop, true));
    }
    CHECK(limited > 0);
    awl_process_write_end(process);
    read_all(loop, awl_process_out(process), &out);
    CHECK_INT(atoi(awl_buf_cstr(&out)), 3000000);
    CHECK_INT(finish(loop, process, &signal), 0);
    awl_process_free(process);
    awl_buf_release(&out);
    loop_release(loop);
}

TEST(a_child_that_reads_no_more_is_an_error_not_a_signal)
{
    UNUSED_STATE;
    int signal;
    struct awl_loop *loop = loop_new();
    struct awl_process *process = start_shell(
        loop, "exec <&-; exit 0", (struct awl_process_options){.in = AWL_STDIO_PIPE});
    CHECK_INT(finish(loop, process, &signal), 0);
    enum awl_rc rc = AWL_OK;
    while (rc == AWL_OK) {
        rc = awl_process_write(process, STR("x"), NULL);
        awl_loop_turn(loop, false);
    }
    CHECK_RC(rc, AWL_EIO);
    awl_process_free(process);
    loop_release(loop);
}

TEST(a_program_that_is_not_there_is_not_found)
{
    UNUSED_STATE;
    struct awl_loop *loop = loop_new();
    struct awl_error err = AWL_ERROR_INIT;
    const char *const argv[] = {"awl-no-such-program", NULL};
    struct awl_process_options options = {
        .argv = argv, .in = AWL_STDIO_PIPE, .out = AWL_STDIO_PIPE};
    assert_null(awl_process_new(loop, &options, &err));
    CHECK_RC(err.rc, AWL_ENOTFOUND);
    assert_non_null(strstr(err.message, "awl-no-such-program"));
    loop_release(loop);
}

TEST(canceling_the_wait_kills)
{
    UNUSED_STATE;
    int signal;
    struct awl_loop *loop = loop_new();
    struct awl_process *process =
        start_shell(loop, "exec sleep 100", (struct awl_process_options){0});
    awl_process_exited(process)->cancel(awl_process_exited(process));
    CHECK_INT(finish(loop, process, &signal), -1);
    CHECK_INT(signal, SIGKILL);
    awl_process_kill(process, SIGTERM); /* nobody there: nothing happens */
    awl_process_free(process);
    loop_release(loop);
}

TEST(a_child_that_was_let_go_is_still_waited_for)
{
    UNUSED_STATE;
    struct awl_loop *loop = loop_new();
    struct awl_process *process =
        start_shell(loop, "exit 0", (struct awl_process_options){0});
    pid_t pid = awl_process_pid(process);
    awl_process_free(process);
    loop_release(loop);
    CHECK_INT(kill(pid, 0), -1); /* no zombie */
}

TEST(children_get_the_old_limit_of_descriptors_and_default_signals)
{
    UNUSED_STATE;
    struct rlimit limit;
    char expected[64];
    const char *preload = getenv("LD_PRELOAD");
    if (preload != NULL && strstr(preload, "vgpreload") != NULL)
        skip(); /* valgrind keeps the real limit to itself */
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit low = {.rlim_cur = 200, .rlim_max = limit.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    CHECK_INT(awl_process_raise_descriptors(), limit.rlim_max);
    CHECK_INT(awl_process_raise_descriptors(), limit.rlim_max);
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    /* SIGPIPE, which the loop ignores, must end the left side of a pipe. */
    snprintf(expected, sizeof(expected), "200\n0000000000000000\n");
    check_output("ulimit -n; sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status",
                 (struct awl_process_options){0}, expected);
    close(fd);
}

TEST(a_child_can_end_with_its_parent)
{
    UNUSED_STATE;
    int ends[2];
    char byte;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    pid_t middle = fork();
    if (middle == 0) {
        static struct awl_loop *loop;
        static struct awl_process *process;
        loop = loop_new();
        const char *const argv[] = {"sleep", "100", NULL};
        struct awl_process_options options = {.argv = argv, .die_with_parent = true};
        dup2(ends[1], 1); /* the grandchild holds it as long as it lives */
        process = awl_process_new(loop, &options, NULL);
        _exit(process != NULL ? 0 : 1);
    }
    int status;
    close(ends[1]);
    CHECK_INT(waitpid(middle, &status, 0), middle);
    CHECK_INT(status, 0);
    CHECK_INT(read(ends[0], &byte, 1), 0); /* at once, not after 100 s */
    close(ends[0]);
}

TEST_MAIN(RUN(a_child_gets_its_surroundings_and_is_heard), RUN(both_outputs_come_apart),
          RUN(what_a_child_is_fed_it_reads),
          RUN(a_child_that_reads_no_more_is_an_error_not_a_signal),
          RUN(a_program_that_is_not_there_is_not_found), RUN(canceling_the_wait_kills),
          RUN(a_child_that_was_let_go_is_still_waited_for),
          RUN(children_get_the_old_limit_of_descriptors_and_default_signals),
          RUN(a_child_can_end_with_its_parent))
