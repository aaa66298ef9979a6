/* task.c - waiting, canceling, awaiting and spawning. */
#include "script/task.h"

#include <lauxlib.h>
#include <string.h>

#include "script/error_value.h"
#include "script/task_state.h"

const char awl_mark_waiting = 0;
const char awl_mark_ended = 0;

static struct awl_task *task_of_own(struct awl_waitable *own)
{
    return (struct awl_task *)((char *)own - offsetof(struct awl_task, own));
}

static struct awl_task *task_of_timer(struct awl_timer *timer)
{
    return (struct awl_task *)((char *)timer - offsetof(struct awl_task, timer));
}

struct awl_task *awl_task_check(lua_State *L)
{
    const struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    if (scheduler == NULL || scheduler->running != L || scheduler->blocked > 0 ||
        !lua_isyieldable(L))
        awl_where_unyieldable(L);
    return scheduler->current;
}

/* --- canceling --- */

bool awl_task_cancel_due(const struct awl_task *task)
{
    for (const struct awl_scope *scope = task->scope; scope; scope = scope->outer) {
        if (scope->kind == AWL_SCOPE_SHIELD && !scope->ended)
            return false;
        if (scope->canceled)
            return true;
    }
    return task->canceled;
}

void awl_task_interrupt(struct awl_task *task)
{
    struct awl_waitable *waitable = task->waiting;
    if (task->status != TASK_WAITING || !awl_task_cancel_due(task))
        return;
    if (task->held) {
        if (waitable->cancel != NULL)
            waitable->cancel(waitable);
        return;
    }
    awl_waitable_unwatch(waitable);
    if (waitable->cancel != NULL)
        waitable->cancel(waitable);
    task->interrupted = true;
    awl_scheduler_make_ready(task);
}

void awl_task_cancel(struct awl_task *task)
{
    if (awl_task_has_ended(task))
        return;
    task->canceled = true;
    awl_task_interrupt(task);
}

static int raise_canceled(lua_State *L, const struct awl_task *task, const char *what)
{
    lua_Debug at;
    awl_scheduler_uninterrupt(L); /* else it would hit a <close> variable's cleanup */
    awl_where_waiting(task, &at);
    const char *in = what != NULL ? what : "its turn";
    if (at.currentline > 0)
        lua_pushfstring(L, "canceled while waiting for %s at %s:%d", in, at.short_src,
                        at.currentline);
    else
        lua_pushfstring(L, "canceled while waiting for %s", in);
    awl_error_push(L, "canceled", "Canceled", lua_tostring(L, -1));
    return lua_error(L);
}

bool awl_task_is_canceled(lua_State *L)
{
    const struct awl_task *task = awl_runtime(L)->scheduler->current;
    return task != NULL && awl_task_cancel_due(task);
}

void awl_task_raise_if_canceled(lua_State *L)
{
    struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (task == NULL || !awl_task_cancel_due(task))
        return;
    task->at = L;
    raise_canceled(L, task, NULL);
}

/* --- waiting --- */

static void on_wake(void *waiter)
{
    awl_scheduler_make_ready(waiter);
}

static int wait_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (task->interrupted) {
        task->interrupted = false;
        return raise_canceled(L, task, task->what);
    }
    return task->k(L, status, task->ctx);
}

/* The mark tells our coroutine functions, up to the scheduler, that the task waits. */
static int suspend(lua_State *L, struct awl_task *task, lua_KFunction k, lua_KContext ctx)
{
    task->at = L;
    task->k = k;
    task->ctx = ctx;
    lua_pushlightuserdata(L, (void *)&awl_mark_waiting);
    return lua_yieldk(L, 1, 0, wait_k);
}

static int wait_for(lua_State *L, struct awl_task *task, struct awl_waitable *waitable,
                    lua_KFunction k, lua_KContext ctx)
{
    task->status = TASK_WAITING;
    task->waiting = waitable;
    task->what = waitable->what;
    awl_waitable_watch(waitable, on_wake, task);
    return suspend(L, task, k, ctx);
}

int awl_task_wait(lua_State *L, struct awl_waitable *waitable, lua_KFunction k,
                  lua_KContext ctx)
{
    struct awl_task *task = awl_task_check(L);
    luaL_checkstack(L, 1, "wait");
    if (awl_task_cancel_due(task)) {
        if (!waitable->signaled && waitable->cancel != NULL)
            waitable->cancel(waitable);
        task->at = L;
        return raise_canceled(L, task, waitable->what);
    }
    if (waitable->signaled)
        return k(L, LUA_YIELD, ctx);
    return wait_for(L, task, waitable, k, ctx);
}

