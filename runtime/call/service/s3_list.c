#include <lauxlib.h>

#include "aws/uri.h"
#include "call/service/rules.h"
#include "call/service/s3.h"

#define TEXT_MAX 8192 /* a key has 1024 bytes at most, before it is encoded */

/* The metatable of an input that we asked to be answered with encoded keys. */
static const char asked_type[] = "awl.S3Listing";

struct listing {
    const char *operation;
    const char *members[5];
    struct {
        const char *list, *member;
    } nested[4];
};

static const struct listing listings[] = {
    {"ListObjects",
     {"Delimiter", "Marker", "NextMarker"},
     {{"Contents", "Key"}, {"CommonPrefixes", "Prefix"}}},
    {"ListObjectsV2",
     {"Delimiter", "Prefix", "StartAfter"},
     {{"Contents", "Key"}, {"CommonPrefixes", "Prefix"}}},
    {"ListObjectVersions",
     {"KeyMarker", "NextKeyMarker", "Prefix", "Delimiter"},
     {{"Versions", "Key"}, {"DeleteMarkers", "Key"}, {"CommonPrefixes", "Prefix"}}},
};

static const struct listing *listing_of(awl_str operation)
{
    for (size_t i = 0; i < sizeof(listings) / sizeof(listings[0]); i++)
        if (awl_str_eq(operation, awl_str_of(listings[i].operation)))
            return &listings[i];
    return NULL;
}

void awl_s3_ask_encoded(lua_State *L, awl_str operation, int input)
{
    if (listing_of(operation) == NULL || !lua_istable(L, input))
        return;
    bool given = lua_getfield(L, input, "EncodingType") != LUA_TNIL;
    lua_pop(L, 1);
    if (given)
        return;
    awl_rules_copy_input(L, input);
    lua_pushliteral(L, "url");
    lua_setfield(L, input, "EncodingType");
    luaL_newmetatable(L, asked_type);
    lua_setmetatable(L, input);
}

/* Nothing in here raises. Returns the length, or SIZE_MAX if it is too long. */
static size_t decode(awl_str text, char out[TEXT_MAX])
{
    struct awl_buf decoded;
    size_t len = SIZE_MAX;

    awl_buf_init(&decoded, TEXT_MAX);
    if (awl_uri_decode(&decoded, text, true) == AWL_OK && decoded.len > 0) {
        len = decoded.len;
        memcpy(out, decoded.ptr, len);
    }
    awl_buf_release(&decoded);
    return len;
}

/* Decodes a member of the table at the stack's top; its name is at `name`. */
static void decode_at(lua_State *L, int name)
{
    awl_str text;
    char decoded[TEXT_MAX];

    lua_pushvalue(L, name);
    if (lua_rawget(L, -2) != LUA_TSTRING) {
        lua_pop(L, 1);
        return;
    }
    text.ptr = lua_tolstring(L, -1, &text.len);
    bool is_plain = memchr(text.ptr, '%', text.len) == NULL &&
                    memchr(text.ptr, '+', text.len) == NULL;
    size_t len = is_plain ? SIZE_MAX : decode(text, decoded);
    lua_pop(L, 1);
    if (len != SIZE_MAX) {
        lua_pushvalue(L, name);
        lua_pushlstring(L, decoded, len);
        lua_rawset(L, -3);
    }
}

static void decode_member(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_insert(L, -2);
    decode_at(L, lua_gettop(L) - 1);
    lua_remove(L, -2);
}

static void decode_nested(lua_State *L, const char *list, const char *member)
{
    int name = lua_gettop(L) + 1;

    lua_pushstring(L, member);
    if (lua_getfield(L, -2, list) == LUA_TTABLE) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= count; i++) {
            if (lua_rawgeti(L, -1, i) == LUA_TTABLE)
                decode_at(L, name);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, name - 1);
}

static bool was_asked(lua_State *L, int input)
{
    if (!lua_istable(L, input) || !lua_getmetatable(L, input))
        return false;
    luaL_getmetatable(L, asked_type);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

void awl_s3_decode_list(lua_State *L, awl_str operation, int input)
{
    const struct listing *listing = listing_of(operation);

    if (listing == NULL || !was_asked(L, input))
        return;
    bool encoded = lua_getfield(L, -1, "EncodingType") == LUA_TSTRING &&
                   strcmp(lua_tostring(L, -1), "url") == 0;
    lua_pop(L, 1);
    if (!encoded)
        return;
    for (size_t i = 0; listing->members[i] != NULL; i++)
        decode_member(L, listing->members[i]);
    for (size_t i = 0; listing->nested[i].list != NULL; i++)
        decode_nested(L, listing->nested[i].list, listing->nested[i].member);
}
