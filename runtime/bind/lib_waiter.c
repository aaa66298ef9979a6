/* awl.core.waiter: the waiters of a client's service, as its model has them. */
#include <lauxlib.h>

#include "bind/bind.h"
#include "bind/model_value.h"
#include "call/client.h"
#include "model/suggest.h"
#include "script/error_value.h"

static int raise_unknown(lua_State *L, const struct awl_model *model, awl_str name)
{
    struct awl_suggest suggest;
    struct awl_waiter waiter;
    char text[AWL_SUGGEST_TEXT_MAX];
    bool camel = name.len > 0 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z';
    uint32_t count = awl_model_waiter_count(model);

    awl_suggest_init(&suggest, name);
    for (uint32_t i = 0; i < count; i++) {
        awl_model_waiter(model, i, &waiter);
        awl_suggest_offer(&suggest, camel ? waiter.name : waiter.method_name);
    }
    return awl_raisef(L, AWL_ENOTFOUND, NULL, "unknown waiter '%.*s' of %.*s%s",
                      STR_ARG(name), STR_ARG(model->name),
                      count == 0 ? "; this service has no waiters"
                                 : awl_suggest_text(&suggest, text));
}

/* find(client, name) -> the waiter, see model_value.h. Raises for an unknown name. */
static int waiter_find(lua_State *L)
{
    const struct awl_model *model = &awl_client_arg(L, 1)->service->model;
    struct awl_waiter waiter;
    awl_str name;

    name.ptr = luaL_checklstring(L, 2, &name.len);
    if (!awl_model_waiter_find(model, name, &waiter))
        return raise_unknown(L, model, name);
    awl_value_push_waiter(L, model, &waiter);
    return 1;
}

/* names(client) -> the names of all waiters of its service, as AWS spells them */
static int waiter_names(lua_State *L)
{
    const struct awl_model *model = &awl_client_arg(L, 1)->service->model;
    uint32_t count = awl_model_waiter_count(model);
    struct awl_waiter waiter;

    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        awl_model_waiter(model, i, &waiter);
        lua_pushlstring(L, waiter.name.ptr, waiter.name.len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int luaopen_awl_core_waiter(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", waiter_find},
        {"names", waiter_names},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}
