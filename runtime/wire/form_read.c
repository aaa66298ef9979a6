#include "wire/form_read.h"

#include <stdlib.h>

#include "aws/uri.h"
#include "wire/form_write.h"

/* Decoded. A key is segments with dots between them: Tags.member.1.Key */
struct pair {
    awl_str key;
    awl_str value;
};

/* Sorted pairs whose keys agree in their first `at` bytes. */
struct range {
    const struct pair *pairs;
    size_t count;
    size_t at;
};

static enum awl_rc read_value(struct awl_reader *reader, const struct awl_path *path,
                              const struct awl_shape *shape, struct range range);

bool awl_form_find(awl_str body, awl_str name, struct awl_buf *scratch)
{
    awl_buf_clear(scratch);
    return awl_query_get(body, name, scratch) == AWL_OK;
}

/* ---- order: segment by segment, numbers by value ---- */

static bool is_number(awl_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!awl_char_is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

static awl_str first_segment(awl_str key)
{
    return awl_str_slice(key, 0, awl_str_find(key, '.', 0));
}

static int compare_segments(awl_str a, awl_str b)
{
    if (is_number(a) && is_number(b) && a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return awl_str_cmp(a, b);
}

static int compare_pairs(const void *left, const void *right)
{
    awl_str a = ((const struct pair *)left)->key;
    awl_str b = ((const struct pair *)right)->key;
    while (a.len > 0 && b.len > 0) {
        awl_str first_a = first_segment(a), first_b = first_segment(b);
        int order = compare_segments(first_a, first_b);
        if (order != 0)
            return order;
        a = awl_str_slice(a, first_a.len + 1, a.len);
        b = awl_str_slice(b, first_b.len + 1, b.len);
    }
    return (a.len > 0) - (b.len > 0);
}

/* ---- groups of pairs with the same next segment ---- */

static awl_str next_segment(const struct pair *pair, size_t at)
{
    size_t begin = at > 0 ? at + 1 : 0;
    return first_segment(awl_str_slice(pair->key, begin, pair->key.len));
}

/* Takes the next group off the range. Pairs that end here belong to none. */
static bool take_group(struct range *range, struct range *group, awl_str *segment)
{
    while (range->count > 0 && range->pairs->key.len <= range->at) {
        range->pairs++;
        range->count--;
    }
    if (range->count == 0)
        return false;
    *segment = next_segment(range->pairs, range->at);
    *group = (struct range){range->pairs, 1, 0};
    group->at = (range->at > 0 ? range->at + 1 : 0) + segment->len;
    while (group->count < range->count &&
           awl_str_eq(next_segment(&range->pairs[group->count], range->at), *segment))
        group->count++;
    range->pairs += group->count;
    range->count -= group->count;
    return true;
}

/* ---- values ---- */

static bool is_member_named(const struct awl_reader *reader,
                            const struct awl_member *member, awl_str name)
{
    if (reader->wire->protocol == AWL_PROTOCOL_EC2) {
        struct awl_form_name own = awl_form_ec2_name(reader->model, member);
        return name.len > 0 && name.ptr[0] == own.first &&
               awl_str_eq(awl_str_slice(name, 1, name.len), own.rest);
    }
    if (awl_str_eq(awl_model_str(reader->model, member->wire_name), name))
        return true;
    /* A flattened list goes by its elements' name, if they have one. */
    const struct awl_shape *shape = awl_model_shape(reader->model, member->shape);
    if (!(member->flags & AWL_MEMBER_FLATTENED) || shape->type != AWL_SHAPE_LIST)
        return false;
    const struct awl_member *element = awl_model_members(reader->model, shape);
    return (element->flags & AWL_MEMBER_NAMED) &&
           awl_str_eq(awl_model_str(reader->model, element->wire_name), name);
}

static const struct awl_member *find_member(const struct awl_reader *reader,
                                            const struct awl_shape *shape, awl_str name)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (is_member_named(reader, &members[i], name))
            return &members[i];
    return NULL;
}

static enum awl_rc read_structure(struct awl_reader *reader, const struct awl_path *path,
                                  const struct awl_shape *shape, struct range range)
{
    struct range group;
    awl_str segment;
    lua_newtable(reader->L);
    while (take_group(&range, &group, &segment)) {
        const struct awl_member *member = find_member(reader, shape, segment);
        if (member == NULL)
            continue;
        struct awl_path here = {.up = path, .member = member};
        awl_keys_push(reader->model, reader->L, reader->keys, member);
        enum awl_rc rc = read_value(reader, &here,
                                    awl_model_shape(reader->model, member->shape), group);
        if (rc != AWL_OK)
            return rc;
        lua_rawset(reader->L, -3);
    }
    return AWL_OK;
}

/* Elements are Name.1 or Name.member.1, whatever the segment between is called. */
static enum awl_rc read_elements(struct awl_reader *reader, const struct awl_path *path,
                                 const struct awl_shape *shape, struct range range,
                                 size_t *count)
{
    const struct awl_member *element = awl_model_members(reader->model, shape);
    struct range group;
    awl_str segment;
    while (take_group(&range, &group, &segment)) {
        enum awl_rc rc;
        if (!is_number(segment)) {
            rc = awl_reader_deeper(reader, path, SIZE_MAX);
            if (rc == AWL_OK) {
                rc = read_elements(reader, path, shape, group, count);
                reader->depth--;
            }
        } else {
            struct awl_path here = {.up = path, .index = *count + 1};
            rc = read_value(reader, &here, awl_model_shape(reader->model, element->shape),
                            group);
            if (rc == AWL_OK && lua_isnil(reader->L, -1))
                lua_pop(reader->L, 1);
            else if (rc == AWL_OK)
                lua_rawseti(reader->L, -2, (lua_Integer)++ * count);
        }
        if (rc != AWL_OK)
            return rc;
    }
    return AWL_OK;
}

/* One entry, Name.entry.1 with its key and its value, into the map on top. */
static enum awl_rc read_entry(struct awl_reader *reader, const struct awl_path *path,
                              const struct awl_shape *shape, struct range range)
{
    const struct awl_member *parts = awl_model_members(reader->model, shape);
    int base = lua_gettop(reader->L);
    struct range group;
    awl_str segment;
    lua_pushnil(reader->L);
    lua_pushnil(reader->L);
    while (take_group(&range, &group, &segment)) {
        int part = is_member_named(reader, &parts[0], segment) ? 0 : 1;
        struct awl_path here = {.up = path, .member = &parts[part]};
        enum awl_rc rc = read_value(
            reader, &here, awl_model_shape(reader->model, parts[part].shape), group);
        if (rc != AWL_OK)
            return rc;
        lua_replace(reader->L, base + 1 + part);
    }
    if (lua_isnil(reader->L, -2))
        lua_pop(reader->L, 2);
    else
        lua_rawset(reader->L, base);
    return AWL_OK;
}

static enum awl_rc read_entries(struct awl_reader *reader, const struct awl_path *path,
                                const struct awl_shape *shape, struct range range)
{
    struct range group;
    awl_str segment;
    while (take_group(&range, &group, &segment)) {
        enum awl_rc rc = awl_reader_deeper(reader, path, SIZE_MAX);
        if (rc == AWL_OK)
            rc = is_number(segment) ? read_entry(reader, path, shape, group)
                                    : read_entries(reader, path, shape, group);
        if (rc != AWL_OK)
            return rc;
        reader->depth--;
    }
    return AWL_OK;
}

static enum awl_rc read_scalar(struct awl_reader *reader, const struct awl_path *path,
                               const struct awl_shape *shape, struct range range)
{
    /* In order the pair that ends here is the first. */
    if (range.pairs->key.len == range.at)
        return awl_reader_push_text(reader, path, shape, range.pairs->value, SIZE_MAX);
    lua_pushnil(reader->L);
    return AWL_OK;
}

static enum awl_rc read_container(struct awl_reader *reader, const struct awl_path *path,
                                  const struct awl_shape *shape, struct range range)
{
    size_t count = 0;
    if (shape->type == AWL_SHAPE_STRUCTURE)
        return read_structure(reader, path, shape, range);
    lua_newtable(reader->L);
    if (shape->type == AWL_SHAPE_LIST)
        return read_elements(reader, path, shape, range, &count);
    return read_entries(reader, path, shape, range);
}

static enum awl_rc read_value(struct awl_reader *reader, const struct awl_path *path,
                              const struct awl_shape *shape, struct range range)
{
    if (shape->type > AWL_SHAPE_MAP)
        return read_scalar(reader, path, shape, range);
    enum awl_rc rc = awl_reader_deeper(reader, path, SIZE_MAX);
    if (rc == AWL_OK) {
        rc = read_container(reader, path, shape, range);
        reader->depth--;
    }
    return rc;
}

/* ---- the body ---- */

static size_t count_pairs(awl_str body)
{
    awl_str key, value;
    size_t count = 0;
    while (awl_query_next(&body, &key, &value))
        count++;
    return count;
}

static awl_str decode(struct awl_buf *out, awl_str text)
{
    size_t from = out->len;
    awl_uri_decode(out, text, true);
    return awl_str_make(out->ptr + from, out->len - from);
}

enum awl_rc awl_form_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body)
{
    struct awl_buf *text = &reader->wire->scratch2;
    size_t count = count_pairs(body);
    int top = lua_gettop(reader->L);
    awl_buf_clear(text);
    /* Room for all at once: the slices must not move. */
    if (awl_buf_reserve(text, body.len) != AWL_OK)
        return awl_error_set(reader->err, awl_buf_rc(text), "the form is too large");
    struct pair *pairs = lua_newuserdatauv(reader->L, (count + 1) * sizeof(*pairs), 0);
    awl_str key, value;
    for (size_t i = 0; i < count && awl_query_next(&body, &key, &value); i++)
        pairs[i] = (struct pair){decode(text, key), decode(text, value)};
    qsort(pairs, count, sizeof(*pairs), compare_pairs);

    struct range all = {pairs, count, 0};
    enum awl_rc rc = read_container(reader, NULL, shape, all);
    if (rc != AWL_OK)
        lua_settop(reader->L, top);
    else
        lua_remove(reader->L, top + 1);
    return rc;
}
