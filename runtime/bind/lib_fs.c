/* awl.core.fs: what awl.fs is made of; the manual is lua/awl/types/fs.lua.
 *
 * Each function leaves its arguments and an operation on the stack and waits for it. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <lauxlib.h>
#include <uv.h>

#include "bind/bind.h"
#include "bind/fs.h"
#include "script/error_value.h"
#include "script/task.h"

#define OP "awl.file_op"

static int op_gc(lua_State *L)
{
    struct awl_file_op **box = luaL_checkudata(L, 1, OP);
    awl_file_op_free(*box);
    *box = NULL;
    return 0;
}

struct awl_file_op *awl_fs_op_push(lua_State *L)
{
    struct awl_file_op **box = lua_newuserdatauv(L, sizeof(struct awl_file_op *), 0);
    *box = NULL;
    if (luaL_newmetatable(L, OP)) {
        lua_pushcfunction(L, op_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *box = awl_file_op_new(awl_runtime(L)->loop);
    if (*box == NULL)
        luaL_error(L, "not enough memory");
    return *box;
}

struct awl_file_op *awl_fs_op_at(lua_State *L, int index)
{
    return *(struct awl_file_op **)luaL_checkudata(L, index, OP);
}

void awl_fs_check_result(lua_State *L, const struct awl_file_op *op, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    enum awl_rc rc = awl_file_result(op, &err);
    if (rc == AWL_OK)
        return;
    if (rc == AWL_ECANCELED)
        awl_task_raise_if_canceled(L);
    if (path != NULL)
        awl_error_prefix(&err, "%s", path);
    awl_raise(L, &err);
}

/* A path that C would cut at a zero byte is refused. */
static const char *check_path(lua_State *L, int index)
{
    size_t len;
    const char *path = luaL_checklstring(L, index, &len);
    luaL_argcheck(L, strlen(path) == len, index, "the path contains a zero byte");
    return path;
}

/* With the operation, started or not, on the stack's top. */
static int wait_for(lua_State *L, enum awl_rc rc, const struct awl_error *err,
                    lua_KFunction k)
{
    if (rc != AWL_OK)
        return awl_raise(L, err);
    return awl_task_wait(L, awl_file_op_waitable(awl_fs_op_at(L, -1)), k, lua_gettop(L));
}

static int no_result_k(lua_State *L, int status, lua_KContext op)
{
    (void)status;
    awl_fs_check_result(L, awl_fs_op_at(L, (int)op), NULL);
    return 0;
}

static int fs_rename(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *from = check_path(L, 1);
    const char *to = check_path(L, 2);
    awl_task_check(L);
    enum awl_rc rc = awl_file_rename(awl_fs_op_push(L), from, to, &err);
    return wait_for(L, rc, &err, no_result_k);
}

static int on_path(lua_State *L,
                   enum awl_rc (*start)(struct awl_file_op *op, const char *path,
                                        struct awl_error *err),
                   lua_KFunction k)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *path = check_path(L, 1);
    awl_task_check(L);
    return wait_for(L, start(awl_fs_op_push(L), path, &err), &err, k);
}

static int fs_unlink(lua_State *L)
{
    return on_path(L, awl_file_unlink, no_result_k);
}

static int fs_rmdir(lua_State *L)
{
    return on_path(L, awl_file_rmdir, no_result_k);
}

static enum awl_rc make_directory(struct awl_file_op *op, const char *path,
                                  struct awl_error *err)
{
    return awl_file_mkdir(op, path, 0777, err);
}

static int fs_mkdir(lua_State *L)
{
    return on_path(L, make_directory, no_result_k);
}

