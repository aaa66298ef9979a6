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

/* libcurl sends a target as it is given. */
TEST(a_target_with_other_bytes_than_a_targets_is_not_sent)
{
    UNUSED_STATE;
    struct web web;
    web_init(&web);
    web.serve = web_echo;
    const char *const targets[] = {"/a b", "/a\r\nX-Mine: yes", "/\x01"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct awl_transfer *transfer = awl_transfer_new(web.http);
        struct awl_transfer_request request = web_get(web_url(&web, targets[i]));
        web_run(&web, transfer, &request);
        web_check_error(transfer, "InvalidUrl");
        awl_transfer_free(transfer);
    }
    CHECK_INT(web.served, 0);

    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(web_url(&web, "/a/../%41?b=%2F#part"));
    web_run(&web, transfer, &request);
    assert_null(awl_transfer_error(transfer));
    CHECK_BUF(&awl_transfer_response(transfer)->body, "GET /a/../%41?b=%2F\n");
    awl_transfer_free(transfer);
    web_release(&web);
}

TEST_MAIN(RUN(an_origin_is_parsed_once_unless_it_has_a_zone),
          RUN(a_target_with_other_bytes_than_a_targets_is_not_sent))
