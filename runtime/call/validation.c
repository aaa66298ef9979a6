#include "call/validation.h"

#include "call/state.h"

enum awl_rc awl_validation_ask(struct awl_call *call, struct awl_error *err)
{
    const struct awl_model *model = &call->client->service->model;
    const struct awl_operation *operation = call->operation;
    struct awl_headers *headers = &call->request.headers;
    awl_str mode;

    call->validate = false;
    if (operation->checksum_mode_member == AWL_MODEL_NONE || call->presign_seconds > 0)
        return AWL_OK;
    const struct awl_member *member =
        awl_model_member_by_name(model, awl_model_shape(model, operation->input),
                                 awl_model_str(model, operation->checksum_mode_member));
    if (member == NULL)
        return AWL_OK;
    awl_str field = awl_model_str(model, member->wire_name);
    if (awl_headers_get(headers, field, &mode)) {
        call->validate = awl_str_eq(mode, STR("ENABLED"));
        return AWL_OK;
    }
    if (call->client->validate_when_required)
        return AWL_OK;
    call->validate = true;
    enum awl_rc rc = awl_headers_add(headers, field, STR("ENABLED"));
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}

/* A part of an object comes with the checksum of the object, or with its own: which one
 * cannot be told. "bytes 0-9/10" is all of it. */
static bool is_whole(const struct awl_response *response)
{
    awl_str range;
    int64_t last, length;

    if (response->status != 206)
        return true;
    if (!awl_headers_get(&response->headers, STR("content-range"), &range) ||
        !awl_str_starts(range, STR("bytes 0-")))
        return false;
    size_t slash = awl_str_find(range, '/', 0);
    return slash != SIZE_MAX && awl_str_to_int64(awl_str_slice(range, 8, slash), &last) &&
           awl_str_to_int64(awl_str_slice(range, slash + 1, range.len), &length) &&
           last >= 0 && last == length - 1;
}

/* A word of the list "CRC32,SHA256". */
static bool names(awl_str list, awl_str word)
{
    while (list.len > 0) {
        size_t comma = awl_str_find(list, ',', 0);
        if (awl_str_eq(awl_str_slice(list, 0, comma), word))
            return true;
        list = comma == SIZE_MAX ? (awl_str){"", 0}
                                 : awl_str_slice(list, comma + 1, list.len);
    }
    return false;
}

bool awl_validation_begin(struct awl_validation *validation,
                          const struct awl_model *model,
                          const struct awl_operation *operation,
                          const struct awl_response *response)
{
    /* As botocore prefers them. */
    static const enum awl_checksum_algorithm order[] = {
        AWL_CHECKSUM_XXHASH128, AWL_CHECKSUM_XXHASH3, AWL_CHECKSUM_CRC64NVME,
        AWL_CHECKSUM_XXHASH64,  AWL_CHECKSUM_CRC32C,  AWL_CHECKSUM_CRC32,
        AWL_CHECKSUM_SHA1,      AWL_CHECKSUM_SHA256,  AWL_CHECKSUM_SHA512,
        AWL_CHECKSUM_MD5,
    };
    awl_str known = awl_model_str(model, operation->response_checksums), value;

    if (!is_whole(response))
        return false;
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
        /* With a dash it is made of the checksums of parts, which are not at hand. */
        if (!names(known, awl_checksum_name(order[i])) ||
            !awl_headers_get(&response->headers, awl_checksum_header(order[i]), &value) ||
            value.len >= sizeof(validation->expected) ||
            awl_str_find(value, '-', 0) != SIZE_MAX)
            continue;
        memcpy(validation->expected, value.ptr, value.len);
        validation->expected[value.len] = '\0';
        awl_checksum_init(&validation->checksum, order[i]);
        return true;
    }
    return false;
}

enum awl_rc awl_validation_end(const struct awl_validation *validation,
                               struct awl_error *err)
{
    struct awl_checksum checksum = validation->checksum;
    char actual[AWL_CHECKSUM_BASE64_MAX];

    awl_checksum_final_base64(&checksum, actual);
    if (strcmp(actual, validation->expected) == 0)
        return AWL_OK;
    awl_error_code(err, AWL_ETRANSPORT, "ChecksumMismatch",
                   "the body that arrived has the %.*s %s, the one that was sent has %s",
                   STR_ARG(awl_checksum_name(checksum.algorithm)), actual,
                   validation->expected);
    if (err != NULL)
        err->sent = true;
    return AWL_ETRANSPORT;
}

enum awl_rc awl_validation_check(struct awl_call *call, struct awl_error *err)
{
    const struct awl_service *service = call->client->service;
    const struct awl_response *response = awl_transfer_response(call->transfer);
    struct awl_validation validation;

    if (service->rules->check_body != NULL &&
        service->rules->check_body(response, err) != AWL_OK)
        return err->rc;
    if (!call->validate || response->status >= 300 ||
        !awl_validation_begin(&validation, &service->model, call->operation, response))
        return AWL_OK;
    call->validated = awl_checksum_name(validation.checksum.algorithm);
    awl_checksum_update(&validation.checksum, response->body.ptr, response->body.len);
    return awl_validation_end(&validation, err);
}
