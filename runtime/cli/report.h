/* report.h - how a run that failed is told, and with which exit code it ends. */
#ifndef AWL_CLI_REPORT_H
#define AWL_CLI_REPORT_H

#include <stdbool.h>
#include <lua.h>

#include "script/scheduler.h"

enum awl_exit {
    AWL_EXIT_OK = 0,
    AWL_EXIT_SCRIPT = 2, /* an uncaught error */
    AWL_EXIT_GUARD = 3,
    AWL_EXIT_USAGE = 252,
    AWL_EXIT_CONFIG = 253,
    AWL_EXIT_SERVICE = 254,
    AWL_EXIT_OTHER = 255,
};

/* Prints "awl: " and the words on stderr. */
void awl_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints every error that nobody awaited, and a deadlock. Returns the exit code: of a
 * script, or of one of awl's own commands, whose errors come without a traceback. */
int awl_report_run(lua_State *L, const struct awl_run *run, bool command);

/* Flushes the standard output; false, with a message, if not all of it was written. A
 * pipe that nobody reads any more is no failure. */
bool awl_report_output(void);

#endif
