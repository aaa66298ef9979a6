/* From lines of JSON to a pack: services, their aliases, the sections. */
#include "model/compile.h"

#include <stdlib.h>
#include <zlib.h>

#include "model/compiler.h"
#include "model/pack.h"
#include "model/source.h"

#define TREE_MAX ((size_t)1 << 30) /* bytes of one service's JSON as a tree */
#define SECTION_ALIGN 8u

static enum awl_rc compiler_init(struct awl_compiler *c, struct awl_error *err)
{
    *c = (struct awl_compiler){.err = err, .partitions = AWL_MODEL_NONE};
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        awl_buf_init(&c->sections[i], AWL_PACK_MAX);
    awl_arena_init(&c->arena, NULL, 0, TREE_MAX);
    c->data_version = awl_compiler_string(c, STR(""));
    return c->rc;
}

static void compiler_release(struct awl_compiler *c)
{
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        awl_buf_release(&c->sections[i]);
    awl_arena_release(&c->arena);
    awl_idmap_release(&c->blocks);
    awl_idmap_release(&c->shape_index);
    awl_idmap_release(&c->keys);
    free(c->interned);
}

/* The first failure of what was appended since the start. */
static enum awl_rc compiler_rc(const struct awl_compiler *c)
{
    enum awl_rc rc = c->rc;
    for (size_t i = 0; rc == AWL_OK && i < AWL_PACK_SECTIONS; i++)
        rc = awl_buf_rc(&c->sections[i]);
    if (rc == AWL_ELIMIT)
        return awl_error_set(c->err, rc, "a text or a pack is too long");
    return rc == AWL_OK ? rc : awl_error_set(c->err, rc, "out of memory");
}

/* ---- one service ---- */

static enum awl_rc service_compile(struct awl_compiler *c,
                                   const struct awl_service_parts *parts)
{
    c->service = (struct awl_pack_service){.name = awl_compiler_string(c, parts->name),
                                           .rules = AWL_MODEL_NONE};
    awl_idmap_clear(&c->shape_index);
    awl_idmap_clear(&c->keys);
    enum awl_rc rc = awl_compile_metadata(c, parts->model);
    if (rc == AWL_OK)
        rc = awl_compile_shapes(c, parts->model);
    if (rc == AWL_OK)
        rc = awl_compile_operations(c, parts->model);
    if (rc == AWL_OK && parts->paginators != NULL)
        rc = awl_compile_paginators(c, parts->paginators);
    if (rc == AWL_OK && parts->waiters != NULL)
        rc = awl_compile_waiters(c, parts->waiters);
    if (rc == AWL_OK && parts->rules != NULL)
        rc = awl_compile_rules(c, parts->rules);
    return rc;
}

/* What we make of a model, the checks of foreign packs must accept: one service that is
 * at odds with itself would spoil the pack of all. */
static enum awl_rc service_check(const struct awl_compiler *c)
{
    static const uint64_t nothing;
    const void *sections[AWL_PACK_SECTIONS];
    struct awl_pack view = {.partitions = c->partitions};
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++) {
        const struct awl_buf *section = &c->sections[i];
        sections[i] = section->ptr != NULL ? (const void *)section->ptr : &nothing;
        view.counts[i] = awl_compiler_count(c, (enum awl_pack_section)i);
    }
    awl_pack_set_sections(&view, sections);
    return awl_pack_check_service(&view, &c->service, "the model is at odds with itself",
                                  c->err);
}

/* Adds a service, or nothing at all. */
static enum awl_rc service_add(struct awl_compiler *c,
                               const struct awl_service_parts *parts)
{
    size_t lens[AWL_PACK_SECTIONS];
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        lens[i] = c->sections[i].len;
    enum awl_rc rc = service_compile(c, parts);
    if (rc == AWL_OK && compiler_rc(c) != AWL_OK)
        return compiler_rc(c);
    if (rc == AWL_OK)
        rc = service_check(c);
    if (rc == AWL_OK) {
        awl_buf_append(&c->sections[AWL_PACK_SERVICES], &c->service, sizeof(c->service));
        return compiler_rc(c);
    }
    /* Strings stay: nothing refers to them, and what is interned must not move. A
     * shared block may lie in what is cut off. */
    for (size_t i = AWL_PACK_SERVICES; i < AWL_PACK_SECTIONS; i++)
        awl_buf_truncate(&c->sections[i], lens[i]);
    awl_idmap_clear(&c->blocks);
    awl_error_prefix(c->err, "service '%.*s'", STR_ARG(parts->name));
    return rc;
}

/* ---- the pack ---- */

