#include "base/json.h"

#include "wire/document.h"
#include "wire/read.h"

struct json_read {
    struct awl_reader *reader;
    struct awl_json_reader json;
};

static enum awl_rc read_value(struct json_read *r, const struct awl_path *path,
                              const struct awl_shape *shape, enum awl_json_token token);

static size_t offset(const struct json_read *r)
{
    return (size_t)(r->json.pos - r->json.start);
}

static const char *token_name(enum awl_json_token token)
{
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        return "an object";
    case AWL_JSON_ARRAY_BEGIN:
        return "a list";
    case AWL_JSON_STRING:
        return "a string";
    case AWL_JSON_NUMBER:
        return "a number";
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        return "a boolean";
    case AWL_JSON_NULL:
        return "null";
    default:
        return "nothing";
    }
}

static enum awl_rc unexpected(struct json_read *r, const struct awl_path *path,
                              const char *what, enum awl_json_token token)
{
    if (token == AWL_JSON_ERROR)
        return awl_reader_fail(r->reader, path, offset(r), "invalid JSON: %s",
                               r->json.reason != NULL ? r->json.reason : "?");
    return awl_reader_fail(r->reader, path, offset(r), "expected %s, got %s", what,
                           token_name(token));
}

static enum awl_rc skip(struct json_read *r, const struct awl_path *path,
                        enum awl_json_token token)
{
    if (awl_json_skip(&r->json, token) != AWL_OK)
        return unexpected(r, path, "a value", AWL_JSON_ERROR);
    return AWL_OK;
}

/* The text of the current KEY; its escapes are resolved into the scratch buffer. */
static awl_str key_text(struct json_read *r)
{
    if (!r->json.escaped)
        return r->json.text;
    struct awl_buf *scratch = &r->reader->wire->scratch;
    awl_buf_clear(scratch);
    awl_json_unescape(scratch, r->json.text);
    return awl_buf_str(scratch);
}

/* Pushes the current STRING or KEY. */
static void push_string(struct json_read *r, const struct awl_shape *shape)
{
    if (r->json.escaped)
        awl_json_push_text(r->reader->L, &r->reader->wire->scratch, &r->json);
    else
        awl_reader_push_string(r->reader, shape, r->json.text);
}

/* ---- structures ---- */

/* One member into the table on top; unknown ones and nulls are passed over. */
static enum awl_rc read_member(struct json_read *r, const struct awl_path *path,
                               const struct awl_shape *shape, uint16_t **guess,
                               size_t *count)
{
    struct awl_reader *reader = r->reader;
    awl_str key = key_text(r);
    const struct awl_member *member = awl_reader_member(reader, shape, guess, key);
    enum awl_json_token token = awl_json_next(&r->json);
    if (member == NULL) {
        if ((shape->flags & AWL_SHAPE_UNION) && token != AWL_JSON_NULL)
            awl_reader_unknown_tag(reader, key);
        return skip(r, path, token);
    }
    const struct awl_shape *target = awl_model_shape(reader->model, member->shape);
    if (token == AWL_JSON_NULL && target->type != AWL_SHAPE_DOCUMENT)
        return AWL_OK;
    struct awl_path here = {.up = path, .member = member};
    awl_keys_push(reader->model, reader->L, reader->keys, member);
    enum awl_rc rc = read_value(r, &here, target, token);
    if (rc != AWL_OK)
        return rc;
    lua_rawset(reader->L, -3);
    (*count)++;
    return AWL_OK;
}

static enum awl_rc read_structure(struct json_read *r, const struct awl_path *path,
                                  const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    enum awl_rc rc = awl_reader_deeper(reader, path, offset(r));
    if (rc != AWL_OK)
        return rc;
    lua_createtable(reader->L, 0, awl_reader_presize(reader, shape));
    uint16_t *guess = awl_reader_first_guess(reader, shape);
    size_t count = 0;
    enum awl_json_token token;
    while ((token = awl_json_next(&r->json)) == AWL_JSON_KEY) {
        rc = read_member(r, path, shape, &guess, &count);
        if (rc != AWL_OK)
            return rc;
    }
    if (token != AWL_JSON_OBJECT_END)
        return unexpected(r, path, "a member", token);
    awl_reader_note_size(reader, shape, count);
    reader->depth--;
    return awl_reader_check_union(reader, path, shape, offset(r));
}

