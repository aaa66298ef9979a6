#include "test.h"

#include "aws/checksum.h"

static void check_value(enum awl_checksum_algorithm algorithm, const char *expected)
{
    struct awl_checksum checksum;
    char text[AWL_CHECKSUM_BASE64_MAX];
    awl_checksum_init(&checksum, algorithm);
    awl_checksum_update(&checksum, "1234", 4);
    awl_checksum_update(&checksum, NULL, 0);
    awl_checksum_update(&checksum, "56789", 5);
    awl_checksum_final_base64(&checksum, text);
    CHECK_STR(awl_str_of(text), expected);
}

TEST(values_are_base64_of_big_endian_bytes)
{
    UNUSED_STATE;
    check_value(AWL_CHECKSUM_CRC32, "y/Q5Jg==");
    check_value(AWL_CHECKSUM_CRC32C, "4waSgw==");
    check_value(AWL_CHECKSUM_CRC64NVME, "rosUhgp5mIg=");
    check_value(AWL_CHECKSUM_SHA1, "98O8HYCOBHMq32eZZczDTKeuNEE=");
    check_value(AWL_CHECKSUM_SHA256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
    check_value(AWL_CHECKSUM_MD5, "JfnnlDI7RTiF9RgfG2JNCw==");
    check_value(AWL_CHECKSUM_XXHASH64, "jLhB20DmroM=");
    check_value(AWL_CHECKSUM_XXHASH3, "ctyxi2ehff8=");
    check_value(AWL_CHECKSUM_XXHASH128, "MxGUd+3l3NXpcWQnaB1YYA==");
}

TEST(an_algorithm_is_found_by_its_name_in_any_case)
{
    UNUSED_STATE;
    enum awl_checksum_algorithm algorithm;
    for (int i = 0; i < AWL_CHECKSUM_COUNT; i++) {
        awl_str name = awl_checksum_name((enum awl_checksum_algorithm)i);
        CHECK(awl_checksum_by_name(name, &algorithm));
        CHECK_INT(algorithm, i);
    }
    CHECK(awl_checksum_by_name(STR("crc64nvme"), &algorithm));
    CHECK_INT(algorithm, AWL_CHECKSUM_CRC64NVME);
    CHECK(!awl_checksum_by_name(STR("XXHASH32"), &algorithm));
    CHECK(!awl_checksum_by_name(STR(""), &algorithm));
}

TEST(headers_bear_the_algorithms_name)
{
    UNUSED_STATE;
    CHECK_STR(awl_checksum_header(AWL_CHECKSUM_CRC32), "x-amz-checksum-crc32");
    CHECK_STR(awl_checksum_header(AWL_CHECKSUM_CRC64NVME), "x-amz-checksum-crc64nvme");
    CHECK_STR(awl_checksum_header(AWL_CHECKSUM_MD5), "x-amz-checksum-md5");
    CHECK_INT(awl_checksum_len(AWL_CHECKSUM_SHA512), 64);
}

TEST(only_crcs_can_be_combined)
{
    UNUSED_STATE;
    static const uint8_t nine[4] = {0xcb, 0xf4, 0x39, 0x26};
    uint8_t value[AWL_CHECKSUM_LEN_MAX] = {0};
    CHECK(awl_checksum_combine(AWL_CHECKSUM_CRC32, value, nine, 9));
    assert_memory_equal(value, nine, sizeof nine);
    CHECK(!awl_checksum_combine(AWL_CHECKSUM_SHA1, value, value, 1));
    CHECK(!awl_checksum_combine(AWL_CHECKSUM_MD5, value, value, 1));
}

TEST_MAIN(RUN(values_are_base64_of_big_endian_bytes),
          RUN(an_algorithm_is_found_by_its_name_in_any_case),
          RUN(headers_bear_the_algorithms_name), RUN(only_crcs_can_be_combined))
