#include "call/compress.h"

#include <libdeflate.h>
#include <stdio.h>

#define LEVEL 6 /* gzip's own default */

static bool requires_length(const struct awl_model *model,
                            const struct awl_operation *operation)
{
    const struct awl_shape *input = awl_model_shape(model, operation->input);
    if (input->payload == 0)
        return false;
    uint16_t payload = awl_model_members(model, input)[input->payload - 1].shape;
    return (awl_model_shape(model, payload)->flags & AWL_SHAPE_REQUIRES_LENGTH) != 0;
}

bool awl_compress_wanted(const struct awl_compression *settings,
                         const struct awl_model *model,
                         const struct awl_operation *operation, bool streaming,
                         size_t len)
{
    if (!(operation->flags & AWL_OPERATION_COMPRESS_GZIP) || settings->disabled)
        return false;
    if (streaming)
        return !requires_length(model, operation);
    return len > 0 && (uint64_t)len >= (uint64_t)settings->min_bytes;
}

static enum awl_rc gzip(awl_str body, struct awl_buf *out)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
    if (compressor == NULL)
        return AWL_ENOMEM;
    size_t room = libdeflate_gzip_compress_bound(compressor, body.len);
    enum awl_rc rc = awl_buf_reserve(out, room);
    if (rc == AWL_OK)
        out->len += libdeflate_gzip_compress(compressor, body.ptr, body.len,
                                             out->ptr + out->len, room);
    libdeflate_free_compressor(compressor);
    return rc;
}

enum awl_rc awl_compress_add_encoding(struct awl_headers *headers, awl_str encoding)
{
    char text[1024];
    awl_str before;

    if (!awl_headers_get(headers, STR("Content-Encoding"), &before))
        return awl_headers_add(headers, STR("Content-Encoding"), encoding);
    int len =
        snprintf(text, sizeof(text), "%.*s, %.*s", STR_ARG(before), STR_ARG(encoding));
    if (len < 0 || (size_t)len >= sizeof(text))
        return AWL_EINPUT;
    return awl_headers_set(headers, STR("Content-Encoding"),
                           awl_str_make(text, (size_t)len));
}

enum awl_rc awl_compress_body(struct awl_request *request, awl_str body,
                              struct awl_error *err)
{
    struct awl_buf packed;
    awl_buf_init(&packed, request->body.max);
    enum awl_rc rc = gzip(body, &packed);
    if (rc == AWL_OK)
        rc = awl_compress_add_encoding(&request->headers, STR("gzip"));
    if (rc != AWL_OK) {
        awl_buf_release(&packed);
        return awl_error_set(err, rc, "the body cannot be compressed");
    }
    awl_buf_release(&request->body);
    request->body = packed;
    request->streaming = false;
    return AWL_OK;
}
