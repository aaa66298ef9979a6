/* The JSON reader against lua-cjson: the same documents are accepted, and what is made
 * of them is the same, by awl.json as well as by the protocols' documents. Numbers are
 * apart: lua-cjson reads them with strtod. */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "base/json.h"
#include "bind/bind.h"
#include "bind/json_value.h"
#include "script/error_value.h"
#include "wire/document.h"
#include "wire/walk.h"

int luaopen_cjson(lua_State *L);

static struct oracle_exception refused[] = {
    {"not UTF-8", "RFC 8259, section 8.1", 0},
    {"control character in a string", "RFC 8259, section 7", 0},
    {"bad number", "RFC 8259, section 6: lua-cjson takes what strtod does", 0},
    {"nested too deeply", "a bound on memory: 256 levels", 0},
    {"a byte of 0", "RFC 8259, section 2: lua-cjson takes it for the end", 0},
    {NULL, NULL, 0}};

static struct oracle_exception accepted[] = {
    {"invalid unicode escape code",
     "half of a surrogate pair, which RFC 8259 allows: it becomes U+FFFD", 0},
    {NULL, NULL, 0}};

static lua_State *L;

/* ---- a value as text ---- */

static void put_value(struct awl_buf *out);

static int compare_keys(const void *a, const void *b)
{
    return awl_str_cmp(*(const awl_str *)a, *(const awl_str *)b);
}

static void put_object(struct awl_buf *out)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        count++;
    awl_str *keys = malloc((count + 1) * sizeof(*keys));
    size_t i = 0;
    for (lua_pushnil(L); keys != NULL && lua_next(L, -2) != 0; lua_pop(L, 1), i++)
        keys[i].ptr = lua_tolstring(L, -2, &keys[i].len);
    if (count > 1)
        qsort(keys, count, sizeof(*keys), compare_keys);
    awl_buf_append_char(out, '{');
    for (i = 0; i < count; i++) {
        awl_json_append_string(out, keys[i]);
        awl_buf_append_char(out, ':');
        lua_pushlstring(L, keys[i].ptr, keys[i].len);
        lua_rawget(L, -2);
        put_value(out);
        lua_pop(L, 1);
    }
    awl_buf_append_char(out, '}');
    free(keys);
}

static void put_array(struct awl_buf *out, size_t count)
{
    awl_buf_append_char(out, '[');
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        put_value(out);
        lua_pop(L, 1);
    }
    awl_buf_append_char(out, ']');
}

/* The value on top. An empty array and an empty object are the same to lua-cjson. */
static void put_value(struct awl_buf *out)
{
    awl_str text;
    luaL_checkstack(L, 8, NULL);
    switch (lua_type(L, -1)) {
    case LUA_TTABLE:
        if (lua_rawlen(L, -1) > 0)
            put_array(out, lua_rawlen(L, -1));
        else
            put_object(out);
        break;
    case LUA_TSTRING:
        text.ptr = lua_tolstring(L, -1, &text.len);
        awl_json_append_string(out, text);
        break;
    case LUA_TNUMBER:
        awl_buf_append_char(out, '#');
        break;
    case LUA_TBOOLEAN:
        awl_buf_append_str(out, lua_toboolean(L, -1) ? STR("true") : STR("false"));
        break;
    default:
        awl_buf_append_str(out, lua_touserdata(L, -1) == NULL ? STR("null") : STR("?"));
    }
    awl_buf_append_char(out, ' ');
}

/* ---- the readers: NULL, or why the text is refused ---- */

static const char *spell_by_cjson(awl_str text, struct awl_buf *out)
{
    static char reason[200];
    lua_getglobal(L, "decode");
    lua_pushlstring(L, text.ptr, text.len);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
        put_value(out);
        return NULL;
    }
    snprintf(reason, sizeof(reason), "%s", lua_tostring(L, -1));
    return reason;
}

/* The reader's own words. */
static const char *read_tokens(awl_str text)
{
    const char *zero = memchr(text.ptr, '\0', text.len);
    struct awl_json_reader json;
    enum awl_json_token token;
    awl_json_reader_init(&json, text);
    do
        token = awl_json_next(&json);
    while (token != AWL_JSON_END && token != AWL_JSON_ERROR);
    if (token == AWL_JSON_ERROR && json.pos == zero)
        return "a byte of 0";
    return token == AWL_JSON_ERROR ? json.reason : NULL;
}

