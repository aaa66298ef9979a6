/* test_transfer_abort.c - transfers that are aborted or freed while they run. */
#include "producer.h"
#include "web.h"

static void check_canceled(struct web *web, struct awl_transfer *transfer)
{
    awl_transfer_abort(transfer);
    web_check_error(transfer, "Canceled");
    CHECK(awl_transfer_ended(transfer));
    CHECK(awl_transfer_head(transfer)->signaled);
    CHECK(awl_transfer_readable(transfer)->signaled);
    awl_transfer_abort(transfer); /* does nothing */
    for (int i = 0; i < 10; i++)
        awl_loop_turn(web->loop, false);
}

TEST(a_transfer_can_be_aborted_in_every_phase)
{
    UNUSED_STATE;
    struct web web;
    struct producer producer = {0};
    struct awl_http_options options = {.max_connections = 1};
    web_init_clock(&web, &options, false);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer *other = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    web.data = &producer;

    CHECK_OK(awl_transfer_start(transfer, &request, NULL)); /* before it is sent */
    check_canceled(&web, transfer);
    CHECK(!awl_transfer_error(transfer)->sent);

    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    CHECK_OK(awl_transfer_start(other, &request, NULL)); /* in the queue */
    check_canceled(&web, other);
    CHECK(!awl_transfer_error(other)->sent);
    check_canceled(&web, transfer);

    web.serve = web_keep; /* sent and not answered */
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    while (web.kept == NULL)
        web_turn(&web);
    check_canceled(&web, transfer);
    CHECK(awl_transfer_error(transfer)->sent);
    CHECK(awl_exchange_closed(web.kept));
    awl_exchange_free(web.kept);
    web.kept = NULL;

    web.serve = producer_begin; /* within the body, paused */
    request.buffered = false;
    web_run(&web, transfer, &request);
    for (int i = 0; i < 1000; i++) {
        producer_write(&web);
        awl_loop_turn(web.loop, false);
    }
    check_canceled(&web, transfer);
    CHECK(awl_exchange_closed(web.kept));

    web.serve = web_hello; /* and its place is free again */
    web_run(&web, other, &request);
    assert_null(awl_transfer_error(other));
    awl_transfer_free(transfer);
    awl_transfer_free(other);
    web_release(&web);
}

TEST(canceling_the_wait_for_the_head_aborts)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    awl_transfer_head(transfer)->cancel(awl_transfer_head(transfer));
    web_check_error(transfer, "Canceled");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST(a_transfer_may_be_freed_while_it_runs)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    for (int turns = 0; turns < 12; turns++) {
        struct awl_transfer *transfer = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(transfer, &request, NULL));
        for (int i = 0; i < turns && !awl_transfer_ended(transfer); i++)
            web_turn(&web);
        awl_transfer_free(transfer);
    }
    web_release(&web);
}

struct victims {
    struct awl_transfer *transfers[3];
    int woken;
};

static void free_the_others(void *waiter)
{
    struct victims *victims = waiter;
    victims->woken++;
    for (int i = 1; i < 3; i++) {
        awl_transfer_free(victims->transfers[i]);
        victims->transfers[i] = NULL;
    }
}

TEST(one_wake_may_free_other_transfers)
{
    UNUSED_STATE;
    struct web web;
    struct victims victims = {0};
    web_init(&web);
    struct awl_transfer_request request = web_get(web_url(&web, "/"));
    for (int i = 0; i < 3; i++) {
        victims.transfers[i] = awl_transfer_new(web.http);
        CHECK_OK(awl_transfer_start(victims.transfers[i], &request, NULL));
    }
    awl_waitable_watch(awl_transfer_head(victims.transfers[0]), free_the_others,
                       &victims);
    web_until(&web, awl_transfer_head(victims.transfers[0]));
    CHECK_INT(victims.woken, 1);
    awl_transfer_free(victims.transfers[0]);
    web_release(&web);
}

TEST_MAIN(RUN(a_transfer_can_be_aborted_in_every_phase),
          RUN(canceling_the_wait_for_the_head_aborts),
          RUN(a_transfer_may_be_freed_while_it_runs),
          RUN(one_wake_may_free_other_transfers))