int awl_task_wait_held(lua_State *L, struct awl_waitable *waitable, lua_KFunction k,
                       lua_KContext ctx)
{
    struct awl_task *task = awl_task_check(L);
    luaL_checkstack(L, 1, "wait");
    if (!waitable->signaled && waitable->cancel != NULL && awl_task_cancel_due(task))
        waitable->cancel(waitable);
    if (waitable->signaled)
        return k(L, LUA_YIELD, ctx);
    task->held = true;
    return wait_for(L, task, waitable, k, ctx);
}

/* Before a wait of the task's own. */
static struct awl_task *check_before_wait(lua_State *L)
{
    struct awl_task *task = awl_task_check(L);
    luaL_checkstack(L, 1, "wait");
    if (awl_task_cancel_due(task)) {
        task->at = L;
        raise_canceled(L, task, NULL);
    }
    return task;
}

static void on_sleep_cancel(struct awl_waitable *own)
{
    struct awl_task *task = task_of_own(own);
    awl_timer_stop(task->scheduler->runtime->loop, &task->timer);
}

static void on_timer(struct awl_timer *timer)
{
    awl_waitable_signal(&task_of_timer(timer)->own);
}

int awl_task_sleep(lua_State *L, int64_t delay_us, lua_KFunction k, lua_KContext ctx)
{
    struct awl_task *task = check_before_wait(L);
    task->what = "sleep";
    if (delay_us <= 0) {
        task->status = TASK_WAITING;
        awl_scheduler_make_ready(task);
        return suspend(L, task, k, ctx);
    }
    awl_waitable_init(&task->own, "sleep", on_sleep_cancel);
    if (awl_timer_start(task->scheduler->runtime->loop, &task->timer, delay_us,
                        on_timer) != AWL_OK)
        return luaL_error(L, "not enough memory");
    return wait_for(L, task, &task->own, k, ctx);
}

/* --- queues --- */

static void queue_remove(struct awl_task *task)
{
    struct awl_task_queue *queue = task->queue;
    if (task->queue_prev != NULL)
        task->queue_prev->queue_next = task->queue_next;
    else
        queue->head = task->queue_next;
    if (task->queue_next != NULL)
        task->queue_next->queue_prev = task->queue_prev;
    else
        queue->tail = task->queue_prev;
    task->queue = NULL;
}

static void queue_append(struct awl_task_queue *queue, struct awl_task *task)
{
    task->queue = queue;
    task->queue_next = NULL;
    task->queue_prev = queue->tail;
    if (queue->tail != NULL)
        queue->tail->queue_next = task;
    else
        queue->head = task;
    queue->tail = task;
}

static void on_queue_cancel(struct awl_waitable *own)
{
    queue_remove(task_of_own(own));
}

int awl_task_wait_in(lua_State *L, struct awl_task_queue *queue, const char *what,
                     lua_KFunction k, lua_KContext ctx)
{
    struct awl_task *task = check_before_wait(L);
    awl_waitable_init(&task->own, what, on_queue_cancel);
    queue_append(queue, task);
    return wait_for(L, task, &task->own, k, ctx);
}

lua_State *awl_task_queue_first(const struct awl_task_queue *queue)
{
    return queue->head != NULL ? queue->head->at : NULL;
}

lua_State *awl_task_queue_wake(struct awl_task_queue *queue, int outcome)
{
    struct awl_task *task = queue->head;
    if (task == NULL)
        return NULL;
    queue_remove(task);
    task->outcome = outcome;
    awl_waitable_signal(&task->own);
    return task->at;
}

int awl_task_outcome(lua_State *L)
{
    return awl_runtime(L)->scheduler->current->outcome;
}

/* --- awaiting --- */

static int await_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct awl_task *target = (struct awl_task *)ctx;
    if (target->status == TASK_CANCELED) {
        awl_task_push_name(L, target);
        lua_pushfstring(L, "%s was canceled", lua_tostring(L, -1));
        awl_error_push(L, "canceled", "TaskCanceled", lua_tostring(L, -1));
        return lua_error(L);
    }
    int count = awl_scheduler_push_results(L, target);
    if (target->status != TASK_FAILED)
        return count;
    awl_scheduler_observe(target);
    awl_trace_inherit(L, 1);
    return lua_error(L);
}

