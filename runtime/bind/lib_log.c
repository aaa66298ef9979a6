/* awl.log: the manual is lua/awl/types/log.lua. One line an event, on stderr:
 *
 *     2026-01-31T12:00:00.123Z ERROR failed item=config_7 error="the reason" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "aws/timestamp.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bind/bind.h"
#include "bind/buf_box.h"
#include "bind/json_value.h"
#include "script/error_value.h"
#include "script/task.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)

static const char *const words[] = {"debug", "info", "warn", "error", "off", NULL};

/* The settings are upvalue 1 of each function: what a script logs is shown from info
 * on, unlike what awl itself has to say. */
static enum awl_log_level threshold(lua_State *L)
{
    enum awl_log_level level = AWL_LOG_INFO;

    lua_getfield(L, lua_upvalueindex(1), "debug");
    bool debug = lua_toboolean(L, -1);
    lua_getfield(L, lua_upvalueindex(1), "log");
    const char *word = lua_tostring(L, -1);
    if (word != NULL)
        awl_log_level_parse(word, &level);
    else if (debug)
        level = AWL_LOG_DEBUG;
    lua_pop(L, 2);
    return level;
}

/* One line stays one line, whatever a server put into the text. */
static void append_plain(struct awl_buf *out, awl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n')
            awl_buf_append_str(out, STR("\\n"));
        else if (c == '\t')
            awl_buf_append_str(out, STR("\\t"));
        else if (c < ' ' || c == 0x7f)
            awl_buf_printf(out, "\\x%02x", c);
        else
            awl_buf_append_char(out, (char)c);
    }
}

static bool needs_quotes(awl_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!awl_char_is_alnum(text.ptr[i]) && memchr("-_./:@+,", text.ptr[i], 8) == NULL)
            return true;
    return text.len == 0;
}

static const struct awl_json_style lenient = {.lenient = true};

/* The value on the stack's top. */
static void append_value(lua_State *L, struct awl_buf *out)
{
    awl_str text;
    if (lua_type(L, -1) == LUA_TSTRING) {
        text.ptr = lua_tolstring(L, -1, &text.len);
        if (!needs_quotes(text)) {
            awl_buf_append_str(out, text);
            return;
        }
    }
    awl_json_encode(L, -1, out, &lenient);
}

static int by_bytes(const void *a, const void *b)
{
    return awl_str_cmp(*(const awl_str *)a, *(const awl_str *)b);
}

static size_t count_fields(lua_State *L, int table)
{
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1);
        count++;
    }
    return count;
}

static void append_field(lua_State *L, int table, awl_str name, struct awl_buf *out)
{
    awl_buf_append_char(out, ' ');
    append_plain(out, name);
    awl_buf_append_char(out, '=');
    lua_pushlstring(L, name.ptr, name.len);
    lua_rawget(L, table);
    if (awl_json_is_secret(name))
        awl_buf_append_str(out, STR("[redacted]"));
    else
        append_value(L, out);
    lua_pop(L, 1);
}

static void append_fields(lua_State *L, int table, struct awl_buf *out)
{
    size_t room = count_fields(L, table);
    size_t count = 0;
    awl_str *names = lua_newuserdatauv(L, room * sizeof(*names) + 1, 0);

    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING && count < room) {
            names[count].ptr = lua_tolstring(L, -1, &names[count].len);
            count++;
        }
    }
    qsort(names, count, sizeof(*names), by_bytes);
    for (size_t i = 0; i < count; i++)
        append_field(L, table, names[i], out);
    lua_pop(L, 1);
}

/* Copies the entries of the table at `from` into the one at `to`. */
static void merge(lua_State *L, int from, int to, bool scalars_only)
{
    lua_pushnil(L);
    while (lua_next(L, from) != 0) {
        bool wanted = lua_type(L, -2) == LUA_TSTRING &&
                      (!scalars_only || (!lua_istable(L, -1) && !lua_isuserdata(L, -1)));
        if (wanted) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, to);
        } else {
            lua_pop(L, 1);
        }
    }
}

/* Pushes the fields of the event: the task's context, its `log` table, then those of
 * the table at index 2, each hiding the ones before it. */
static void push_fields(lua_State *L)
{
    lua_newtable(L);
    int fields = lua_gettop(L);
    awl_task_push_context(L);
    merge(L, fields + 1, fields, true);
    lua_pushnil(L);
    lua_setfield(L, fields, "deadline");
    if (lua_getfield(L, fields + 1, "log") == LUA_TTABLE)
        merge(L, fields + 2, fields, false);
    if (lua_istable(L, 2))
        merge(L, 2, fields, false);
    lua_settop(L, fields);
}

static void append_time(lua_State *L, struct awl_buf *out)
{
    int64_t now = awl_clock_wall_ms(&awl_runtime(L)->clock);
    char basic[AWL_TIMESTAMP_BASIC_LEN + 1];

    if (awl_timestamp_format_basic(awl_timestamp_from_ms(now), basic) != AWL_OK)
        return;
    awl_buf_printf(out, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%03dZ", basic, basic + 4,
                   basic + 6, basic + 9, basic + 11, basic + 13, (int)(now % 1000));
}

static int write_event(lua_State *L, enum awl_log_level level)
{
    static const char *const shown[] = {"DEBUG", "INFO ", "WARN ", "ERROR"};
    awl_str message;

    if (level < threshold(L))
        return 0;
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    message.ptr = luaL_tolstring(L, 1, &message.len);
    push_fields(L);
    int fields = lua_gettop(L);
    struct awl_buf *out = awl_buf_box(L, LINE_MAX_BYTES);
    append_time(L, out);
    awl_buf_printf(out, " %s ", shown[level]);
    append_plain(out, message);
    append_fields(L, fields, out);
    awl_buf_append_char(out, '\n');
    fwrite(awl_buf_cstr(out), 1, out->len, stderr);
    awl_buf_release(out);
    return 0;
}

static int log_debug(lua_State *L)
{
    return write_event(L, AWL_LOG_DEBUG);
}

static int log_info(lua_State *L)
{
    return write_event(L, AWL_LOG_INFO);
}

static int log_warn(lua_State *L)
{
    return write_event(L, AWL_LOG_WARN);
}

static int log_error(lua_State *L)
{
    return write_event(L, AWL_LOG_ERROR);
}

static int log_level(lua_State *L)
{
    lua_pushstring(L, words[threshold(L)]);
    if (!lua_isnoneornil(L, 1)) {
        int level = luaL_checkoption(L, 1, NULL, words);
        awl_log_threshold = (enum awl_log_level)level;
        lua_pushstring(L, words[level]);
        lua_setfield(L, lua_upvalueindex(1), "log");
    }
    return 1;
}

int luaopen_awl_log(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"debug", log_debug}, {"info", log_info},   {"warn", log_warn},
        {"error", log_error}, {"level", log_level}, {NULL, NULL},
    };
    luaL_newlibtable(L, functions);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    luaL_getsubtable(L, -1, "awl.core.settings");
    lua_remove(L, -2);
    luaL_setfuncs(L, functions, 1);
    return 1;
}
