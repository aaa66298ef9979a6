/* file.h - file operations off the loop's thread.
 *
 * One struct awl_file_op carries one operation at a time; its waitable is signaled
 * when the result is there. Text and bytes given are copied, so the caller may let
 * go of everything at once: an operation freed under way ends unseen, and a
 * descriptor that it opened is closed. Descriptors are plain ints of the caller's. */
#ifndef AWL_LOOP_FILE_H
#define AWL_LOOP_FILE_H

#include "base/buf.h"
#include "loop/loop.h"
#include "loop/waitable.h"

#define AWL_FILE_READ_MAX ((size_t)64 << 20) /* bytes in one read or write */

struct awl_file_op;

/* NULL when out of memory. */
struct awl_file_op *awl_file_op_new(struct awl_loop *loop);

/* NULL is fine; also while the operation is under way. */
void awl_file_op_free(struct awl_file_op *op);

/* Signaled when the operation is over. Canceling does not stop what a thread has
 * begun; the operation ends, as failed or not, when that is done. */
struct awl_waitable *awl_file_op_waitable(struct awl_file_op *op);

/* Each starts an operation, forgetting the result of the one before; one that still
 * runs is AWL_EINPUT. Failures at the start are returned, later ones are in
 * awl_file_result. A negative offset means the file's own position. */
enum awl_rc awl_file_open(struct awl_file_op *op, const char *path, int flags, int mode,
                          struct awl_error *err); /* O_CLOEXEC is added */
enum awl_rc awl_file_read(struct awl_file_op *op, int fd, size_t len, int64_t offset,
                          struct awl_error *err);
enum awl_rc awl_file_write(struct awl_file_op *op, int fd, awl_str bytes, int64_t offset,
                           struct awl_error *err); /* all of them, or fails */
enum awl_rc awl_file_sync(struct awl_file_op *op, int fd, struct awl_error *err);
enum awl_rc awl_file_close(struct awl_file_op *op, int fd, struct awl_error *err);
enum awl_rc awl_file_stat(struct awl_file_op *op, const char *path,
                          struct awl_error *err);
enum awl_rc awl_file_fstat(struct awl_file_op *op, int fd, struct awl_error *err);
enum awl_rc awl_file_rename(struct awl_file_op *op, const char *from, const char *to,
                            struct awl_error *err);
enum awl_rc awl_file_unlink(struct awl_file_op *op, const char *path,
                            struct awl_error *err);
enum awl_rc awl_file_mkdir(struct awl_file_op *op, const char *path, int mode,
                           struct awl_error *err);
enum awl_rc awl_file_rmdir(struct awl_file_op *op, const char *path,
                           struct awl_error *err);
enum awl_rc awl_file_list(struct awl_file_op *op, const char *path,
                          struct awl_error *err); /* the names in a directory */

/* How the operation ended: AWL_OK, AWL_ENOTFOUND or AWL_EIO, with words that name the
 * path; the code is the system's ("ENOENT"). */
enum awl_rc awl_file_result(const struct awl_file_op *op, struct awl_error *err);

/* open: the descriptor, now the caller's to close. read, write: the bytes moved; a
 * read of 0 is the end of the file. */
int64_t awl_file_value(struct awl_file_op *op);

/* read: the bytes, until the next operation. */
awl_str awl_file_bytes(const struct awl_file_op *op);

enum awl_file_kind {
    AWL_FILE_REGULAR,
    AWL_FILE_DIRECTORY,
    AWL_FILE_OTHER,
};

struct awl_file_stat {
    enum awl_file_kind kind;
    uint32_t mode; /* permission bits */
    int64_t size_bytes;
    int64_t modified_ms; /* since 1970 */
    uint64_t device, inode;
};

/* stat, fstat. */
void awl_file_stat_get(const struct awl_file_op *op, struct awl_file_stat *stat);

/* list: the next name, sorted, without "." and ".."; NULL after the last. Valid until
 * the next operation. */
const char *awl_file_next_name(struct awl_file_op *op);

#endif
