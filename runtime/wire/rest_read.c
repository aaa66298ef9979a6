#include "wire/rest.h"

#include "aws/uri.h"
#include "wire/document.h"

/* Sets a member of the table on top to the value above it. */
static void set_member(struct awl_reader *reader, const struct awl_member *member)
{
    awl_keys_push(reader->model, reader->L, reader->keys, member);
    lua_insert(reader->L, -2);
    lua_rawset(reader->L, -3);
}

/* ---- the path ---- */

static const struct awl_member *member_in(const struct awl_reader *reader,
                                          const struct awl_shape *shape,
                                          enum awl_location location, awl_str name)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (members[i].location == location &&
            awl_str_eq(awl_model_str(reader->model, members[i].wire_name), name))
            return &members[i];
    return NULL;
}

/* Pushes percent-encoded text as a scalar. */
static enum awl_rc push_decoded(struct awl_reader *reader, const struct awl_path *path,
                                const struct awl_shape *shape, awl_str text,
                                bool plus_is_space)
{
    struct awl_buf *out = &reader->wire->scratch2;
    awl_buf_clear(out);
    awl_uri_decode(out, text, plus_is_space);
    return awl_reader_push_text(reader, path, shape, awl_buf_str(out), SIZE_MAX);
}

enum awl_rc awl_rest_read_labels(struct awl_reader *reader, const struct awl_shape *shape,
                                 awl_str uri_path, awl_str path)
{
    awl_str values[AWL_URI_LABELS_MAX];
    struct awl_uri_piece piece;
    if (awl_uri_match(uri_path, path, values) < 0)
        return awl_reader_fail(reader, NULL, SIZE_MAX, "the path is another operation's");
    int i = 0;
    while (awl_uri_piece_next(&uri_path, &piece)) {
        if (!piece.label)
            continue;
        const struct awl_member *member =
            member_in(reader, shape, AWL_LOCATION_URI, piece.text);
        awl_str value = values[i++];
        if (member == NULL)
            continue;
        struct awl_path here = {.member = member};
        enum awl_rc rc = push_decoded(
            reader, &here, awl_model_shape(reader->model, member->shape), value, false);
        if (rc != AWL_OK)
            return rc;
        set_member(reader, member);
    }
    return AWL_OK;
}

/* ---- the query string ---- */

/* Appends what is on top to the list that the table below it has at `key`, or, for a
 * scalar, sets it. Pops the value and the key below it. */
static void add_value(lua_State *L, bool is_list)
{
    /* table, key, value */
    if (!is_list) {
        lua_rawset(L, -3);
        return;
    }
    lua_pushvalue(L, -2);
    if (lua_rawget(L, -4) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -3);
        lua_pushvalue(L, -2);
        lua_rawset(L, -6);
    }
    lua_insert(L, -2); /* table, key, list, value */
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 2);
}

static const struct awl_shape *element_shape(const struct awl_reader *reader,
                                             const struct awl_shape *list)
{
    return awl_model_shape(reader->model, awl_model_members(reader->model, list)->shape);
}

/* One pair for a member of its own. */
static enum awl_rc read_query_member(struct awl_reader *reader,
                                     const struct awl_member *member, awl_str value)
{
    const struct awl_shape *shape = awl_model_shape(reader->model, member->shape);
    struct awl_path path = {.member = member};
    bool is_list = shape->type == AWL_SHAPE_LIST;
    awl_keys_push(reader->model, reader->L, reader->keys, member);
    enum awl_rc rc = push_decoded(
        reader, &path, is_list ? element_shape(reader, shape) : shape, value, true);
    if (rc == AWL_OK)
        add_value(reader->L, is_list);
    return rc;
}

