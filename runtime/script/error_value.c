/* error_value.c - errors as scripts see them: a table, its one line, its matching. */
#include "script/error_value.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static const char metatable_key; /* its address is the key in the registry */

static void metatable_push(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

void awl_error_push(lua_State *L, const char *kind, const char *code, const char *message)
{
    luaL_checkstack(L, 4, "error value");
    lua_createtable(L, 0, 4);
    set_text(L, "kind", kind);
    set_text(L, "code", code);
    set_text(L, "message", message);
    metatable_push(L);
    lua_setmetatable(L, -2);
}

static void push(lua_State *L, enum awl_rc rc, const char *code, const char *message)
{
    const char *kind = awl_rc_kind(rc);
    if (code == NULL || *code == '\0')
        code = rc == AWL_EIO ? AWL_CODE_IO : kind;
    awl_error_push(L, kind, code, message);
}

void awl_error_push_c(lua_State *L, const struct awl_error *err)
{
    push(L, err->rc, err->code, err->message);
}

int awl_raise(lua_State *L, const struct awl_error *err)
{
    awl_error_push_c(L, err);
    return lua_error(L);
}

int awl_raisef(lua_State *L, enum awl_rc rc, const char *code, const char *format, ...)
{
    char message[AWL_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    push(L, rc, code, message);
    return lua_error(L);
}

bool awl_error_is(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    metatable_push(L);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* The text of a field, or NULL; the table's entry keeps it alive. */
static const char *field_text(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

bool awl_error_has_code(lua_State *L, int index, const char *code)
{
    if (!awl_error_is(L, index))
        return false;
    const char *own = field_text(L, lua_absindex(L, index), "code");
    return own != NULL && strcmp(own, code) == 0;
}

int awl_error_new(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    metatable_push(L);
    lua_setmetatable(L, 1);
    return 1;
}

/* `pattern` with '*' for any run of bytes. Linear: only the last star is retried. */
static bool glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            retry = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* err:is(pattern, ...): the code, or the other name that it goes by, matches one of the
 * patterns. */
static int error_is(lua_State *L)
{
    luaL_argexpected(L, awl_error_is(L, 1), 1, "awl.Error");
    const char *code = field_text(L, 1, "code");
    const char *alias = field_text(L, 1, "alias");
    int count = lua_gettop(L);
    bool found = false;
    for (int i = 2; i <= count; i++) {
        const char *pattern = luaL_checkstring(L, i);
        found = found || (code != NULL && glob_matches(pattern, code)) ||
                (alias != NULL && glob_matches(pattern, alias));
    }
    lua_pushboolean(L, found);
    return 1;
}

/* "AccessDenied on s3:GetObject in eu-west-1: "; a code that only repeats the kind
 * says nothing. */
static void add_subject(lua_State *L, luaL_Buffer *out, bool has_message)
{
    const char *code = field_text(L, 1, "code");
    const char *kind = field_text(L, 1, "kind");
    const char *service = field_text(L, 1, "service");
    const char *operation = field_text(L, 1, "operation");
    const char *region = field_text(L, 1, "region");

    bool has_code = code != NULL && !(has_message && kind != NULL && !strcmp(code, kind));
    bool has_call = service != NULL || operation != NULL;
    if (has_code)
        luaL_addstring(out, code);
    if (has_code && has_call)
        luaL_addstring(out, " on ");
    if (service != NULL)
        luaL_addstring(out, service);
    if (service != NULL && operation != NULL)
        luaL_addchar(out, ':');
    if (operation != NULL)
        luaL_addstring(out, operation);
    if (region != NULL && has_call) {
        luaL_addstring(out, " in ");
        luaL_addstring(out, region);
    }
    if (has_message && (has_code || has_call))
        luaL_addstring(out, ": ");
}

/* " (request 4F2A, 1 attempt, profile dev)" */
static void add_details(lua_State *L, luaL_Buffer *out)
{
    const char *request = field_text(L, 1, "request_id");
    const char *profile = field_text(L, 1, "profile");
    char attempts[40] = "";
    lua_pushliteral(L, "attempts");
    lua_rawget(L, 1);
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0)
        snprintf(attempts, sizeof attempts, "%lld attempt%s",
                 (long long)lua_tointeger(L, -1), lua_tointeger(L, -1) == 1 ? "" : "s");
    lua_pop(L, 1);

    const char *const parts[][2] = {{"request ", request},
                                    {"", attempts[0] != '\0' ? attempts : NULL},
                                    {"profile ", profile}};
    const char *separator = " (";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i][1] == NULL)
            continue;
        luaL_addstring(out, separator);
        luaL_addstring(out, parts[i][0]);
        luaL_addstring(out, parts[i][1]);
        separator = ", ";
    }
    if (separator[0] == ',')
        luaL_addchar(out, ')');
}

static int error_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    const char *message = field_text(L, 1, "message");
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    const char *kind = field_text(L, 1, "kind");
    /* What is wrong with an input names its subject itself. */
    if (message == NULL || kind == NULL || strcmp(kind, "input") != 0)
        add_subject(L, &line, message != NULL);
    if (message != NULL)
        luaL_addstring(&line, message);
    if (kind == NULL || strcmp(kind, "input") != 0)
        add_details(L, &line);
    luaL_pushresult(&line);
    if (lua_rawlen(L, -1) == 0)
        lua_pushliteral(L, "unknown error");
    return 1;
}

static int error_concat(lua_State *L)
{
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

void awl_error_value_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"__tostring", error_tostring}, {"__concat", error_concat}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushliteral(L, "awl.Error");
    lua_setfield(L, -2, "__name");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, error_is);
    lua_setfield(L, -2, "is");
    lua_setfield(L, -2, "__index");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}
