/* process.c - child processes: their pipes and their end. */
#include "loop/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop_private.h"
#include "loop/signal.h"
#include "loop/spawn.h"

#define OUTPUT_MAX ((size_t)16 << 20)
#define WAITING_MAX ((size_t)1 << 20)

struct awl_process {
    struct awl_loop *loop;
    struct awl_signal *child_signal; /* until it has ended */
    struct awl_waitable exited, writable;
    struct awl_input *out, *err;
    uv_pipe_t *in; /* closed and freed by itself */
    pid_t pid;
    int status; /* as of waitpid */
    bool ended;
    bool background;
    bool leads_group;
    bool orphan;              /* freed by its owner while the child runs */
    struct awl_process *next; /* orphan */
};

struct write {
    uv_write_t req;
    char bytes[];
};

static void on_pipe_closed(uv_handle_t *handle)
{
    free(handle);
}

static void close_in(struct awl_process *process)
{
    if (process->in == NULL)
        return;
    process->in->data = NULL;
    uv_close((uv_handle_t *)process->in, on_pipe_closed);
    process->in = NULL;
}

static void process_destroy(struct awl_process *process)
{
    awl_signal_free(process->child_signal);
    awl_input_free(process->out);
    awl_input_free(process->err);
    close_in(process);
    free(process);
}

static void orphan_remove(struct awl_process *process)
{
    struct awl_process **at = &process->loop->orphans;
    while (*at != process)
        at = &(*at)->next;
    *at = process->next;
}

static void on_child_signal(void *data)
{
    struct awl_process *process = data;
    if (waitpid(process->pid, &process->status, WNOHANG) != process->pid)
        return;
    if (!process->background)
        awl_loop_busy(process->loop, -1);
    process->ended = true;
    awl_loop_event(process->loop);
    if (process->orphan) {
        orphan_remove(process);
        process_destroy(process);
        return;
    }
    awl_signal_free(process->child_signal);
    process->child_signal = NULL;
    awl_waitable_signal(&process->exited);
}

static void on_cancel(struct awl_waitable *waitable)
{
    struct awl_process *process =
        (struct awl_process *)((char *)waitable - offsetof(struct awl_process, exited));
    awl_process_kill(process, SIGKILL);
}

/* One end goes to the child, the other stays. ours[] is -1 where nothing is piped. */
static int stdio_open(enum awl_stdio how, int number, int *theirs, int *ours)
{
    int ends[2];
    *theirs = *ours = -1;
    if (how == AWL_STDIO_INHERIT) {
        *theirs = number;
    } else if (how == AWL_STDIO_NULL) {
        *theirs = open("/dev/null", O_RDWR | O_CLOEXEC);
    } else if (pipe2(ends, O_CLOEXEC) == 0) {
        *theirs = ends[number == 0 ? 0 : 1];
        *ours = ends[number == 0 ? 1 : 0];
    }
    return *theirs < 0 ? errno : 0;
}

static void close_if_open(int fd)
{
    if (fd > 2)
        close(fd);
}

static enum awl_rc adopt_in(struct awl_process *process, int *fd, struct awl_error *err)
{
    if (*fd < 0)
        return AWL_OK;
    uv_pipe_t *pipe = calloc(1, sizeof *pipe);
    if (pipe == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    uv_pipe_init(awl_loop_uv(process->loop), pipe, 0);
    process->in = pipe;
    pipe->data = process;
    int status = uv_pipe_open(pipe, *fd);
    if (status != 0)
        return awl_error_set(err, AWL_EIO, "cannot use a pipe: %s", uv_strerror(status));
    *fd = -1;
    awl_waitable_signal(&process->writable);
    return AWL_OK;
}

static enum awl_rc adopt_output(struct awl_process *process, struct awl_input **input,
                                int *fd, size_t max, struct awl_error *err)
{
    if (*fd < 0)
        return AWL_OK;
    *input = awl_input_new(process->loop, *fd, true, max != 0 ? max : OUTPUT_MAX, err);
    *fd = -1;
    return *input != NULL ? AWL_OK : err->rc;
}

static enum awl_rc process_adopt(struct awl_process *process, int ours[3], size_t max,
                                 struct awl_error *err)
{
    enum awl_rc rc = adopt_in(process, &ours[0], err);
    if (rc == AWL_OK)
        rc = adopt_output(process, &process->out, &ours[1], max, err);
    if (rc == AWL_OK)
        rc = adopt_output(process, &process->err, &ours[2], max, err);
    if (rc != AWL_OK)
        return rc;
    process->child_signal = awl_signal_new(process->loop, SIGCHLD, err);
    if (process->child_signal == NULL)
        return err->rc;
    awl_signal_callback(process->child_signal, on_child_signal, process);
    return AWL_OK;
}

static enum awl_rc process_start(struct awl_process *process,
                                 const struct awl_process_options *options,
                                 struct awl_error *err)
{
    const enum awl_stdio how[3] = {options->in, options->out, options->err};
    int theirs[3] = {-1, -1, -1}, ours[3] = {-1, -1, -1};
    int failed = 0;
    for (int i = 0; i < 3 && failed == 0; i++)
        failed = stdio_open(how[i], i, &theirs[i], &ours[i]);

