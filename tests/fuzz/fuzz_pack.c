/* fuzz_pack.c - packs from elsewhere: what is accepted can be read whole. The seed is the
 * pack of tests/unit/model_fixture.h. Length and checksum, which only show accidents, are
 * put right first. */
#include <zlib.h>

#include "../unit/pack_walk.h"
#include "fuzz.h"
#include "model/format.h"

static void header_set(char *bytes, size_t size)
{
    struct awl_pack_header header;
    if (size < sizeof(header))
        return;
    memcpy(&header, bytes, sizeof(header));
    memcpy(header.magic, AWL_PACK_MAGIC, sizeof(header.magic));
    header.version = AWL_PACK_VERSION;
    header.byte_order = AWL_PACK_BYTE_ORDER;
    header.len = (uint32_t)size;
    header.crc = (uint32_t)crc32_z(0, (const Bytef *)bytes + sizeof(header),
                                   size - sizeof(header));
    memcpy(bytes, &header, sizeof(header));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    header_set(copy, size);
    struct awl_pack *pack = awl_pack_open(copy, size, "fuzz", false, NULL);
    if (pack != NULL)
        pack_walk(pack);
    awl_pack_free(pack);
    free(copy);
    return 0;
}
