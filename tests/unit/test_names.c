#include "http/transfer.h"
#include "web.h"

/* That nothing is left behind is for the sanitizers to say. */
TEST(a_client_may_end_while_a_name_is_looked_up_again)
{
    UNUSED_STATE;
    struct web web;
    char url[64];
    web_init(&web);
    snprintf(url, sizeof(url), "http://localhost:%d/", awl_server_port(web.server));
    struct awl_transfer *first = awl_transfer_new(web.http);
    struct awl_transfer *second = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    CHECK_OK(awl_transfer_start(first, &request, NULL));
    struct awl_host *host = first->host;
    web_until(&web, awl_transfer_head(first));
    assert_null(awl_transfer_error(first));

    host->stale_ms = 1;
    CHECK_OK(awl_transfer_start(second, &request, NULL));
    assert_non_null(host->lookup);
    awl_transfer_free(first);
    awl_transfer_free(second);
    web_release(&web);
}

TEST_MAIN(RUN(a_client_may_end_while_a_name_is_looked_up_again))
