/* awl.core.testing: what `awl test` does to a process and wants to know of it.
 *
 * fake_clock(epoch): from now on time stands still but for advance(seconds) and the
 * pauses that the loop skips when it has nothing else to do. slept() -> those pauses,
 * in seconds, in order. real_clock(). live_tasks() -> how many, and where they wait.
 * open_handles() -> names of libuv's handles that are active. cpus() -> how many. */
#include <lauxlib.h>
#include <uv.h>

#include "bind/bind.h"
#include "bind/buf_box.h"
#include "loop/loop.h"
#include "script/scheduler.h"

#define PAUSES_MAX 10000

struct pauses {
    struct awl_clock real; /* the clock that a fake one stands for */
    size_t count;
    int64_t us[PAUSES_MAX];
};

/* The registry's key of the list, a userdata. */
static const char pauses_key;

static void on_advance(void *data, int64_t us)
{
    struct pauses *pauses = data;
    if (pauses->count < PAUSES_MAX)
        pauses->us[pauses->count++] = us;
}

static struct pauses *push_pauses(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &pauses_key) == LUA_TUSERDATA)
        return lua_touserdata(L, -1);
    lua_pop(L, 1);
    struct pauses *pauses = lua_newuserdatauv(L, sizeof(*pauses), 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &pauses_key);
    return pauses;
}

static int testing_fake_clock(lua_State *L)
{
    struct awl_clock *clock = &awl_runtime(L)->clock;
    lua_Integer wall_ms = (lua_Integer)(luaL_checknumber(L, 1) * 1000);
    struct pauses *pauses = push_pauses(L);
    int64_t mono_us = awl_clock_mono_us(clock);

    if (!clock->fake)
        pauses->real = *clock;
    pauses->count = 0;
    awl_clock_init_fake(clock, wall_ms - mono_us / 1000);
    clock->fake_us = mono_us; /* timers that run stay right */
    clock->on_advance = on_advance;
    clock->data = pauses;
    return 0;
}

static int testing_real_clock(lua_State *L)
{
    struct awl_clock *clock = &awl_runtime(L)->clock;
    if (clock->fake)
        *clock = push_pauses(L)->real;
    return 0;
}

static int testing_advance(lua_State *L)
{
    double seconds = luaL_checknumber(L, 1);
    struct awl_clock *clock = &awl_runtime(L)->clock;
    luaL_argcheck(L, seconds >= 0 && seconds < 1e10, 1, "not a number of seconds");
    clock->on_advance = NULL; /* a leap, not a pause */
    awl_clock_advance(clock, (int64_t)(seconds * 1e6 + 0.5));
    clock->on_advance = on_advance;
    return 0;
}

static int testing_slept(lua_State *L)
{
    const struct pauses *pauses = push_pauses(L);
    lua_createtable(L, (int)pauses->count, 0);
    for (size_t i = 0; i < pauses->count; i++) {
        lua_pushnumber(L, (lua_Number)pauses->us[i] / 1e6);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int testing_live_tasks(lua_State *L)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    struct awl_buf *where = awl_buf_box(L, 64 * 1024);

    awl_scheduler_report_waiting(scheduler, where);
    lua_pushinteger(L, (lua_Integer)awl_scheduler_live(scheduler));
    awl_buf_box_push(L, where);
    return 2;
}

/* The loop's own alarm is a timer; signal handling does not count as work. */
static void on_handle(uv_handle_t *handle, void *state)
{
    lua_State *L = state;
    if (!uv_is_active(handle) || uv_is_closing(handle) || !uv_has_ref(handle) ||
        handle->type == UV_TIMER)
        return;
    lua_pushstring(L, uv_handle_type_name(handle->type));
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int testing_open_handles(lua_State *L)
{
    lua_newtable(L);
    luaL_checkstack(L, 4, NULL);
    uv_walk(awl_loop_uv(awl_runtime(L)->loop), on_handle, L);
    return 1;
}

static int testing_cpus(lua_State *L)
{
    lua_pushinteger(L, uv_available_parallelism());
    return 1;
}

int luaopen_awl_core_testing(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"fake_clock", testing_fake_clock},
        {"real_clock", testing_real_clock},
        {"advance", testing_advance},
        {"slept", testing_slept},
        {"live_tasks", testing_live_tasks},
        {"open_handles", testing_open_handles},
        {"cpus", testing_cpus},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
