/* log.h - awl's own log: one line an event, on stderr.
 *
 * The level is the process's. Callers never pass secrets: what is logged of a
 * credential is the last four characters of its access key id. */
#ifndef AWL_BASE_LOG_H
#define AWL_BASE_LOG_H

#include <stdbool.h>

enum awl_log_level {
    AWL_LOG_DEBUG,
    AWL_LOG_INFO,
    AWL_LOG_WARN,
    AWL_LOG_ERROR,
    AWL_LOG_OFF,
};

extern enum awl_log_level awl_log_threshold; /* AWL_LOG_WARN at the start */

/* "debug", "info", "warn", "error" or "off"; false for any other word. */
bool awl_log_level_parse(const char *word, enum awl_log_level *level);

static inline bool awl_log_enabled(enum awl_log_level level)
{
    return level >= awl_log_threshold;
}

/* Writes "level topic: text" if the level is enabled. Control characters in the
 * text come out escaped, so a remote server cannot forge lines. */
void awl_log(enum awl_log_level level, const char *topic, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