static int service_compare(const void *a, const void *b, void *data)
{
    const struct awl_pack_service *x = a, *y = b;
    int order =
        awl_str_cmp(awl_compiler_text(data, x->name), awl_compiler_text(data, y->name));
    return order != 0 ? order
                      : awl_str_cmp(awl_compiler_text(data, y->api_version),
                                    awl_compiler_text(data, x->api_version));
}

static int alias_compare(const void *a, const void *b, void *data)
{
    const struct awl_pack_alias *x = a, *y = b;
    int order =
        awl_str_cmp(awl_compiler_text(data, x->name), awl_compiler_text(data, y->name));
    return order != 0 ? order : (x->service > y->service) - (x->service < y->service);
}

/* "Cost Explorer" -> "cost-explorer". */
static void alias_service_id(struct awl_buf *alias, awl_str service_id)
{
    for (size_t i = 0; i < service_id.len; i++) {
        char ch = awl_char_lower(service_id.ptr[i]);
        awl_buf_append_char(alias, ch == ' ' ? '-' : ch);
    }
}

static void alias_add(struct awl_compiler *c, awl_str text, uint32_t index,
                      struct awl_pack_alias *last)
{
    const struct awl_pack_service *s =
        (const struct awl_pack_service *)c->sections[AWL_PACK_SERVICES].ptr + index;
    uint32_t name = awl_compiler_string(c, text);
    if (text.len == 0 || name == s->name ||
        (name == last->name && index == last->service))
        return;
    *last = (struct awl_pack_alias){name, index};
    awl_buf_append(&c->sections[AWL_PACK_ALIASES], last, sizeof(*last));
}

/* Each service also goes by its endpoint prefix and its hyphenated service id, those of
 * its newest version. */
static void aliases_emit(struct awl_compiler *c)
{
    struct awl_buf alias;
    awl_buf_init(&alias, UINT16_MAX);
    for (uint32_t i = 0; i < awl_compiler_count(c, AWL_PACK_SERVICES); i++) {
        const struct awl_pack_service *s =
            (const struct awl_pack_service *)c->sections[AWL_PACK_SERVICES].ptr + i;
        struct awl_pack_alias last = {AWL_MODEL_NONE, 0};
        if (i > 0 && s[-1].name == s->name)
            continue; /* an older version */
        awl_buf_clear(&alias);
        awl_buf_append_str(&alias, awl_compiler_text(c, s->endpoint_prefix));
        alias_add(c, awl_buf_str(&alias), i, &last);
        awl_buf_clear(&alias);
        alias_service_id(&alias, awl_compiler_text(c, s->service_id));
        alias_add(c, awl_buf_str(&alias), i, &last);
    }
    awl_buf_release(&alias);
}

static void sort_section(struct awl_compiler *c, enum awl_pack_section section,
                         size_t size, int (*compare)(const void *, const void *, void *))
{
    struct awl_buf *buf = &c->sections[section];
    if (buf->len > size)
        qsort_r(buf->ptr, buf->len / size, size, compare, c);
}

static void pad(struct awl_buf *out)
{
    while (out->len % SECTION_ALIGN != 0)
        awl_buf_append_char(out, '\0');
}

static enum awl_rc pack_write(struct awl_compiler *c, struct awl_buf *out)
{
    struct awl_pack_header header = {.version = AWL_PACK_VERSION,
                                     .byte_order = AWL_PACK_BYTE_ORDER,
                                     .data_version = c->data_version,
                                     .partitions = c->partitions};
    memcpy(header.magic, AWL_PACK_MAGIC, sizeof(header.magic));
    awl_buf_append(out, &header, sizeof(header));
    for (unsigned i = 0; i < AWL_PACK_SECTIONS; i++) {
        pad(out);
        header.sections[i].offset = (uint32_t)out->len;
        header.sections[i].count = awl_compiler_count(c, i);
        awl_buf_append_str(out, awl_buf_str(&c->sections[i]));
    }
    pad(out);
    if (awl_buf_rc(out) != AWL_OK)
        return awl_error_set(c->err, awl_buf_rc(out), "the pack is too large");
    header.len = (uint32_t)out->len;
    header.crc = (uint32_t)crc32_z(0, (const Bytef *)out->ptr + sizeof(header),
                                   out->len - sizeof(header));
    memcpy(out->ptr, &header, sizeof(header));
    return AWL_OK;
}

static enum awl_rc compiler_finish(struct awl_compiler *c, struct awl_buf *out)
{
    sort_section(c, AWL_PACK_SERVICES, sizeof(struct awl_pack_service), service_compare);
    aliases_emit(c);
    sort_section(c, AWL_PACK_ALIASES, sizeof(struct awl_pack_alias), alias_compare);
    enum awl_rc rc = compiler_rc(c);
    return rc == AWL_OK ? pack_write(c, out) : rc;
}

/* ---- the source form ---- */

