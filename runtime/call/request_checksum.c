#include "call/request_checksum.h"

#include "aws/sigv4.h"

/* The algorithm member is always this field. */
static const awl_str algorithm_field = {"x-amz-sdk-checksum-algorithm", 28};

/* Those of its fields that tell about a checksum but are none. */
static bool is_about_checksums(awl_str name)
{
    return awl_str_eq_nocase(name, STR("x-amz-checksum-algorithm")) ||
           awl_str_eq_nocase(name, STR("x-amz-checksum-type")) ||
           awl_str_eq_nocase(name, STR("x-amz-checksum-mode"));
}

bool awl_request_has_checksum(const struct awl_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        awl_str name = awl_headers_name(headers, i);
        if (awl_str_starts_nocase(name, STR("x-amz-checksum-")) &&
            !is_about_checksums(name))
            return true;
    }
    return awl_headers_get(headers, STR("Content-MD5"), NULL);
}

/* S3's fields are its own. Where another service requires a checksum Smithy means
 * Content-MD5. */
static bool wants_content_md5(const struct awl_model *model,
                              const struct awl_operation *operation)
{
    return operation->checksum_member == AWL_MODEL_NONE &&
           !awl_sigv4_is_s3(model->signing_name);
}

enum awl_rc awl_request_checksum_choose(const struct awl_model *model,
                                        const struct awl_operation *operation,
                                        bool when_required,
                                        const struct awl_headers *headers, bool *wanted,
                                        enum awl_checksum_algorithm *algorithm,
                                        struct awl_error *err)
{
    bool required = (operation->flags & AWL_OPERATION_CHECKSUM_REQUIRED) != 0;
    awl_str name;

    *wanted = false;
    if ((!required && operation->checksum_member == AWL_MODEL_NONE) ||
        awl_request_has_checksum(headers))
        return AWL_OK;
    *wanted = true;
    if (wants_content_md5(model, operation)) {
        *algorithm = AWL_CHECKSUM_MD5;
    } else if (!awl_headers_get(headers, algorithm_field, &name)) {
        *algorithm = AWL_CHECKSUM_CRC32;
        *wanted = required || !when_required;
    } else if (!awl_checksum_by_name(name, algorithm)) {
        awl_str operation_name = awl_model_operation_name(model, operation);
        return awl_error_set(err, AWL_EINPUT,
                             "invalid input of %.*s:%.*s: checksum algorithm '%.*s' is "
                             "not known: give the checksum's value",
                             STR_ARG(model->name), STR_ARG(operation_name),
                             STR_ARG(name));
    }
    return AWL_OK;
}

enum awl_rc awl_request_checksum_announce(const struct awl_operation *operation,
                                          enum awl_checksum_algorithm algorithm,
                                          struct awl_headers *headers)
{
    if (operation->checksum_member == AWL_MODEL_NONE ||
        awl_headers_get(headers, algorithm_field, NULL))
        return AWL_OK;
    return awl_headers_add(headers, algorithm_field, awl_checksum_name(algorithm));
}

enum awl_rc awl_request_checksum_add(const struct awl_model *model,
                                     const struct awl_operation *operation,
                                     bool when_required, struct awl_headers *headers,
                                     awl_str body, struct awl_error *err)
{
    enum awl_checksum_algorithm algorithm;
    struct awl_checksum checksum;
    char value[AWL_CHECKSUM_BASE64_MAX];
    bool wanted;

    enum awl_rc rc = awl_request_checksum_choose(model, operation, when_required, headers,
                                                 &wanted, &algorithm, err);
    if (rc != AWL_OK || !wanted)
        return rc;
    awl_checksum_init(&checksum, algorithm);
    awl_checksum_update(&checksum, body.ptr, body.len);
    awl_checksum_final_base64(&checksum, value);
    rc = awl_request_checksum_announce(operation, algorithm, headers);
    if (rc == AWL_OK)
        rc = awl_headers_add(headers,
                             wants_content_md5(model, operation)
                                 ? STR("Content-MD5")
                                 : awl_checksum_header(algorithm),
                             awl_str_of(value));
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}
