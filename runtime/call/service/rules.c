#include "call/service/rules.h"

#include <lauxlib.h>

#include "aws/base64.h"
#include "script/error_value.h"

#define CHUNK 48 /* a multiple of 3, so that no padding comes between */

const struct awl_service_rules *const awl_service_rules_all[] = {
    &awl_rules_apigateway,
    &awl_rules_autoscaling,
    &awl_rules_cloudformation,
    &awl_rules_cloudsearchdomain,
    &awl_rules_docdb,
    &awl_rules_dynamodb,
    &awl_rules_ec2,
    &awl_rules_glacier,
    &awl_rules_iam,
    &awl_rules_lambda,
    &awl_rules_logs,
    &awl_rules_machinelearning,
    &awl_rules_neptune,
    &awl_rules_polly,
    &awl_rules_rds,
    &awl_rules_route53,
    &awl_rules_s3,
    &awl_rules_s3control,
    &awl_rules_sdb,
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

static bool has_member(const struct awl_model *model,
                       const struct awl_operation *operation, const char *member)
{
    return operation->input != AWL_MODEL_NONE &&
           awl_model_member_by_name(model, awl_model_shape(model, operation->input),
                                    awl_str_of(member)) != NULL;
}

static bool is_given(lua_State *L, int input, const char *member)
{
    bool given = lua_getfield(L, input, member) != LUA_TNIL;
    lua_pop(L, 1);
    return given;
}

void awl_rules_alias(lua_State *L, const struct awl_model *model,
                     const struct awl_operation *operation, int input, const char *member,
                     const char *alias)
{
    if (!lua_istable(L, input) || !is_given(L, input, alias) ||
        !has_member(model, operation, member))
        return;
    if (is_given(L, input, member))
        awl_raisef(L, AWL_EINPUT, NULL, "%s: %s and %s are the same member",
                   awl_model_operation_name(model, operation).ptr, member, alias);
    awl_rules_copy_input(L, input);
    lua_getfield(L, input, alias);
    lua_setfield(L, input, member);
    lua_pushnil(L);
    lua_setfield(L, input, alias);
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
