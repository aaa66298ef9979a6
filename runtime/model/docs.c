#include "model/docs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "model/docs_format.h"

struct awl_docs {
    const char *bytes;
    size_t len;
    bool mapped;
    struct awl_docs_header header;
    const struct awl_docs_service *services;
    const char *names;

    /* the service that was asked for last */
    const struct awl_docs_service *loaded;
    char *block;
    const struct awl_docs_entry *entries;
    uint32_t entry_count;
};

/* ---- opening ---- */

static const char *header_reason(const struct awl_docs *docs)
{
    const struct awl_docs_header *h = &docs->header;
    if (docs->len < sizeof(*h) || memcmp(h->magic, AWL_DOCS_MAGIC, sizeof(h->magic)) != 0)
        return "not a docs pack";
    if (h->byte_order != AWL_DOCS_BYTE_ORDER || h->version != AWL_DOCS_VERSION)
        return "a docs pack of another format version; run 'awl models update' again";
    uint64_t directory = (uint64_t)h->service_count * sizeof(struct awl_docs_service);
    if (h->len != docs->len || sizeof(*h) + directory + h->names_len > docs->len)
        return "damaged docs pack: wrong length";
    uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)docs->bytes + sizeof(*h),
                                     (size_t)(directory + h->names_len));
    return crc == h->crc ? NULL : "damaged docs pack: wrong checksum";
}

/* A checksum protects from accidents only. */
static const char *directory_reason(const struct awl_docs *docs)
{
    const struct awl_docs_header *h = &docs->header;
    if ((uint64_t)h->data_version + h->data_version_len > h->names_len)
        return "damaged docs pack: a name leads outside";
    for (uint32_t i = 0; i < h->service_count; i++) {
        const struct awl_docs_service *s = &docs->services[i];
        if ((uint64_t)s->name + s->name_len > h->names_len)
            return "damaged docs pack: a name leads outside";
        if ((uint64_t)s->block + s->packed_len > docs->len ||
            s->len > AWL_DOCS_BLOCK_MAX || s->len < sizeof(uint32_t))
            return "damaged docs pack: a service leads outside";
    }
    return NULL;
}

