#include "wire/read.h"

#include "wire/xml_scanner.h"

struct xml_read {
    struct awl_reader *reader;
    struct awl_xml xml;
};

static enum awl_rc read_value(struct xml_read *r, const struct awl_path *path,
                              const struct awl_shape *shape);

static size_t offset(const struct xml_read *r)
{
    return (size_t)(r->xml.pos - r->xml.start);
}

static enum awl_rc broken(struct xml_read *r, const struct awl_path *path)
{
    return awl_reader_fail(r->reader, path, offset(r), "invalid XML: %s",
                           r->xml.reason != NULL ? r->xml.reason : "?");
}

/* AWL_OK at the end of an element that awl_xml_child has left, or what is broken. */
static enum awl_rc end_of_element(struct xml_read *r, const struct awl_path *path)
{
    return r->xml.reason == NULL ? AWL_OK : broken(r, path);
}

/* ---- scalars ---- */

/* Text with references: through the scratch buffer. */
static enum awl_rc push_decoded(struct xml_read *r, const struct awl_path *path,
                                const struct awl_shape *shape, awl_str raw)
{
    struct awl_reader *reader = r->reader;
    struct awl_buf *scratch = &reader->wire->scratch;
    awl_buf_clear(scratch);
    if (awl_xml_decode(scratch, raw) != AWL_OK)
        return awl_reader_fail(reader, path, offset(r), "invalid XML: bad reference");
    lua_pushlstring(reader->L, awl_buf_cstr(scratch), scratch->len);
    if (shape->type == AWL_SHAPE_STRING)
        return AWL_OK;
    /* The Lua string, as the conversion may use the scratch buffer too. */
    awl_str text;
    text.ptr = lua_tolstring(reader->L, -1, &text.len);
    enum awl_rc rc = awl_reader_push_text(reader, path, shape, text, offset(r));
    if (rc == AWL_OK)
        lua_remove(reader->L, -2);
    return rc;
}

/* An empty element is an empty string or blob, and else no value at all: nil. */
static enum awl_rc read_scalar(struct xml_read *r, const struct awl_path *path,
                               const struct awl_shape *shape)
{
    awl_str raw;
    bool plain;
    if (!awl_xml_text(&r->xml, &raw, &plain))
        return broken(r, path);
    if (!plain)
        return push_decoded(r, path, shape, raw);
    if (shape->type == AWL_SHAPE_STRING) {
        awl_reader_push_string(r->reader, shape, raw);
        return AWL_OK;
    }
    if (raw.len == 0 && shape->type != AWL_SHAPE_BLOB) {
        lua_pushnil(r->reader->L);
        return AWL_OK;
    }
    return awl_reader_push_text(r->reader, path, shape, raw, offset(r));
}

/* ---- lists and maps ---- */

/* Appends the element just opened to the list on top. */
static enum awl_rc append_element(struct xml_read *r, const struct awl_path *path,
                                  const struct awl_shape *list, size_t *count)
{
    struct awl_reader *reader = r->reader;
    const struct awl_member *element = awl_model_members(reader->model, list);
    struct awl_path here = {.up = path, .index = *count + 1};
    enum awl_rc rc = read_value(r, &here, awl_model_shape(reader->model, element->shape));
    if (rc != AWL_OK)
        return rc;
    if (lua_isnil(reader->L, -1)) {
        lua_pop(reader->L, 1);
        lua_pushlightuserdata(reader->L, NULL);
    }
    lua_rawseti(reader->L, -2, (lua_Integer)++ * count);
    return AWL_OK;
}

static enum awl_rc read_list(struct xml_read *r, const struct awl_path *path,
                             const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    size_t count = 0;
    awl_str name =
        awl_model_str(reader->model, awl_model_members(reader->model, shape)->wire_name);
    lua_createtable(reader->L, awl_reader_presize(reader, shape), 0);
    while (awl_xml_child_expected(&r->xml, name)) {
        enum awl_rc rc = append_element(r, path, shape, &count);
        if (rc != AWL_OK)
            return rc;
    }
    awl_reader_note_size(reader, shape, count);
    return end_of_element(r, path);
}

