/* awl.core.crypto: digests and signatures for awl's own Lua files.
 *
 * sha1(text), sha256(text) -> lower-case hex.
 * uuid() -> a random UUID.
 * es256_point(pem) -> x, y: the public point of a private key, 32 bytes each.
 * es256_sign(pem, text) -> 64 bytes, r and s. Both raise for what is no key on P-256. */
#include <lauxlib.h>

#include "aws/digest.h"
#include "aws/es256.h"
#include "base/random.h"
#include "bind/bind.h"
#include "script/error_value.h"
#include "script/runtime.h"

static awl_str check_text(lua_State *L, int index)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, index, &text.len);
    return text;
}

static int digest(lua_State *L, enum awl_digest_algorithm algorithm)
{
    awl_str text = check_text(L, 1);
    uint8_t bytes[AWL_DIGEST_LEN_MAX];
    char hex[2 * AWL_DIGEST_LEN_MAX];
    struct awl_digest state;
    size_t len = awl_digest_len(algorithm);

    awl_digest_init(&state, algorithm);
    awl_digest_update(&state, text.ptr, text.len);
    awl_digest_final(&state, bytes);
    awl_hex_encode(hex, bytes, len);
    lua_pushlstring(L, hex, 2 * len);
    return 1;
}

static int crypto_sha1(lua_State *L)
{
    return digest(L, AWL_DIGEST_SHA1);
}

static int crypto_sha256(lua_State *L)
{
    return digest(L, AWL_DIGEST_SHA256);
}

static int crypto_uuid(lua_State *L)
{
    char uuid[AWL_UUID_LEN + 1];
    awl_random_uuid(&awl_runtime(L)->random, uuid);
    lua_pushstring(L, uuid);
    return 1;
}

static int crypto_es256_point(lua_State *L)
{
    uint8_t x[AWL_ES256_COORDINATE_LEN], y[AWL_ES256_COORDINATE_LEN];
    struct awl_error err = AWL_ERROR_INIT;

    if (awl_es256_point(check_text(L, 1), x, y, &err) != AWL_OK)
        return awl_raise(L, &err);
    lua_pushlstring(L, (const char *)x, sizeof(x));
    lua_pushlstring(L, (const char *)y, sizeof(y));
    return 2;
}

static int crypto_es256_sign(lua_State *L)
{
    uint8_t signature[AWL_ES256_SIGNATURE_LEN];
    struct awl_error err = AWL_ERROR_INIT;

    if (awl_es256_sign(check_text(L, 1), check_text(L, 2), signature, &err) != AWL_OK)
        return awl_raise(L, &err);
    lua_pushlstring(L, (const char *)signature, sizeof(signature));
    return 1;
}

int luaopen_awl_core_crypto(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"sha1", crypto_sha1},
        {"sha256", crypto_sha256},
        {"uuid", crypto_uuid},
        {"es256_point", crypto_es256_point},
        {"es256_sign", crypto_es256_sign},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
