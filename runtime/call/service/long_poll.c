/* Services that hold a request for up to a minute until there is something to say. */
#include "call/service/rules.h"

static bool sqs_is_long_poll(awl_str operation)
{
    return awl_str_eq(operation, STR("ReceiveMessage"));
}

static bool stepfunctions_is_long_poll(awl_str operation)
{
    return awl_str_eq(operation, STR("GetActivityTask"));
}

static bool swf_is_long_poll(awl_str operation)
{
    return awl_str_starts(operation, STR("PollFor"));
}

const struct awl_service_rules awl_rules_sqs = {
    .service = "sqs",
    .is_long_poll = sqs_is_long_poll,
};

const struct awl_service_rules awl_rules_stepfunctions = {
    .service = "stepfunctions",
    .is_long_poll = stepfunctions_is_long_poll,
};

const struct awl_service_rules awl_rules_swf = {
    .service = "swf",
    .is_long_poll = swf_is_long_poll,
};
