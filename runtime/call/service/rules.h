/* rules.h - all services with rules of their own. */
#ifndef AWL_CALL_SERVICE_RULES_H
#define AWL_CALL_SERVICE_RULES_H

#include "call/service.h"

extern const struct awl_service_rules awl_rules_apigateway;
extern const struct awl_service_rules awl_rules_autoscaling;
extern const struct awl_service_rules awl_rules_cloudformation;
extern const struct awl_service_rules awl_rules_cloudsearchdomain;
extern const struct awl_service_rules awl_rules_docdb;
extern const struct awl_service_rules awl_rules_dynamodb;
extern const struct awl_service_rules awl_rules_ec2;
extern const struct awl_service_rules awl_rules_glacier;
extern const struct awl_service_rules awl_rules_iam;
extern const struct awl_service_rules awl_rules_lambda;
extern const struct awl_service_rules awl_rules_logs;
extern const struct awl_service_rules awl_rules_machinelearning;
extern const struct awl_service_rules awl_rules_neptune;
extern const struct awl_service_rules awl_rules_polly;
extern const struct awl_service_rules awl_rules_rds;
extern const struct awl_service_rules awl_rules_route53;
extern const struct awl_service_rules awl_rules_s3;
extern const struct awl_service_rules awl_rules_s3control;
extern const struct awl_service_rules awl_rules_sdb;
extern const struct awl_service_rules awl_rules_sqs;
extern const struct awl_service_rules awl_rules_stepfunctions;
extern const struct awl_service_rules awl_rules_swf;

extern const struct awl_service_rules *const awl_service_rules_all[]; /* ends in NULL */

/* Replaces the table at `input` (none: an empty one) with a copy, so that the caller's
 * own is not changed. Another type stays, for the codec to refuse: false then. */
bool awl_rules_copy_input(lua_State *L, int input);

/* Where the operation has a member `member`, it may be called `alias` too: the table at
 * `input` is replaced by a copy with the member's own name. Raises if both are there. */
void awl_rules_alias(lua_State *L, const struct awl_model *model,
                     const struct awl_operation *operation, int input, const char *member,
                     const char *alias);

/* Pushes the text in base64. */
void awl_rules_push_base64(lua_State *L, awl_str text);

#endif
