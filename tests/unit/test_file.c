/* test_file.c - file operations off the loop's thread. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/file.h"
#include "test.h"

struct files {
    struct awl_clock clock;
    struct awl_loop *loop;
    struct awl_file_op *op;
    char dir[64];
    char path[128], other[128];
};

static void files_init(struct files *files)
{
    awl_clock_init(&files->clock);
    files->loop = awl_loop_new(&files->clock);
    files->op = awl_file_op_new(files->loop);
    snprintf(files->dir, sizeof(files->dir), "/tmp/awl-test-XXXXXX");
    assert_non_null(mkdtemp(files->dir));
    snprintf(files->path, sizeof(files->path), "%s/one", files->dir);
    snprintf(files->other, sizeof(files->other), "%s/two", files->dir);
}

static void files_release(struct files *files)
{
    awl_file_op_free(files->op);
    while (awl_loop_turn(files->loop, true))
        ;
    awl_loop_free(files->loop);
    unlink(files->path);
    unlink(files->other);
    rmdir(files->dir);
}

static enum awl_rc finish(struct files *files, enum awl_rc started)
{
    CHECK_OK(started);
    while (!awl_file_op_waitable(files->op)->signaled)
        CHECK(awl_loop_turn(files->loop, true));
    return awl_file_result(files->op, NULL);
}

static int open_file(struct files *files, int flags)
{
    CHECK_OK(finish(files, awl_file_open(files->op, files->path, flags, 0600, NULL)));
    return (int)awl_file_value(files->op);
}

TEST(what_was_written_is_read_again)
{
    UNUSED_STATE;
    struct files files;
    files_init(&files);
    int fd = open_file(&files, O_RDWR | O_CREAT);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK_OK(finish(&files, awl_file_write(files.op, fd, STR("hello"), -1, NULL)));
    CHECK_INT(awl_file_value(files.op), 5);
    CHECK_OK(finish(&files, awl_file_write(files.op, fd, STR("J"), 0, NULL)));
    CHECK_OK(finish(&files, awl_file_sync(files.op, fd, NULL)));
    CHECK_OK(finish(&files, awl_file_read(files.op, fd, 100, 0, NULL)));
    CHECK_STR(awl_file_bytes(files.op), "Jello");
    CHECK_OK(finish(&files, awl_file_read(files.op, fd, 100, 5, NULL)));
    CHECK_INT(awl_file_value(files.op), 0);
    CHECK_OK(finish(&files, awl_file_close(files.op, fd, NULL)));
    files_release(&files);
}

TEST(a_write_of_megabytes_is_whole)
{
    UNUSED_STATE;
    struct files files;
    struct awl_file_stat stat;
    size_t len = 5000000;
    char *bytes = calloc(1, len);
    files_init(&files);
    int fd = open_file(&files, O_RDWR | O_CREAT);
    enum awl_rc rc = awl_file_write(files.op, fd, awl_str_make(bytes, len), -1, NULL);
    free(bytes); /* it was copied */
    CHECK_OK(finish(&files, rc));
    CHECK_OK(finish(&files, awl_file_fstat(files.op, fd, NULL)));
    awl_file_stat_get(files.op, &stat);
    CHECK_INT(stat.size_bytes, len);
    CHECK_INT(stat.kind, AWL_FILE_REGULAR);
    CHECK_INT(stat.mode, 0600);
    close(fd);
    files_release(&files);
}

TEST(directories_are_made_listed_and_removed)
{
    UNUSED_STATE;
    struct files files;
    struct awl_file_stat stat;
    files_init(&files);
    close(open_file(&files, O_RDWR | O_CREAT));
    CHECK_OK(finish(&files, awl_file_mkdir(files.op, files.other, 0700, NULL)));
    CHECK_OK(finish(&files, awl_file_stat(files.op, files.other, NULL)));
    awl_file_stat_get(files.op, &stat);
    CHECK_INT(stat.kind, AWL_FILE_DIRECTORY);
    CHECK_OK(finish(&files, awl_file_list(files.op, files.dir, NULL)));
    assert_string_equal(awl_file_next_name(files.op), "one");
    assert_string_equal(awl_file_next_name(files.op), "two");
    assert_null(awl_file_next_name(files.op));
    CHECK_OK(finish(&files, awl_file_rmdir(files.op, files.other, NULL)));
    CHECK_OK(finish(&files, awl_file_rename(files.op, files.path, files.other, NULL)));
    CHECK_OK(finish(&files, awl_file_unlink(files.op, files.other, NULL)));
    CHECK_RC(finish(&files, awl_file_stat(files.op, files.other, NULL)), AWL_ENOTFOUND);
    files_release(&files);
}

TEST(a_failure_names_the_path_and_the_reason)
{
    UNUSED_STATE;
    struct files files;
    struct awl_error err = AWL_ERROR_INIT;
    files_init(&files);
    CHECK_RC(finish(&files, awl_file_open(files.op, files.path, O_RDONLY, 0, NULL)),
             AWL_ENOTFOUND);
    CHECK_RC(awl_file_result(files.op, &err), AWL_ENOTFOUND);
    assert_string_equal(err.code, "ENOENT");
    assert_non_null(strstr(err.message, files.path));
    CHECK_RC(finish(&files, awl_file_unlink(files.op, files.dir, NULL)), AWL_EIO);
    CHECK_RC(finish(&files, awl_file_read(files.op, -1, 10, -1, NULL)), AWL_EIO);
    CHECK_INT(awl_file_bytes(files.op).len, 0);
    files_release(&files);
}

TEST(an_operation_may_be_freed_under_way)
{
    UNUSED_STATE;
    struct files files;
    files_init(&files);
    close(open_file(&files, O_RDWR | O_CREAT));
    int before = dup(0);
    close(before);
    for (int i = 0; i < 20; i++) {
        struct awl_file_op *op = awl_file_op_new(files.loop);
        CHECK_OK(awl_file_open(op, files.path, O_RDONLY, 0, NULL));
        CHECK_RC(awl_file_open(op, files.path, O_RDONLY, 0, NULL), AWL_EINPUT);
        awl_file_op_free(op);
    }
    while (awl_loop_turn(files.loop, true))
        ;
    int after = dup(0);
    close(after);
    CHECK_INT(after, before); /* no descriptor was left behind */
    files_release(&files);
}

TEST_MAIN(RUN(what_was_written_is_read_again), RUN(a_write_of_megabytes_is_whole),
          RUN(directories_are_made_listed_and_removed),
          RUN(a_failure_names_the_path_and_the_reason),
          RUN(an_operation_may_be_freed_under_way))
