#include "model/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

const size_t awl_pack_element_sizes[AWL_PACK_SECTIONS] = {
    [AWL_PACK_STRINGS] = 1,
    [AWL_PACK_ENTRIES] = sizeof(struct awl_pack_entry),
    [AWL_PACK_ALIASES] = sizeof(struct awl_pack_alias),
    [AWL_PACK_SERVICE] = sizeof(struct awl_pack_service),
    [AWL_PACK_SHAPES] = sizeof(struct awl_shape),
    [AWL_PACK_MEMBERS] = sizeof(struct awl_member),
    [AWL_PACK_MEMBER_EXTRAS] = sizeof(struct awl_member_extra),
    [AWL_PACK_OPERATIONS] = sizeof(struct awl_operation),
    [AWL_PACK_WORDS] = sizeof(uint32_t),
    [AWL_PACK_SLOTS] = sizeof(uint16_t),
};

void awl_part_init(struct awl_part *part, const void *const sections[AWL_PACK_SECTIONS],
                   const uint32_t counts[AWL_PACK_SECTIONS])
{
    part->strings = sections[AWL_PACK_STRINGS];
    part->entries = sections[AWL_PACK_ENTRIES];
    part->aliases = sections[AWL_PACK_ALIASES];
    part->service = sections[AWL_PACK_SERVICE];
    part->shapes = sections[AWL_PACK_SHAPES];
    part->members = sections[AWL_PACK_MEMBERS];
    part->member_extras = sections[AWL_PACK_MEMBER_EXTRAS];
    part->operations = sections[AWL_PACK_OPERATIONS];
    part->words = sections[AWL_PACK_WORDS];
    part->slots = sections[AWL_PACK_SLOTS];
    memcpy(part->counts, counts, sizeof(part->counts));
}

/* The part that begins at an offset; false if it does not fit into the pack. */
static bool part_find(const struct awl_pack *pack, uint32_t offset, struct awl_part *part)
{
    struct awl_pack_part_header header;
    const void *sections[AWL_PACK_SECTIONS];
    uint32_t counts[AWL_PACK_SECTIONS];
    size_t left = offset < pack->len ? pack->len - offset : 0;
    if (offset % 8 != 0 || left < sizeof(header))
        return false;
    memcpy(&header, pack->bytes + offset, sizeof(header));
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++) {
        uint64_t at = header.sections[i].offset;
        counts[i] = header.sections[i].count;
        if (at % 8 != 0 || at + (uint64_t)counts[i] * awl_pack_element_sizes[i] > left)
            return false;
        sections[i] = pack->bytes + offset + at;
    }
    awl_part_init(part, sections, counts);
    return true;
}

enum awl_rc awl_pack_part(const struct awl_pack *pack, uint32_t index,
                          struct awl_part *part, struct awl_error *err)
{
    return part_find(pack, pack->directory.entries[index].part, part)
               ? AWL_OK
               : awl_error_set(err, AWL_EPARSE,
                               AWL_PACK_DAMAGED ": a service leads outside");
}

/* Why the header does not fit the bytes, or NULL. */
static const char *header_reason(const struct awl_pack_header *header, size_t len)
{
    if (len < sizeof(*header) ||
        memcmp(header->magic, AWL_PACK_MAGIC, sizeof(header->magic)) != 0)
        return "not a model pack";
    if (header->byte_order != AWL_PACK_BYTE_ORDER || header->version != AWL_PACK_VERSION)
        return "a model pack of another format version; build it again";
    if (header->len != len)
        return AWL_PACK_DAMAGED ": wrong length";
    return NULL;
}

/* Finds the parts that every use of the pack needs. */
static const char *pack_fill(struct awl_pack *pack, const char *bytes,
                             const struct awl_pack_header *header)
{
    pack->bytes = bytes;
    pack->len = header->len;
    pack->data_version = header->data_version;
    pack->partition_list = header->partition_list;
    if (!part_find(pack, sizeof(*header), &pack->directory))
        return AWL_PACK_DAMAGED ": the directory does not fit";
    if (!part_find(pack, header->partitions, &pack->partitions))
        return AWL_PACK_DAMAGED ": the partitions do not fit";
    return NULL;
}

