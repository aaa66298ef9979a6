/* buf.h - a growing byte buffer with a limit.
 *
 * Each buffer is given the most bytes it may ever hold: remote data never
 * decides how much memory we use. Appending reports failure at once and the
 * buffer remembers it, so a writer may append many times and ask once at the
 * end with awl_buf_rc(). The bytes are followed by a NUL that does not count. */
#ifndef AWL_BASE_BUF_H
#define AWL_BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct awl_buf {
    char *ptr; /* NULL until the first append */
    size_t len;
    size_t cap;     /* bytes allocated, the NUL's included */
    size_t max;     /* len never exceeds it */
    enum awl_rc rc; /* the first failure; sticky until clear or release */
};

/* Holds at most `max` bytes. Allocates nothing. */
void awl_buf_init(struct awl_buf *buf, size_t max);

/* Frees the bytes; the buffer may be used again. */
void awl_buf_release(struct awl_buf *buf);

/* As release, after overwriting the bytes: for secrets. */
void awl_buf_wipe(struct awl_buf *buf);

/* Empties the buffer and forgets a failure; the memory is kept. */
void awl_buf_clear(struct awl_buf *buf);

/* Makes room for `extra` more bytes. */
enum awl_rc awl_buf_reserve(struct awl_buf *buf, size_t extra);

enum awl_rc awl_buf_printf(struct awl_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum awl_rc awl_buf_append_int64(struct awl_buf *buf, int64_t value);

/* awl_buf_append where there is no room yet. */
enum awl_rc awl_buf_append_grown(struct awl_buf *buf, const void *bytes, size_t len);

/* All or nothing: AWL_ELIMIT beyond `max`, AWL_ENOMEM. */
static inline enum awl_rc awl_buf_append(struct awl_buf *buf, const void *bytes,
                                         size_t len)
{
    if (len >= buf->cap - buf->len || len > buf->max - buf->len)
        return awl_buf_append_grown(buf, bytes, len);
    if (len > 0)
        memcpy(buf->ptr + buf->len, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return AWL_OK;
}

static inline enum awl_rc awl_buf_append_str(struct awl_buf *buf, awl_str text)
{
    return awl_buf_append(buf, text.ptr, text.len);
}

static inline enum awl_rc awl_buf_append_char(struct awl_buf *buf, char c)
{
    return awl_buf_append(buf, &c, 1);
}

/* Cuts the buffer to its first `len` bytes. */
void awl_buf_truncate(struct awl_buf *buf, size_t len);

/* Drops the first `len` bytes. */
void awl_buf_consume(struct awl_buf *buf, size_t len);

/* The first failure since init, clear or release. */
static inline enum awl_rc awl_buf_rc(const struct awl_buf *buf)
{
    return buf->rc;
}

/* The bytes, until the buffer is changed. */
static inline awl_str awl_buf_str(const struct awl_buf *buf)
{
    return (awl_str){buf->ptr, buf->len};
}

/* The bytes as a C string; "" when empty. */
static inline const char *awl_buf_cstr(const struct awl_buf *buf)
{
    return buf->ptr != NULL ? buf->ptr : "";
}

#endif
