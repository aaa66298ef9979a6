/* state.h - makes and ends the Lua state of a runtime. */
#ifndef AWL_SCRIPT_STATE_H
#define AWL_SCRIPT_STATE_H

#include <lua.h>

#include "script/runtime.h"

/* A state with Lua's libraries, of which coroutine, os.exit and require are ours, and
 * a scheduler. runtime->loop and its clock must be there; runtime->L and ->scheduler
 * are set. NULL when out of memory. Freed by awl_state_free. */
lua_State *awl_state_new(struct awl_runtime *runtime);

/* Ends what tasks wait for, closes the state (each __gc runs: http and loop must be
 * alive still) and frees the scheduler. NULL in runtime->L is fine. */
void awl_state_free(struct awl_runtime *runtime);

#endif
