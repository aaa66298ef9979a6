/* spawn.c - fork and exec. Between the two only async-signal-safe calls are made. */
#include "loop/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The limit is the process's, so is what it was before. */
static struct rlimit descriptors_before;
static bool descriptors_raised;

unsigned long awl_process_raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    if (descriptors_raised || limit.rlim_cur == limit.rlim_max)
        return (unsigned long)limit.rlim_cur;

    struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0)
        return (unsigned long)limit.rlim_cur;
    descriptors_before = limit;
    descriptors_raised = true;
    return (unsigned long)raised.rlim_cur;
}

static void reset_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            sigaction(number, &action, NULL);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The sources may be 0, 1 or 2 themselves, in any order: first all go above. */
static bool set_stdio(const int stdio[3])
{
    int high[3];
    for (int i = 0; i < 3; i++) {
        high[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 3);
        if (high[i] < 0)
            return false;
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(high[i], i) < 0)
            return false;
    }
    return true;
}

static bool child_prepare(const struct awl_process_options *options, const int stdio[3],
                          pid_t parent)
{
    reset_signals();
    if (options->new_group && setpgid(0, 0) != 0)
        return false;
    if (options->die_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
            return false;
        if (getppid() != parent) /* it ended before the call above */
            _exit(127);
    }
    if (!set_stdio(stdio))
        return false;
    /* Also what was left open to this process. A kernel that cannot is of no matter. */
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    if (options->cwd != NULL && chdir(options->cwd) != 0)
        return false;
    return !descriptors_raised || setrlimit(RLIMIT_NOFILE, &descriptors_before) == 0;
}

/* Says over `report` why it failed. */
static void child_run(const struct awl_process_options *options, const int stdio[3],
                      pid_t parent, int report)
{
    if (child_prepare(options, stdio, parent)) {
        char *const *argv = (char *const *)(uintptr_t)options->argv;
        char *const *env = (char *const *)(uintptr_t)options->env;
        execvpe(argv[0], argv, env != NULL ? env : environ);
    }
    int reason = errno;
    ssize_t ignored = write(report, &reason, sizeof reason);
    (void)ignored;
    _exit(127);
}

/* The pipe closes by itself when the program runs. */
static int await_exec(int report)
{
    int reason = 0;
    ssize_t got;
    do {
        got = read(report, &reason, sizeof reason);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof reason ? reason : 0;
}

int awl_spawn(const struct awl_process_options *options, const int stdio[3], pid_t *pid)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;

    /* No handler of ours may run in the child before it has reset them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    *pid = fork();
    if (*pid == 0)
        child_run(options, stdio, parent, report[1]);
    int reason = *pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    close(report[1]);
    if (reason == 0)
        reason = await_exec(report[0]);
    close(report[0]);
    if (reason != 0 && *pid > 0)
        waitpid(*pid, NULL, 0);
    return reason;
}
