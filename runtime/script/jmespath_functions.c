/* jmespath_functions.c - JMESPath's built-in functions. */
#include <lauxlib.h>
#include <math.h>

#include "base/json.h"
#include "base/utf8.h"
#include "script/jmespath_eval.h"
#include "script/jmespath_sort.h"
#include "script/jmespath_value.h"

#define STRING_MAX ((size_t)64 << 20) /* of to_string and join */

typedef struct awl_jmespath_eval evaluator;
typedef const struct awl_jmespath_node node;

/* A function's arguments stand from `base` on; it pushes its result last, above
 * whatever else it leaves. */
typedef void function(evaluator *e, node *call, int base, uint32_t count);

static awl_str text_at(evaluator *e, int index)
{
    awl_str text;
    text.ptr = lua_tolstring(e->L, index, &text.len);
    return text;
}

static lua_Integer length_of(evaluator *e, int index)
{
    return (lua_Integer)lua_rawlen(e->L, index);
}

static _Noreturn void raise_element(evaluator *e, node *call, const char *wanted,
                                    unsigned type)
{
    awl_jmespath_raise(e, call, "invalid-type", "%s() needs %s, got %s",
                       awl_jmespath_signature(call->function)->name, wanted,
                       awl_jmespath_type_name(type));
}

/* ---- numbers ---- */

static void fn_abs(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    lua_Integer integer = lua_tointeger(e->L, base);
    if (!lua_isinteger(e->L, base) || integer == LUA_MININTEGER)
        lua_pushnumber(e->L, fabs(lua_tonumber(e->L, base)));
    else
        lua_pushinteger(e->L, integer < 0 ? -integer : integer);
}

static void push_rounded(evaluator *e, int index, lua_Number (*round)(lua_Number))
{
    lua_Integer integer;
    lua_Number rounded;
    if (lua_isinteger(e->L, index)) {
        lua_pushvalue(e->L, index);
        return;
    }
    rounded = round(lua_tonumber(e->L, index));
    if (lua_numbertointeger(rounded, &integer))
        lua_pushinteger(e->L, integer);
    else
        lua_pushnumber(e->L, rounded);
}

static void fn_ceil(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    push_rounded(e, base, ceil);
}

static void fn_floor(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    push_rounded(e, base, floor);
}

