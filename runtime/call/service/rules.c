#include "call/service/rules.h"

#include <lauxlib.h>

#include "aws/base64.h"

#define CHUNK 48 /* a multiple of 3, so that no padding comes between */

const struct awl_service_rules *const awl_service_rules_all[] = {
    &awl_rules_apigateway,
    &awl_rules_autoscaling,
    &awl_rules_ec2,
    &awl_rules_glacier,
    &awl_rules_lambda,
    &awl_rules_machinelearning,
    &awl_rules_polly,
    &awl_rules_route53,
    &awl_rules_s3,
    &awl_rules_s3control,
    &awl_rules_sqs,
    &awl_rules_stepfunctions,
    &awl_rules_swf,
    NULL,
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

void awl_rules_push_base64(lua_State *L, awl_str text)
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
