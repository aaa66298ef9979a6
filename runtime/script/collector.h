/* collector.h - how often Lua looks for garbage. */
#ifndef AWL_SCRIPT_COLLECTOR_H
#define AWL_SCRIPT_COLLECTOR_H

#include <lua.h>

struct awl_collector {
    int pause; /* what we last set; 0: nothing yet; -1: the script sets it itself */
};

/* To be called now and then: between turns of the loop. Lua begins a cycle when its
 * memory has doubled, and that is all the time where next to nothing is in use: a small
 * script's may grow fourfold. More would not stay in the CPU's cache. What a script sets
 * with collectgarbage stays. */
void awl_collector_pace(struct awl_collector *collector, lua_State *L);

#endif
