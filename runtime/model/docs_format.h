/* docs_format.h - the layout of a docs pack; of interest within model/ only.
 *
 * A header, the directory of services, their names, then a zlib stream a service.
 * Unpacked it is a count, so many entries, then the keys and texts. All offsets of
 * entries count from the start of what was unpacked. */
#ifndef AWL_MODEL_DOCS_FORMAT_H
#define AWL_MODEL_DOCS_FORMAT_H

#include <stdint.h>

#define AWL_DOCS_MAGIC "AWLMDOCS"
#define AWL_DOCS_VERSION 1
#define AWL_DOCS_BYTE_ORDER 0x01020304
#define AWL_DOCS_BLOCK_MAX ((size_t)64 << 20) /* bytes of a service, unpacked */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "packs are little-endian");

struct awl_docs_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t len;       /* of the whole pack */
    uint32_t names_len; /* bytes between the directory and the first stream */
    uint32_t crc;       /* CRC-32 of the directory and the names */
    uint32_t service_count;
    uint32_t data_version; /* among the names */
    uint32_t data_version_len;
};

/* Sorted by name. */
struct awl_docs_service {
    uint32_t name; /* offset into the names */
    uint32_t name_len;
    uint32_t block; /* offset into the pack */
    uint32_t packed_len;
    uint32_t len;
};

/* Sorted by key: a byte for the kind, the name, and a member's after a NUL. */
struct awl_docs_entry {
    uint32_t key;
    uint32_t key_len;
    uint32_t text;
    uint32_t text_len;
};

static const char awl_docs_kind_bytes[] = {'S', 'O', 'H', 'M'};

#endif
