#include "wire/walk.h"

#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>

#include "wire/keys.h"

/* Lua stack slots a level of the walk takes at most. */
#define SLOTS_PER_LEVEL 8

#define MAP_KEYS_ON_STACK 16

/* Seconds: what four digits of a year can say. */
#define TIME_MIN (-62167219200)
#define TIME_MAX 253402300799

void awl_walk_init(struct awl_walk *walk, struct awl_wire *wire, lua_State *L,
                   struct awl_writer *writer)
{
    walk->wire = wire;
    walk->L = L;
    walk->model = wire->model;
    walk->writer = writer;
    walk->depth = 0;
    awl_problems_init(&walk->problems, wire->model);
    walk->keys = awl_keys_push_table(wire, L);
}

/* ---- what the limits of a shape say ---- */

static void check_min(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_shape *shape, double value, const char *unit)
{
    if (shape->extra == AWL_MODEL_NONE)
        return;
    struct awl_shape_extra extra;
    awl_model_shape_extra(walk->model, shape, &extra);
    if (!extra.has_min || value >= extra.min)
        return;
    if (unit != NULL)
        awl_problems_add(&walk->problems, path, "expected at least %.0f %s, got %.0f",
                         extra.min, unit, value);
    else
        awl_problems_add(&walk->problems, path, "expected at least %.14g, got %.14g",
                         extra.min, value);
}

