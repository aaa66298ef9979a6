/* empty.c - does nothing, with the libraries that awl is linked with. */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <uv.h>

int main(void)
{
    return curl_version() == NULL || uv_version_string() == NULL ||
           OpenSSL_version(OPENSSL_VERSION) == NULL;
}
