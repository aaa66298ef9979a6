/* Route 53 answers with ids such as "/hostedzone/Z1", and wants "Z1". */
#include "call/service/rules.h"

static bool is_id(awl_str shape)
{
    return awl_str_eq(shape, STR("ResourceId")) ||
           awl_str_eq(shape, STR("DelegationSetId")) ||
           awl_str_eq(shape, STR("ChangeId"));
}

/* Pushes what follows the last slash of the string on the stack's top. */
static void push_last_segment(lua_State *L)
{
    awl_str id;
    id.ptr = lua_tolstring(L, -1, &id.len);
    size_t from = id.len;
    while (from > 0 && id.ptr[from - 1] != '/')
        from--;
    lua_pushlstring(L, id.ptr + from, id.len - from);
}

static void shorten_ids(lua_State *L, const struct awl_model *model,
                        const struct awl_operation *operation, int input)
{
    if (operation->input == AWL_MODEL_NONE || !lua_istable(L, input))
        return;
    const struct awl_shape *shape = awl_model_shape(model, operation->input);
    const struct awl_member *members = awl_model_members(model, shape);

    awl_rules_copy_input(L, input);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        const struct awl_shape *type = awl_model_shape(model, members[i].shape);
        const char *name = awl_model_str(model, members[i].name).ptr;
        if (!is_id(awl_model_str(model, type->name)))
            continue;
        if (lua_getfield(L, input, name) == LUA_TSTRING) {
            push_last_segment(L);
            lua_setfield(L, input, name);
        }
        lua_pop(L, 1);
    }
}

const struct awl_service_rules awl_rules_route53 = {
    .service = "route53",
    .before_input = shorten_ids,
};
