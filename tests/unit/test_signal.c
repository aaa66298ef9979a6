/* test_signal.c - signals as events. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/signal.h"
#include "test.h"

static void count(void *data)
{
    ++*(int *)data;
}

TEST(a_signal_reaches_every_watcher)
{
    UNUSED_STATE;
    struct awl_clock clock;
    int calls = 0;
    awl_clock_init(&clock);
    struct awl_loop *loop = awl_loop_new(&clock);
    struct awl_signal *first = awl_signal_new(loop, SIGHUP, NULL);
    struct awl_signal *second = awl_signal_new(loop, SIGHUP, NULL);
    awl_signal_callback(second, count, &calls);
    CHECK(!awl_loop_turn(loop, false)); /* watching alone keeps nobody up */

    awl_loop_busy(loop, 1);
    kill(getpid(), SIGHUP);
    while (!awl_signal_waitable(first)->signaled || calls == 0)
        awl_loop_turn(loop, true);
    awl_loop_busy(loop, -1);
    CHECK_INT(awl_signal_take(first), 1);
    CHECK_INT(awl_signal_take(first), 0);
    CHECK(!awl_signal_waitable(first)->signaled);
    CHECK_INT(calls, 1);
    awl_signal_free(first);
    awl_signal_free(second);
    awl_signal_free(NULL);
    while (awl_loop_turn(loop, true))
        ;
    awl_loop_free(loop);
}

TEST(an_impossible_signal_is_an_error)
{
    UNUSED_STATE;
    struct awl_clock clock;
    struct awl_error err = AWL_ERROR_INIT;
    awl_clock_init(&clock);
    struct awl_loop *loop = awl_loop_new(&clock);
    assert_null(awl_signal_new(loop, SIGKILL, &err));
    CHECK_RC(err.rc, AWL_EIO);
    while (awl_loop_turn(loop, true))
        ;
    awl_loop_free(loop);
}

TEST(dying_by_a_signal_shows_that_signal)
{
    UNUSED_STATE;
    int status;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGINT, SIG_IGN);
        awl_signal_die(SIGINT);
        _exit(1);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGINT);
}

TEST_MAIN(RUN(a_signal_reaches_every_watcher), RUN(an_impossible_signal_is_an_error),
          RUN(dying_by_a_signal_shows_that_signal))