static size_t count_characters(awl_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

static const char *got(lua_State *L)
{
    return awl_is_null(L, -1) ? "null" : luaL_typename(L, -1);
}

static void expected(struct awl_walk *walk, const struct awl_path *path, const char *what)
{
    awl_problems_add(&walk->problems, path, "expected %s, got %s", what, got(walk->L));
}

static bool deeper(struct awl_walk *walk, const struct awl_path *path)
{
    if (walk->depth >= AWL_WIRE_DEPTH_MAX || !lua_checkstack(walk->L, SLOTS_PER_LEVEL)) {
        awl_problems_add(&walk->problems, path, "nested deeper than %d levels",
                         AWL_WIRE_DEPTH_MAX);
        return false;
    }
    walk->depth++;
    return true;
}

/* ---- scalars: the value is on top of the stack ---- */

static awl_str top_text(lua_State *L)
{
    awl_str text;
    text.ptr = lua_tolstring(L, -1, &text.len);
    return text;
}

static void walk_string(struct awl_walk *walk, const struct awl_path *path,
                        const struct awl_shape *shape)
{
    if (lua_type(walk->L, -1) != LUA_TSTRING) {
        expected(walk, path, "string");
        return;
    }
    awl_str text = top_text(walk->L);
    if (shape->extra != AWL_MODEL_NONE)
        check_min(walk, path, shape, (double)count_characters(text), "characters");
    walk->writer->ops->string(walk->writer, text);
}

static void walk_blob(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_shape *shape)
{
    if (lua_type(walk->L, -1) != LUA_TSTRING) {
        expected(walk, path, "string");
        return;
    }
    awl_str bytes = top_text(walk->L);
    check_min(walk, path, shape, (double)bytes.len, "bytes");
    walk->writer->ops->blob(walk->writer, bytes);
}

static int64_t integer_max(const struct awl_shape *shape)
{
    if (shape->type == AWL_SHAPE_LONG)
        return INT64_MAX;
    if (shape->flags & AWL_SHAPE_BYTE)
        return INT8_MAX;
    return shape->flags & AWL_SHAPE_SHORT ? INT16_MAX : INT32_MAX;
}

static void walk_integer(struct awl_walk *walk, const struct awl_path *path,
                         const struct awl_shape *shape)
{
    lua_State *L = walk->L;
    if (lua_type(L, -1) != LUA_TNUMBER) {
        expected(walk, path, "integer");
        return;
    }
    int is_integral;
    lua_Integer value = lua_tointegerx(L, -1, &is_integral);
    if (!is_integral) {
        awl_problems_add(&walk->problems, path, "expected integer, got %.14g",
                         lua_tonumber(L, -1));
        return;
    }
    int64_t max = integer_max(shape);
    if (value > max || value < -max - 1)
        awl_problems_add(&walk->problems, path, "%lld is out of range, at most %lld",
                         (long long)value, (long long)max);
    check_min(walk, path, shape, (double)value, NULL);
    walk->writer->ops->integer(walk->writer, value);
}

static void walk_real(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_shape *shape)
{
    if (lua_type(walk->L, -1) != LUA_TNUMBER) {
        expected(walk, path, "number");
        return;
    }
    double value = lua_tonumber(walk->L, -1);
    check_min(walk, path, shape, value, NULL);
    walk->writer->ops->real(walk->writer, value, shape->type == AWL_SHAPE_FLOAT);
}

static void walk_timestamp(struct awl_walk *walk, const struct awl_path *path,
                           const struct awl_member *through,
                           const struct awl_shape *shape)
{
    lua_State *L = walk->L;
    struct awl_timestamp time;
    bool ok;
    if (lua_isinteger(L, -1)) {
        time = (struct awl_timestamp){lua_tointeger(L, -1), 0};
        ok = true;
    } else if (lua_type(L, -1) == LUA_TNUMBER) {
        ok = awl_timestamp_from_double(lua_tonumber(L, -1), &time);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        ok = awl_timestamp_parse(top_text(L), &time);
    } else {
        expected(walk, path, "timestamp (epoch seconds or text)");
        return;
    }
    if (!ok)
        awl_problems_add(&walk->problems, path,
                         "not a time such as 2026-01-31T12:00:00Z or seconds since 1970");
    else if (time.seconds < TIME_MIN || time.seconds > TIME_MAX)
        awl_problems_add(&walk->problems, path,
                         "not in the years 0 to 9999; times are seconds since 1970");
    else
        walk->writer->ops->timestamp(walk->writer, through, shape, time);
}

static void walk_boolean(struct awl_walk *walk, const struct awl_path *path)
{
    if (lua_isboolean(walk->L, -1))
        walk->writer->ops->boolean(walk->writer, lua_toboolean(walk->L, -1));
    else
        expected(walk, path, "boolean");
}

static void walk_document(struct awl_walk *walk, const struct awl_path *path)
{
    if (walk->writer->ops->document != NULL)
        walk->writer->ops->document(walk->writer, walk->L, path, &walk->problems);
    else
        awl_problems_add(&walk->problems, path, "this protocol has no documents");
}

/* ---- structures ---- */

unsigned awl_presence_next(const struct awl_presence *present, unsigned index)
{
    while (index < AWL_PRESENCE_MAX) {
        uint64_t rest = present->bits[index / 64] >> (index % 64);
        if (rest != 0)
            return index + (unsigned)__builtin_ctzll(rest);
        index = (index / 64 + 1) * 64;
    }
    return AWL_PRESENCE_MAX;
}

static void mark_present(struct awl_presence *present, unsigned index)
{
    present->bits[index / 64] |= (uint64_t)1 << (index % 64);
    present->count++;
}

/* Marks the members that the table at `index` has. */
static void scan_table(struct awl_walk *walk, const struct awl_path *path,
                       const struct awl_shape *shape, int index,
                       struct awl_presence *present)
{
    lua_State *L = walk->L;
    const struct awl_model *model = walk->model;
    const struct awl_member *members = awl_model_members(model, shape);
    unsigned guess = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            awl_problems_add(&walk->problems, path,
                             "expected names of members, got a key of type %s",
                             luaL_typename(L, -2));
            continue;
        }
        awl_str name;
        name.ptr = lua_tolstring(L, -2, &name.len);
        const struct awl_member *member = NULL;
        if (guess < shape->member_count &&
            awl_str_eq(awl_model_str(model, members[guess].name), name))
            member = &members[guess];
        else
            member = awl_model_member_by_name(model, shape, name);
        if (member == NULL) {
            awl_problems_unknown(&walk->problems, path, shape, name);
            continue;
        }
        unsigned at = (unsigned)(member - members);
        guess = at + 1;
        if (awl_is_null(L, -1) &&
            awl_model_shape(model, member->shape)->type != AWL_SHAPE_DOCUMENT)
            continue;
        mark_present(present, at);
        present->attributes |= (member->flags & AWL_MEMBER_XML_ATTRIBUTE) != 0;
    }
}

