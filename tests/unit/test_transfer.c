/* test_transfer.c - one exchange between our client and our server, on one loop. */
#include "web.h"

TEST(an_answer_arrives_with_status_fields_and_body)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);

    struct awl_response *response = awl_transfer_response(transfer);
    awl_str length;
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(response->status, 200);
    CHECK_BUF(&response->body, "hello");
    CHECK(awl_headers_get(&response->headers, STR("content-length"), &length));
    CHECK_STR(length, "5");
    CHECK_STR(awl_headers_name(&response->headers, 0), "date");
    awl_transfer_free(transfer);
    web_release(&web);
}

static void check_sent(struct web *web, struct awl_transfer_request *request,
                       const char *expected)
{
    struct awl_transfer *transfer = awl_transfer_new(web->http);
    web->serve = web_echo;
    web_run(web, transfer, request);
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, expected);
    awl_transfer_free(transfer);
}

TEST(nothing_is_sent_that_was_not_asked_for)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request =
        web_get(web_url(&web, "/a/../b//c%2fd/%E4/.?x=%2F&y"));
    check_sent(&web, &request, "GET /a/../b//c%2fd/%E4/.?x=%2F&y\n");
    request.method = STR("DELETE");
    check_sent(&web, &request, "DELETE /a/../b//c%2fd/%E4/.?x=%2F&y\n");
    web_release(&web);
}

TEST(a_body_goes_with_its_length_and_the_fields_given)
{
    UNUSED_STATE;
    struct web web;
    struct awl_headers headers;
    web_init(&web);
    awl_headers_init(&headers, 65536);
    CHECK_OK(awl_headers_add(&headers, STR("X-Amz-Meta-A"), STR("1")));
    CHECK_OK(awl_headers_add(&headers, STR("X-Empty"), STR("")));
    CHECK_OK(awl_headers_add(&headers, STR("X-Amz-Meta-A"), STR("2")));
    CHECK_OK(awl_headers_add(&headers, STR("Content-Length"), STR("77")));
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.headers = &headers;
    request.body = STR("data");
    check_sent(&web, &request,
               "PUT /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 4\ndata");
    request.body = STR("");
    request.method = STR("POST");
    check_sent(&web, &request,
               "POST /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 0\n");
    request.repeatable = false;
    request.body = STR("data");
    check_sent(&web, &request,
               "POST /?\nX-Amz-Meta-A: 1\nX-Empty: \nX-Amz-Meta-A: 2\n"
               "Content-Length: 4\ndata");
    awl_headers_release(&headers);
    web_release(&web);
}

TEST(expect_is_answered_with_continue)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.body = STR("data");
    request.expect_continue = true;
    check_sent(&web, &request, "PUT /?\nExpect: 100-continue\nContent-Length: 4\ndata");
    web_release(&web);
}

static void bodyless(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response response;
    awl_str path = awl_buf_str(&awl_exchange_request(exchange)->path);
    int64_t status = 0;
    awl_str_to_int64(awl_str_slice(path, 1, path.len), &status);
    (void)web;
    awl_response_init(&response, 100);
    response.status = (int)status;
    if (status == 200) /* to a HEAD: the length of what GET would bring */
        CHECK_OK(awl_headers_add(&response.headers, STR("Content-Length"), STR("12345")));
    CHECK_OK(awl_exchange_respond(exchange, &response, NULL));
    awl_response_release(&response);
    awl_exchange_free(exchange);
}

TEST(answers_without_a_body_leave_the_connection_usable)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = bodyless;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    static const char *const paths[] = {"/204", "/304", "/200"};
    for (size_t i = 0; i < 3; i++) {
        struct awl_transfer_request request = web_get(web_url(&web, paths[i]));
        if (i == 2)
            request.method = STR("HEAD");
        web_run(&web, transfer, &request);
        assert_null(awl_transfer_error(transfer));
        CHECK_INT(awl_transfer_response(transfer)->status, atoi(paths[i] + 1));
        CHECK_INT(awl_transfer_response(transfer)->body.len, 0);
    }
    struct awl_server_stats stats;
    awl_server_stats(web.server, &stats);
    CHECK_INT(stats.accepted, 1);
    awl_transfer_free(transfer);
    web_release(&web);
}

/* Its memory serves the next one. */
TEST(a_freed_transfer_leaves_nothing_to_the_next)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *first = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = true;
    request.max_body = 3;
    web_run(&web, first, &request);
    web_check_error(first, "TooLarge");
    CHECK(awl_transfer_head(first)->signaled);
    awl_transfer_free(first);

    struct awl_transfer *second = awl_transfer_new(web.http);
    assert_ptr_equal(second, first);
    assert_null(awl_transfer_error(second));
    CHECK(!awl_transfer_ended(second));
    CHECK(!awl_transfer_head(second)->signaled);
    CHECK(!awl_transfer_readable(second)->signaled);
    CHECK_INT(awl_transfer_response(second)->status, 0);
    CHECK_INT(awl_transfer_response(second)->headers.count, 0);
    CHECK_INT(awl_transfer_body(second).len, 0);
    request.max_body = 0;
    web_run(&web, second, &request);
    CHECK_BUF(&awl_transfer_response(second)->body, "hello");
    awl_transfer_free(second);
    web_release(&web);
}

static void serve_300_kib(struct web *web, struct awl_exchange *exchange)
{
    char *body = calloc(300 * 1024 + 1, 1);
    (void)web;
    assert_non_null(body);
    web_answer(exchange, 200, memset(body, 'x', (size_t)300 * 1024));
    free(body);
}

TEST(the_memory_of_a_large_answer_is_not_kept)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = serve_300_kib;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = true;
    web_run(&web, transfer, &request);
    CHECK_INT(awl_transfer_response(transfer)->body.len, 300 * 1024);
    awl_transfer_free(transfer);
    transfer = awl_transfer_new(web.http);
    CHECK_INT(awl_transfer_response(transfer)->body.cap, 0);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST_MAIN(RUN(an_answer_arrives_with_status_fields_and_body),
          RUN(nothing_is_sent_that_was_not_asked_for),
          RUN(a_body_goes_with_its_length_and_the_fields_given),
          RUN(expect_is_answered_with_continue),
          RUN(answers_without_a_body_leave_the_connection_usable),
          RUN(a_freed_transfer_leaves_nothing_to_the_next),
          RUN(the_memory_of_a_large_answer_is_not_kept))
