/* Values that IAM and CloudFormation answer as text in JSON: policies, URL-encoded on top
 * of it, and templates. What is not JSON stays text. */
#include <lauxlib.h>

#include "aws/uri.h"
#include "base/json.h"
#include "call/service/rules.h"
#include "wire/document.h"

/* Pushes what the text says; false (and nothing) if it is not JSON. */
static bool push_json(lua_State *L, struct awl_wire *wire, awl_str text)
{
    struct awl_json_reader json;

    awl_json_reader_init(&json, text);
    if (awl_document_read(&json, L, &wire->scratch, awl_json_next(&json)) != AWL_OK)
        return false;
    if (awl_json_next(&json) == AWL_JSON_END)
        return true;
    lua_pop(L, 1);
    return false;
}

/* ---- IAM ---- */

/* The text on the stack's top becomes the policy that it is. */
static void decode_policy(lua_State *L, struct awl_wire *wire)
{
    awl_str text;

    text.ptr = lua_tolstring(L, -1, &text.len);
    awl_buf_clear(&wire->scratch2);
    if (awl_uri_decode(&wire->scratch2, text, false) == AWL_OK &&
        push_json(L, wire, awl_buf_str(&wire->scratch2)))
        lua_replace(L, -2);
}

static bool is_policy(const struct awl_wire *wire, const struct awl_shape *shape)
{
    return shape->type == AWL_SHAPE_STRING &&
           awl_str_eq(awl_model_str(wire->model, shape->name), STR("policyDocumentType"));
}

static void decode_policies(lua_State *L, struct awl_wire *wire,
                            const struct awl_shape *shape);

static void decode_members(lua_State *L, struct awl_wire *wire,
                           const struct awl_shape *shape)
{
    const struct awl_member *members = awl_model_members(wire->model, shape);

    for (uint16_t i = 0; i < shape->member_count; i++) {
        const struct awl_shape *type = awl_model_shape(wire->model, members[i].shape);
        const char *name = awl_model_str(wire->model, members[i].name).ptr;
        if (!is_policy(wire, type) && type->type != AWL_SHAPE_STRUCTURE &&
            type->type != AWL_SHAPE_LIST)
            continue;
        if (lua_getfield(L, -1, name) == LUA_TSTRING && is_policy(wire, type)) {
            decode_policy(L, wire);
            lua_setfield(L, -2, name);
            continue;
        }
        decode_policies(L, wire, type);
        lua_pop(L, 1);
    }
}

static void decode_items(lua_State *L, struct awl_wire *wire,
                         const struct awl_shape *shape)
{
    const struct awl_member *item = awl_model_members(wire->model, shape);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        decode_policies(L, wire, awl_model_shape(wire->model, item->shape));
        lua_pop(L, 1);
    }
}

/* In the value of that shape on the stack's top. */
static void decode_policies(lua_State *L, struct awl_wire *wire,
                            const struct awl_shape *shape)
{
    if (!lua_istable(L, -1))
        return;
    luaL_checkstack(L, 4, NULL);
    if (shape->type == AWL_SHAPE_STRUCTURE)
        decode_members(L, wire, shape);
    else if (shape->type == AWL_SHAPE_LIST)
        decode_items(L, wire, shape);
}

static void iam_after_output(lua_State *L, struct awl_wire *wire,
                             const struct awl_operation *operation, int input,
                             const struct awl_response *response)
{
    (void)input;
    (void)response;
    if (operation->output != AWL_MODEL_NONE)
        decode_policies(L, wire, awl_model_shape(wire->model, operation->output));
}

const struct awl_service_rules awl_rules_iam = {
    .service = "iam",
    .after_output = iam_after_output,
};

/* ---- CloudFormation ---- */

static void cloudformation_after_output(lua_State *L, struct awl_wire *wire,
                                        const struct awl_operation *operation, int input,
                                        const struct awl_response *response)
{
    awl_str text;

    (void)input;
    (void)response;
    if (!awl_str_eq(awl_model_operation_name(wire->model, operation), STR("GetTemplate")))
        return;
    if (lua_getfield(L, -1, "TemplateBody") == LUA_TSTRING) {
        text.ptr = lua_tolstring(L, -1, &text.len);
        if (push_json(L, wire, text))
            lua_setfield(L, -3, "TemplateBody");
    }
    lua_pop(L, 1);
}

const struct awl_service_rules awl_rules_cloudformation = {
    .service = "cloudformation",
    .after_output = cloudformation_after_output,
};
