#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum awl_log_level awl_log_threshold = AWL_LOG_WARN;

static const char *const level_names[] = {"debug", "info", "warn", "error", "off"};

bool awl_log_level_parse(const char *word, enum awl_log_level *level)
{
    for (int i = AWL_LOG_DEBUG; i <= AWL_LOG_OFF; i++) {
        if (strcmp(word, level_names[i]) == 0) {
            *level = (enum awl_log_level)i;
            return true;
        }
    }
    return false;
}

static size_t escape(char *out, size_t room, const char *text)
{
    size_t len = 0;
    for (; *text != '\0' && len + 5 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= ' ' && c != 0x7f)
            out[len++] = (char)c;
        else
            len += (size_t)snprintf(out + len, room - len, "\\x%02x", c);
    }
    out[len] = '\0';
    return len;
}

void awl_log(enum awl_log_level level, const char *topic, const char *format, ...)
{
    char text[4096];
    char line[4096 + 64];
    va_list args;

    if (!awl_log_enabled(level) || level >= AWL_LOG_OFF)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    int head = snprintf(line, 64, "awl: %s %s: ", level_names[level], topic);
    size_t len = head > 0 ? (size_t)head : 0;
    if (len > 63)
        len = 63;
    len += escape(line + len, sizeof(line) - len - 1, text);
    line[len++] = '\n';
    fwrite(line, 1, len, stderr);
}
