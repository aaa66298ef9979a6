/* call_log.h - what --debug tells of a call: one line for each attempt, answer and
 * decision.
 *
 * Names, numbers and codes only: no member of an input or an output, no header, no path
 * or query, no message of a service's; of the keys their last four characters. */
#ifndef AWL_CALL_CALL_LOG_H
#define AWL_CALL_CALL_LOG_H

#include "base/log.h"
#include "call/state.h"

/* To be asked before any of the others. */
static inline bool awl_call_logs(void)
{
    return awl_log_enabled(AWL_LOG_DEBUG);
}

/* The attempt is about to be sent. */
void awl_call_log_attempt(const struct awl_call *call);

/* Its answer, or what came instead. */
void awl_call_log_answer(const struct awl_call *call);

/* It did not succeed: once more after a pause, and why. */
void awl_call_log_again(const struct awl_call *call, const char *why, int64_t delay_us);

/* It did not succeed, and that was it. */
void awl_call_log_end(const struct awl_call *call, const char *why);

#endif
