/* scheduler.c - the ready queue, the tasks that live, and the turns of the loop. */
#include "script/scheduler.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/error_value.h"
#include "script/task_state.h"

#define RESUMES_PER_TURN 64 /* so that busy tasks do not keep events waiting */
#define FAILED_MAX 1000     /* errors kept that nobody has awaited yet */
#define DEADLOCK_BYTES 4096

struct awl_scheduler *awl_scheduler_new(struct awl_runtime *runtime)
{
    struct awl_scheduler *scheduler = calloc(1, sizeof *scheduler);
    if (scheduler == NULL)
        return NULL;
    scheduler->runtime = runtime;
    scheduler->L = runtime->L;
    scheduler->kept_ref = LUA_NOREF;
    awl_buf_init(&scheduler->deadlock, DEADLOCK_BYTES);
    return scheduler;
}

void awl_scheduler_free(struct awl_scheduler *scheduler)
{
    if (scheduler == NULL)
        return;
    awl_buf_release(&scheduler->deadlock);
    free(scheduler);
}

void awl_scheduler_open(lua_State *L)
{
    lua_newtable(L);
    awl_runtime(L)->scheduler->kept_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

size_t awl_scheduler_live(const struct awl_scheduler *scheduler)
{
    return scheduler->live_count;
}

size_t awl_scheduler_forgotten(const struct awl_scheduler *scheduler)
{
    return scheduler->failed_forgotten;
}

/* --- which tasks there are --- */

static void list_append(struct task_list *list, struct awl_task *task)
{
    task->next = NULL;
    task->prev = list->tail;
    if (list->tail != NULL)
        list->tail->next = task;
    else
        list->head = task;
    list->tail = task;
}

static void list_prepend(struct task_list *list, struct awl_task *task)
{
    task->prev = NULL;
    task->next = list->head;
    if (list->head != NULL)
        list->head->prev = task;
    else
        list->tail = task;
    list->head = task;
}

static void list_remove(struct task_list *list, struct awl_task *task)
{
    if (task->prev != NULL)
        task->prev->next = task->next;
    else
        list->head = task->next;
    if (task->next != NULL)
        task->next->prev = task->prev;
    else
        list->tail = task->prev;
    task->prev = task->next = NULL;
}

/* The task may be collected from now on. The last one of the table takes its slot. */
void awl_scheduler_unkeep(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    lua_State *L = scheduler->L;
    lua_rawgeti(L, LUA_REGISTRYINDEX, scheduler->kept_ref);
    if (task->slot != scheduler->kept_count) {
        lua_rawgeti(L, -1, scheduler->kept_count);
        struct awl_task *last = lua_touserdata(L, -1);
        last->slot = task->slot;
        lua_rawseti(L, -2, last->slot);
    }
    lua_pushnil(L);
    lua_rawseti(L, -2, scheduler->kept_count--);
    lua_pop(L, 1);
}

void awl_scheduler_adopt(lua_State *L, struct awl_task *task)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    lua_rawgeti(L, LUA_REGISTRYINDEX, scheduler->kept_ref);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, scheduler->kept_count + 1); /* the last that may raise */
    lua_pop(L, 1);

    task->scheduler = scheduler;
    task->slot = ++scheduler->kept_count;
    task->id = ++scheduler->last_id;
    /* What a dying program starts dies with it, unless its cleanup starts it. */
    task->canceled = scheduler->canceling && (scheduler->current == NULL ||
                                              awl_task_cancel_due(scheduler->current));
    task->status = TASK_WAITING;
    list_append(&scheduler->live, task);
    scheduler->live_count++;
    awl_scheduler_make_ready(task);
}

void awl_scheduler_observe(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    if (task->observed)
        return;
    task->observed = true;
    if (task->status != TASK_FAILED)
        return;
    list_remove(&scheduler->failed, task);
    scheduler->failed_count--;
    awl_scheduler_unkeep(task);
}

/* --- running them --- */

void awl_scheduler_make_ready(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    if (task->status != TASK_WAITING)
        return;
    task->status = TASK_READY;
    task->waiting = NULL;
    task->held = false;
    task->ready_next = NULL;
    if (scheduler->ready_tail != NULL)
        scheduler->ready_tail->ready_next = task;
    else
        scheduler->ready_head = task;
    scheduler->ready_tail = task;
}

