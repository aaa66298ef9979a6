/* UserData is base64 on the wire, but the models of EC2 and Auto Scaling call it a
 * string: it is encoded for the caller, as other SDKs do. In launch templates it is
 * not. */
#include "aws/base64.h"
#include "call/service/rules.h"

#include <lauxlib.h>

#define CHUNK 48 /* a multiple of 3, so that no padding comes between */

static void push_base64(lua_State *L, awl_str text)
{
    char digits[AWL_BASE64_DIGEST_MAX];
    luaL_Buffer out;

    luaL_buffinit(L, &out);
    for (size_t at = 0; at < text.len; at += CHUNK) {
        awl_str chunk = awl_str_slice(text, at, at + CHUNK);
        awl_base64_encode_small(digits, chunk.ptr, chunk.len);
        luaL_addstring(&out, digits);
    }
    luaL_pushresult(&out);
}

static void encode_user_data(lua_State *L, int input)
{
    if (!awl_rules_copy_input(L, input))
        return;
    if (lua_getfield(L, input, "UserData") == LUA_TSTRING) {
        awl_str text;
        text.ptr = lua_tolstring(L, -1, &text.len);
        push_base64(L, text);
        lua_setfield(L, input, "UserData");
    }
    lua_pop(L, 1);
}

static void ec2_before(lua_State *L, const struct awl_model *model,
                       const struct awl_operation *operation, int input)
{
    if (awl_str_eq(awl_model_operation_name(model, operation), STR("RunInstances")))
        encode_user_data(L, input);
}

static void autoscaling_before(lua_State *L, const struct awl_model *model,
                               const struct awl_operation *operation, int input)
{
    if (awl_str_eq(awl_model_operation_name(model, operation),
                   STR("CreateLaunchConfiguration")))
        encode_user_data(L, input);
}

const struct awl_service_rules awl_rules_ec2 = {
    .service = "ec2",
    .before_input = ec2_before,
};

const struct awl_service_rules awl_rules_autoscaling = {
    .service = "autoscaling",
    .before_input = autoscaling_before,
};
