/* client.h - a client: a service with a region, credentials and settings.
 *
 * Immutable and cheap; all clients share connections, models and quotas. */
#ifndef AWL_CALL_CLIENT_H
#define AWL_CALL_CLIENT_H

#include <lua.h>

#include "base/buf.h"
#include "call/auth_scheme.h"
#include "call/compress.h"
#include "call/resolve.h"
#include "call/service.h"

enum awl_addressing_style {
    AWL_ADDRESSING_AUTO,
    AWL_ADDRESSING_PATH,
    AWL_ADDRESSING_VIRTUAL,
};

enum awl_discovery {
    AWL_DISCOVERY_AUTO, /* where the service requires it */
    AWL_DISCOVERY_ON,
    AWL_DISCOVERY_OFF,
};

struct awl_client {
    struct awl_service *service;
    struct awl_service_region *per_region;
    struct awl_resolver resolver;
    struct awl_buf text; /* the strings below */
    struct awl_buf user_agent;
    size_t features_end;  /* in it: where the features of a call are put in */
    awl_str region;       /* "" if none is configured */
    awl_str endpoint_url; /* "" for the service's own */
    awl_str profile;      /* for messages */
    const struct awl_route *route;
    unsigned max_connections;       /* to a host at a time; 0: as many as help */
    bool sign;                      /* false: --no-sign-request */
    bool prefer_token;              /* a bearer token where the service takes one */
    awl_str auth_scheme_preference; /* names with commas between them */
    awl_str region_set;             /* of SigV4A, "" for what the endpoint says */
    enum awl_auth_kind auth;        /* of operations without a list of their own */
    bool use_fips;
    bool use_dual_stack;
    bool accelerate;
    bool ignore_arn_region;   /* a bucket's ARN must be of the client's region */
    bool no_multi_region;     /* refuse multi-region access points */
    bool s3_global_endpoint;  /* us-east-1 is s3.amazonaws.com */
    bool sts_global_endpoint; /* older regions are sts.amazonaws.com */
    bool no_express_session;  /* S3 Express: sign with the client's own keys */
    bool no_host_prefix;
    bool sign_payload;           /* S3: of streams too, where a checksum would do */
    bool checksum_when_required; /* of requests: only where the operation requires one */
    bool validate_when_required; /* of answers: only where the caller asks for one */
    struct awl_compression compression;
    awl_str account_id_mode; /* preferred, required or disabled */
    enum awl_addressing_style addressing_style;
    enum awl_discovery discovery; /* of endpoints; none with one of the user's own */
    const struct awl_retry_rules *retry;
    struct awl_turns *turns; /* of the service in its region; NULL: not adaptive */
    int max_attempts;
    int64_t clock_offset_ms; /* of the service's clock to ours, once it has complained:
                                the only thing that changes in a client */
    int connect_timeout_ms;  /* 0: the default */
    int read_timeout_ms;     /* 0: the default of the service */
    /* S3: buckets that are elsewhere; NULL: none known. */
    struct awl_s3_regions *bucket_regions;
};

#define AWL_CLIENT_CREDENTIALS 1 /* user value: the credentials slot */
#define AWL_CLIENT_OPTIONS 2     /* user value: the table it was made from */
#define AWL_CLIENT_TOKEN 3       /* user value: the slot of its bearer token, or nil */

/* Pushes a client made from the table at `options`, which session.lua has filled in:
 * service, api_version, region, endpoint_url, profile, credentials (a slot), ca_bundle,
 * verify_ssl, sign, use_fips_endpoint, use_dualstack_endpoint, addressing_style,
 * use_accelerate_endpoint, use_arn_region, disable_multiregion_access_points,
 * s3_us_east_1_regional_endpoint, sts_regional_endpoints ("legacy" or "regional"),
 * account_id_endpoint_mode, disable_host_prefix_injection,
 * s3_disable_express_session_auth, endpoint_discovery_enabled
 * ("auto", "true" or "false"), request_checksum_calculation and
 * response_checksum_validation ("when_supported", "when_required"; the latter is the
 * default for an endpoint that is none of AWS's), disable_request_compression,
 * request_min_compression_size_bytes, retry_mode ("standard", "adaptive", "legacy"),
 * retry_revision (the strategy of 2026), max_attempts, token (a slot with a bearer
 * token), prefer_token, auth_scheme_preference, sigv4a_signing_region_set,
 * connect_timeout, read_timeout (seconds), max_connections, proxy ("": none), no_proxy,
 * proxy_ca_bundle, proxy_client_cert, client_cert, client_key, tcp_keepalive. It has no
 * metatable yet but for __gc: bind/ gives it its methods. Raises. */
struct awl_client *awl_client_push(lua_State *L, int options);

/* Frees what a client holds; for __gc. */
void awl_client_release(struct awl_client *client);

#endif