/* ---- lists and maps ---- */

static enum awl_rc read_item(struct json_read *r, const struct awl_path *path,
                             const struct awl_shape *shape, enum awl_json_token token)
{
    if (token != AWL_JSON_NULL)
        return read_value(r, path, shape, token);
    lua_pushlightuserdata(r->reader->L, NULL);
    return AWL_OK;
}

static enum awl_rc read_list(struct json_read *r, const struct awl_path *path,
                             const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    enum awl_rc rc = awl_reader_deeper(reader, path, offset(r));
    if (rc != AWL_OK)
        return rc;
    const struct awl_member *element = awl_model_members(reader->model, shape);
    const struct awl_shape *target = awl_model_shape(reader->model, element->shape);
    lua_createtable(reader->L, awl_reader_presize(reader, shape), 0);
    size_t count = 0;
    enum awl_json_token token;
    while ((token = awl_json_next(&r->json)) != AWL_JSON_ARRAY_END) {
        struct awl_path here = {.up = path, .index = count + 1};
        rc = read_item(r, &here, target, token);
        if (rc != AWL_OK)
            return rc;
        lua_rawseti(reader->L, -2, (lua_Integer)++count);
    }
    awl_reader_note_size(reader, shape, count);
    reader->depth--;
    return AWL_OK;
}

static enum awl_rc read_map(struct json_read *r, const struct awl_path *path,
                            const struct awl_shape *shape)
{
    struct awl_reader *reader = r->reader;
    enum awl_rc rc = awl_reader_deeper(reader, path, offset(r));
    if (rc != AWL_OK)
        return rc;
    const struct awl_member *parts = awl_model_members(reader->model, shape);
    const struct awl_shape *key = awl_model_shape(reader->model, parts[0].shape);
    const struct awl_shape *target = awl_model_shape(reader->model, parts[1].shape);
    lua_createtable(reader->L, 0, awl_reader_presize(reader, shape));
    size_t count = 0;
    enum awl_json_token token;
    while ((token = awl_json_next(&r->json)) == AWL_JSON_KEY) {
        push_string(r, key);
        token = awl_json_next(&r->json);
        /* The pushed key, not the scratch buffer, which the value may overwrite. */
        struct awl_path here = {.up = path};
        here.key.ptr = lua_tolstring(reader->L, -1, &here.key.len);
        if (token == AWL_JSON_NULL && !(shape->flags & AWL_SHAPE_SPARSE) &&
            target->type != AWL_SHAPE_DOCUMENT) {
            lua_pop(reader->L, 1);
            continue;
        }
        rc = read_item(r, &here, target, token);
        if (rc != AWL_OK)
            return rc;
        lua_rawset(reader->L, -3);
        count++;
    }
    if (token != AWL_JSON_OBJECT_END)
        return unexpected(r, path, "an entry", token);
    awl_reader_note_size(reader, shape, count);
    reader->depth--;
    return AWL_OK;
}

/* ---- scalars ---- */

/* Services are not strict: a number where the model has a string, or the reverse,
 * is taken for what its text says. */
static enum awl_rc read_text(struct json_read *r, const struct awl_path *path,
                             const struct awl_shape *shape, enum awl_json_token token)
{
    struct awl_reader *reader = r->reader;
    if (token == AWL_JSON_STRING && shape->type == AWL_SHAPE_STRING) {
        push_string(r, shape);
        return AWL_OK;
    }
    if (token == AWL_JSON_STRING && r->json.escaped) {
        awl_json_push_text(reader->L, &reader->wire->scratch, &r->json);
        awl_str text;
        text.ptr = lua_tolstring(reader->L, -1, &text.len);
        enum awl_rc rc = awl_reader_push_text(reader, path, shape, text, offset(r));
        if (rc == AWL_OK)
            lua_remove(reader->L, -2);
        return rc;
    }
    return awl_reader_push_text(reader, path, shape, r->json.text, offset(r));
}

