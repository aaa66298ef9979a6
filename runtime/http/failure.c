/* failure.c - libcurl's failures in words that a person can act on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "http/transfer.h"

#define HEAD_MAX (300 * 1024) /* libcurl's own limit */

bool awl_failure_sent(const struct awl_transfer *transfer)
{
    long bytes = 0;
    if (transfer->lane == NULL || !transfer->connected)
        return false;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

const char *awl_failure_peer(const struct awl_transfer *transfer, char out[AWL_PEER_MAX])
{
    /* The request's own text may be gone once the head has arrived. */
    const char *url =
        transfer->host != NULL ? transfer->host->key : transfer->request.url;
    bool tls = strncmp(url, "https:", 6) == 0;
    const char *name = strstr(url, "://");
    name = name != NULL ? name + 3 : url;
    size_t len = strcspn(name, "/?#");
    for (size_t i = 0; i < len; i++) { /* a password before '@' is nobody's business */
        if (name[i] == '@') {
            name += i + 1;
            len -= i + 1;
            i = 0;
        }
    }
    size_t host = len;
    while (host > 0 && awl_char_is_digit(name[host - 1]))
        host--;
    bool has_port = host > 1 && host < len && name[host - 1] == ':';
    int host_len = (int)(has_port ? host - 1 : len);
    if (has_port)
        snprintf(out, AWL_PEER_MAX, "'%.*s' port %.*s", host_len, name, (int)(len - host),
                 name + host);
    else
        snprintf(out, AWL_PEER_MAX, "'%.*s' port %d", host_len, name, tls ? 443 : 80);
    return out;
}

/* What OpenSSL and the connection said, through libcurl. */
static const char *reason_of(const struct awl_transfer *transfer, CURLcode code)
{
    const char *reason = transfer->lane != NULL ? transfer->lane->reason : "";
    return reason[0] != '\0' ? reason : curl_easy_strerror(code);
}

/* A URL without what may be secret in it: user and password, path, query. */
static void write_masked(const char *url, char out[AWL_PEER_MAX])
{
    const char *name = strstr(url, "://");
    name = name != NULL ? name + 3 : url;
    const char *at = NULL;
    for (const char *c = name; *c != '\0' && strchr("/?#", *c) == NULL; c++)
        if (*c == '@')
            at = c;
    int scheme = (int)(name - url);
    if (at != NULL)
        name = at + 1;
    snprintf(out, AWL_PEER_MAX, "%.*s%.*s", scheme, url, (int)strcspn(name, "/?#"), name);
}

/* The proxy set for the request's scheme, "" if there is none. */
static const char *proxy_url(const struct awl_transfer *transfer)
{
    bool tls = strncmp(transfer->request.url, "https:", 6) == 0;
    return awl_transfer_route(transfer)->proxy[tls];
}

/* The connection that failed was one to the proxy, by what libcurl says about it. */
static bool failed_at_proxy(const struct awl_transfer *transfer, char proxy[AWL_PEER_MAX])
{
    const char *url = proxy_url(transfer);
    if (*url == '\0' || transfer->lane == NULL)
        return false;
    write_masked(url, proxy);
    const char *name = strstr(proxy, "://");
    name = name != NULL ? name + 3 : proxy;
    const char *to = strstr(transfer->lane->reason, "connect to ");
    size_t len = strcspn(name, ":/?#");
    return to != NULL && len > 0 && strncmp(to + 11, name, len) == 0 &&
           to[11 + len] == ' ';
}

static void describe_connect(const struct awl_transfer *transfer, CURLcode code,
                             const char *peer, struct awl_error *err)
{
    char proxy[AWL_PEER_MAX];
    long number = 0;
    if (failed_at_proxy(transfer, proxy)) {
        awl_error_code(err, AWL_ETRANSPORT, "ProxyError",
                       "cannot reach %s: no connection to the proxy '%s'", peer, proxy);
        return;
    }
    if (transfer->lane != NULL)
        curl_easy_getinfo(transfer->lane->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED)
        awl_error_code(err, AWL_ETRANSPORT, "ConnectionRefused",
                       "cannot connect to %s: connection refused (is anything listening "
                       "there?)",
                       peer);
    else if (number == ETIMEDOUT)
        awl_error_code(err, AWL_ETIMEOUT, "ConnectTimeout",
                       "cannot connect to %s: no answer", peer);
    else if (number != 0)
        awl_error_code(err, AWL_ETRANSPORT, "TransportError", "cannot connect to %s: %s",
                       peer, uv_strerror(-(int)number));
    else
        awl_error_code(err, AWL_ETRANSPORT, "TransportError", "cannot connect to %s: %s",
                       peer, reason_of(transfer, code));
}

/* What OpenSSL says of an answer that is no TLS has its words for an old version. */
static void describe_tls(const char *reason, const char *peer, struct awl_error *err)
{
    bool plain = strstr(reason, "wrong version number") != NULL ||
                 strstr(reason, "packet length too long") != NULL;
    awl_error_code(err, AWL_ETRANSPORT, "TlsError", "no TLS connection to %s%s: %s", peer,
                   plain ? ", which seems to speak no TLS (http:// instead of https://?)"
                         : "",
                   reason);
}

static void describe_certificate(const struct awl_transfer *transfer, CURLcode code,
                                 const char *peer, struct awl_error *err)
{
    const char *ca_file = awl_transfer_route(transfer)->ca_file;
    if (code == CURLE_SSL_CACERT_BADFILE)
        awl_error_code(err, AWL_ETRANSPORT, "CertificateError",
                       "cannot read the certificate authorities in '%s': set "
                       "AWS_CA_BUNDLE or ca_bundle to a PEM file",
                       ca_file != NULL ? ca_file : "the system's default");
    else
        awl_error_code(err, AWL_ETRANSPORT, "CertificateError",
                       "the certificate of %s is not trusted: %s; if it is signed by an "
                       "authority of your own, set AWS_CA_BUNDLE to its PEM file",
                       peer, reason_of(transfer, code));
}

/* A connection that takes too long may be the proxy's fault. */
static const char *proxy_note(const struct awl_transfer *transfer,
                              char out[AWL_PEER_MAX + 32])
{
    char proxy[AWL_PEER_MAX];
    const char *url = proxy_url(transfer);
    if (*url == '\0')
        return "";
    write_masked(url, proxy);
    snprintf(out, AWL_PEER_MAX + 32, " (the proxy '%s' is set)", proxy);
    return out;
}

/* What a proxy's answer to CONNECT asks the user for. */
static const char *proxy_advice(long status, const char *proxy)
{
    if (status == 407)
        return strchr(proxy, '@') != NULL
                   ? ": it does not take the user and password in its URL"
                   : ": it wants a user and a password, http://user:password@host:port";
    if (status == 403 || status == 405)
        return ": it must allow this host, or no_proxy name it if it can be reached "
               "without";
    return "";
}

/* A proxy that says no to CONNECT shows as one of the receiving errors. */
static bool describe_proxy(const struct awl_transfer *transfer, const char *peer,
                           struct awl_error *err)
{
    char proxy[AWL_PEER_MAX];
    long status = 0;
    if (transfer->lane == NULL || transfer->connected)
        return false;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status / 100 == 2 || status == 0)
        return false;
    bool may_pass = status >= 500 || status == 408 || status == 429;
    const char *url = proxy_url(transfer);
    write_masked(url, proxy);
    awl_error_code(err, AWL_ETRANSPORT, may_pass ? "ProxyError" : "ProxyRefused",
                   "the proxy '%s' refuses to connect to %s with status %ld%s", proxy,
                   peer, status, proxy_advice(status, url));
    return true;
}

