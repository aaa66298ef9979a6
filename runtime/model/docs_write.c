/* From models to a docs pack: the texts of a service, equal ones once, compressed. */
#include <stdlib.h>
#include <zlib.h>

#include "model/compiler.h"
#include "model/docs.h"
#include "model/docs_format.h"

#define PACK_MAX ((size_t)1 << 30)
#define LEVEL 6 /* 9 takes twice the time for 1 % less */

/* A text and its key, before both have a place. */
struct text {
    awl_str name, member;
    awl_str text;
    enum awl_docs_kind kind;
};

struct awl_docs_writer {
    struct awl_buf services; /* struct awl_docs_service; blocks count from 0 */
    struct awl_buf names;
    struct awl_buf blocks;
    struct awl_buf texts;   /* struct text, of the service being added */
    struct awl_buf block;   /* the same, as it will be unpacked */
    struct awl_idmap known; /* a text's checksum -> where it stands in the block */
};

struct awl_docs_writer *awl_docs_writer_new(void)
{
    struct awl_docs_writer *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return NULL;
    awl_buf_init(&w->services, PACK_MAX);
    awl_buf_init(&w->names, PACK_MAX);
    awl_buf_init(&w->blocks, PACK_MAX);
    awl_buf_init(&w->texts, PACK_MAX);
    awl_buf_init(&w->block, AWL_DOCS_BLOCK_MAX);
    return w;
}

void awl_docs_writer_free(struct awl_docs_writer *w)
{
    if (w == NULL)
        return;
    awl_buf_release(&w->services);
    awl_buf_release(&w->names);
    awl_buf_release(&w->blocks);
    awl_buf_release(&w->texts);
    awl_buf_release(&w->block);
    awl_idmap_release(&w->known);
    free(w);
}

/* ---- collecting ---- */

static void add_text(struct awl_docs_writer *w, enum awl_docs_kind kind, awl_str name,
                     awl_str member, const struct awl_tree *node)
{
    awl_str text = awl_tree_text(awl_tree_get(node, STR("documentation")));
    if (text.len == 0)
        return;
    struct text entry = {.kind = kind, .name = name, .member = member, .text = text};
    awl_buf_append(&w->texts, &entry, sizeof(entry));
}

static void collect(struct awl_docs_writer *w, const struct awl_tree *model)
{
    const struct awl_tree *operations = awl_tree_get(model, STR("operations"));
    const struct awl_tree *shapes = awl_tree_get(model, STR("shapes"));
    const struct awl_tree *node, *member;

    add_text(w, AWL_DOCS_SERVICE, STR(""), STR(""), model);
    for (node = operations != NULL ? operations->child : NULL; node; node = node->next)
        add_text(w, AWL_DOCS_OPERATION, node->key, STR(""), node);
    for (node = shapes != NULL ? shapes->child : NULL; node; node = node->next) {
        add_text(w, AWL_DOCS_SHAPE, node->key, STR(""), node);
        const struct awl_tree *members = awl_tree_get(node, STR("members"));
        for (member = members != NULL ? members->child : NULL; member;
             member = member->next)
            add_text(w, AWL_DOCS_MEMBER, node->key, member->key, member);
    }
}

static char kind_byte(const struct text *text)
{
    return awl_docs_kind_bytes[text->kind];
}

/* The order of the keys, whose bytes are kind, name, NUL, member. */
static int text_compare(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    if (kind_byte(x) != kind_byte(y))
        return kind_byte(x) < kind_byte(y) ? -1 : 1;
    int order = awl_str_cmp(x->name, y->name);
    return order != 0 ? order : awl_str_cmp(x->member, y->member);
}

/* ---- the block ---- */

static uint32_t block_text(struct awl_docs_writer *w, awl_str text)
{
    uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)text.ptr, text.len);
    uint32_t at = awl_idmap_get(&w->known, crc);
    if (at != AWL_MODEL_NONE && at + text.len <= w->block.len &&
        memcmp(w->block.ptr + at, text.ptr, text.len) == 0)
        return at;
    at = (uint32_t)w->block.len;
    awl_buf_append_str(&w->block, text);
    if (awl_buf_rc(&w->block) == AWL_OK && crc != AWL_MODEL_NONE)
        awl_idmap_put(&w->known, crc, at); /* on failure it is only stored twice */
    return at;
}

static struct awl_docs_entry block_entry(struct awl_docs_writer *w,
                                         const struct text *text)
{
    struct awl_docs_entry entry = {.key = (uint32_t)w->block.len};
    awl_buf_append_char(&w->block, kind_byte(text));
    awl_buf_append_str(&w->block, text->name);
    if (text->kind == AWL_DOCS_MEMBER) {
        awl_buf_append_char(&w->block, '\0');
        awl_buf_append_str(&w->block, text->member);
    }
    entry.key_len = (uint32_t)w->block.len - entry.key;
    entry.text = block_text(w, text->text);
    entry.text_len = (uint32_t)text->text.len;
    return entry;
}