/* Pushes the sum of the list: an integer if all are and it fits. */
static void fn_sum(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    lua_Integer total = 0, length = length_of(e, base);
    lua_Number sum = 0;
    bool integral = true;
    (void)count;
    for (lua_Integer i = 1; i <= length; i++) {
        awl_jmespath_step(e, call);
        if (lua_rawgeti(L, base, i) != LUA_TNUMBER)
            raise_element(e, call, "numbers", awl_jmespath_type(L, -1));
        integral = integral && lua_isinteger(L, -1) &&
                   !__builtin_add_overflow(total, lua_tointeger(L, -1), &total);
        sum += lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    if (integral)
        lua_pushinteger(L, total);
    else
        lua_pushnumber(L, sum);
}

static void fn_avg(evaluator *e, node *call, int base, uint32_t count)
{
    lua_Integer length = length_of(e, base);
    fn_sum(e, call, base, count);
    if (length == 0)
        lua_pushnil(e->L);
    else
        lua_pushnumber(e->L, lua_tonumber(e->L, -1) / (lua_Number)length);
}

/* ---- strings ---- */

static void fn_starts_with(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    lua_pushboolean(e->L, awl_str_starts(text_at(e, base), text_at(e, base + 1)));
}

static void fn_ends_with(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    lua_pushboolean(e->L, awl_str_ends(text_at(e, base), text_at(e, base + 1)));
}

/* Checks the strings of the list and how long they are together. */
static void check_join(evaluator *e, node *call, int separator, int list)
{
    lua_Integer length = length_of(e, list);
    size_t total = 0;
    for (lua_Integer i = 1; i <= length; i++) {
        awl_jmespath_step(e, call);
        if (lua_rawgeti(e->L, list, i) != LUA_TSTRING)
            raise_element(e, call, "strings", awl_jmespath_type(e->L, -1));
        total += lua_rawlen(e->L, -1) + lua_rawlen(e->L, separator);
        lua_pop(e->L, 1);
        if (total > STRING_MAX)
            awl_jmespath_raise(e, call, "invalid-value",
                               "join(): the text would be too long");
    }
}

static void fn_join(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    lua_Integer length = length_of(e, base + 1);
    luaL_Buffer out;
    (void)count;
    check_join(e, call, base, base + 1);
    luaL_buffinit(L, &out);
    for (lua_Integer i = 1; i <= length; i++) {
        if (i > 1) {
            lua_pushvalue(L, base);
            luaL_addvalue(&out);
        }
        lua_rawgeti(L, base + 1, i);
        luaL_addvalue(&out);
    }
    luaL_pushresult(&out);
}

/* The bytes of the character at `at`; one for what is not UTF-8. */
static size_t char_len(awl_str text, size_t at)
{
    size_t len = awl_utf8_len(awl_str_slice(text, at, text.len));
    return len > 0 ? len : 1;
}

static lua_Integer count_chars(awl_str text)
{
    lua_Integer count = 0;
    for (size_t at = 0; at < text.len; at += char_len(text, at))
        count++;
    return count;
}

static void push_reversed_text(evaluator *e, awl_str text)
{
    luaL_Buffer out;
    char *end = luaL_buffinitsize(e->L, &out, text.len) + text.len;
    for (size_t at = 0; at < text.len;) {
        size_t len = char_len(text, at);
        end -= len;
        memcpy(end, text.ptr + at, len);
        at += len;
    }
    luaL_pushresultsize(&out, text.len);
}

/* ---- lists and objects ---- */

static void fn_reverse(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    lua_Integer made = 0;
    (void)count;
    if (lua_type(L, base) == LUA_TSTRING) {
        push_reversed_text(e, text_at(e, base));
        return;
    }
    lua_newtable(L);
    int list = lua_gettop(L);
    for (lua_Integer i = length_of(e, base); i > 0; i--) {
        awl_jmespath_step(e, call);
        lua_rawgeti(L, base, i);
        awl_jmespath_list_append(L, list, &made);
    }
    awl_jmespath_list_end(L, list, made);
}

static void fn_length(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    if (lua_type(e->L, base) == LUA_TSTRING)
        lua_pushinteger(e->L, count_chars(text_at(e, base)));
    else if (awl_jmespath_type(e->L, base) & AWL_JMESPATH_ARRAY)
        lua_pushinteger(e->L, length_of(e, base));
    else
        lua_pushinteger(e->L, awl_jmespath_push_names(e->L, base));
}

static bool equal(evaluator *e, node *call, int a, int b)
{
    bool ok = true;
    bool same = awl_jmespath_equal(e->L, a, b, 0, &ok);
    if (!ok)
        awl_jmespath_raise(e, call, "invalid-value", "the values are nested too deeply");
    return same;
}

static bool text_contains(awl_str text, awl_str part)
{
    return part.len == 0 ||
           (text.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL);
}

static void fn_contains(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    bool found = false;
    (void)count;
    if (lua_type(L, base) == LUA_TSTRING) {
        found = lua_type(L, base + 1) == LUA_TSTRING &&
                text_contains(text_at(e, base), text_at(e, base + 1));
    } else {
        lua_Integer length = length_of(e, base);
        for (lua_Integer i = 1; i <= length && !found; i++) {
            awl_jmespath_step(e, call);
            lua_rawgeti(L, base, i);
            found = equal(e, call, -1, base + 1);
            lua_pop(L, 1);
        }
    }
    lua_pushboolean(L, found);
}

static void fn_keys(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    awl_jmespath_push_names(e->L, base);
}

static void fn_values(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    (void)call;
    (void)count;
    lua_Integer length = awl_jmespath_push_names(L, base);
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(L, -1, i);
        lua_rawget(L, base);
        lua_rawseti(L, -2, i); /* the name's place */
    }
}

