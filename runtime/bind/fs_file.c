/* The file objects of awl.fs.
 *
 * Reads and writes name their offset, so that what the threads do and where the
 * object stands cannot part. A read or a write that a thread has begun is always
 * waited for, even by a canceled task: the descriptor must not be closed, and its
 * number given to another file, under the thread's hands. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lauxlib.h>

#include "bind/fs.h"
#include "bind/read_format.h"
#include "script/error_value.h"
#include "script/task.h"

#define FILE_OBJECT "awl.file"
#define PIECE_BYTES ((size_t)64 * 1024)
#define BUFFER_MAX ((size_t)1 << 31)

/* The path is user value 1. */
struct file {
    int fd; /* -1: closed, or not open yet */
    bool writes;
    bool appends;
    bool seekable;
    bool closing;         /* closed as soon as nobody uses it any more */
    unsigned users;       /* operations under way */
    int64_t position;     /* of the next byte that read gives or write puts */
    struct awl_buf ahead; /* read already */
    size_t taken;         /* of its bytes; the next one is that at `position` */
};

enum {
    FILE_SELF = 1,
    FILE_ARGUMENT,
    FILE_OP,
    FILE_OFFSET,
};

static struct file *file_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, FILE_OBJECT);
}

static const char *path_of(lua_State *L, int index)
{
    lua_getiuservalue(L, index, 1);
    const char *path = lua_tostring(L, -1);
    lua_pop(L, 1);
    return path;
}

static struct file *open_file_at(lua_State *L, int index)
{
    struct file *file = file_at(L, index);
    if (file->fd < 0 || file->closing)
        luaL_error(L, "the file '%s' is closed", path_of(L, index));
    return file;
}

/* 0, or the errno of a close that failed. */
static int file_close(struct file *file)
{
    int fd = file->fd;
    if (file->users > 0) {
        file->closing = true;
        return 0;
    }
    awl_buf_release(&file->ahead);
    file->fd = -1;
    return fd >= 0 && close(fd) != 0 ? errno : 0;
}

static void file_unuse(struct file *file)
{
    file->users--;
    if (file->users == 0 && file->closing)
        file_close(file);
}

static int file_gc(lua_State *L)
{
    struct file *file = file_at(L, 1);
    file->users = 0;
    file_close(file);
    return 0;
}

/* Waits for the started operation at FILE_OP. */
static int file_wait(lua_State *L, struct file *file, enum awl_rc rc,
                     struct awl_error *err, lua_KFunction k)
{
    if (rc != AWL_OK) {
        awl_error_prefix(err, "%s", path_of(L, FILE_SELF));
        return awl_raise(L, err);
    }
    file->users++;
    return awl_task_wait_held(L, awl_file_op_waitable(awl_fs_op_at(L, FILE_OP)), k, 0);
}

/* ---- reading ---- */

/* What has been read and not yet been given away. */
static awl_str waiting(const struct file *file)
{
    return awl_str_slice(awl_buf_str(&file->ahead), file->taken, file->ahead.len);
}

static void take(struct file *file, size_t len)
{
    file->taken += len;
    file->position += (int64_t)len;
}

static void forget(struct file *file)
{
    awl_buf_clear(&file->ahead);
    file->taken = 0;
}

/* The offset of the byte after those that wait. */
static int64_t end_of_ahead(const struct file *file)
{
    return file->seekable ? file->position + (int64_t)waiting(file).len : -1;
}

static int read_run(lua_State *L);

/* Another task may have read meanwhile: what comes from elsewhere than the buffer's end
 * is dropped, and asked for again if need be. */
static int read_k(lua_State *L, int status, lua_KContext ctx)
{
    struct file *file = file_at(L, FILE_SELF);
    struct awl_file_op *op = awl_fs_op_at(L, FILE_OP);
    int64_t offset = lua_tointeger(L, FILE_OFFSET);

    (void)status;
    (void)ctx;
    file_unuse(file);
    awl_fs_check_result(L, op, path_of(L, FILE_SELF));
    open_file_at(L, FILE_SELF);
    if (offset != end_of_ahead(file))
        return read_run(L);

    bool ended = awl_file_value(op) == 0;
    awl_buf_consume(&file->ahead, file->taken);
    file->taken = 0;
    enum awl_rc rc = awl_buf_append_str(&file->ahead, awl_file_bytes(op));
    if (rc != AWL_OK)
        return awl_raisef(L, rc, "TooLong", "%s: cannot read that much at once",
                          path_of(L, FILE_SELF));
    if (!ended)
        return read_run(L);
    size_t taken = 0;
    awl_read_take(L, awl_read_format_check(L, FILE_ARGUMENT), waiting(file), true,
                  &taken);
    take(file, taken);
    return 1;
}

static int read_more(lua_State *L, struct file *file, struct awl_read_format format)
{
    struct awl_error err = AWL_ERROR_INIT;
    size_t len = PIECE_BYTES;
    int64_t offset = end_of_ahead(file);

    if (format.kind == 'a')
        len = 16 * PIECE_BYTES;
    if (format.kind == 'n' && format.count > waiting(file).len + len)
        len = format.count - waiting(file).len; /* cut to a limit by awl_file_read */
    awl_task_check(L);
    struct awl_file_op *op = awl_fs_op_push(L);
    lua_pushinteger(L, offset);
    return file_wait(L, file, awl_file_read(op, file->fd, len, offset, &err), &err,
                     read_k);
}

