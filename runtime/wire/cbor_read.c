#include "wire/read.h"

#include "wire/cbor_scanner.h"

static enum awl_rc read_value(struct awl_reader *reader, struct awl_cbor *cbor,
                              const struct awl_path *path, const struct awl_shape *shape);

static size_t offset(const struct awl_cbor *cbor)
{
    return (size_t)(cbor->pos - cbor->start);
}

static enum awl_rc unexpected(struct awl_reader *reader, const struct awl_cbor *cbor,
                              const struct awl_path *path, const char *what)
{
    if (cbor->token == AWL_CBOR_ERROR || cbor->token == AWL_CBOR_BREAK)
        return awl_reader_fail(reader, path, offset(cbor), "invalid CBOR");
    return awl_reader_fail(reader, path, offset(cbor), "expected %s", what);
}

static bool is_null(const struct awl_cbor *cbor)
{
    return cbor->token == AWL_CBOR_NULL || cbor->token == AWL_CBOR_UNDEFINED;
}

/* ---- scalars ---- */

/* Beyond 64 bits only a float is left. */
static void push_integer(lua_State *L, const struct awl_cbor *cbor)
{
    bool negative = cbor->token == AWL_CBOR_NEGINT;
    if (cbor->number > INT64_MAX)
        lua_pushnumber(L, negative ? -1 - (double)cbor->number : (double)cbor->number);
    else
        lua_pushinteger(L, negative ? -1 - (int64_t)cbor->number : (int64_t)cbor->number);
}

static double real_value(const struct awl_cbor *cbor)
{
    if (cbor->token == AWL_CBOR_FLOAT)
        return cbor->real;
    return cbor->token == AWL_CBOR_NEGINT ? -1 - (double)cbor->number
                                          : (double)cbor->number;
}

static bool is_number(const struct awl_cbor *cbor)
{
    return cbor->token == AWL_CBOR_UINT || cbor->token == AWL_CBOR_NEGINT ||
           cbor->token == AWL_CBOR_FLOAT;
}

static enum awl_rc read_integer(struct awl_reader *reader, const struct awl_cbor *cbor,
                                const struct awl_path *path)
{
    lua_Integer integer;
    if (!is_number(cbor))
        return unexpected(reader, cbor, path, "an integer");
    if (cbor->token != AWL_CBOR_FLOAT)
        push_integer(reader->L, cbor);
    else if (lua_numbertointeger(cbor->real, &integer) && (double)integer == cbor->real)
        lua_pushinteger(reader->L, integer);
    else
        lua_pushnumber(reader->L, cbor->real);
    return AWL_OK;
}

static enum awl_rc read_timestamp(struct awl_reader *reader, const struct awl_cbor *cbor,
                                  const struct awl_path *path)
{
    struct awl_timestamp time;
    if (!is_number(cbor))
        return unexpected(reader, cbor, path, "a timestamp");
    if (cbor->token != AWL_CBOR_FLOAT)
        push_integer(reader->L, cbor);
    else if (awl_timestamp_from_double(cbor->real, &time))
        awl_push_timestamp(reader->L, time);
    else
        return unexpected(reader, cbor, path, "a timestamp");
    return AWL_OK;
}

static enum awl_rc read_text(struct awl_reader *reader, struct awl_cbor *cbor,
                             const struct awl_path *path, enum awl_cbor_token kind)
{
    awl_str text;
    if (cbor->token != kind || !awl_cbor_text(cbor, &reader->wire->scratch, &text))
        return unexpected(reader, cbor, path,
                          kind == AWL_CBOR_STRING ? "a string" : "bytes");
    lua_pushlstring(reader->L, text.ptr != NULL ? text.ptr : "", text.len);
    return AWL_OK;
}

/* ---- containers: the head is the current token ---- */

static enum awl_rc read_structure(struct awl_reader *reader, struct awl_cbor *cbor,
                                  const struct awl_path *path,
                                  const struct awl_shape *shape)
{
    struct awl_cbor head = *cbor;
    uint16_t *guess = awl_reader_first_guess(reader, shape);
    size_t count = 0;
    awl_str name;
    lua_createtable(reader->L, 0, awl_reader_presize(reader, shape));
    for (uint64_t taken = 0; awl_cbor_item(cbor, &head, taken); taken++) {
        if (cbor->token != AWL_CBOR_STRING ||
            !awl_cbor_text(cbor, &reader->wire->scratch, &name))
            return unexpected(reader, cbor, path, "a member's name");
        const struct awl_member *member = awl_reader_member(reader, shape, &guess, name);
        awl_cbor_next(cbor);
        if (member == NULL || is_null(cbor)) {
            if (member == NULL && !is_null(cbor) && (shape->flags & AWL_SHAPE_UNION))
                awl_reader_unknown_tag(reader, name);
            if (!awl_cbor_skip(cbor))
                return unexpected(reader, cbor, path, "a value");
            continue;
        }
        struct awl_path here = {.up = path, .member = member};
        awl_keys_push(reader->model, reader->L, reader->keys, member);
        enum awl_rc rc = read_value(reader, cbor, &here,
                                    awl_model_shape(reader->model, member->shape));
        if (rc != AWL_OK)
            return rc;
        lua_rawset(reader->L, -3);
        count++;
    }
    awl_reader_note_size(reader, shape, count);
    return awl_reader_check_union(reader, path, shape, offset(cbor));
}

