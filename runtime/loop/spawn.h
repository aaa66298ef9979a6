/* spawn.h - fork and exec with what libuv's spawn lacks: limits and a tie to the
 * parent. */
#ifndef AWL_LOOP_SPAWN_H
#define AWL_LOOP_SPAWN_H

#include "loop/process.h"

/* Starts the program with stdio[0..2] as its descriptors 0 to 2; they stay open here.
 * Returns 0 and *pid, or an errno (ENOENT: no such program). */
int awl_spawn(const struct awl_process_options *options, const int stdio[3], pid_t *pid);

#endif
