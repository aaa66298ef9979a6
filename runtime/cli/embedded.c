#include "cli/embedded.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

struct module {
    const char *name;
    size_t offset;
    size_t length;
};

static const struct module modules[] = {
#include "embedded.inc"
};

#define MODULE_COUNT (sizeof(modules) / sizeof(modules[0]))

/* clang-format off */
__asm__(".section .rodata\n"
        ".balign 16\n"
        "awl_embedded_code:\n"
        ".incbin \"" AWL_EMBEDDED_BIN "\"\n"
        ".previous\n");
/* clang-format on */
extern const char awl_embedded_code[];

static int by_name(const void *name, const void *module)
{
    return strcmp(name, ((const struct module *)module)->name);
}

static const struct module *find(const char *name)
{
    return bsearch(name, modules, MODULE_COUNT, sizeof(modules[0]), by_name);
}

bool awl_embedded_has(const char *name)
{
    return find(name) != NULL;
}

const char *awl_embedded_name(size_t index)
{
    return index < MODULE_COUNT ? modules[index].name : NULL;
}

void awl_embedded_load(lua_State *L, const char *name)
{
    const struct module *module = find(name);
    const char *code = awl_embedded_code + module->offset;
    if (luaL_loadbufferx(L, code, module->length, name, "b") != LUA_OK)
        lua_error(L);
}

static bool is_ours(const char *name)
{
    return strncmp(name, "awl", 3) == 0 && (name[3] == '\0' || name[3] == '.');
}

static int search(lua_State *L, bool ours)
{
    const char *name = luaL_checkstring(L, 1);
    if (is_ours(name) != ours)
        return 0;
    if (!awl_embedded_has(name)) {
        lua_pushfstring(L, "no module '%s' in awl itself", name);
        return 1;
    }
    awl_embedded_load(L, name);
    lua_pushliteral(L, ":embedded:");
    return 2;
}

static int search_ours(lua_State *L)
{
    return search(L, true);
}

static int search_libraries(lua_State *L)
{
    return search(L, false);
}

void awl_embedded_install(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_Integer count = luaL_len(L, -1);
    for (lua_Integer i = count; i >= 2; i--) { /* the first one looks in preload */
        lua_rawgeti(L, -1, i);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushcfunction(L, search_ours);
    lua_rawseti(L, -2, 2);
    lua_pushcfunction(L, search_libraries);
    lua_rawseti(L, -2, count + 2);
    lua_pop(L, 2);
}
