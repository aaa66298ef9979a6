#include "script/error_value.h"

#include "script.h"

/* What tostring makes of the error on top; pops it. */
static void check_text(lua_State *L, const char *expected)
{
    assert_string_equal(luaL_tolstring(L, -1, NULL), expected);
    lua_pop(L, 2);
}

static void set(lua_State *L, const char *field, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

TEST(the_text_is_the_line_that_a_person_wants)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    awl_error_push(L, "service", "AccessDenied", "not allowed");
    set(L, "service", "s3");
    set(L, "operation", "GetObject");
    set(L, "region", "eu-west-1");
    set(L, "request_id", "4F2A");
    set(L, "profile", "dev");
    lua_pushinteger(L, 1);
    lua_setfield(L, -2, "attempts");
    check_text(L,
               "AccessDenied on s3:GetObject in eu-west-1: not allowed (request 4F2A, 1 "
               "attempt, profile dev)");

    awl_error_push(L, "transport", "ConnectionRefused", "nobody there");
    set(L, "service", "sts");
    lua_pushinteger(L, 3);
    lua_setfield(L, -2, "attempts");
    check_text(L, "ConnectionRefused on sts: nobody there (3 attempts)");
    script_close(&script);
}

TEST(what_is_missing_leaves_no_trace)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    awl_error_push(L, NULL, NULL, NULL);
    check_text(L, "unknown error");
    awl_error_push(L, NULL, NULL, "only words");
    check_text(L, "only words");
    awl_error_push(L, "service", "Throttling", NULL);
    check_text(L, "Throttling");
    awl_error_push(L, "config", "config", "no region");
    check_text(L, "no region");
    awl_error_push(L, "config", "config", "no region");
    set(L, "service", "s3");
    set(L, "operation", "GetObject");
    check_text(L, "s3:GetObject: no region");
    awl_error_push(L, "input", "UnknownMember", "Tags[1].Ky: no such member");
    set(L, "service", "s3"); /* words about an input say it all */
    check_text(L, "Tags[1].Ky: no such member");
    script_close(&script);
}

TEST(a_c_error_brings_its_kind_and_code)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    struct awl_error err = AWL_ERROR_INIT;
    awl_error_code(&err, AWL_ETRANSPORT, "ConnectionReset", "gone");
    awl_error_push_c(L, &err);
    CHECK(awl_error_is(L, -1));
    CHECK(awl_error_has_code(L, -1, "ConnectionReset"));
    CHECK(!awl_error_has_code(L, -1, "Connection"));
    lua_getfield(L, -1, "kind");
    assert_string_equal(lua_tostring(L, -1), awl_rc_kind(AWL_ETRANSPORT));

    awl_error_set(&err, AWL_ECONFIG, "no region");
    awl_error_push_c(L, &err);
    lua_getfield(L, -1, "code");
    assert_string_equal(lua_tostring(L, -1), awl_rc_kind(AWL_ECONFIG));
    script_close(&script);
}

static int raises_c(lua_State *L)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_error_set(&err, AWL_EIO, "cannot read");
    return awl_raise(L, &err);
}

static int raises_words(lua_State *L)
{
    return awl_raisef(L, AWL_ETRANSPORT, "TooMany", "got %d", 3);
}

TEST(raising_never_returns)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    lua_pushcfunction(L, raises_c);
    CHECK_INT(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    check_text(L, "cannot read");
    lua_pushcfunction(L, raises_words);
    CHECK_INT(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    check_text(L, "TooMany: got 3");
    script_close(&script);
}

static void check_is(lua_State *L, const char *pattern, bool expected)
{
    lua_getfield(L, -1, "is");
    lua_pushvalue(L, -2);
    lua_pushstring(L, pattern);
    lua_call(L, 2, 1);
    if (lua_toboolean(L, -1) != expected)
        fail_msg("'%s' %s", pattern, expected ? "does not match" : "matches");
    lua_pop(L, 1);
}

TEST(patterns_match_codes_whole)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    awl_error_push(L, "service", "ThrottlingException", "slow");
    check_is(L, "ThrottlingException", true);
    check_is(L, "Throttling", false);
    check_is(L, "Throttling*", true);
    check_is(L, "*Exception", true);
    check_is(L, "*ttl*Ex*", true);
    check_is(L, "*", true);
    check_is(L, "**", true);
    check_is(L, "", false);
    check_is(L, "throttling*", false);
    check_is(L, "*Exceptio", false);
    check_is(L, "ThrottlingException*", true);
    check_is(L, "*ingException*n", false);

    lua_getfield(L, -1, "is");
    lua_pushvalue(L, -2);
    lua_pushliteral(L, "Other");
    lua_pushliteral(L, "Thr*");
    lua_call(L, 3, 1);
    CHECK(lua_toboolean(L, -1));
    lua_pop(L, 1);

    awl_error_push(L, "service", NULL, "no code");
    check_is(L, "*", false);
    script_close(&script);
}

TEST(other_values_are_no_errors_of_ours)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    lua_newtable(L);
    CHECK(!awl_error_is(L, -1));
    lua_newtable(L);
    lua_setmetatable(L, -2);
    CHECK(!awl_error_is(L, -1));
    lua_pushliteral(L, "text");
    CHECK(!awl_error_is(L, -1));
    CHECK(!awl_error_has_code(L, -1, "x"));
    lua_pushnil(L);
    CHECK(!awl_error_is(L, -1));
    script_close(&script);
}

TEST(a_table_of_a_module_becomes_an_error)
{
    UNUSED_STATE;
    struct script script;
    script_open(&script, NULL);
    lua_State *L = script.L;
    lua_pushcfunction(L, awl_error_new);
    luaL_dostring(L, "return { kind = 'config', code = 'NoRegion', message = 'm' }");
    lua_call(L, 1, 1);
    CHECK(awl_error_is(L, -1));
    lua_pushliteral(L, "failed: ");
    lua_insert(L, -2);
    lua_concat(L, 2);
    assert_string_equal(lua_tostring(L, -1), "failed: NoRegion: m");
    script_close(&script);
}

TEST_MAIN(RUN(the_text_is_the_line_that_a_person_wants),
          RUN(what_is_missing_leaves_no_trace), RUN(a_c_error_brings_its_kind_and_code),
          RUN(raising_never_returns), RUN(patterns_match_codes_whole),
          RUN(other_values_are_no_errors_of_ours),
          RUN(a_table_of_a_module_becomes_an_error))
