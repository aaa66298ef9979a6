#include "script/jmespath.h"

#include "script.h"
#include "script/error_value.h"
#include "script/jmespath_ast.h"

/* check(expression, value, wanted): to_string of what it finds is `wanted`. */
static int check(lua_State *L)
{
    awl_str expression;
    expression.ptr = luaL_checklstring(L, 1, &expression.len);
    awl_jmespath_push_search(L, expression, 2);
    awl_jmespath_push_search(L, STR("to_string(@)"), -1);
    if (!lua_rawequal(L, -1, 3))
        return luaL_error(L, "%s gives %s instead of %s", expression.ptr,
                          lua_tostring(L, -1), lua_tostring(L, 3));
    return 0;
}

static int compile(lua_State *L)
{
    awl_str expression;
    expression.ptr = luaL_checklstring(L, 1, &expression.len);
    awl_jmespath_compile(L, expression);
    return 1;
}

static void open_jmespath(lua_State *L)
{
    lua_register(L, "check", check);
    lua_register(L, "compile", compile);
}

static void run(const char *code)
{
    struct script script;
    script_open(&script, open_jmespath);
    script_run(&script, code);
    script_close(&script);
}

TEST(paths_projections_and_filters_find_their_parts)
{
    UNUSED_STATE;
    run("local v = { a = { { b = { 1, 2 } }, { b = { 3 } }, { c = 4 } }, o = { x = { n = "
        "1 }, "
        "y = { n = 2 } } }\n"
        "check('a[0].b[1]', v, '2')\n"
        "check('a[-1]', v, '{\"c\":4}')\n"
        "check('a[7]', v, 'null')\n"
        "check('a[*].b', v, '[[1,2],[3]]')\n"
        "check('a[].b[]', v, '[1,2,3]')\n"
        "check('a[].b[] | [0]', v, '1')\n"
        "check('a[::-1].c', v, '[4]')\n"
        "check('o.*.n', v, '[1,2]')\n"
        "check('a[?c > `3`]', v, '[{\"c\":4}]')\n"
        "check('[a[0].b, o.x.n]', v, '[[1,2],1]')\n"
        "check('{p: o.x.n, \"q r\": nope}', v, '{\"p\":1,\"q r\":null}')\n"
        "check('nope || o.y.n', v, '2')\n"
        "check('!nope && o.y', v, '{\"n\":2}')\n");
}

TEST(slices_have_the_bounds_of_python)
{
    UNUSED_STATE;
    run("local v = { 0, 1, 2, 3, 4 }\n"
        "check('[1:3]', v, '[1,2]')\n"
        "check('[-2:]', v, '[3,4]')\n"
        "check('[::2]', v, '[0,2,4]')\n"
        "check('[::-2]', v, '[4,2,0]')\n"
        "check('[10:0:-3]', v, '[4,1]')\n"
        "check('[:-10:-1]', v, '[4,3,2,1,0]')\n"
        "check('[9223372036854775807:]', v, '[]')\n"
        "check('[-9223372036854775807::9223372036854775807]', v, '[0]')\n"
        "check('[::-9223372036854775807]', v, '[4]')\n");
}

TEST(functions_see_their_arguments)
{
    UNUSED_STATE;
    run("check('max_by(@, &n).s', { { n = 1, s = 'a' }, { n = 2, s = 'b' } }, 'b')\n"
        "check('map(&n, @)', { { n = 1 }, {} }, '[1,null]')\n"
        "check('join(`\", \"`, @)', { 'a', 'b' }, 'a, b')\n"
        "check('merge(@, `{\"b\":2}`)', { a = 1, b = 1 }, '{\"a\":1,\"b\":2}')\n"
        "check('avg(@)', { 1, 2 }, '1.5')\n"
        "check('to_number(@)', '1e3', '1000.0')\n"
        "check('to_number(@)', ' 1', 'null')\n"
        "check('to_number(@)', '0x10', 'null')\n"
        "check('not_null(a, b)', { b = 1 }, '1')\n");
}

