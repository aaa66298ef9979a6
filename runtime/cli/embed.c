/* embed.c - the host tool that compiles awl's Lua files for embedding.
 *
 *     awl_embed OUT.bin OUT.inc ROOT FILE... [-- ROOT FILE...]...
 *
 * OUT.bin holds the bytecode of all files in this order, line numbers included; OUT.inc
 * holds one `{"module.name", offset, length},` a file, sorted by name. FILEs are relative
 * to the ROOT before them, and name both the module and its chunk. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

struct module {
    char *name;
    const char *root;
    const char *file;
    long offset;
    long length;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "awl_embed: %s: %s\n", what, why);
    exit(1);
}

static FILE *open_for_writing(const char *path)
{
    FILE *out = fopen(path, "wb");
    if (out == NULL)
        die(path, strerror(errno));
    return out;
}

static void *must(void *memory)
{
    if (memory == NULL)
        die("memory", "none left");
    return memory;
}

/* "awl/cli/test.lua" is awl.cli.test, "awl/init.lua" is awl. */
static char *module_name(const char *file)
{
    char *name = must(strdup(file));
    size_t len = strlen(name);
    if (len > 4 && strcmp(name + len - 4, ".lua") == 0)
        name[len -= 4] = '\0';
    if (len > 5 && strcmp(name + len - 5, "/init") == 0)
        name[len - 5] = '\0';
    for (char *at = name; *at != '\0'; at++)
        if (*at == '/')
            *at = '.';
    return name;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct module *)a)->name, ((const struct module *)b)->name);
}

static char *join(const char *format, const char *a, const char *b)
{
    int len = snprintf(NULL, 0, format, a, b);
    char *text = must(malloc((size_t)len + 1));
    snprintf(text, (size_t)len + 1, format, a, b);
    return text;
}

static char *read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        die(path, strerror(errno));
    long size = ftell(in);
    rewind(in);
    char *text = must(malloc((size_t)size + 1));
    *len = fread(text, 1, (size_t)size, in);
    if (*len != (size_t)size)
        die(path, "cannot be read");
    fclose(in);
    return text;
}

static int write_chunk(lua_State *L, const void *bytes, size_t len, void *out)
{
    (void)L;
    return fwrite(bytes, 1, len, out) != len;
}

static void compile(lua_State *L, struct module *module, FILE *out)
{
    size_t len;
    char *path = join("%s/%s", module->root, module->file);
    char *chunk = join("%s%s", "=", module->file);
    char *text = read_file(path, &len);

    if (luaL_loadbufferx(L, text, len, chunk, "t") != LUA_OK)
        die("syntax error", lua_tostring(L, -1));
    module->offset = ftell(out);
    if (lua_dump(L, write_chunk, out, 0) != 0)
        die("cannot write", module->file);
    module->length = ftell(out) - module->offset;
    lua_pop(L, 1);
    free(text);
    free(chunk);
    free(path);
}

static size_t read_arguments(int argc, char **argv, struct module *modules)
{
    size_t count = 0;
    const char *root = NULL;

    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            root = NULL;
        } else if (root == NULL) {
            root = argv[i];
        } else {
            char *name = module_name(argv[i]);
            modules[count++] =
                (struct module){.name = name, .root = root, .file = argv[i]};
        }
    }
    return count;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        die("usage", "awl_embed OUT.bin OUT.inc ROOT FILE... [-- ROOT FILE...]...");
    struct module *modules = must(calloc((size_t)argc, sizeof(*modules)));
    size_t count = read_arguments(argc, argv, modules);

    lua_State *L = must(luaL_newstate());
    FILE *code = open_for_writing(argv[1]);
    FILE *index = open_for_writing(argv[2]);
    for (size_t i = 0; i < count; i++)
        compile(L, &modules[i], code);
    qsort(modules, count, sizeof(*modules), by_name);
    for (size_t i = 0; i < count; i++) {
        const struct module *module = &modules[i];
        if (i > 0 && strcmp(module->name, modules[i - 1].name) == 0)
            die(module->name, "two files for one module");
        fprintf(index, "{\"%s\", %ld, %ld},\n", module->name, module->offset,
                module->length);
    }
    lua_close(L);
    for (size_t i = 0; i < count; i++)
        free(modules[i].name);
    free(modules);
    if (fclose(code) != 0 || fclose(index) != 0)
        die("cannot write", strerror(errno));
    return 0;
}