enum awl_rc awl_docs_open(const void *bytes, size_t len, const char *origin,
                          struct awl_docs **opened, struct awl_error *err)
{
    *opened = NULL;
    struct awl_docs *docs = calloc(1, sizeof(*docs));
    if (docs == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    docs->bytes = bytes;
    docs->len = len;
    if (len >= sizeof(docs->header))
        memcpy(&docs->header, bytes, sizeof(docs->header));
    const char *reason =
        (uintptr_t)bytes % 4 != 0 ? "a docs pack at an odd address" : header_reason(docs);
    if (reason == NULL) {
        const char *directory = docs->bytes + sizeof(docs->header);
        docs->services = (const void *)directory;
        docs->names = directory + docs->header.service_count * sizeof(*docs->services);
        reason = directory_reason(docs);
    }
    if (reason != NULL) {
        free(docs);
        return awl_error_set(err, AWL_EPARSE, "'%s': %s", origin, reason);
    }
    *opened = docs;
    return AWL_OK;
}

enum awl_rc awl_docs_open_file(const char *path, struct awl_docs **docs,
                               struct awl_error *err)
{
    struct stat st;
    *docs = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        enum awl_rc rc = errno == ENOENT ? AWL_ENOTFOUND : AWL_EIO;
        awl_error_set(err, rc, "cannot open docs pack '%s': %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    size_t len = st.st_size > 0 ? (size_t)st.st_size : 0;
    void *bytes = len > 0 ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    int reason = errno;
    close(fd);
    if (bytes == MAP_FAILED)
        return awl_error_set(err, len > 0 ? AWL_EIO : AWL_EPARSE,
                             "cannot read docs pack '%s': %s", path,
                             len > 0 ? strerror(reason) : "it is empty");
    enum awl_rc rc = awl_docs_open(bytes, len, path, docs, err);
    if (rc == AWL_OK)
        (*docs)->mapped = true;
    else
        munmap(bytes, len);
    return rc;
}

void awl_docs_free(struct awl_docs *docs)
{
    if (docs == NULL)
        return;
    if (docs->mapped)
        munmap((void *)(uintptr_t)docs->bytes, docs->len);
    free(docs->block);
    free(docs);
}

awl_str awl_docs_data_version(const struct awl_docs *docs)
{
    return awl_str_make(docs->names + docs->header.data_version,
                        docs->header.data_version_len);
}

uint32_t awl_docs_service_count(const struct awl_docs *docs)
{
    return docs->header.service_count;
}

awl_str awl_docs_service_name(const struct awl_docs *docs, uint32_t index)
{
    const struct awl_docs_service *s = &docs->services[index];
    return awl_str_make(docs->names + s->name, s->name_len);
}

/* ---- a service ---- */

static const struct awl_docs_service *service_find(const struct awl_docs *docs,
                                                   awl_str name)
{
    uint32_t low = 0, high = docs->header.service_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = awl_str_cmp(awl_docs_service_name(docs, middle), name);
        if (order == 0)
            return &docs->services[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool block_check(const char *block, uint32_t len)
{
    uint32_t count;
    memcpy(&count, block, sizeof(count));
    if (count > (len - sizeof(count)) / sizeof(struct awl_docs_entry))
        return false;
    const struct awl_docs_entry *entries = (const void *)(block + sizeof(count));
    for (uint32_t i = 0; i < count; i++)
        if ((uint64_t)entries[i].key + entries[i].key_len > len ||
            (uint64_t)entries[i].text + entries[i].text_len > len)
            return false;
    return true;
}

static enum awl_rc service_load(struct awl_docs *docs, const struct awl_docs_service *s,
                                struct awl_error *err)
{
    if (docs->loaded == s)
        return AWL_OK;
    char *block = malloc(s->len);
    if (block == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    uLongf len = s->len;
    int status = uncompress((Bytef *)block, &len, (const Bytef *)docs->bytes + s->block,
                            s->packed_len);
    if (status != Z_OK || len != s->len || !block_check(block, s->len)) {
        free(block);
        return awl_error_set(err, AWL_EPARSE,
                             "damaged docs pack: the texts of '%.*s'; run 'awl models "
                             "update' again",
                             (int)s->name_len, docs->names + s->name);
    }
    free(docs->block);
    docs->block = block;
    docs->loaded = s;
    memcpy(&docs->entry_count, block, sizeof(docs->entry_count));
    docs->entries = (const void *)(block + sizeof(docs->entry_count));
    return AWL_OK;
}

static const struct awl_docs_entry *entry_find(const struct awl_docs *docs, awl_str key)
{
    uint32_t low = 0, high = docs->entry_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct awl_docs_entry *entry = &docs->entries[middle];
        int order =
            awl_str_cmp(awl_str_make(docs->block + entry->key, entry->key_len), key);
        if (order == 0)
            return entry;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum awl_rc awl_docs_text(struct awl_docs *docs, awl_str service, enum awl_docs_kind kind,
                          awl_str name, awl_str member, struct awl_buf *out,
                          struct awl_error *err)
{
    const struct awl_docs_service *s = service_find(docs, service);
    if (s == NULL)
        return AWL_ENOTFOUND;
    enum awl_rc rc = service_load(docs, s, err);
    if (rc != AWL_OK)
        return rc;
    struct awl_buf key;
    awl_buf_init(&key, UINT16_MAX);
    awl_buf_append_char(&key, awl_docs_kind_bytes[kind]);
    awl_buf_append_str(&key, name);
    if (kind == AWL_DOCS_MEMBER) {
        awl_buf_append_char(&key, '\0');
        awl_buf_append_str(&key, member);
    }
    rc = awl_buf_rc(&key);
    const struct awl_docs_entry *entry =
        rc == AWL_OK ? entry_find(docs, awl_buf_str(&key)) : NULL;
    awl_buf_release(&key);
    if (entry == NULL)
        return rc == AWL_ENOMEM ? awl_error_set(err, rc, "out of memory") : AWL_ENOTFOUND;
    rc = awl_buf_append(out, docs->block + entry->text, entry->text_len);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot keep the text");
}
