/* awl.base64: the manual is lua/awl/types/base64.lua. */
#include <lauxlib.h>

#include "aws/base64.h"
#include "bind/bind.h"
#include "bind/buf_box.h"
#include "script/error_value.h"

#define TEXT_MAX ((size_t)1 << 30)

static awl_str check_text(lua_State *L)
{
    awl_str text;
    text.ptr = luaL_checklstring(L, 1, &text.len);
    return text;
}

static int encode(lua_State *L, enum awl_base64 variant)
{
    awl_str bytes = check_text(L);
    struct awl_buf *out = awl_buf_box(L, TEXT_MAX);
    awl_base64_encode(out, bytes.ptr, bytes.len, variant);
    awl_buf_box_push(L, out);
    return 1;
}

static int decode(lua_State *L, enum awl_base64 variant)
{
    awl_str text = check_text(L);
    struct awl_buf *out = awl_buf_box(L, TEXT_MAX);
    if (awl_base64_decode(out, text, variant) == AWL_EPARSE)
        return awl_raisef(L, AWL_EINPUT, "InvalidBase64", "the text is not base64");
    awl_buf_box_push(L, out);
    return 1;
}

static int base64_encode(lua_State *L)
{
    return encode(L, AWL_BASE64_STANDARD);
}

static int base64_decode(lua_State *L)
{
    return decode(L, AWL_BASE64_STANDARD);
}

static int base64_encode_url(lua_State *L)
{
    return encode(L, AWL_BASE64_URL_NO_PADDING);
}

static int base64_decode_url(lua_State *L)
{
    return decode(L, AWL_BASE64_URL);
}

int luaopen_awl_base64(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"encode", base64_encode},
        {"decode", base64_decode},
        {"encode_url", base64_encode_url},
        {"decode_url", base64_decode_url},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
