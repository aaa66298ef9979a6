/* group.c - tasks that a block waits for. */
#include "script/group.h"

#include <lauxlib.h>

#include "script/error_value.h"
#include "script/task_state.h"

struct awl_group {
    struct awl_scope scope;      /* of the block */
    struct awl_waitable settled; /* no task is left */
    struct awl_task *tasks;
    struct awl_task *failure; /* the first that failed; kept until its error is raised */
    bool dying;               /* what is spawned now is canceled from the start */
    bool closed;
};

static const char metatable_key = 0;

static struct awl_group *group_arg(lua_State *L)
{
    struct awl_group *group = lua_touserdata(L, 1);
    bool same = group != NULL && lua_getmetatable(L, 1);
    if (same) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
        same = lua_rawequal(L, -1, -2);
        lua_pop(L, 2);
    }
    luaL_argexpected(L, same, 1, "group");
    return group;
}

static void cancel_tasks(struct awl_group *group)
{
    for (struct awl_task *task = group->tasks; task; task = task->group_next)
        awl_task_cancel(task);
}

static void kill_tasks(struct awl_group *group)
{
    group->dying = true;
    cancel_tasks(group);
}

static void on_settled_cancel(struct awl_waitable *settled)
{
    kill_tasks(
        (struct awl_group *)((char *)settled - offsetof(struct awl_group, settled)));
}

static void add(struct awl_group *group, struct awl_task *task)
{
    task->group = group;
    task->group_prev = NULL;
    task->group_next = group->tasks;
    if (group->tasks != NULL)
        group->tasks->group_prev = task;
    group->tasks = task;
}

static void take_out(struct awl_group *group, struct awl_task *task)
{
    if (task->group_prev != NULL)
        task->group_prev->group_next = task->group_next;
    else
        group->tasks = task->group_next;
    if (task->group_next != NULL)
        task->group_next->group_prev = task->group_prev;
    task->group = NULL;
}

bool awl_group_on_end(struct awl_group *group, struct awl_task *task)
{
    take_out(group, task);
    bool first = task->status == TASK_FAILED && group->failure == NULL;
    if (first) {
        group->failure = task;
        kill_tasks(group);
        awl_scope_cancel(&group->scope);
    }
    if (group->tasks == NULL)
        awl_waitable_signal(&group->settled);
    return first;
}

/* --- as scripts see it --- */

int awl_group_new(lua_State *L)
{
    awl_task_check(L);
    struct awl_group *group = lua_newuserdatauv(L, sizeof *group, 0);
    *group = (struct awl_group){.scope = {.scheduler = awl_runtime(L)->scheduler}};
    awl_waitable_init(&group->settled, "the tasks of a group", on_settled_cancel);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, -2);
    awl_scope_enter(L, &group->scope, AWL_SCOPE_GROUP);
    return 1;
}

/* group:spawn(fn, ...) -> task */
static int group_spawn(lua_State *L)
{
    struct awl_group *group = group_arg(L);
    luaL_argexpected(L, lua_gettop(L) >= 2, 2, "function");
    if (group->closed)
        return luaL_error(L, "cannot spawn in a group that has ended");
    struct awl_task *task = awl_task_spawn(L, lua_gettop(L) - 2);
    add(group, task);
    if (group->dying)
        task->canceled = true;
    return 1;
}

/* group:cancel(): all its tasks; the block goes on. */
static int group_cancel(lua_State *L)
{
    cancel_tasks(group_arg(L));
    return 0;
}

/* Lets go of what cannot be waited for any more. */
static void orphan(struct awl_group *group)
{
    kill_tasks(group);
    while (group->tasks != NULL)
        take_out(group, group->tasks);
    if (group->failure != NULL)
        awl_scheduler_unkeep(group->failure);
    group->failure = NULL;
}

/* __close(group, err), when all tasks have ended. Canceled from outside wins over all
 * else; then comes an error of the block itself, unless that was only canceled by the
 * failure of a task. */
static int close_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    struct awl_group *group = lua_touserdata(L, 1);
    struct awl_task *failure = group->failure;
    bool quiet = lua_isnil(L, 2) || awl_error_has_code(L, 2, "Canceled");
    group->failure = NULL;
    group->closed = true;
    if (failure == NULL) {
        if (lua_isnil(L, 2))
            awl_task_raise_if_canceled(L);
        return 0;
    }
    awl_task_push(L, failure);
    awl_scheduler_unkeep(failure);
    if (!quiet)
        return 0;
    awl_task_raise_if_canceled(L);
    awl_scheduler_push_results(L, failure);
    awl_trace_inherit(L, 3);
    return lua_error(L);
}

static int group_close(lua_State *L)
{
    struct awl_group *group = group_arg(L);
    lua_settop(L, 2);
    awl_scope_leave(&group->scope);
    if (!lua_isyieldable(L)) { /* coroutine.close */
        orphan(group);
        group->closed = true;
        return 0;
    }
    if (!lua_isnil(L, 2))
        kill_tasks(group);
    if (group->tasks == NULL)
        return close_k(L, LUA_OK, 0);
    awl_waitable_reset(&group->settled);
    return awl_task_wait_held(L, &group->settled, close_k, 0);
}

/* Of a coroutine that was left suspended in the block. */
static int group_gc(lua_State *L)
{
    struct awl_group *group = lua_touserdata(L, 1);
    awl_scope_leave(&group->scope);
    orphan(group);
    return 0;
}

void awl_group_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"spawn", group_spawn}, {"cancel", group_cancel}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"__close", group_close}, {"__gc", group_gc}, {NULL, NULL}};
    luaL_newlib(L, functions);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}
