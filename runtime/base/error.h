/* error.h - why a C function failed.
 *
 * Functions that can fail return an enum awl_rc, AWL_OK being 0, and take a
 * struct awl_error * last, where they put the words. A caller that does not want
 * them passes NULL. Text: lower case, no full stop, what failed first, the
 * subject in quotes; never a credential. */
#ifndef AWL_BASE_ERROR_H
#define AWL_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum awl_rc {
    AWL_OK = 0,
    AWL_ENOMEM,     /* out of memory */
    AWL_ELIMIT,     /* more bytes, members or levels than the limit allows */
    AWL_EINPUT,     /* the caller's value is wrong: type, name, range */
    AWL_ENOTFOUND,  /* no such file, service, operation, member, profile */
    AWL_ECONFIG,    /* configuration or credentials: what a user must set right */
    AWL_EPARSE,     /* bytes from elsewhere are not what they should be */
    AWL_EIO,        /* a file or a process */
    AWL_ETRANSPORT, /* the network, TLS or a proxy */
    AWL_ETIMEOUT,   /* a time that was allowed has passed */
    AWL_ECANCELED,  /* somebody stopped the work */
};

/* The word scripts see in err.kind: "input", "config", "transport", ... */
const char *awl_rc_kind(enum awl_rc rc);

#define AWL_ERROR_MESSAGE_MAX 2048

struct awl_error {
    enum awl_rc rc;
    char code[48]; /* a name of our own such as "ConnectionRefused"; may be "" */
    bool sent;     /* a request had left this machine when it failed */
    char message[AWL_ERROR_MESSAGE_MAX]; /* cut at the limit, always NUL-terminated */
};

#define AWL_ERROR_INIT                                                                   \
    {                                                                                    \
        .rc = AWL_OK                                                                     \
    }

/* The same where each call comes by: AWL_ERROR_INIT writes all 2 KiB of the message. */
static inline void awl_error_init(struct awl_error *err)
{
    err->rc = AWL_OK;
    err->code[0] = '\0';
    err->sent = false;
    err->message[0] = '\0';
}

/* Fills in `err` unless it is NULL and returns `rc`. The code is left empty. */
enum awl_rc awl_error_set(struct awl_error *err, enum awl_rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a code. */
enum awl_rc awl_error_code(struct awl_error *err, enum awl_rc rc, const char *code,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts words and ": " before the message, for the caller's context. Returns err->rc. */
enum awl_rc awl_error_prefix(struct awl_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
