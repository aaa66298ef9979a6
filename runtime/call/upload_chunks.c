#include "call/upload_chunks.h"

#include <stdio.h>
#include <stdlib.h>

#include "call/compress.h"
#include "call/request_checksum.h"
#include "call/state.h"

#define OUT_MAX ((size_t)64 << 20) /* the longest that a transfer takes at once */
#define TEXT_MAX (64 * 1024)

static enum awl_rc sign_next(void *data, awl_str bytes, bool is_trailer,
                             char signature[64])
{
    struct awl_upload_chunks *chunks = data;
    char *next = chunks->signature;
    enum awl_rc rc =
        is_trailer
            ? awl_sigv4_sign_trailer(chunks->sigv4, &chunks->params, &chunks->credentials,
                                     next, bytes, next, NULL)
            : awl_sigv4_sign_piece(chunks->sigv4, &chunks->params, &chunks->credentials,
                                   next, STR(""), bytes, next, NULL);
    memcpy(signature, next, AWL_SIGV4_SIGNATURE_LEN);
    return rc;
}

static struct awl_upload_chunks *chunks_new(enum awl_checksum_algorithm algorithm,
                                            bool sign)
{
    struct awl_upload_chunks *chunks = calloc(1, sizeof(*chunks));
    if (chunks == NULL)
        return NULL;
    const struct awl_chunked_options options = {
        .chunk_bytes = AWL_CHUNKED_CHUNK_BYTES,
        .has_checksum = true,
        .algorithm = algorithm,
        .sign = sign ? sign_next : NULL,
        .sign_data = chunks,
    };
    awl_chunked_writer_init(&chunks->writer, &options);
    awl_buf_init(&chunks->out, OUT_MAX);
    awl_buf_init(&chunks->text, TEXT_MAX);
    return chunks;
}

void awl_upload_chunks_free(struct awl_upload_chunks *chunks)
{
    if (chunks == NULL)
        return;
    awl_chunked_writer_release(&chunks->writer);
    awl_buf_release(&chunks->out);
    awl_buf_wipe(&chunks->text);
    free(chunks);
}

static enum awl_rc add_fields(struct awl_call *call,
                              enum awl_checksum_algorithm algorithm)
{
    struct awl_headers *headers = &call->request.headers;
    char length[24];
    enum awl_rc rc = awl_request_checksum_announce(call->operation, algorithm, headers);

    if (rc == AWL_OK)
        rc = awl_compress_add_encoding(headers, STR("aws-chunked"));
    if (rc == AWL_OK)
        rc = awl_headers_set(headers, STR("X-Amz-Trailer"),
                             awl_checksum_header(algorithm));
    if (rc != AWL_OK || call->upload.length < 0)
        return rc;
    snprintf(length, sizeof(length), "%lld", (long long)call->upload.length);
    return awl_headers_set(headers, STR("X-Amz-Decoded-Content-Length"),
                           awl_str_of(length));
}

enum awl_rc awl_upload_chunks_plan(struct awl_call *call, bool sign_chunks,
                                   struct awl_error *err)
{
    enum awl_checksum_algorithm algorithm;
    bool wanted;

    enum awl_rc rc =
        awl_request_checksum_choose(&call->client->service->model, call->operation,
                                    call->client->checksum_when_required,
                                    &call->request.headers, &wanted, &algorithm, err);
    if (rc != AWL_OK || !wanted)
        return rc;
    bool guarded = awl_str_starts(awl_buf_str(&call->url), STR("https://")) &&
                   !call->client->sign_payload;
    call->chunks = chunks_new(algorithm, sign_chunks && !guarded);
    rc = call->chunks != NULL ? add_fields(call, algorithm) : AWL_ENOMEM;
    return rc == AWL_OK ? rc : awl_error_set(err, rc, "the request is too large");
}

bool awl_upload_chunks_signed(const struct awl_upload_chunks *chunks)
{
    return chunks != NULL && chunks->writer.options.sign != NULL;
}

awl_str awl_upload_chunks_hash(const struct awl_upload_chunks *chunks)
{
    return awl_upload_chunks_signed(chunks) ? STR(AWL_SIGV4_STREAMING_TRAILER)
                                            : STR(AWL_SIGV4_STREAMING_UNSIGNED_TRAILER);
}

/* ---- signatures ---- */

static awl_str keep(struct awl_buf *text, awl_str what)
{
    size_t at = text->len;
    if (awl_buf_append_str(text, what) != AWL_OK)
        return (awl_str){"", 0};
    return awl_str_make(text->ptr + at, what.len);
}

enum awl_rc awl_upload_chunks_seed(struct awl_upload_chunks *chunks,
                                   struct awl_sigv4 *sigv4,
                                   const struct awl_sigv4_params *params,
                                   const struct awl_credentials *credentials,
                                   const char signature[AWL_SIGV4_SIGNATURE_LEN])
{
    struct awl_buf *text = &chunks->text;
    size_t need = params->region.len + params->service.len +
                  credentials->access_key_id.len + credentials->secret_access_key.len;

    awl_buf_wipe(text);
    awl_buf_reserve(text, need); /* so that what is kept stays where it is */
    chunks->sigv4 = sigv4;
    chunks->params = (struct awl_sigv4_params){
        .region = keep(text, params->region),
        .service = keep(text, params->service),
        .now_ms = params->now_ms,
    };
    chunks->credentials = (struct awl_credentials){
        .access_key_id = keep(text, credentials->access_key_id),
        .secret_access_key = keep(text, credentials->secret_access_key),
    };
    memcpy(chunks->signature, signature, AWL_SIGV4_SIGNATURE_LEN);
    return awl_buf_rc(text);
}

enum awl_rc awl_upload_chunks_write(struct awl_upload_chunks *chunks, awl_str piece,
                                    bool ended)
{
    awl_buf_clear(&chunks->out);
    enum awl_rc rc = awl_chunked_writer_add(&chunks->writer, piece, &chunks->out);
    if (rc == AWL_OK && ended)
        rc = awl_chunked_writer_end(&chunks->writer, &chunks->out);
    return rc;
}
