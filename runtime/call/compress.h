/* compress.h - gzip of request bodies, for operations that take it. */
#ifndef AWL_CALL_COMPRESS_H
#define AWL_CALL_COMPRESS_H

#include "base/message.h"
#include "model/model.h"

/* The client's settings. */
struct awl_compression {
    bool disabled;
    int64_t min_bytes; /* shorter bodies stay as they are */
};

#define AWL_COMPRESSION_MIN_BYTES 10240
#define AWL_COMPRESSION_MIN_BYTES_MAX 10485760

/* Whether a body of `len` bytes is to be compressed: the operation's model offers gzip
 * and the body is long enough. One that is a stream always is, unless the service must
 * know its length. */
bool awl_compress_wanted(const struct awl_compression *settings,
                         const struct awl_model *model,
                         const struct awl_operation *operation, bool streaming,
                         size_t len);

/* Makes gzip of `body` the request's body, no stream any more, and appends to its
 * Content-Encoding. `body` may be the request's own. AWL_ENOMEM, AWL_ELIMIT. */
enum awl_rc awl_compress_body(struct awl_request *request, awl_str body,
                              struct awl_error *err);

/* Appends a word to Content-Encoding. */
enum awl_rc awl_compress_add_encoding(struct awl_headers *headers, awl_str encoding);

#endif