static enum awl_rc header_compile(struct awl_compiler *c, awl_str line)
{
    const struct awl_tree *header = awl_tree_parse(&c->arena, line, c->err);
    if (header == NULL)
        return awl_error_prefix(c->err, "header");
    int64_t format;
    if (!awl_tree_int64(awl_tree_get(header, STR("format")), &format) ||
        format != AWL_SOURCE_FORMAT)
        return awl_compiler_fail(c, "not a source form of format %d", AWL_SOURCE_FORMAT);
    awl_str version = awl_tree_text(awl_tree_get(header, STR("version")));
    c->data_version = awl_compiler_string(c, version);
    return awl_compile_partitions(c, awl_tree_get(header, STR("partitions")));
}

static enum awl_rc line_compile(struct awl_compiler *c, awl_str line)
{
    const struct awl_tree *node = awl_tree_parse(&c->arena, line, c->err);
    if (node == NULL)
        return c->err->rc;
    struct awl_service_parts parts = {
        .name = awl_tree_text(awl_tree_get(node, STR("name"))),
        .model = awl_tree_get(node, STR("model")),
        .rules = awl_tree_get(node, STR("rules")),
        .paginators = awl_tree_get(node, STR("paginators")),
        .waiters = awl_tree_get(node, STR("waiters")),
    };
    return service_add(c, &parts);
}

static enum awl_rc lines_compile(struct awl_compiler *c, awl_str source,
                                 awl_compile_report *report, void *data)
{
    awl_str line;
    enum awl_rc rc = awl_source_line(&source, &line)
                         ? header_compile(c, line)
                         : awl_compiler_fail(c, "an empty source form");
    awl_arena_release(&c->arena);
    while (rc == AWL_OK && awl_source_line(&source, &line)) {
        rc = line_compile(c, line);
        awl_arena_release(&c->arena);
        if (rc == AWL_EPARSE) {
            if (report != NULL)
                report(data, c->err->message);
            rc = AWL_OK;
        }
    }
    return rc;
}

enum awl_rc awl_compile_source(awl_str source, awl_compile_report *report, void *data,
                               struct awl_buf *out, struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct awl_compiler c;
    enum awl_rc rc = compiler_init(&c, err != NULL ? err : &own);
    if (rc == AWL_OK)
        rc = lines_compile(&c, source, report, data);
    if (rc == AWL_OK)
        rc = compiler_finish(&c, out);
    compiler_release(&c);
    return rc;
}

/* ---- one service by itself ---- */

static enum awl_rc part_parse(struct awl_compiler *c, const char *what, awl_str json,
                              struct awl_tree **node)
{
    *node = NULL;
    if (json.len == 0)
        return AWL_OK;
    *node = awl_tree_parse(&c->arena, json, c->err);
    return *node != NULL ? AWL_OK : awl_error_prefix(c->err, "%s", what);
}

static enum awl_rc input_compile(struct awl_compiler *c,
                                 const struct awl_compile_input *input)
{
    struct awl_service_parts parts = {.name = input->name};
    struct awl_tree *partitions;
    enum awl_rc rc = part_parse(c, "model", input->model, &parts.model);
    if (rc == AWL_OK)
        rc = part_parse(c, "rules", input->rules, &parts.rules);
    if (rc == AWL_OK)
        rc = part_parse(c, "paginators", input->paginators, &parts.paginators);
    if (rc == AWL_OK)
        rc = part_parse(c, "waiters", input->waiters, &parts.waiters);
    if (rc == AWL_OK)
        rc = part_parse(c, "partitions", input->partitions, &partitions);
    if (rc == AWL_OK)
        rc = awl_compile_partitions(c, partitions);
    return rc == AWL_OK ? service_add(c, &parts) : rc;
}

enum awl_rc awl_compile_service(const struct awl_compile_input *input,
                                struct awl_buf *out, struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct awl_compiler c;
    enum awl_rc rc = compiler_init(&c, err != NULL ? err : &own);
    if (rc == AWL_OK)
        rc = input_compile(&c, input);
    if (rc == AWL_OK)
        rc = compiler_finish(&c, out);
    compiler_release(&c);
    return rc;
}

enum awl_rc awl_compile_parts(const struct awl_service_parts *parts, struct awl_buf *out,
                              struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct awl_compiler c;
    enum awl_rc rc = compiler_init(&c, err != NULL ? err : &own);
    if (rc == AWL_OK && parts->partitions != NULL)
        rc = awl_compile_partitions(&c, parts->partitions);
    if (rc == AWL_OK)
        rc = service_add(&c, parts);
    if (rc == AWL_OK)
        rc = compiler_finish(&c, out);
    compiler_release(&c);
    return rc;
}
