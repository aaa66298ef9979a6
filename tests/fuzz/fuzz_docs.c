/* Docs packs from elsewhere. The input is a pack, its checksum put right, and then the
 * unpacked texts of a service in a pack that is sound otherwise. */
#include <zlib.h>

#include "base/buf.h"
#include "fuzz.h"
#include "model/docs.h"
#include "model/docs_format.h"

#define TEXT_MAX ((size_t)1 << 20)

static void read_service(struct awl_docs *docs, awl_str service)
{
    static const struct {
        enum awl_docs_kind kind;
        awl_str name, member;
    } asked[] = {{AWL_DOCS_SERVICE, {"", 0}, {"", 0}},
                 {AWL_DOCS_OPERATION, {"GetBook", 7}, {"", 0}},
                 {AWL_DOCS_SHAPE, {"Book", 4}, {"", 0}},
                 {AWL_DOCS_MEMBER, {"Book", 4}, {"Title", 5}}};
    struct awl_buf out;
    awl_buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        (void)awl_docs_text(docs, service, asked[i].kind, asked[i].name, asked[i].member,
                            &out, NULL);
    awl_buf_release(&out);
}

static void read_pack(awl_str pack)
{
    struct awl_docs *docs;
    if (awl_docs_open(pack.ptr, pack.len, "fuzz", &docs, NULL) != AWL_OK) {
        require(docs == NULL);
        return;
    }
    for (uint32_t i = 0; i < awl_docs_service_count(docs); i++)
        read_service(docs, awl_docs_service_name(docs, i));
    awl_docs_free(docs);
}

/* What stands behind the header must hold at least directory and names. */
static void seal(awl_str pack)
{
    struct awl_docs_header h;
    char *bytes = (char *)(uintptr_t)pack.ptr;
    if (pack.len < sizeof(h))
        return;
    memcpy(&h, bytes, sizeof(h));
    uint64_t covered =
        (uint64_t)h.service_count * sizeof(struct awl_docs_service) + h.names_len;
    if (covered > pack.len - sizeof(h))
        return;
    h.len = (uint32_t)pack.len;
    h.crc = (uint32_t)crc32_z(0, (const Bytef *)bytes + sizeof(h), (size_t)covered);
    memcpy(bytes, &h, sizeof(h));
}

static void append_pack(struct awl_buf *out, awl_str texts)
{
    uLongf packed_len = compressBound(texts.len);
    Bytef *packed = malloc(packed_len);
    require(packed != NULL &&
            compress(packed, &packed_len, (const Bytef *)texts.ptr, texts.len) == Z_OK);
    struct awl_docs_header h = {.version = AWL_DOCS_VERSION,
                                .byte_order = AWL_DOCS_BYTE_ORDER,
                                .names_len = 8,
                                .service_count = 1,
                                .data_version_len = 3};
    memcpy(h.magic, AWL_DOCS_MAGIC, sizeof(h.magic));
    struct awl_docs_service s = {.name = 3,
                                 .name_len = 5,
                                 .block = (uint32_t)(sizeof(h) + sizeof(s) + 8),
                                 .packed_len = (uint32_t)packed_len,
                                 .len = (uint32_t)texts.len};
    awl_buf_append(out, &h, sizeof(h));
    awl_buf_append(out, &s, sizeof(s));
    awl_buf_append_str(out, STR("1.0shelf"));
    awl_buf_append(out, packed, packed_len);
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_buf pack;
    awl_buf_init(&pack, TEXT_MAX * 2);
    awl_buf_append(&pack, data, size);
    seal(awl_buf_str(&pack));
    read_pack(awl_buf_str(&pack));
    awl_buf_clear(&pack);
    append_pack(&pack, awl_str_make((const char *)data, size));
    seal(awl_buf_str(&pack));
    read_pack(awl_buf_str(&pack));
    awl_buf_release(&pack);
    return 0;
}
