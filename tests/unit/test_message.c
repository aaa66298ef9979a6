#include "base/message.h"

#include "test.h"

TEST(a_cleared_request_is_as_new)
{
    UNUSED_STATE;
    struct awl_request request;
    awl_request_init(&request, 100);
    request.method = STR("PUT");
    request.streaming = true;
    awl_buf_append_str(&request.host_prefix, STR("123."));
    awl_buf_append_str(&request.path, STR("/a"));
    awl_buf_append_str(&request.query, STR("b=c"));
    awl_headers_add(&request.headers, STR("A"), STR("b"));
    awl_buf_append_str(&request.body, STR("body"));

    awl_request_clear(&request);
    CHECK_INT(request.method.len, 0);
    CHECK(!request.streaming);
    CHECK_INT(request.host_prefix.len + request.path.len + request.query.len, 0);
    CHECK_INT(request.headers.count, 0);
    CHECK_INT(request.body.len, 0);
    awl_request_release(&request);
}

TEST(each_part_of_a_request_has_its_limit)
{
    UNUSED_STATE;
    struct awl_request request;
    awl_request_init(&request, 3);
    CHECK_RC(awl_buf_append_str(&request.body, STR("four")), AWL_ELIMIT);
    CHECK_RC(awl_buf_reserve(&request.path, 64 * 1024 + 1), AWL_ELIMIT);
    CHECK_OK(awl_buf_reserve(&request.path, 64 * 1024));
    CHECK_RC(awl_buf_reserve(&request.query, 1024 * 1024 + 1), AWL_ELIMIT);
    CHECK_RC(awl_buf_reserve(&request.host_prefix, 257), AWL_ELIMIT);
    awl_request_release(&request);
}

TEST(a_cleared_response_is_as_new)
{
    UNUSED_STATE;
    struct awl_response response;
    awl_response_init(&response, 3);
    response.status = 503;
    awl_headers_add(&response.headers, STR("a"), STR("b"));
    CHECK_RC(awl_buf_append_str(&response.body, STR("four")), AWL_ELIMIT);
    awl_response_clear(&response);
    CHECK_INT(response.status, 0);
    CHECK_INT(response.headers.count, 0);
    CHECK_OK(awl_buf_append_str(&response.body, STR("abc")));
    awl_response_release(&response);
}

TEST_MAIN(RUN(a_cleared_request_is_as_new), RUN(each_part_of_a_request_has_its_limit),
          RUN(a_cleared_response_is_as_new))
