/* test_transfer_body.c - answers' bodies: slow readers, and bodies that are too short or
 * too long. */
#include "producer.h"
#include "web.h"

TEST(a_slow_reader_stops_the_server)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    web_init_clock(&web, NULL, true);
    web.serve = producer_begin;
    web.data = &producer;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    CHECK(!awl_transfer_ended(transfer));
    CHECK_INT(awl_transfer_response(transfer)->status, 200);

    /* Nobody reads: it must come to a stand far below the whole. */
    for (int i = 0; i < 2000; i++) {
        producer_write(&web);
        awl_loop_turn(web.loop, false);
    }
    CHECK(producer.sent < PRODUCER_BYTES);
    CHECK(awl_transfer_body(transfer).len <= ((size_t)1 << 18) + 65536);

    size_t got = 0, most = 0;
    while (!awl_transfer_ended(transfer) || awl_transfer_body(transfer).len != 0) {
        awl_str body = awl_transfer_body(transfer);
        if (body.len > most)
            most = body.len;
        for (size_t i = 0; i < body.len; i += 4096)
            assert_int_equal(body.ptr[i], 'a' + (int)((got + i) / 65536 % 26));
        got += body.len < 100000 ? body.len : 100000;
        awl_transfer_take(transfer, 100000);
        producer_write(&web);
        if (awl_transfer_body(transfer).len == 0 && !awl_transfer_ended(transfer))
            web_turn(&web);
    }
    assert_null(awl_transfer_error(transfer));
    CHECK_INT(got, PRODUCER_BYTES);
    CHECK(most <= ((size_t)1 << 18) + 65536);
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_reader_that_takes_its_time_meets_no_timeout)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    web_init_clock(&web, NULL, true);
    web.serve = producer_begin;
    web.data = &producer;
    struct awl_server_limits limits = {.idle_ms = 100000000};
    awl_server_limit(web.server, &limits);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer)) {
        for (int i = 0; i < 300; i++) {
            producer_write(&web);
            awl_loop_turn(web.loop, false);
        }
        awl_clock_advance(&web.clock, INT64_C(100) * 1000000);
        awl_loop_turn(web.loop, false);
        if (awl_transfer_body(transfer).len < (size_t)128 << 10)
            break; /* not paused: now it is the server that is slow */
        awl_transfer_take(transfer, SIZE_MAX);
    }
    CHECK(awl_clock_mono_us(&web.clock) > INT64_C(600) * 1000000);
    for (int i = 0; i < 10; i++)
        awl_loop_turn(web.loop, false);
    CHECK(awl_transfer_ended(transfer));
    awl_transfer_free(transfer);
    web_release(&web);
}

static void half_a_body(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response head;
    awl_response_init(&head, 0);
    head.status = 200;
    if (web->data != NULL)
        CHECK_OK(awl_headers_add(&head.headers, STR("Content-Length"), STR("10")));
    CHECK_OK(awl_exchange_begin(exchange, &head, NULL));
    CHECK_OK(awl_exchange_write(exchange, STR("hello"), NULL));
    awl_exchange_reset(exchange);
    awl_exchange_free(exchange);
    awl_response_release(&head);
}

TEST(a_body_cut_short_is_an_error)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = half_a_body;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web_run(&web, transfer, &request); /* in chunks */
    web_check_error(transfer, "IncompleteBody");
    web.data = &web;
    web_run(&web, transfer, &request); /* with a length */
    web_check_error(transfer, "IncompleteBody");

    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer))
        web_turn(&web);
    CHECK_STR(awl_transfer_body(transfer), "hello"); /* what came may be used */
    web_check_error(transfer, "IncompleteBody");
    awl_transfer_free(transfer);
    web_release(&web);
}

static void too_long_a_body(struct web *web, struct awl_exchange *exchange)
{
    struct awl_response response;
    (void)web;
    awl_response_init(&response, 100);
    response.status = 200;
    CHECK_OK(awl_headers_add(&response.headers, STR("Content-Length"), STR("5")));
    CHECK_OK(awl_buf_append_str(&response.body, STR("hello, world")));
    CHECK_OK(awl_exchange_respond(exchange, &response, NULL));
    awl_exchange_free(exchange);
    awl_response_release(&response);
}

TEST(a_streamed_body_beyond_its_length_is_an_error)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = too_long_a_body;
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.buffered = false;
    web_run(&web, transfer, &request);
    while (!awl_transfer_ended(transfer))
        web_turn(&web);
    web_check_error(transfer, "BodyTooLong");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_body_beyond_the_limit_is_refused)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    request.max_body = 4;
    web_run(&web, transfer, &request);
    web_check_error(transfer, "TooLarge");
    CHECK_RC(awl_transfer_error(transfer)->rc, AWL_ELIMIT);
    request.max_body = 5;
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST_MAIN(RUN(a_slow_reader_stops_the_server),
          RUN(a_reader_that_takes_its_time_meets_no_timeout),
          RUN(a_body_cut_short_is_an_error),
          RUN(a_streamed_body_beyond_its_length_is_an_error),
          RUN(a_body_beyond_the_limit_is_refused))
