/* "123456789" and its values are the catalogue's check values. */
#include "test.h"

#include "aws/crc.h"

static uint8_t bytes[4096 + 64];

static void bytes_fill(void)
{
    uint32_t seed = 12345;
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

TEST(check_values_are_those_of_the_catalogue)
{
    UNUSED_STATE;
    CHECK_INT(awl_crc32(0, "123456789", 9), 0xcbf43926);
    CHECK_INT(awl_crc32c(0, "123456789", 9), 0xe3069283);
    assert_true(awl_crc64nvme(0, "123456789", 9) == 0xae8b14860a799888);
    CHECK_INT(awl_crc32(0, NULL, 0), 0);
    CHECK_INT(awl_crc32c(0, NULL, 0), 0);
    CHECK_INT(awl_crc64nvme(0, NULL, 0), 0);
}

TEST(instructions_and_tables_agree_at_every_length_and_offset)
{
    UNUSED_STATE;
    bytes_fill();
    for (size_t len = 0; len < 700; len++) {
        const uint8_t *at = bytes + len % 17;
        assert_true(awl_crc32c(7, at, len) == awl_crc32c_portable(7, at, len));
        assert_true(awl_crc64nvme(7, at, len) == awl_crc64nvme_portable(7, at, len));
    }
}

TEST(a_crc_goes_on_where_it_was_left)
{
    UNUSED_STATE;
    bytes_fill();
    for (size_t cut = 0; cut <= 4096; cut += 61) {
        size_t rest = 4096 - cut;
        assert_true(awl_crc32(awl_crc32(0, bytes, cut), bytes + cut, rest) ==
                    awl_crc32(0, bytes, 4096));
        assert_true(awl_crc32c(awl_crc32c(0, bytes, cut), bytes + cut, rest) ==
                    awl_crc32c(0, bytes, 4096));
        assert_true(awl_crc64nvme(awl_crc64nvme(0, bytes, cut), bytes + cut, rest) ==
                    awl_crc64nvme(0, bytes, 4096));
    }
}

TEST(the_crcs_of_two_parts_give_that_of_the_whole)
{
    UNUSED_STATE;
    bytes_fill();
    for (size_t cut = 0; cut <= 4096; cut += 97) {
        const uint8_t *rest = bytes + cut;
        size_t len = 4096 - cut;
        assert_true(awl_crc32_combine(awl_crc32(0, bytes, cut), awl_crc32(0, rest, len),
                                      len) == awl_crc32(0, bytes, 4096));
        assert_true(awl_crc32c_combine(awl_crc32c(0, bytes, cut),
                                       awl_crc32c(0, rest, len),
                                       len) == awl_crc32c(0, bytes, 4096));
        assert_true(awl_crc64nvme_combine(awl_crc64nvme(0, bytes, cut),
                                          awl_crc64nvme(0, rest, len),
                                          len) == awl_crc64nvme(0, bytes, 4096));
    }
}

TEST_MAIN(RUN(check_values_are_those_of_the_catalogue),
          RUN(instructions_and_tables_agree_at_every_length_and_offset),
          RUN(a_crc_goes_on_where_it_was_left),
          RUN(the_crcs_of_two_parts_give_that_of_the_whole))
