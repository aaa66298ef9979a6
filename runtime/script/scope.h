/* scope.h - cancel scopes: what a part of a task's work is bounded by.
 *
 * Scopes are userdata that the C function (or Lua chunk) which enters them marks as
 * to be closed, so that they are left on every way out. They belong to the
 * coroutine that entered them: when a script's own coroutine is suspended inside
 * one, the rest of the task is not bound by it. */
#ifndef AWL_SCRIPT_SCOPE_H
#define AWL_SCRIPT_SCOPE_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

struct awl_task;
struct awl_scheduler;

enum awl_scope_kind {
    AWL_SCOPE_TIMEOUT, /* canceled at its deadline; leaving it raises Timeout then */
    AWL_SCOPE_SHIELD,  /* keeps outer cancels away until its deadline */
    AWL_SCOPE_GROUP,   /* canceled by the group of tasks it belongs to */
    AWL_SCOPE_CONTEXT, /* only carries a context */
};

#define AWL_SCOPE_FOREVER INT64_MAX

struct awl_scope {
    struct awl_scheduler *scheduler;
    struct awl_task *task; /* NULL while its coroutine is suspended, and at the end */
    struct awl_scope *outer;
    struct awl_timer timer;
    double seconds; /* of a timeout, for its message */
    int context_ref;
    uint8_t kind;
    bool canceled;
    bool ended; /* a shield: it no longer shields */
};

/* Enters a scope in the running task and pushes it; the caller marks it as to be
 * closed. `delay_us` is AWL_SCOPE_FOREVER for no deadline. A CONTEXT scope takes the
 * table on the stack's top, which is popped. */
struct awl_scope *awl_scope_push(lua_State *L, enum awl_scope_kind kind,
                                 int64_t delay_us);

/* The same for a scope embedded in the caller's userdata. */
void awl_scope_enter(lua_State *L, struct awl_scope *scope, enum awl_scope_kind kind);
void awl_scope_leave(struct awl_scope *scope);

/* The work within it is canceled: at once where it waits, else at its next wait. */
void awl_scope_cancel(struct awl_scope *scope);

/* Takes the scopes above `mark` off the running task, and puts them back. */
struct awl_scope *awl_scope_detach(struct awl_task *task, struct awl_scope *mark);
void awl_scope_attach(struct awl_task *task, struct awl_scope *top);

/* Once a Lua state, before the first scope. */
void awl_scope_open(lua_State *L);

#endif
