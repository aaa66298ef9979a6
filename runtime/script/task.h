/* task.h - tasks: the coroutines that the scheduler owns.
 *
 * To wait, a C function called by Lua sets up its work and returns
 * awl_task_wait(...): the task is suspended and the continuation runs when the
 * waitable is signaled. What the function left on its stack is still there then.
 * Cancellation is raised before the continuation is called, so a continuation
 * never sees a canceled wait; memory must hang on userdata with __gc.
 *
 * A task has a stack of cancel scopes (its own, those of awl.timeout and
 * awl.shield). A wait raises Canceled as long as a scope above the innermost live
 * shield is canceled. */
#ifndef AWL_SCRIPT_TASK_H
#define AWL_SCRIPT_TASK_H

#include <lua.h>

#include "loop/waitable.h"
#include "script/runtime.h"

struct awl_task;

/* The running task. Raises when there is none, or where the calling C function
 * cannot be yielded across (table.sort, string.gsub, __gc, ...), in words. */
struct awl_task *awl_task_check(lua_State *L);

/* Suspends the running task until `waitable` is signaled, then calls
 * k(L, LUA_YIELD, ctx) on the same stack; when it is signaled already, calls k at
 * once. Raises Canceled instead if the task is canceled, before or meanwhile; the
 * waitable's cancel has been called then. Only as `return awl_task_wait(...)`. */
int awl_task_wait(lua_State *L, struct awl_waitable *waitable, lua_KFunction k,
                  lua_KContext ctx);

/* Suspends the running task for `delay_us` of the clock (0: lets the others run
 * first), then as above. */
int awl_task_sleep(lua_State *L, int64_t delay_us, lua_KFunction k, lua_KContext ctx);

/* Raises Canceled if the running task is canceled and not shielded. */
void awl_task_raise_if_canceled(lua_State *L);

/* Makes a task of the function and the `nargs` arguments on the stack's top, which
 * are popped, and pushes the task (a userdata, the scheduler's while it lives). It
 * inherits the running task's context and starts after the current one waits. */
struct awl_task *awl_task_spawn(lua_State *L, int nargs);

/* The context of the running task as a table on the stack (never nil): item key,
 * account, region, log fields, as a script set them; shared, not to be changed. */
void awl_task_push_context(lua_State *L);

/* Pops a table, which becomes the running task's context. */
void awl_task_set_context(lua_State *L);

#endif
