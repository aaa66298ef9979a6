#include "aws/checksum.h"

#include <string.h>

/* Only here: as part of this file there is no question of the library's version. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "aws/base64.h"
#include "aws/crc.h"

_Static_assert(AWL_CHECKSUM_BASE64_MAX == AWL_BASE64_DIGEST_MAX, "one length for both");

enum family {
    CRC,
    DIGEST,
    XXH,
};

static const struct {
    awl_str name;
    awl_str header;
    size_t len;
    enum family family;
    enum awl_digest_algorithm digest; /* of that family */
} algorithms[AWL_CHECKSUM_COUNT] = {
#define ALGORITHM(name, header, len, family, digest)                                     \
    {                                                                                    \
        {name, sizeof(name) - 1}, {header, sizeof(header) - 1}, len, family, digest      \
    }
    [AWL_CHECKSUM_CRC32] = ALGORITHM("CRC32", "x-amz-checksum-crc32", 4, CRC, 0),
    [AWL_CHECKSUM_CRC32C] = ALGORITHM("CRC32C", "x-amz-checksum-crc32c", 4, CRC, 0),
    [AWL_CHECKSUM_CRC64NVME] =
        ALGORITHM("CRC64NVME", "x-amz-checksum-crc64nvme", 8, CRC, 0),
    [AWL_CHECKSUM_SHA1] =
        ALGORITHM("SHA1", "x-amz-checksum-sha1", 20, DIGEST, AWL_DIGEST_SHA1),
    [AWL_CHECKSUM_SHA256] =
        ALGORITHM("SHA256", "x-amz-checksum-sha256", 32, DIGEST, AWL_DIGEST_SHA256),
    [AWL_CHECKSUM_SHA512] =
        ALGORITHM("SHA512", "x-amz-checksum-sha512", 64, DIGEST, AWL_DIGEST_SHA512),
    [AWL_CHECKSUM_MD5] =
        ALGORITHM("MD5", "x-amz-checksum-md5", 16, DIGEST, AWL_DIGEST_MD5),
    [AWL_CHECKSUM_XXHASH64] = ALGORITHM("XXHASH64", "x-amz-checksum-xxhash64", 8, XXH, 0),
    [AWL_CHECKSUM_XXHASH3] = ALGORITHM("XXHASH3", "x-amz-checksum-xxhash3", 8, XXH, 0),
    [AWL_CHECKSUM_XXHASH128] =
        ALGORITHM("XXHASH128", "x-amz-checksum-xxhash128", 16, XXH, 0),
#undef ALGORITHM
};

static void store(uint8_t *out, uint64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--, value >>= 8)
        out[i - 1] = (uint8_t)value;
}

/* ---- xxHash: its states want an alignment that ours need not have ---- */

union xxh_state {
    XXH64_state_t of_64;
    XXH3_state_t of_3; /* and of 128: they differ in what the end makes of it */
};

_Static_assert(sizeof(union xxh_state) <= sizeof(((struct awl_checksum *)0)->xxh),
               "room");

static void xxh_init(struct awl_checksum *checksum)
{
    union xxh_state state;
    memset(&state, 0, sizeof(state));
    if (checksum->algorithm == AWL_CHECKSUM_XXHASH64)
        XXH64_reset(&state.of_64, 0);
    else
        XXH3_128bits_reset(&state.of_3);
    memcpy(checksum->xxh, &state, sizeof(state));
}

static void xxh_update(struct awl_checksum *checksum, const void *bytes, size_t len)
{
    union xxh_state state;
    if (len == 0)
        return;
    memcpy(&state, checksum->xxh, sizeof(state));
    if (checksum->algorithm == AWL_CHECKSUM_XXHASH64)
        XXH64_update(&state.of_64, bytes, len);
    else
        XXH3_128bits_update(&state.of_3, bytes, len);
    memcpy(checksum->xxh, &state, sizeof(state));
}

static void xxh_final(const struct awl_checksum *checksum, uint8_t *out)
{
    union xxh_state state;
    memcpy(&state, checksum->xxh, sizeof(state));
    if (checksum->algorithm == AWL_CHECKSUM_XXHASH64) {
        store(out, XXH64_digest(&state.of_64), 8);
    } else if (checksum->algorithm == AWL_CHECKSUM_XXHASH3) {
        store(out, XXH3_64bits_digest(&state.of_3), 8);
    } else {
        XXH128_hash_t value = XXH3_128bits_digest(&state.of_3);
        store(out, value.high64, 8);
        store(out + 8, value.low64, 8);
    }
}

/* ---- all of them ---- */

static enum family family_of(enum awl_checksum_algorithm algorithm)
{
    return algorithms[algorithm].family;
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
    switch (family_of(algorithm)) {
    case CRC:
        checksum->crc = 0;
        break;
    case DIGEST:
        awl_digest_init(&checksum->digest, algorithms[algorithm].digest);
        break;
    case XXH:
        xxh_init(checksum);
        break;
    }
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
        if (family_of(checksum->algorithm) == XXH)
            xxh_update(checksum, bytes, len);
        else
            awl_digest_update(&checksum->digest, bytes, len);
    }
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
    switch (family_of(checksum->algorithm)) {
    case CRC:
        store(out, checksum->crc, len);
        break;
    case DIGEST:
        awl_digest_final(&checksum->digest, out);
        break;
    case XXH:
        xxh_final(checksum, out);
        break;
    }
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
    if (family_of(algorithm) != CRC)
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