/* Its events may come later. */
static bool is_event_stream(const struct awl_model *model,
                            const struct awl_member *member)
{
    return awl_model_shape(model, member->shape)->flags & AWL_SHAPE_EVENT_STREAM;
}

static void check_required(struct awl_walk *walk, const struct awl_path *path,
                           const struct awl_shape *shape, bool tokens,
                           struct awl_presence *present)
{
    if (shape->required_count == 0 && !tokens)
        return;
    const struct awl_member *members = awl_model_members(walk->model, shape);
    for (unsigned i = 0; i < shape->member_count; i++) {
        if (awl_presence_has(present, i))
            continue;
        struct awl_path here = {.up = path, .member = &members[i]};
        if (tokens && (members[i].flags & AWL_MEMBER_IDEMPOTENCY_TOKEN))
            mark_present(present, i);
        else if ((members[i].flags & AWL_MEMBER_REQUIRED) &&
                 !is_event_stream(walk->model, &members[i]))
            awl_problems_add(&walk->problems, &here, "required but missing");
    }
}

static void check_union(struct awl_walk *walk, const struct awl_path *path,
                        const struct awl_shape *shape, const struct awl_presence *present)
{
    if (!(shape->flags & AWL_SHAPE_UNION) || present->count == 1)
        return;
    const struct awl_member *members = awl_model_members(walk->model, shape);
    char text[256];
    struct awl_note words = {text, 0, sizeof(text)};
    text[0] = '\0';
    for (unsigned i = 0; i < shape->member_count && i < 12; i++)
        awl_note_add(&words, "%s%.*s", i == 0 ? "" : ", ",
                     STR_ARG(awl_model_str(walk->model, members[i].name)));
    awl_problems_add(&walk->problems, path, "expected exactly one of %s, got %u", text,
                     present->count);
}

bool awl_walk_presence(struct awl_walk *walk, const struct awl_path *path,
                       const struct awl_shape *shape, int index, bool tokens,
                       struct awl_presence *present)
{
    *present = (struct awl_presence){.count = 0};
    if (shape->member_count > AWL_PRESENCE_MAX) {
        awl_problems_add(&walk->problems, path, "structure of more than %d members",
                         AWL_PRESENCE_MAX);
        return false;
    }
    if (index != 0) {
        if (!lua_istable(walk->L, index)) {
            awl_problems_add(&walk->problems, path, "expected table, got %s",
                             luaL_typename(walk->L, index));
            return false;
        }
        scan_table(walk, path, shape, index, present);
    }
    check_required(walk, path, shape, tokens, present);
    check_union(walk, path, shape, present);
    return true;
}

void awl_walk_push(struct awl_walk *walk, int index, const struct awl_member *member)
{
    lua_State *L = walk->L;
    if (index != 0) {
        awl_keys_push(walk->model, L, walk->keys, member);
        lua_rawget(L, index);
        if (!(member->flags & AWL_MEMBER_IDEMPOTENCY_TOKEN) || !lua_isnil(L, -1))
            return;
        lua_pop(L, 1);
    }
    char token[AWL_UUID_LEN + 1];
    awl_random_uuid(walk->wire->random, token);
    lua_pushlstring(L, token, AWL_UUID_LEN);
}

static void walk_members(struct awl_walk *walk, const struct awl_path *path,
                         const struct awl_shape *shape, int index,
                         const struct awl_presence *present, unsigned elsewhere,
                         bool attributes)
{
    struct awl_writer *writer = walk->writer;
    const struct awl_model *model = walk->model;
    const struct awl_member *members = awl_model_members(model, shape);
    for (unsigned i = awl_presence_next(present, 0); i < shape->member_count;
         i = awl_presence_next(present, i + 1)) {
        const struct awl_member *member = &members[i];
        bool is_attribute = (member->flags & AWL_MEMBER_XML_ATTRIBUTE) != 0;
        if ((elsewhere >> member->location & 1) || is_attribute != attributes)
            continue;
        struct awl_path here = {.up = path, .member = member};
        awl_walk_push(walk, index, member);
        size_t mark = writer->ops->member(writer, member);
        awl_walk_value(walk, &here, member, awl_model_shape(model, member->shape));
        writer->ops->member_end(writer, member, mark);
        lua_pop(walk->L, 1);
    }
}

