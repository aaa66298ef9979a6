/* crc.h - the three CRCs, each in the fastest form this processor has.
 *
 * `crc` is 0 at first, then what the call before returned. Others than checksum.h
 * need only CRC-32: frames of event streams, DynamoDB's x-amz-crc32. */
#ifndef AWL_AWS_CRC_H
#define AWL_AWS_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t awl_crc32(uint32_t crc, const void *bytes, size_t len);
uint32_t awl_crc32c(uint32_t crc, const void *bytes, size_t len);
uint64_t awl_crc64nvme(uint64_t crc, const void *bytes, size_t len);

/* The same without special instructions, for tests to compare. */
uint32_t awl_crc32c_portable(uint32_t crc, const void *bytes, size_t len);
uint64_t awl_crc64nvme_portable(uint64_t crc, const void *bytes, size_t len);

/* The CRC of two texts one after the other. */
uint32_t awl_crc32_combine(uint32_t first, uint32_t second, uint64_t second_len);
uint32_t awl_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_len);
uint64_t awl_crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_len);

#endif
