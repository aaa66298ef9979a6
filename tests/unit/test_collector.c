/* tests/unit/test_collector.c - registered as unit.collector */
#include "script/collector.h"

#include <lauxlib.h>

#include "test.h"

/* What Lua's pause is now. */
static int pause_of(lua_State *L)
{
    int pause = lua_gc(L, LUA_GCSETPAUSE, 200);
    lua_gc(L, LUA_GCSETPAUSE, pause);
    return pause;
}

TEST(a_small_script_may_grow_further)
{
    UNUSED_STATE;
    struct awl_collector collector = {0};
    lua_State *L = luaL_newstate();
    awl_collector_pace(&collector, L);
    CHECK_INT(pause_of(L), 400);
    awl_collector_pace(&collector, L);
    CHECK_INT(pause_of(L), 400);
    lua_close(L);
}

TEST(a_large_script_has_lua_s_own_pace)
{
    UNUSED_STATE;
    struct awl_collector collector = {0};
    lua_State *L = luaL_newstate();
    awl_collector_pace(&collector, L);
    lua_newuserdatauv(L, (size_t)4 << 20, 0);
    awl_collector_pace(&collector, L);
    CHECK_INT(pause_of(L), 200);
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT);
    awl_collector_pace(&collector, L);
    CHECK_INT(pause_of(L), 400);
    lua_close(L);
}

TEST(what_a_script_sets_stays)
{
    UNUSED_STATE;
    struct awl_collector collector = {0};
    lua_State *L = luaL_newstate();
    awl_collector_pace(&collector, L);
    lua_gc(L, LUA_GCSETPAUSE, 160);
    for (int i = 0; i < 2; i++) {
        lua_newuserdatauv(L, (size_t)4 << 20, 0);
        awl_collector_pace(&collector, L);
        CHECK_INT(pause_of(L), 160);
    }
    lua_close(L);
}

TEST_MAIN(RUN(a_small_script_may_grow_further), RUN(a_large_script_has_lua_s_own_pace),
          RUN(what_a_script_sets_stays))
