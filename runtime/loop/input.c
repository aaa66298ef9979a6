/* input.c - reading a descriptor on the loop, whatever kind it is of. */
#include "loop/input.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE 65536

struct awl_input {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tty_t tty;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } uv;
    uv_fs_t req; /* for a file */
    struct awl_loop *loop;
    struct awl_waitable readable;
    struct awl_buf bytes;
    size_t taken; /* of `bytes`, at their start */
    int fd;
    int saved; /* a second descriptor of a stream that is not ours: see restore */
    int flags; /* of the descriptor before libuv changed them */
    int status;
    bool is_file, owned, reading, ended, closing;
};

static void input_destroy(struct awl_input *input)
{
    awl_buf_release(&input->bytes);
    free(input);
}

/* libuv makes a stream's open file description non-blocking, which whoever shares it
 * (a shell, our own io.read) would stumble over. */
static void restore(struct awl_input *input)
{
    if (input->saved < 0)
        return;
    fcntl(input->saved, F_SETFL, input->flags);
    close(input->saved);
    input->saved = -1;
}

static void on_closed(uv_handle_t *handle)
{
    input_destroy(handle->data);
}

static int stream_open(struct awl_input *input, uv_handle_type type, int fd)
{
    uv_loop_t *uv = awl_loop_uv(input->loop);
    int status;
    if (type == UV_TTY) {
        uv_os_fd_t opened = fd;
        status = uv_tty_init(uv, &input->uv.tty, fd, 1);
        /* libuv opens a terminal anew where it can and then leaves ours alone. */
        if (status == 0 && uv_fileno(&input->uv.handle, &opened) == 0 && opened != fd)
            close(fd);
        return status;
    }
    if (type == UV_TCP) {
        status = uv_tcp_init(uv, &input->uv.tcp);
        return status != 0 ? status : uv_tcp_open(&input->uv.tcp, fd);
    }
    status = uv_pipe_init(uv, &input->uv.pipe, 0);
    return status != 0 ? status : uv_pipe_open(&input->uv.pipe, fd);
}

/* libuv closes the descriptor of a stream; one that is not ours it gets a copy of. */
static int input_open(struct awl_input *input)
{
    uv_handle_type type = uv_guess_handle(input->fd);
    if (type == UV_FILE) {
        input->is_file = true;
        return 0;
    }
    if (type != UV_TTY && type != UV_NAMED_PIPE && type != UV_TCP)
        return type == UV_UNKNOWN_HANDLE ? UV_EBADF : UV_EINVAL;

    int fd = input->fd;
    if (!input->owned) {
        input->flags = fcntl(fd, F_GETFL);
        input->saved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0 || input->saved < 0)
            return UV_EMFILE;
    }
    int status = stream_open(input, type, fd);
    if (status != 0 && !input->owned)
        close(fd);
    input->uv.handle.data = input;
    return status;
}

static void on_cancel(struct awl_waitable *waitable)
{
    struct awl_input *input =
        (struct awl_input *)((char *)waitable - offsetof(struct awl_input, readable));
    if (input->reading && !input->is_file) {
        input->reading = false;
        uv_read_stop(&input->uv.stream);
    }
}

struct awl_input *awl_input_new(struct awl_loop *loop, int fd, bool owned, size_t max,
                                struct awl_error *err)
{
    struct awl_input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        if (owned)
            close(fd);
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    input->loop = loop;
    input->fd = fd;
    input->owned = owned;
    input->saved = -1;
    awl_waitable_init(&input->readable, "input", on_cancel);
    awl_buf_init(&input->bytes, max);
    input->req.data = input;
    int status = input_open(input);
    if (status == 0)
        return input;

    awl_error_code(err, AWL_EIO, uv_err_name(status), "cannot read descriptor %d: %s", fd,
                   uv_strerror(status));
    restore(input);
    if (owned)
        close(fd);
    if (input->uv.handle.data != NULL && input->uv.handle.type != UV_UNKNOWN_HANDLE)
        uv_close(&input->uv.handle, on_closed);
    else
        input_destroy(input);
    return NULL;
}

