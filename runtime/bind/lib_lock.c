/* awl.core.lock: locks between processes, for awl's own Lua files.
 *
 * try(path) -> lock, or nil while somebody else has it, this process included. The file
 * is made if it is missing, and stays. The lock ends by lock:close(), at the end of its
 * block, when it is collected, and with the process. Raises if there can be no file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <lauxlib.h>

#include "bind/bind.h"
#include "script/error_value.h"

#define LOCK "awl.lock"

static int lock_close(lua_State *L)
{
    int *fd = luaL_checkudata(L, 1, LOCK);
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return 0;
}

static void push_lock(lua_State *L)
{
    static const luaL_Reg methods[] = {{"close", lock_close},
                                       {"__gc", lock_close},
                                       {"__close", lock_close},
                                       {NULL, NULL}};

    int *fd = lua_newuserdatauv(L, sizeof(*fd), 0);
    *fd = -1;
    if (luaL_newmetatable(L, LOCK)) {
        luaL_setfuncs(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
}

static int lock_try(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    push_lock(L);
    int *fd = lua_touserdata(L, -1);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return 1;
    if (*fd >= 0 && errno == EWOULDBLOCK)
        return 0; /* the descriptor goes with the object */
    return awl_raisef(L, AWL_EIO, NULL, "cannot lock %s: %s", path, strerror(errno));
}

int luaopen_awl_core_lock(lua_State *L)
{
    static const luaL_Reg functions[] = {{"try", lock_try}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
