/* body:save(path): from the socket to a file without passing through Lua. The bytes
 * go to a file beside `path`, which takes its name at the end: no reader ever sees
 * half of it, and a failure leaves what was there.
 *
 * What a thread has begun is always waited for, even by a canceled task: the descriptor
 * must not be closed, and its number given to another file, under the thread's hands. */
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "call/body_private.h"
#include "loop/file.h"
#include "script/error_value.h"
#include "script/task.h"

static const char save_type[] = "awl.BodySave";

enum {
    SAVE_BODY = 1,
    SAVE_PATH = 2,
    SAVE_STATE = 3,
};

enum save_stage {
    SAVE_OPENING,
    SAVE_READING,
    SAVE_WRITING,
    SAVE_CLOSING,
    SAVE_RENAMING,
};

struct save {
    struct awl_file_op *op;
    int fd;     /* -1: not open */
    char *part; /* the name while it is written; NULL once renamed */
    enum save_stage stage;
    lua_Integer written;
};

/* Removes what was begun. */
static int save_gc(lua_State *L)
{
    struct save *save = lua_touserdata(L, 1);
    awl_file_op_free(save->op);
    if (save->fd >= 0)
        close(save->fd);
    if (save->part != NULL)
        unlink(save->part);
    free(save->part);
    *save = (struct save){.fd = -1};
    return 0;
}

/* Also after an error or a cancellation: then the bytes that have been taken are lost,
 * and nobody shall take the rest for the whole. */
static int save_close(lua_State *L)
{
    const struct save *save = lua_touserdata(L, 1);
    lua_getiuservalue(L, 1, 1);
    struct awl_body *body = lua_touserdata(L, -1);
    body->saving = false;
    if (save->written > 0)
        awl_body_close(body);
    return save_gc(L);
}

/* Its user value is its body. */
static struct save *save_push(lua_State *L)
{
    struct save *save = lua_newuserdatauv(L, sizeof(*save), 1);
    *save = (struct save){.fd = -1};
    lua_pushvalue(L, SAVE_BODY);
    lua_setiuservalue(L, -2, 1);
    if (luaL_newmetatable(L, save_type)) {
        lua_pushcfunction(L, save_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, save_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return save;
}

static char *part_name(lua_State *L, const char *path)
{
    size_t size = strlen(path) + 24;
    char *name = malloc(size);
    if (name != NULL)
        snprintf(name, size, "%s.%08x.part", path,
                 (unsigned)awl_random_next(&awl_runtime(L)->random));
    return name;
}

static int save_run(lua_State *L);

static int save_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return save_run(L);
}

static void check(lua_State *L, enum awl_rc rc, struct awl_error *err)
{
    if (rc == AWL_OK)
        return;
    awl_error_prefix(err, "cannot save the body to '%s'", lua_tostring(L, SAVE_PATH));
    awl_raise(L, err);
}

/* Starts the next operation on the file, or says that there is nothing to write yet. */
static bool next_write(lua_State *L, struct awl_body *body, struct save *save)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str pending = awl_body_pending(body);
    awl_str bytes = pending.len > 0 ? pending : awl_transfer_body(body->transfer);
    if (bytes.len == 0)
        return false;
    check(L, awl_file_write(save->op, save->fd, bytes, -1, &err), &err);
    save->written += (lua_Integer)bytes.len;
    if (pending.len > 0) {
        awl_buf_clear(&body->pending);
        body->handed_out = 0;
    } else {
        awl_body_seen(body, bytes);
        awl_transfer_take(body->transfer, bytes.len);
    }
    return true;
}

static struct awl_waitable *read_stage(lua_State *L, struct awl_body *body,
                                       struct save *save)
{
    struct awl_error err = AWL_ERROR_INIT;

    awl_body_check_open(L, body);
    if (next_write(L, body, save)) {
        save->stage = SAVE_WRITING;
        return awl_file_op_waitable(save->op);
    }
    if (!awl_transfer_ended(body->transfer))
        return awl_body_readable(L, body);
    awl_body_check_end(L, body);
    check(L, awl_file_close(save->op, save->fd, &err), &err);
    save->stage = SAVE_CLOSING;
    return awl_file_op_waitable(save->op);
}

static void rename_part(lua_State *L, struct save *save)
{
    struct awl_error err = AWL_ERROR_INIT;
    save->stage = SAVE_RENAMING;
    check(L, awl_file_rename(save->op, save->part, lua_tostring(L, SAVE_PATH), &err),
          &err);
}

static int save_run(lua_State *L)
{
    struct awl_body *body = awl_body_check(L, SAVE_BODY);
    struct save *save = luaL_checkudata(L, SAVE_STATE, save_type);
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_waitable *next = awl_file_op_waitable(save->op);

    enum awl_rc rc =
        save->stage != SAVE_READING ? awl_file_result(save->op, &err) : AWL_OK;

    if (save->stage == SAVE_CLOSING && rc != AWL_ECANCELED)
        save->fd = -1;
    if (save->stage != SAVE_RENAMING || rc == AWL_ECANCELED)
        awl_task_raise_if_canceled(L);
    check(L, rc, &err);
    switch (save->stage) {
    case SAVE_OPENING:
        save->fd = (int)awl_file_value(save->op);
        save->stage = SAVE_READING;
        next = read_stage(L, body, save);
        break;
    case SAVE_READING:
    case SAVE_WRITING:
        save->stage = SAVE_READING;
        next = read_stage(L, body, save);
        break;
    case SAVE_CLOSING:
        rename_part(L, save);
        break;
    case SAVE_RENAMING:
        free(save->part);
        save->part = NULL;
        awl_body_close(body);
        lua_pushinteger(L, save->written);
        return 1;
    }
    return save->stage == SAVE_READING ? awl_task_wait(L, next, save_k, 0)
                                       : awl_task_wait_held(L, next, save_k, 0);
}

int awl_body_save(lua_State *L)
{
    struct awl_body *body = awl_body_check_free(L);
    const char *path = luaL_checkstring(L, SAVE_PATH);
    struct awl_error err = AWL_ERROR_INIT;

    lua_settop(L, SAVE_PATH);
    struct save *save = save_push(L);
    lua_toclose(L, SAVE_STATE);
    body->saving = true;
    save->op = awl_file_op_new(awl_runtime(L)->loop);
    save->part = part_name(L, path);
    if (save->op == NULL || save->part == NULL)
        return luaL_error(L, "not enough memory");
    check(L, awl_file_open(save->op, save->part, O_WRONLY | O_CREAT | O_EXCL, 0666, &err),
          &err);
    return awl_task_wait_held(L, awl_file_op_waitable(save->op), save_k, 0);
}
