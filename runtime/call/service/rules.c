#include "call/service/rules.h"

const struct awl_service_rules *const awl_service_rules_all[] = {
    &awl_rules_lambda,        &awl_rules_s3,  &awl_rules_sqs,
    &awl_rules_stepfunctions, &awl_rules_swf, NULL,
};