void awl_walk_members(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_member *through, const struct awl_shape *shape,
                      int index, const struct awl_presence *present, unsigned elsewhere)
{
    struct awl_writer *writer = walk->writer;
    if (present->attributes) {
        writer->attributes = true;
        walk_members(walk, path, shape, index, present, elsewhere, true);
        writer->attributes = false;
    }
    writer->ops->structure(writer, through, present->count);
    walk_members(walk, path, shape, index, present, elsewhere, false);
    writer->ops->structure_end(writer);
}

static void walk_structure(struct awl_walk *walk, const struct awl_path *path,
                           const struct awl_member *through,
                           const struct awl_shape *shape)
{
    struct awl_presence present;
    if (!lua_istable(walk->L, -1)) {
        expected(walk, path, "table");
        return;
    }
    if (!deeper(walk, path))
        return;
    int index = lua_gettop(walk->L);
    if (awl_walk_presence(walk, path, shape, index, false, &present))
        awl_walk_members(walk, path, through, shape, index, &present, AWL_ELSEWHERE_NONE);
    walk->depth--;
}

/* ---- lists and maps ---- */

/* A null is written where the container may hold it, and is a problem elsewhere. */
static void walk_item(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_member *through, bool sparse)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, through->shape);
    if (!awl_is_null(walk->L, -1) || shape->type == AWL_SHAPE_DOCUMENT)
        awl_walk_value(walk, path, through, shape);
    else if (sparse)
        walk->writer->ops->null(walk->writer);
    else
        awl_problems_add(&walk->problems, path, "null is not allowed here");
}

static bool is_sequence(struct awl_walk *walk, const struct awl_path *path, size_t count)
{
    lua_State *L = walk->L;
    if (count > 0)
        return true;
    lua_pushnil(L);
    if (lua_next(L, -2) == 0)
        return true;
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING)
        awl_problems_add(&walk->problems, path,
                         "expected list, got a table with key '%s'", lua_tostring(L, -1));
    else
        awl_problems_add(&walk->problems, path, "expected list, got a table without [1]");
    lua_pop(L, 1);
    return false;
}

bool awl_walk_list_begin(struct awl_walk *walk, const struct awl_path *path,
                         const struct awl_shape *shape, size_t *count)
{
    if (!lua_istable(walk->L, -1)) {
        expected(walk, path, "list");
        return false;
    }
    *count = (size_t)lua_rawlen(walk->L, -1);
    if (!is_sequence(walk, path, *count))
        return false;
    check_min(walk, path, shape, (double)*count, "elements");
    return true;
}

static void walk_list(struct awl_walk *walk, const struct awl_path *path,
                      const struct awl_member *through, const struct awl_shape *shape)
{
    lua_State *L = walk->L;
    size_t count;
    if (!deeper(walk, path))
        return;
    struct awl_writer *writer = walk->writer;
    const struct awl_member *element = awl_model_members(walk->model, shape);
    bool sparse = (shape->flags & AWL_SHAPE_SPARSE) != 0;
    if (awl_walk_list_begin(walk, path, shape, &count)) {
        size_t mark = writer->ops->list(writer, through, shape, count);
        for (size_t i = 1; i <= count; i++) {
            struct awl_path here = {.up = path, .index = i};
            lua_rawgeti(L, -1, (lua_Integer)i);
            size_t inner = writer->ops->element(writer, through, shape, i);
            walk_item(walk, &here, element, sparse);
            writer->ops->element_end(writer, through, shape, inner);
            lua_pop(L, 1);
        }
        writer->ops->list_end(writer, mark);
    }
    walk->depth--;
}

static int compare_keys(const void *a, const void *b)
{
    return awl_str_cmp(*(const awl_str *)a, *(const awl_str *)b);
}

