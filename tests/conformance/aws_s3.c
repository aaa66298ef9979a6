/* Recorded uploads of S3: their aws-chunked bodies, and the signatures in them, are
 * written anew from what they carry. */
#include "aws_vectors.h"

#include <stdio.h>

#include "aws/aws_chunked.h"
#include "aws/aws_chunked_writer.h"
#include "aws/sigv4.h"

#define BODY_MAX ((size_t)64 << 20)

static const struct awl_credentials recorders = {
    .access_key_id = {"ANOTREAL", 8},
    .secret_access_key = {"notrealrnrELgWzOk3IfjzDKtFBhDby", 31},
};
static const int64_t recorded_ms = INT64_C(1234567890000);

/* The signatures of an upload, each made with the one before it. */
struct chain {
    struct awl_sigv4 *sigv4;
    struct awl_sigv4_params params;
    char prior[AWL_SIGV4_SIGNATURE_LEN + 1];
};

static enum awl_rc sign_piece(void *data, awl_str bytes, bool is_trailer,
                              char signature[64])
{
    struct chain *chain = data;
    enum awl_rc rc =
        is_trailer
            ? awl_sigv4_sign_trailer(chain->sigv4, &chain->params, &recorders,
                                     chain->prior, bytes, chain->prior, NULL)
            : awl_sigv4_sign_piece(chain->sigv4, &chain->params, &recorders, chain->prior,
                                   STR(""), bytes, chain->prior, NULL);
    memcpy(signature, chain->prior, AWL_SIGV4_SIGNATURE_LEN);
    return rc;
}

static awl_str header(const struct vectors_json *request, const char *name)
{
    const struct vectors_json *values =
        vectors_get(vectors_get(request, "headers"), name);
    return values != NULL && values->first != NULL ? values->first->text : STR("");
}

/* What stands between two texts; "" if it is not there. */
static awl_str between(awl_str text, awl_str before, char after)
{
    for (size_t at = 0; at + before.len <= text.len; at++) {
        awl_str rest = awl_str_slice(text, at, text.len);
        if (awl_str_starts(rest, before))
            return awl_str_slice(rest, before.len, awl_str_find(rest, after, before.len));
    }
    return STR("");
}

/* The first request of a recording and its body. */
static const struct vectors_json *read_request(const struct vectors_json *document,
                                               struct awl_buf *body)
{
    const struct vectors_json *events = vectors_get(document, "events");
    const struct vectors_json *request = NULL;
    const struct vectors_json *event = events != NULL ? events->first : NULL;
    for (; event != NULL; event = event->next) {
        const struct vectors_json *action = vectors_get(event, "action");
        const struct vectors_json *found =
            vectors_get(vectors_get(action, "Request"), "request");
        const struct vectors_json *data = vectors_get(action, "Data");
        if (found != NULL && request != NULL)
            break;
        request = found != NULL ? found : request;
        if (awl_str_eq(vectors_text(data, "direction"), STR("Request")))
            awl_buf_append_str(body, vectors_text(vectors_get(data, "data"), "Utf8"));
    }
    return request;
}

/* The plain bytes, the size of the first chunk, and the checksum of the trailer. */
static bool take_apart(awl_str body, struct awl_buf *plain,
                       struct awl_chunked_options *options)
{
    struct awl_chunked reader = {.rest = body};
    struct awl_chunk chunk;
    awl_str name, value;
    enum awl_rc rc;

    while ((rc = awl_chunked_next(&reader, &chunk)) == AWL_OK && chunk.bytes.len > 0) {
        if (options->chunk_bytes == 0)
            options->chunk_bytes = chunk.bytes.len;
        awl_buf_append_str(plain, chunk.bytes);
    }
    if (options->chunk_bytes == 0)
        options->chunk_bytes = 1;
    if (rc != AWL_OK || awl_chunked_trailer(&reader, &name, &value) != AWL_OK ||
        !awl_str_starts(name, STR("x-amz-checksum-")))
        return false;
    options->has_checksum = true;
    return awl_checksum_by_name(awl_str_slice(name, strlen("x-amz-checksum-"), name.len),
                                &options->algorithm);
}