static int decode(lua_State *state)
{
    awl_str text;
    text.ptr = lua_tolstring(state, 1, &text.len);
    awl_json_decode(state, text);
    return 1;
}

static bool spell_by_awl(awl_str text, struct awl_buf *out)
{
    lua_pushcfunction(L, decode);
    lua_pushlstring(L, text.ptr, text.len);
    bool ok = lua_pcall(L, 1, 1, 0) == LUA_OK;
    if (ok)
        put_value(out);
    return ok;
}

static bool spell_by_document(awl_str text, struct awl_buf *out)
{
    struct awl_json_reader json;
    struct awl_buf scratch;
    awl_buf_init(&scratch, ORACLE_TEXT_MAX);
    awl_json_reader_init(&json, text);
    bool ok = awl_document_read(&json, L, &scratch, awl_json_next(&json)) == AWL_OK &&
              awl_json_next(&json) == AWL_JSON_END;
    if (ok)
        put_value(out);
    awl_buf_release(&scratch);
    return ok;
}

/* ---- comparing ---- */

/* What lua-cjson found: "Expected value but found invalid token at character 3". */
static const char *cjson_kind(const char *reason)
{
    static char kind[200];
    const char *found = strstr(reason, "found ");
    snprintf(kind, sizeof(kind), "%s", found != NULL ? found + strlen("found ") : reason);
    char *at = strstr(kind, " at character");
    if (at != NULL)
        *at = '\0';
    return kind;
}

static unsigned depth_of(awl_str text)
{
    struct awl_json_reader json;
    unsigned deepest = 0;
    awl_json_reader_init(&json, text);
    for (enum awl_json_token t = awl_json_next(&json);
         t != AWL_JSON_END && t != AWL_JSON_ERROR; t = awl_json_next(&json))
        if (json.depth > deepest)
            deepest = json.depth;
    return deepest;
}

static void judge(struct oracle *o, awl_str text, const char *theirs, const char *ours,
                  awl_str expected, awl_str actual)
{
    if (theirs == NULL && ours == NULL && !awl_str_eq(expected, actual))
        vectors_fail(&o->suite, "read otherwise", "%.*s: %.*s, lua-cjson: %.*s",
                     STR_ARG(text), STR_ARG(actual), STR_ARG(expected));
    else if (theirs == NULL && ours != NULL && !oracle_excuse(refused, ours))
        vectors_fail(&o->suite, "refused", "%s: %.*s", ours, STR_ARG(text));
    else if (theirs != NULL && ours == NULL &&
             !oracle_excuse(accepted, cjson_kind(theirs)))
        vectors_fail(&o->suite, "accepted", "lua-cjson: %s: %.*s", theirs, STR_ARG(text));
    else
        vectors_pass(&o->suite);
}

static void compare(struct oracle *o, awl_str text)
{
    struct awl_buf expected, actual, document;
    awl_buf_init(&expected, ORACLE_TEXT_MAX);
    awl_buf_init(&actual, ORACLE_TEXT_MAX);
    awl_buf_init(&document, ORACLE_TEXT_MAX);
    const char *theirs = spell_by_cjson(text, &expected);
    const char *ours = read_tokens(text);
    bool by_awl = spell_by_awl(text, &actual);
    bool by_document = spell_by_document(text, &document);
    bool shallow = depth_of(text) <= AWL_WIRE_DEPTH_MAX;
    if (by_awl != (ours == NULL) || by_document != (ours == NULL && shallow))
        vectors_fail(&o->suite, "readers of ours differ", "%.*s", STR_ARG(text));
    else if (by_document && !awl_str_eq(awl_buf_str(&actual), awl_buf_str(&document)))
        vectors_fail(&o->suite, "readers of ours read otherwise", "%.*s", STR_ARG(text));
    else
        judge(o, text, theirs, ours, awl_buf_str(&expected), awl_buf_str(&actual));
    lua_settop(L, 0);
    awl_buf_release(&expected);
    awl_buf_release(&actual);
    awl_buf_release(&document);
}

/* ---- documents of our own ---- */

static const char *const texts[] = {"",
                                    "plain",
                                    "caf\xc3\xa9 \xf0\x9f\x98\x80",
                                    "\\\"\\\\\\/",
                                    "\\b\\f\\n\\r\\t",
                                    "\\u00e9\\u20AC",
                                    "\\ud83d\\ude00",
                                    "\\u0000",
                                    "\x7f",
                                    "a much longer text, without any escapes in it"};
