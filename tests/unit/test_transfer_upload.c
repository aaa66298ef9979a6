/* test_transfer_upload.c - bodies that are fed in pieces, and servers that refuse them.
 */
#include "web.h"

static void check_length_and_echo(struct web *web, struct awl_exchange *exchange)
{
    const struct awl_request *request = awl_exchange_request(exchange);
    char text[32];
    (void)web;
    for (size_t i = 0; i < request->body.len; i += 1000)
        assert_int_equal(request->body.ptr[i], 'a' + (int)(i / 100000 % 26));
    snprintf(text, sizeof(text), "%zu", request->body.len);
    web_answer(exchange, 200, text);
}

/* Feeds `len` bytes, waiting whenever it is told to, and counts how often. */
static int feed_all(struct web *web, struct awl_transfer *transfer, size_t len)
{
    static char piece[100000];
    int waits = 0;
    for (size_t at = 0; at < len; at += sizeof(piece)) {
        memset(piece, 'a' + (int)(at / sizeof(piece) % 26), sizeof(piece));
        while (awl_transfer_feed(transfer, awl_str_make(piece, sizeof(piece))) ==
               AWL_ELIMIT) {
            CHECK(!awl_transfer_writable(transfer)->signaled);
            web_until(web, awl_transfer_writable(transfer));
            waits++;
        }
    }
    awl_transfer_feed_end(transfer);
    return waits;
}

static struct awl_transfer *begin(struct web *web, int64_t length)
{
    struct awl_transfer *transfer = awl_transfer_new(web->http);
    struct awl_transfer_request request = web_get(web_url(web, "/"));
    request.method = STR("PUT");
    request.upload = true;
    request.upload_length = length;
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    return transfer;
}

static void upload(int64_t length)
{
    struct web web;
    web_init(&web);
    web.serve = check_length_and_echo;
    struct awl_transfer *transfer = begin(&web, length);
    CHECK(awl_transfer_writable(transfer)->signaled);
    CHECK(feed_all(&web, transfer, 8000000) > 0);
    web_until(&web, awl_transfer_head(transfer));
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, "8000000");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_upload_of_known_length_is_fed_in_pieces)
{
    UNUSED_STATE;
    upload(8000000);
}

TEST(an_upload_of_unknown_length_goes_in_chunks)
{
    UNUSED_STATE;
    upload(-1);
}

TEST(an_upload_that_pauses_goes_on_when_it_is_fed)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = web_echo;
    struct awl_transfer *transfer = begin(&web, 6);
    for (int i = 0; i < 6; i++) {
        for (int turn = 0; turn < 5; turn++)
            awl_loop_turn(web.loop, false);
        CHECK_OK(awl_transfer_feed(transfer, awl_str_make(&"abcdef"[i], 1)));
    }
    CHECK_RC(awl_transfer_feed(transfer, STR("g")), AWL_EINPUT);
    awl_transfer_feed_end(transfer);
    web_until(&web, awl_transfer_head(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body,
              "PUT /?\nContent-Length: 6\nabcdef");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(an_upload_that_ends_early_fails)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = begin(&web, 6);
    CHECK_OK(awl_transfer_feed(transfer, STR("abc")));
    awl_transfer_feed_end(transfer);
    web_until(&web, awl_transfer_head(transfer));
    web_check_error(transfer, "IncompleteBody");
    CHECK_INT(web.served, 0);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_server_that_refuses_an_upload_ends_it)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_server_limits limits = {.max_body = 100000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = begin(&web, 1000000);
    CHECK_OK(awl_transfer_feed(transfer, STR("abc")));
    web_until(&web, awl_transfer_head(transfer)); /* never fed to the end */
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 413);
    CHECK_RC(awl_transfer_feed(transfer, STR("abc")), AWL_ECANCELED);
    CHECK_INT(web.served, 0);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_large_body_that_is_refused_shows_the_refusal)
{
    UNUSED_STATE;
    struct web web;
    size_t size = (size_t)32 << 20;
    char *body = calloc(1, size);
    web_init(&web);
    struct awl_server_limits limits = {.max_body = 100000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.method = STR("PUT");
    request.body = awl_str_make(body, size);
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 413);
    awl_transfer_free(transfer);
    free(body);
    web_release(&web);
}

TEST_MAIN(RUN(an_upload_of_known_length_is_fed_in_pieces),
          RUN(an_upload_of_unknown_length_goes_in_chunks),
          RUN(an_upload_that_pauses_goes_on_when_it_is_fed),
          RUN(an_upload_that_ends_early_fails),
          RUN(a_server_that_refuses_an_upload_ends_it),
          RUN(a_large_body_that_is_refused_shows_the_refusal))
