#include <sys/resource.h>

#include "tls_server.h"
#include "web.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1 /* time says nothing */
#else
#define SANITIZED 0
#endif

TEST(a_tls_session_is_resumed_by_every_further_connection)
{
    UNUSED_STATE;
    enum { CONNECTIONS = 10 };
    struct web web;
    struct tls_server tls = {0};
    char url[64];
    web_init(&web);
    tls_server_start(&tls);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", tls.port);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    request.route =
        awl_http_route(web.http, &(struct awl_route_settings){.ca_file = tls.ca_file});
    for (int i = 0; i < CONNECTIONS; i++) {
        web_run(&web, transfer, &request);
        assert_null(awl_transfer_error(transfer));
    }
    awl_transfer_free(transfer);
    tls_server_stop(&tls);
    web_release(&web);
    CHECK_INT(tls.handshakes, CONNECTIONS);
    CHECK_INT(tls.resumed, CONNECTIONS - 1);
}

/* CPU time of this thread alone: the server has one of its own. */
static double cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* The system's bundle has well over a hundred certificates: to parse it takes some 30 ms.
 * It does not vouch for the server, which changes nothing about that. */
TEST(certificates_are_parsed_once_and_not_for_each_connection)
{
    UNUSED_STATE;
    enum { CONNECTIONS = 20 };
    struct web web;
    struct tls_server tls = {0};
    char url[64];
    if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0 || SANITIZED ||
        getenv("AWL_MEMCHECK") != NULL)
        skip();
    web_init(&web);
    tls_server_start(&tls);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", tls.port);
    struct awl_transfer *transfer = awl_transfer_new(web.http);
    struct awl_transfer_request request = web_get(url);
    web_run(&web, transfer, &request);
    double before = cpu_ms();
    for (int i = 0; i < CONNECTIONS; i++) {
        web_run(&web, transfer, &request);
        web_check_error(transfer, "CertificateError");
    }
    double each = (cpu_ms() - before) / CONNECTIONS;
    if (each >= 5)
        print_message("%.1f ms each\n", each);
    CHECK(each < 5);
    awl_transfer_free(transfer);
    tls_server_stop(&tls);
    web_release(&web);
}

TEST_MAIN(RUN(a_tls_session_is_resumed_by_every_further_connection),
          RUN(certificates_are_parsed_once_and_not_for_each_connection))