static enum awl_rc read_item(struct awl_reader *reader, struct awl_cbor *cbor,
                             const struct awl_path *path, const struct awl_shape *shape)
{
    if (!is_null(cbor))
        return read_value(reader, cbor, path, shape);
    lua_pushlightuserdata(reader->L, NULL);
    return AWL_OK;
}

static enum awl_rc read_list(struct awl_reader *reader, struct awl_cbor *cbor,
                             const struct awl_path *path, const struct awl_shape *shape)
{
    struct awl_cbor head = *cbor;
    const struct awl_shape *target =
        awl_model_shape(reader->model, awl_model_members(reader->model, shape)->shape);
    uint64_t taken = 0;
    lua_createtable(reader->L, awl_reader_presize(reader, shape), 0);
    while (awl_cbor_item(cbor, &head, taken)) {
        struct awl_path here = {.up = path, .index = ++taken};
        enum awl_rc rc = read_item(reader, cbor, &here, target);
        if (rc != AWL_OK)
            return rc;
        lua_rawseti(reader->L, -2, (lua_Integer)taken);
    }
    awl_reader_note_size(reader, shape, taken);
    return AWL_OK;
}

static enum awl_rc read_map(struct awl_reader *reader, struct awl_cbor *cbor,
                            const struct awl_path *path, const struct awl_shape *shape)
{
    lua_State *L = reader->L;
    struct awl_cbor head = *cbor;
    const struct awl_shape *target =
        awl_model_shape(reader->model, awl_model_members(reader->model, shape)[1].shape);
    uint64_t taken = 0;
    lua_createtable(L, 0, awl_reader_presize(reader, shape));
    for (; awl_cbor_item(cbor, &head, taken); taken++) {
        enum awl_rc rc = read_text(reader, cbor, path, AWL_CBOR_STRING);
        if (rc != AWL_OK)
            return rc;
        struct awl_path here = {.up = path};
        here.key.ptr = lua_tolstring(L, -1, &here.key.len);
        awl_cbor_next(cbor);
        if (is_null(cbor) && !(shape->flags & AWL_SHAPE_SPARSE)) {
            lua_pop(L, 1);
            continue;
        }
        rc = read_item(reader, cbor, &here, target);
        if (rc != AWL_OK)
            return rc;
        lua_rawset(L, -3);
    }
    awl_reader_note_size(reader, shape, taken);
    return AWL_OK;
}

static enum awl_rc read_container(struct awl_reader *reader, struct awl_cbor *cbor,
                                  const struct awl_path *path,
                                  const struct awl_shape *shape)
{
    bool list = shape->type == AWL_SHAPE_LIST;
    if (cbor->token != (list ? AWL_CBOR_ARRAY : AWL_CBOR_MAP))
        return unexpected(reader, cbor, path, list ? "a list" : "a map");
    enum awl_rc rc = awl_reader_deeper(reader, path, offset(cbor));
    if (rc != AWL_OK)
        return rc;
    if (list)
        rc = read_list(reader, cbor, path, shape);
    else if (shape->type == AWL_SHAPE_MAP)
        rc = read_map(reader, cbor, path, shape);
    else
        rc = read_structure(reader, cbor, path, shape);
    reader->depth--;
    return rc;
}

static enum awl_rc read_value(struct awl_reader *reader, struct awl_cbor *cbor,
                              const struct awl_path *path, const struct awl_shape *shape)
{
    while (cbor->token == AWL_CBOR_TAG)
        awl_cbor_next(cbor);
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_STRUCTURE:
    case AWL_SHAPE_LIST:
    case AWL_SHAPE_MAP:
        return read_container(reader, cbor, path, shape);
    case AWL_SHAPE_STRING:
        return read_text(reader, cbor, path, AWL_CBOR_STRING);
    case AWL_SHAPE_BLOB:
        return read_text(reader, cbor, path, AWL_CBOR_BYTES);
    case AWL_SHAPE_BOOLEAN:
        if (cbor->token != AWL_CBOR_BOOLEAN)
            return unexpected(reader, cbor, path, "a boolean");
        lua_pushboolean(reader->L, cbor->boolean);
        return AWL_OK;
    case AWL_SHAPE_INTEGER:
    case AWL_SHAPE_LONG:
        return read_integer(reader, cbor, path);
    case AWL_SHAPE_FLOAT:
    case AWL_SHAPE_DOUBLE:
        if (!is_number(cbor))
            return unexpected(reader, cbor, path, "a number");
        lua_pushnumber(reader->L, real_value(cbor));
        return AWL_OK;
    case AWL_SHAPE_TIMESTAMP:
        return read_timestamp(reader, cbor, path);
    case AWL_SHAPE_DOCUMENT:
        break;
    }
    return awl_reader_fail(reader, path, offset(cbor), "this protocol has no documents");
}

enum awl_rc awl_cbor_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body)
{
    struct awl_cbor cbor;
    int top = lua_gettop(reader->L);
    awl_cbor_init(&cbor, body);
    awl_cbor_next(&cbor);
    enum awl_rc rc = read_value(reader, &cbor, NULL, shape);
    if (rc == AWL_OK && cbor.pos != cbor.end)
        rc = awl_reader_fail(reader, NULL, offset(&cbor), "more than one value");
    if (rc != AWL_OK)
        lua_settop(reader->L, top);
    return rc;
}
