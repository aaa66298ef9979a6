/* where.c - places in a script, for people: who waits where, and why one cannot. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/task_state.h"

/* Chunks of awl's own Lua modules are named after their files under lua/; those of files
 * begin with "@". */
bool awl_where_is_own(const lua_Debug *at)
{
    return strncmp(at->source, "=awl/", 5) == 0;
}

/* The innermost line of Lua on the stack `L`, a script's before one of ours. */
static bool line_of(lua_State *L, lua_Debug *at)
{
    lua_Debug frame;
    bool found = false;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Sl", &frame);
        if (frame.currentline <= 0 || (found && awl_where_is_own(&frame)))
            continue;
        *at = frame;
        found = true;
        if (!awl_where_is_own(&frame))
            return true;
    }
    return found;
}

/* currentline is 0 when nothing is known. */
void awl_where_waiting(const struct awl_task *task, lua_Debug *at)
{
    at->currentline = 0;
    at->short_src[0] = '\0';
    if (awl_task_has_ended(task))
        return;
    bool found = task->at != NULL && line_of(task->at, at);
    if ((!found || awl_where_is_own(at)) && task->at != task->co)
        line_of(task->co, at);
}

/* Replaces the function on top by its name in a loaded library: "table.sort". */
static bool library_name(lua_State *L)
{
    int function = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    for (lua_pushnil(L); lua_next(L, function + 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
            continue;
        for (lua_pushnil(L); lua_next(L, function + 3); lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING || !lua_rawequal(L, -1, function))
                continue;
            const char *module = lua_tostring(L, function + 2);
            const char *name = lua_tostring(L, -2);
            if (strcmp(module, LUA_GNAME) == 0)
                lua_pushstring(L, name);
            else
                lua_pushfstring(L, "%s.%s", module, name);
            lua_replace(L, function);
            lua_settop(L, function);
            return true;
        }
    }
    lua_settop(L, function - 1);
    return false;
}

/* Functions that can be suspended although they are C. */
static bool is_transparent(const char *name)
{
    return strcmp(name, "pcall") == 0 || strcmp(name, "xpcall") == 0 ||
           strcmp(name, "dofile") == 0 || strcmp(name, "require") == 0 ||
           strncmp(name, "coroutine.", 10) == 0 || strncmp(name, "awl", 3) == 0;
}

/* Pushes the name of what stands between the caller and the scheduler: "table.sort",
 * "__gc"; false when it cannot be told. */
static bool barrier_push(lua_State *L)
{
    lua_Debug frame;
    for (int level = 1; lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "Snf", &frame);
        if (*frame.what == 'C') {
            if (library_name(L)) {
                if (!is_transparent(lua_tostring(L, -1)))
                    return true;
                lua_pop(L, 1);
            }
        } else {
            lua_pop(L, 1);
        }
        if (strcmp(frame.namewhat, "metamethod") == 0 &&
            strcmp(frame.name, "__gc") == 0) {
            lua_pushliteral(L, "__gc");
            return true;
        }
    }
    return false;
}

/* luaL_error, but a line of the script's comes before one of ours. */
static int raise_at_line(lua_State *L, const char *format, const char *name)
{
    lua_Debug at;
    if (line_of(L, &at))
        lua_pushfstring(L, "%s:%d: ", at.short_src, at.currentline);
    else
        lua_pushliteral(L, "");
    lua_pushfstring(L, format, name);
    lua_concat(L, 2);
    return lua_error(L);
}

int awl_where_unyieldable(lua_State *L)
{
    const struct awl_scheduler *scheduler = awl_runtime(L)->scheduler;
    const char *words = "cannot wait here: Lua cannot suspend the C code that is between "
                        "this function and the task";
    if (scheduler == NULL || scheduler->current == NULL)
        return luaL_error(L, "this function can only be called in a task");
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    if (barrier_push(L))
        return raise_at_line(L,
                             "cannot wait inside '%s': Lua cannot suspend what it calls",
                             lua_tostring(L, -1));
    if (L != scheduler->running && lua_isyieldable(L))
        words = "cannot wait in a coroutine that a C library resumed";
    return raise_at_line(L, "%s", words);
}

/* --- all tasks, by the line where they wait --- */

#define PLACES_MAX 256 /* different places told apart */
#define PLACES_SHOWN 10

struct place {
    char source[LUA_IDSIZE];
    int line;
    const char *what;
    size_t tasks;
};

struct places {
    struct place list[PLACES_MAX];
    size_t count;
    size_t other; /* tasks at places beyond the list */
};

static void place_count(struct places *places, const struct awl_task *task)
{
    lua_Debug at;
    awl_where_waiting(task, &at);
    const char *what = task->status == TASK_WAITING ? task->what : "ready to run";
    for (size_t i = 0; i < places->count; i++) {
        struct place *place = &places->list[i];
        if (place->line == at.currentline && strcmp(place->what, what) == 0 &&
            strcmp(place->source, at.short_src) == 0) {
            place->tasks++;
            return;
        }
    }
    if (places->count == PLACES_MAX) {
        places->other++;
        return;
    }
    struct place *place = &places->list[places->count++];
    *place = (struct place){.line = at.currentline, .what = what, .tasks = 1};
    memcpy(place->source, at.short_src, sizeof place->source);
}

static int more_tasks_first(const void *a, const void *b)
{
    size_t left = ((const struct place *)a)->tasks;
    size_t right = ((const struct place *)b)->tasks;
    return (left < right) - (left > right);
}

static void place_append(const struct place *place, struct awl_buf *out)
{
    if (place->line > 0)
        awl_buf_printf(out, "  %s:%d", place->source, place->line);
    else
        awl_buf_printf(out, "  (not in Lua)");
    awl_buf_printf(out, "  %s  %zu task%s\n", place->what, place->tasks,
                   place->tasks == 1 ? "" : "s");
}

void awl_scheduler_report_waiting(struct awl_scheduler *scheduler, struct awl_buf *out)
{
    struct places *places = calloc(1, sizeof *places);
    if (places == NULL)
        return;
    for (const struct awl_task *task = scheduler->live.head; task; task = task->next)
        if (task != scheduler->current)
            place_count(places, task);
    qsort(places->list, places->count, sizeof places->list[0], more_tasks_first);

    for (size_t i = 0; i < places->count; i++) {
        if (i < PLACES_SHOWN)
            place_append(&places->list[i], out);
        else
            places->other += places->list[i].tasks;
    }
    if (places->other > 0)
        awl_buf_printf(out, "  elsewhere  %zu tasks\n", places->other);
    free(places);
}
