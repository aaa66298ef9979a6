/* scheduler.h - runs the tasks of a state until they have ended.
 *
 * The scheduler takes ready tasks in turn and then lets the loop wait for events.
 * A program has a main task; it ends when that and every spawned task have ended.
 * When the main task fails, or the script calls os.exit, all others are canceled:
 * they unwind, with their <close> variables, before the program ends. */
#ifndef AWL_SCRIPT_SCHEDULER_H
#define AWL_SCRIPT_SCHEDULER_H

#include <lua.h>

#include "base/buf.h"
#include "script/runtime.h"
#include "script/task.h"

/* NULL when out of memory. Made and freed by state.c. */
struct awl_scheduler *awl_scheduler_new(struct awl_runtime *runtime);
void awl_scheduler_free(struct awl_scheduler *scheduler);

/* Before lua_close: no wait or timer of a task will touch its memory any more. */
void awl_scheduler_abandon(struct awl_scheduler *scheduler);

enum awl_run_status {
    AWL_RUN_DONE,     /* the main task returned; its values can be had by awaiting */
    AWL_RUN_FAILED,   /* the main task raised */
    AWL_RUN_CANCELED, /* awl_scheduler_cancel_all ended it */
    AWL_RUN_EXIT,     /* the script called os.exit */
    AWL_RUN_DEADLOCK, /* tasks waited for what could never happen */
};

struct awl_run {
    enum awl_run_status status;
    int exit_code;        /* of AWL_RUN_EXIT */
    const char *deadlock; /* of AWL_RUN_DEADLOCK: who waited, a line each; lives as
                             long as the scheduler does not run again */
};

/* Runs the function and its `nargs` arguments on top of the main state's stack as the
 * main task, until every task has ended; pops them and pushes the task. Errors that
 * nobody awaited, the main task's first, are then had from
 * awl_scheduler_take_unobserved. May be called again. Raises only when out of memory
 * before the start. */
struct awl_run awl_scheduler_run_main(lua_State *L, int nargs);

/* Runs until `task` has ended; the others stay where they are. False when it never
 * will. For a prompt that lets background tasks live between its lines. */
bool awl_scheduler_run_until(lua_State *L, struct awl_task *task);

/* Pushes the next error that nobody awaited and its traceback (a string), and forgets
 * it; false, pushing nothing, when there is none left. */
bool awl_scheduler_take_unobserved(lua_State *L);

/* Errors that nobody awaited and that were dropped because there were too many. */
size_t awl_scheduler_forgotten(const struct awl_scheduler *scheduler);

/* The values that a task which ended in "done" returned: pushes them all and returns
 * their number; one value, the error, for one that failed. */
int awl_scheduler_push_results(lua_State *L, struct awl_task *task);

/* Cancels every task. May be called from a callback of the loop. */
void awl_scheduler_cancel_all(struct awl_scheduler *scheduler);

/* Interrupts a script that computes without ever waiting: the running task raises
 * Canceled at its next instruction. For a signal handler, after cancel_all. */
void awl_scheduler_interrupt(struct awl_scheduler *scheduler);

/* That has happened, in the running coroutine: for C that works for long. It then frees
 * what it holds and returns or raises anything at all. */
bool awl_scheduler_interrupted(lua_State *L);

/* Cancels every task; awl_scheduler_run_main then reports the code. */
void awl_scheduler_request_exit(struct awl_scheduler *scheduler, int code);

/* Appends where tasks wait, most first: "  script.lua:12  http  34 tasks\n"; at most
 * ten lines. */
void awl_scheduler_report_waiting(struct awl_scheduler *scheduler, struct awl_buf *out);

/* How many tasks have not ended. */
size_t awl_scheduler_live(const struct awl_scheduler *scheduler);

#endif
