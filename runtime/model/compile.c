/* From lines of JSON to a pack: its parts one after the other, then the directory. */
#include "model/compile.h"

#include <stdlib.h>
#include <zlib.h>

#include "model/compiler.h"
#include "model/pack.h"
#include "model/source.h"

#define TREE_MAX ((size_t)1 << 30) /* bytes of one service's JSON as a tree */
#define SECTION_ALIGN 8u

static void compiler_init(struct awl_compiler *c, struct awl_error *err)
{
    *c = (struct awl_compiler){.err = err, .partition_list = AWL_MODEL_NONE};
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        awl_buf_init(&c->sections[i], AWL_PACK_MAX);
    awl_buf_init(&c->parts, AWL_PACK_MAX);
    awl_buf_init(&c->services, AWL_PACK_MAX);
    awl_buf_init(&c->data_version, UINT16_MAX);
    awl_arena_init(&c->arena, NULL, 0, TREE_MAX);
}

static void compiler_release(struct awl_compiler *c)
{
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        awl_buf_release(&c->sections[i]);
    awl_buf_release(&c->parts);
    awl_buf_release(&c->services);
    awl_buf_release(&c->data_version);
    awl_arena_release(&c->arena);
    awl_idmap_release(&c->blocks);
    awl_idmap_release(&c->shape_index);
    awl_idmap_release(&c->keys);
    free(c->interned);
}

/* ---- a part ---- */

static void part_begin(struct awl_compiler *c)
{
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++)
        awl_buf_clear(&c->sections[i]);
    if (c->interned != NULL)
        memset(c->interned, 0, c->interned_cap * sizeof(*c->interned));
    c->interned_count = 0;
    awl_idmap_clear(&c->blocks);
    c->rc = AWL_OK;
}

/* What could not be added may look like a mistake in the model. */
static enum awl_rc part_rc(const struct awl_compiler *c, enum awl_rc rc)
{
    enum awl_rc lacking = awl_compiler_rc(c);
    return lacking != AWL_OK ? lacking : rc;
}

static enum awl_rc buffer_rc(const struct awl_compiler *c, const struct awl_buf *out)
{
    enum awl_rc rc = awl_buf_rc(out);
    return rc == AWL_OK ? rc
                        : awl_error_set(c->err, rc, "%s",
                                        rc == AWL_ENOMEM ? "out of memory"
                                                         : "the pack is too large");
}

static void pad(struct awl_buf *out)
{
    while (out->len % SECTION_ALIGN != 0 && awl_buf_rc(out) == AWL_OK)
        awl_buf_append_char(out, '\0');
}

/* Appends the part that was made; `start` is where it begins. */
static enum awl_rc part_write(struct awl_compiler *c, struct awl_buf *out,
                              uint32_t *start)
{
    struct awl_pack_part_header header = {0};
    size_t first = out->len;
    awl_buf_append(out, &header, sizeof(header));
    for (unsigned i = 0; i < AWL_PACK_SECTIONS; i++) {
        header.sections[i].offset = (uint32_t)(out->len - first);
        header.sections[i].count = awl_compiler_count(c, i);
        awl_buf_append_str(out, awl_buf_str(&c->sections[i]));
        pad(out);
    }
    enum awl_rc rc = buffer_rc(c, out);
    if (rc != AWL_OK)
        return rc;
    memcpy(out->ptr + first, &header, sizeof(header));
    *start = (uint32_t)first;
    return AWL_OK;
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
    awl_buf_append(&c->sections[AWL_PACK_SERVICE], &c->service, sizeof(c->service));
    return part_rc(c, rc);
}

/* What we make of a model, the checks of foreign packs must accept: one service that is
 * at odds with itself would spoil the pack of all. */
static enum awl_rc service_check(const struct awl_compiler *c)
{
    static const uint64_t nothing;
    const void *sections[AWL_PACK_SECTIONS];
    uint32_t counts[AWL_PACK_SECTIONS];
    struct awl_part part;
    for (size_t i = 0; i < AWL_PACK_SECTIONS; i++) {
        const struct awl_buf *section = &c->sections[i];
        sections[i] = section->ptr != NULL ? (const void *)section->ptr : &nothing;
        counts[i] = awl_compiler_count(c, (enum awl_pack_section)i);
    }
    awl_part_init(&part, sections, counts);
    return awl_pack_check_service(&part, "the model is at odds with itself", c->err);
}

