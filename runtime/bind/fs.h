/* fs.h - file operations of tasks: what lib_fs.c and fs_file.c share. */
#ifndef AWL_BIND_FS_H
#define AWL_BIND_FS_H

#include <lua.h>

#include "loop/file.h"

/* Pushes a userdata that owns a new operation. */
struct awl_file_op *awl_fs_op_push(lua_State *L);

/* The operation at `index`. */
struct awl_file_op *awl_fs_op_at(lua_State *L, int index);

/* Raises unless the operation has ended well. `path` is for operations that know only
 * a descriptor; may be NULL. */
void awl_fs_check_result(lua_State *L, const struct awl_file_op *op, const char *path);

/* Pushes a file object that owns the descriptor. `path` is for messages. */
void awl_fs_push_file(lua_State *L, const char *path);

/* Gives the file object at `index` its descriptor, opened with `flags`. */
void awl_fs_adopt(lua_State *L, int index, int fd, int flags);

#endif
