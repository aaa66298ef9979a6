#include "aws/url.h"

#include "aws/host.h"

#define PORT_MAX 65535

/* Bytes that never stand in a URL unencoded; beyond ASCII we are lenient. */
static bool url_has_bad_bytes(awl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c <= ' ' || c == 0x7f)
            return true;
    }
    return false;
}

static bool scheme_valid(awl_str scheme)
{
    if (scheme.len == 0 || !awl_char_is_alpha(scheme.ptr[0]))
        return false;
    for (size_t i = 1; i < scheme.len; i++) {
        char c = scheme.ptr[i];
        if (!awl_char_is_alnum(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    return true;
}

static unsigned scheme_port(awl_str scheme)
{
    if (awl_str_eq_nocase(scheme, STR("https")))
        return 443;
    return awl_str_eq_nocase(scheme, STR("http")) ? 80 : 0;
}

/* Of "host", "host:port", "[v6]" and "[v6]:port" the host; the rest in *rest. */
static bool authority_host(struct awl_url *url, awl_str *rest)
{
    awl_str text = url->authority;
    if (text.len > 0 && text.ptr[0] == '[') {
        size_t close = awl_str_find(text, ']', 0);
        if (close == SIZE_MAX)
            return false;
        url->host = awl_str_slice(text, 1, close);
        url->is_ipv6 = true;
        *rest = awl_str_slice(text, close + 1, text.len);
        return awl_host_is_ipv6(url->host);
    }
    size_t colon = awl_str_find(text, ':', 0);
    url->host = awl_str_slice(text, 0, colon);
    *rest = awl_str_slice(text, colon, text.len);
    return url->host.len > 0;
}

static bool authority_split(struct awl_url *url)
{
    awl_str rest;
    if (awl_str_find(url->authority, '@', 0) != SIZE_MAX || !authority_host(url, &rest))
        return false;
    url->port = scheme_port(url->scheme);
    if (rest.len == 0)
        return true;
    int64_t port;
    if (rest.ptr[0] != ':' ||
        !awl_str_to_int64(awl_str_slice(rest, 1, rest.len), &port) || port < 0 ||
        port > PORT_MAX)
        return false;
    url->port = (unsigned)port;
    url->has_port = true;
    return true;
}

static size_t find_any(awl_str text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(bytes, text.ptr[i]) != NULL)
            return i;
    }
    return text.len;
}

static bool url_split(awl_str text, struct awl_url *url)
{
    size_t colon = awl_str_find(text, ':', 0);
    awl_str rest = awl_str_slice(text, colon, text.len);
    if (!awl_str_starts(rest, STR("://")))
        return false;
    url->scheme = awl_str_slice(text, 0, colon);
    rest = awl_str_slice(rest, 3, rest.len);
    rest = awl_str_slice(rest, 0, awl_str_find(rest, '#', 0));

    size_t end = find_any(rest, "/?");
    url->authority = awl_str_slice(rest, 0, end);
    rest = awl_str_slice(rest, end, rest.len);
    size_t mark = awl_str_find(rest, '?', 0);
    url->path = awl_str_slice(rest, 0, mark);
    if (mark != SIZE_MAX) {
        url->query = awl_str_slice(rest, mark + 1, rest.len);
        url->has_query = true;
    }
    return scheme_valid(url->scheme) && authority_split(url);
}

enum awl_rc awl_url_parse(awl_str text, struct awl_url *url, struct awl_error *err)
{
    memset(url, 0, sizeof *url);
    if (url_has_bad_bytes(text) || !url_split(text, url))
        return awl_error_set(err, AWL_EINPUT, "not a URL: '%.*s'", STR_ARG(text));
    return AWL_OK;
}

enum awl_rc awl_url_append_host(struct awl_buf *out, const struct awl_url *url)
{
    if (url->is_ipv6)
        awl_buf_append_char(out, '[');
    for (size_t i = 0; i < url->host.len; i++)
        awl_buf_append_char(out, awl_char_lower(url->host.ptr[i]));
    if (url->is_ipv6)
        awl_buf_append_char(out, ']');
    if (url->has_port && url->port != scheme_port(url->scheme)) {
        awl_buf_append_char(out, ':');
        awl_buf_append_int64(out, url->port);
    }
    return awl_buf_rc(out);
}
