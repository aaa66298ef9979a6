/* test_transfer_failure.c - connections that fail, and what is sent again then. */
#include "web.h"

TEST(a_refused_connection_says_where)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    char url[512], words[64];
    int port = awl_server_port(web.server);
    snprintf(url, sizeof(url), "%s", web_url(&web, "/"));
    snprintf(words, sizeof(words), "'127.0.0.1' port %d", port);
    awl_server_free(web.server);
    web.server = NULL;
    awl_loop_turn(web.loop, false);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    web_run(&web, transfer, &request);
    web_check_error(transfer, "ConnectionRefused");
    assert_non_null(strstr(awl_transfer_error(transfer)->message, words));
    CHECK(!awl_transfer_error(transfer)->sent);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_unusable_url_is_an_error_of_its_giver)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd",
                                       "http://127.0.0.1:99999/"};
    for (size_t i = 0; i < 3; i++) {
        struct awl_transfer_request request = web_get(urls[i]);
        web_run(&web, transfer, &request);
        web_check_error(transfer, "InvalidUrl");
        CHECK_RC(awl_transfer_error(transfer)->rc, AWL_EINPUT);
    }
    awl_transfer_free(transfer);
    web_release(&web);
}

static void reset_at_once(struct web *web, struct awl_exchange *exchange)
{
    (void)web;
    awl_exchange_reset(exchange);
    CHECK(awl_exchange_closed(exchange));
    awl_exchange_free(exchange);
}

TEST(a_connection_closed_before_the_answer_is_a_reset)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = reset_at_once;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request);
    web_check_error(transfer, "ConnectionReset");
    CHECK(awl_transfer_error(transfer)->sent);
    CHECK_INT(web.served, 1);
    awl_transfer_free(transfer);
    web_release(&web);
}

static void answer_only_the_first(struct web *web, struct awl_exchange *exchange)
{
    if (web->served == 1)
        web_answer(exchange, 200, "first");
    else
        reset_at_once(web, exchange);
}

/* One answered request warms a connection; the next finds it closing. Returns how
 * many requests the server saw. */
static int send_on_dying_connection(struct awl_transfer_request *request, char *code)
{
    struct web web;
    web_init(&web);
    web.serve = answer_only_the_first;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request warm = web_get(web_url(&web, "/"));
    request->url = warm.url;
    request->buffered = true;
    web_run(&web, transfer, &warm);
    assert_null(awl_transfer_error(transfer));
    web_run(&web, transfer, request);
    assert_non_null(awl_transfer_error(transfer));
    CHECK(awl_transfer_error(transfer)->sent);
    memcpy(code, awl_transfer_error(transfer)->code, 48);
    int served = web.served - 1;
    awl_transfer_free(transfer);
    web_release(&web);
    return served;
}

TEST(a_request_that_may_not_be_repeated_is_sent_once)
{
    UNUSED_STATE;
    char code[48];
    struct awl_transfer_request post = {.method = STR("POST"), .body = STR("{}")};
    CHECK_INT(send_on_dying_connection(&post, code), 1);
    assert_string_equal(code, "NotResent");

    struct awl_transfer_request bodyless = {.method = STR("DELETE")};
    CHECK_INT(send_on_dying_connection(&bodyless, code), 1);
    assert_string_equal(code, "ConnectionReset");
}

TEST(a_repeatable_request_is_sent_again_on_a_new_connection)
{
    UNUSED_STATE;
    char code[48];
    struct awl_transfer_request post = {
        .method = STR("POST"), .body = STR("{}"), .repeatable = true};
    CHECK(send_on_dying_connection(&post, code) > 1);
}

TEST_MAIN(RUN(a_refused_connection_says_where),
          RUN(a_connection_closed_before_the_answer_is_a_reset),
          RUN(an_unusable_url_is_an_error_of_its_giver),
          RUN(a_request_that_may_not_be_repeated_is_sent_once),
          RUN(a_repeatable_request_is_sent_again_on_a_new_connection))
