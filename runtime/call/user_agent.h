/* user_agent.h - what requests say about the program that sends them.
 *
 *     awl/0.1.0 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/lua#5.4
 * exec-env/AWS_ECS_FARGATE m/E,Z,b,g cfg/retry-mode#standard app/billing
 *
 * in one line. After "m/" stand the features that all SDKs of AWS count, as codes: those
 * of the client, of its credentials, of the call. */
#ifndef AWL_CALL_USER_AGENT_H
#define AWL_CALL_USER_AGENT_H

#include "base/buf.h"
#include "call/client.h"
#include "call/credentials.h"

struct awl_call;

/* Adds what is the same for all requests of the process. */
void awl_user_agent_begin(struct awl_buf *out);

/* Makes client->user_agent from its settings; `app_id` and `extra`, a word of the
 * script's own, may be "". */
enum awl_rc awl_user_agent_of_client(struct awl_client *client, awl_str begin,
                                     bool adaptive, awl_str app_id, awl_str extra);

/* Adds the header to the first attempt of a call, unless the caller has given one. */
enum awl_rc awl_user_agent_add(struct awl_call *call,
                               const struct awl_credentials_slot *slot);

#endif
