/* Where calls of S3 go: what the endpoint rules leave to the client, and the errors that
 * name another region. */
#include <lauxlib.h>

#include "call/client.h"
#include "call/service/s3.h"
#include "call/service/s3_region.h"
#include "call/state.h"

static struct awl_endpoint_value *value_of(const struct awl_model *model,
                                           struct awl_endpoint_value *values,
                                           const char *parameter)
{
    uint32_t index = awl_endpoint_parameter_find(model, awl_str_of(parameter));
    return index != AWL_MODEL_NONE ? &values[index] : NULL;
}

static bool is_arn(awl_str bucket)
{
    return awl_str_starts(bucket, STR("arn:"));
}

static void set_bool(const struct awl_model *model, struct awl_endpoint_value *values,
                     const char *parameter, bool boolean)
{
    struct awl_endpoint_value *value = value_of(model, values, parameter);
    if (value != NULL)
        *value =
            (struct awl_endpoint_value){.type = AWL_ENDPOINT_BOOLEAN, .boolean = boolean};
}

/* Accelerated hosts do not know these. */
static bool is_never_accelerated(awl_str operation)
{
    return awl_str_eq(operation, STR("CreateBucket")) ||
           awl_str_eq(operation, STR("DeleteBucket")) ||
           awl_str_eq(operation, STR("ListBuckets"));
}

/* What the rules say of AWS's own endpoints only: buckets themselves are managed without
 * a session. */
static void manage_without_session(const struct awl_model *model,
                                   struct awl_endpoint_value *values)
{
    const struct awl_endpoint_value *control =
        value_of(model, values, "UseS3ExpressControlEndpoint");
    if (control != NULL && control->type == AWL_ENDPOINT_BOOLEAN && control->boolean)
        set_bool(model, values, "DisableS3ExpressSessionAuth", true);
}

/* A custom endpoint has the bucket in its path, unless that is an ARN. Where a bucket
 * is can be asked in any region, but only of a host that does not name the bucket. */
void awl_s3_before_endpoint(const struct awl_client *client,
                            const struct awl_operation *operation,
                            struct awl_endpoint_value *values)
{
    const struct awl_model *model = &client->service->model;
    awl_str name = awl_model_operation_name(model, operation);
    bool custom = client->endpoint_url.len > 0;

    if (client->accelerate && is_never_accelerated(name))
        set_bool(model, values, "Accelerate", false);
    else if (!client->accelerate && awl_str_eq(name, STR("GetBucketLocation")))
        set_bool(model, values, "ForcePathStyle", true);
    if (!custom && client->bucket_regions == NULL)
        return;
    const struct awl_endpoint_value *bucket = value_of(model, values, "Bucket");
    if (bucket == NULL || bucket->type != AWL_ENDPOINT_STRING)
        return;
    if (custom && client->addressing_style == AWL_ADDRESSING_AUTO &&
        is_arn(bucket->string))
        set_bool(model, values, "ForcePathStyle", false);
    if (custom)
        manage_without_session(model, values);
    awl_str region = awl_s3_regions_find(client->bucket_regions, bucket->string);
    struct awl_endpoint_value *value = value_of(model, values, "Region");
    if (region.len > 0 && value != NULL)
        *value =
            (struct awl_endpoint_value){.type = AWL_ENDPOINT_STRING, .string = region};
}

/* What an answer says becomes part of a host's name. */
static bool is_region(awl_str text)
{
    if (text.len == 0 || text.len > AWL_S3_REGION_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] >= 'a' && text.ptr[i] <= 'z') &&
            !awl_char_is_digit(text.ptr[i]) && text.ptr[i] != '-')
            return false;
    return true;
}

/* From the answer's header, else from the error; "" if neither has it. The members
 * at the stack's top keep the text. */
static awl_str region_of_error(lua_State *L, const struct awl_response *response)
{
    awl_str region = STR("");
    if (!awl_headers_get(&response->headers, STR("x-amz-bucket-region"), &region)) {
        if (lua_getfield(L, -1, "Region") == LUA_TSTRING)
            region.ptr = lua_tolstring(L, -1, &region.len);
        lua_pop(L, 1);
    }
    return is_region(region) ? region : STR("");
}

/* The errors of a request that went to the wrong region. Answers to HEAD have no body
 * and so no code of their own. */
static bool says_elsewhere(awl_str operation, awl_str code, int status, bool has_region)
{
    if (status == 301 || status == 302 || status == 307 ||
        awl_str_eq(code, STR("PermanentRedirect")))
        return true;
    if (awl_str_eq(code, STR("AuthorizationHeaderMalformed")))
        return has_region;
    if (awl_str_eq(code, STR("IllegalLocationConstraintException")))
        return !awl_str_eq(operation, STR("CreateBucket"));
    if (status != 400)
        return false;
    return awl_str_eq(operation, STR("HeadObject")) ||
           (awl_str_eq(operation, STR("HeadBucket")) && has_region);
}

static bool bucket_of_input(lua_State *L, awl_str *bucket)
{
    if (!lua_istable(L, CALL_INPUT))
        return false;
    bool is_string = lua_getfield(L, CALL_INPUT, "Bucket") == LUA_TSTRING;
    if (is_string)
        bucket->ptr = lua_tolstring(L, -1, &bucket->len);
    lua_pop(L, 1);
    return is_string;
}

static awl_str region_asked(const struct awl_call *call)
{
    const struct awl_endpoint *endpoint = &call->resolved->endpoint;
    return endpoint->auth_scheme_count > 0 ? endpoint->auth_schemes[0].signing_region
                                           : call->client->region;
}

enum awl_redirect awl_s3_redirect(lua_State *L, const struct awl_call *call)
{
    struct awl_client *client = call->client;
    const struct awl_response *response = awl_transfer_response(call->transfer);
    awl_str operation =
        awl_model_operation_name(&client->service->model, call->operation);
    bool asks = awl_str_eq(operation, STR("HeadBucket"));
    awl_str bucket;

    if (!bucket_of_input(L, &bucket) || is_arn(bucket))
        return AWL_REDIRECT_NO;
    awl_str region = region_of_error(L, response);
    bool elsewhere = says_elsewhere(operation, call->service_error.code, response->status,
                                    region.len > 0);
    if (!elsewhere && !asks)
        return AWL_REDIRECT_NO;
    if (region.len > 0 && !awl_str_eq(region, region_asked(call)))
        awl_s3_regions_set(&client->bucket_regions, bucket, region);
    awl_str known = awl_s3_regions_find(client->bucket_regions, bucket);
    if (elsewhere && known.len > 0 && !awl_str_eq(known, region_asked(call)))
        return AWL_REDIRECT_NOW;
    return elsewhere && !asks && region.len == 0 ? AWL_REDIRECT_ASK : AWL_REDIRECT_NO;
}
