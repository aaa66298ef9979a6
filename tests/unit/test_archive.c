/* tests/unit/test_archive.c - registered as unit.archive */
#include "model/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static void path_make(char path[64], const char *suffix)
{
    snprintf(path, 64, "/tmp/awl-test-XXXXXX%s", suffix);
    int fd = mkstemps(path, (int)strlen(suffix));
    CHECK(fd >= 0);
    close(fd);
}

TEST(what_was_compressed_reads_as_it_was)
{
    UNUSED_STATE;
    char path[64];
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf packed, read;
    awl_buf_init(&packed, 65536);
    awl_buf_init(&read, 1 << 20);
    path_make(path, ".xz");
    CHECK_OK(awl_archive_xz(STR("one\ntwo\n"), &packed, &err));
    CHECK_OK(awl_archive_write(path, awl_buf_str(&packed), &err));
    CHECK_OK(awl_archive_read(path, &read, &err));
    CHECK_BUF(&read, "one\ntwo\n");
    unlink(path);
    awl_buf_release(&packed);
    awl_buf_release(&read);
}

TEST(damaged_xz_data_is_refused_by_name)
{
    UNUSED_STATE;
    char path[64];
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf packed, read;
    awl_buf_init(&packed, 65536);
    awl_buf_init(&read, 1 << 20);
    path_make(path, ".xz");
    CHECK_OK(awl_archive_xz(STR("one\ntwo\n"), &packed, &err));
    awl_buf_truncate(&packed, packed.len - 5);
    CHECK_OK(awl_archive_write(path, awl_buf_str(&packed), &err));
    CHECK_RC(awl_archive_read(path, &read, &err), AWL_EPARSE);
    CHECK(strstr(err.message, path) != NULL);
    unlink(path);
    awl_buf_release(&packed);
    awl_buf_release(&read);
}

TEST(what_unpacks_to_more_than_the_limit_is_refused)
{
    UNUSED_STATE;
    char path[64];
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf plain, packed, read;
    awl_buf_init(&plain, 1 << 20);
    awl_buf_init(&packed, 65536);
    awl_buf_init(&read, 100000);
    for (int i = 0; i < 1 << 20; i++)
        awl_buf_append_char(&plain, 'a');
    path_make(path, ".xz");
    CHECK_OK(awl_archive_xz(awl_buf_str(&plain), &packed, &err));
    CHECK_OK(awl_archive_write(path, awl_buf_str(&packed), &err));
    CHECK_RC(awl_archive_read(path, &read, &err), AWL_ELIMIT);
    unlink(path);
    awl_buf_release(&plain);
    awl_buf_release(&packed);
    awl_buf_release(&read);
}

TEST(a_missing_file_is_told_from_an_unreadable_one)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf read;
    awl_buf_init(&read, 65536);
    CHECK_RC(awl_archive_read("/tmp/awl-test-no-such-file", &read, &err), AWL_ENOTFOUND);
    CHECK_RC(awl_archive_read("/tmp", &read, &err), AWL_EIO);
    CHECK_RC(awl_archive_write("/tmp/awl-no-such-dir/x", STR("x"), &err), AWL_EIO);
    awl_buf_release(&read);
}

TEST_MAIN(RUN(what_was_compressed_reads_as_it_was),
          RUN(damaged_xz_data_is_refused_by_name),
          RUN(what_unpacks_to_more_than_the_limit_is_refused),
          RUN(a_missing_file_is_told_from_an_unreadable_one))
