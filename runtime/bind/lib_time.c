/* awl.time: the manual is lua/awl/types/time.lua. All of it reads the runtime's clock. */
#include <string.h>

#include <lauxlib.h>

#include "aws/timestamp.h"
#include "bind/bind.h"
#include "bind/buf_box.h"
#include "script/error_value.h"
#include "script/runtime.h"

static double now_of(lua_State *L)
{
    return (double)awl_clock_wall_ms(&awl_runtime(L)->clock) / 1000;
}

static int time_now(lua_State *L)
{
    lua_pushnumber(L, now_of(L));
    return 1;
}

static int time_monotonic(lua_State *L)
{
    lua_pushnumber(L, (double)awl_clock_mono_us(&awl_runtime(L)->clock) / 1e6);
    return 1;
}

static int time_iso(lua_State *L)
{
    double seconds = luaL_optnumber(L, 1, now_of(L));
    struct awl_timestamp time;
    struct awl_buf *out = awl_buf_box(L, 64);

    if (!awl_timestamp_from_double(seconds, &time) ||
        awl_timestamp_append_iso(out, time) != AWL_OK)
        return luaL_argerror(L, 1, "the time is not in the years 0 to 9999");
    awl_buf_box_push(L, out);
    return 1;
}

static int time_parse(lua_State *L)
{
    awl_str text;
    struct awl_timestamp time;

    text.ptr = luaL_checklstring(L, 1, &text.len);
    if (!awl_timestamp_parse(text, &time))
        return awl_raisef(
            L, AWL_EINPUT, "InvalidTime",
            "'%.*s' is not a time such as 2026-01-31T12:00:00Z or seconds since 1970",
            STR_ARG(awl_str_slice(text, 0, 64)));
    lua_pushnumber(L, awl_timestamp_to_double(time));
    return 1;
}

static double seconds_of_unit(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 7 * 86400;
    default:
        return 0;
    }
}

/* "90s", "1h30m", "1.5d": numbers, each with its unit. */
static bool parse_duration(awl_str text, double *seconds)
{
    size_t at = 0;
    *seconds = 0;
    while (at < text.len) {
        size_t digits = at;
        double count;
        while (at < text.len && (awl_char_is_digit(text.ptr[at]) || text.ptr[at] == '.'))
            at++;
        if (at == text.len || !awl_str_to_double(awl_str_slice(text, digits, at), &count))
            return false;
        double unit = seconds_of_unit(text.ptr[at++]);
        if (unit <= 0)
            return false;
        *seconds += count * unit;
    }
    return text.len > 0;
}

static double check_duration(lua_State *L)
{
    awl_str text;
    double seconds;

    if (lua_type(L, 1) == LUA_TNUMBER)
        return lua_tonumber(L, 1);
    text.ptr = luaL_checklstring(L, 1, &text.len);
    if (!parse_duration(text, &seconds))
        awl_raisef(L, AWL_EINPUT, "InvalidDuration",
                   "'%.*s' is not a duration such as 90s, 15m, 2h, 7d or 1h30m",
                   STR_ARG(awl_str_slice(text, 0, 64)));
    return seconds;
}

static int time_duration(lua_State *L)
{
    lua_pushnumber(L, check_duration(L));
    return 1;
}

static int time_ago(lua_State *L)
{
    lua_pushnumber(L, now_of(L) - check_duration(L));
    return 1;
}

int luaopen_awl_time(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"now", time_now}, {"monotonic", time_monotonic},
        {"iso", time_iso}, {"parse", time_parse},
        {"ago", time_ago}, {"duration", time_duration},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
