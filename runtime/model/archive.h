/* archive.h - whole files, plain or compressed, into memory and back. */
#ifndef AWL_MODEL_ARCHIVE_H
#define AWL_MODEL_ARCHIVE_H

#include "base/buf.h"

/* Appends the bytes of a file; those of *.gz and *.xz decompressed. `out`'s limit
 * holds for what comes out. AWL_ENOTFOUND when there is no such file. */
enum awl_rc awl_archive_read(const char *path, struct awl_buf *out,
                             struct awl_error *err);

/* Writes a file whole or not at all, for all to read: under another name first, put on
 * the disk, then renamed. What is no plain file, such as a pipe, is written to. */
enum awl_rc awl_archive_write(const char *path, awl_str bytes, struct awl_error *err);

/* Appends `bytes` as an xz stream, with one thread and a fixed preset: the same
 * input gives the same bytes. */
enum awl_rc awl_archive_xz(awl_str bytes, struct awl_buf *out, struct awl_error *err);

#endif
