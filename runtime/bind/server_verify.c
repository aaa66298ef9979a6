/* Whether requests were signed by somebody the emulator knows. */
#include <lauxlib.h>

#include "aws/sigv4_verify.h"
#include "aws/timestamp.h"
#include "aws/aws_chunked.h"
#include "bind/server.h"
#include "script/error_value.h"
#include "script/runtime.h"

#define SIGNER "awl.server.signer"

struct signer {
    struct awl_sigv4 *sigv4;
};

struct keys {
    lua_State *L;
    int index; /* of the table: access key -> secret */
};

static int signer_gc(lua_State *L)
{
    struct signer *signer = luaL_checkudata(L, 1, SIGNER);
    awl_sigv4_free(signer->sigv4);
    signer->sigv4 = NULL;
    return 0;
}

/* One for the state: it keeps the derived keys. */
static struct awl_sigv4 *push_signer(lua_State *L)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, SIGNER ".instance") != LUA_TNIL)
        return ((struct signer *)luaL_checkudata(L, -1, SIGNER))->sigv4;
    lua_pop(L, 1);
    struct signer *signer = lua_newuserdatauv(L, sizeof(*signer), 0);
    signer->sigv4 = NULL;
    if (luaL_newmetatable(L, SIGNER)) {
        lua_pushcfunction(L, signer_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    signer->sigv4 = awl_sigv4_new();
    if (signer->sigv4 == NULL)
        luaL_error(L, "not enough memory");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, SIGNER ".instance");
    return signer->sigv4;
}

/* The secret stays in the caller's table. */
static bool look_up(void *data, awl_str access_key_id,
                    struct awl_credentials *credentials)
{
    const struct keys *keys = data;
    lua_State *L = keys->L;
    lua_pushlstring(L, access_key_id.ptr != NULL ? access_key_id.ptr : "",
                    access_key_id.len);
    bool known = lua_rawget(L, keys->index) == LUA_TSTRING;
    if (known) {
        *credentials = (struct awl_credentials){.access_key_id = access_key_id};
        credentials->secret_access_key.ptr =
            lua_tolstring(L, -1, &credentials->secret_access_key.len);
    }
    lua_pop(L, 1);
    return known;
}

/* The signatures of the pieces, each made with the one before it. */
struct pieces {
    struct awl_sigv4 *sigv4;
    struct awl_sigv4_params params;
    struct awl_credentials credentials;
    char prior[AWL_SIGV4_SIGNATURE_LEN + 1];
    char names[256]; /* region and service: signing overwrites where they were */
};

static bool same_signature(const char *ours, awl_str theirs)
{
    return awl_str_eq(awl_str_make(ours, AWL_SIGV4_SIGNATURE_LEN), theirs);
}

static bool check_pieces(struct pieces *pieces, struct awl_chunked *reader)
{
    struct awl_chunk chunk;
    do {
        if (awl_chunked_next(reader, &chunk) != AWL_OK ||
            awl_sigv4_sign_piece(pieces->sigv4, &pieces->params, &pieces->credentials,
                                 pieces->prior, STR(""), chunk.bytes, pieces->prior,
                                 NULL) != AWL_OK ||
            !same_signature(pieces->prior, chunk.signature))
            return false;
    } while (chunk.bytes.len > 0);
    return true;
}

static bool check_trailer(struct pieces *pieces, struct awl_chunked *reader)
{
    struct awl_buf lines;
    awl_str name, value;
    bool good = false;
    awl_buf_init(&lines, 64 * 1024);
    while (awl_chunked_trailer(reader, &name, &value) == AWL_OK) {
        if (awl_str_eq_nocase(name, STR("x-amz-trailer-signature"))) {
            good = awl_buf_rc(&lines) == AWL_OK &&
                   awl_sigv4_sign_trailer(pieces->sigv4, &pieces->params,
                                          &pieces->credentials, pieces->prior,
                                          awl_buf_str(&lines), pieces->prior,
                                          NULL) == AWL_OK &&
                   same_signature(pieces->prior, value);
            break;
        }
        for (size_t i = 0; i < name.len; i++)
            awl_buf_append_char(&lines, awl_char_lower(name.ptr[i]));
        awl_buf_append_char(&lines, ':');
        awl_buf_append_str(&lines, value);
        awl_buf_append_char(&lines, '\n');
    }
    awl_buf_release(&lines);
    return good;
}

