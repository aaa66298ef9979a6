/* turns.h - the adaptive mode's waiting line: who may send next to a service in a region.
 *
 * In order of arrival, with one timer for all. */
#ifndef AWL_CALL_TURNS_H
#define AWL_CALL_TURNS_H

#include "call/client_rate.h"
#include "loop/loop.h"
#include "loop/waitable.h"

struct awl_turns;

/* A place in the line, embedded in what waits. Zeroed memory is in no line. */
struct awl_turn {
    struct awl_turns *turns; /* NULL: in no line */
    struct awl_turn *next, *prev;
    struct awl_waitable waitable; /* signaled when the turn has come; canceling it
                                     leaves the line */
};

/* NULL when out of memory. */
struct awl_turns *awl_turns_new(struct awl_loop *loop);
void awl_turns_free(struct awl_turns *turns); /* nobody may wait. NULL is fine */

/* Asks for a turn. True: it has come. False: wait for turn->waitable. */
bool awl_turns_take(struct awl_turns *turns, struct awl_turn *turn);

/* Leaves the line; does nothing if it is in none. */
void awl_turn_leave(struct awl_turn *turn);

/* After an attempt: did the service throttle it? */
void awl_turns_learn(struct awl_turns *turns, bool throttled);

#endif
