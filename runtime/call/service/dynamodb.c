/* DynamoDB: every answer says the CRC-32 of its body. */
#include "aws/crc.h"
#include "call/service/rules.h"

static enum awl_rc check_body(const struct awl_response *response, struct awl_error *err)
{
    awl_str text;
    int64_t expected;

    if (!awl_headers_get(&response->headers, STR("x-amz-crc32"), &text) ||
        !awl_str_to_int64(text, &expected) ||
        awl_crc32(0, response->body.ptr, response->body.len) == expected)
        return AWL_OK;
    awl_error_code(err, AWL_ETRANSPORT, "ChecksumMismatch",
                   "the body that arrived has not the CRC-32 of the one that was sent");
    err->sent = true;
    return AWL_ETRANSPORT;
}

const struct awl_service_rules awl_rules_dynamodb = {
    .service = "dynamodb",
    .check_body = check_body,
};
