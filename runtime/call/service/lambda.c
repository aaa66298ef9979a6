/* Lambda: an invocation answers when the function has ended, which may take 900 s. */
#include "call/service/rules.h"

#define INVOKE_TIMEOUT_MS (910 * 1000)

static int read_timeout_ms(awl_str operation)
{
    return awl_str_eq(operation, STR("Invoke")) ? INVOKE_TIMEOUT_MS : 0;
}

const struct awl_service_rules awl_rules_lambda = {
    .service = "lambda",
    .read_timeout_ms = read_timeout_ms,
};
