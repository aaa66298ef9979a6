/* s3.h - the parts of S3's rules; see s3.c. */
#ifndef AWL_CALL_SERVICE_S3_H
#define AWL_CALL_SERVICE_S3_H

#include "call/service.h"

void awl_s3_before_input(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int input);

/* Where calls go; see s3_endpoint.c. */
void awl_s3_before_endpoint(const struct awl_client *client,
                            const struct awl_operation *operation,
                            struct awl_endpoint_value *values);
enum awl_redirect awl_s3_redirect(lua_State *L, const struct awl_call *call);

/* Lists of objects have keys that XML cannot carry: the service is asked to encode
 * them, unless the caller has an opinion, and what it answers is decoded. */
void awl_s3_ask_encoded(lua_State *L, awl_str operation, int input);
void awl_s3_decode_list(lua_State *L, awl_str operation, int input);

#endif
