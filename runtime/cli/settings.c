#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/log.h"
#include "script/error_value.h"

#define SETTINGS "awl.core.settings"

static void set_pair(lua_State *L, int table, const char *key, const char *text)
{
    const char *equals = strchr(text, '=');
    luaL_getsubtable(L, table, key);
    lua_pushlstring(L, text, (size_t)(equals - text));
    lua_pushstring(L, equals + 1);
    lua_settable(L, -3);
    lua_pop(L, 1);
}

static void set_level(const char *word)
{
    enum awl_log_level level;
    if (awl_log_level_parse(word, &level))
        awl_log_threshold = level;
}

static void set(lua_State *L, int table, const struct awl_option *option,
                const char *text)
{
    int64_t count = 0;
    double seconds = 0;

    switch (option->kind) {
    case AWL_OPTION_FLAG:
        lua_pushboolean(L, true);
        if (strcmp(option->key, "debug") == 0)
            set_level("debug");
        break;
    case AWL_OPTION_LEVEL:
        set_level(text);
        lua_pushstring(L, text);
        break;
    case AWL_OPTION_TEXT:
        lua_pushstring(L, text);
        break;
    case AWL_OPTION_COUNT:
        awl_str_to_int64(awl_str_of(text), &count);
        lua_pushinteger(L, count);
        break;
    case AWL_OPTION_SECONDS:
        awl_str_to_double(awl_str_of(text), &seconds);
        lua_pushnumber(L, seconds);
        break;
    case AWL_OPTION_PAIR:
        set_pair(L, table, option->key, text);
        return;
    }
    lua_setfield(L, table, option->key);
}

void awl_settings_open(lua_State *L, const struct awl_options *options)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_newtable(L);
    int table = lua_gettop(L);
    const char *level = getenv("AWL_LOG");
    if (level != NULL && *level != '\0') {
        const struct awl_option *option = awl_option_find(STR("--log"));
        if (awl_option_check(option, level, NULL) == AWL_OK)
            set(L, table, option, level);
        else
            awl_log(AWL_LOG_WARN, "options",
                    "AWL_LOG is '%s', not one of debug, info, warn, error, off", level);
    }
    for (size_t i = 0; i < options->count; i++)
        set(L, table, options->settings[i].option, options->settings[i].text);
    lua_setfield(L, -2, SETTINGS);
    lua_pop(L, 1);
}

static int options_list(lua_State *L)
{
    static const char *const kinds[] = {"flag",  "text",    "level",
                                        "count", "seconds", "pair"};
    const struct awl_option *option;

    lua_newtable(L);
    for (size_t i = 0; (option = awl_option_at(i)) != NULL; i++) {
        lua_createtable(L, 0, 5);
        lua_pushstring(L, option->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, option->key);
        lua_setfield(L, -2, "key");
        lua_pushstring(L, kinds[option->kind]);
        lua_setfield(L, -2, "kind");
        lua_pushstring(L, option->metavar);
        lua_setfield(L, -2, "metavar");
        lua_pushstring(L, option->help);
        lua_setfield(L, -2, "help");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int options_set(lua_State *L)
{
    const struct awl_option *option = awl_option_find(awl_str_of(luaL_checkstring(L, 1)));
    const char *text = NULL;
    struct awl_error err = AWL_ERROR_INIT;

    luaL_argcheck(L, option != NULL, 1, "no such option");
    if (option->kind != AWL_OPTION_FLAG) {
        text = luaL_checkstring(L, 2);
        if (awl_option_check(option, text, &err) != AWL_OK)
            return awl_raise(L, &err);
    }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, SETTINGS);
    set(L, lua_gettop(L), option, text);
    return 0;
}

int luaopen_awl_core_options(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"list", options_list},
        {"set", options_set},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    lua_pushliteral(L, AWL_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
