/* S3's inputs: refused before sending where the service would answer obscurely, and
 * completed where it wants more than callers should have to write. */
#include <lauxlib.h>

#include "aws/checksum.h"
#include "aws/uri.h"
#include "call/service/rules.h"
#include "call/service/s3.h"
#include "script/error_value.h"

#define BUCKET_MAX 255
#define COPY_SOURCE_MAX 8192

/* An input of which the first change makes a copy. */
struct input {
    lua_State *L;
    int index;
    bool copied;
};

/* Sets a member to the value on the stack's top, which is popped. */
static void set_member(struct input *input, const char *name)
{
    if (!input->copied)
        awl_rules_copy_input(input->L, input->index);
    input->copied = true;
    lua_setfield(input->L, input->index, name);
}

/* Pushes a member; false, and nothing is pushed, if it is no string. */
static bool push_text(const struct input *input, const char *name, awl_str *text)
{
    if (lua_getfield(input->L, input->index, name) != LUA_TSTRING) {
        lua_pop(input->L, 1);
        return false;
    }
    text->ptr = lua_tolstring(input->L, -1, &text->len);
    return true;
}

/* ---- what is refused ---- */

static bool is_bucket(awl_str name)
{
    if (awl_str_starts(name, STR("arn:")))
        return true; /* the endpoint rules know more about those */
    if (name.len == 0 || name.len > BUCKET_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!good)
            return false;
    }
    return true;
}

static void check_bucket(const struct input *input, awl_str operation)
{
    awl_str name;
    if (!push_text(input, "Bucket", &name))
        return;
    if (!is_bucket(name))
        awl_raisef(input->L, AWL_EINPUT, NULL,
                   "%s: '%s' is no name of a bucket: it has letters, digits, '.', '-' "
                   "and '_' only, or is an ARN",
                   operation.ptr, name.ptr);
    lua_pop(input->L, 1);
}

static bool is_ascii(lua_State *L, int index)
{
    size_t len;
    const char *text =
        lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &len) : NULL;
    for (size_t i = 0; text != NULL && i < len; i++)
        if ((unsigned char)text[i] > 127)
            return false;
    return true; /* what is no string is refused by the codec */
}

/* Metadata is sent as headers, which have no encoding. */
static void check_metadata(const struct input *input, awl_str operation)
{
    lua_State *L = input->L;
    if (lua_getfield(L, input->index, "Metadata") == LUA_TTABLE) {
        for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
            if (!is_ascii(L, -1) || !is_ascii(L, -2))
                awl_raisef(L, AWL_EINPUT, NULL,
                           "%s: Metadata must be ASCII: '%s' is not, encode it",
                           operation.ptr, luaL_tolstring(L, -2, NULL));
    }
    lua_pop(L, 1);
}

/* ---- what is completed ---- */

/* Pushes an MD5 in base64. */
static void push_md5(lua_State *L, awl_str text)
{
    struct awl_checksum md5;
    char value[AWL_CHECKSUM_BASE64_MAX];

    awl_checksum_init(&md5, AWL_CHECKSUM_MD5);
    awl_checksum_update(&md5, text.ptr, text.len);
    awl_checksum_final_base64(&md5, value);
    lua_pushstring(L, value);
}

/* A customer's key is given as its bytes and sent in base64, with its MD5. */
static void encode_key(struct input *input, const char *key, const char *md5)
{
    awl_str bytes;

    lua_getfield(input->L, input->index, md5);
    bool given = !lua_isnil(input->L, -1);
    lua_pop(input->L, 1);
    if (given || !push_text(input, key, &bytes))
        return;
    push_md5(input->L, bytes);
    set_member(input, md5);
    awl_rules_push_base64(input->L, bytes);
    set_member(input, key);
    lua_pop(input->L, 1);
}

