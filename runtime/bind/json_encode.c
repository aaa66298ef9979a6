/* Writes one Lua value as JSON. */
#include "bind/json_value.h"

#include <math.h>
#include <stdlib.h>

#include <lauxlib.h>

#include "base/json.h"
#include "base/utf8.h"
#include "bind/buf_box.h"
#include "script/error_value.h"

struct encoder {
    lua_State *L;
    struct awl_buf *out;
    const struct awl_json_style *style;
    unsigned depth;
};

/* Where we are, for messages: a chain of stack frames from the leaf to the root. */
struct place {
    const struct place *outer;
    awl_str key; /* ptr NULL: an index */
    lua_Integer index;
};

static void encode(struct encoder *e, int index, const struct place *place);

static void append_place(struct awl_buf *out, const struct place *place)
{
    if (place == NULL)
        return;
    append_place(out, place->outer);
    if (place->key.ptr == NULL)
        awl_buf_printf(out, "[%lld]", (long long)place->index);
    else
        awl_buf_printf(out, "%s%.*s", out->len > 0 ? "." : "", STR_ARG(place->key));
}

/* Never returns. */
static void fail(struct encoder *e, const struct place *place, const char *what)
{
    struct awl_buf *path = awl_buf_box(e->L, 512);
    append_place(path, place);
    if (path->len == 0)
        awl_raisef(e->L, AWL_EINPUT, "InvalidJson", "cannot encode as JSON: %s", what);
    awl_raisef(e->L, AWL_EINPUT, "InvalidJson", "cannot encode as JSON: %s: %s",
               awl_buf_cstr(path), what);
}

static void newline(struct encoder *e)
{
    if (!e->style->pretty)
        return;
    awl_buf_append_char(e->out, '\n');
    for (unsigned i = 0; i < e->depth; i++)
        awl_buf_append_str(e->out, STR("  "));
}

static awl_str string_at(lua_State *L, int index)
{
    awl_str text;
    text.ptr = lua_tolstring(L, index, &text.len);
    return text;
}

static bool is_utf8(awl_str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = (unsigned char)text.ptr[at] < 0x80
                         ? 1
                         : awl_utf8_len(awl_str_slice(text, at, text.len));
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

static void encode_string(struct encoder *e, awl_str text, const struct place *place)
{
    if (!e->style->lenient && !is_utf8(text))
        fail(e, place, "the string is not UTF-8; awl.base64.encode makes text of bytes");
    awl_json_append_string(e->out, text);
}

static void encode_number(struct encoder *e, int index, const struct place *place)
{
    if (lua_isinteger(e->L, index)) {
        awl_buf_append_int64(e->out, lua_tointeger(e->L, index));
        return;
    }
    double value = lua_tonumber(e->L, index);
    if (isfinite(value))
        awl_json_append_double(e->out, value);
    else if (e->style->lenient)
        awl_buf_append_str(e->out, isnan(value) ? STR("\"NaN\"")
                                   : value > 0  ? STR("\"Infinity\"")
                                                : STR("\"-Infinity\""));
    else
        fail(e, place, isnan(value) ? "NaN is not JSON" : "infinity is not JSON");
}

static void encode_as_text(struct encoder *e, int index)
{
    luaL_tolstring(e->L, index, NULL);
    awl_json_append_string(e->out, string_at(e->L, -1));
    lua_pop(e->L, 1);
}

static bool is_array(lua_State *L, int index)
{
    bool marked = false;
    if (lua_getmetatable(L, index)) {
        luaL_getmetatable(L, AWL_JSON_ARRAY);
        marked = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    if (marked)
        return true;
    bool first = lua_rawgeti(L, index, 1) != LUA_TNIL;
    lua_pop(L, 1);
    return first;
}

/* How many keys the table has; raises unless an array's are 1 to n. */
static lua_Integer count_elements(struct encoder *e, int index, const struct place *place)
{
    lua_State *L = e->L;
    lua_Integer length = (lua_Integer)lua_rawlen(L, index);
    lua_Integer count = 0;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
            lua_tointeger(L, -1) > length)
            fail(e, place, "the table has both elements and other keys");
        count++;
    }
    if (count != length)
        fail(e, place, "the sequence has holes; awl.json.null stands for nothing");
    return length;
}

static void encode_array(struct encoder *e, int index, const struct place *place)
{
    lua_State *L = e->L;
    lua_Integer length = count_elements(e, index, place);
    struct place here = {.outer = place};

    awl_buf_append_char(e->out, '[');
    e->depth++;
    for (here.index = 1; here.index <= length; here.index++) {
        if (here.index > 1)
            awl_buf_append_char(e->out, ',');
        newline(e);
        lua_rawgeti(L, index, here.index);
        encode(e, lua_gettop(L), &here);
        lua_pop(L, 1);
    }
    e->depth--;
    if (length > 0)
        newline(e);
    awl_buf_append_char(e->out, ']');
}