/* The element just opened is an entry of the map on top. */
static enum awl_rc read_entry(struct xml_read *r, const struct awl_path *path,
                              const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    const struct awl_member *parts = awl_model_members(reader->model, shape);
    awl_str key_name = awl_model_str(reader->model, parts[0].wire_name);
    int base = lua_gettop(reader->L);
    lua_pushnil(reader->L); /* the key, then the value */
    lua_pushnil(reader->L);
    while (awl_xml_child(&r->xml)) {
        bool is_key = awl_str_eq(r->xml.name, key_name);
        const struct awl_member *part = is_key ? &parts[0] : &parts[1];
        struct awl_path here = {.up = path, .member = part};
        enum awl_rc rc =
            read_value(r, &here, awl_model_shape(reader->model, part->shape));
        if (rc != AWL_OK)
            return rc;
        lua_replace(reader->L, base + (is_key ? 1 : 2));
    }
    if (lua_isnil(reader->L, -2))
        lua_pop(reader->L, 2);
    else
        lua_rawset(reader->L, base);
    return end_of_element(r, path);
}

static enum awl_rc read_map(struct xml_read *r, const struct awl_path *path,
                            const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    size_t count = 0;
    lua_createtable(reader->L, 0, awl_reader_presize(reader, shape));
    while (awl_xml_child(&r->xml)) {
        enum awl_rc rc = read_entry(r, path, shape);
        if (rc != AWL_OK)
            return rc;
        count++;
    }
    awl_reader_note_size(reader, shape, count);
    return end_of_element(r, path);
}

/* ---- structures ---- */

/* A flattened list or map, whose elements stand among the structure's members: its
 * table stays on the stack, above the structure's, while they follow each other. */
struct flat {
    const struct awl_member *member; /* NULL: no table is there */
    size_t count;
    size_t tables; /* made so far */
};

static void close_flat(struct xml_read *r, struct flat *flat)
{
    struct awl_reader *reader = r->reader;
    if (flat->member == NULL)
        return;
    awl_reader_note_size(reader, awl_model_shape(reader->model, flat->member->shape),
                         flat->count);
    lua_pop(reader->L, 1);
    flat->member = NULL;
}

/* Puts the table of a flattened member on top, making it when it is not there yet. */
static void open_flat(struct xml_read *r, struct flat *flat,
                      const struct awl_member *member, const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    lua_State *L = reader->L;
    bool is_list = shape->type == AWL_SHAPE_LIST;
    flat->member = member;
    flat->count = 0;
    if (flat->tables > 0) {
        awl_keys_push(reader->model, L, reader->keys, member);
        if (lua_rawget(L, -2) == LUA_TTABLE) {
            flat->count = (size_t)lua_rawlen(L, -1);
            return;
        }
        lua_pop(L, 1);
    }
    int size = awl_reader_presize(reader, shape);
    lua_createtable(L, is_list ? size : 0, is_list ? 0 : size);
    awl_keys_push(reader->model, L, reader->keys, member);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    flat->tables++;
}

static enum awl_rc read_flat(struct xml_read *r, const struct awl_path *path,
                             struct flat *flat, const struct awl_member *member,
                             const struct awl_shape *shape)
{
    if (flat->member != member) {
        close_flat(r, flat);
        open_flat(r, flat, member, shape);
    }
    struct awl_path here = {.up = path, .member = member};
    if (shape->type == AWL_SHAPE_LIST)
        return append_element(r, &here, shape, &flat->count);
    flat->count++;
    return read_entry(r, &here, shape);
}

static enum awl_rc read_member(struct xml_read *r, const struct awl_path *path,
                               const struct awl_member *member,
                               const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    struct awl_path here = {.up = path, .member = member};
    awl_keys_push(reader->model, reader->L, reader->keys, member);
    enum awl_rc rc = read_value(r, &here, shape);
    if (rc == AWL_OK)
        lua_rawset(reader->L, -3);
    return rc;
}

