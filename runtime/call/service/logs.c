/* CloudWatch Logs: `from` is a word that some languages keep to themselves. */
#include "call/service/rules.h"

static void before_input(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int input)
{
    if (awl_str_eq(awl_model_operation_name(model, operation), STR("CreateExportTask")))
        awl_rules_alias(L, model, operation, input, "from", "fromTime");
}

const struct awl_service_rules awl_rules_logs = {
    .service = "logs",
    .before_input = before_input,
};
