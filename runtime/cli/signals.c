#include "cli/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "script/scheduler.h"

/* A handler of the system has no argument: this is a process's. libuv's own signal
 * handles would do but for a script that computes and never comes back to the loop. */
static struct {
    struct awl_runtime *runtime;
    uv_async_t async;
    volatile sig_atomic_t pending;  /* not yet seen by the loop */
    volatile sig_atomic_t received; /* the one that canceled */
    volatile sig_atomic_t drained;  /* a signal has been taken by the drain slot */
    volatile sig_atomic_t broken;   /* writes to a closed output */
    bool (*drain)(void *data, int number);
    void *drain_data;
} watch;

/* How often a script may write to an output that nobody reads: its cleanups may print,
 * but one that catches the cancel and goes on forever must end too. */
#define BROKEN_WRITES_MAX 1000

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};

static void notify(int number)
{
    if (watch.runtime->scheduler == NULL) { /* the program is being taken down */
        if (number != SIGPIPE)
            awl_signal_die(number);
        return;
    }
    watch.pending = number;
    uv_async_send(&watch.async);
    if (watch.drain == NULL || watch.drained)
        awl_scheduler_interrupt(watch.runtime->scheduler);
}

static void on_signal(int number)
{
    int saved = errno;
    if (watch.received != 0 || watch.pending != 0)
        awl_signal_die(number);
    notify(number);
    errno = saved;
}

/* Sockets and the pipes of child processes break too: those have an owner who sees
 * EPIPE. */
static void on_broken_pipe(int number)
{
    int saved = errno;
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0) {
        if (watch.received == 0 && watch.pending == 0)
            notify(number);
        else if (++watch.broken > BROKEN_WRITES_MAX)
            awl_signal_die(number);
    }
    errno = saved;
}

static void report(int number)
{
    struct awl_buf where;
    size_t live = awl_scheduler_live(watch.runtime->scheduler);

    awl_buf_init(&where, 64 * 1024);
    awl_scheduler_report_waiting(watch.runtime->scheduler, &where);
    fprintf(stderr, "\nawl: %s: canceling %zu %s%s\n%s",
            number == SIGINT ? "interrupted" : "terminated", live,
            live == 1 ? "task" : "tasks", where.len > 0 ? ", waiting at" : "",
            awl_buf_cstr(&where));
    awl_buf_release(&where);
}

static void on_async(uv_async_t *async)
{
    (void)async;
    int number = watch.pending;
    if (number == 0 || watch.runtime->scheduler == NULL)
        return;
    watch.pending = 0;
    if (number != SIGPIPE && watch.drain != NULL && !watch.drained) {
        watch.drained = 1;
        if (watch.drain(watch.drain_data, number))
            return;
    }
    watch.received = number;
    if (number != SIGPIPE)
        report(number);
    awl_scheduler_cancel_all(watch.runtime->scheduler);
}

static enum awl_rc set_handler(int number, void (*handler)(int), struct awl_error *err)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old;

    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) != 0)
        return awl_error_set(err, AWL_EIO, "cannot watch signal %d", number);
    if (handler == on_signal && old.sa_handler == SIG_IGN)
        return AWL_OK; /* nohup, or a shell's background job: it stays ignored */
    if (sigaction(number, &action, NULL) != 0)
        return awl_error_set(err, AWL_EIO, "cannot watch signal %d", number);
    return AWL_OK;
}

enum awl_rc awl_signals_init(struct awl_runtime *runtime, struct awl_error *err)
{
    watch.runtime = runtime;
    if (uv_async_init(awl_loop_uv(runtime->loop), &watch.async, on_async) != 0)
        return awl_error_set(err, AWL_EIO, "cannot watch signals");
    uv_unref((uv_handle_t *)&watch.async);
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        if (set_handler(watched[i], on_signal, err) != AWL_OK)
            return AWL_EIO;
    return set_handler(SIGPIPE, on_broken_pipe, err);
}

void awl_signals_release(void)
{
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        set_handler(watched[i], SIG_DFL, NULL);
    set_handler(SIGPIPE, SIG_IGN, NULL);
    if (watch.runtime != NULL)
        uv_close((uv_handle_t *)&watch.async, NULL);
    watch.runtime = NULL;
}

int awl_signals_received(void)
{
    return watch.received != 0 ? watch.received : watch.pending;
}

void awl_signals_set_drain(bool (*drain)(void *data, int number), void *data)
{
    watch.drain = drain;
    watch.drain_data = data;
}