static void fn_merge(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    lua_newtable(L);
    for (uint32_t i = 0; i < count; i++) {
        lua_pushnil(L);
        while (lua_next(L, base + (int)i) != 0) {
            awl_jmespath_step(e, call);
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    }
}

static void fn_not_null(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    for (uint32_t i = 0; i < count; i++) {
        if (awl_jmespath_type(e->L, base + (int)i) != AWL_JMESPATH_NULL) {
            lua_pushvalue(e->L, base + (int)i);
            return;
        }
    }
    lua_pushnil(e->L);
}

static void fn_to_array(evaluator *e, node *call, int base, uint32_t count)
{
    lua_Integer made = 0;
    (void)call;
    (void)count;
    if (awl_jmespath_type(e->L, base) == AWL_JMESPATH_ARRAY) {
        lua_pushvalue(e->L, base);
        return;
    }
    lua_newtable(e->L);
    lua_pushvalue(e->L, base);
    awl_jmespath_list_append(e->L, lua_gettop(e->L) - 1, &made);
}

/* ---- types ---- */

static void fn_type(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    lua_pushstring(e->L, awl_jmespath_type_name(awl_jmespath_type(e->L, base)));
}

/* A string must be a number of JSON's, nothing around it. */
static void push_number(evaluator *e, awl_str text)
{
    struct awl_json_reader reader;
    double value = 0;
    awl_json_reader_init(&reader, text);
    if (awl_json_next(&reader) == AWL_JSON_NUMBER && reader.text.len == text.len &&
        awl_json_next(&reader) == AWL_JSON_END && awl_str_to_double(text, &value) &&
        isfinite(value))
        awl_jmespath_push_json(e->L, text);
    else
        lua_pushnil(e->L);
}

static void fn_to_number(evaluator *e, node *call, int base, uint32_t count)
{
    (void)call;
    (void)count;
    if (lua_type(e->L, base) == LUA_TSTRING)
        push_number(e, text_at(e, base));
    else if (lua_type(e->L, base) == LUA_TNUMBER)
        lua_pushvalue(e->L, base);
    else
        lua_pushnil(e->L);
}

static int buffer_gc(lua_State *L)
{
    awl_buf_release(lua_touserdata(L, 1));
    return 0;
}

/* Pushes a userdata that owns a buffer. */
static struct awl_buf *buffer_push(lua_State *L)
{
    struct awl_buf *buf = lua_newuserdatauv(L, sizeof *buf, 0);
    awl_buf_init(buf, STRING_MAX);
    if (luaL_newmetatable(L, "awl.jmespath.buffer")) {
        lua_pushcfunction(L, buffer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return buf;
}

static void fn_to_string(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    if (lua_type(e->L, base) == LUA_TSTRING) {
        lua_pushvalue(e->L, base);
        return;
    }
    struct awl_buf *out = buffer_push(e->L);
    enum awl_jmespath_json rc = awl_jmespath_append_json(e->L, base, out, 0);
    if (rc != AWL_JMESPATH_JSON_OK)
        awl_jmespath_raise(e, call, "invalid-value", "to_string(): %s",
                           rc == AWL_JMESPATH_JSON_DEEP ? "the value is nested too deeply"
                           : rc == AWL_JMESPATH_JSON_LARGE
                               ? "the text would be too long"
                               : "the value has something that is not JSON");
    lua_pushlstring(e->L, awl_buf_cstr(out), out->len);
    awl_buf_release(out);
}

/* ---- order ---- */

/* The node of the &expression that is argument `index`. */
static uint32_t reference(evaluator *e, node *call, uint32_t index)
{
    uint32_t argument = call->left;
    while (index-- > 0)
        argument = e->tree->nodes[argument].next;
    return e->tree->nodes[argument].left;
}

/* Reads the key on top of the stack; all keys must be numbers or all strings. */
static void key_read(evaluator *e, node *call, struct awl_jmespath_key *keys,
                     lua_Integer at)
{
    int type = lua_type(e->L, -1);
    if (type != LUA_TNUMBER && type != LUA_TSTRING)
        raise_element(e, call, "numbers or strings", awl_jmespath_type(e->L, -1));
    awl_jmespath_key_read(e->L, -1, &keys[at]);
    keys[at].position = at + 1;
    if ((keys[at].kind == AWL_JMESPATH_KEY_TEXT) !=
        (keys[0].kind == AWL_JMESPATH_KEY_TEXT))
        awl_jmespath_raise(e, call, "invalid-type",
                           "%s() needs either numbers or strings, got both",
                           awl_jmespath_signature(call->function)->name);
}

/* Pushes the keys of the list's elements: themselves, or what `of` gives for them. A
 * table below them keeps the strings alive. */
static struct awl_jmespath_key *push_keys(evaluator *e, node *call, int list, uint32_t of)
{
    lua_State *L = e->L;
    lua_Integer length = length_of(e, list);
    lua_newtable(L);
    int anchors = lua_gettop(L);
    struct awl_jmespath_key *keys = awl_jmespath_keys_push(L, length);
    for (lua_Integer i = 1; i <= length; i++) {
        awl_jmespath_step(e, call);
        lua_rawgeti(L, list, i);
        if (of != AWL_JMESPATH_NONE)
            awl_jmespath_eval(e, of, lua_gettop(L));
        key_read(e, call, keys, i - 1);
        lua_rawseti(L, anchors, i);
        lua_settop(L, anchors + 1);
    }
    return keys;
}

static void push_sorted(evaluator *e, node *call, int list, uint32_t of)
{
    lua_State *L = e->L;
    lua_Integer made = 0, length = length_of(e, list);
    struct awl_jmespath_key *keys = push_keys(e, call, list, of);
    awl_jmespath_keys_sort(keys, length);
    lua_newtable(L);
    int sorted = lua_gettop(L);
    while (made < length) {
        lua_rawgeti(L, list, keys[made].position);
        awl_jmespath_list_append(L, sorted, &made);
    }
    awl_jmespath_list_end(L, sorted, made);
}

/* Pushes the first of the least elements (sign 1) or of the greatest (-1), nil for none.
 */
static void push_extreme(evaluator *e, node *call, int list, uint32_t of, int sign)
{
    lua_Integer best = 0, length = length_of(e, list);
    struct awl_jmespath_key *keys = push_keys(e, call, list, of);
    for (lua_Integer i = 1; i < length; i++)
        if (awl_jmespath_key_cmp(&keys[i], &keys[best]) * sign < 0)
            best = i;
    if (length > 0)
        lua_rawgeti(e->L, list, best + 1);
    else
        lua_pushnil(e->L);
}

static void fn_sort(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_sorted(e, call, base, AWL_JMESPATH_NONE);
}

static void fn_sort_by(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_sorted(e, call, base, reference(e, call, 1));
}

static void fn_max(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_extreme(e, call, base, AWL_JMESPATH_NONE, -1);
}

static void fn_max_by(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_extreme(e, call, base, reference(e, call, 1), -1);
}

static void fn_min(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_extreme(e, call, base, AWL_JMESPATH_NONE, 1);
}

static void fn_min_by(evaluator *e, node *call, int base, uint32_t count)
{
    (void)count;
    push_extreme(e, call, base, reference(e, call, 1), 1);
}

/* Unlike a projection, it keeps nulls. */
static void fn_map(evaluator *e, node *call, int base, uint32_t count)
{
    lua_State *L = e->L;
    lua_Integer made = 0, length = length_of(e, base + 1);
    uint32_t of = reference(e, call, 0);
    (void)count;
    lua_newtable(L);
    int list = lua_gettop(L);
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(L, base + 1, i);
        awl_jmespath_eval(e, of, list + 1);
        awl_jmespath_list_append(L, list, &made);
        lua_settop(L, list);
    }
    awl_jmespath_list_end(L, list, made);
}

/* In the order of the signatures. */
static function *const functions[] = {
    fn_abs,     fn_avg,         fn_ceil,   fn_contains, fn_ends_with, fn_floor,
    fn_join,    fn_keys,        fn_length, fn_map,      fn_max,       fn_max_by,
    fn_merge,   fn_min,         fn_min_by, fn_not_null, fn_reverse,   fn_sort,
    fn_sort_by, fn_starts_with, fn_sum,    fn_to_array, fn_to_number, fn_to_string,
    fn_type,    fn_values,
};

void awl_jmespath_call(struct awl_jmespath_eval *e, const struct awl_jmespath_node *call,
                       int base, uint32_t count)
{
    luaL_checkstack(e->L, 16, "JMESPath");
    functions[call->function](e, call, base, count);
}