    /* Everything of ours comes first: a child once started must be waited for. */
    enum awl_rc rc = AWL_OK;
    if (failed == 0)
        rc = process_adopt(process, ours, options->max_output, err);
    if (failed == 0 && rc == AWL_OK)
        failed = awl_spawn(options, theirs, &process->pid);
    for (int i = 0; i < 3; i++) {
        close_if_open(theirs[i]);
        close_if_open(ours[i]);
    }
    if (failed != 0)
        rc = awl_error_code(err, failed == ENOENT ? AWL_ENOTFOUND : AWL_EIO,
                            uv_err_name(-failed), "cannot start '%s': %s",
                            options->argv[0], uv_strerror(-failed));
    return rc;
}

struct awl_process *awl_process_new(struct awl_loop *loop,
                                    const struct awl_process_options *options,
                                    struct awl_error *err)
{
    struct awl_error local = AWL_ERROR_INIT;
    struct awl_process *process = calloc(1, sizeof *process);
    if (process == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    process->loop = loop;
    awl_waitable_init(&process->exited, "process", on_cancel);
    awl_waitable_init(&process->writable, "process", NULL);
    if (process_start(process, options, &local) == AWL_OK) {
        process->background = options->background;
        process->leads_group = options->new_group;
        if (!process->background)
            awl_loop_busy(loop, 1);
        return process;
    }
    if (err != NULL)
        *err = local;
    process_destroy(process);
    return NULL;
}

void awl_process_free(struct awl_process *process)
{
    if (process == NULL)
        return;
    if (process->ended) {
        process_destroy(process);
        return;
    }
    process->orphan = true;
    awl_waitable_unwatch(&process->exited);
    awl_waitable_unwatch(&process->writable);
    awl_input_free(process->out);
    awl_input_free(process->err);
    process->out = process->err = NULL;
    close_in(process);
    process->next = process->loop->orphans;
    process->loop->orphans = process;
}

void awl_process_forget_all(struct awl_loop *loop)
{
    while (loop->orphans != NULL) {
        struct awl_process *process = loop->orphans;
        loop->orphans = process->next;
        process_destroy(process);
    }
}

pid_t awl_process_pid(const struct awl_process *process)
{
    return process->pid;
}

struct awl_waitable *awl_process_exited(struct awl_process *process)
{
    return &process->exited;
}

bool awl_process_status(const struct awl_process *process, int *status, int *signal)
{
    if (!process->ended)
        return false;
    bool killed = WIFSIGNALED(process->status);
    *signal = killed ? WTERMSIG(process->status) : 0;
    *status = killed ? -1 : WEXITSTATUS(process->status);
    return true;
}

void awl_process_kill(struct awl_process *process, int signal)
{
    if (!process->ended)
        kill(process->leads_group ? -process->pid : process->pid, signal);
}

struct awl_input *awl_process_out(struct awl_process *process)
{
    return process->out;
}

struct awl_input *awl_process_err(struct awl_process *process)
{
    return process->err;
}

static void on_written(uv_write_t *req, int status)
{
    struct awl_process *process = req->handle->data; /* NULL: closed by us */
    if (process != NULL) {
        awl_loop_event(process->loop);
        if (status != 0)
            close_in(process);
        if (status != 0 || process->in->write_queue_size < WAITING_MAX)
            awl_waitable_signal(&process->writable);
    }
    free(req);
}

enum awl_rc awl_process_write(struct awl_process *process, awl_str bytes,
                              struct awl_error *err)
{
    if (process->in == NULL)
        return awl_error_code(err, AWL_EIO, "EPIPE", "the process reads no more");
    if (process->in->write_queue_size >= WAITING_MAX)
        return awl_error_set(err, AWL_ELIMIT, "the process reads too slowly");

    struct write *write = malloc(sizeof *write + bytes.len);
    if (write == NULL || bytes.len > UINT32_MAX) {
        free(write);
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    }
    if (bytes.len != 0)
        memcpy(write->bytes, bytes.ptr, bytes.len);
    uv_buf_t buf = uv_buf_init(write->bytes, (unsigned)bytes.len);
    int status = uv_write(&write->req, (uv_stream_t *)process->in, &buf, 1, on_written);
    if (status != 0) {
        free(write);
        close_in(process);
        return awl_error_code(err, AWL_EIO, uv_err_name(status), "cannot write: %s",
                              uv_strerror(status));
    }
    if (process->in->write_queue_size >= WAITING_MAX)
        awl_waitable_reset(&process->writable);
    return AWL_OK;
}

struct awl_waitable *awl_process_writable(struct awl_process *process)
{
    return &process->writable;
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct awl_process *process = req->handle->data;
    (void)status;
    if (process != NULL)
        close_in(process);
    free(req);
}

void awl_process_write_end(struct awl_process *process)
{
    if (process->in == NULL || !uv_is_writable((uv_stream_t *)process->in))
        return;
    uv_shutdown_t *req = calloc(1, sizeof *req);
    if (req == NULL || uv_shutdown(req, (uv_stream_t *)process->in, on_shutdown) != 0) {
        free(req);
        close_in(process);
    }
}
