/* task_state.h - what a task consists of; for the files of script/ only. */
#ifndef AWL_SCRIPT_TASK_STATE_H
#define AWL_SCRIPT_TASK_STATE_H

#include <stdint.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "script/collector.h"
#include "script/group.h"
#include "script/scheduler.h"
#include "script/scope.h"
#include "script/task.h"

/* User values of a task. */
enum {
    TASK_COROUTINE = 1,
    TASK_CONTEXT,
    TASK_ITEM,
    TASK_TRACE, /* nil or { error, traceback }: the last error that passed */
    TASK_USER_VALUES = TASK_TRACE,
};

enum task_status {
    TASK_READY,
    TASK_WAITING,
    TASK_RUNNING,
    TASK_DONE,
    TASK_FAILED,
    TASK_CANCELED,
};

struct task_list {
    struct awl_task *head;
    struct awl_task *tail;
};

struct awl_task {
    struct awl_scheduler *scheduler;
    lua_State *co; /* its coroutine, kept by a user value; at the end it holds the
                      results, or the error, and a mark on top */
    lua_State *at; /* where it waits: `co` or a coroutine that the script made in it */
    struct awl_task *ready_next;
    struct awl_task *prev; /* in the scheduler's list of live or of failed tasks */
    struct awl_task *next;

    struct awl_waitable *waiting; /* NULL unless TASK_WAITING */
    const char *what;             /* it waits for, or waited for last */
    lua_KFunction k;
    lua_KContext ctx;
    struct awl_waitable own; /* for sleeping and for queues */
    struct awl_timer timer;
    struct awl_task_queue *queue; /* in which it waits */
    struct awl_task *queue_prev;
    struct awl_task *queue_next;
    struct awl_task_queue joiners; /* who awaits it */

    struct awl_scope *scope; /* the innermost; NULL: only its own, which is `canceled` */
    struct awl_group *group; /* that waits for it; may be NULL */
    struct awl_task *group_prev;
    struct awl_task *group_next;

    uint64_t id;
    uint32_t slot; /* in the table that keeps it */
    uint8_t status;
    int outcome;
    bool has_context; /* the user value is set */
    bool has_item;    /* likewise; the context does not have it yet */
    bool canceled;    /* its own scope */
    bool interrupted; /* the wait ended by a cancel */
    bool held;        /* the wait is not ended by a cancel */
    bool failed;      /* the function raised */
    bool observed;    /* somebody will have seen its error */
};

struct awl_scheduler {
    struct awl_runtime *runtime;
    lua_State *L;
    struct awl_task *current;
    lua_State *running; /* the coroutine of `current` that runs, or NULL */
    unsigned blocked;   /* coroutines under `running` that cannot be suspended */
    unsigned detached;  /* coroutines that were suspended inside a scope */
    struct awl_task *ready_head;
    struct awl_task *ready_tail;
    struct task_list live;
    struct task_list failed; /* ended with an error that nobody has seen */
    size_t live_count;
    size_t failed_count;
    size_t failed_forgotten; /* beyond what is kept */
    struct awl_task *main;
    uint64_t last_id;
    int metatable_ref; /* of tasks */
    const void *metatable;
    int kept_ref; /* a list of the tasks in `live` and `failed` */
    uint32_t kept_count;
    bool canceling;
    bool exiting;
    bool deadlocked;
    int exit_code;
    struct awl_buf deadlock;
    struct awl_collector collector;
    struct awl_loading *loading; /* modules, the first begun first; see require.c */
};

/* On top of a suspended coroutine's stack: it waits; of a task's: it has ended. */
extern const char awl_mark_waiting;
extern const char awl_mark_ended;

/* Whether the mark is on top of the coroutine's stack. */
static inline bool awl_is_marked(lua_State *co, const char *mark)
{
    return lua_gettop(co) > 0 && lua_touserdata(co, -1) == (const void *)mark;
}

static inline bool awl_task_has_ended(const struct awl_task *task)
{
    return task->status >= TASK_DONE;
}

/* scheduler.c */
void awl_scheduler_open(lua_State *L);
void awl_scheduler_adopt(lua_State *L, struct awl_task *task); /* keeps the top one */
void awl_scheduler_unkeep(struct awl_task *task);
void awl_scheduler_make_ready(struct awl_task *task);
void awl_scheduler_uninterrupt(lua_State *L); /* Canceled is raised in another way */
void awl_scheduler_observe(struct awl_task *task);

/* task.c */
bool awl_task_cancel_due(const struct awl_task *task);
void awl_task_interrupt(struct awl_task *task); /* if a cancel is due */
int awl_task_function(lua_State *L);            /* what a task's coroutine runs */

/* task_value.c */
void awl_task_push(lua_State *L, const struct awl_task *task);
void awl_task_push_metatable(lua_State *L);
void awl_task_push_no_context(lua_State *L);
void awl_task_value_open(lua_State *L);

/* where.c */
int awl_where_unyieldable(lua_State *L);    /* raises */
bool awl_where_is_own(const lua_Debug *at); /* needs its source */
void awl_where_waiting(const struct awl_task *task, lua_Debug *at);

/* trace.c */
void awl_trace_replace(lua_State *L, int old, int new);
void awl_trace_inherit(lua_State *L, int from);
void awl_trace_push(lua_State *L, int index);

#endif
