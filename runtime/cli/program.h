/* program.h - one run of the program: its runtime from the first line to the last. */
#ifndef AWL_CLI_PROGRAM_H
#define AWL_CLI_PROGRAM_H

#include "base/error.h"
#include "cli/options.h"
#include "script/runtime.h"

/* Makes the loop, the Lua state with all that scripts may require, and the signal
 * handling. */
enum awl_rc awl_program_init(struct awl_runtime *runtime,
                             const struct awl_options *options, struct awl_error *err);

/* Ends everything in the order of its dependencies; also after a failed init. Returns as
 * awl_loop_free does. */
bool awl_program_release(struct awl_runtime *runtime);

/* Sets the global `arg` as lua does: argv[script] is arg[0]. Pushes the words after it
 * and returns their number. */
int awl_program_push_arguments(lua_State *L, int argc, char **argv, int script);

/* Runs the function below the `nargs` arguments on top of the stack to the end of all
 * tasks and returns the exit code. `command`: it is one of awl's own. */
int awl_program_run(lua_State *L, int nargs, bool command);

#endif