/* libcurl takes lines of 100 KB and heads of 300 KB. Too large a head is a receiving
 * error like others, too long a line was "out of memory" before libcurl 8.6. */
static bool describe_large(const struct awl_transfer *transfer, long bytes_fit,
                           const char *peer, struct awl_error *err)
{
    long bytes = 0;
    if (transfer->lane == NULL || transfer->head_done || transfer->response.status == 0)
        return false;
    curl_easy_getinfo(transfer->lane->easy, CURLINFO_HEADER_SIZE, &bytes);
    if (bytes <= bytes_fit)
        return false;
    awl_error_code(err, AWL_ELIMIT, "TooLarge",
                   "the header fields of the answer of %s are too large", peer);
    return true;
}

static void describe_lost(const struct awl_transfer *transfer, CURLcode code,
                          const char *peer, struct awl_error *err)
{
    if (describe_proxy(transfer, peer, err) ||
        describe_large(transfer, HEAD_MAX, peer, err))
        return;
    if (transfer->head_done)
        awl_error_code(err, AWL_ETRANSPORT, "IncompleteBody",
                       "the connection to %s ended within the answer's body: %s", peer,
                       reason_of(transfer, code));
    else
        awl_error_code(err, AWL_ETRANSPORT, "ConnectionReset",
                       "the connection to %s was closed before its answer: %s", peer,
                       reason_of(transfer, code));
}

