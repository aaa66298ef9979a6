/* Machine Learning: predictions have a host of their own, which the input names. */
#include "call/service/rules.h"

static const char *endpoint_member(awl_str operation)
{
    return awl_str_eq(operation, STR("Predict")) ? "PredictEndpoint" : NULL;
}

const struct awl_service_rules awl_rules_machinelearning = {
    .service = "machinelearning",
    .endpoint_member = endpoint_member,
};