/* The coroutine could not even run the handler's pcall: out of memory or C stack. */
static void salvage_error(struct awl_task *task)
{
    lua_State *L = task->scheduler->L;
    lua_xmove(task->co, L, 1);
    lua_resetthread(task->co);
    lua_settop(task->co, 0);
    lua_xmove(L, task->co, 1);
    task->failed = true;
}

/* The main task's error comes first. */
static void keep_failed(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    if (task == scheduler->main)
        list_prepend(&scheduler->failed, task);
    else
        list_append(&scheduler->failed, task);
    if (++scheduler->failed_count > FAILED_MAX) {
        scheduler->failed_forgotten++;
        awl_scheduler_observe(scheduler->failed.tail);
    }
}

static void finish(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    task->status = TASK_DONE;
    if (task->failed)
        task->status =
            awl_error_has_code(task->co, -1, "Canceled") ? TASK_CANCELED : TASK_FAILED;
    if (lua_checkstack(task->co, 1))
        lua_pushlightuserdata(task->co, (void *)&awl_mark_ended);
    list_remove(&scheduler->live, task);
    scheduler->live_count--;

    bool grouped = task->group != NULL;
    bool claimed = grouped && awl_group_on_end(task->group, task);
    bool alone = !grouped && task->joiners.head == NULL;
    if (task->status == TASK_FAILED && alone) {
        keep_failed(task);
    } else {
        task->observed = true;
        if (!claimed)
            awl_scheduler_unkeep(task);
    }
    while (awl_task_queue_wake(&task->joiners, 0) != NULL)
        continue;
    if (task == scheduler->main && task->status == TASK_FAILED)
        awl_scheduler_cancel_all(scheduler);
}

static void resume(struct awl_task *task)
{
    struct awl_scheduler *scheduler = task->scheduler;
    lua_State *co = task->co;
    int given = 0;
    if (awl_is_marked(co, &awl_mark_waiting))
        lua_pop(co, 1);
    else if (lua_status(co) == LUA_OK)
        given = lua_gettop(co) - 1;

    task->status = TASK_RUNNING;
    scheduler->current = task;
    scheduler->running = co;
    scheduler->blocked = 0;
    int results;
    int status = lua_resume(co, scheduler->L, given, &results);
    scheduler->current = NULL;
    scheduler->running = NULL;

    if (status == LUA_YIELD && awl_is_marked(co, &awl_mark_waiting))
        return;
    if (status == LUA_YIELD) { /* by a C library; there is nobody to take the values */
        lua_pop(co, results);
        task->status = TASK_WAITING;
        awl_scheduler_make_ready(task);
        return;
    }
    if (status != LUA_OK)
        salvage_error(task);
    finish(task);
}

static void run_ready(struct awl_scheduler *scheduler, const struct awl_task *until)
{
    for (int i = 0; i < RESUMES_PER_TURN && scheduler->ready_head != NULL; i++) {
        struct awl_task *task = scheduler->ready_head;
        scheduler->ready_head = task->ready_next;
        if (scheduler->ready_head == NULL)
            scheduler->ready_tail = NULL;
        resume(task);
        if (until != NULL && awl_task_has_ended(until))
            return;
    }
}

/* Until `until` has ended (NULL: until all have). False: nothing can happen any more. */
static bool run(struct awl_scheduler *scheduler, const struct awl_task *until)
{
    while (until != NULL ? !awl_task_has_ended(until) : scheduler->live_count > 0) {
        run_ready(scheduler, until);
        if (until != NULL ? awl_task_has_ended(until) : scheduler->live_count == 0)
            break;
        awl_collector_pace(&scheduler->collector, scheduler->L);
        bool idle = scheduler->ready_head == NULL;
        if (!awl_loop_turn(scheduler->runtime->loop, idle) && idle &&
            scheduler->ready_head == NULL)
            return false;
    }
    return true;
}

bool awl_scheduler_run_until(lua_State *L, struct awl_task *task)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    scheduler->canceling = false;
    return run(scheduler, task);
}