/* The member whose value is on the stack's top. */
static void encode_member(struct encoder *e, awl_str key, bool first,
                          const struct place *place)
{
    struct place here = {.outer = place, .key = key};

    if (!first)
        awl_buf_append_char(e->out, ',');
    newline(e);
    encode_string(e, key, place);
    awl_buf_append_str(e->out, e->style->pretty ? STR(": ") : STR(":"));
    if (e->style->lenient && awl_json_is_secret(key))
        awl_buf_append_str(e->out, STR("\"[redacted]\""));
    else
        encode(e, lua_gettop(e->L), &here);
}

static int by_bytes(const void *a, const void *b)
{
    return awl_str_cmp(*(const awl_str *)a, *(const awl_str *)b);
}

/* Pushes a block of memory with the names of all members; the table keeps the
 * strings alive. */
static awl_str *push_names(struct encoder *e, int index, const struct place *place,
                           size_t *count)
{
    lua_State *L = e->L;
    size_t room = 0;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            fail(e, place, "a member's name is not a string");
        room++;
    }
    awl_str *names = lua_newuserdatauv(L, room * sizeof(*names) + 1, 0);
    *count = 0;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        names[(*count)++] = string_at(L, -1);
    }
    return names;
}

static void encode_sorted(struct encoder *e, int index, const struct place *place)
{
    lua_State *L = e->L;
    size_t count;
    awl_str *names = push_names(e, index, place, &count);

    qsort(names, count, sizeof(*names), by_bytes);
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, names[i].ptr, names[i].len);
        lua_rawget(L, index);
        encode_member(e, names[i], i == 0, place);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void encode_unsorted(struct encoder *e, int index, const struct place *place)
{
    lua_State *L = e->L;
    bool first = true;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING)
            fail(e, place, "a member's name is not a string");
        encode_member(e, string_at(L, -2), first, place);
        lua_pop(L, 1);
        first = false;
    }
}

/* A weak table may lose members, and with them their names, at any allocation: such
 * a one is replaced by a copy. */
static void make_strong(lua_State *L, int index)
{
    if (luaL_getmetafield(L, index, "__mode") == LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_replace(L, index);
}

static void encode_object(struct encoder *e, int index, const struct place *place)
{
    size_t begin = e->out->len;

    make_strong(e->L, index);

    awl_buf_append_char(e->out, '{');
    e->depth++;
    if (e->style->unsorted)
        encode_unsorted(e, index, place);
    else
        encode_sorted(e, index, place);
    e->depth--;
    if (e->out->len > begin + 1)
        newline(e);
    awl_buf_append_char(e->out, '}');
}

static void encode_table(struct encoder *e, int index, const struct place *place)
{
    luaL_checkstack(e->L, 10, "nested too deeply");
    if (e->style->lenient && luaL_getmetafield(e->L, index, "__tostring") != LUA_TNIL) {
        lua_pop(e->L, 1);
        encode_as_text(e, index);
        return;
    }
    if (e->depth >= AWL_JSON_DEPTH_MAX)
        fail(e, NULL, "nested too deeply (a table within itself?)");
    if (is_array(e->L, index))
        encode_array(e, index, place);
    else
        encode_object(e, index, place);
    if (awl_buf_rc(e->out) == AWL_ELIMIT)
        fail(e, NULL, "the text would be too long");
}

static void encode(struct encoder *e, int index, const struct place *place)
{
    switch (lua_type(e->L, index)) {
    case LUA_TSTRING:
        encode_string(e, string_at(e->L, index), place);
        return;
    case LUA_TNUMBER:
        encode_number(e, index, place);
        return;
    case LUA_TBOOLEAN:
        awl_buf_append_str(e->out,
                           lua_toboolean(e->L, index) ? STR("true") : STR("false"));
        return;
    case LUA_TTABLE:
        encode_table(e, index, place);
        return;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(e->L, index) == NULL) {
            awl_buf_append_str(e->out, STR("null"));
            return;
        }
        break;
    default:
        break;
    }
    if (!e->style->lenient)
        fail(e, place,
             lua_pushfstring(e->L, "a %s is not JSON", luaL_typename(e->L, index)));
    encode_as_text(e, index);
}

void awl_json_encode(lua_State *L, int index, struct awl_buf *out,
                     const struct awl_json_style *style)
{
    struct encoder encoder = {.L = L, .out = out, .style = style};
    lua_pushvalue(L, index);
    encode(&encoder, lua_gettop(L), NULL);
    lua_pop(L, 1);
}

bool awl_json_is_secret(awl_str name)
{
    static const char *const words[] = {"secret",     "password",      "passwd",
                                        "token",      "authorization", "credential",
                                        "privatekey", "apikey"};
    char plain[64];
    size_t len = 0;

    for (size_t i = 0; i < name.len && len + 1 < sizeof(plain); i++)
        if (awl_char_is_alnum(name.ptr[i]))
            plain[len++] = awl_char_lower(name.ptr[i]);
    plain[len] = '\0';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(plain, words[i]) != NULL)
            return true;
    return false;
}