/* Counts the entries of the table on top; every key must be a string. */
static bool count_entries(struct awl_walk *walk, const struct awl_path *path,
                          size_t *count)
{
    lua_State *L = walk->L;
    *count = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            awl_problems_add(&walk->problems, path,
                             "expected keys of type string, got a key of type %s",
                             luaL_typename(L, -2));
            lua_pop(L, 2);
            return false;
        }
        (*count)++;
    }
    return true;
}

/* Collects the keys of the table on top, in bytewise order: equal input gives equal
 * requests. The table keeps them alive. */
static void sort_keys(lua_State *L, awl_str *keys, size_t count)
{
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (n < count)
            keys[n].ptr = lua_tolstring(L, -2, &keys[n].len);
        n++;
    }
    if (count > 1)
        qsort(keys, count, sizeof(*keys), compare_keys);
}

static void walk_entries(struct awl_walk *walk, const struct awl_path *path,
                         const struct awl_member *through, const struct awl_shape *shape,
                         int index, const awl_str *keys, size_t count)
{
    lua_State *L = walk->L;
    struct awl_writer *writer = walk->writer;
    const struct awl_member *parts = awl_model_members(walk->model, shape);
    const struct awl_shape *key_shape = awl_model_shape(walk->model, parts[0].shape);
    bool sparse = (shape->flags & AWL_SHAPE_SPARSE) != 0;
    for (size_t i = 0; i < count; i++) {
        struct awl_path here = {.up = path, .key = keys[i]};
        lua_pushlstring(L, keys[i].ptr, keys[i].len);
        lua_rawget(L, index);
        if (key_shape->extra != AWL_MODEL_NONE)
            check_min(walk, &here, key_shape, (double)count_characters(keys[i]),
                      "characters in the key");
        size_t mark = writer->ops->entry(writer, through, shape, i + 1, keys[i]);
        walk_item(walk, &here, &parts[1], sparse);
        writer->ops->entry_end(writer, through, shape, mark);
        lua_pop(L, 1);
    }
}

static void walk_map(struct awl_walk *walk, const struct awl_path *path,
                     const struct awl_member *through, const struct awl_shape *shape)
{
    lua_State *L = walk->L;
    size_t count;
    if (!lua_istable(L, -1)) {
        expected(walk, path, "table");
        return;
    }
    if (!deeper(walk, path))
        return;
    int index = lua_gettop(L);
    if (count_entries(walk, path, &count)) {
        awl_str few[MAP_KEYS_ON_STACK];
        awl_str *keys = few;
        if (count > MAP_KEYS_ON_STACK) {
            keys = lua_newuserdatauv(L, count * sizeof(*keys), 0);
            lua_pushvalue(L, index);
        }
        sort_keys(L, keys, count);
        walk->writer->ops->map(walk->writer, through, count);
        walk_entries(walk, path, through, shape, index, keys, count);
        walk->writer->ops->map_end(walk->writer);
        lua_settop(L, index);
    }
    walk->depth--;
}

void awl_walk_value(struct awl_walk *walk, const struct awl_path *path,
                    const struct awl_member *through, const struct awl_shape *shape)
{
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_STRUCTURE:
        walk_structure(walk, path, through, shape);
        break;
    case AWL_SHAPE_LIST:
        walk_list(walk, path, through, shape);
        break;
    case AWL_SHAPE_MAP:
        walk_map(walk, path, through, shape);
        break;
    case AWL_SHAPE_STRING:
        walk_string(walk, path, shape);
        break;
    case AWL_SHAPE_BLOB:
        walk_blob(walk, path, shape);
        break;
    case AWL_SHAPE_BOOLEAN:
        walk_boolean(walk, path);
        break;
    case AWL_SHAPE_INTEGER:
    case AWL_SHAPE_LONG:
        walk_integer(walk, path, shape);
        break;
    case AWL_SHAPE_FLOAT:
    case AWL_SHAPE_DOUBLE:
        walk_real(walk, path, shape);
        break;
    case AWL_SHAPE_TIMESTAMP:
        walk_timestamp(walk, path, through, shape);
        break;
    case AWL_SHAPE_DOCUMENT:
        walk_document(walk, path);
        break;
    }
}