/* The file and the format are at their places on the stack. */
static int read_run(lua_State *L)
{
    lua_settop(L, FILE_ARGUMENT);
    struct file *file = open_file_at(L, FILE_SELF);
    struct awl_read_format format = awl_read_format_check(L, FILE_ARGUMENT);
    size_t taken = 0;

    if (!awl_read_take(L, format, waiting(file), false, &taken))
        return read_more(L, file, format);
    take(file, taken);
    return 1;
}

static int file_read(lua_State *L)
{
    open_file_at(L, FILE_SELF);
    return read_run(L);
}

/* A call of the iterator: the file and the format are its upvalues. */
static int lines_next(lua_State *L)
{
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    return read_run(L);
}

static int file_lines(lua_State *L)
{
    open_file_at(L, FILE_SELF);
    awl_read_format_check(L, FILE_ARGUMENT);
    lua_settop(L, FILE_ARGUMENT);
    lua_pushcclosure(L, lines_next, 2);
    return 1;
}

/* ---- writing ---- */

static int write_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    file_unuse(file_at(L, FILE_SELF));
    awl_fs_check_result(L, awl_fs_op_at(L, FILE_OP), path_of(L, FILE_SELF));
    lua_settop(L, FILE_SELF);
    return 1;
}

static int file_write(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct file *file = open_file_at(L, FILE_SELF);
    int last = lua_gettop(L);
    awl_str bytes;

    luaL_argcheck(L, file->writes, 1, "the file is not open for writing");
    for (int i = FILE_ARGUMENT; i <= last; i++)
        luaL_checkstring(L, i);
    if (last == FILE_SELF)
        return 1;
    lua_concat(L, last - FILE_SELF);
    bytes.ptr = lua_tolstring(L, FILE_ARGUMENT, &bytes.len);
    awl_task_check(L);
    forget(file);
    int64_t offset = file->seekable && !file->appends ? file->position : -1;
    enum awl_rc rc = awl_file_write(awl_fs_op_push(L), file->fd, bytes, offset, &err);
    if (rc == AWL_OK)
        file->position += (int64_t)bytes.len;
    return file_wait(L, file, rc, &err, write_k);
}

static int file_sync(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct file *file = open_file_at(L, FILE_SELF);
    awl_task_check(L);
    lua_settop(L, FILE_SELF);
    lua_pushnil(L);
    return file_wait(L, file, awl_file_sync(awl_fs_op_push(L), file->fd, &err), &err,
                     write_k);
}

/* ---- what needs no waiting ---- */

static int64_t size_of(lua_State *L, const struct file *file)
{
    struct stat stat;
    if (fstat(file->fd, &stat) != 0)
        awl_raisef(L, AWL_EIO, NULL, "%s: %s", path_of(L, FILE_SELF), strerror(errno));
    return (int64_t)stat.st_size;
}

static int file_size(lua_State *L)
{
    lua_pushinteger(L, size_of(L, open_file_at(L, FILE_SELF)));
    return 1;
}

static int file_seek(lua_State *L)
{
    static const char *const names[] = {"set", "cur", "end", NULL};
    struct file *file = open_file_at(L, FILE_SELF);
    int whence = luaL_checkoption(L, 2, "cur", names);
    lua_Integer offset = luaL_optinteger(L, 3, 0);
    int64_t base = 0;
    int64_t target;

    luaL_argcheck(L, file->seekable, 1, "the file cannot seek");
    if (whence == 1)
        base = file->position;
    else if (whence == 2)
        base = size_of(L, file);
    if (__builtin_add_overflow(base, offset, &target) || target < 0)
        return luaL_argerror(L, 3, "before the file's start");
    if (target != file->position) {
        forget(file);
        file->position = target;
    }
    lua_pushinteger(L, target);
    return 1;
}

static int file_close_method(lua_State *L)
{
    struct file *file = file_at(L, FILE_SELF);
    int error = file_close(file);
    if (error != 0)
        return awl_raisef(L, AWL_EIO, NULL, "cannot close '%s': %s",
                          path_of(L, FILE_SELF), strerror(error));
    return 0;
}

static int file_tostring(lua_State *L)
{
    struct file *file = file_at(L, FILE_SELF);
    lua_pushfstring(L, "file '%s'%s", path_of(L, FILE_SELF),
                    file->fd < 0 || file->closing ? " (closed)" : "");
    return 1;
}

static void push_metatable(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", file_read},          {"lines", file_lines}, {"write", file_write},
        {"sync", file_sync},          {"size", file_size},   {"seek", file_seek},
        {"close", file_close_method}, {NULL, NULL},
    };
    static const luaL_Reg metamethods[] = {
        {"__gc", file_gc},
        {"__close", file_close_method},
        {"__tostring", file_tostring},
        {NULL, NULL},
    };
    if (!luaL_newmetatable(L, FILE_OBJECT))
        return;
    luaL_setfuncs(L, metamethods, 0);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
}

void awl_fs_push_file(lua_State *L, const char *path)
{
    struct file *file = lua_newuserdatauv(L, sizeof(*file), 1);
    *file = (struct file){.fd = -1};
    awl_buf_init(&file->ahead, BUFFER_MAX);
    push_metatable(L);
    lua_setmetatable(L, -2);
    lua_pushstring(L, path);
    lua_setiuservalue(L, -2, 1);
}

void awl_fs_adopt(lua_State *L, int index, int fd, int flags)
{
    struct file *file = file_at(L, index);
    file->fd = fd;
    file->writes = (flags & O_ACCMODE) != O_RDONLY;
    file->appends = (flags & O_APPEND) != 0;
    file->seekable = lseek(fd, 0, SEEK_CUR) >= 0;
}