TEST(text_has_the_escapes_of_its_kind)
{
    UNUSED_STATE;
    run("check([['it\\'s \\n']], {}, \"it's \\\\n\")\n"
        "check([[`\"a\\`b\\n\"`]], {}, 'a`b\\n')\n"
        "check([[\"a\\u00e9\\\"b\"]], { ['a\\u{e9}\"b'] = 1 }, '1')\n");
}

TEST(the_same_text_is_compiled_once)
{
    UNUSED_STATE;
    run("local a = compile 'a.b'\n"
        "for i = 1, 600 do compile('x' .. i); assert(rawequal(a, compile 'a.b')) end\n"
        "assert(a { a = { b = 1 } } == 1)\n"
        "assert(not pcall(compile, 'a.') and not pcall(compile, 'a.'))\n");
}

/* What parsing says of an expression; "" when it is right. */
static const char *parse_error(const char *expression, struct awl_error *err)
{
    struct awl_jmespath_tree tree = {.nodes = NULL};
    enum awl_rc rc = awl_jmespath_parse(&tree, awl_str_of(expression), err);
    awl_jmespath_release(&tree);
    if (rc == AWL_OK)
        return "";
    CHECK_RC(rc, AWL_EINPUT);
    return err->code;
}

TEST(an_error_has_its_code_and_its_place)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    assert_string_equal(parse_error("a.b", &err), "");
    assert_string_equal(parse_error("a.b]", &err), "syntax");
    assert_string_equal(err.message, "JMESPath 'a.b]', byte 4: expected an operator or "
                                     "the end, got ']'");
    assert_string_equal(parse_error("", &err), "syntax");
    assert_string_equal(parse_error("'a", &err), "syntax");
    assert_string_equal(parse_error("`{`", &err), "syntax");
    assert_string_equal(parse_error("\"a\tb\"", &err), "syntax");
    assert_string_equal(parse_error("&a", &err), "syntax");
    assert_string_equal(parse_error("a[99999999999999999999]", &err), "syntax");
    assert_string_equal(parse_error("nope(a)", &err), "unknown-function");
    assert_string_equal(parse_error("nope(a", &err), "syntax");
    assert_string_equal(parse_error("a.length()", &err), "invalid-arity");
    assert_string_equal(parse_error("map(a, b)", &err), "invalid-type");
    assert_string_equal(parse_error("a[::0]", &err), "invalid-value");
}

/* `count` times `piece`, then `end`. */
static void check_too_deep(const char *piece, const char *end)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf text;
    awl_buf_init(&text, 100000);
    for (unsigned i = 0; i < 3000; i++)
        awl_buf_append_str(&text, awl_str_of(piece));
    awl_buf_append_str(&text, awl_str_of(end));
    assert_string_equal(parse_error(text.ptr, &err), "syntax");
    CHECK(strstr(err.message, "nested too deeply") != NULL);
    awl_buf_release(&text);
}

TEST(depth_is_limited_in_every_direction)
{
    UNUSED_STATE;
    check_too_deep("(", "a");
    check_too_deep("!", "a");
    check_too_deep("a.", "a");
    check_too_deep("a|", "a");
    check_too_deep("[", "a");
    check_too_deep("a[?", "a");
    check_too_deep("abs(", "a");
    check_too_deep("{a:", "a");
    check_too_deep("a||", "a");
    check_too_deep("[]", "");
}

TEST_MAIN(RUN(paths_projections_and_filters_find_their_parts),
          RUN(slices_have_the_bounds_of_python), RUN(functions_see_their_arguments),
          RUN(text_has_the_escapes_of_its_kind), RUN(the_same_text_is_compiled_once),
          RUN(an_error_has_its_code_and_its_place),
          RUN(depth_is_limited_in_every_direction))
