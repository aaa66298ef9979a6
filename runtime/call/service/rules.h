/* rules.h - all services with rules of their own. */
#ifndef AWL_CALL_SERVICE_RULES_H
#define AWL_CALL_SERVICE_RULES_H

#include "call/service.h"

extern const struct awl_service_rules awl_rules_lambda;
extern const struct awl_service_rules awl_rules_s3;
extern const struct awl_service_rules awl_rules_sqs;
extern const struct awl_service_rules awl_rules_stepfunctions;
extern const struct awl_service_rules awl_rules_swf;

extern const struct awl_service_rules *const awl_service_rules_all[]; /* ends in NULL */

#endif
