/* Glacier: every request names the version of its API; "-" is the caller's own account.
 */
#include "aws/digest.h"
#include "call/service/rules.h"
#include "call/state.h"

#define PIECE ((size_t)1024 * 1024)
#define TREE_LEVELS 44 /* enough for any length that 64 bits can say */

static const awl_str tree_field = {"x-amz-sha256-tree-hash", 22};

static void default_account(lua_State *L, const struct awl_model *model,
                            const struct awl_operation *operation, int input)
{
    (void)model;
    (void)operation;
    if (!awl_rules_copy_input(L, input))
        return;
    int type = lua_getfield(L, input, "accountId");
    if (type == LUA_TNIL || (type == LUA_TSTRING && lua_rawlen(L, -1) == 0)) {
        lua_pushliteral(L, "-");
        lua_setfield(L, input, "accountId");
    }
    lua_pop(L, 1);
}

static enum awl_rc add_version(const struct awl_model *model,
                               const struct awl_operation *operation,
                               struct awl_request *request, struct awl_error *err)
{
    (void)operation;
    enum awl_rc rc = awl_headers_set(&request->headers, STR("x-amz-glacier-version"),
                                     model->api_version);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the version's header");
}

/* ---- the hash of an archive ---- */

/* A tree hash joins the hashes of pieces in pairs, and those in pairs again; an odd one
 * moves up as it is. Level n holds what 2^n pieces have become, if any. */
struct tree {
    uint8_t level[TREE_LEVELS][AWL_SHA256_LEN];
    uint64_t pieces;
};

static void join(uint8_t into[AWL_SHA256_LEN], const uint8_t left[AWL_SHA256_LEN])
{
    uint8_t both[2 * AWL_SHA256_LEN];
    memcpy(both, left, AWL_SHA256_LEN);
    memcpy(both + AWL_SHA256_LEN, into, AWL_SHA256_LEN);
    awl_sha256_of(awl_str_make((const char *)both, sizeof(both)), into);
}

static void tree_add(struct tree *tree, awl_str piece)
{
    uint8_t hash[AWL_SHA256_LEN];
    unsigned n = 0;

    awl_sha256_of(piece, hash);
    for (uint64_t bits = tree->pieces; (bits & 1) != 0; bits >>= 1)
        join(hash, tree->level[n++]);
    memcpy(tree->level[n], hash, AWL_SHA256_LEN);
    tree->pieces++;
}

static void tree_final(const struct tree *tree, uint8_t hash[AWL_SHA256_LEN])
{
    bool begun = false;
    for (unsigned n = 0; n < TREE_LEVELS; n++) {
        if ((tree->pieces >> n & 1) == 0)
            continue;
        if (begun)
            join(hash, tree->level[n]);
        else
            memcpy(hash, tree->level[n], AWL_SHA256_LEN);
        begun = true;
    }
}

/* Unless the caller gave the header. */
static enum awl_rc add_hash(struct awl_headers *headers, awl_str name,
                            const uint8_t hash[AWL_SHA256_LEN])
{
    char hex[AWL_SHA256_HEX_LEN];
    if (awl_headers_get(headers, name, NULL))
        return AWL_OK;
    awl_hex_encode(hex, hash, AWL_SHA256_LEN);
    return awl_headers_add(headers, name, awl_str_make(hex, sizeof(hex)));
}

/* Of a stream the call has made the plain hash; the tree's is the caller's. */
static enum awl_rc add_stream_hash(struct awl_call *call, struct awl_error *err)
{
    struct awl_headers *headers = &call->request.headers;
    if (!awl_headers_get(headers, tree_field, NULL))
        return awl_error_set(err, AWL_EINPUT,
                             "the tree hash of a streamed archive is not computed: give "
                             "the archive as a string, or its 'checksum'");
    if (!call->upload.hashed)
        return AWL_OK;
    enum awl_rc rc = add_hash(headers, STR("x-amz-content-sha256"), call->upload.sha256);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the archive's hashes");
}

static enum awl_rc add_hashes(struct awl_call *call, awl_str body, struct awl_error *err)
{
    struct awl_headers *headers = &call->request.headers;
    uint8_t hash[AWL_SHA256_LEN];
    struct tree tree = {.pieces = 0};

    if (!call->request.streaming)
        return AWL_OK;
    if (call->upload.present)
        return add_stream_hash(call, err);
    awl_sha256_of(body, hash);
    enum awl_rc rc = add_hash(headers, STR("x-amz-content-sha256"), hash);
    for (size_t at = 0; at < body.len; at += PIECE)
        tree_add(&tree, awl_str_slice(body, at, at + PIECE));
    tree_final(&tree, hash);
    if (rc == AWL_OK)
        rc = add_hash(headers, tree_field, hash);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the archive's hashes");
}

const struct awl_service_rules awl_rules_glacier = {
    .service = "glacier",
    .before_input = default_account,
    .after_input = add_version,
    .before_sign = add_hashes,
};
