#include "wire/rest.h"

#include "aws/base64.h"
#include "aws/uri.h"
#include "wire/document.h"
#include "wire/text_write.h"

static struct awl_buf *scratch(struct awl_rest_write *r)
{
    return &r->walk->wire->scratch;
}

static bool is_scalar(const struct awl_shape *shape)
{
    return shape->type > AWL_SHAPE_MAP && shape->type != AWL_SHAPE_DOCUMENT;
}

/* Appends the text of the scalar on top of the Lua stack. */
static void put_scalar(struct awl_rest_write *r, const struct awl_path *path,
                       const struct awl_member *through,
                       enum awl_timestamp_format time_format, struct awl_buf *out)
{
    struct awl_text_writer text;
    const struct awl_shape *shape = awl_model_shape(r->walk->model, through->shape);
    if (!is_scalar(shape)) {
        awl_problems_add(&r->walk->problems, path,
                         "the model puts this where only text "
                         "can stand");
        return;
    }
    awl_text_writer_init(&text, r->walk->model, time_format, out);
    r->walk->writer = &text.base;
    awl_walk_value(r->walk, path, through, shape);
}

/* The same into the scratch buffer. */
static awl_str scalar_text(struct awl_rest_write *r, const struct awl_path *path,
                           const struct awl_member *through,
                           enum awl_timestamp_format time_format)
{
    awl_buf_clear(scratch(r));
    put_scalar(r, path, through, time_format, scratch(r));
    return awl_buf_str(scratch(r));
}

/* The next present member in a location, from `from` on; its index or UINT_MAX. */
static unsigned next_in(const struct awl_rest_write *r, enum awl_location location,
                        unsigned from)
{
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    unsigned i = awl_presence_next(&r->present, from);
    while (i < r->shape->member_count && members[i].location != location)
        i = awl_presence_next(&r->present, i + 1);
    return i < r->shape->member_count ? i : UINT32_MAX;
}

/* ---- the path ---- */

static const struct awl_member *label_member(const struct awl_rest_write *r, awl_str name)
{
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    for (uint16_t i = 0; i < r->shape->member_count; i++)
        if (members[i].location == AWL_LOCATION_URI &&
            awl_str_eq(awl_model_str(r->walk->model, members[i].wire_name), name))
            return &members[i];
    return NULL;
}

static void put_label(struct awl_rest_write *r, const struct awl_uri_piece *piece,
                      struct awl_buf *out)
{
    struct awl_walk *walk = r->walk;
    const struct awl_member *member =
        r->shape != NULL ? label_member(r, piece->text) : NULL;
    struct awl_path path = {.member = member, .key = piece->text};
    unsigned index = member != NULL
                         ? (unsigned)(member - awl_model_members(walk->model, r->shape))
                         : 0;
    if (member == NULL || !awl_presence_has(&r->present, index)) {
        if (member == NULL || !(member->flags & AWL_MEMBER_REQUIRED))
            awl_problems_add(&walk->problems, &path, "needed for the path");
        return;
    }
    awl_walk_push(walk, r->index, member);
    awl_str text = scalar_text(r, &path, member, AWL_TIMESTAMP_ISO8601);
    if (text.len == 0 && lua_type(walk->L, -1) == LUA_TSTRING)
        awl_problems_add(&walk->problems, &path, "must not be empty");
    if (piece->greedy)
        awl_uri_encode_path(out, text);
    else
        awl_uri_encode(out, text);
    lua_pop(walk->L, 1);
}

void awl_rest_write_path(struct awl_rest_write *r, awl_str path, struct awl_buf *out)
{
    struct awl_uri_piece piece;
    while (awl_uri_piece_next(&path, &piece)) {
        if (piece.label)
            put_label(r, &piece, out);
        else
            awl_buf_append_str(out, piece.text);
    }
    if (out->len == 0)
        awl_buf_append_char(out, '/');
}

/* ---- the query string ---- */

static void put_pair(struct awl_buf *out, awl_str key, awl_str value)
{
    if (out->len > 0)
        awl_buf_append_char(out, '&');
    awl_uri_encode(out, key);
    awl_buf_append_char(out, '=');
    awl_uri_encode(out, value);
}

