#include "wire/read.h"

#include <stdio.h>

void awl_reader_init(struct awl_reader *reader, struct awl_wire *wire, lua_State *L,
                     struct awl_error *err)
{
    *reader = (struct awl_reader){.wire = wire, .L = L, .model = wire->model, .err = err};
    reader->keys = awl_keys_push_table(wire, L);
}

enum awl_rc awl_reader_fail(struct awl_reader *reader, const struct awl_path *path,
                            size_t at, const char *format, ...)
{
    char text[512];
    struct awl_note words = {text, 0, sizeof(text)};
    text[0] = '\0';
    awl_note_add_path(&words, reader->model, path);

    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);

    char where[40] = "";
    if (at != SIZE_MAX)
        snprintf(where, sizeof(where), ", at byte %zu", at);
    return awl_error_set(reader->err, AWL_EPARSE, "%s%s%s%s", text,
                         words.len > 0 ? ": " : "", what, where);
}

enum awl_rc awl_reader_deeper(struct awl_reader *reader, const struct awl_path *path,
                              size_t at)
{
    if (reader->depth >= AWL_WIRE_DEPTH_MAX || !lua_checkstack(reader->L, AWL_READ_SLOTS))
        return awl_reader_fail(reader, path, at, "nested deeper than %d levels",
                               AWL_WIRE_DEPTH_MAX);
    reader->depth++;
    return AWL_OK;
}

void awl_reader_unknown_tag(struct awl_reader *reader, awl_str tag)
{
    lua_State *L = reader->L;
    if (awl_str_eq(tag, STR("__type")))
        return;
    lua_createtable(L, 0, 1);
    lua_pushlstring(L, tag.ptr, tag.len);
    lua_setfield(L, -2, "name");
    lua_setfield(L, -2, "SDK_UNKNOWN_MEMBER");
}

enum awl_rc awl_reader_check_union(struct awl_reader *reader, const struct awl_path *path,
                                   const struct awl_shape *shape, size_t at)
{
    size_t count = 0;
    if (!(shape->flags & AWL_SHAPE_UNION))
        return AWL_OK;
    for (lua_pushnil(reader->L); lua_next(reader->L, -2) != 0; lua_pop(reader->L, 1))
        count++;
    if (count == 1)
        return AWL_OK;
    return awl_reader_fail(reader, path, at, "expected exactly one member, got %zu",
                           count);
}

/* Digits without a sign that fit: nearly every number. */
static bool short_integer(awl_str text, int64_t *value)
{
    if (text.len == 0 || text.len > 18)
        return false;
    int64_t sum = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!awl_char_is_digit(text.ptr[i]))
            return false;
        sum = sum * 10 + (text.ptr[i] - '0');
    }
    *value = sum;
    return true;
}

/* What is sensitive is not for an error to repeat. */
static enum awl_rc fail_text(struct awl_reader *reader, const struct awl_path *path,
                             const struct awl_shape *shape, const char *wanted,
                             awl_str text, size_t at)
{
    if (shape->flags & AWL_SHAPE_SENSITIVE)
        return awl_reader_fail(reader, path, at, "expected %s", wanted);
    return awl_reader_fail(reader, path, at, "expected %s, got '%.*s'", wanted,
                           STR_ARG(awl_str_slice(text, 0, 40)));
}

static enum awl_rc push_integer(struct awl_reader *reader, const struct awl_path *path,
                                const struct awl_shape *shape, awl_str text, size_t at)
{
    int64_t integer;
    double real;
    if (short_integer(text, &integer)) {
        lua_pushinteger(reader->L, integer);
        return AWL_OK;
    }
    text = awl_str_trim(text);
    if (awl_str_to_int64(text, &integer) ||
        (text.len > 1 && text.ptr[0] == '+' &&
         awl_str_to_int64(awl_str_slice(text, 1, text.len), &integer)))
        lua_pushinteger(reader->L, integer);
    else if (awl_str_to_double(text, &real)) /* 1e3, or more than 64 bits */
        lua_pushnumber(reader->L, real);
    else
        return fail_text(reader, path, shape, "integer", text, at);
    return AWL_OK;
}

static enum awl_rc push_real(struct awl_reader *reader, const struct awl_path *path,
                             const struct awl_shape *shape, awl_str text, size_t at)
{
    double value;
    text = awl_str_trim(text);
    if (!awl_parse_real(text, &value))
        return fail_text(reader, path, shape, "number", text, at);
    lua_pushnumber(reader->L, value);
    return AWL_OK;
}

/* What cannot be read stays as it was sent: services have sent "0000-00-00", and that
 * must not cost the rest of the answer. */
static void push_timestamp(struct awl_reader *reader, awl_str text)
{
    struct awl_timestamp time;
    awl_str trimmed = awl_str_trim(text);
    if (awl_timestamp_parse(trimmed, &time))
        awl_push_timestamp(reader->L, time);
    else
        lua_pushlstring(reader->L, text.ptr != NULL ? text.ptr : "", text.len);
}

enum awl_rc awl_reader_push_text(struct awl_reader *reader, const struct awl_path *path,
                                 const struct awl_shape *shape, awl_str text, size_t at)
{
    lua_State *L = reader->L;
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_BLOB:
        if (!awl_push_base64(L, &reader->wire->scratch, text))
            return awl_reader_fail(reader, path, at, "expected base64");
        return AWL_OK;
    case AWL_SHAPE_BOOLEAN:
        lua_pushboolean(L, awl_str_eq_nocase(awl_str_trim(text), STR("true")));
        return AWL_OK;
    case AWL_SHAPE_INTEGER:
    case AWL_SHAPE_LONG:
        return push_integer(reader, path, shape, text, at);
    case AWL_SHAPE_FLOAT:
    case AWL_SHAPE_DOUBLE:
        return push_real(reader, path, shape, text, at);
    case AWL_SHAPE_TIMESTAMP:
        push_timestamp(reader, text);
        return AWL_OK;
    case AWL_SHAPE_STRING:
    default:
        lua_pushlstring(L, text.ptr != NULL ? text.ptr : "", text.len);
        return AWL_OK;
    }
}
