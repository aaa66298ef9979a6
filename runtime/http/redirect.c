/* redirect.c - where an answer's Location leads, as libcurl resolves it. */
#include "http/redirect.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a = NULL, *of_b = NULL;
    bool same = curl_url_get(a, part, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                strcasecmp(of_a, of_b) == 0;
    curl_free(of_a);
    curl_free(of_b);
    return same;
}

static bool is_http(CURLU *url)
{
    char *scheme = NULL;
    bool is = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcasecmp(scheme, "http") == 0 || strcasecmp(scheme, "https") == 0);
    curl_free(scheme);
    return is;
}

static enum awl_rc resolve(CURLU *from, CURLU *to, const char *url, const char *location,
                           struct awl_buf *out)
{
    char *text = NULL;
    if (curl_url_set(from, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(to, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_set(to, CURLUPART_URL, location, CURLU_URLENCODE) != CURLUE_OK ||
        curl_url_set(to, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK || !is_http(to) ||
        curl_url_get(to, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return AWL_EPARSE;
    enum awl_rc rc = awl_buf_append_str(out, awl_str_of(text));
    curl_free(text);
    return rc;
}

enum awl_rc awl_http_redirect(const char *url, const char *location, struct awl_buf *out,
                              bool *same_origin)
{
    CURLU *from = curl_url();
    CURLU *to = curl_url();
    enum awl_rc rc = from != NULL && to != NULL ? AWL_OK : AWL_ENOMEM;
    if (rc == AWL_OK)
        rc = resolve(from, to, url, location, out);
    *same_origin = rc == AWL_OK && same_part(from, to, CURLUPART_SCHEME) &&
                   same_part(from, to, CURLUPART_HOST) &&
                   same_part(from, to, CURLUPART_PORT);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return rc;
}
