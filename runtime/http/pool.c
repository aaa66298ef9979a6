/* pool.c - the client of the process: libcurl's multi handle and its easy handles. */
#include "http/pool.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "http/transfer.h"

#define FREE_LANES_MAX 256
#define DESCRIPTORS_SPARED 64 /* for everything that is not a connection */

/* libcurl keeps the parsed certificates only if it is given a file and no directory,
 * and Debian's default is a directory: 27 ms for each connection instead of 1.5. */
static const char *find_ca_file(void)
{
    static const char *const candidates[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        if (access(candidates[i], R_OK) == 0)
            return candidates[i];
    }
    return NULL;
}

static unsigned descriptors_for_connections(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 512;
    if (limit.rlim_cur > 1000000)
        return 1000000;
    return limit.rlim_cur > 2 * DESCRIPTORS_SPARED
               ? (unsigned)limit.rlim_cur - DESCRIPTORS_SPARED
               : (unsigned)limit.rlim_cur / 2 + 1;
}

static CURLMcode multi_configure(struct awl_http *http)
{
    CURLM *multi = http->multi;
    long room = (long)descriptors_for_connections();
    CURLMcode code =
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, awl_socket_on_change);
    if (code == CURLM_OK)
        code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
    if (code == CURLM_OK)
        code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, awl_socket_on_timeout);
    if (code == CURLM_OK)
        code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
    /* Idle ones make way when there is no more room. With fewer of them than may run, a
     * search through all would follow each call of many. */
    if (code == CURLM_OK)
        code = curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, room);
    if (code == CURLM_OK)
        code = curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, room);
    return code;
}

static bool pool_init(struct awl_http *http)
{
    unsigned room = descriptors_for_connections();
    unsigned wanted = http->options.max_connections;
    http->max_running = wanted != 0 && wanted < room ? wanted : room;
    http->ca_file = find_ca_file();
    http->standard = awl_http_route(http, &(struct awl_route_settings){0});
    if (http->standard == NULL)
        return false;
    http->multi = curl_multi_init();
    http->share = curl_share_init();
    if (http->multi == NULL || http->share == NULL)
        return false;
    if (curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) !=
        CURLSHE_OK)
        return false;
    return multi_configure(http) == CURLM_OK;
}

static void lane_free(struct awl_lane *lane)
{
    curl_easy_cleanup(lane->easy);
    curl_slist_free_all(lane->address);
    free(lane);
}

static void pool_release(struct awl_http *http)
{
    while (http->free_lanes != NULL) {
        struct awl_lane *lane = http->free_lanes;
        http->free_lanes = lane->next;
        lane_free(lane);
    }
    awl_transfers_free_kept(http);
    curl_multi_cleanup(http->multi);
    curl_share_cleanup(http->share);
    awl_names_release(http);
    awl_routes_free(http);
    awl_queue_release(http);
    awl_sockets_release(http);
    free(http);
}

struct awl_http *awl_http_new(struct awl_loop *loop,
                              const struct awl_http_options *options,
                              struct awl_error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        awl_error_set(err, AWL_ETRANSPORT, "libcurl cannot be started");
        return NULL;
    }
    struct awl_http *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    http->loop = loop;
    if (options != NULL)
        http->options = *options;
    awl_sockets_init(http);
    awl_queue_init(http);
    if (!pool_init(http)) {
        pool_release(http);
        awl_error_set(err, AWL_ENOMEM, "out of memory");
        return NULL;
    }
    return http;
}

void awl_http_free(struct awl_http *http)
{
    if (http == NULL)
        return;
    if (http->transfers != 0)
        awl_log(AWL_LOG_ERROR, "http", "%u transfers were left behind", http->transfers);
    pool_release(http);
}

void awl_http_stats(const struct awl_http *http, struct awl_http_stats *stats)
{
    *stats = http->stats;
    stats->running = http->running;
    stats->queued = http->queued;
}

/* What is the same for every request is set once. */
static CURLcode lane_configure(struct awl_lane *lane)
{
    CURL *easy = lane->easy;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_QUICK_EXIT,
         1}, /* else who gives up waits for the resolver all the same */
        {CURLOPT_NOPROGRESS, 1},
        {CURLOPT_PATH_AS_IS, 1}, /* what was signed is what is sent */
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_HTTP_CONTENT_DECODING, 0},
        {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
        {CURLOPT_EXPECT_100_TIMEOUT_MS, 1000},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_TCP_NODELAY, 1},
        {CURLOPT_TCP_KEEPIDLE, 60}, /* calls may be silent for a quarter of an hour */
        {CURLOPT_TCP_KEEPINTVL, 60},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        CURLcode code = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
        if (code != CURLE_OK)
            return code;
    }
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->reason);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PRIVATE, lane);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_SHARE, lane->http->share);
    return code == CURLE_OK ? awl_callbacks_set(lane) : code;
}

struct awl_lane *awl_pool_lane(struct awl_http *http)
{
    struct awl_lane *lane = http->free_lanes;
    if (lane != NULL) {
        http->free_lanes = lane->next;
        http->free_lanes_count--;
        return lane;
    }
    lane = calloc(1, sizeof(*lane));
    if (lane == NULL)
        return NULL;
    lane->http = http;
    lane->easy = curl_easy_init();
    if (lane->easy != NULL && lane_configure(lane) == CURLE_OK)
        return lane;
    lane_free(lane);
    return NULL;
}

void awl_pool_lane_release(struct awl_lane *lane)
{
    struct awl_http *http = lane->http;
    lane->transfer = NULL;
    if (http->free_lanes_count >= FREE_LANES_MAX) {
        lane_free(lane);
        return;
    }
    lane->next = http->free_lanes;
    http->free_lanes = lane;
    http->free_lanes_count++;
}

void awl_pool_mark(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    if (transfer->is_marked)
        return;
    transfer->is_marked = true;
    transfer->next_marked = NULL;
    transfer->prev_marked = http->last_marked;
    if (http->last_marked != NULL)
        http->last_marked->next_marked = transfer;
    else
        http->marked = transfer;
    http->last_marked = transfer;
}

void awl_pool_unmark(struct awl_transfer *transfer)
{
    struct awl_http *http = transfer->http;
    if (!transfer->is_marked)
        return;
    transfer->is_marked = false;
    if (transfer->prev_marked != NULL)
        transfer->prev_marked->next_marked = transfer->next_marked;
    else
        http->marked = transfer->next_marked;
    if (transfer->next_marked != NULL)
        transfer->next_marked->prev_marked = transfer->prev_marked;
    else
        http->last_marked = transfer->prev_marked;
}

static void end_what_is_over(struct awl_http *http)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct awl_lane *lane = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &lane);
        awl_transfer_done(lane->transfer, code); /* `message` is gone after this */
    }
}

/* What waits is started before anybody is told: the connection has work again while
 * the answer is being used. */
void awl_pool_settle(struct awl_http *http)
{
    end_what_is_over(http);
    awl_queue_run(http);
    while (http->marked != NULL)
        awl_transfer_signal(http->marked);
}
