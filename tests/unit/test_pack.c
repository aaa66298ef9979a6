/* tests/unit/test_pack.c - registered as unit.pack */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "model/format.h"
#include "model_fixture.h"
#include "pack_walk.h"

/* Puts the checksum right, as somebody would who means to deceive. */
static void checksum_set(char *bytes, size_t len)
{
    struct awl_pack_header header;
    if (len < sizeof(header))
        return;
    memcpy(&header, bytes, sizeof(header));
    header.crc =
        (uint32_t)crc32_z(0, (const Bytef *)bytes + sizeof(header), len - sizeof(header));
    memcpy(bytes, &header, sizeof(header));
}

/* Opens a copy of exactly these bytes as a foreign pack; whether it was accepted. */
static bool try_bytes(const char *bytes, size_t len, struct awl_error *err)
{
    char *copy = malloc(len + 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, len);
    copy = realloc(copy, len > 0 ? len : 1);
    struct awl_pack *pack = awl_pack_open(copy, len, "x.pack", false, err);
    if (pack != NULL)
        pack_walk(pack);
    awl_pack_free(pack);
    free(copy);
    return pack != NULL;
}

TEST(a_sound_pack_is_accepted_and_can_be_read_whole)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_error err = AWL_ERROR_INIT;
    fixture_init(&f);
    CHECK(try_bytes(f.bytes.ptr, f.bytes.len, &err));
    CHECK(pack_walk(f.pack) > 0);
    fixture_release(&f);
}

TEST(a_pack_cut_off_anywhere_is_refused)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    for (size_t len = 0; len < f.bytes.len; len++) {
        struct awl_error err = AWL_ERROR_INIT;
        CHECK(!try_bytes(f.bytes.ptr, len, &err));
        CHECK_INT(err.rc, AWL_EPARSE);
    }
    fixture_release(&f);
}

TEST(any_changed_byte_is_noticed)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    for (size_t i = sizeof(struct awl_pack_header); i < f.bytes.len; i++) {
        struct awl_error err = AWL_ERROR_INIT;
        f.bytes.ptr[i] ^= 0x10;
        CHECK(!try_bytes(f.bytes.ptr, f.bytes.len, &err));
        CHECK_STR(awl_str_of(err.message),
                  "'x.pack': damaged model pack: wrong checksum");
        f.bytes.ptr[i] ^= 0x10;
    }
    fixture_release(&f);
}

TEST(a_changed_byte_under_a_right_checksum_does_no_harm)
{
    UNUSED_STATE;
    static const char flips[] = {0x01, 0x04, (char)0x80, (char)0xFF};
    struct fixture f;
    unsigned refused = 0;
    fixture_init(&f);
    for (size_t i = 0; i < f.bytes.len; i++) {
        for (size_t j = 0; j < sizeof(flips); j++) {
            struct awl_error err = AWL_ERROR_INIT;
            char before = f.bytes.ptr[i];
            f.bytes.ptr[i] = (char)(before ^ flips[j]);
            checksum_set(f.bytes.ptr, f.bytes.len);
            refused += !try_bytes(f.bytes.ptr, f.bytes.len, &err);
            f.bytes.ptr[i] = before;
        }
    }
    CHECK(refused > f.bytes.len / 4);
    fixture_release(&f);
}

TEST(words_set_to_any_bound_do_no_harm)
{
    UNUSED_STATE;
    struct fixture f;
    fixture_init(&f);
    const uint32_t values[] = {0,          1,          2,          0x7FFFFFFF,
                               0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, (uint32_t)f.bytes.len};
    for (size_t i = 0; i + 4 <= f.bytes.len; i += 4) {
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            struct awl_error err = AWL_ERROR_INIT;
            char before[4];
            memcpy(before, f.bytes.ptr + i, 4);
            memcpy(f.bytes.ptr + i, &values[j], 4);
            checksum_set(f.bytes.ptr, f.bytes.len);
            try_bytes(f.bytes.ptr, f.bytes.len, &err);
            memcpy(f.bytes.ptr + i, before, 4);
        }
    }
    fixture_release(&f);
}

