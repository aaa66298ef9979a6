/* UserData is base64 on the wire, but the models of EC2 and Auto Scaling call it a
 * string: it is encoded for the caller, as other SDKs do. In launch templates it is
 * not. */
#include "call/service/ec2.h"
#include "call/service/rules.h"

void awl_ec2_encode_user_data(lua_State *L, int input)
{
    if (!awl_rules_copy_input(L, input))
        return;
    if (lua_getfield(L, input, "UserData") == LUA_TSTRING) {
        awl_str text;
        text.ptr = lua_tolstring(L, -1, &text.len);
        awl_rules_push_base64(L, text);
        lua_setfield(L, input, "UserData");
    }
    lua_pop(L, 1);
}

static void autoscaling_before(lua_State *L, const struct awl_model *model,
                               const struct awl_operation *operation, int input)
{
    if (awl_str_eq(awl_model_operation_name(model, operation),
                   STR("CreateLaunchConfiguration")))
        awl_ec2_encode_user_data(L, input);
}

const struct awl_service_rules awl_rules_autoscaling = {
    .service = "autoscaling",
    .before_input = autoscaling_before,
};
