/* Polly: speech can be had by a URL alone, which a browser plays. */
#include "call/service/rules.h"

const struct awl_service_rules awl_rules_polly = {
    .service = "polly",
    .presign_body = true,
};
