#include "model/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE_LEN 65536
#define PRESET (9 | LZMA_PRESET_EXTREME)
#define XZ_MEMORY_MAX (256u << 20)

static enum awl_rc file_read(const char *path, struct awl_buf *out, struct awl_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return awl_error_set(err, errno == ENOENT ? AWL_ENOTFOUND : AWL_EIO,
                             "cannot open '%s': %s", path, strerror(errno));
    enum awl_rc rc = AWL_OK;
    while (rc == AWL_OK && !feof(file) && !ferror(file)) {
        rc = awl_buf_reserve(out, PIECE_LEN);
        if (rc != AWL_OK)
            break;
        size_t len = fread(out->ptr + out->len, 1, PIECE_LEN, file);
        out->len += len;
    }
    if (rc != AWL_OK)
        awl_error_set(err, rc, "'%s' is too large", path);
    else if (ferror(file))
        rc = awl_error_set(err, AWL_EIO, "cannot read '%s': %s", path, strerror(errno));
    fclose(file);
    return rc;
}

static enum awl_rc gunzip(awl_str in, struct awl_buf *out, struct awl_error *err)
{
    if (in.len > UINT_MAX)
        return awl_error_set(err, AWL_ELIMIT, "gzip data is too large");
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory for gzip data");
    int status = Z_OK;
    enum awl_rc rc = AWL_OK;
    while (status == Z_OK && (rc = awl_buf_reserve(out, PIECE_LEN)) == AWL_OK) {
        z.next_out = (Bytef *)out->ptr + out->len;
        z.avail_out = PIECE_LEN;
        status = inflate(&z, Z_NO_FLUSH);
        out->len += PIECE_LEN - z.avail_out;
    }
    inflateEnd(&z);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "gzip data unpacks to too much");
    return status == Z_STREAM_END ? AWL_OK
                                  : awl_error_set(err, AWL_EPARSE, "damaged gzip data");
}

/* Runs a coder over all of `in`. */
static enum awl_rc xz_run(lzma_stream *xz, awl_str in, struct awl_buf *out,
                          struct awl_error *err)
{
    lzma_ret ret = LZMA_OK;
    enum awl_rc rc = AWL_OK;
    xz->next_in = (const uint8_t *)in.ptr;
    xz->avail_in = in.len;
    while (ret == LZMA_OK && (rc = awl_buf_reserve(out, PIECE_LEN)) == AWL_OK) {
        xz->next_out = (uint8_t *)out->ptr + out->len;
        xz->avail_out = PIECE_LEN;
        ret = lzma_code(xz, LZMA_FINISH);
        out->len += PIECE_LEN - xz->avail_out;
    }
    lzma_end(xz);
    if (rc != AWL_OK)
        return awl_error_set(err, rc, "xz data unpacks to too much");
    return ret == LZMA_STREAM_END ? AWL_OK
                                  : awl_error_set(err, AWL_EPARSE, "damaged xz data");
}

static enum awl_rc unxz(awl_str in, struct awl_buf *out, struct awl_error *err)
{
    lzma_stream xz = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&xz, XZ_MEMORY_MAX, 0) != LZMA_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory for xz data");
    return xz_run(&xz, in, out, err);
}

enum awl_rc awl_archive_xz(awl_str bytes, struct awl_buf *out, struct awl_error *err)
{
    lzma_stream xz = LZMA_STREAM_INIT;
    if (lzma_easy_encoder(&xz, PRESET, LZMA_CHECK_CRC64) != LZMA_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory for xz data");
    return xz_run(&xz, bytes, out, err);
}

enum awl_rc awl_archive_read(const char *path, struct awl_buf *out, struct awl_error *err)
{
    awl_str name = awl_str_of(path);
    enum awl_rc (*unpack)(awl_str, struct awl_buf *, struct awl_error *) = NULL;
    if (awl_str_ends(name, STR(".gz")))
        unpack = gunzip;
    else if (awl_str_ends(name, STR(".xz")))
        unpack = unxz;
    if (unpack == NULL)
        return file_read(path, out, err);

    struct awl_buf packed;
    awl_buf_init(&packed, out->max);
    enum awl_rc rc = file_read(path, &packed, err);
    if (rc == AWL_OK) {
        rc = unpack(awl_buf_str(&packed), out, err);
        if (rc != AWL_OK)
            awl_error_prefix(err, "%s", path);
    }
    awl_buf_release(&packed);
    return rc;
}

static bool write_all(int fd, awl_str bytes)
{
    while (bytes.len > 0) {
        ssize_t len = write(fd, bytes.ptr, bytes.len);
        if (len < 0 && errno != EINTR)
            return false;
        bytes = awl_str_slice(bytes, len > 0 ? (size_t)len : 0, bytes.len);
    }
    return true;
}

/* Into a file of its own beside `path`, whose name is left in `part`. */
static bool write_part(struct awl_buf *part, awl_str bytes)
{
    int fd = mkostemp(part->ptr, O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write_all(fd, bytes) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    errno = reason;
    return written;
}

/* A pipe or a device cannot be replaced by a file. */
static bool write_special(const char *path, awl_str bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write_all(fd, bytes);
    return close(fd) == 0 && written;
}

enum awl_rc awl_archive_write(const char *path, awl_str bytes, struct awl_error *err)
{
    struct stat st;
    struct awl_buf part;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        if (write_special(path, bytes))
            return AWL_OK;
        return awl_error_set(err, AWL_EIO, "cannot write '%s': %s", path,
                             strerror(errno));
    }
    awl_buf_init(&part, PATH_MAX);
    if (awl_buf_printf(&part, "%s.XXXXXX", path) != AWL_OK) {
        awl_buf_release(&part);
        return awl_error_set(err, AWL_ELIMIT, "cannot write '%s': path too long", path);
    }
    bool written = write_part(&part, bytes);
    enum awl_rc rc = AWL_OK;
    if (!written || rename(part.ptr, path) != 0) {
        rc = awl_error_set(err, AWL_EIO, "cannot write '%s': %s", path, strerror(errno));
        unlink(part.ptr);
    }
    awl_buf_release(&part);
    return rc;
}
