/* main.c - the program `awl`: what its words mean. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <lauxlib.h>

#include "cli/embedded.h"
#include "cli/options.h"
#include "cli/program.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "loop/process.h"
#include "loop/signal.h"

struct words {
    int argc;
    char **argv;
    int at;      /* the script or command */
    bool script; /* it is a script: `awl run` came before it */
};

/* A descriptor 0, 1 or 2 that the parent closed would be given to the next socket,
 * which prints would then go to. Opened the wrong way round, its use still fails. */
static void occupy_standard_descriptors(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd == STDIN_FILENO || fd == STDOUT_FILENO || fd == STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static int usage_error(const struct awl_error *err)
{
    awl_report("%s", err->message);
    return AWL_EXIT_USAGE;
}

static bool module_of_command(char *out, size_t room, const char *name)
{
    if (*name == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz") != strlen(name))
        return false;
    int len = snprintf(out, room, "awl.cli.%s", name);
    return len > 0 && (size_t)len < room && awl_embedded_has(out);
}

static bool is_command(const char *name)
{
    char module[64];
    return module_of_command(module, sizeof(module), name);
}

/* Modules beside the script are found wherever it is started from. */
static void search_beside(lua_State *L, const char *script)
{
    const char *slash = strrchr(script, '/');
    if (slash == NULL)
        return; /* "./?.lua" is in the path already */
    lua_getglobal(L, "package");
    lua_pushlstring(L, script, (size_t)(slash - script));
    lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;", lua_tostring(L, -1),
                    lua_tostring(L, -1));
    lua_getfield(L, -3, "path");
    lua_concat(L, 2);
    lua_setfield(L, -3, "path");
    lua_pop(L, 2);
}

/* The error is on the stack's top. */
static int syntax_error(lua_State *L)
{
    awl_report("%s", lua_tostring(L, -1));
    return AWL_EXIT_SCRIPT;
}

static const char *nearest_command(const char *name)
{
    const char *nearest = NULL;
    unsigned least = 3;
    const char *module;

    for (size_t i = 0; (module = awl_embedded_name(i)) != NULL; i++) {
        if (strncmp(module, "awl.cli.", 8) != 0)
            continue;
        unsigned distance = awl_str_distance(awl_str_of(module + 8), awl_str_of(name));
        if (distance < least) {
            least = distance;
            nearest = module + 8;
        }
    }
    return nearest;
}

static int no_script(const char *name, int error)
{
    const char *command = strchr(name, '/') == NULL ? nearest_command(name) : NULL;
    if (error != ENOENT)
        awl_report("cannot read '%s': %s", name, strerror(error));
    else if (command != NULL)
        awl_report("there is no script '%s'; did you mean the command '%s'?", name,
                   command);
    else
        awl_report("there is no script '%s'", name);
    return AWL_EXIT_USAGE;
}

/* Runs the chunk on the stack's top; its name is argv[at]. */
static int run_chunk(lua_State *L, const struct words *words)
{
    int nargs = awl_program_push_arguments(L, words->argc, words->argv, words->at);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "awl.core.settings");
    lua_getfield(L, -1, "local");
    bool emulate = lua_toboolean(L, -1);
    lua_pop(L, 3);
    if (emulate) { /* the emulator is started first, in the same task */
        awl_embedded_load(L, "awl.core.start");
        lua_insert(L, -nargs - 2);
        nargs++;
    }
    return awl_program_run(L, nargs, false);
}

static int run_script(lua_State *L, const struct words *words)
{
    const char *name = words->argv[words->at];
    bool standard_input = strcmp(name, "-") == 0;

    if (!standard_input) {
        int fd = open(name, O_RDONLY | O_CLOEXEC);
        char byte;
        if (fd < 0)
            return no_script(name, errno);
        bool readable = read(fd, &byte, 1) >= 0;
        int error = errno;
        close(fd);
        if (!readable)
            return no_script(name, error);
        search_beside(L, name);
    }
    if (luaL_loadfile(L, standard_input ? NULL : name) != LUA_OK)
        return syntax_error(L);
    return run_chunk(L, words);
}

/* The same for CODE, which is where people give an expression to see its value. */
static int code_error(lua_State *L, const char *code)
{
    lua_pushfstring(L, "return %s", code);
    if (luaL_loadstring(L, lua_tostring(L, -1)) != LUA_OK) {
        lua_pop(L, 2);
        return syntax_error(L);
    }
    awl_report("%s; CODE is an expression: print(...) or awl.emit(...) shows its value",
               lua_tostring(L, -3));
    return AWL_EXIT_SCRIPT;
}

