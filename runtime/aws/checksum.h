/* checksum.h - the checksums of S3's x-amz-checksum-* headers.
 *
 * One incremental interface; a struct copy forks the computation. Values are
 * big-endian bytes, in headers as base64. The three XXH are those of seed 0, 3 being
 * the one of 64 bits. */
#ifndef AWL_AWS_CHECKSUM_H
#define AWL_AWS_CHECKSUM_H

#include "aws/digest.h"

enum awl_checksum_algorithm {
    AWL_CHECKSUM_CRC32,
    AWL_CHECKSUM_CRC32C,
    AWL_CHECKSUM_CRC64NVME,
    AWL_CHECKSUM_SHA1,
    AWL_CHECKSUM_SHA256,
    AWL_CHECKSUM_SHA512,
    AWL_CHECKSUM_MD5,
    AWL_CHECKSUM_XXHASH64,
    AWL_CHECKSUM_XXHASH3,
    AWL_CHECKSUM_XXHASH128,
    AWL_CHECKSUM_COUNT,
};

/* Plain memory: nothing to release. */
struct awl_checksum {
    enum awl_checksum_algorithm algorithm;
    union {
        uint64_t crc;
        struct awl_digest digest;
        uint64_t xxh[72];
    };
};

#define AWL_CHECKSUM_LEN_MAX AWL_DIGEST_LEN_MAX
#define AWL_CHECKSUM_BASE64_MAX 89 /* the longest value in base64 and a NUL */

/* By the name that models and members use ("CRC32", "crc64nvme"); case does not
 * matter. False for a name we do not know. */
bool awl_checksum_by_name(awl_str name, enum awl_checksum_algorithm *algorithm);

/* "CRC32" */
awl_str awl_checksum_name(enum awl_checksum_algorithm algorithm);

/* "x-amz-checksum-crc32" */
awl_str awl_checksum_header(enum awl_checksum_algorithm algorithm);

/* Bytes of a value: 4, 8, 16, 20, 32 or 64. */
size_t awl_checksum_len(enum awl_checksum_algorithm algorithm);

void awl_checksum_init(struct awl_checksum *checksum,
                       enum awl_checksum_algorithm algorithm);
void awl_checksum_update(struct awl_checksum *checksum, const void *bytes, size_t len);

/* Returns awl_checksum_len(). */
size_t awl_checksum_final(struct awl_checksum *checksum,
                          uint8_t out[AWL_CHECKSUM_LEN_MAX]);
void awl_checksum_final_base64(struct awl_checksum *checksum,
                               char out[AWL_CHECKSUM_BASE64_MAX]);

/* The CRC of two texts one after the other from the CRC of each and the length of
 * the second: `first` becomes that of both. False if the algorithm is no CRC. */
bool awl_checksum_combine(enum awl_checksum_algorithm algorithm, uint8_t *first,
                          const uint8_t *second, uint64_t second_len);

#endif
