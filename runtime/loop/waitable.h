/* waitable.h - something that a task can wait for.
 *
 * The one place where I/O and tasks meet. Whoever does the work embeds a waitable
 * in its own structure and signals it from a callback; whoever waits puts a `wake`
 * in it. Signalling calls `wake` at most once for each wait and otherwise only
 * leaves a mark, so a signal that nobody waits for is kept, and a stale one wakes
 * nobody. A waitable has at most one waiter at a time. */
#ifndef AWL_LOOP_WAITABLE_H
#define AWL_LOOP_WAITABLE_H

#include <stdbool.h>
#include <stddef.h>

struct awl_waitable {
    bool signaled;
    const char *what;                          /* for people: "http", "sleep"; static */
    void (*cancel)(struct awl_waitable *self); /* stops the work at once; may be NULL.
                                                  It need not signal */
    void (*wake)(void *waiter);
    void *waiter;
};

static inline void awl_waitable_init(struct awl_waitable *waitable, const char *what,
                                     void (*cancel)(struct awl_waitable *self))
{
    *waitable = (struct awl_waitable){.what = what, .cancel = cancel};
}

/* Forgets an earlier signal, so that the next one can be waited for. */
static inline void awl_waitable_reset(struct awl_waitable *waitable)
{
    waitable->signaled = false;
}

/* The waiter, if any, is told once and forgotten. `waitable` may be gone when this
 * returns: wake runs no Lua but may make a task ready that frees it later. */
static inline void awl_waitable_signal(struct awl_waitable *waitable)
{
    void (*wake)(void *waiter) = waitable->wake;
    void *waiter = waitable->waiter;
    waitable->signaled = true;
    waitable->wake = NULL;
    waitable->waiter = NULL;
    if (wake != NULL)
        wake(waiter);
}

/* Waits: `wake(waiter)` will be called by the next signal. The waitable must be
 * neither signaled nor waited for. */
static inline void awl_waitable_watch(struct awl_waitable *waitable,
                                      void (*wake)(void *waiter), void *waiter)
{
    waitable->wake = wake;
    waitable->waiter = waiter;
}

/* Stops waiting, without stopping the work. */
static inline void awl_waitable_unwatch(struct awl_waitable *waitable)
{
    waitable->wake = NULL;
    waitable->waiter = NULL;
}

#endif
