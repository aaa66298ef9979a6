/* signal.c - signals of the process, as events of the loop. */
#include "loop/signal.h"

#include <signal.h>
#include <stdlib.h>

struct awl_signal {
    uv_signal_t handle;
    struct awl_loop *loop;
    struct awl_waitable arrived;
    unsigned count;
    void (*on_signal)(void *data);
    void *data;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_arrival(uv_signal_t *handle, int number)
{
    struct awl_signal *watcher = handle->data;
    (void)number;
    awl_loop_event(watcher->loop);
    watcher->count++;
    if (watcher->on_signal != NULL)
        watcher->on_signal(watcher->data);
    awl_waitable_signal(&watcher->arrived);
}

struct awl_signal *awl_signal_new(struct awl_loop *loop, int number,
                                  struct awl_error *err)
{
    struct awl_signal *watcher = calloc(1, sizeof *watcher);
    if (watcher == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    watcher->loop = loop;
    awl_waitable_init(&watcher->arrived, "signal", NULL);
    int failed = uv_signal_init(awl_loop_uv(loop), &watcher->handle);
    if (failed != 0) {
        free(watcher);
    } else {
        watcher->handle.data = watcher;
        failed = uv_signal_start(&watcher->handle, on_arrival, number);
        if (failed != 0)
            uv_close((uv_handle_t *)&watcher->handle, on_closed);
    }
    if (failed != 0) {
        awl_error_set(err, AWL_EIO, "cannot watch signal %d: %s", number,
                      uv_strerror(failed));
        return NULL;
    }
    uv_unref((uv_handle_t *)&watcher->handle);
    return watcher;
}

void awl_signal_free(struct awl_signal *watcher)
{
    if (watcher == NULL)
        return;
    awl_waitable_unwatch(&watcher->arrived);
    uv_close((uv_handle_t *)&watcher->handle, on_closed);
}

struct awl_waitable *awl_signal_waitable(struct awl_signal *watcher)
{
    return &watcher->arrived;
}

unsigned awl_signal_take(struct awl_signal *watcher)
{
    unsigned count = watcher->count;
    watcher->count = 0;
    awl_waitable_reset(&watcher->arrived);
    return count;
}

void awl_signal_callback(struct awl_signal *watcher, void (*on_signal)(void *data),
                         void *data)
{
    watcher->on_signal = on_signal;
    watcher->data = data;
}

void awl_signal_die(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t set;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}
