/* S3 Control: the rule set has put the account into the host already. */
#include "call/service/rules.h"

static enum awl_rc drop_account(const struct awl_model *model,
                                const struct awl_operation *operation,
                                struct awl_request *request, struct awl_error *err)
{
    (void)model;
    (void)operation;
    (void)err;
    awl_buf_clear(&request->host_prefix);
    return AWL_OK;
}

const struct awl_service_rules awl_rules_s3control = {
    .service = "s3control",
    .after_input = drop_account,
};
