#include "base/error.h"

#include <stdio.h>
#include <string.h>

const char *awl_rc_kind(enum awl_rc rc)
{
    switch (rc) {
    case AWL_ECONFIG:
        return "config";
    case AWL_ETRANSPORT:
    case AWL_EPARSE:
        return "transport";
    case AWL_ETIMEOUT:
        return "timeout";
    case AWL_ECANCELED:
        return "canceled";
    case AWL_OK:
    case AWL_ENOMEM:
    case AWL_ELIMIT:
    case AWL_EINPUT:
    case AWL_ENOTFOUND:
    case AWL_EIO:
        break;
    }
    return "input";
}

static enum awl_rc set(struct awl_error *err, enum awl_rc rc, const char *code,
                       const char *format, va_list args)
{
    if (err == NULL)
        return rc;
    err->rc = rc;
    err->sent = false;
    snprintf(err->code, sizeof(err->code), "%s", code);
    vsnprintf(err->message, sizeof(err->message), format, args);
    return rc;
}

enum awl_rc awl_error_set(struct awl_error *err, enum awl_rc rc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, rc, "", format, args);
    va_end(args);
    return rc;
}

enum awl_rc awl_error_code(struct awl_error *err, enum awl_rc rc, const char *code,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(err, rc, code, format, args);
    va_end(args);
    return rc;
}

enum awl_rc awl_error_prefix(struct awl_error *err, const char *format, ...)
{
    char old[AWL_ERROR_MESSAGE_MAX];
    va_list args;

    if (err == NULL)
        return AWL_OK;
    memcpy(old, err->message, sizeof(old));
    va_start(args, format);
    int len = vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof(err->message) - 3) {
        memcpy(err->message + len, ": ", 2);
        size_t room = sizeof(err->message) - (size_t)len - 3;
        memcpy(err->message + len + 2, old, room); /* `old` is as long as message */
        err->message[sizeof(err->message) - 1] = '\0';
    }
    return err->rc;
}
