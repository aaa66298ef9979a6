/* service.h - the services that this process has opened.
 *
 * A service is a model with a protocol, ready for one Lua state: its codec's key
 * table, the retry quotas of its regions. It is opened once and stays. */
#ifndef AWL_CALL_SERVICE_H
#define AWL_CALL_SERVICE_H

#include <lua.h>

#include "base/message.h"
#include "call/retry.h"
#include "model/model.h"
#include "script/runtime.h"
#include "wire/wire.h"

struct awl_service;
struct awl_client;
struct awl_endpoint;
struct awl_endpoint_value;
struct awl_call;
struct awl_turns;

/* What an error says about where the call belongs. */
enum awl_redirect {
    AWL_REDIRECT_NO,
    AWL_REDIRECT_NOW, /* the endpoint rules will now name another place */
    AWL_REDIRECT_ASK, /* elsewhere, and redirect_module can find out where */
};

/* Rules of single services, in service/<name>.c. Any may be NULL. */
struct awl_service_rules {
    const char *service; /* the model's name */

    /* Before serializing: may replace the value at stack `input` with a changed copy. */
    void (*before_input)(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int input);

    /* The request has been written and may be changed. */
    enum awl_rc (*after_input)(const struct awl_model *model,
                               const struct awl_operation *operation,
                               struct awl_request *request, struct awl_error *err);

    /* An endpoint that is signed with the keys of a session of its own, which the Lua
     * module session_module gets; see detour.h. */
    bool (*needs_session)(const struct awl_endpoint *endpoint);
    const char *session_module;

    /* Before the first attempt is signed, where endpoint and keys are at hand; not for a
     * presigned URL. The request may be changed. `body` is all of it, unless it is
     * streamed. */
    enum awl_rc (*before_sign)(struct awl_call *call, awl_str body,
                               struct awl_error *err);

    /* Signs an attempt by itself, with the call's keys. */
    enum awl_rc (*sign)(struct awl_call *call, struct awl_error *err);

    /* Before the endpoint rules are asked: may change the values of their parameters,
     * which are by index as in the rule set. */
    void (*before_endpoint)(const struct awl_client *client,
                            const struct awl_operation *operation,
                            struct awl_endpoint_value *values);

    /* The member of an operation's input that is the URL to call; NULL: none. */
    const char *(*endpoint_member)(awl_str operation);

    /* A whole answer, of any status: is its body as the service sent it? AWL_ETRANSPORT.
     */
    enum awl_rc (*check_body)(const struct awl_response *response, struct awl_error *err);

    /* An answer with a status of success is an error all the same: one of the server,
     * with the status 500. */
    bool (*is_error)(const struct awl_model *model, const struct awl_operation *operation,
                     const struct awl_response *response);

    /* An answer is an error, its members are in the table at the stack's top: does the
     * call belong to another place? Asked until a call has been redirected. */
    enum awl_redirect (*redirect)(lua_State *L, const struct awl_call *call);

    /* A Lua module's function (client, input) that finds out; it may suspend. What it
     * has learned shows when `redirect` is asked again. */
    const char *redirect_module;

    /* Of an answer that cannot be read: it is damaged, and so likewise an error. */
    bool (*is_damaged)(const struct awl_model *model,
                       const struct awl_operation *operation,
                       const struct awl_response *response);
    const char *damaged_error; /* with is_damaged: the body of an error to read instead */

    /* The output table is on the stack's top and may be changed; the input is at
     * `input`, as before_input has left it. */
    void (*after_output)(lua_State *L, struct awl_wire *wire,
                         const struct awl_operation *operation, int input,
                         const struct awl_response *response);

    /* The name that callers may know an error by, where the service could not give it
     * one; NULL for none. */
    const char *(*error_alias)(awl_str operation, awl_str code);

    /* Streamed bodies of so many bytes or more are announced, and sent when the service
     * says 100 Continue; 0: none are. */
    int64_t expect_bytes;

    /* A presigned URL has the members of the JSON body in its query. */
    bool presign_body;

    /* A source that is read twice gets a tree hash, too. */
    bool needs_tree_hash;

    /* Refuses a streamed body of unknown length. */
    bool needs_upload_length;

    /* The service holds such a request for up to a minute until there is something to
     * say. */
    bool (*is_long_poll)(awl_str operation);

    /* How long the service may take to answer; 0: the default. */
    int (*read_timeout_ms)(awl_str operation);
};

struct awl_service {
    struct awl_model model;
    struct awl_wire wire;
    const struct awl_service_rules *rules; /* never NULL; an empty set for most */
    struct awl_service_region *regions;    /* list of what is kept for a region */
    struct awl_service *next;
    int metatable; /* registry reference: the metatable of its clients; bind/ */
};

/* The rules of the service of that name; never NULL. */
const struct awl_service_rules *awl_service_rules_of(awl_str name);

struct awl_service_region {
    struct awl_service_region *next;
    struct awl_retry_quota quota;
    struct awl_turns *turns; /* NULL: no client is adaptive */
    char name[];             /* NUL-terminated */
};

/* The service by name (folder name, endpoint prefix or service id), API version ("" for
 * the newest) and protocol ("" for the first that awl speaks), opened if it is not yet.
 * AWL_ENOTFOUND names what there is, AWL_ECONFIG the protocols. */
enum awl_rc awl_service_open(struct awl_runtime *runtime, awl_str name,
                             awl_str api_version, awl_str protocol,
                             struct awl_service **service, struct awl_error *err);

/* What is kept for a region of a service; NULL when out of memory. */
struct awl_service_region *awl_service_region(struct awl_service *service, awl_str name);

/* Frees all services; nothing may be under way. */
void awl_services_release(struct awl_runtime *runtime);

#endif