/* Adds a service, or nothing at all. */
static enum awl_rc service_add(struct awl_compiler *c,
                               const struct awl_service_parts *parts)
{
    uint32_t start = 0;
    part_begin(c);
    enum awl_rc rc = service_compile(c, parts);
    if (rc == AWL_OK)
        rc = service_check(c);
    if (rc == AWL_EPARSE)
        awl_error_prefix(c->err, "service '%.*s'", STR_ARG(parts->name));
    if (rc == AWL_OK)
        rc = part_write(c, &c->parts, &start);
    if (rc != AWL_OK)
        return rc;
    awl_buf_append(&c->services, &start, sizeof(start));
    return buffer_rc(c, &c->services);
}

static enum awl_rc partitions_add(struct awl_compiler *c, const struct awl_tree *list)
{
    part_begin(c);
    enum awl_rc rc = part_rc(c, list != NULL ? awl_compile_partitions(c, list) : AWL_OK);
    return rc == AWL_OK ? part_write(c, &c->parts, &c->partitions) : rc;
}

/* ---- the directory and the pack ---- */

/* A service as the directory has it. */
struct listed {
    awl_str name, api_version, endpoint_prefix, service_id;
    uint32_t part;
};

static int listed_compare(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    int order = awl_str_cmp(x->name, y->name);
    return order != 0 ? order : awl_str_cmp(y->api_version, x->api_version);
}

/* The services in order; in the arena. */
static struct listed *services_list(struct awl_compiler *c, uint32_t count)
{
    struct listed *list = awl_arena_alloc(&c->arena, (count + (size_t)1) * sizeof(*list));
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        struct awl_pack_part_header header;
        struct awl_pack_service service;
        uint32_t start;
        memcpy(&start, c->services.ptr + i * sizeof(start), sizeof(start));
        const char *part = c->parts.ptr + start;
        memcpy(&header, part, sizeof(header));
        memcpy(&service, part + header.sections[AWL_PACK_SERVICE].offset,
               sizeof(service));
        const char *strings = part + header.sections[AWL_PACK_STRINGS].offset;
        list[i] = (struct listed){
            .name = awl_strings_at(strings, service.name),
            .api_version = awl_strings_at(strings, service.api_version),
            .endpoint_prefix = awl_strings_at(strings, service.endpoint_prefix),
            .service_id = awl_strings_at(strings, service.service_id),
            .part = start,
        };
    }
    if (list != NULL)
        qsort(list, count, sizeof(*list), listed_compare);
    return list;
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

static void alias_add(struct awl_compiler *c, awl_str alias, awl_str name, uint32_t index)
{
    if (alias.len == 0 || awl_str_eq(alias, name))
        return;
    const struct awl_pack_alias record = {awl_compiler_string(c, alias), index};
    awl_buf_append(&c->sections[AWL_PACK_ALIASES], &record, sizeof(record));
}

/* Each service also goes by its endpoint prefix and its hyphenated service id, those of
 * its newest version. */
static enum awl_rc aliases_emit(struct awl_compiler *c, const struct listed *list,
                                uint32_t count)
{
    struct awl_buf id, *aliases = &c->sections[AWL_PACK_ALIASES];
    enum awl_rc rc = AWL_OK;
    awl_buf_init(&id, UINT16_MAX);
    for (uint32_t i = 0; rc == AWL_OK && i < count; i++) {
        const struct listed *s = &list[i];
        if (i > 0 && awl_str_eq(s[-1].name, s->name))
            continue; /* an older version */
        awl_buf_clear(&id);
        alias_service_id(&id, s->service_id);
        alias_add(c, s->endpoint_prefix, s->name, i);
        if (!awl_str_eq(awl_buf_str(&id), s->endpoint_prefix))
            alias_add(c, awl_buf_str(&id), s->name, i);
        rc = buffer_rc(c, &id);
    }
    awl_buf_release(&id);
    if (rc == AWL_OK)
        rc = awl_compiler_rc(c);
    if (rc == AWL_OK && aliases->len > 0)
        qsort_r(aliases->ptr, awl_compiler_count(c, AWL_PACK_ALIASES),
                sizeof(struct awl_pack_alias), alias_compare, c);
    return rc;
}

