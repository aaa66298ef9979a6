#include "base/message.h"

#define HOST_PREFIX_MAX 256
#define PATH_MAX_BYTES (64 * 1024)
#define QUERY_MAX_BYTES (1024 * 1024)
#define HEADERS_MAX_BYTES (1024 * 1024)

void awl_request_init(struct awl_request *request, size_t max_body)
{
    request->method = (awl_str){NULL, 0};
    request->streaming = false;
    awl_buf_init(&request->host_prefix, HOST_PREFIX_MAX);
    awl_buf_init(&request->path, PATH_MAX_BYTES);
    awl_buf_init(&request->query, QUERY_MAX_BYTES);
    awl_headers_init(&request->headers, HEADERS_MAX_BYTES);
    awl_buf_init(&request->body, max_body);
}

void awl_request_release(struct awl_request *request)
{
    awl_buf_release(&request->host_prefix);
    awl_buf_release(&request->path);
    awl_buf_release(&request->query);
    awl_headers_release(&request->headers);
    awl_buf_release(&request->body);
}

void awl_request_clear(struct awl_request *request)
{
    request->method = (awl_str){NULL, 0};
    request->streaming = false;
    awl_buf_clear(&request->host_prefix);
    awl_buf_clear(&request->path);
    awl_buf_clear(&request->query);
    awl_headers_clear(&request->headers);
    awl_buf_clear(&request->body);
}

void awl_response_init(struct awl_response *response, size_t max_body)
{
    response->status = 0;
    awl_headers_init(&response->headers, HEADERS_MAX_BYTES);
    awl_buf_init(&response->body, max_body);
}

void awl_response_release(struct awl_response *response)
{
    awl_headers_release(&response->headers);
    awl_buf_release(&response->body);
}

void awl_response_clear(struct awl_response *response)
{
    response->status = 0;
    awl_headers_clear(&response->headers);
    awl_buf_clear(&response->body);
}