static bool checksum_right(const char *bytes, const struct awl_pack_header *header)
{
    return header->crc == (uint32_t)crc32_z(0, (const Bytef *)bytes + sizeof(*header),
                                            header->len - sizeof(*header));
}

enum trust {
    TRUST_NOTHING,
    TRUST_NO_OFFSET, /* but that what was written is what is read */
    TRUST_ALL,
};

static struct awl_pack *open_bytes(const void *bytes, size_t len, const char *origin,
                                   enum trust trust, struct awl_error *err)
{
    struct awl_pack_header header;
    memset(&header, 0, sizeof(header));
    if (len > 0)
        memcpy(&header, bytes, len < sizeof(header) ? len : sizeof(header));
    struct awl_pack *pack = calloc(1, sizeof(*pack));
    if (pack == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    const char *reason = header_reason(&header, len);
    if (reason == NULL && (uintptr_t)bytes % 8 != 0)
        reason = "a model pack at an odd address";
    if (reason == NULL && trust == TRUST_NOTHING && !checksum_right(bytes, &header))
        reason = AWL_PACK_DAMAGED ": wrong checksum";
    if (reason == NULL)
        reason = pack_fill(pack, bytes, &header);
    pack->check_late = trust == TRUST_NO_OFFSET;
    enum awl_rc rc = AWL_OK;
    if (reason != NULL)
        rc = awl_error_set(err, AWL_EPARSE, "%s", reason);
    else if (trust != TRUST_ALL)
        rc = awl_pack_check(pack, trust == TRUST_NOTHING, err);
    if (rc != AWL_OK) {
        awl_error_prefix(err, "'%s'", origin);
        awl_pack_free(pack);
        return NULL;
    }
    return pack;
}

struct awl_pack *awl_pack_open(const void *bytes, size_t len, const char *origin,
                               bool trusted, struct awl_error *err)
{
    return open_bytes(bytes, len, origin, trusted ? TRUST_ALL : TRUST_NOTHING, err);
}

static struct awl_pack *open_file(const char *path, enum trust trust,
                                  struct awl_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        awl_error_set(err, errno == ENOENT ? AWL_ENOTFOUND : AWL_EIO,
                      "cannot open model pack '%s': %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    size_t len = st.st_size > 0 ? (size_t)st.st_size : 0;
    void *bytes = len > 0 ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    int reason = errno;
    close(fd);
    if (bytes == MAP_FAILED) {
        awl_error_set(err, len > 0 ? AWL_EIO : AWL_EPARSE,
                      "cannot read model pack '%s': %s", path,
                      len > 0 ? strerror(reason) : "it is empty");
        return NULL;
    }
    struct awl_pack *pack = open_bytes(bytes, len, path, trust, err);
    if (pack == NULL) {
        munmap(bytes, len);
        return NULL;
    }
    pack->mapped = bytes;
    return pack;
}

struct awl_pack *awl_pack_open_file(const char *path, struct awl_error *err)
{
    return open_file(path, TRUST_NOTHING, err);
}

struct awl_pack *awl_pack_open_own_file(const char *path, struct awl_error *err)
{
    return open_file(path, TRUST_NO_OFFSET, err);
}

void awl_pack_free(struct awl_pack *pack)
{
    if (pack == NULL)
        return;
    if (pack->mapped != NULL)
        munmap(pack->mapped, pack->len);
    free(pack);
}

awl_str awl_pack_data_version(const struct awl_pack *pack)
{
    return awl_part_str(&pack->directory, pack->data_version);
}

uint32_t awl_pack_service_count(const struct awl_pack *pack)
{
    return pack->directory.counts[AWL_PACK_ENTRIES];
}

awl_str awl_pack_service_name(const struct awl_pack *pack, uint32_t index)
{
    return awl_part_str(&pack->directory, pack->directory.entries[index].name);
}

awl_str awl_pack_service_version(const struct awl_pack *pack, uint32_t index)
{
    return awl_part_str(&pack->directory, pack->directory.entries[index].api_version);
}
