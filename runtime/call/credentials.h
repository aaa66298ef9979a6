/* credentials.h - what a session signs with: one object for all its clients.
 *
 * Holds the keys in use. A Lua function, given when it is made, brings new ones:
 * the chain of providers. The pipeline asks awl_credentials_fresh() and, if that
 * says no, calls function(slot, refused), which may suspend and sees to it that only
 * one refresh runs for all who wait. It may also return at once, and refresh in the
 * background, while awl_credentials_usable() still says yes. */
#ifndef AWL_CALL_CREDENTIALS_H
#define AWL_CALL_CREDENTIALS_H

#include <lua.h>

#include "aws/credentials.h"
#include "base/buf.h"

#define AWL_CREDENTIALS_TEXT_MAX (64 * 1024) /* tokens have no documented limit */

/* Its texts stand in `text`: they are good until the slot is filled anew. */
struct awl_credentials_slot {
    struct awl_buf text; /* all values, one after the other; wiped when replaced */
    struct awl_credentials keys;
    awl_str bearer_token;
    awl_str features;    /* codes of where they come from, for the user agent: "r,s" */
    awl_str provider;    /* for people: "environment", "shared file" */
    int64_t expires_ms;  /* wall clock; INT64_MAX: never */
    int64_t refresh_ms;  /* when calls begin to ask for new ones */
    uint32_t generation; /* how often they were set */
    bool set;
    bool refused;   /* a service has called them expired */
    bool anonymous; /* calls are not signed */
};

/* Pushes a new slot, a userdata whose user value is the function at the stack's
 * top (or nil), which is popped. */
struct awl_credentials_slot *awl_credentials_push(lua_State *L);

/* The slot at a stack index; raises for anything else. */
struct awl_credentials_slot *awl_credentials_check(lua_State *L, int index);

/* Fills the slot from the table at `index`: access_key_id, secret_access_key,
 * session_token, account_id, expiration (epoch seconds), provider, features, or
 * anonymous, or a bearer_token. Raises if the keys are not both there. */
void awl_credentials_set(lua_State *L, struct awl_credentials_slot *slot, int index);

/* The keys may sign a request at `now_ms`. */
bool awl_credentials_usable(const struct awl_credentials_slot *slot, int64_t now_ms);

/* The same, and it is not yet time for new ones. */
bool awl_credentials_fresh(const struct awl_credentials_slot *slot, int64_t now_ms);

/* A service has called the keys of that generation expired: they are, unless new ones
 * have come meanwhile. */
void awl_credentials_refuse(struct awl_credentials_slot *slot, uint32_t generation);

/* Pushes the function of the slot at `index`; false (and nothing) if it has none. */
bool awl_credentials_push_refresh(lua_State *L, int index);

#endif