TEST(what_is_no_pack_or_of_another_version_is_told_apart)
{
    UNUSED_STATE;
    struct fixture f;
    struct awl_error err = AWL_ERROR_INIT;
    fixture_init(&f);
    CHECK(!try_bytes("#!/bin/sh\n", 10, &err));
    CHECK_STR(awl_str_of(err.message), "'x.pack': not a model pack");
    f.bytes.ptr[8]++;
    CHECK(!try_bytes(f.bytes.ptr, f.bytes.len, &err));
    CHECK_STR(awl_str_of(err.message),
              "'x.pack': a model pack of another format version; build it again");
    f.bytes.ptr[8]--;
    fixture_release(&f);
}

TEST(a_file_is_mapped_and_checked)
{
    UNUSED_STATE;
    char path[] = "/tmp/awl-test-pack-XXXXXX";
    struct awl_error err = AWL_ERROR_INIT;
    struct fixture f;
    fixture_init(&f);
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(awl_pack_open_file(path, &err) == NULL); /* empty */
    CHECK_INT(err.rc, AWL_EPARSE);
    CHECK(write(fd, f.bytes.ptr, f.bytes.len) == (ssize_t)f.bytes.len);
    struct awl_pack *pack = awl_pack_open_file(path, &err);
    CHECK(pack != NULL);
    CHECK_STR(awl_pack_service_name(pack, 0), "shelf");
    awl_pack_free(pack);
    CHECK(ftruncate(fd, (off_t)f.bytes.len - 8) == 0);
    CHECK(awl_pack_open_file(path, &err) == NULL);
    CHECK(strstr(err.message, path) != NULL);
    close(fd);
    unlink(path);
    CHECK(awl_pack_open_file(path, &err) == NULL);
    CHECK_INT(err.rc, AWL_ENOTFOUND);
    fixture_release(&f);
}

TEST(a_file_of_our_own_is_checked_service_by_service)
{
    UNUSED_STATE;
    char path[] = "/tmp/awl-test-pack-XXXXXX";
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_model model;
    struct awl_pack_part_header directory;
    struct fixture f;
    fixture_init(&f);
    memcpy(&directory, f.bytes.ptr + sizeof(struct awl_pack_header), sizeof(directory));
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK(write(fd, f.bytes.ptr, f.bytes.len) == (ssize_t)f.bytes.len);
    struct awl_pack *pack = awl_pack_open_own_file(path, &err);
    CHECK(pack != NULL);
    CHECK_OK(awl_model_open(pack, STR("shelf"), &model, &err));
    awl_pack_free(pack);

    const uint32_t astray = 0x7FFFFFFF; /* the first operation's name */
    CHECK(pwrite(fd, &astray, sizeof(astray),
                 (const char *)f.model.operations - f.bytes.ptr) == sizeof(astray));
    pack = awl_pack_open_own_file(path, &err);
    CHECK(pack != NULL);
    CHECK_STR(awl_pack_service_name(pack, 0), "shelf");
    CHECK_INT(awl_model_open(pack, STR("shelf"), &model, &err), AWL_EPARSE);
    awl_pack_free(pack);
    CHECK(pwrite(fd, &astray, sizeof(astray),
                 (off_t)sizeof(struct awl_pack_header) +
                     directory.sections[AWL_PACK_ENTRIES].offset) == sizeof(astray));
    CHECK(awl_pack_open_own_file(path, &err) == NULL);
    close(fd);
    unlink(path);
    fixture_release(&f);
}

TEST_MAIN(RUN(a_sound_pack_is_accepted_and_can_be_read_whole),
          RUN(a_pack_cut_off_anywhere_is_refused), RUN(any_changed_byte_is_noticed),
          RUN(a_changed_byte_under_a_right_checksum_does_no_harm),
          RUN(words_set_to_any_bound_do_no_harm),
          RUN(what_is_no_pack_or_of_another_version_is_told_apart),
          RUN(a_file_is_mapped_and_checked),
          RUN(a_file_of_our_own_is_checked_service_by_service))