static const char *const scalars[] = {
    "0",    "-1",    "2.5", "-0.0", "1e3", "1E-2", "9223372036854775807",
    "true", "false", "null"};
static const char *const spaces[] = {"", "", "", " ", "\n  ", "\t", "\r\n"};

#define PICK(list) (list)[oracle_pick(random, sizeof(list) / sizeof((list)[0]))]

static void put_string(struct awl_random *random, struct awl_buf *out)
{
    awl_buf_append_char(out, '"');
    for (size_t n = oracle_pick(random, 4); n > 0; n--)
        awl_buf_append_str(out, awl_str_of(PICK(texts)));
    awl_buf_append_char(out, '"');
}

static void put_any(struct awl_random *random, struct awl_buf *out, unsigned level)
{
    size_t kind = oracle_pick(random, level < 6 ? 4 : 2);
    awl_buf_append_str(out, awl_str_of(PICK(spaces)));
    if (kind == 0)
        awl_buf_append_str(out, awl_str_of(PICK(scalars)));
    if (kind == 1)
        put_string(random, out);
    if (kind < 2)
        return;
    awl_buf_append_char(out, kind == 2 ? '[' : '{');
    for (size_t n = oracle_pick(random, 5); n > 0; n--) {
        if (kind == 3) {
            put_string(random, out);
            awl_buf_printf(out, "%s:", PICK(spaces));
        }
        put_any(random, out, level + 1);
        awl_buf_printf(out, "%s%s", PICK(spaces), n > 1 ? "," : "");
        if (n > 1)
            awl_buf_append_str(out, awl_str_of(PICK(spaces)));
    }
    awl_buf_append_char(out, kind == 2 ? ']' : '}');
}

static void generate(struct awl_random *random, struct awl_buf *out)
{
    put_any(random, out, oracle_pick(random, 3) == 0 ? 6 : 0);
    awl_buf_append_str(out, awl_str_of(PICK(spaces)));
}

static void run_deep(struct oracle *o, unsigned levels)
{
    awl_buf_clear(&o->text);
    for (unsigned i = 0; i < levels; i++)
        awl_buf_append_str(&o->text, i % 2 == 0 ? STR("[") : STR("{\"a\":"));
    awl_buf_append_char(&o->text, '1');
    for (unsigned i = levels; i > 0; i--)
        awl_buf_append_char(&o->text, i % 2 == 1 ? ']' : '}');
    compare(o, awl_buf_str(&o->text));
}

static void open_state(void)
{
    L = luaL_newstate();
    if (L == NULL)
        exit(2);
    awl_error_value_open(L);
    luaL_requiref(L, "json", luaopen_awl_json, 0);
    luaL_requiref(L, "cjson", luaopen_cjson, 0);
    lua_getfield(L, -1, "decode_invalid_numbers");
    lua_pushboolean(L, false);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode_max_depth");
    lua_pushinteger(L, 1000);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_setglobal(L, "decode");
    lua_settop(L, 0);
}

int main(int argc, char **argv)
{
    unsigned rounds = oracle_rounds();
    struct oracle o = {.suite = {.name = "lua-cjson"},
                       .alphabet =
                           STR("{}[]:,\"\\/ \n\t\r\x01\x0b\x80\xc3\xa9tfnu0e-+.19\xff"),
                       .generate = generate,
                       .compare = compare};
    open_state();
    awl_random_seed(&o.random, 7);
    awl_buf_init(&o.text, ORACLE_TEXT_MAX);
    if (argc > 1)
        oracle_run_vectors(&o, argv[1], "{[", rounds / 100);
    static const unsigned levels[] = {AWL_WIRE_DEPTH_MAX, AWL_WIRE_DEPTH_MAX + 1,
                                      AWL_JSON_DEPTH_MAX, AWL_JSON_DEPTH_MAX + 1};
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        run_deep(&o, levels[i]);
    oracle_run_generated(&o, rounds, 20);
    printf("refused, though lua-cjson accepts:\n");
    oracle_report(&(struct oracle){.suite = {.name = "-"}}, refused);
    printf("accepted, though lua-cjson refuses:\n");
    oracle_report(&o, accepted);
    awl_buf_release(&o.text);
    lua_close(L);
    return o.suite.failed > 0;
}
