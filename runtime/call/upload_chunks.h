/* upload_chunks.h - streamed bodies as aws-chunked: a checksum behind them, signatures
 * within them. */
#ifndef AWL_CALL_UPLOAD_CHUNKS_H
#define AWL_CALL_UPLOAD_CHUNKS_H

#include "aws/aws_chunked_writer.h"
#include "aws/sigv4.h"
#include "base/error.h"

struct awl_call;

/* Exists where a call's body is sent so. Its chunks are signed if `writer` has a
 * signer. */
struct awl_upload_chunks {
    struct awl_chunked_writer writer;
    struct awl_buf out;  /* what the last piece has become */
    struct awl_buf text; /* of the keys, the region and the name; wiped */
    struct awl_sigv4 *sigv4;
    struct awl_sigv4_params params;
    struct awl_credentials credentials;
    char signature[AWL_SIGV4_SIGNATURE_LEN + 1]; /* the one before */
};

/* Decides at the first attempt how a streamed body goes, call->url being known: with a
 * checksum behind it, where one is wanted, as call->chunks, and the fields that say so.
 * With `sign_chunks` they are signed where the connection hides nothing. */
enum awl_rc awl_upload_chunks_plan(struct awl_call *call, bool sign_chunks,
                                   struct awl_error *err);

/* Wipes the keys. NULL is fine. */
void awl_upload_chunks_free(struct awl_upload_chunks *chunks);

/* What stands for the payload in the request's signature. */
awl_str awl_upload_chunks_hash(const struct awl_upload_chunks *chunks);

/* Whether there are chunks and they are signed. */
bool awl_upload_chunks_signed(const struct awl_upload_chunks *chunks);

/* The request has been signed: the signatures of the chunks follow from its own. Copies
 * what it keeps. */
enum awl_rc awl_upload_chunks_seed(struct awl_upload_chunks *chunks,
                                   struct awl_sigv4 *sigv4,
                                   const struct awl_sigv4_params *params,
                                   const struct awl_credentials *credentials,
                                   const char signature[AWL_SIGV4_SIGNATURE_LEN]);

/* Makes `out` what is to be sent for a piece of the body; `ended`: and for its end. */
enum awl_rc awl_upload_chunks_write(struct awl_upload_chunks *chunks, awl_str piece,
                                    bool ended);

#endif
