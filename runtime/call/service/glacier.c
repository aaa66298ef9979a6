/* Glacier: every request names the version of its API; "-" is the caller's own account.
 */
#include "call/service/rules.h"

static void default_account(lua_State *L, const struct awl_model *model,
                            const struct awl_operation *operation, int input)
{
    (void)model;
    (void)operation;
    if (!awl_rules_copy_input(L, input))
        return;
    if (lua_getfield(L, input, "accountId") == LUA_TNIL) {
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

const struct awl_service_rules awl_rules_glacier = {
    .service = "glacier",
    .before_input = default_account,
    .after_input = add_version,
};
