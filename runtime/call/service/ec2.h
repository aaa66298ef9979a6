/* ec2.h - the parts of EC2's rules; see ec2.c. */
#ifndef AWL_CALL_SERVICE_EC2_H
#define AWL_CALL_SERVICE_EC2_H

#include "call/service.h"

/* Encodes UserData in a copy of the input; see user_data.c. */
void awl_ec2_encode_user_data(lua_State *L, int input);

/* The URL of CopySnapshot; see copy_source.c. */
enum awl_rc awl_ec2_before_sign(struct awl_call *call, awl_str body,
                                struct awl_error *err);

#endif