/* One pair for the map that takes what has no member of its own. */
static enum awl_rc read_query_entry(struct awl_reader *reader,
                                    const struct awl_member *map, awl_str key,
                                    awl_str value)
{
    lua_State *L = reader->L;
    const struct awl_shape *shape = awl_model_shape(reader->model, map->shape);
    const struct awl_shape *target =
        awl_model_shape(reader->model, awl_model_members(reader->model, shape)[1].shape);
    struct awl_path path = {.member = map};
    struct awl_path here = {.up = &path, .key = key};
    bool is_list = target->type == AWL_SHAPE_LIST;
    awl_keys_push(reader->model, L, reader->keys, map);
    if (lua_rawget(L, -2) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        awl_keys_push(reader->model, L, reader->keys, map);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    awl_buf_clear(&reader->wire->scratch2);
    awl_uri_decode(&reader->wire->scratch2, key, true);
    lua_pushlstring(L, awl_buf_cstr(&reader->wire->scratch2), reader->wire->scratch2.len);
    enum awl_rc rc = push_decoded(
        reader, &here, is_list ? element_shape(reader, target) : target, value, true);
    if (rc != AWL_OK)
        return rc;
    add_value(L, is_list);
    lua_pop(L, 1);
    return AWL_OK;
}

static const struct awl_member *query_map(const struct awl_reader *reader,
                                          const struct awl_shape *shape)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (members[i].location == AWL_LOCATION_QUERYSTRING &&
            awl_model_shape(reader->model, members[i].shape)->type == AWL_SHAPE_MAP)
            return &members[i];
    return NULL;
}

static bool has_key(awl_str query, awl_str key)
{
    awl_str name, value;
    while (awl_query_next(&query, &name, &value))
        if (awl_str_eq(name, key))
            return true;
    return false;
}

enum awl_rc awl_rest_read_query(struct awl_reader *reader, const struct awl_shape *shape,
                                awl_str literals, awl_str query)
{
    const struct awl_member *map = query_map(reader, shape);
    awl_str key, value;
    while (awl_query_next(&query, &key, &value)) {
        struct awl_buf *name = &reader->wire->scratch;
        awl_buf_clear(name);
        awl_uri_decode(name, key, true);
        const struct awl_member *member =
            member_in(reader, shape, AWL_LOCATION_QUERYSTRING, awl_buf_str(name));
        enum awl_rc rc = AWL_OK;
        if (member != NULL && member != map)
            rc = read_query_member(reader, member, value);
        else if (map != NULL && !has_key(literals, key))
            rc = read_query_entry(reader, map, key, value);
        if (rc != AWL_OK)
            return rc;
    }
    return AWL_OK;
}

/* ---- headers ---- */

/* Takes the next element off a header's list: quoted, or up to a comma. A date has a
 * comma of its own. */
static bool take_element(awl_str *line, bool is_date, struct awl_buf *out)
{
    *line = awl_str_trim(*line);
    if (line->len == 0)
        return false;
    awl_buf_clear(out);
    size_t i = 0;
    if (line->ptr[0] == '"') {
        for (i = 1; i < line->len && line->ptr[i] != '"'; i++) {
            if (line->ptr[i] == '\\' && i + 1 < line->len)
                i++;
            awl_buf_append_char(out, line->ptr[i]);
        }
        i = awl_str_find(*line, ',', i);
    } else {
        i = awl_str_find(*line, ',', 0);
        if (is_date && i == 3 && awl_char_is_alpha(line->ptr[0])) /* "Mon, 16 Dec ..." */
            i = awl_str_find(*line, ',', i + 1);
        awl_buf_append_str(out, awl_str_trim(awl_str_slice(*line, 0, i)));
    }
    *line = i == SIZE_MAX ? (awl_str){NULL, 0} : awl_str_slice(*line, i + 1, line->len);
    return true;
}

static enum awl_rc push_header_list(struct awl_reader *reader,
                                    const struct awl_path *path,
                                    const struct awl_shape *shape, awl_str line)
{
    const struct awl_shape *element = element_shape(reader, shape);
    struct awl_buf *text = &reader->wire->scratch2;
    size_t count = 0;
    lua_newtable(reader->L);
    while (take_element(&line, element->type == AWL_SHAPE_TIMESTAMP, text)) {
        struct awl_path here = {.up = path, .index = count + 1};
        enum awl_rc rc =
            awl_reader_push_text(reader, &here, element, awl_buf_str(text), SIZE_MAX);
        if (rc != AWL_OK)
            return rc;
        lua_rawseti(reader->L, -2, (lua_Integer)++count);
    }
    return AWL_OK;
}

static enum awl_rc push_json_value(struct awl_reader *reader, const struct awl_path *path,
                                   awl_str text)
{
    struct awl_json_reader json;
    lua_State *L = reader->L;
    awl_str bytes;
    if (!awl_push_base64(L, &reader->wire->scratch, text))
        return awl_reader_fail(reader, path, SIZE_MAX, "expected base64");
    bytes.ptr = lua_tolstring(L, -1, &bytes.len);
    awl_json_reader_init(&json, bytes);
    if (awl_document_read(&json, L, &reader->wire->scratch, awl_json_next(&json)) !=
        AWL_OK)
        return awl_reader_fail(reader, path, SIZE_MAX, "expected JSON");
    lua_remove(L, -2);
    return AWL_OK;
}

