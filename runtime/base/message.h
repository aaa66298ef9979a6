/* message.h - an HTTP request and its answer as plain data.
 *
 * What the codecs write, the signer completes, the transport sends and, in the
 * other direction, the server reads. */
#ifndef AWL_BASE_MESSAGE_H
#define AWL_BASE_MESSAGE_H

#include "base/buf.h"
#include "base/headers.h"

struct awl_request {
    awl_str method;             /* static or owned by the model: "POST" */
    struct awl_buf host_prefix; /* goes before the endpoint's host; may be empty */
    struct awl_buf path;        /* percent-encoded, begins with '/' */
    struct awl_buf query;       /* percent-encoded "k=v&k2=v2" without '?' */
    struct awl_headers headers;
    struct awl_buf body;
    bool streaming; /* the body is a streaming member: not in `body` */
};

struct awl_response {
    int status;
    struct awl_headers headers; /* names in lower case on the client's side */
    struct awl_buf body;
};

/* `max_body` limits the body; path, query and header fields have limits of their
 * own (64 KiB, 1 MiB and 1 MiB). */
void awl_request_init(struct awl_request *request, size_t max_body);
void awl_request_release(struct awl_request *request);
void awl_request_clear(struct awl_request *request);

/* The same; `max_body` limits the body. */
void awl_response_init(struct awl_response *response, size_t max_body);
void awl_response_release(struct awl_response *response);
void awl_response_clear(struct awl_response *response);

#endif