/* The list on top: the key once for each element. */
static void put_query_list(struct awl_rest_write *r, const struct awl_path *path,
                           const struct awl_shape *shape, awl_str key,
                           struct awl_buf *out)
{
    lua_State *L = r->walk->L;
    size_t count;
    if (!awl_walk_list_begin(r->walk, path, shape, &count))
        return;
    const struct awl_member *element = awl_model_members(r->walk->model, shape);
    for (size_t i = 1; i <= count; i++) {
        struct awl_path here = {.up = path, .index = i};
        lua_rawgeti(L, -1, (lua_Integer)i);
        if (!awl_is_null(L, -1))
            put_pair(out, key, scalar_text(r, &here, element, AWL_TIMESTAMP_ISO8601));
        lua_pop(L, 1);
    }
}

static bool is_literal_key(awl_str literals, awl_str key)
{
    awl_str name, value;
    while (awl_query_next(&literals, &name, &value))
        if (awl_str_eq(name, key))
            return true;
    return false;
}

/* What the model names, in a member or in the URI, wins over a map's entry. */
static bool is_modelled_key(const struct awl_rest_write *r, awl_str literals, awl_str key)
{
    if (is_literal_key(literals, key))
        return true;
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    for (unsigned i = next_in(r, AWL_LOCATION_QUERYSTRING, 0); i != UINT32_MAX;
         i = next_in(r, AWL_LOCATION_QUERYSTRING, i + 1))
        if (awl_model_shape(r->walk->model, members[i].shape)->type != AWL_SHAPE_MAP &&
            awl_str_eq(awl_model_str(r->walk->model, members[i].wire_name), key))
            return true;
    return false;
}

/* The map on top: a pair, or a list of pairs, for each entry. */
static void put_query_map(struct awl_rest_write *r, const struct awl_path *path,
                          const struct awl_shape *shape, awl_str literals,
                          struct awl_buf *out)
{
    lua_State *L = r->walk->L;
    if (!lua_istable(L, -1)) {
        awl_problems_add(&r->walk->problems, path, "expected table, got %s",
                         lua_typename(L, lua_type(L, -1)));
        return;
    }
    const struct awl_member *value = &awl_model_members(r->walk->model, shape)[1];
    const struct awl_shape *target = awl_model_shape(r->walk->model, value->shape);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        struct awl_path here = {.up = path};
        if (lua_type(L, -2) != LUA_TSTRING) {
            awl_problems_add(&r->walk->problems, path, "expected keys of type string");
            continue;
        }
        here.key.ptr = lua_tolstring(L, -2, &here.key.len);
        if (is_modelled_key(r, literals, here.key))
            continue;
        if (target->type == AWL_SHAPE_LIST)
            put_query_list(r, &here, target, here.key, out);
        else
            put_pair(out, here.key, scalar_text(r, &here, value, AWL_TIMESTAMP_ISO8601));
    }
}

void awl_rest_write_query(struct awl_rest_write *r, awl_str literal, struct awl_buf *out)
{
    struct awl_walk *walk = r->walk;
    awl_buf_append_str(out, literal);
    if (r->shape == NULL)
        return;
    const struct awl_member *members = awl_model_members(walk->model, r->shape);
    for (unsigned i = next_in(r, AWL_LOCATION_QUERYSTRING, 0); i != UINT32_MAX;
         i = next_in(r, AWL_LOCATION_QUERYSTRING, i + 1)) {
        const struct awl_member *member = &members[i];
        const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
        struct awl_path path = {.member = member};
        awl_str key = awl_model_str(walk->model, member->wire_name);
        awl_walk_push(walk, r->index, member);
        if (shape->type == AWL_SHAPE_LIST)
            put_query_list(r, &path, shape, key, out);
        else if (shape->type == AWL_SHAPE_MAP)
            put_query_map(r, &path, shape, literal, out);
        else
            put_pair(out, key, scalar_text(r, &path, member, AWL_TIMESTAMP_ISO8601));
        lua_pop(walk->L, 1);
    }
}

/* ---- headers ---- */

/* A text in a list is quoted when it has what would divide it. */
static void put_quoted(struct awl_buf *out, awl_str text)
{
    bool quote =
        awl_str_find(text, ',', 0) != SIZE_MAX || awl_str_find(text, '"', 0) != SIZE_MAX;
    if (!quote) {
        awl_buf_append_str(out, text);
        return;
    }
    awl_buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            awl_buf_append_char(out, '\\');
        awl_buf_append_char(out, text.ptr[i]);
    }
    awl_buf_append_char(out, '"');
}

