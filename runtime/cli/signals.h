/* signals.h - what Ctrl-C, a TERM and a closed output do to the program.
 *
 * The first SIGINT, SIGTERM or SIGHUP is offered to the drain slot; else it cancels
 * every task, so that each unwinds, and reports where they were waiting. The next one
 * ends the program at once. A write to a standard output that nobody reads any more
 * cancels everything too, without a word. */
#ifndef AWL_CLI_SIGNALS_H
#define AWL_CLI_SIGNALS_H

#include <lua.h>

#include "base/error.h"
#include "script/runtime.h"

/* Begins to watch; once in a process. */
enum awl_rc awl_signals_init(struct awl_runtime *runtime, struct awl_error *err);

/* Stops watching. The loop must turn once more before it is freed. */
void awl_signals_release(void);

/* The signal that ended the tasks, or 0. */
int awl_signals_received(void);

/* A job or a consumer under way puts its function here: it is called, in the loop,
 * with the first signal, and returns true if it lets the work run out by itself; the
 * second signal then cancels. NULL: none. */
void awl_signals_set_drain(bool (*drain)(void *data, int number), void *data);

/* The module "awl.core.signals": wait() -> the first signal's number, instead of its
 * effect. */
int luaopen_awl_core_signals(lua_State *L);

#endif
