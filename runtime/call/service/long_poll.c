/* Services that hold a request for up to a minute until there is something to say:
 * the time allowed for an answer must be longer than that. */
#include "call/service/rules.h"

#define LONG_POLL_TIMEOUT_MS (70 * 1000)

static int sqs_read_timeout_ms(awl_str operation)
{
    return awl_str_eq(operation, STR("ReceiveMessage")) ? LONG_POLL_TIMEOUT_MS : 0;
}

static int stepfunctions_read_timeout_ms(awl_str operation)
{
    return awl_str_eq(operation, STR("GetActivityTask")) ? LONG_POLL_TIMEOUT_MS : 0;
}

static int swf_read_timeout_ms(awl_str operation)
{
    return awl_str_starts(operation, STR("PollFor")) ? LONG_POLL_TIMEOUT_MS : 0;
}

const struct awl_service_rules awl_rules_sqs = {
    .service = "sqs",
    .read_timeout_ms = sqs_read_timeout_ms,
};

const struct awl_service_rules awl_rules_stepfunctions = {
    .service = "stepfunctions",
    .read_timeout_ms = stepfunctions_read_timeout_ms,
};

const struct awl_service_rules awl_rules_swf = {
    .service = "swf",
    .read_timeout_ms = swf_read_timeout_ms,
};
