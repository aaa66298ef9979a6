/* auth_scheme.h - how a call proves who makes it.
 *
 * What the model offers, what the user prefers and what the endpoint rules say, in
 * that order of growing weight. The first two are settled when a client is made, the
 * third is remembered with the endpoint: a call only looks the result up. */
#ifndef AWL_CALL_AUTH_SCHEME_H
#define AWL_CALL_AUTH_SCHEME_H

#include "base/error.h"
#include "model/endpoint.h"

struct awl_client;

enum awl_auth_kind {
    AWL_AUTH_UNDECIDED,
    AWL_AUTH_NONE,
    AWL_AUTH_SIGV4,
    AWL_AUTH_SIGV4A,
    AWL_AUTH_S3EXPRESS, /* SigV4 with the keys of a session and a token field of its own
                         */
    AWL_AUTH_BEARER,
};

/* A scheme of SigV4's family with what it needs. Its text is the client's, the model's
 * or the endpoint's. */
struct awl_auth {
    enum awl_auth_kind kind;
    enum awl_auth_kind asked; /* what the endpoint was asked with; UNDECIDED: not yet */
    awl_str signing_name;
    awl_str region;     /* "" if there is none; SigV4A: the region set */
    awl_str token_name; /* "": the usual one */
    bool s3;            /* S3's rules: see awl_sigv4_is_s3() */
    bool double_encode;
};

/* What the client's calls use unless their operation has a list of its own. */
enum awl_auth_kind awl_auth_of_client(const struct awl_client *client);

/* The same for one operation, the client's settings considered. */
enum awl_auth_kind awl_auth_of_operation(const struct awl_client *client,
                                         const struct awl_operation *operation);

/* The scheme at an endpoint for calls that would use `asked`, one of SigV4's family.
 * AWL_ECONFIG if the endpoint wants only what is not supported. */
enum awl_rc awl_auth_choose(const struct awl_client *client,
                            const struct awl_endpoint *endpoint, enum awl_auth_kind asked,
                            struct awl_auth *auth, struct awl_error *err);

/* The error of a call that needs a bearer token and has none. */
enum awl_rc awl_auth_no_token(const struct awl_client *client, struct awl_error *err);

#endif
