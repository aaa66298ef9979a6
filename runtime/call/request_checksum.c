#include "call/request_checksum.h"

#include "aws/checksum.h"
#include "call/state.h"

static bool has_checksum(const struct awl_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (awl_str_starts_nocase(awl_headers_name(headers, i), STR("x-amz-checksum-")))
            return true;
    return awl_headers_get(headers, STR("Content-MD5"), NULL);
}

/* The algorithm that the caller chose through the model's member, as it was
 * serialized: that member is always this header. */
static bool chosen_algorithm(const struct awl_call *call,
                             enum awl_checksum_algorithm *algorithm)
{
    awl_str name;
    return awl_headers_get(&call->request.headers, STR("x-amz-sdk-checksum-algorithm"),
                           &name) &&
           awl_checksum_by_name(name, algorithm);
}

static bool is_wanted(const struct awl_call *call, bool chosen)
{
    if (call->operation->flags & AWL_OPERATION_CHECKSUM_REQUIRED)
        return true;
    if (call->operation->checksum_member == AWL_MODEL_NONE)
        return false;
    /* Servers that only resemble S3 may refuse what they were not asked for. */
    return chosen || call->client->endpoint_url.len == 0;
}

enum awl_rc awl_call_add_checksum(struct awl_call *call, awl_str body)
{
    enum awl_checksum_algorithm algorithm = AWL_CHECKSUM_CRC32;
    struct awl_headers *headers = &call->request.headers;
    char value[AWL_CHECKSUM_BASE64_MAX];
    struct awl_checksum checksum;
    enum awl_rc rc = AWL_OK;

    bool chosen = chosen_algorithm(call, &algorithm);
    if (has_checksum(headers) || !is_wanted(call, chosen))
        return AWL_OK;
    awl_checksum_init(&checksum, algorithm);
    awl_checksum_update(&checksum, body.ptr, body.len);
    awl_checksum_final_base64(&checksum, value);
    if (!chosen && call->operation->checksum_member != AWL_MODEL_NONE)
        rc = awl_headers_add(headers, STR("x-amz-sdk-checksum-algorithm"),
                             awl_checksum_name(algorithm));
    if (rc == AWL_OK)
        rc = awl_headers_add(headers, awl_checksum_header(algorithm), awl_str_of(value));
    return rc;
}

bool awl_call_lacks_checksum(const struct awl_call *call)
{
    enum awl_checksum_algorithm algorithm;
    return chosen_algorithm(call, &algorithm) && !has_checksum(&call->request.headers);
}