/* Makes the directory with the services' places among the parts. */
static enum awl_rc directory_compile(struct awl_compiler *c,
                                     struct awl_pack_header *header)
{
    uint32_t count = (uint32_t)(c->services.len / sizeof(uint32_t));
    const struct listed *list = services_list(c, count);
    if (list == NULL)
        return awl_error_set(c->err, AWL_ENOMEM, "out of memory");
    part_begin(c);
    header->data_version = awl_compiler_string(c, awl_buf_str(&c->data_version));
    for (uint32_t i = 0; i < count; i++) {
        const struct awl_pack_entry entry = {
            .name = awl_compiler_string(c, list[i].name),
            .api_version = awl_compiler_string(c, list[i].api_version),
            .part = list[i].part,
        };
        awl_buf_append(&c->sections[AWL_PACK_ENTRIES], &entry, sizeof(entry));
    }
    return aliases_emit(c, list, count);
}

/* The header and the directory come first: all parts move behind them. */
static enum awl_rc compiler_finish(struct awl_compiler *c, struct awl_buf *out)
{
    struct awl_pack_header header = {.version = AWL_PACK_VERSION,
                                     .byte_order = AWL_PACK_BYTE_ORDER,
                                     .partition_list = c->partition_list};
    struct awl_pack_part_header directory;
    uint32_t start;
    memcpy(header.magic, AWL_PACK_MAGIC, sizeof(header.magic));
    awl_buf_append(out, &header, sizeof(header));
    enum awl_rc rc = directory_compile(c, &header);
    if (rc == AWL_OK)
        rc = part_write(c, out, &start);
    if (rc != AWL_OK)
        return rc;
    uint32_t moved = (uint32_t)out->len;
    memcpy(&directory, out->ptr + start, sizeof(directory));
    struct awl_pack_entry *entries =
        (struct awl_pack_entry *)(out->ptr + start +
                                  directory.sections[AWL_PACK_ENTRIES].offset);
    for (uint32_t i = 0; i < directory.sections[AWL_PACK_ENTRIES].count; i++)
        entries[i].part += moved;
    awl_buf_append_str(out, awl_buf_str(&c->parts));
    rc = buffer_rc(c, out);
    if (rc != AWL_OK)
        return rc;
    header.partitions = c->partitions + moved;
    header.len = (uint32_t)out->len;
    header.crc = (uint32_t)crc32_z(0, (const Bytef *)out->ptr + sizeof(header),
                                   out->len - sizeof(header));
    memcpy(out->ptr, &header, sizeof(header));
    return AWL_OK;
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
    if (awl_buf_append_str(&c->data_version, version) != AWL_OK)
        return awl_error_set(c->err, awl_buf_rc(&c->data_version),
                             "the version is too long");
    return partitions_add(c, awl_tree_get(header, STR("partitions")));
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
    compiler_init(&c, err != NULL ? err : &own);
    enum awl_rc rc = lines_compile(&c, source, report, data);
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
        rc = partitions_add(c, partitions);
    return rc == AWL_OK ? service_add(c, &parts) : rc;
}

enum awl_rc awl_compile_service(const struct awl_compile_input *input,
                                struct awl_buf *out, struct awl_error *err)
{
    struct awl_error own = AWL_ERROR_INIT;
    struct awl_compiler c;
    compiler_init(&c, err != NULL ? err : &own);
    enum awl_rc rc = input_compile(&c, input);
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
    compiler_init(&c, err != NULL ? err : &own);
    enum awl_rc rc = partitions_add(&c, parts->partitions);
    if (rc == AWL_OK)
        rc = service_add(&c, parts);
    if (rc == AWL_OK)
        rc = compiler_finish(&c, out);
    compiler_release(&c);
    return rc;
}
