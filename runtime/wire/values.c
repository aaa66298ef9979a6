#include "wire/values.h"

#include <math.h>

#include "aws/base64.h"
#include "base/json.h"

enum awl_rc awl_append_timestamp(struct awl_buf *out, struct awl_timestamp time,
                                 enum awl_timestamp_format format)
{
    switch (format) {
    case AWL_TIMESTAMP_ISO8601:
        return awl_timestamp_append_iso(out, time);
    case AWL_TIMESTAMP_RFC822:
        return awl_timestamp_append_http(out, time);
    case AWL_TIMESTAMP_DEFAULT:
    case AWL_TIMESTAMP_UNIX:
        break;
    }
    return awl_timestamp_append_number(out, time);
}

void awl_push_timestamp(lua_State *L, struct awl_timestamp time)
{
    if (time.nanoseconds == 0)
        lua_pushinteger(L, time.seconds);
    else
        lua_pushnumber(L, awl_timestamp_to_double(time));
}

enum awl_rc awl_append_real(struct awl_buf *out, double value)
{
    if (isnan(value))
        return awl_buf_append_str(out, STR("NaN"));
    if (isinf(value))
        return awl_buf_append_str(out, value > 0 ? STR("Infinity") : STR("-Infinity"));
    return awl_json_append_double(out, value);
}

bool awl_parse_real(awl_str text, double *value)
{
    if (awl_str_eq(text, STR("NaN")))
        *value = NAN;
    else if (awl_str_eq(text, STR("Infinity")))
        *value = INFINITY;
    else if (awl_str_eq(text, STR("-Infinity")))
        *value = -INFINITY;
    else
        return awl_str_to_double(text, value);
    return true;
}

/* Some services break the lines of what they encode. */
static bool decode_without_space(struct awl_buf *scratch, awl_str text)
{
    if (awl_buf_reserve(scratch, 2 * text.len) != AWL_OK)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (memchr(" \t\r\n", text.ptr[i], 4) == NULL)
            awl_buf_append_char(scratch, text.ptr[i]);
    size_t len = scratch->len;
    if (len == text.len || awl_base64_decode(scratch, awl_str_make(scratch->ptr, len),
                                             AWL_BASE64_STANDARD) != AWL_OK)
        return false;
    awl_buf_consume(scratch, len);
    return true;
}

bool awl_push_base64(lua_State *L, struct awl_buf *scratch, awl_str text)
{
    awl_buf_clear(scratch);
    if (awl_base64_decode(scratch, text, AWL_BASE64_STANDARD) != AWL_OK &&
        !decode_without_space(scratch, text))
        return false;
    lua_pushlstring(L, awl_buf_cstr(scratch), scratch->len);
    return true;
}
