/* credentials.h - what a request is signed with.
 *
 * The text belongs to whoever made the struct; signing copies what it keeps. */
#ifndef AWL_AWS_CREDENTIALS_H
#define AWL_AWS_CREDENTIALS_H

#include "base/str.h"

struct awl_credentials {
    awl_str access_key_id;
    awl_str secret_access_key;
    awl_str session_token; /* may be empty */
    awl_str account_id;    /* may be empty: unknown */
};

#endif
