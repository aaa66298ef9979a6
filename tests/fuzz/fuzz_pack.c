/* fuzz_pack.c - packs from elsewhere: what is accepted can be read whole. The seeds are
 * the packs of tests/unit/model_fixture.h and of test_docs.c. Length and checksum, which
 * only show accidents, are put right first. */
#include <stdlib.h>
#include <zlib.h>

#include "../unit/pack_walk.h"
#include "model/docs.h"
#include "model/docs_format.h"
#include "model/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void docs_header_set(char *bytes, size_t size)
{
    struct awl_docs_header header;
    if (size < sizeof(header))
        return;
    memcpy(&header, bytes, sizeof(header));
    size_t checked =
        (size_t)header.service_count * sizeof(struct awl_docs_service) + header.names_len;
    if (checked > size - sizeof(header))
        return;
    header.len = (uint32_t)size;
    header.crc = (uint32_t)crc32_z(0, (const Bytef *)bytes + sizeof(header), checked);
    memcpy(bytes, &header, sizeof(header));
}

static void try_docs(char *bytes, size_t size)
{
    struct awl_docs *docs;
    struct awl_buf out;
    docs_header_set(bytes, size);
    if (awl_docs_open(bytes, size, "fuzz", &docs, NULL) != AWL_OK)
        return;
    awl_buf_init(&out, 1 << 20);
    for (uint32_t i = 0; i < awl_docs_service_count(docs); i++) {
        awl_str service = awl_docs_service_name(docs, i);
        (void)awl_docs_text(docs, service, AWL_DOCS_SERVICE, STR(""), STR(""), &out,
                            NULL);
        (void)awl_docs_text(docs, service, AWL_DOCS_MEMBER, STR("Book"), STR("Title"),
                            &out, NULL);
    }
    awl_buf_release(&out);
    awl_docs_free(docs);
}

static void try_pack(char *bytes, size_t size)
{
    header_set(bytes, size);
    struct awl_pack *pack = awl_pack_open(bytes, size, "fuzz", false, NULL);
    if (pack != NULL)
        pack_walk(pack);
    awl_pack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    if (size >= 8 && memcmp(copy, AWL_DOCS_MAGIC, 8) == 0)
        try_docs(copy, size);
    else
        try_pack(copy, size);
    free(copy);
    return 0;
}
