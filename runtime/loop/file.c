/* file.c - file operations as requests to libuv's threads. */
#include "loop/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct awl_file_op {
    uv_fs_t req;
    struct awl_loop *loop;
    struct awl_waitable done;
    const char *verb;     /* for people: "open", "read" */
    char *path;           /* or NULL */
    struct awl_buf bytes; /* what was read, or is being written */
    size_t written;
    int fd;         /* of a write */
    int64_t offset; /* of a write */
    int64_t result; /* libuv's: below 0 a negated errno */
    bool running;
    bool orphan;          /* freed by its owner while running */
    bool has_req;         /* req holds memory of libuv's */
    bool owns_descriptor; /* opened and not yet handed over */
};

static void op_destroy(struct awl_file_op *op)
{
    if (op->has_req)
        uv_fs_req_cleanup(&op->req);
    if (op->owns_descriptor)
        close((int)op->result);
    awl_buf_release(&op->bytes);
    free(op->path);
    free(op);
}

static void on_cancel(struct awl_waitable *waitable)
{
    struct awl_file_op *op =
        (struct awl_file_op *)((char *)waitable - offsetof(struct awl_file_op, done));
    if (op->running)
        uv_cancel((uv_req_t *)&op->req); /* works only if no thread took it yet */
}

struct awl_file_op *awl_file_op_new(struct awl_loop *loop)
{
    struct awl_file_op *op = calloc(1, sizeof *op);
    if (op == NULL)
        return NULL;
    op->loop = loop;
    awl_waitable_init(&op->done, "file", on_cancel);
    awl_buf_init(&op->bytes, AWL_FILE_READ_MAX);
    return op;
}

void awl_file_op_free(struct awl_file_op *op)
{
    if (op == NULL)
        return;
    if (!op->running) {
        op_destroy(op);
        return;
    }
    op->orphan = true;
    awl_waitable_unwatch(&op->done);
    uv_cancel((uv_req_t *)&op->req);
}

struct awl_waitable *awl_file_op_waitable(struct awl_file_op *op)
{
    return &op->done;
}

static enum awl_rc op_begin(struct awl_file_op *op, const char *verb, const char *path,
                            struct awl_error *err)
{
    if (op->running)
        return awl_error_set(err, AWL_EINPUT, "a file operation is still under way");
    if (op->owns_descriptor)
        close((int)op->result);
    if (op->has_req)
        uv_fs_req_cleanup(&op->req);
    op->owns_descriptor = op->has_req = false;
    op->result = 0;
    free(op->path);
    op->path = NULL;
    awl_buf_clear(&op->bytes);
    awl_waitable_reset(&op->done);
    op->verb = verb;
    if (path != NULL && (op->path = strdup(path)) == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    return AWL_OK;
}

static void op_done(struct awl_file_op *op, int64_t result)
{
    awl_loop_busy(op->loop, -1);
    awl_loop_event(op->loop);
    op->running = false;
    op->result = result;
    op->owns_descriptor = op->req.fs_type == UV_FS_OPEN && result >= 0;
    if (op->req.fs_type == UV_FS_READ)
        awl_buf_truncate(&op->bytes, result > 0 ? (size_t)result : 0);
    if (op->orphan)
        op_destroy(op);
    else
        awl_waitable_signal(&op->done);
}

static void on_done(uv_fs_t *req)
{
    struct awl_file_op *op = req->data;
    op->has_req = true;
    op_done(op, (int64_t)req->result);
}

/* Takes what a uv_fs_ function returned at the start. */
static enum awl_rc op_started(struct awl_file_op *op, int status, struct awl_error *err)
{
    if (status < 0) {
        op->result = status;
        return awl_file_result(op, err);
    }
    op->running = true;
    op->req.data = op;
    awl_loop_busy(op->loop, 1);
    return AWL_OK;
}

enum awl_rc awl_file_open(struct awl_file_op *op, const char *path, int flags, int mode,
                          struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "open", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op,
                      uv_fs_open(awl_loop_uv(op->loop), &op->req, path, flags | O_CLOEXEC,
                                 mode, on_done),
                      err);
}

enum awl_rc awl_file_read(struct awl_file_op *op, int fd, size_t len, int64_t offset,
                          struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "read", NULL, err);
    if (rc != AWL_OK)
        return rc;
    if (len > AWL_FILE_READ_MAX)
        len = AWL_FILE_READ_MAX;
    rc = awl_buf_reserve(&op->bytes, len);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "out of memory");
    op->bytes.len = len; /* cut to what came, in op_done */
    uv_buf_t buf = uv_buf_init(op->bytes.ptr, (unsigned)len);
    return op_started(
        op, uv_fs_read(awl_loop_uv(op->loop), &op->req, fd, &buf, 1, offset, on_done),
        err);
}

static void on_write(uv_fs_t *req);

static int write_rest(struct awl_file_op *op)
{
    uv_buf_t buf =
        uv_buf_init(op->bytes.ptr + op->written, (unsigned)(op->bytes.len - op->written));
    int64_t offset = op->offset >= 0 ? op->offset + (int64_t)op->written : -1;
    return uv_fs_write(awl_loop_uv(op->loop), &op->req, op->fd, &buf, 1, offset,
                       on_write);
}

