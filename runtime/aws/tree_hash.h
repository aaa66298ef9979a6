/* tree_hash.h - the tree hash of an archive, as Glacier defines it.
 *
 * The SHA-256 of pieces of 1 MiB are joined in pairs, and those in pairs again; an odd
 * one moves up as it is. */
#ifndef AWL_AWS_TREE_HASH_H
#define AWL_AWS_TREE_HASH_H

#include "aws/digest.h"

#define AWL_TREE_HASH_LEVELS 44 /* enough for any length that 64 bits can say */

struct awl_tree_hash {
    uint8_t level[AWL_TREE_HASH_LEVELS][AWL_SHA256_LEN]; /* n: of 2^n pieces, if any */
    uint64_t pieces;
    struct awl_sha256 piece; /* the one under way */
    size_t piece_bytes;
};

/* Plain memory: nothing to release. */
void awl_tree_hash_init(struct awl_tree_hash *tree);
void awl_tree_hash_update(struct awl_tree_hash *tree, awl_str bytes);

/* Of nothing: the SHA-256 of nothing. */
void awl_tree_hash_final(struct awl_tree_hash *tree, uint8_t hash[AWL_SHA256_LEN]);

#endif
