#include "call/turns.h"

#include <stddef.h>
#include <stdlib.h>

struct awl_turns {
    struct awl_loop *loop;
    struct awl_client_rate rate;
    struct awl_turn *first, *last;
    struct awl_timer timer;
};

static double now_s(const struct awl_turns *turns)
{
    return (double)awl_clock_mono_us(awl_loop_clock(turns->loop)) / 1e6;
}

struct awl_turns *awl_turns_new(struct awl_loop *loop)
{
    struct awl_turns *turns = calloc(1, sizeof(*turns));
    if (turns == NULL)
        return NULL;
    turns->loop = loop;
    awl_client_rate_init(&turns->rate, now_s(turns));
    return turns;
}

void awl_turns_free(struct awl_turns *turns)
{
    if (turns == NULL)
        return;
    awl_timer_stop(turns->loop, &turns->timer);
    free(turns);
}

void awl_turn_leave(struct awl_turn *turn)
{
    struct awl_turns *turns = turn->turns;
    if (turns == NULL)
        return;
    if (turn->prev != NULL)
        turn->prev->next = turn->next;
    else
        turns->first = turn->next;
    if (turn->next != NULL)
        turn->next->prev = turn->prev;
    else
        turns->last = turn->prev;
    turn->turns = NULL;
    if (turns->first == NULL)
        awl_timer_stop(turns->loop, &turns->timer);
}

static void on_cancel(struct awl_waitable *waitable)
{
    awl_turn_leave(
        (struct awl_turn *)((char *)waitable - offsetof(struct awl_turn, waitable)));
}

static void on_timer(struct awl_timer *timer);

/* Calls up as many as there are tokens for. */
static void call_up(struct awl_turns *turns)
{
    while (turns->first != NULL) {
        struct awl_turn *turn = turns->first;
        double wait_s = awl_client_rate_take(&turns->rate, now_s(turns));
        /* Rounded up: the clock must not stand just before the moment. */
        if (wait_s > 0 &&
            awl_timer_start(turns->loop, &turns->timer, (int64_t)(wait_s * 1e6) + 1,
                            on_timer) == AWL_OK)
            return;
        awl_turn_leave(turn); /* without a timer nobody is left waiting for ever */
        awl_waitable_signal(&turn->waitable);
    }
}

static void on_timer(struct awl_timer *timer)
{
    call_up((struct awl_turns *)((char *)timer - offsetof(struct awl_turns, timer)));
}

bool awl_turns_take(struct awl_turns *turns, struct awl_turn *turn)
{
    if (turns->first == NULL && awl_client_rate_take(&turns->rate, now_s(turns)) <= 0)
        return true;
    awl_waitable_init(&turn->waitable, "sending rate", on_cancel);
    turn->turns = turns;
    turn->next = NULL;
    turn->prev = turns->last;
    if (turns->last != NULL)
        turns->last->next = turn;
    else
        turns->first = turn;
    turns->last = turn;
    if (turns->first == turn)
        call_up(turns);
    return turn->turns == NULL;
}

void awl_turns_learn(struct awl_turns *turns, bool throttled)
{
    awl_client_rate_learn(&turns->rate, throttled, now_s(turns));
    if (turns->first != NULL)
        call_up(turns);
}