static enum awl_run_status run_status(const struct awl_scheduler *scheduler,
                                      const struct awl_task *task)
{
    if (scheduler->exiting)
        return AWL_RUN_EXIT;
    if (scheduler->deadlocked)
        return AWL_RUN_DEADLOCK;
    if (task->status == TASK_DONE)
        return AWL_RUN_DONE;
    return task->status == TASK_FAILED ? AWL_RUN_FAILED : AWL_RUN_CANCELED;
}

struct awl_run awl_scheduler_run_main(lua_State *L, int nargs)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    scheduler->canceling = false;
    scheduler->exiting = false;
    scheduler->deadlocked = false;
    awl_buf_clear(&scheduler->deadlock);

    struct awl_task *task = awl_task_spawn(L, nargs);
    scheduler->main = task;
    if (!run(scheduler, NULL)) {
        scheduler->deadlocked = true;
        awl_scheduler_report_waiting(scheduler, &scheduler->deadlock);
        awl_scheduler_cancel_all(scheduler);
        run(scheduler, NULL);
    }
    scheduler->main = NULL;
    return (struct awl_run){.status = run_status(scheduler, task),
                            .exit_code = scheduler->exit_code,
                            .deadlock = awl_buf_cstr(&scheduler->deadlock)};
}

/* --- what came of them --- */

int awl_scheduler_push_results(lua_State *L, struct awl_task *task)
{
    lua_State *co = task->co;
    int count = lua_gettop(co) - 1; /* the mark is on top */
    luaL_checkstack(L, count, "too many results");
    if (!lua_checkstack(co, count))
        return luaL_error(L, "not enough memory");
    for (int i = 1; i <= count; i++)
        lua_pushvalue(co, i);
    lua_xmove(co, L, count);
    return count;
}

static void take(lua_State *L, struct awl_task *task)
{
    awl_task_push(L, task);
    int index = lua_gettop(L);
    awl_scheduler_push_results(L, task);
    awl_trace_push(L, index);
    awl_scheduler_observe(task);
    lua_remove(L, index);
}

bool awl_scheduler_take_unobserved(lua_State *L)
{
    struct awl_task *task = awl_runtime(L)->scheduler->failed.head;
    if (task == NULL)
        return false;
    take(L, task);
    return true;
}

/* --- stopping them --- */

void awl_scheduler_cancel_all(struct awl_scheduler *scheduler)
{
    scheduler->canceling = true;
    for (struct awl_task *task = scheduler->live.head; task; task = task->next)
        awl_task_cancel(task);
}

void awl_scheduler_request_exit(struct awl_scheduler *scheduler, int code)
{
    scheduler->exiting = true;
    scheduler->exit_code = code;
    awl_scheduler_cancel_all(scheduler);
}

static void on_interrupt(lua_State *L, lua_Debug *at)
{
    (void)at;
    lua_sethook(L, NULL, 0, 0);
    awl_error_push(L, "canceled", "Canceled", "interrupted");
    lua_error(L);
}

bool awl_scheduler_interrupted(lua_State *L)
{
    return lua_gethook(L) == on_interrupt;
}

/* Setting a hook is all that Lua allows from a signal handler. */
void awl_scheduler_uninterrupt(lua_State *L)
{
    if (awl_scheduler_interrupted(L))
        lua_sethook(L, NULL, 0, 0);
}

void awl_scheduler_interrupt(struct awl_scheduler *scheduler)
{
    lua_State *running = scheduler->running;
    if (running != NULL)
        lua_sethook(running, on_interrupt,
                    LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void awl_scheduler_abandon(struct awl_scheduler *scheduler)
{
    for (struct awl_task *task = scheduler->live.head; task; task = task->next) {
        awl_timer_stop(scheduler->runtime->loop, &task->timer);
        if (task->waiting != NULL)
            awl_waitable_unwatch(task->waiting);
    }
    scheduler->live = (struct task_list){0};
    scheduler->failed = (struct task_list){0};
    scheduler->ready_head = scheduler->ready_tail = NULL;
    scheduler->live_count = 0;
}
