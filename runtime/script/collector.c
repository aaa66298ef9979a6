#include "script/collector.h"

/* Percent of what was in use after the last cycle. */
#define PAUSE_LUA 200
#define PAUSE_MAX 400
#define PAUSE_KB 400000

/* How much is in use is known only at the end of a cycle, where this is too late: but
 * memory that was let grow too far lowers the next pause, and the other way round. */
static int pause_for(int kb)
{
    int pause = kb > 0 ? PAUSE_KB / kb : PAUSE_MAX;
    if (pause < PAUSE_LUA)
        return PAUSE_LUA;
    return pause > PAUSE_MAX ? PAUSE_MAX : pause & ~3; /* Lua keeps a quarter of it */
}

void awl_collector_pace(struct awl_collector *collector, lua_State *L)
{
    int pause = pause_for(lua_gc(L, LUA_GCCOUNT));
    if (pause == collector->pause || collector->pause < 0)
        return;
    int before = lua_gc(L, LUA_GCSETPAUSE, pause);
    int expected = collector->pause != 0 ? collector->pause : PAUSE_LUA;
    collector->pause = pause;
    if (before == expected)
        return;
    lua_gc(L, LUA_GCSETPAUSE, before);
    collector->pause = -1;
}
