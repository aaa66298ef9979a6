#include "http/transfer.h"
#include "web.h"

/* Whether requests to the URL's host are made from what was parsed for the first. */
static bool is_parsed_once(struct web *web, const char *url)
{
    struct awl_transfer *transfer = awl_transfer_new(web->http);
    struct awl_transfer_request request = web_get(url);
    CHECK_OK(awl_transfer_start(transfer, &request, NULL));
    bool parsed = transfer->host->url != NULL;
    awl_transfer_free(transfer);
    return parsed;
}

TEST(an_origin_is_parsed_once_unless_it_has_a_zone)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    CHECK(is_parsed_once(&web, web_url(&web, "/")));
    CHECK(is_parsed_once(&web, "http://[::1]:1/x"));
    CHECK(!is_parsed_once(&web, "http://[fe80::1%25lo]:1/x"));
    web_release(&web);
}

TEST_MAIN(RUN(an_origin_is_parsed_once_unless_it_has_a_zone))