/* Where "?versionId=..." begins, at the end of a copy source. */
static size_t version_of(awl_str source)
{
    size_t at = source.len;
    while (at > 0 && source.ptr[at - 1] != '?')
        at--;
    if (at > 0 &&
        awl_str_starts(awl_str_slice(source, at, source.len), STR("versionId=")))
        return at - 1;
    return source.len;
}

/* The strings in the table of a copy source; raises for one that is missing. */
static awl_str source_field(lua_State *L, int source, const char *name, bool needed)
{
    awl_str text = STR("");
    if (lua_getfield(L, source, name) == LUA_TSTRING)
        text.ptr = lua_tolstring(L, -1, &text.len);
    else if (needed || !lua_isnil(L, -1))
        awl_raisef(L, AWL_EINPUT, NULL, "CopySource: %s must be a string", name);
    lua_pop(L, 1); /* the table keeps it */
    return text;
}

struct copy_source {
    awl_str bucket; /* as a string: with the key */
    awl_str between, key, before_version, version;
};

static void read_source(lua_State *L, int index, struct copy_source *source)
{
    *source = (struct copy_source){0};
    if (lua_type(L, index) == LUA_TSTRING) {
        awl_str text;
        text.ptr = lua_tolstring(L, index, &text.len);
        size_t version = version_of(text);
        source->bucket = awl_str_slice(text, 0, version);
        source->version = awl_str_slice(text, version, text.len);
        return;
    }
    source->bucket = source_field(L, index, "Bucket", true);
    source->between =
        awl_str_starts(source->bucket, STR("arn:")) ? STR("/object/") : STR("/");
    source->key = source_field(L, index, "Key", true);
    source->version = source_field(L, index, "VersionId", false);
    if (source->version.len > 0)
        source->before_version = STR("?versionId=");
}

/* Nothing in here raises. Returns the length, or SIZE_MAX if it is too long. */
static size_t write_source(const struct copy_source *source, char out[COPY_SOURCE_MAX])
{
    struct awl_buf encoded;
    size_t len = SIZE_MAX;

    awl_buf_init(&encoded, COPY_SOURCE_MAX);
    awl_uri_encode_path(&encoded, source->bucket);
    awl_buf_append_str(&encoded, source->between);
    awl_uri_encode_path(&encoded, source->key);
    awl_buf_append_str(&encoded, source->before_version);
    awl_buf_append_str(&encoded, source->version);
    if (awl_buf_rc(&encoded) == AWL_OK && encoded.len > 0) {
        len = encoded.len;
        memcpy(out, encoded.ptr, len);
    }
    awl_buf_release(&encoded);
    return len;
}

/* A copy source is bucket and key, as a path is written in a URL; or a table of
 * Bucket, Key and VersionId. */
static void encode_copy_source(struct input *input)
{
    lua_State *L = input->L;
    char text[COPY_SOURCE_MAX];
    struct copy_source source;

    int type = lua_getfield(L, input->index, "CopySource");
    if (type == LUA_TSTRING || type == LUA_TTABLE) {
        read_source(L, lua_gettop(L), &source);
        size_t len = write_source(&source, text);
        if (len == SIZE_MAX)
            awl_raisef(L, AWL_EINPUT, NULL, "CopySource is empty or too long");
        lua_pushlstring(L, text, len);
        set_member(input, "CopySource");
    }
    lua_pop(L, 1);
}

void awl_s3_before_input(lua_State *L, const struct awl_model *model,
                         const struct awl_operation *operation, int index)
{
    struct input input = {.L = L, .index = index};
    awl_str name = awl_model_operation_name(model, operation);

    luaL_checkstack(L, 10, NULL);
    if (lua_istable(L, index)) {
        check_bucket(&input, name);
        check_metadata(&input, name);
        encode_key(&input, "SSECustomerKey", "SSECustomerKeyMD5");
        encode_key(&input, "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5");
        encode_copy_source(&input);
    }
    awl_s3_ask_encoded(L, name, index);
}
