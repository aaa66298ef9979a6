#include "call/service/rules.h"

#include <lauxlib.h>

const struct awl_service_rules *const awl_service_rules_all[] = {
    &awl_rules_apigateway, &awl_rules_autoscaling,   &awl_rules_ec2, &awl_rules_glacier,
    &awl_rules_lambda,     &awl_rules_route53,       &awl_rules_s3,  &awl_rules_s3control,
    &awl_rules_sqs,        &awl_rules_stepfunctions, &awl_rules_swf, NULL,
};

bool awl_rules_copy_input(lua_State *L, int input)
{
    if (!lua_isnoneornil(L, input) && !lua_istable(L, input))
        return false;
    luaL_checkstack(L, 4, NULL);
    lua_newtable(L);
    if (lua_istable(L, input)) {
        lua_pushnil(L);
        while (lua_next(L, input) != 0) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    }
    lua_replace(L, input);
    return true;
}
