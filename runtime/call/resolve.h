/* resolve.h - where a client's calls go: endpoint rules with a memory.
 *
 * A rule set depends on the client's settings, which never change, and for some
 * operations on members of the input (a bucket, a stream's ARN). Results are kept
 * by the values of those. */
#ifndef AWL_CALL_RESOLVE_H
#define AWL_CALL_RESOLVE_H

#include <lua.h>

#include "base/buf.h"
#include "call/auth_scheme.h"
#include "model/endpoint.h"

struct awl_client;
struct awl_credentials;

/* A remembered endpoint. It stays as long as `users` is above zero. */
struct awl_resolved {
    struct awl_endpoint endpoint;
    struct awl_auth auth; /* chosen when the first call is signed */
    struct awl_buf key;
    struct awl_resolved *next;
    int users;
    awl_str host; /* authority of the URL as it is signed: without a default port */
};

struct awl_resolver {
    struct awl_endpoint_value base[AWL_ENDPOINT_PARAMETERS_MAX]; /* of the client */
    uint32_t parameter_count;
    uint32_t account_id;        /* index of the parameter, or AWL_MODEL_NONE */
    uint32_t endpoint;          /* likewise */
    struct awl_resolved *first; /* most recently used first */
    unsigned count;
};

/* Takes the client's settings; the client's strings must outlive the resolver. */
enum awl_rc awl_resolver_init(struct awl_resolver *resolver,
                              const struct awl_client *client);
void awl_resolver_release(struct awl_resolver *resolver);

/* The endpoint of a call whose input is at stack `input` (a table or nil). The
 * result is the resolver's: its `users` is one more until awl_resolved_done(). */
enum awl_rc awl_resolve(lua_State *L, struct awl_client *client,
                        const struct awl_operation *operation, int input,
                        const struct awl_credentials *credentials,
                        struct awl_resolved **resolved, struct awl_error *err);

/* The authority of a URL less the port that its scheme implies, as it is signed. */
awl_str awl_resolve_host(awl_str url);

/* The error of a call that needs a region and has none. */
enum awl_rc awl_resolve_no_region(const struct awl_client *client, struct awl_error *err);

/* Gives back what awl_resolve gave. */
void awl_resolved_done(struct awl_resolved *resolved);

#endif
