/* group.h - tasks that a part of a task's work waits for.
 *
 * A group is a to-be-closed userdata: leaving its block waits until all its tasks
 * have ended. The first of them to fail cancels the others and the block itself, and
 * its error is raised where the block ends; an error in the block cancels them all.
 * awl.scope, awl.gather and awl.map are made of it. */
#ifndef AWL_SCRIPT_GROUP_H
#define AWL_SCRIPT_GROUP_H

#include <lua.h>
#include <stdbool.h>

struct awl_group;
struct awl_task;

/* Lua: pushes a new group of the running task; `local g <close> = group()`, then
 * g:spawn(fn, ...) -> task, g:cancel(). */
int awl_group_new(lua_State *L);

/* For the scheduler: a task of the group has ended. True if the group keeps it, as it
 * will raise its error. */
bool awl_group_on_end(struct awl_group *group, struct awl_task *task);

/* Once a Lua state, before the first group. */
void awl_group_open(lua_State *L);

#endif
