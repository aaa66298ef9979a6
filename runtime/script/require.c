/* require.c - a require that modules may wait in while they load. */
#include "script/require.h"

#include <lauxlib.h>
#include <string.h>

#include "script/task_state.h"

/* A module that is being loaded: a userdata, to be closed, on the stack of require. */
struct awl_loading {
    struct awl_scheduler *scheduler;
    struct awl_task *task; /* that loads it; NULL outside tasks */
    const char *name;      /* kept by the user value */
    struct awl_loading *next;
    struct awl_task_queue waiters;
    bool linked;
};

/* The stack of require while it loads. */
enum { NAME = 1, LOADING, SEARCHERS, TRIED, LOADER, DATA };

static const char metatable_key = 0;
static const char what_module[] = "module";

static struct awl_loading *loading_find(const struct awl_scheduler *scheduler,
                                        const char *name)
{
    struct awl_loading *loading = scheduler->loading;
    while (loading != NULL && strcmp(loading->name, name) != 0)
        loading = loading->next;
    return loading;
}

static void loading_push(lua_State *L)
{
    struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    struct awl_loading *loading = lua_newuserdatauv(L, sizeof *loading, 1);
    *loading = (struct awl_loading){.scheduler = scheduler,
                                    .task = scheduler->current,
                                    .name = lua_tostring(L, NAME),
                                    .linked = true};
    lua_pushvalue(L, NAME);
    lua_setiuservalue(L, -2, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);

    struct awl_loading **last = &scheduler->loading;
    while (*last != NULL)
        last = &(*last)->next;
    *last = loading;
}

/* __close and __gc: those who wait look again, and find the module or load it. */
static int loading_end(lua_State *L)
{
    struct awl_loading *loading = lua_touserdata(L, 1);
    if (!loading->linked)
        return 0;
    loading->linked = false;
    struct awl_loading **link = &loading->scheduler->loading;
    while (*link != loading)
        link = &(*link)->next;
    *link = loading->next;
    while (awl_task_queue_wake(&loading->waiters, 0) != NULL)
        continue;
    return 0;
}

/* --- cycles --- */

/* The module that `task` waits for in require, or NULL. */
static struct awl_loading *awaited_by(const struct awl_task *task)
{
    if (task == NULL || task->queue == NULL || task->what != what_module)
        return NULL;
    return (struct awl_loading *)((char *)task->queue -
                                  offsetof(struct awl_loading, waiters));
}

/* Adds " -> name" for `loading` and what its task began to load after it. */
static void add_path(luaL_Buffer *text, const struct awl_loading *loading)
{
    const struct awl_task *task = loading->task;
    for (; loading != NULL; loading = loading->next) {
        if (loading->task != task)
            continue;
        luaL_addstring(text, loading->name);
        luaL_addstring(text, " -> ");
    }
}

static int raise_cycle(lua_State *L, const struct awl_loading *loading)
{
    const struct awl_task *current = awl_runtime(L)->scheduler->current;
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (const struct awl_loading *at = loading; at != NULL; at = awaited_by(at->task)) {
        add_path(&text, at);
        if (at->task == current)
            break;
    }
    luaL_addstring(&text, loading->name);
    luaL_pushresult(&text);
    return luaL_error(L, "module '%s' requires itself: %s", loading->name,
                      lua_tostring(L, -1));
}

/* Waiting for `loading` would be waiting for the running task itself. */
static bool is_cycle(lua_State *L, const struct awl_loading *loading)
{
    const struct awl_task *current = awl_runtime(L)->scheduler->current;
    while (loading != NULL && loading->task != current)
        loading = awaited_by(loading->task);
    return loading != NULL;
}

/* --- loading --- */

static int loaded_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    if (!lua_isnil(L, -1)) {
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, lua_tostring(L, NAME));
    }
    if (lua_getfield(L, -2, lua_tostring(L, NAME)) == LUA_TNIL) {
        lua_pushboolean(L, true);
        lua_copy(L, -1, -2);
        lua_setfield(L, -4, lua_tostring(L, NAME));
    }
    lua_pushvalue(L, DATA);
    return 2;
}

static int search(lua_State *L, lua_Integer index);

static int searched_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    if (lua_isfunction(L, LOADER)) {
        lua_pushvalue(L, LOADER);
        lua_pushvalue(L, NAME);
        lua_pushvalue(L, DATA);
        lua_callk(L, 2, 1, 0, loaded_k);
        return loaded_k(L, LUA_OK, 0);
    }
    if (lua_isstring(L, LOADER)) {
        lua_pushfstring(L, "%s\n\t%s", lua_tostring(L, TRIED), lua_tostring(L, LOADER));
        lua_replace(L, TRIED);
    }
    lua_settop(L, TRIED);
    return search(L, (lua_Integer)ctx + 1);
}

static int search(lua_State *L, lua_Integer index)
{
    if (lua_rawgeti(L, SEARCHERS, index) == LUA_TNIL)
        return luaL_error(L, "module '%s' not found:%s", lua_tostring(L, NAME),
                          lua_tostring(L, TRIED));
    lua_pushvalue(L, NAME);
    lua_callk(L, 1, 2, (lua_KContext)index, searched_k);
    return searched_k(L, LUA_OK, (lua_KContext)index);
}

static int require_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_settop(L, NAME);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, lua_tostring(L, NAME));
    if (lua_toboolean(L, -1))
        return 1;
    lua_settop(L, NAME);

    struct awl_loading *loading =
        loading_find(awl_runtime(L)->scheduler, lua_tostring(L, NAME));
    if (loading != NULL && is_cycle(L, loading))
        return raise_cycle(L, loading);
    if (loading != NULL)
        return awl_task_wait_in(L, &loading->waiters, what_module, require_k, 0);

    loading_push(L);
    lua_toclose(L, LOADING);
    if (lua_getfield(L, lua_upvalueindex(1), "searchers") != LUA_TTABLE)
        return luaL_error(L, "'package.searchers' must be a table");
    lua_pushliteral(L, "");
    return search(L, 1);
}

/* require(name) -> module, loader data */
static int require(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    return require_k(L, LUA_OK, 0);
}

void awl_require_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"__close", loading_end}, {"__gc", loading_end}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);

    lua_getglobal(L, "package");
    lua_pushcclosure(L, require, 1);
    lua_setglobal(L, "require");
}
