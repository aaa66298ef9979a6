/* EC2: base64 that the model calls a string, and a member that goes by another name too.
 */
#include "call/service/ec2.h"

#include "aws/base64.h"
#include "call/service/rules.h"

static void before_input(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int input)
{
    awl_rules_alias(L, model, operation, input, "Filter", "Filters");
    if (awl_str_eq(awl_model_operation_name(model, operation), STR("RunInstances")))
        awl_ec2_encode_user_data(L, input);
}

/* Output that is not base64 stays as it is. */
static void decode_console(lua_State *L, struct awl_wire *wire)
{
    awl_str text;

    if (lua_getfield(L, -1, "Output") == LUA_TSTRING) {
        text.ptr = lua_tolstring(L, -1, &text.len);
        awl_buf_clear(&wire->scratch);
        if (awl_base64_decode(&wire->scratch, text, AWL_BASE64_STANDARD) == AWL_OK) {
            lua_pushlstring(L, awl_buf_cstr(&wire->scratch), wire->scratch.len);
            lua_setfield(L, -3, "Output");
        }
    }
    lua_pop(L, 1);
}

static void after_output(lua_State *L, struct awl_wire *wire,
                         const struct awl_operation *operation, int input,
                         const struct awl_response *response)
{
    (void)input;
    (void)response;
    if (awl_str_eq(awl_model_operation_name(wire->model, operation),
                   STR("GetConsoleOutput")))
        decode_console(L, wire);
}

const struct awl_service_rules awl_rules_ec2 = {
    .service = "ec2",
    .before_input = before_input,
    .before_sign = awl_ec2_before_sign,
    .after_output = after_output,
};
