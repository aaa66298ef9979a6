#include "aws/checksum.h"

#include "aws/base64.h"
#include "aws/crc.h"

_Static_assert(AWL_CHECKSUM_BASE64_MAX == AWL_BASE64_DIGEST_MAX, "one length for both");

static const struct {
    awl_str name;
    awl_str header;
    size_t len;
    enum awl_digest_algorithm digest; /* of those that are no CRC */
} algorithms[AWL_CHECKSUM_COUNT] = {
    [AWL_CHECKSUM_CRC32] = {{"CRC32", 5}, {"x-amz-checksum-crc32", 20}, 4, 0},
    [AWL_CHECKSUM_CRC32C] = {{"CRC32C", 6}, {"x-amz-checksum-crc32c", 21}, 4, 0},
    [AWL_CHECKSUM_CRC64NVME] = {{"CRC64NVME", 9}, {"x-amz-checksum-crc64nvme", 24}, 8, 0},
    [AWL_CHECKSUM_SHA1] = {{"SHA1", 4}, {"x-amz-checksum-sha1", 19}, 20, AWL_DIGEST_SHA1},
    [AWL_CHECKSUM_SHA256] = {{"SHA256", 6},
                             {"x-amz-checksum-sha256", 21},
                             32,
                             AWL_DIGEST_SHA256},
    [AWL_CHECKSUM_SHA512] = {{"SHA512", 6},
                             {"x-amz-checksum-sha512", 21},
                             64,
                             AWL_DIGEST_SHA512},
    [AWL_CHECKSUM_MD5] = {{"MD5", 3}, {"Content-MD5", 11}, 16, AWL_DIGEST_MD5},
};

static bool is_crc(enum awl_checksum_algorithm algorithm)
{
    return algorithm <= AWL_CHECKSUM_CRC64NVME;
}

bool awl_checksum_by_name(awl_str name, enum awl_checksum_algorithm *algorithm)
{
    for (int i = 0; i < AWL_CHECKSUM_COUNT; i++) {
        if (awl_str_eq_nocase(name, algorithms[i].name)) {
            *algorithm = (enum awl_checksum_algorithm)i;
            return true;
        }
    }
    return false;
}

awl_str awl_checksum_name(enum awl_checksum_algorithm algorithm)
{
    return algorithms[algorithm].name;
}

awl_str awl_checksum_header(enum awl_checksum_algorithm algorithm)
{
    return algorithms[algorithm].header;
}

size_t awl_checksum_len(enum awl_checksum_algorithm algorithm)
{
    return algorithms[algorithm].len;
}

void awl_checksum_init(struct awl_checksum *checksum,
                       enum awl_checksum_algorithm algorithm)
{
    checksum->algorithm = algorithm;
    checksum->crc = 0;
    if (!is_crc(algorithm))
        awl_digest_init(&checksum->digest, algorithms[algorithm].digest);
}

void awl_checksum_update(struct awl_checksum *checksum, const void *bytes, size_t len)
{
    switch (checksum->algorithm) {
    case AWL_CHECKSUM_CRC32:
        checksum->crc = awl_crc32((uint32_t)checksum->crc, bytes, len);
        break;
    case AWL_CHECKSUM_CRC32C:
        checksum->crc = awl_crc32c((uint32_t)checksum->crc, bytes, len);
        break;
    case AWL_CHECKSUM_CRC64NVME:
        checksum->crc = awl_crc64nvme(checksum->crc, bytes, len);
        break;
    default:
        awl_digest_update(&checksum->digest, bytes, len);
    }
}

static void store(uint8_t *out, uint64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--, value >>= 8)
        out[i - 1] = (uint8_t)value;
}

static uint64_t load(const uint8_t *in, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | in[i];
    return value;
}

size_t awl_checksum_final(struct awl_checksum *checksum,
                          uint8_t out[AWL_CHECKSUM_LEN_MAX])
{
    size_t len = awl_checksum_len(checksum->algorithm);
    if (is_crc(checksum->algorithm))
        store(out, checksum->crc, len);
    else
        awl_digest_final(&checksum->digest, out);
    return len;
}

void awl_checksum_final_base64(struct awl_checksum *checksum,
                               char out[AWL_CHECKSUM_BASE64_MAX])
{
    uint8_t value[AWL_CHECKSUM_LEN_MAX];
    size_t len = awl_checksum_final(checksum, value);
    awl_base64_encode_small(out, value, len);
}

bool awl_checksum_combine(enum awl_checksum_algorithm algorithm, uint8_t *first,
                          const uint8_t *second, uint64_t second_len)
{
    if (!is_crc(algorithm))
        return false;
    size_t len = awl_checksum_len(algorithm);
    uint64_t a = load(first, len), b = load(second, len), both;
    if (algorithm == AWL_CHECKSUM_CRC32)
        both = awl_crc32_combine((uint32_t)a, (uint32_t)b, second_len);
    else if (algorithm == AWL_CHECKSUM_CRC32C)
        both = awl_crc32c_combine((uint32_t)a, (uint32_t)b, second_len);
    else
        both = awl_crc64nvme_combine(a, b, second_len);
    store(first, both, len);
    return true;
}
