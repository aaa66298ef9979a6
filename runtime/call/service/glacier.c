/* Glacier: every request names the version of its API; "-" is the caller's own account.
 */
#include "aws/digest.h"
#include "aws/tree_hash.h"
#include "call/service/rules.h"
#include "call/state.h"

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

static enum awl_rc add_hashes(struct awl_call *call, awl_str body, struct awl_error *err)
{
    struct awl_headers *headers = &call->request.headers;
    uint8_t sha256[AWL_SHA256_LEN], tree_hash[AWL_SHA256_LEN];
    struct awl_tree_hash tree;

    if (!call->request.streaming)
        return AWL_OK;
    if (call->upload.present && !call->upload.hashed)
        return awl_error_set(
            err, AWL_EINPUT,
            "an archive is hashed before it is sent: give it as a string "
            "or a file, not as a function");
    if (call->upload.present) {
        memcpy(sha256, call->upload.sha256, sizeof(sha256));
        memcpy(tree_hash, call->upload.tree_hash, sizeof(tree_hash));
    } else {
        awl_sha256_of(body, sha256);
        awl_tree_hash_init(&tree);
        awl_tree_hash_update(&tree, body);
        awl_tree_hash_final(&tree, tree_hash);
    }
    enum awl_rc rc = add_hash(headers, STR("x-amz-content-sha256"), sha256);
    if (rc == AWL_OK)
        rc = add_hash(headers, tree_field, tree_hash);
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the archive's hashes");
}

const struct awl_service_rules awl_rules_glacier = {
    .service = "glacier",
    .before_input = default_account,
    .after_input = add_version,
    .before_sign = add_hashes,
    .needs_tree_hash = true,
};
