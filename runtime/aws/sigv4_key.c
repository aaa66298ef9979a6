#include "aws/sigv4_key.h"

#include <openssl/crypto.h>
#include <stdlib.h>

enum {
    PART_ID,
    PART_SECRET, /* with "AWS4" before it, which is how it is used */
    PART_REGION,
    PART_SERVICE,
    PART_COUNT,
};

static const awl_str secret_prefix = {"AWS4", 4};

static void key_free(struct awl_sigv4_key *key)
{
    if (key == NULL)
        return;
    OPENSSL_cleanse(key->text, key->text_len);
    free(key->text);
    awl_hmac_sha256_key_release(&key->hmac);
    free(key);
}

void awl_sigv4_keys_release(struct awl_sigv4_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        key_free(keys->entries[i]);
    memset(keys, 0, sizeof *keys);
}

/* Compares the secret too: it may have been corrected under the same id. */
static bool key_matches(const struct awl_sigv4_key *key,
                        const struct awl_credentials *credentials,
                        const char day[AWL_SIGV4_DAY_LEN], awl_str region,
                        awl_str service)
{
    awl_str secret = key->parts[PART_SECRET];
    return memcmp(key->day, day, AWL_SIGV4_DAY_LEN) == 0 &&
           awl_str_eq(key->parts[PART_ID], credentials->access_key_id) &&
           awl_str_eq(key->parts[PART_REGION], region) &&
           awl_str_eq(key->parts[PART_SERVICE], service) &&
           awl_str_eq(awl_str_slice(secret, secret_prefix.len, secret.len),
                      credentials->secret_access_key);
}

/* kDate, kRegion, kService, kSigning: each is the key of the next. */
static void key_derive(struct awl_sigv4_key *key)
{
    const awl_str steps[] = {{key->day, AWL_SIGV4_DAY_LEN},
                             key->parts[PART_REGION],
                             key->parts[PART_SERVICE],
                             STR("aws4_request")};
    uint8_t mac[AWL_SHA256_LEN];
    awl_str secret = key->parts[PART_SECRET];
    awl_hmac_sha256_key_init(&key->hmac, secret.ptr, secret.len);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        awl_hmac_sha256(&key->hmac, steps[i].ptr, steps[i].len, mac);
        awl_hmac_sha256_key_init(&key->hmac, mac, sizeof mac);
    }
    OPENSSL_cleanse(mac, sizeof mac);
}

/* Copies a part behind those before it. */
static void key_put(struct awl_sigv4_key *key, int part, awl_str prefix, awl_str text)
{
    char *at = key->text + key->text_len;
    if (prefix.len > 0)
        memcpy(at, prefix.ptr, prefix.len);
    if (text.len > 0)
        memcpy(at + prefix.len, text.ptr, text.len);
    key->parts[part] = awl_str_make(at, prefix.len + text.len);
    key->text_len += prefix.len + text.len;
}

static struct awl_sigv4_key *key_new(const struct awl_credentials *credentials,
                                     const char day[AWL_SIGV4_DAY_LEN], awl_str region,
                                     awl_str service)
{
    size_t len = credentials->access_key_id.len + secret_prefix.len +
                 credentials->secret_access_key.len + region.len + service.len;
    struct awl_sigv4_key *key = calloc(1, sizeof *key);
    if (key == NULL)
        return NULL;
    key->text = malloc(len);
    if (key->text == NULL) {
        free(key);
        return NULL;
    }
    memcpy(key->day, day, AWL_SIGV4_DAY_LEN);
    key_put(key, PART_ID, STR(""), credentials->access_key_id);
    key_put(key, PART_SECRET, secret_prefix, credentials->secret_access_key);
    key_put(key, PART_REGION, STR(""), region);
    key_put(key, PART_SERVICE, STR(""), service);
    key_derive(key);
    return key;
}

/* Where a new key goes: a free place, or that of the longest unused one. */
static size_t keys_place(struct awl_sigv4_keys *keys)
{
    if (keys->count < AWL_SIGV4_KEYS_MAX)
        return keys->count++;
    size_t oldest = 0;
    for (size_t i = 1; i < keys->count; i++) {
        if (keys->entries[i]->used < keys->entries[oldest]->used)
            oldest = i;
    }
    key_free(keys->entries[oldest]);
    return oldest;
}

static const struct awl_hmac_sha256_key *keys_use(struct awl_sigv4_keys *keys, size_t at)
{
    keys->last = at;
    keys->entries[at]->used = ++keys->requests;
    return &keys->entries[at]->hmac;
}

const struct awl_hmac_sha256_key *
awl_sigv4_keys_get(struct awl_sigv4_keys *keys, const struct awl_credentials *credentials,
                   const char day[AWL_SIGV4_DAY_LEN], awl_str region, awl_str service)
{
    for (size_t n = 0; n < keys->count; n++) {
        size_t i = (keys->last + n) % keys->count;
        if (key_matches(keys->entries[i], credentials, day, region, service))
            return keys_use(keys, i);
    }
    struct awl_sigv4_key *key = key_new(credentials, day, region, service);
    if (key == NULL)
        return NULL;
    size_t place = keys_place(keys);
    keys->entries[place] = key;
    return keys_use(keys, place);
}

/* ---- SigV4A ---- */

void awl_sigv4a_keys_release(struct awl_sigv4a_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        awl_sigv4a_key_free(keys->entries[i]);
    keys->count = 0;
}

/* Puts a key first; those before its place move up. */
static struct awl_sigv4a_key *pair_use(struct awl_sigv4a_keys *keys, size_t place,
                                       struct awl_sigv4a_key *key)
{
    memmove(keys->entries + 1, keys->entries, place * sizeof keys->entries[0]);
    keys->entries[0] = key;
    return key;
}

enum awl_rc awl_sigv4a_keys_get(struct awl_sigv4a_keys *keys,
                                const struct awl_credentials *credentials,
                                struct awl_sigv4a_key **key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (awl_sigv4a_key_matches(keys->entries[i], credentials)) {
            *key = pair_use(keys, i, keys->entries[i]);
            return AWL_OK;
        }
    }
    enum awl_rc rc = awl_sigv4a_key_new(credentials, key);
    if (rc != AWL_OK)
        return rc;
    if (keys->count == AWL_SIGV4A_KEYS_MAX)
        awl_sigv4a_key_free(keys->entries[--keys->count]);
    pair_use(keys, keys->count++, *key);
    return AWL_OK;
}
