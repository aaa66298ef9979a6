/* runtime.h - what one process of awl consists of.
 *
 * Each Lua state knows its runtime (LUA_EXTRASPACE), so any C function can reach
 * it. The layers above `script` own what they put here; `script` itself only
 * carries the pointers. */
#ifndef AWL_SCRIPT_RUNTIME_H
#define AWL_SCRIPT_RUNTIME_H

#include <lua.h>

#include "base/clock.h"
#include "base/random.h"

struct awl_catalog;
struct awl_http;
struct awl_loop;
struct awl_scheduler;

struct awl_runtime {
    struct awl_clock clock;
    struct awl_random random;
    struct awl_loop *loop;
    struct awl_scheduler *scheduler;
    struct awl_http *http;      /* made on first use; see bind/ */
    struct awl_catalog *models; /* opened on first use; see bind/ */
    lua_State *L;               /* the main state; runs no task */
    void *call;                 /* call/'s own: caches of the pipeline, gate, observer */
};

static inline struct awl_runtime *awl_runtime(lua_State *L)
{
    return *(struct awl_runtime **)lua_getextraspace(L);
}

#endif
