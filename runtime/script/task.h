/* task.h - tasks: the coroutines that the scheduler owns.
 *
 * To wait, a C function called by Lua sets up its work and returns
 * awl_task_wait(...): the task is suspended and the continuation runs when the
 * waitable is signaled. What the function left on its stack is still there then.
 * Cancellation is raised before the continuation is called, so a continuation
 * never sees a canceled wait; memory must hang on userdata with __gc. A waitable
 * that was signaled before the cancel came counts as done: the continuation runs,
 * and the task's next wait raises.
 *
 * A task has a stack of cancel scopes (its own, those of awl.timeout and
 * awl.shield; see scope.h). A wait raises Canceled as long as a scope above the
 * innermost live shield is canceled. */
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

/* The same for a wait that must come to its end even when the task is canceled: the
 * waitable's cancel is called then (perhaps more than once), but the task goes on
 * waiting and k does run. */
int awl_task_wait_held(lua_State *L, struct awl_waitable *waitable, lua_KFunction k,
                       lua_KContext ctx);

/* Suspends the running task for `delay_us` of the clock (0: lets the others run
 * first), then as above. */
int awl_task_sleep(lua_State *L, int64_t delay_us, lua_KFunction k, lua_KContext ctx);

/* True if the next wait of the running task would raise Canceled. False outside a
 * task. */
bool awl_task_is_canceled(lua_State *L);

/* Raises Canceled if the running task is canceled and not shielded. */
void awl_task_raise_if_canceled(lua_State *L);

/* Makes a task of the function and the `nargs` arguments on the stack's top, which
 * are popped, and pushes the task (a userdata, the scheduler's while it lives). It
 * inherits the running task's context and starts after the current one waits. */
struct awl_task *awl_task_spawn(lua_State *L, int nargs);

/* The task at `index`; raises an argument error for any other value. */
struct awl_task *awl_task_arg(lua_State *L, int index);

/* Whether the value at `index` is a task. */
bool awl_task_is(lua_State *L, int index);

/* Waits for the end of the task at stack index 1, then returns its values or raises
 * its error; TaskCanceled if it was canceled. Only as `return awl_task_await(L)`. */
int awl_task_await(lua_State *L);

/* Cancels the task's own scope, which is the outermost one: sticky. */
void awl_task_cancel(struct awl_task *task);

/* "ready", "waiting", "running", "done", "failed" or "canceled". */
const char *awl_task_status(const struct awl_task *task);

/* Pushes "task 7 (waiting for sleep at script.lua:12)". */
void awl_task_push_name(lua_State *L, const struct awl_task *task);

/* The context of the running task as a table on the stack (never nil): item key,
 * account, region, log fields, as a script set them; shared, not to be changed. */
void awl_task_push_context(lua_State *L);

/* Pops a value, which is `item` in the running task's context from now on. */
void awl_task_set_item(lua_State *L);

/* Pushes a new table with what the one at `first` has, and then the one at `second`. */
void awl_task_push_merged(lua_State *L, int first, int second);

/* A message handler for lua_pcallk and xpcall: returns the error as it is, and keeps
 * its traceback (in err.traceback too, if it is an error table). */
int awl_trace_on_error(lua_State *L);

/* Lua: the traceback kept for a value by the handler in the running task, or nil. */
int awl_trace_get(lua_State *L);

/* A first-in first-out queue of tasks. Zeroed memory is an empty one. It must be
 * part of a userdata that the waiting functions hold on their stacks. */
struct awl_task_queue {
    struct awl_task *head;
    struct awl_task *tail;
};

/* Puts the running task at the queue's end until it is woken, as awl_task_wait;
 * canceling takes it out. `what` is static, for people: "semaphore". */
int awl_task_wait_in(lua_State *L, struct awl_task_queue *queue, const char *what,
                     lua_KFunction k, lua_KContext ctx);

/* Wakes the first task of the queue, which then reads `outcome` through
 * awl_task_outcome. Returns the stack on which it waits, so that the caller may
 * replace a value there below the top one; NULL when the queue is empty. */
lua_State *awl_task_queue_wake(struct awl_task_queue *queue, int outcome);

/* The stack of the first task in the queue, or NULL. */
lua_State *awl_task_queue_first(const struct awl_task_queue *queue);

/* In the continuation of awl_task_wait_in: what the waker said. */
int awl_task_outcome(lua_State *L);

#endif