/* A field that repeats is one list: its values with commas between. */
static awl_str joined(struct awl_reader *reader, const struct awl_headers *headers,
                      size_t at)
{
    awl_str name = awl_headers_name(headers, at);
    size_t next = awl_headers_find(headers, name, at + 1);
    if (next == SIZE_MAX)
        return awl_headers_value(headers, at);
    struct awl_buf *line = &reader->wire->scratch;
    awl_buf_clear(line);
    awl_buf_append_str(line, awl_headers_value(headers, at));
    for (; next != SIZE_MAX; next = awl_headers_find(headers, name, next + 1)) {
        awl_buf_append_str(line, STR(", "));
        awl_buf_append_str(line, awl_headers_value(headers, next));
    }
    return awl_buf_str(line);
}

static enum awl_rc read_header(struct awl_reader *reader, const struct awl_member *member,
                               const struct awl_headers *headers)
{
    const struct awl_shape *shape = awl_model_shape(reader->model, member->shape);
    struct awl_path path = {.member = member};
    size_t at =
        awl_headers_find(headers, awl_model_str(reader->model, member->wire_name), 0);
    if (at == SIZE_MAX)
        return AWL_OK;
    awl_str line = joined(reader, headers, at);
    enum awl_rc rc;
    if ((member->flags & AWL_MEMBER_JSON_VALUE) || (shape->flags & AWL_SHAPE_JSON_VALUE))
        rc = push_json_value(reader, &path, line);
    else if (shape->type == AWL_SHAPE_LIST)
        rc = push_header_list(reader, &path, shape, line);
    else if (line.len == 0 && shape->type != AWL_SHAPE_STRING)
        return AWL_OK;
    else
        rc = awl_reader_push_text(reader, &path, shape, line, SIZE_MAX);
    if (rc == AWL_OK)
        set_member(reader, member);
    return rc;
}

/* Every header with the prefix, as a map by the rest of its name. */
static void read_prefix_headers(struct awl_reader *reader,
                                const struct awl_member *member,
                                const struct awl_headers *headers)
{
    lua_State *L = reader->L;
    awl_str prefix = awl_model_str(reader->model, member->wire_name);
    lua_newtable(L);
    for (size_t i = 0; i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        if (!awl_str_starts_nocase(name, prefix) ||
            awl_headers_find(headers, name, 0) != i)
            continue;
        awl_str value = joined(reader, headers, i);
        lua_pushlstring(L, name.ptr + prefix.len, name.len - prefix.len);
        lua_pushlstring(L, value.ptr != NULL ? value.ptr : "", value.len);
        lua_rawset(L, -3);
    }
    set_member(reader, member);
}

static uint64_t length_bit(size_t len)
{
    return (uint64_t)1 << (len & 63);
}

/* One bit for each length of a name. */
static uint64_t name_lengths(const struct awl_headers *headers)
{
    uint64_t lengths = 0;
    for (size_t i = 0; i < headers->count; i++)
        lengths |= length_bit(awl_headers_name(headers, i).len);
    return lengths;
}

/* An object has forty such members and comes with ten fields: most are ruled out by the
 * length of their name. */
enum awl_rc awl_rest_read_headers(struct awl_reader *reader,
                                  const struct awl_shape *shape,
                                  const struct awl_headers *headers)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    uint64_t lengths = name_lengths(headers);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        enum awl_rc rc = AWL_OK;
        if (members[i].location == AWL_LOCATION_HEADER &&
            lengths & length_bit(awl_model_str(reader->model, members[i].wire_name).len))
            rc = read_header(reader, &members[i], headers);
        else if (members[i].location == AWL_LOCATION_HEADERS)
            read_prefix_headers(reader, &members[i], headers);
        if (rc != AWL_OK)
            return rc;
    }
    return AWL_OK;
}

void awl_rest_read_status(struct awl_reader *reader, const struct awl_shape *shape,
                          int status)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        if (members[i].location != AWL_LOCATION_STATUS_CODE)
            continue;
        lua_pushinteger(reader->L, status);
        set_member(reader, &members[i]);
    }
}
