#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 128 /* bytes of the first allocation */

void awl_buf_init(struct awl_buf *buf, size_t max)
{
    *buf = (struct awl_buf){.max = max};
}

void awl_buf_release(struct awl_buf *buf)
{
    free(buf->ptr);
    awl_buf_init(buf, buf->max);
}

void awl_buf_wipe(struct awl_buf *buf)
{
    if (buf->ptr != NULL)
        explicit_bzero(buf->ptr, buf->cap);
    awl_buf_release(buf);
}

void awl_buf_clear(struct awl_buf *buf)
{
    buf->len = 0;
    buf->rc = AWL_OK;
    if (buf->ptr != NULL)
        buf->ptr[0] = '\0';
}

static enum awl_rc fail(struct awl_buf *buf, enum awl_rc rc)
{
    if (buf->rc == AWL_OK)
        buf->rc = rc;
    return buf->rc;
}

enum awl_rc awl_buf_reserve(struct awl_buf *buf, size_t extra)
{
    if (extra > buf->max - buf->len)
        return fail(buf, AWL_ELIMIT);
    size_t need = buf->len + extra + 1;
    if (need <= buf->cap)
        return AWL_OK;

    size_t cap = buf->cap > 0 ? buf->cap : BUF_FIRST;
    while (cap < need)
        cap = cap < SIZE_MAX / 2 ? cap * 2 : need;
    char *ptr = realloc(buf->ptr, cap);
    if (ptr == NULL)
        return fail(buf, AWL_ENOMEM);
    buf->ptr = ptr;
    buf->cap = cap;
    return AWL_OK;
}

enum awl_rc awl_buf_append_grown(struct awl_buf *buf, const void *bytes, size_t len)
{
    enum awl_rc rc = awl_buf_reserve(buf, len);
    return rc == AWL_OK ? awl_buf_append(buf, bytes, len) : rc;
}

enum awl_rc awl_buf_printf(struct awl_buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        return fail(buf, AWL_EINPUT);
    enum awl_rc rc = awl_buf_reserve(buf, (size_t)len);
    if (rc != AWL_OK)
        return rc;
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
    return AWL_OK;
}

enum awl_rc awl_buf_append_int64(struct awl_buf *buf, int64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    return awl_buf_append(buf, digits + at, sizeof(digits) - at);
}

void awl_buf_truncate(struct awl_buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->ptr[len] = '\0';
}

void awl_buf_consume(struct awl_buf *buf, size_t len)
{
    if (len >= buf->len) {
        awl_buf_truncate(buf, 0);
        return;
    }
    memmove(buf->ptr, buf->ptr + len, buf->len - len + 1);
    buf->len -= len;
}