static void describe_rest(const struct awl_transfer *transfer, CURLcode code,
                          const char *peer, struct awl_error *err)
{
    char url[AWL_PEER_MAX];
    if (code == CURLE_UNSUPPORTED_PROTOCOL && transfer->connected)
        code = CURLE_WEIRD_SERVER_REPLY; /* HTTP/0.9: anything at all */
    switch (code) {
    case CURLE_WEIRD_SERVER_REPLY:
        awl_error_code(err, AWL_ETRANSPORT, "TransportError",
                       "the answer of %s is no HTTP: %s", peer,
                       reason_of(transfer, code));
        break;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        write_masked(transfer->request.url, url);
        awl_error_code(err, AWL_EINPUT, "InvalidUrl", "cannot use the URL '%s/...': %s",
                       url, reason_of(transfer, code));
        break;
    case CURLE_OUT_OF_MEMORY:
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE:
#endif
        if (!describe_large(transfer, 0, peer, err))
            awl_error_set(err, AWL_ENOMEM, "out of memory");
        break;
    default:
        awl_error_code(err, AWL_ETRANSPORT, "TransportError",
                       "the exchange with %s failed: %s", peer,
                       reason_of(transfer, code));
    }
}

/* libcurl's words for it repeat the whole URL, its password included. */
static bool proxy_is_unusable(const struct awl_transfer *transfer)
{
    return transfer->lane != NULL &&
           strncmp(transfer->lane->reason, "Unsupported proxy", 17) == 0;
}

void awl_failure_describe(const struct awl_transfer *transfer, CURLcode code,
                          struct awl_error *err)
{
    char buffer[AWL_PEER_MAX];
    char note[AWL_PEER_MAX + 32];
    const char *peer = awl_failure_peer(transfer, buffer);
    if (proxy_is_unusable(transfer)) {
        awl_error_code(err, AWL_EINPUT, "InvalidProxy",
                       "cannot use the proxy set for %s: it is not of the form "
                       "http://host:port",
                       peer);
        return;
    }
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        describe_connect(transfer, code, peer, err);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        awl_error_code(err, AWL_ETRANSPORT, "HostNotFound",
                       "cannot find host %s: check the region and the endpoint, and the "
                       "network",
                       peer);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        awl_error_code(err, AWL_ETRANSPORT, "ProxyError",
                       "cannot reach %s through the proxy: %s", peer,
                       reason_of(transfer, code));
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        describe_certificate(transfer, code, peer, err);
        break;
    case CURLE_SSL_CERTPROBLEM:
        awl_error_code(err, AWL_ETRANSPORT, "CertificateError",
                       "cannot use the certificate of our own for %s: %s", peer,
                       reason_of(transfer, code));
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
        describe_tls(reason_of(transfer, code), peer, err);
        break;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        describe_lost(transfer, code, peer, err);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        awl_error_code(err, AWL_ETIMEOUT, "ConnectTimeout",
                       "no connection to %s in the time allowed%s", peer,
                       proxy_note(transfer, note));
        break;
    case CURLE_SEND_FAIL_REWIND:
        awl_error_code(err, AWL_ETRANSPORT, "NotResent",
                       "the connection to %s was closed before its answer; the request "
                       "may have been carried out and was not sent again",
                       peer);
        break;
    default:
        describe_rest(transfer, code, peer, err);
    }
    err->sent = code == CURLE_SEND_FAIL_REWIND || awl_failure_sent(transfer);
}

void awl_failure_timeout(const struct awl_transfer *transfer, const char *code, int ms,
                         struct awl_error *err)
{
    char buffer[AWL_PEER_MAX];
    const char *peer = awl_failure_peer(transfer, buffer);
    const char *what = code[0] == 'C'   ? "no connection to"
                       : code[0] == 'R' ? "no byte to or from"
                                        : "no complete answer of";
    char note[AWL_PEER_MAX + 32];
    awl_error_code(err, AWL_ETIMEOUT, code, "%s %s in %g s%s", what, peer, ms / 1000.0,
                   code[0] == 'C' ? proxy_note(transfer, note) : "");
    err->sent = awl_failure_sent(transfer);
}