/* A chain that begins with the signature of the request. */
static bool begin_chain(struct chain *chain, const struct vectors_json *request)
{
    awl_str authorization = header(request, "authorization");
    awl_str scope = between(authorization, STR("Credential="), ',');
    awl_str signature = between(authorization, STR("Signature="), '\0');
    size_t region = awl_str_find(scope, '/', awl_str_find(scope, '/', 0) + 1) + 1;
    size_t service = awl_str_find(scope, '/', region) + 1;

    if (signature.len != AWL_SIGV4_SIGNATURE_LEN || service == 0)
        return false;
    memcpy(chain->prior, signature.ptr, AWL_SIGV4_SIGNATURE_LEN);
    chain->params = (struct awl_sigv4_params){
        .region = awl_str_slice(scope, region, service - 1),
        .service = awl_str_slice(scope, service, awl_str_find(scope, '/', service)),
        .now_ms = recorded_ms,
    };
    return true;
}

static bool write_anew(const struct awl_chunked_options *options, awl_str plain,
                       struct awl_buf *out)
{
    struct awl_chunked_writer writer;
    awl_chunked_writer_init(&writer, options);
    enum awl_rc rc = awl_chunked_writer_add(&writer, plain, out);
    if (rc == AWL_OK)
        rc = awl_chunked_writer_end(&writer, out);
    awl_chunked_writer_release(&writer);
    return rc == AWL_OK;
}

/* The hex digits of lengths may be in either case; all else is the same. */
static bool same_pieces(awl_str a, awl_str b)
{
    struct awl_chunked first = {.rest = a}, second = {.rest = b};
    struct awl_chunk one, other;
    do {
        if (awl_chunked_next(&first, &one) != AWL_OK ||
            awl_chunked_next(&second, &other) != AWL_OK ||
            !awl_str_eq(one.bytes, other.bytes) ||
            !awl_str_eq(one.signature, other.signature))
            return false;
    } while (one.bytes.len > 0);
    return a.len == b.len && awl_str_eq(first.rest, second.rest);
}

static void run_upload(struct vectors_suite *suite, const char *name, awl_str body,
                       const struct vectors_json *request)
{
    struct awl_chunked_options options = {.chunk_bytes = 0};
    struct chain chain = {.sigv4 = awl_sigv4_new()};
    struct awl_buf plain, out;

    awl_buf_init(&plain, BODY_MAX);
    awl_buf_init(&out, BODY_MAX);
    if (awl_str_starts(header(request, "x-amz-content-sha256"),
                       STR("STREAMING-AWS4-HMAC-SHA256"))) {
        options.sign = sign_piece;
        options.sign_data = &chain;
    }
    if (options.sign != NULL && !begin_chain(&chain, request))
        vectors_fail(suite, name, "no signature to begin with");
    else if (!take_apart(body, &plain, &options))
        vectors_fail(suite, name, "the body is not aws-chunked");
    else if (!write_anew(&options, awl_buf_str(&plain), &out))
        vectors_fail(suite, name, "the body cannot be written");
    else if (!same_pieces(awl_buf_str(&out), body))
        vectors_fail(suite, name, "another body is written");
    else if (awl_chunked_length(&options, (int64_t)plain.len) != (int64_t)body.len)
        vectors_fail(suite, name, "another length is foreseen");
    else
        vectors_pass(suite);
    awl_buf_release(&out);
    awl_buf_release(&plain);
    awl_sigv4_free(chain.sigv4);
}

static void run_file(struct vectors_suite *suite, const char *path)
{
    struct awl_buf body;
    awl_buf_init(&body, BODY_MAX);
    const struct vectors_json *request = read_request(vectors_json_read(path), &body);
    if (awl_str_eq(header(request, "content-encoding"), STR("aws-chunked")))
        run_upload(suite, path, awl_buf_str(&body), request);
    awl_buf_release(&body);
}

void aws_vectors_s3(struct vectors_suite *suite, const char *folder)
{
    const char *recordings = vectors_path(folder, "http-recordings");
    const char **groups = vectors_list(recordings);
    for (size_t i = 0; groups != NULL && groups[i] != NULL; i++) {
        const char *group = vectors_path(recordings, groups[i]);
        const char **files = vectors_list(group);
        for (size_t j = 0; files != NULL && files[j] != NULL; j++)
            run_file(suite, vectors_path(group, files[j]));
    }
}