/* Members that are attributes of the element just opened. */
static enum awl_rc read_attributes(struct xml_read *r, const struct awl_path *path,
                                   const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        awl_str raw;
        if (!(members[i].flags & AWL_MEMBER_XML_ATTRIBUTE) ||
            !awl_xml_attribute(&r->xml,
                               awl_model_str(reader->model, members[i].wire_name), &raw))
            continue;
        awl_keys_push(reader->model, reader->L, reader->keys, &members[i]);
        enum awl_rc rc =
            push_decoded(r, path, awl_model_shape(reader->model, members[i].shape), raw);
        if (rc != AWL_OK)
            return rc;
        lua_rawset(reader->L, -3);
    }
    return AWL_OK;
}

static bool is_container(const struct awl_shape *shape)
{
    return shape->type == AWL_SHAPE_LIST || shape->type == AWL_SHAPE_MAP;
}

/* The flattened list whose elements go by a name of their own. */
static const struct awl_member *flat_member(const struct awl_reader *reader,
                                            const struct awl_shape *shape, awl_str name)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        const struct awl_shape *list = awl_model_shape(reader->model, members[i].shape);
        if (!(members[i].flags & AWL_MEMBER_FLATTENED) || list->type != AWL_SHAPE_LIST)
            continue;
        const struct awl_member *element = awl_model_members(reader->model, list);
        if ((element->flags & AWL_MEMBER_NAMED) &&
            awl_str_eq(awl_model_str(reader->model, element->wire_name), name))
            return &members[i];
    }
    return NULL;
}

/* Opens the next child; `member` is NULL if the structure has none of that name. */
static bool next_member(struct xml_read *r, const struct awl_shape *shape,
                        uint16_t **guess, const struct awl_member **member)
{
    struct awl_reader *reader = r->reader;
    awl_str expected = {NULL, 0};
    *member = awl_reader_guess(reader, shape, *guess);
    if (*member != NULL)
        expected = awl_model_str(reader->model, (*member)->wire_name);
    if (!awl_xml_child_expected(&r->xml, expected))
        return false;
    if (r->xml.as_expected) {
        *guess = awl_reader_follow(reader, shape, *guess, *member);
        return true;
    }
    *member = awl_reader_member(reader, shape, guess, r->xml.name);
    if (*member == NULL)
        *member = flat_member(reader, shape, r->xml.name);
    return true;
}

/* The children of the current element into the table on top. */
static enum awl_rc read_members(struct xml_read *r, const struct awl_path *path,
                                const struct awl_shape *shape, size_t *count)
{
    struct awl_reader *reader = r->reader;
    struct flat flat = {.member = NULL};
    uint16_t *guess = awl_reader_first_guess(reader, shape);
    const struct awl_member *member;
    while (next_member(r, shape, &guess, &member)) {
        if (member == NULL || (member->flags & AWL_MEMBER_XML_ATTRIBUTE)) {
            if (member == NULL && (shape->flags & AWL_SHAPE_UNION)) {
                close_flat(r, &flat);
                awl_reader_unknown_tag(reader, r->xml.name);
            }
            awl_xml_skip(&r->xml);
            continue;
        }
        const struct awl_shape *target = awl_model_shape(reader->model, member->shape);
        enum awl_rc rc;
        if ((member->flags & AWL_MEMBER_FLATTENED) && is_container(target)) {
            rc = read_flat(r, path, &flat, member, target);
        } else {
            close_flat(r, &flat);
            rc = read_member(r, path, member, target);
            ++*count;
        }
        if (rc != AWL_OK)
            return rc;
    }
    close_flat(r, &flat);
    *count += flat.tables;
    return end_of_element(r, path);
}

static enum awl_rc read_structure(struct xml_read *r, const struct awl_path *path,
                                  const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    size_t count = 0;
    lua_createtable(reader->L, 0, awl_reader_presize(reader, shape));
    if (r->xml.attributes.len > 0) {
        enum awl_rc rc = read_attributes(r, path, shape);
        if (rc != AWL_OK)
            return rc;
    }
    enum awl_rc rc = read_members(r, path, shape, &count);
    awl_reader_note_size(reader, shape, count);
    return rc == AWL_OK ? awl_reader_check_union(reader, path, shape, offset(r)) : rc;
}

