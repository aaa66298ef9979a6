/* process.h - child processes.
 *
 * A child gets default signal actions, an empty signal mask, the soft limit of
 * descriptors that this process was started with, and no descriptor but 0, 1, 2. */
#ifndef AWL_LOOP_PROCESS_H
#define AWL_LOOP_PROCESS_H

#include <sys/types.h>

#include "loop/input.h"

enum awl_stdio {
    AWL_STDIO_INHERIT,
    AWL_STDIO_NULL, /* /dev/null */
    AWL_STDIO_PIPE,
};

struct awl_process_options {
    const char *const *argv; /* ends with NULL; argv[0] is looked up in PATH */
    const char *const *env;  /* "NAME=value", ends with NULL; NULL: this process's */
    const char *cwd;         /* NULL: this process's */
    enum awl_stdio in, out, err;
    size_t max_output;    /* held of each of its pipes, not taken; default 16 MiB */
    bool die_with_parent; /* SIGTERM to the child when this process ends, however */
    bool new_group;       /* a process group of its own: no Ctrl-C from the terminal */
    bool background;      /* the loop does not wait for its end */
};

struct awl_process;

/* Starts a child. NULL with `err` set: AWL_ENOTFOUND when there is no such program. */
struct awl_process *awl_process_new(struct awl_loop *loop,
                                    const struct awl_process_options *options,
                                    struct awl_error *err);

/* Closes the pipes and forgets the child; one that runs is not killed, but reaped
 * when it ends while the loop still turns. NULL is fine. */
void awl_process_free(struct awl_process *process);

pid_t awl_process_pid(const struct awl_process *process);

/* Signaled when the child has ended. Canceling kills it. */
struct awl_waitable *awl_process_exited(struct awl_process *process);

/* False while it runs. Else its exit status, or the signal that ended it (then
 * *status is -1; *signal is 0 otherwise). */
bool awl_process_status(const struct awl_process *process, int *status, int *signal);

/* Signals the child, and with new_group all of its group. Does nothing when the child
 * has ended. */
void awl_process_kill(struct awl_process *process, int signal);

/* Its standard output and error as inputs of the process's, or NULL if not piped. */
struct awl_input *awl_process_out(struct awl_process *process);
struct awl_input *awl_process_err(struct awl_process *process);

/* Hands bytes (copied) to its standard input; `writable` is signaled while less than
 * 1 MiB waits, or the child has closed its end. AWL_ELIMIT when 1 MiB waits already,
 * AWL_EIO when it listens no more. */
enum awl_rc awl_process_write(struct awl_process *process, awl_str bytes,
                              struct awl_error *err);
struct awl_waitable *awl_process_writable(struct awl_process *process);

/* The end of its standard input, after what waits. */
void awl_process_write_end(struct awl_process *process);

/* Raises this process's soft limit of descriptors to the hard one, once; children
 * get the old one back. The limit in force is returned. */
unsigned long awl_process_raise_descriptors(void);

#endif
