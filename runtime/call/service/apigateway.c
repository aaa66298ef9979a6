/* API Gateway answers in HAL unless it is asked for JSON. */
#include "call/service/rules.h"

static enum awl_rc ask_for_json(const struct awl_model *model,
                                const struct awl_operation *operation,
                                struct awl_request *request, struct awl_error *err)
{
    (void)model;
    (void)operation;
    if (awl_headers_get(&request->headers, STR("Accept"), NULL))
        return AWL_OK;
    enum awl_rc rc =
        awl_headers_add(&request->headers, STR("Accept"), STR("application/json"));
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the header Accept");
}

const struct awl_service_rules awl_rules_apigateway = {
    .service = "apigateway",
    .after_input = ask_for_json,
};