void awl_input_free(struct awl_input *input)
{
    if (input == NULL)
        return;
    awl_waitable_unwatch(&input->readable);
    input->closing = true;
    if (!input->is_file) {
        restore(input);
        uv_close(&input->uv.handle, on_closed);
        return;
    }
    if (input->reading) { /* a thread is at it; on_file_read comes back here */
        uv_cancel((uv_req_t *)&input->req);
        return;
    }
    if (input->owned)
        close(input->fd);
    input_destroy(input);
}

/* `status` as libuv has it: bytes, or below 0 the end or a failure. */
static void input_arrived(struct awl_input *input, int64_t status)
{
    input->reading = false;
    awl_loop_event(input->loop);
    if (status <= 0) {
        input->ended = true;
        input->status = status == UV_EOF ? 0 : (int)status;
    } else {
        input->bytes.len += (size_t)status;
        input->bytes.ptr[input->bytes.len] = '\0';
    }
    awl_waitable_signal(&input->readable);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct awl_input *input = handle->data;
    (void)suggested;
    size_t room = input->bytes.max - input->bytes.len;
    *buf = uv_buf_init(input->bytes.ptr + input->bytes.len,
                       (unsigned)(room < PIECE ? room : PIECE));
}

static void on_read(uv_stream_t *stream, ssize_t status, const uv_buf_t *buf)
{
    (void)buf;
    if (status == 0)
        return; /* would block after all */
    uv_read_stop(stream);
    input_arrived(stream->data, status);
}

static void on_file_read(uv_fs_t *req)
{
    struct awl_input *input = req->data;
    int64_t result = (int64_t)req->result;
    uv_fs_req_cleanup(req);
    awl_loop_busy(input->loop, -1);
    input->reading = false;
    if (input->closing)
        awl_input_free(input);
    else
        input_arrived(input, result != 0 ? result : UV_EOF);
}

static int file_read(struct awl_input *input)
{
    uv_buf_t buf;
    uv_handle_t handle = {.data = input};
    on_alloc(&handle, 0, &buf);
    int status = uv_fs_read(awl_loop_uv(input->loop), &input->req, input->fd, &buf, 1, -1,
                            on_file_read);
    if (status == 0)
        awl_loop_busy(input->loop, 1);
    return status;
}

enum awl_rc awl_input_fill(struct awl_input *input, struct awl_error *err)
{
    if (input->ended) {
        awl_waitable_signal(&input->readable);
        return AWL_OK;
    }
    if (input->reading) {
        awl_waitable_reset(&input->readable);
        return AWL_OK;
    }
    awl_buf_consume(&input->bytes, input->taken);
    input->taken = 0;
    size_t room = input->bytes.max - input->bytes.len;
    if (room == 0)
        return awl_error_code(err, AWL_ELIMIT, "TooLarge",
                              "more than %zu bytes wait to be read", input->bytes.max);
    if (awl_buf_reserve(&input->bytes, room < PIECE ? room : PIECE) != AWL_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");

    awl_waitable_reset(&input->readable);
    int status = input->is_file ? file_read(input)
                                : uv_read_start(&input->uv.stream, on_alloc, on_read);
    if (status != 0)
        return awl_error_code(err, AWL_EIO, uv_err_name(status), "cannot read: %s",
                              uv_strerror(status));
    input->reading = true;
    return AWL_OK;
}

struct awl_waitable *awl_input_waitable(struct awl_input *input)
{
    return &input->readable;
}

awl_str awl_input_bytes(const struct awl_input *input)
{
    return awl_str_slice(awl_buf_str(&input->bytes), input->taken, input->bytes.len);
}

void awl_input_take(struct awl_input *input, size_t len)
{
    size_t held = input->bytes.len - input->taken;
    input->taken += len < held ? len : held;
    if (input->taken == input->bytes.len && !input->reading) {
        awl_buf_clear(&input->bytes);
        input->taken = 0;
    }
}

bool awl_input_ended(const struct awl_input *input)
{
    return input->ended;
}

enum awl_rc awl_input_result(const struct awl_input *input, struct awl_error *err)
{
    if (input->status == 0)
        return AWL_OK;
    return awl_error_code(err, AWL_EIO, uv_err_name(input->status), "cannot read: %s",
                          uv_strerror(input->status));
}
