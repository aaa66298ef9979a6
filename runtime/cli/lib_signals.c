/* awl.core.signals: for a command that ends by a signal and means to. */
#include <lauxlib.h>

#include "cli/signals.h"
#include "loop/waitable.h"
#include "script/task.h"

/* There is one set of signal handlers in a process, and so one who waits. */
static struct {
    struct awl_waitable waitable;
    int number;
} first;

static bool on_first(void *data, int number)
{
    (void)data;
    first.number = number;
    awl_waitable_signal(&first.waitable);
    return true;
}

static int wait_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_pushinteger(L, first.number);
    return 1;
}

/* wait() -> the number of the first signal, which is then taken as handled; the second
 * one cancels as ever. */
static int signals_wait(lua_State *L)
{
    awl_task_check(L);
    if (first.waitable.wake != NULL)
        return luaL_error(L, "another task waits for signals");
    if (first.number == 0) {
        awl_waitable_init(&first.waitable, "signal", NULL);
        awl_signals_set_drain(on_first, NULL);
    }
    return awl_task_wait(L, &first.waitable, wait_k, 0);
}

int luaopen_awl_core_signals(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"wait", signals_wait},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