static enum awl_rc read_number(struct json_read *r, const struct awl_shape *shape)
{
    lua_State *L = r->reader->L;
    awl_json_push_number(L, &r->json);
    if (shape->type == AWL_SHAPE_FLOAT || shape->type == AWL_SHAPE_DOUBLE) {
        lua_Number value = lua_tonumber(L, -1);
        lua_pop(L, 1);
        lua_pushnumber(L, value);
    } else if (!lua_isinteger(L, -1)) {
        int is_integral; /* 1.0e3 at an integer */
        lua_Integer value = lua_tointegerx(L, -1, &is_integral);
        if (is_integral) {
            lua_pop(L, 1);
            lua_pushinteger(L, value);
        }
    }
    return AWL_OK;
}

static bool is_number(const struct awl_shape *shape)
{
    return shape->type >= AWL_SHAPE_INTEGER && shape->type <= AWL_SHAPE_DOUBLE;
}

static const char *shape_name(const struct awl_shape *shape)
{
    static const char *const names[] = {
        [AWL_SHAPE_STRUCTURE] = "an object",   [AWL_SHAPE_LIST] = "a list",
        [AWL_SHAPE_MAP] = "an object",         [AWL_SHAPE_STRING] = "a string",
        [AWL_SHAPE_BLOB] = "base64",           [AWL_SHAPE_BOOLEAN] = "a boolean",
        [AWL_SHAPE_INTEGER] = "an integer",    [AWL_SHAPE_LONG] = "an integer",
        [AWL_SHAPE_FLOAT] = "a number",        [AWL_SHAPE_DOUBLE] = "a number",
        [AWL_SHAPE_TIMESTAMP] = "a timestamp", [AWL_SHAPE_DOCUMENT] = "a value",
    };
    return names[shape->type];
}

static enum awl_rc read_scalar(struct json_read *r, const struct awl_path *path,
                               const struct awl_shape *shape, enum awl_json_token token)
{
    lua_State *L = r->reader->L;
    switch (token) {
    case AWL_JSON_NUMBER:
        if (is_number(shape))
            return read_number(r, shape);
        if (shape->type == AWL_SHAPE_STRING || shape->type == AWL_SHAPE_TIMESTAMP)
            return read_text(r, path, shape, token);
        break;
    case AWL_JSON_STRING:
        return read_text(r, path, shape, token);
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
        if (shape->type == AWL_SHAPE_BOOLEAN) {
            lua_pushboolean(L, token == AWL_JSON_TRUE);
            return AWL_OK;
        }
        if (shape->type == AWL_SHAPE_STRING) {
            lua_pushstring(L, token == AWL_JSON_TRUE ? "true" : "false");
            return AWL_OK;
        }
        break;
    default:
        break;
    }
    return unexpected(r, path, shape_name(shape), token);
}

static enum awl_rc read_document(struct json_read *r, const struct awl_path *path,
                                 enum awl_json_token token)
{
    struct awl_reader *reader = r->reader;
    if (awl_document_read(&r->json, reader->L, &reader->wire->scratch, token) == AWL_OK)
        return AWL_OK;
    return unexpected(r, path, "a value", AWL_JSON_ERROR);
}

static enum awl_rc read_value(struct json_read *r, const struct awl_path *path,
                              const struct awl_shape *shape, enum awl_json_token token)
{
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_STRUCTURE:
        return token == AWL_JSON_OBJECT_BEGIN
                   ? read_structure(r, path, shape)
                   : unexpected(r, path, shape_name(shape), token);
    case AWL_SHAPE_LIST:
        return token == AWL_JSON_ARRAY_BEGIN
                   ? read_list(r, path, shape)
                   : unexpected(r, path, shape_name(shape), token);
    case AWL_SHAPE_MAP:
        return token == AWL_JSON_OBJECT_BEGIN
                   ? read_map(r, path, shape)
                   : unexpected(r, path, shape_name(shape), token);
    case AWL_SHAPE_DOCUMENT:
        return read_document(r, path, token);
    default:
        return read_scalar(r, path, shape, token);
    }
}

enum awl_rc awl_json_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body)
{
    struct json_read r = {.reader = reader};
    int top = lua_gettop(reader->L);
    awl_json_reader_init(&r.json, body);
    enum awl_rc rc = read_value(&r, NULL, shape, awl_json_next(&r.json));
    if (rc == AWL_OK && awl_json_next(&r.json) != AWL_JSON_END)
        rc = unexpected(&r, NULL, "the end", AWL_JSON_ERROR);
    if (rc != AWL_OK)
        lua_settop(reader->L, top);
    return rc;
}
