/* tls_server.h - a tiny TLS server in a thread, with a certificate made on the spot. */
#ifndef AWL_TEST_TLS_SERVER_H
#define AWL_TEST_TLS_SERVER_H

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

struct tls_server {
    SSL_CTX *ctx;
    pthread_t thread;
    int listener;
    int port;
    int handshakes, resumed; /* read them when it has stopped */
    char ca_file[64];        /* its own certificate, as PEM */
};

static inline X509 *tls_server_certificate(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"awl test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    X509_EXTENSION *san =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(cert, san, -1);
    X509_EXTENSION_free(san);
    CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

static inline bool tls_server_count(struct tls_server *server, SSL *ssl)
{
    server->handshakes++;
    server->resumed += SSL_session_reused(ssl);
    return true;
}

/* One connection after the other, one request each. */
static inline void *tls_server_run(void *data)
{
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret";
    struct tls_server *server = data;
    int fd;
    while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
        char request[4096];
        SSL *ssl = SSL_new(server->ctx);
        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1 && tls_server_count(server, ssl) &&
            SSL_read(ssl, request, sizeof(request)) > 0) {
            SSL_write(ssl, answer, sizeof(answer) - 1);
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
    return NULL;
}

static inline void tls_server_start(struct tls_server *server)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(where);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = tls_server_certificate(key);
    server->ctx = SSL_CTX_new(TLS_server_method());
    CHECK_INT(SSL_CTX_use_certificate(server->ctx, cert), 1);
    CHECK_INT(SSL_CTX_use_PrivateKey(server->ctx, key), 1);

    snprintf(server->ca_file, sizeof(server->ca_file), "/tmp/awl-test-ca-XXXXXX");
    int fd = mkstemp(server->ca_file);
    FILE *pem = fdopen(fd, "w");
    CHECK_INT(PEM_write_X509(pem, cert), 1);
    fclose(pem);
    X509_free(cert);
    EVP_PKEY_free(key);

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(server->listener, (struct sockaddr *)&where, len), 0);
    CHECK_INT(listen(server->listener, 8), 0);
    CHECK_INT(getsockname(server->listener, (struct sockaddr *)&where, &len), 0);
    server->port = ntohs(where.sin_port);
    CHECK_INT(pthread_create(&server->thread, NULL, tls_server_run, server), 0);
}

static inline void tls_server_stop(struct tls_server *server)
{
    shutdown(server->listener, SHUT_RDWR); /* ends the accept */
    pthread_join(server->thread, NULL);
    close(server->listener);
    SSL_CTX_free(server->ctx);
    unlink(server->ca_file);
}

#endif