static void on_write(uv_fs_t *req)
{
    struct awl_file_op *op = req->data;
    int64_t result = (int64_t)req->result;
    op->has_req = true;
    if (result > 0)
        op->written += (size_t)result;
    if (result > 0 && op->written < op->bytes.len && !op->orphan) {
        uv_fs_req_cleanup(req);
        op->has_req = false;
        int status = write_rest(op);
        if (status >= 0) {
            op->req.data = op;
            return;
        }
        result = status;
    }
    op_done(op, result < 0 ? result : (int64_t)op->written);
}

enum awl_rc awl_file_write(struct awl_file_op *op, int fd, awl_str bytes, int64_t offset,
                           struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "write", NULL, err);
    if (rc != AWL_OK)
        return rc;
    rc = awl_buf_append_str(&op->bytes, bytes);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "cannot write %zu bytes at once", bytes.len);
    op->fd = fd;
    op->offset = offset;
    op->written = 0;
    return op_started(op, write_rest(op), err);
}

enum awl_rc awl_file_sync(struct awl_file_op *op, int fd, struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "sync", NULL, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_fsync(awl_loop_uv(op->loop), &op->req, fd, on_done), err);
}

enum awl_rc awl_file_close(struct awl_file_op *op, int fd, struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "close", NULL, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_close(awl_loop_uv(op->loop), &op->req, fd, on_done), err);
}

enum awl_rc awl_file_stat(struct awl_file_op *op, const char *path, struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "stat", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_stat(awl_loop_uv(op->loop), &op->req, path, on_done),
                      err);
}

enum awl_rc awl_file_fstat(struct awl_file_op *op, int fd, struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "stat", NULL, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_fstat(awl_loop_uv(op->loop), &op->req, fd, on_done), err);
}

enum awl_rc awl_file_rename(struct awl_file_op *op, const char *from, const char *to,
                            struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "rename", from, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(
        op, uv_fs_rename(awl_loop_uv(op->loop), &op->req, from, to, on_done), err);
}

enum awl_rc awl_file_unlink(struct awl_file_op *op, const char *path,
                            struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "remove", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_unlink(awl_loop_uv(op->loop), &op->req, path, on_done),
                      err);
}

enum awl_rc awl_file_mkdir(struct awl_file_op *op, const char *path, int mode,
                           struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "make directory", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(
        op, uv_fs_mkdir(awl_loop_uv(op->loop), &op->req, path, mode, on_done), err);
}

enum awl_rc awl_file_rmdir(struct awl_file_op *op, const char *path,
                           struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "remove directory", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(op, uv_fs_rmdir(awl_loop_uv(op->loop), &op->req, path, on_done),
                      err);
}

enum awl_rc awl_file_list(struct awl_file_op *op, const char *path, struct awl_error *err)
{
    enum awl_rc rc = op_begin(op, "list", path, err);
    if (rc != AWL_OK)
        return rc;
    return op_started(
        op, uv_fs_scandir(awl_loop_uv(op->loop), &op->req, path, 0, on_done), err);
}

enum awl_rc awl_file_result(const struct awl_file_op *op, struct awl_error *err)
{
    if (op->result >= 0)
        return AWL_OK;
    int status = (int)op->result;
    enum awl_rc rc = status == UV_ENOENT      ? AWL_ENOTFOUND
                     : status == UV_ECANCELED ? AWL_ECANCELED
                     : status == UV_ENOMEM    ? AWL_ENOMEM
                                              : AWL_EIO;
    if (op->path != NULL)
        return awl_error_code(err, rc, uv_err_name(status), "cannot %s '%s': %s",
                              op->verb, op->path, uv_strerror(status));
    return awl_error_code(err, rc, uv_err_name(status), "cannot %s: %s", op->verb,
                          uv_strerror(status));
}

int64_t awl_file_value(struct awl_file_op *op)
{
    op->owns_descriptor = false;
    return op->result;
}

awl_str awl_file_bytes(const struct awl_file_op *op)
{
    return awl_buf_str(&op->bytes);
}

void awl_file_stat_get(const struct awl_file_op *op, struct awl_file_stat *stat)
{
    const uv_stat_t *from = &op->req.statbuf;
    *stat = (struct awl_file_stat){
        .kind = S_ISREG(from->st_mode)   ? AWL_FILE_REGULAR
                : S_ISDIR(from->st_mode) ? AWL_FILE_DIRECTORY
                                         : AWL_FILE_OTHER,
        .mode = (uint32_t)(from->st_mode & 07777),
        .size_bytes = (int64_t)from->st_size,
        .modified_ms =
            (int64_t)from->st_mtim.tv_sec * 1000 + from->st_mtim.tv_nsec / 1000000,
        .device = from->st_dev,
        .inode = from->st_ino,
    };
}

const char *awl_file_next_name(struct awl_file_op *op)
{
    uv_dirent_t entry;
    if (op->req.fs_type != UV_FS_SCANDIR || op->result < 0 ||
        uv_fs_scandir_next(&op->req, &entry) != 0)
        return NULL;
    return entry.name;
}