static enum awl_rc block_fill(struct awl_docs_writer *w)
{
    struct text *texts = (struct text *)w->texts.ptr;
    uint32_t count = (uint32_t)(w->texts.len / sizeof(*texts));
    const struct awl_docs_entry none = {0};

    if (count > 1)
        qsort(texts, count, sizeof(*texts), text_compare);
    awl_buf_append(&w->block, &count, sizeof(count));
    for (uint32_t i = 0; i < count; i++)
        awl_buf_append(&w->block, &none, sizeof(none));
    for (uint32_t i = 0; i < count && awl_buf_rc(&w->block) == AWL_OK; i++) {
        struct awl_docs_entry entry = block_entry(w, &texts[i]);
        if (awl_buf_rc(&w->block) == AWL_OK)
            memcpy(w->block.ptr + sizeof(count) + i * sizeof(entry), &entry,
                   sizeof(entry));
    }
    return awl_buf_rc(&w->block);
}

static enum awl_rc block_pack(struct awl_docs_writer *w)
{
    uLongf len = compressBound((uLong)w->block.len);
    enum awl_rc rc = awl_buf_reserve(&w->blocks, len);
    if (rc != AWL_OK)
        return rc;
    if (compress2((Bytef *)w->blocks.ptr + w->blocks.len, &len,
                  (const Bytef *)w->block.ptr, (uLong)w->block.len, LEVEL) != Z_OK)
        return AWL_ENOMEM;
    w->blocks.len += len;
    return AWL_OK;
}

enum awl_rc awl_docs_add(struct awl_docs_writer *w, awl_str service,
                         const struct awl_tree *model, struct awl_error *err)
{
    struct awl_docs_service entry = {.name = (uint32_t)w->names.len,
                                     .name_len = (uint32_t)service.len,
                                     .block = (uint32_t)w->blocks.len};
    awl_buf_clear(&w->texts);
    awl_buf_clear(&w->block);
    awl_idmap_clear(&w->known);
    collect(w, model);
    enum awl_rc rc = awl_buf_rc(&w->texts);
    if (rc == AWL_OK)
        rc = block_fill(w);
    if (rc == AWL_OK)
        rc = block_pack(w);
    entry.len = (uint32_t)w->block.len;
    entry.packed_len = (uint32_t)w->blocks.len - entry.block;
    if (rc == AWL_OK)
        rc = awl_buf_append_str(&w->names, service);
    if (rc == AWL_OK)
        rc = awl_buf_append(&w->services, &entry, sizeof(entry));
    return rc == AWL_OK ? rc
                        : awl_error_set(err, rc, "documentation of '%.*s' is too large",
                                        STR_ARG(service));
}

/* ---- the pack ---- */

enum awl_rc awl_docs_write(struct awl_docs_writer *w, awl_str data_version,
                           struct awl_buf *out, struct awl_error *err)
{
    struct awl_docs_header header = {
        .version = AWL_DOCS_VERSION,
        .byte_order = AWL_DOCS_BYTE_ORDER,
        .service_count = (uint32_t)(w->services.len / sizeof(struct awl_docs_service)),
        .data_version = (uint32_t)w->names.len,
        .data_version_len = (uint32_t)data_version.len};
    struct awl_docs_service *services = (struct awl_docs_service *)w->services.ptr;
    memcpy(header.magic, AWL_DOCS_MAGIC, sizeof(header.magic));
    awl_buf_append_str(&w->names, data_version);
    header.names_len = (uint32_t)w->names.len;
    size_t start = sizeof(header) + w->services.len + w->names.len;
    for (uint32_t i = 0; i < header.service_count; i++)
        services[i].block += (uint32_t)start;

    awl_buf_append(out, &header, sizeof(header));
    awl_buf_append_str(out, awl_buf_str(&w->services));
    awl_buf_append_str(out, awl_buf_str(&w->names));
    awl_buf_append_str(out, awl_buf_str(&w->blocks));
    enum awl_rc rc = awl_buf_rc(&w->names);
    if (rc == AWL_OK)
        rc = awl_buf_rc(out);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "the docs pack is too large");
    header.len = (uint32_t)out->len;
    header.crc = (uint32_t)crc32_z(0, (const Bytef *)out->ptr + sizeof(header),
                                   start - sizeof(header));
    memcpy(out->ptr, &header, sizeof(header));
    return AWL_OK;
}
