/* signal.h - signals of the process, as events of the loop.
 *
 * Several watchers of one signal are all told. While the last one is freed, the
 * signal's default action comes back. A watcher does not keep the loop alive. */
#ifndef AWL_LOOP_SIGNAL_H
#define AWL_LOOP_SIGNAL_H

#include "loop/loop.h"
#include "loop/waitable.h"

struct awl_signal;

/* Watches `number` (SIGINT, SIGTERM, SIGHUP, SIGCHLD, ...). NULL with `err` set if
 * that fails. */
struct awl_signal *awl_signal_new(struct awl_loop *loop, int number,
                                  struct awl_error *err);

/* Stops watching; the memory goes in a later turn of the loop. NULL is fine. */
void awl_signal_free(struct awl_signal *signal);

/* Signaled by each arrival. */
struct awl_waitable *awl_signal_waitable(struct awl_signal *signal);

/* Arrivals since the last call, which also resets the waitable. */
unsigned awl_signal_take(struct awl_signal *signal);

/* Instead of (beside) a waitable: calls on_signal(data) at each arrival, from within
 * awl_loop_turn. NULL: no longer. */
void awl_signal_callback(struct awl_signal *signal, void (*on_signal)(void *data),
                         void *data);

/* Ends the process by `number` with its default action, as a shell expects of a
 * program that was interrupted. Returns only if the signal is blocked or ignored. */
void awl_signal_die(int number);

#endif