int awl_task_await(lua_State *L)
{
    struct awl_task *target = awl_task_arg(L, 1);
    lua_KContext ctx = (lua_KContext)target;
    if (awl_task_check(L) == target)
        return luaL_error(L, "a task cannot await itself");
    if (!awl_task_has_ended(target))
        return awl_task_wait_in(L, &target->joiners, "task", await_k, ctx);
    awl_task_raise_if_canceled(L);
    return await_k(L, LUA_OK, ctx);
}

/* --- the life of a task --- */

static struct awl_scope *context_scope(const struct awl_task *task)
{
    struct awl_scope *scope = task->scope;
    while (scope != NULL && scope->kind != AWL_SCOPE_CONTEXT)
        scope = scope->outer;
    return scope;
}

static bool has_context(const struct awl_task *task)
{
    return task != NULL &&
           (task->has_context || task->has_item || context_scope(task) != NULL);
}

static int function_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_task *task = (struct awl_task *)ctx;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - 1;
    task->failed = true;
    return 1;
}

/* What a task's coroutine runs: handler, function, arguments. In a pcall, so that
 * <close> variables run while the task can still wait. */
int awl_task_function(lua_State *L)
{
    struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (awl_task_cancel_due(task)) {
        awl_error_push(L, "canceled", "Canceled", "canceled before the task started");
        task->failed = true;
        return 1;
    }
    lua_KContext ctx = (lua_KContext)task;
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, ctx, function_k);
    return function_k(L, status, ctx);
}

struct awl_task *awl_task_spawn(lua_State *L, int nargs)
{
    int function = lua_gettop(L) - nargs;
    luaL_checkstack(L, nargs + 4, "task");

    struct awl_task *task = lua_newuserdatauv(L, sizeof *task, TASK_USER_VALUES);
    memset(task, 0, sizeof *task);
    awl_task_push_metatable(L);
    lua_setmetatable(L, -2);
    if (has_context(awl_runtime(L)->scheduler->current)) {
        awl_task_push_context(L);
        lua_setiuservalue(L, -2, TASK_CONTEXT);
        task->has_context = true;
    }

    task->co = lua_newthread(L);
    lua_setiuservalue(L, -2, TASK_COROUTINE);
    if (!lua_checkstack(task->co, nargs + 3))
        luaL_error(L, "not enough memory");
    lua_insert(L, function);
    lua_pushcfunction(task->co, awl_task_function);
    lua_pushcfunction(task->co, awl_trace_on_error);
    lua_xmove(L, task->co, nargs + 1);
    awl_scheduler_adopt(L, task);
    return task;
}

/* --- the context --- */

void awl_task_push_merged(lua_State *L, int first, int second)
{
    const int sources[] = {first, second};
    lua_newtable(L);
    for (size_t i = 0; i < 2; i++) {
        for (lua_pushnil(L); lua_next(L, sources[i]);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    }
}

/* The task is on top. What it had before may be another task's context as well. */
static void add_item(lua_State *L, struct awl_task *task)
{
    int self = lua_gettop(L);
    luaL_checkstack(L, 8, "context");
    lua_getiuservalue(L, self, TASK_CONTEXT);
    lua_createtable(L, 0, 1);
    lua_getiuservalue(L, self, TASK_ITEM);
    lua_setfield(L, -2, "item");
    if (task->has_context) {
        awl_task_push_merged(L, self + 1, self + 2);
        lua_replace(L, self + 2);
    }
    lua_setiuservalue(L, self, TASK_CONTEXT);
    lua_settop(L, self);
    task->has_context = true;
    task->has_item = false;
}

void awl_task_push_context(lua_State *L)
{
    struct awl_task *task = awl_runtime(L)->scheduler->current;
    if (!has_context(task)) {
        awl_task_push_no_context(L);
        return;
    }
    const struct awl_scope *scope = context_scope(task);
    if (scope != NULL) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, scope->context_ref);
        return;
    }
    awl_task_push(L, task);
    if (task->has_item)
        add_item(L, task);
    lua_getiuservalue(L, -1, TASK_CONTEXT);
    lua_remove(L, -2);
}

/* Few items are ever asked for: the context gets it when somebody wants to see. */
void awl_task_set_item(lua_State *L)
{
    struct awl_task *task = awl_task_check(L);
    awl_task_push(L, task);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, TASK_ITEM);
    lua_pop(L, 1);
    task->has_item = true;
}
