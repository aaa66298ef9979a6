#include "aws/tree_hash.h"

#define PIECE ((size_t)1024 * 1024)

void awl_tree_hash_init(struct awl_tree_hash *tree)
{
    tree->pieces = 0;
    tree->piece_bytes = 0;
    awl_sha256_init(&tree->piece);
}

static void join(uint8_t into[AWL_SHA256_LEN], const uint8_t left[AWL_SHA256_LEN])
{
    uint8_t both[2 * AWL_SHA256_LEN];
    memcpy(both, left, AWL_SHA256_LEN);
    memcpy(both + AWL_SHA256_LEN, into, AWL_SHA256_LEN);
    awl_sha256_of(awl_str_make((const char *)both, sizeof(both)), into);
}

static void end_piece(struct awl_tree_hash *tree)
{
    uint8_t hash[AWL_SHA256_LEN];
    unsigned n = 0;

    awl_sha256_final(&tree->piece, hash);
    for (uint64_t bits = tree->pieces; (bits & 1) != 0; bits >>= 1)
        join(hash, tree->level[n++]);
    memcpy(tree->level[n], hash, AWL_SHA256_LEN);
    tree->pieces++;
    tree->piece_bytes = 0;
    awl_sha256_init(&tree->piece);
}

void awl_tree_hash_update(struct awl_tree_hash *tree, awl_str bytes)
{
    while (bytes.len > 0) {
        size_t room = PIECE - tree->piece_bytes;
        awl_str part = awl_str_slice(bytes, 0, bytes.len < room ? bytes.len : room);
        awl_sha256_update(&tree->piece, part.ptr, part.len);
        tree->piece_bytes += part.len;
        bytes = awl_str_slice(bytes, part.len, bytes.len);
        if (tree->piece_bytes == PIECE)
            end_piece(tree);
    }
}

void awl_tree_hash_final(struct awl_tree_hash *tree, uint8_t hash[AWL_SHA256_LEN])
{
    bool begun = false;

    if (tree->piece_bytes > 0 || tree->pieces == 0)
        end_piece(tree);
    for (unsigned n = 0; n < AWL_TREE_HASH_LEVELS; n++) {
        if ((tree->pieces >> n & 1) == 0)
            continue;
        if (begun)
            join(hash, tree->level[n]);
        else
            memcpy(hash, tree->level[n], AWL_SHA256_LEN);
        begun = true;
    }
}
