#include "call/credentials.h"

#include <lauxlib.h>

#include "script/error_value.h"

#define TYPE_NAME "awl.Credentials"

static int slot_gc(lua_State *L)
{
    struct awl_credentials_slot *slot = lua_touserdata(L, 1);
    awl_buf_wipe(&slot->text);
    return 0;
}

static int slot_tostring(lua_State *L)
{
    struct awl_credentials_slot *slot = awl_credentials_check(L, 1);
    if (!slot->set) {
        lua_pushliteral(L, "credentials (not loaded)");
        return 1;
    }
    awl_str id = slot->keys.access_key_id;
    awl_str tail = awl_str_slice(id, id.len > 4 ? id.len - 4 : 0, id.len);
    lua_pushfstring(L, "credentials (...%s)", lua_pushlstring(L, tail.ptr, tail.len));
    return 1;
}

struct awl_credentials_slot *awl_credentials_push(lua_State *L)
{
    struct awl_credentials_slot *slot = lua_newuserdatauv(L, sizeof(*slot), 1);
    *slot =
        (struct awl_credentials_slot){.expires_ms = INT64_MAX, .refresh_ms = INT64_MAX};
    awl_buf_init(&slot->text, AWL_CREDENTIALS_TEXT_MAX);
    if (luaL_newmetatable(L, TYPE_NAME)) {
        lua_pushcfunction(L, slot_gc);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, slot_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setmetatable(L, -2);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, 1);
    return slot;
}

struct awl_credentials_slot *awl_credentials_check(lua_State *L, int index)
{
    return luaL_checkudata(L, index, TYPE_NAME);
}

struct field {
    const char *name;
    size_t offset; /* in `text`; the text moves while it grows */
    size_t len;
    bool given;
};

static void append_field(lua_State *L, struct awl_buf *text, int index,
                         struct field *field)
{
    field->given = lua_getfield(L, index, field->name) != LUA_TNIL;
    field->offset = text->len;
    const char *value = luaL_optlstring(L, -1, "", &field->len);
    awl_buf_append(text, value, field->len);
    lua_pop(L, 1);
}

static awl_str field_text(const struct awl_buf *text, const struct field *field)
{
    return awl_str_slice(awl_buf_str(text), field->offset, field->offset + field->len);
}

static int64_t expiration_ms(lua_State *L, int index)
{
    lua_getfield(L, index, "expiration");
    int64_t ms =
        lua_isnil(L, -1) ? INT64_MAX : (int64_t)(luaL_checknumber(L, -1) * 1000.0);
    lua_pop(L, 1);
    return ms;
}

void awl_credentials_set(lua_State *L, struct awl_credentials_slot *slot, int index)
{
    struct field fields[] = {
        {.name = "access_key_id"}, {.name = "secret_access_key"},
        {.name = "session_token"}, {.name = "account_id"},
        {.name = "provider"},      {.name = "bearer_token"},
        {.name = "features"},
    };

    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    int64_t expires_ms = expiration_ms(L, index);
    lua_getfield(L, index, "anonymous");
    bool anonymous = lua_toboolean(L, -1);
    lua_pop(L, 1);

    slot->set = false;
    slot->keys = (struct awl_credentials){0};
    slot->bearer_token = slot->features = (awl_str){0};
    awl_buf_wipe(&slot->text);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        append_field(L, &slot->text, index, &fields[i]);
    if (awl_buf_rc(&slot->text) != AWL_OK)
        luaL_error(L, "credentials are too long");
    if (!anonymous && fields[5].len == 0 && (fields[0].len == 0 || fields[1].len == 0))
        awl_raisef(L, AWL_ECONFIG, "InvalidCredentials",
                   "credentials need both an access key id and a secret access key");

    slot->keys = (struct awl_credentials){
        .access_key_id = field_text(&slot->text, &fields[0]),
        .secret_access_key = field_text(&slot->text, &fields[1]),
        .session_token = field_text(&slot->text, &fields[2]),
        .account_id = field_text(&slot->text, &fields[3]),
    };
    if (!fields[3].given) /* one that is empty is there: endpoint rules refuse it */
        slot->keys.account_id = (awl_str){0};
    slot->provider = field_text(&slot->text, &fields[4]);
    slot->bearer_token = field_text(&slot->text, &fields[5]);
    slot->features = field_text(&slot->text, &fields[6]);
    slot->expires_ms = slot->refresh_ms = expires_ms;
    slot->generation++;
    slot->refused = false;
    slot->anonymous = anonymous;
    slot->set = true;
}

bool awl_credentials_usable(const struct awl_credentials_slot *slot, int64_t now_ms)
{
    return slot->set && now_ms < slot->expires_ms;
}

bool awl_credentials_fresh(const struct awl_credentials_slot *slot, int64_t now_ms)
{
    return slot->set && now_ms < slot->refresh_ms;
}

void awl_credentials_refuse(struct awl_credentials_slot *slot, uint32_t generation)
{
    if (slot->generation != generation)
        return;
    slot->expires_ms = slot->refresh_ms = 0;
    slot->refused = true;
}

bool awl_credentials_push_refresh(lua_State *L, int index)
{
    if (lua_getiuservalue(L, index, 1) == LUA_TFUNCTION)
        return true;
    lua_pop(L, 1);
    return false;
}