/* The element has just been opened; it is left with its end passed. */
static enum awl_rc read_value(struct xml_read *r, const struct awl_path *path,
                              const struct awl_shape *shape)
{
    if (!is_container(shape) && shape->type != AWL_SHAPE_STRUCTURE)
        return read_scalar(r, path, shape);
    enum awl_rc rc = awl_reader_deeper(r->reader, path, offset(r));
    if (rc != AWL_OK)
        return rc;
    if (shape->type == AWL_SHAPE_STRUCTURE)
        rc = read_structure(r, path, shape);
    else if (shape->type == AWL_SHAPE_LIST)
        rc = read_list(r, path, shape);
    else
        rc = read_map(r, path, shape);
    r->reader->depth--;
    return rc;
}

/* ---- documents ---- */

/* Some answers are the one member itself, without an element around it: S3's
 * LocationConstraint. Its text is the value then. */
static enum awl_rc read_bare_member(struct xml_read *r, const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    const struct awl_member *member = awl_model_members(reader->model, shape);
    if (shape->member_count != 1 ||
        !awl_str_eq(awl_model_str(reader->model, member->wire_name), r->xml.name))
        return read_value(r, NULL, shape);
    const struct awl_shape *target = awl_model_shape(reader->model, member->shape);
    struct awl_xml ahead = r->xml;
    if (target->type != AWL_SHAPE_STRING || awl_xml_child(&ahead))
        return read_value(r, NULL, shape);
    lua_createtable(reader->L, 0, 1);
    enum awl_rc rc = read_member(r, NULL, member, target);
    if (rc == AWL_OK) {
        /* Empty means absent here: the region that needs no constraint. */
        awl_keys_push(reader->model, reader->L, reader->keys, member);
        lua_rawget(reader->L, -2);
        bool empty = lua_rawlen(reader->L, -1) == 0;
        lua_pop(reader->L, 1);
        if (empty) {
            lua_pop(reader->L, 1);
            lua_newtable(reader->L);
        }
    }
    return rc;
}

/* Opens the root, and within it the wrapper if it is there. */
static enum awl_rc open_document(struct xml_read *r, awl_str wrapper, bool *found)
{
    *found = awl_xml_child(&r->xml);
    if (!*found)
        return r->xml.reason != NULL
                   ? broken(r, NULL)
                   : awl_reader_fail(r->reader, NULL, offset(r), "no XML element");
    if (wrapper.len == 0)
        return AWL_OK;
    struct awl_xml root = r->xml;
    bool inside;
    while ((inside = awl_xml_child(&r->xml)) && !awl_str_eq(r->xml.name, wrapper))
        awl_xml_skip(&r->xml);
    if (r->xml.reason != NULL)
        return broken(r, NULL);
    if (!inside)
        r->xml = root;
    return AWL_OK;
}

enum awl_rc awl_xml_read(struct awl_reader *reader, const struct awl_shape *shape,
                         awl_str body, awl_str wrapper)
{
    struct xml_read r = {.reader = reader};
    bool found;
    int top = lua_gettop(reader->L);
    awl_xml_init(&r.xml, body);
    enum awl_rc rc = open_document(&r, wrapper, &found);
    if (rc == AWL_OK && !found)
        lua_newtable(reader->L);
    else if (rc == AWL_OK)
        rc = wrapper.len == 0 && shape->type == AWL_SHAPE_STRUCTURE
                 ? read_bare_member(&r, shape)
                 : read_value(&r, NULL, shape);
    while (rc == AWL_OK && r.xml.depth > 0) {
        awl_xml_skip(&r.xml);
        rc = end_of_element(&r, NULL);
    }
    if (rc == AWL_OK && !awl_xml_at_end(&r.xml))
        rc = r.xml.reason != NULL
                 ? broken(&r, NULL)
                 : awl_reader_fail(reader, NULL, offset(&r), "more than one element");
    if (rc != AWL_OK)
        lua_settop(reader->L, top);
    return rc;
}

enum awl_rc awl_xml_read_element(struct awl_reader *reader, const struct awl_shape *shape,
                                 const struct awl_xml *xml)
{
    struct xml_read r = {.reader = reader, .xml = *xml};
    int top = lua_gettop(reader->L);
    enum awl_rc rc = read_value(&r, NULL, shape);
    if (rc != AWL_OK)
        lua_settop(reader->L, top);
    return rc;
}