/* The list on top, with commas between. */
static void put_header_list(struct awl_rest_write *r, const struct awl_path *path,
                            const struct awl_shape *shape, awl_str name)
{
    lua_State *L = r->walk->L;
    struct awl_buf *line = &r->walk->wire->scratch2;
    size_t count;
    if (!awl_walk_list_begin(r->walk, path, shape, &count))
        return;
    const struct awl_member *element = awl_model_members(r->walk->model, shape);
    bool is_text =
        awl_model_shape(r->walk->model, element->shape)->type == AWL_SHAPE_STRING;
    awl_buf_clear(line);
    for (size_t i = 1; i <= count; i++) {
        struct awl_path here = {.up = path, .index = i};
        lua_rawgeti(L, -1, (lua_Integer)i);
        if (!awl_is_null(L, -1)) {
            awl_str text = scalar_text(r, &here, element, AWL_TIMESTAMP_RFC822);
            if (line->len > 0)
                awl_buf_append_str(line, STR(","));
            if (is_text)
                put_quoted(line, text);
            else
                awl_buf_append_str(line, text);
        }
        lua_pop(L, 1);
    }
    if (count > 0)
        awl_codec_header(r->walk, path, r->headers, name, awl_buf_str(line));
}

/* Any value on top, as base64 of its JSON. */
static void put_json_value(struct awl_rest_write *r, const struct awl_path *path,
                           awl_str name)
{
    struct awl_buf *line = &r->walk->wire->scratch2;
    awl_buf_clear(scratch(r));
    awl_buf_clear(line);
    awl_document_write(scratch(r), r->walk->L, path, &r->walk->problems);
    awl_base64_encode(line, scratch(r)->ptr, scratch(r)->len, AWL_BASE64_STANDARD);
    awl_codec_header(r->walk, path, r->headers, name, awl_buf_str(line));
}

/* The map on top: a header for each entry, its name behind the prefix. */
static void put_prefix_headers(struct awl_rest_write *r, const struct awl_path *path,
                               const struct awl_shape *shape, awl_str prefix)
{
    lua_State *L = r->walk->L;
    struct awl_buf *name = &r->walk->wire->scratch2;
    if (shape->type != AWL_SHAPE_MAP || !lua_istable(L, -1)) {
        awl_problems_add(&r->walk->problems, path, "expected table, got %s",
                         lua_typename(L, lua_type(L, -1)));
        return;
    }
    const struct awl_member *value = &awl_model_members(r->walk->model, shape)[1];
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        struct awl_path here = {.up = path};
        if (lua_type(L, -2) != LUA_TSTRING) {
            awl_problems_add(&r->walk->problems, path, "expected keys of type string");
            continue;
        }
        here.key.ptr = lua_tolstring(L, -2, &here.key.len);
        awl_buf_clear(name);
        awl_buf_append_str(name, prefix);
        awl_buf_append_str(name, here.key);
        awl_codec_header(r->walk, &here, r->headers, awl_buf_str(name),
                         scalar_text(r, &here, value, AWL_TIMESTAMP_RFC822));
    }
}

static void put_header(struct awl_rest_write *r, const struct awl_member *member)
{
    const struct awl_shape *shape = awl_model_shape(r->walk->model, member->shape);
    struct awl_path path = {.member = member};
    awl_str name = awl_model_str(r->walk->model, member->wire_name);
    awl_walk_push(r->walk, r->index, member);
    if (member->location == AWL_LOCATION_HEADERS)
        put_prefix_headers(r, &path, shape, name);
    else if ((member->flags & AWL_MEMBER_JSON_VALUE) ||
             (shape->flags & AWL_SHAPE_JSON_VALUE))
        put_json_value(r, &path, name);
    else if (shape->type == AWL_SHAPE_LIST)
        put_header_list(r, &path, shape, name);
    else
        awl_codec_header(r->walk, &path, r->headers, name,
                         scalar_text(r, &path, member, AWL_TIMESTAMP_RFC822));
    lua_pop(r->walk->L, 1);
}

void awl_rest_write_headers(struct awl_rest_write *r)
{
    if (r->shape == NULL)
        return;
    const struct awl_member *members = awl_model_members(r->walk->model, r->shape);
    for (unsigned i = awl_presence_next(&r->present, 0); i < r->shape->member_count;
         i = awl_presence_next(&r->present, i + 1))
        if (members[i].location == AWL_LOCATION_HEADER ||
            members[i].location == AWL_LOCATION_HEADERS)
            put_header(r, &members[i]);
}