static int list_k(lua_State *L, int status, lua_KContext index)
{
    struct awl_file_op *op = awl_fs_op_at(L, (int)index);
    const char *name;
    lua_Integer count = 0;

    (void)status;
    awl_fs_check_result(L, op, NULL);
    lua_newtable(L);
    while ((name = awl_file_next_name(op)) != NULL) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static int fs_list(lua_State *L)
{
    return on_path(L, awl_file_list, list_k);
}

static int stat_k(lua_State *L, int status, lua_KContext index)
{
    static const char *const kinds[] = {"file", "directory", "other"};
    struct awl_file_op *op = awl_fs_op_at(L, (int)index);
    struct awl_file_stat stat;

    (void)status;
    awl_fs_check_result(L, op, NULL);
    awl_file_stat_get(op, &stat);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, kinds[stat.kind]);
    lua_setfield(L, -2, "type");
    lua_pushinteger(L, stat.size_bytes);
    lua_setfield(L, -2, "size");
    lua_pushnumber(L, (lua_Number)stat.modified_ms / 1000);
    lua_setfield(L, -2, "modified");
    lua_pushinteger(L, (lua_Integer)stat.mode);
    lua_setfield(L, -2, "mode");
    return 1;
}

static int fs_stat(lua_State *L)
{
    return on_path(L, awl_file_stat, stat_k);
}

/* fopen's modes; the b of "rb" means nothing here; "x" as in C11. */
static int check_mode(lua_State *L, int index)
{
    const char *mode = luaL_optstring(L, index, "r");
    bool update = strchr(mode, '+') != NULL;
    int flags = 0;

    if (strspn(mode, "rwab+x") != strlen(mode))
        luaL_argerror(L, index, "invalid mode");
    switch (*mode) {
    case 'r':
        return update ? O_RDWR : O_RDONLY;
    case 'w':
        flags = O_CREAT | (strchr(mode, 'x') != NULL ? O_EXCL : O_TRUNC);
        break;
    case 'a':
        flags = O_CREAT | O_APPEND;
        break;
    default:
        luaL_argerror(L, index, "invalid mode");
    }
    return flags | (update ? O_RDWR : O_WRONLY);
}

enum {
    OPEN_PATH = 1,
    OPEN_FLAGS,
    OPEN_FILE,
    OPEN_OP,
};

static int open_k(lua_State *L, int status, lua_KContext ctx)
{
    struct awl_file_op *op = awl_fs_op_at(L, OPEN_OP);
    (void)status;
    (void)ctx;
    awl_fs_check_result(L, op, NULL);
    awl_fs_adopt(L, OPEN_FILE, (int)awl_file_value(op),
                 (int)lua_tointeger(L, OPEN_FLAGS));
    lua_settop(L, OPEN_FILE);
    return 1;
}

static int fs_open(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    const char *path = check_path(L, OPEN_PATH);
    int flags = check_mode(L, 2);
    int mode = (int)luaL_optinteger(L, 3, 0666) & 0777;

    awl_task_check(L);
    lua_settop(L, OPEN_PATH);
    lua_pushinteger(L, flags);
    awl_fs_push_file(L, path);
    enum awl_rc rc = awl_file_open(awl_fs_op_push(L), path, flags, mode, &err);
    return wait_for(L, rc, &err, open_k);
}

/* home() -> the user's folder, nil if it cannot be known. Does not wait. */
static int fs_home(lua_State *L)
{
    char path[4096];
    size_t len = sizeof(path);
    if (uv_os_homedir(path, &len) != 0 || len == 0)
        return 0;
    lua_pushlstring(L, path, len);
    return 1;
}

/* others_may_read(path) -> boolean: every user of the machine can. False for a file that
 * is not there. Does not wait. */
static int fs_others_may_read(lua_State *L)
{
    struct stat status;
    const char *path = check_path(L, 1);
    lua_pushboolean(L, stat(path, &status) == 0 && (status.st_mode & S_IROTH) != 0);
    return 1;
}

int luaopen_awl_core_fs(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"open", fs_open},     {"stat", fs_stat},
        {"list", fs_list},     {"rename", fs_rename},
        {"unlink", fs_unlink}, {"mkdir", fs_mkdir},
        {"rmdir", fs_rmdir},   {"others_may_read", fs_others_may_read},
        {"home", fs_home},     {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
