/* lib_semaphore.c - awl.semaphore: at most so many at a time, first come first served. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "script/task.h"

#define SEMAPHORE "awl.Semaphore"

struct semaphore {
    lua_Integer capacity;
    lua_Integer free;
    struct awl_task_queue waiters;
};

static struct semaphore *semaphore_arg(lua_State *L)
{
    return luaL_checkudata(L, 1, SEMAPHORE);
}

/* The permit was handed over by release: it is never free in between. */
static int acquire_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_settop(L, 1);
    return 1;
}

/* semaphore:acquire() -> semaphore, which gives back the permit when it is closed */
static int semaphore_acquire(lua_State *L)
{
    struct semaphore *semaphore = semaphore_arg(L);
    awl_task_check(L);
    awl_task_raise_if_canceled(L);
    if (semaphore->free == 0)
        return awl_task_wait_in(L, &semaphore->waiters, "semaphore", acquire_k, 0);
    semaphore->free--;
    return acquire_k(L, LUA_OK, 0);
}

/* semaphore:release() */
static int semaphore_release(lua_State *L)
{
    struct semaphore *semaphore = semaphore_arg(L);
    if (awl_task_queue_wake(&semaphore->waiters, 0) != NULL)
        return 0;
    if (semaphore->free == semaphore->capacity)
        return luaL_error(L, "semaphore released more often than acquired");
    semaphore->free++;
    return 0;
}

/* semaphore:available() -> permits that nobody has */
static int semaphore_available(lua_State *L)
{
    lua_pushinteger(L, semaphore_arg(L)->free);
    return 1;
}

static int with_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_gettop(L) - 1;
}

/* With the permit: stack is semaphore, function, arguments. */
static int with_acquired_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_toclose(L, 1);
    lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, with_k);
    return with_k(L, LUA_OK, 0);
}

/* semaphore:with(fn, ...) -> what fn returns */
static int semaphore_with(lua_State *L)
{
    struct semaphore *semaphore = semaphore_arg(L);
    luaL_checkany(L, 2);
    awl_task_check(L);
    awl_task_raise_if_canceled(L);
    if (semaphore->free == 0)
        return awl_task_wait_in(L, &semaphore->waiters, "semaphore", with_acquired_k, 0);
    semaphore->free--;
    return with_acquired_k(L, LUA_OK, 0);
}

static void metatable_push(lua_State *L)
{
    static const luaL_Reg methods[] = {{"acquire", semaphore_acquire},
                                       {"release", semaphore_release},
                                       {"available", semaphore_available},
                                       {"with", semaphore_with},
                                       {NULL, NULL}};
    if (!luaL_newmetatable(L, SEMAPHORE))
        return;
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, semaphore_release);
    lua_setfield(L, -2, "__close");
}

/* semaphore(permits) */
int awl_semaphore_new(lua_State *L)
{
    lua_Integer capacity = luaL_checkinteger(L, 1);
    luaL_argcheck(L, capacity >= 1, 1, "at least 1 expected");
    struct semaphore *semaphore = lua_newuserdatauv(L, sizeof *semaphore, 0);
    *semaphore = (struct semaphore){.capacity = capacity, .free = capacity};
    metatable_push(L);
    lua_setmetatable(L, -2);
    return 1;
}
