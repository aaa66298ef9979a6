/* wire_fixture.h - a Lua state and a small service, for the tests of runtime/wire.
 *
 * Models and bodies are written with ' for ". Values are pieces of Lua. */
#ifndef AWL_TEST_WIRE_FIXTURE_H
#define AWL_TEST_WIRE_FIXTURE_H

#include "test.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "model/compile.h"
#include "wire/wire.h"

#define FIXTURE_MAX ((size_t)1 << 24)

struct fixture {
    lua_State *L;
    struct awl_buf pack_bytes;
    struct awl_pack *pack;
    struct awl_model model;
    struct awl_wire wire;
    struct awl_random random;
    struct awl_request request;
    struct awl_response response;
    struct awl_service_error error;
    struct awl_error err;
};

/* ' becomes " */
static inline awl_str fixture_quote(struct awl_buf *out, const char *text)
{
    awl_buf_init(out, FIXTURE_MAX);
    for (; *text != '\0'; text++)
        awl_buf_append_char(out, *text == '\'' ? '"' : *text);
    return awl_buf_str(out);
}

/* A service of the given protocol; `metadata` are more fields of the metadata, each
 * with a comma before it. */
static inline void fixture_open(struct fixture *f, const char *protocol,
                                const char *metadata, const char *operations,
                                const char *shapes)
{
    struct awl_buf text, quoted;
    f->err = (struct awl_error)AWL_ERROR_INIT;
    awl_buf_init(&text, FIXTURE_MAX);
    awl_buf_printf(&text,
                   "{'metadata':{'apiVersion':'2020-01-01','protocol':'%s',"
                   "'jsonVersion':'1.0','targetPrefix':'Target'%s},"
                   "'operations':{%s},'shapes':{%s}}",
                   protocol, metadata, operations, shapes);
    struct awl_compile_input input = {.name = STR("shelf"),
                                      .model = fixture_quote(&quoted, text.ptr)};
    awl_buf_init(&f->pack_bytes, FIXTURE_MAX);
    if (awl_compile_service(&input, &f->pack_bytes, &f->err) != AWL_OK)
        print_error("%s\n", f->err.message);
    f->pack = awl_pack_open(f->pack_bytes.ptr, f->pack_bytes.len, "t", false, &f->err);
    assert_non_null(f->pack);
    CHECK_OK(awl_model_open(f->pack, STR("shelf"), &f->model, &f->err));
    awl_buf_release(&text);
    awl_buf_release(&quoted);

    f->L = luaL_newstate();
    assert_non_null(f->L);
    luaL_openlibs(f->L);
    lua_pushlightuserdata(f->L, NULL);
    lua_setglobal(f->L, "null");
    awl_random_seed(&f->random, 1);
    CHECK_OK(
        awl_wire_init(&f->wire, f->L, &f->model, f->model.protocol, &f->random, &f->err));
    awl_request_init(&f->request, FIXTURE_MAX);
    awl_response_init(&f->response, FIXTURE_MAX);
    awl_service_error_init(&f->error);
    f->response.status = 200;
}

static inline void fixture_close(struct fixture *f)
{
    awl_request_release(&f->request);
    awl_response_release(&f->response);
    awl_service_error_release(&f->error);
    awl_wire_release(&f->wire, f->L);
    lua_close(f->L);
    awl_pack_free(f->pack);
    awl_buf_release(&f->pack_bytes);
}

static inline const struct awl_operation *fixture_operation(struct fixture *f,
                                                            const char *name)
{
    const struct awl_operation *operation =
        awl_model_operation(&f->model, awl_str_of(name));
    assert_non_null(operation);
    return operation;
}

/* Pushes the value of a Lua expression. */
static inline void fixture_push(struct fixture *f, const char *lua)
{
    struct awl_buf text;
    awl_buf_init(&text, FIXTURE_MAX);
    awl_buf_printf(&text, "return %s", lua);
    if (luaL_dostring(f->L, text.ptr) != LUA_OK)
        fail_msg("%s", lua_tostring(f->L, -1));
    awl_buf_release(&text);
}

/* Writes an input; the stack is checked to be as it was. */
static inline enum awl_rc fixture_write(struct fixture *f, const char *operation,
                                        const char *lua)
{
    awl_request_clear(&f->request);
    fixture_push(f, lua);
    int top = lua_gettop(f->L);
    enum awl_rc rc = awl_wire_write_input(
        &f->wire, f->L, -1, fixture_operation(f, operation), &f->request, &f->err);
    CHECK_INT(lua_gettop(f->L), top);
    lua_pop(f->L, 1);
    return rc;
}

/* Reads an output from a body; it becomes the global `out`. */
static inline enum awl_rc fixture_read(struct fixture *f, const char *operation,
                                       awl_str body)
{
    int top = lua_gettop(f->L);
    awl_buf_clear(&f->response.body);
    awl_buf_append_str(&f->response.body, body);
    enum awl_rc rc = awl_wire_read_output(&f->wire, f->L, fixture_operation(f, operation),
                                          &f->response, 0, &f->err);
    CHECK_INT(lua_gettop(f->L), rc == AWL_OK ? top + 1 : top);
    if (rc == AWL_OK)
        lua_setglobal(f->L, "out");
    return rc;
}

static inline enum awl_rc fixture_read_quoted(struct fixture *f, const char *operation,
                                              const char *body)
{
    struct awl_buf quoted;
    enum awl_rc rc = fixture_read(f, operation, fixture_quote(&quoted, body));
    awl_buf_release(&quoted);
    return rc;
}

/* Fails unless the Lua expression is true. */
#define CHECK_LUA(f, expression) fixture_check((f), (expression), __FILE__, __LINE__)
static inline void fixture_check(struct fixture *f, const char *expression,
                                 const char *file, int line)
{
    fixture_push(f, expression);
    bool ok = lua_toboolean(f->L, -1);
    lua_pop(f->L, 1);
    if (ok)
        return;
    print_error("not true: %s\n", expression);
    _fail(file, line);
}

/* Fails unless the error's message has the text. */
#define CHECK_SAYS(f, text) fixture_says((f), (text), __FILE__, __LINE__)
static inline void fixture_says(struct fixture *f, const char *text, const char *file,
                                int line)
{
    if (strstr(f->err.message, text) != NULL)
        return;
    print_error("'%s' does not say '%s'\n", f->err.message, text);
    _fail(file, line);
}

#endif