static int run_code(lua_State *L, const char *code, struct words *words)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "awl");
    lua_call(L, 1, 1);
    lua_setglobal(L, "awl");
    if (luaL_loadbuffer(L, code, strlen(code), "=(command line)") != LUA_OK)
        return code_error(L, code);
    words->at--; /* CODE stands where a script would */
    return run_chunk(L, words);
}

static int run_command(lua_State *L, const struct words *words)
{
    awl_embedded_load(L, "awl.core.command");
    lua_pushstring(L, words->argv[words->at]);
    lua_createtable(L, words->argc - words->at, 0);
    int nargs = awl_program_push_arguments(L, words->argc, words->argv, words->at);
    for (int i = nargs; i >= 1; i--)
        lua_rawseti(L, -i - 1, i);
    return awl_program_run(L, 2, true);
}

static int run_words(lua_State *L, const struct awl_options *options, struct words *words)
{
    static char *help[] = {"awl", "help"};

    if (options->version) {
        printf("awl %s (%s)\n", AWL_VERSION, LUA_RELEASE);
        return awl_report_output() ? AWL_EXIT_OK : AWL_EXIT_OTHER;
    }
    if (options->help)
        return run_command(L, &(struct words){.argc = 2, .argv = help, .at = 1});
    if (options->code != NULL)
        return run_code(L, options->code, words);
    if (words->at >= words->argc) {
        awl_report("no script and no command; 'awl help' tells what there is");
        return AWL_EXIT_USAGE;
    }
    if (!words->script && is_command(words->argv[words->at]))
        return run_command(L, words);
    return run_script(L, words);
}

static int guarded(lua_State *L)
{
    struct words *words = lua_touserdata(L, 2);
    lua_pushinteger(L, run_words(L, lua_touserdata(L, 1), words));
    return 1;
}

static int run(struct awl_runtime *runtime, struct awl_options *options,
               struct words *words)
{
    lua_State *L = runtime->L;
    lua_pushcfunction(L, guarded);
    lua_pushlightuserdata(L, options);
    lua_pushlightuserdata(L, words);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        awl_report("%s", lua_tostring(L, -1));
        return AWL_EXIT_OTHER;
    }
    return (int)lua_tointeger(L, -1);
}

static enum awl_rc read_words(struct awl_options *options, struct words *words,
                              struct awl_error *err)
{
    const char *more = getenv("AWL_OPTIONS");
    if (more != NULL && awl_options_read_text(options, more, err) != AWL_OK)
        return AWL_EINPUT;
    if (awl_options_read(options, words->argc, words->argv, 1, &words->at, err) != AWL_OK)
        return AWL_EINPUT;
    words->script = options->code == NULL && words->at < words->argc &&
                    strcmp(words->argv[words->at], "run") == 0;
    if (!words->script)
        return AWL_OK;
    return awl_options_read(options, words->argc, words->argv, words->at + 1, &words->at,
                            err);
}

/* What answers took is there for the next: by default glibc gives 128 KiB at the end of
 * its heap back to the system, and the next answer faults its pages in again. 50 large
 * ones at once take and leave some 25 MB. */
static void keep_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

/* No core dump of a process that holds keys; nor may other programs of the user's look
 * into it. Programs that it starts are as they would be. */
static void keep_secrets(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
    struct awl_options options;
    struct awl_runtime runtime;
    struct awl_error err = AWL_ERROR_INIT;
    struct words words = {.argc = argc, .argv = argv};
    int code = AWL_EXIT_OTHER;

    keep_memory();
    keep_secrets();
    occupy_standard_descriptors();
    awl_process_raise_descriptors();
    awl_options_init(&options);
    if (read_words(&options, &words, &err) != AWL_OK) {
        awl_options_release(&options);
        return usage_error(&err);
    }
    if (awl_program_init(&runtime, &options, &err) == AWL_OK)
        code = run(&runtime, &options, &words);
    else
        awl_report("%s", err.message);
    bool idle = awl_program_release(&runtime);
    awl_options_release(&options);
    if (awl_signals_received() != 0)
        awl_signal_die(awl_signals_received());
    if (!idle) { /* libuv would wait for its threads at exit */
        fflush(NULL);
        _exit(code);
    }
    return code;
}