static bool keep_names(struct pieces *pieces, awl_str region, awl_str service)
{
    if (region.len + service.len > sizeof(pieces->names))
        return false;
    if (region.len > 0)
        memcpy(pieces->names, region.ptr, region.len);
    if (service.len > 0)
        memcpy(pieces->names + region.len, service.ptr, service.len);
    pieces->params.region = awl_str_make(pieces->names, region.len);
    pieces->params.service = awl_str_make(pieces->names + region.len, service.len);
    return true;
}

/* True unless the request says that its body's pieces are signed and they are not. */
static bool check_stream(struct awl_sigv4 *sigv4, const struct awl_request *request,
                         const struct awl_sigv4_verification *found)
{
    bool trailer = awl_str_eq(found->payload_hash, STR(AWL_SIGV4_STREAMING_TRAILER));
    if (!trailer && !awl_str_eq(found->payload_hash, STR(AWL_SIGV4_STREAMING)))
        return true;
    struct awl_timestamp time;
    struct awl_chunked reader = {.rest = awl_buf_str(&request->body)};
    struct pieces pieces = {.sigv4 = sigv4};
    awl_str date;
    if (!awl_headers_get(&request->headers, STR("x-amz-date"), &date) ||
        !awl_timestamp_parse_basic(date, &time) ||
        !found->lookup(found->data, found->access_key_id, &pieces.credentials))
        return false;
    pieces.params.now_ms = awl_timestamp_to_ms(time);
    /* Its slice is overwritten too; keys are told apart by their secrets. */
    pieces.credentials.access_key_id = STR("signer of the pieces");
    if (!keep_names(&pieces, found->region, found->service))
        return false;
    memcpy(pieces.prior, found->signature, sizeof(pieces.prior));
    return check_pieces(&pieces, &reader) &&
           (!trailer || check_trailer(&pieces, &reader));
}

static const char *verdict_name(enum awl_sigv4_verdict verdict)
{
    switch (verdict) {
    case AWL_SIGV4_VALID:
        return "valid";
    case AWL_SIGV4_MISSING:
        return "missing";
    case AWL_SIGV4_MALFORMED:
        return "malformed";
    case AWL_SIGV4_UNKNOWN:
        return "unknown";
    case AWL_SIGV4_SKEWED:
        return "skewed";
    case AWL_SIGV4_EXPIRED:
        return "expired";
    case AWL_SIGV4_MISMATCH:
        return "mismatch";
    case AWL_SIGV4_BAD_BODY:
        return "bad body";
    }
    return "malformed";
}

int awl_server_verify(lua_State *L)
{
    const struct awl_request *request =
        awl_exchange_request(awl_server_check_exchange(L, 1));
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    struct awl_sigv4 *sigv4 = push_signer(L);
    struct keys keys = {.L = L, .index = 2};
    struct awl_sigv4_target target = {
        .method = request->method,
        .path = awl_buf_str(&request->path),
        .query = awl_buf_str(&request->query),
    };
    struct awl_sigv4_verification verification = {
        .now_ms = awl_clock_wall_ms(&awl_runtime(L)->clock),
        .skew_ms = AWL_SIGV4_SKEW_MS,
        .body = awl_buf_str(&request->body),
        .lookup = look_up,
        .data = &keys,
    };
    enum awl_sigv4_verdict verdict;
    enum awl_rc rc =
        awl_sigv4_verify(sigv4, &target, &request->headers, &verification, &verdict);
    if (rc != AWL_OK)
        return awl_raisef(L, rc, NULL, "cannot verify the request");
    if (verdict == AWL_SIGV4_VALID && !check_stream(sigv4, request, &verification))
        verdict = AWL_SIGV4_MISMATCH;
    lua_pushstring(L, verdict_name(verdict));
    lua_pushstring(L, verification.reason);
    return 2;
}
