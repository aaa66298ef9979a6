/* CloudSearch: a search goes as a form, since it may be too long for a URL; `return` is a
 * word of Lua's own. */
#include "call/service/rules.h"
#include "call/state.h"

static bool is_search(const struct awl_model *model,
                      const struct awl_operation *operation)
{
    return awl_str_eq(awl_model_operation_name(model, operation), STR("Search"));
}

static void before_input(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int input)
{
    if (is_search(model, operation))
        awl_rules_alias(L, model, operation, input, "return", "returnFields");
}

static enum awl_rc before_sign(struct awl_call *call, awl_str body, struct awl_error *err)
{
    struct awl_request *request = &call->request;

    (void)body;
    if (!is_search(&call->client->service->model, call->operation))
        return AWL_OK;
    request->method = STR("POST");
    awl_buf_append_str(&request->body, awl_buf_str(&request->query));
    awl_buf_clear(&request->query);
    enum awl_rc rc = awl_headers_set(&request->headers, STR("Content-Type"),
                                     STR("application/x-www-form-urlencoded"));
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "cannot add the form's type");
}

const struct awl_service_rules awl_rules_cloudsearchdomain = {
    .service = "cloudsearchdomain",
    .before_input = before_input,
    .before_sign = before_sign,
};
