/* sigv4_canonical.h - the canonical request and the signature over it.
 *
 * Of this folder only: what signing and verifying have in common. The steps in
 * order: clear, add fields, fields_sort, query, string_to_sign, text_signature. */
#ifndef AWL_AWS_SIGV4_CANONICAL_H
#define AWL_AWS_SIGV4_CANONICAL_H

#include "aws/sigv4.h"
#include "aws/sigv4_key.h"

#define AWL_SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define AWL_SIGV4A_ALGORITHM "AWS4-ECDSA-P256-SHA256"
#define AWL_SIGV4_ANY_SIGNATURE_MAX AWL_SIGV4A_SIGNATURE_MAX
#define AWL_SIGV4_DATE_LEN 16 /* YYYYMMDDTHHMMSSZ */

/* A header field or query pair on its way to its place in the order. */
struct awl_sigv4_item {
    awl_str name;
    awl_str value;
    size_t order; /* equal names keep it */
};

struct awl_sigv4_items {
    struct awl_sigv4_item *items;
    size_t count;
    size_t cap;
};

struct awl_sigv4 {
    struct awl_sigv4_keys keys;
    struct awl_sigv4a_keys pairs_of_keys;
    struct awl_sigv4_items fields;
    struct awl_sigv4_items pairs;
    struct awl_buf signed_headers; /* "host;x-amz-date" */
    struct awl_buf query;          /* canonical; what `pairs` point into */
    struct awl_buf normal_path;
    struct awl_buf path; /* canonical */
    struct awl_buf string_to_sign;
    struct awl_buf text; /* whatever is being composed */
};

/* When and for what a signature is good. */
struct awl_sigv4_scope {
    char date[AWL_SIGV4_DATE_LEN + 1];
    awl_str region; /* SigV4A: the region set, no part of its scope */
    awl_str service;
    bool asymmetric; /* SigV4A */
};

/* The first line of the string to sign: one of the two above. */
awl_str awl_sigv4_algorithm(const struct awl_sigv4_scope *scope);

/* Forgets the request before. */
void awl_sigv4_clear(struct awl_sigv4 *sigv4);

/* The texts must outlive the items. AWL_ENOMEM. */
enum awl_rc awl_sigv4_items_add(struct awl_sigv4_items *items, awl_str name,
                                awl_str value);

/* Orders the fields and writes sigv4->signed_headers. */
enum awl_rc awl_sigv4_fields_sort(struct awl_sigv4 *sigv4);

/* Writes the canonical form of the query into sigv4->query and orders its pairs. A
 * pair whose canonical name is `except` is left out. */
enum awl_rc awl_sigv4_query(struct awl_sigv4 *sigv4, awl_str query, awl_str except);

/* Appends "YYYYMMDD/region/service/aws4_request"; SigV4A has no region there. */
void awl_sigv4_scope_append(struct awl_buf *out, const struct awl_sigv4_scope *scope);

/* Writes what is signed for the canonical request that the fields, the query and the
 * rest make, into sigv4->string_to_sign. AWL_ENOMEM or AWL_ELIMIT. */
enum awl_rc awl_sigv4_string_to_sign(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_params *params,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_sigv4_target *target,
                                     awl_str payload_hash);

/* The signature of any text, NUL-terminated. */
enum awl_rc awl_sigv4_text_signature(struct awl_sigv4 *sigv4,
                                     const struct awl_sigv4_scope *scope,
                                     const struct awl_credentials *credentials,
                                     awl_str text,
                                     char signature[AWL_SIGV4_ANY_SIGNATURE_MAX + 1]);

#endif
