/* loop.c - one turn of the event loop, on a real or a fake clock. */
#include "loop/loop.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "loop/loop_private.h"

#define ALARM_MAX_US (INT64_C(24) * 3600 * 1000 * 1000)

static void on_alarm(uv_timer_t *alarm)
{
    (void)alarm; /* it only ends the wait; the turn fires the timers */
}

struct awl_loop *awl_loop_new(struct awl_clock *clock)
{
    struct awl_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->clock = clock;
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return NULL;
    }
    uv_timer_init(&loop->uv, &loop->alarm);
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

static void on_leftover(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        awl_log(AWL_LOG_ERROR, "loop", "a handle of type %s was left open",
                uv_handle_type_name(handle->type));
}

bool awl_loop_free(struct awl_loop *loop)
{
    if (loop == NULL)
        return true;
    awl_process_forget_all(loop);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    if (uv_loop_close(&loop->uv) != 0) {
        uv_walk(&loop->uv, on_leftover, NULL);
        return false; /* handles and threads point to it: leaking is all that is safe */
    }
    free(loop->heap);
    free(loop);
    return true;
}

uv_loop_t *awl_loop_uv(struct awl_loop *loop)
{
    return &loop->uv;
}

struct awl_clock *awl_loop_clock(struct awl_loop *loop)
{
    return loop->clock;
}

void awl_loop_busy(struct awl_loop *loop, int change)
{
    loop->busy += change;
}

void awl_loop_event(struct awl_loop *loop)
{
    loop->events++;
    if (loop->turning)
        uv_stop(&loop->uv);
}

/* libuv's timers come before its wait, and after their callbacks it would wait for a
 * further event: awl_loop_event stops it. */
static void run(struct awl_loop *loop, uv_run_mode mode)
{
    loop->turning = true;
    uv_run(&loop->uv, mode);
    loop->turning = false;
}

/* libuv does not poll unless an active handle is there, so the alarm also stands for
 * the work that no handle shows. */
static void alarm_set(struct awl_loop *loop)
{
    const struct awl_timer *first = awl_timer_first(loop);
    if (first == NULL && loop->busy <= 0) {
        uv_timer_stop(&loop->alarm);
        return;
    }
    int64_t due = first != NULL && !loop->clock->fake ? first->due_us : INT64_MAX;
    if (uv_is_active((uv_handle_t *)&loop->alarm) && loop->alarm_us == due)
        return;

    int64_t delay = ALARM_MAX_US;
    if (due != INT64_MAX)
        delay = due - awl_clock_mono_us(loop->clock);
    if (delay < 0)
        delay = 0;
    if (delay > ALARM_MAX_US)
        delay = ALARM_MAX_US;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->alarm, on_alarm, (uint64_t)(delay + 999) / 1000, 0);
    loop->alarm_us = due;
}

static bool timer_is_due(const struct awl_loop *loop)
{
    const struct awl_timer *first = awl_timer_first(loop);
    return first != NULL && first->due_us <= awl_clock_mono_us(loop->clock);
}

/* Nothing that libuv knows of could be handled at once. */
static bool is_quiet(struct awl_loop *loop)
{
    if (uv_backend_timeout(&loop->uv) == 0)
        return false;
    struct pollfd backend = {.fd = uv_backend_fd(&loop->uv), .events = POLLIN};
    return poll(&backend, 1, 0) == 0;
}

static void turn_fake(struct awl_loop *loop, bool wait)
{
    uint64_t before = loop->events;
    run(loop, UV_RUN_NOWAIT);
    bool fired = awl_timer_fire_due(loop);
    alarm_set(loop);
    if (!wait || fired || loop->events != before || !is_quiet(loop))
        return;

    const struct awl_timer *first = awl_timer_first(loop);
    if (loop->busy > 0 || first == NULL) {
        run(loop, UV_RUN_ONCE);
        return;
    }
    awl_clock_advance(loop->clock, first->due_us - awl_clock_mono_us(loop->clock));
    awl_timer_fire_due(loop);
}

bool awl_loop_turn(struct awl_loop *loop, bool wait)
{
    alarm_set(loop);
    if (!uv_loop_alive(&loop->uv))
        return false;
    if (loop->clock->fake) {
        turn_fake(loop, wait);
        return true;
    }
    /* The alarm has a grain of a millisecond and may come a little early; then this
     * turn ends without an event and the next one sets it again. */
    run(loop, wait && !timer_is_due(loop) ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    awl_timer_fire_due(loop);
    return true;
}
