#include "script/jmespath_eval.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "script/error_value.h"
#include "script/jmespath_value.h"

#define STEPS_MAX (UINT32_C(1) << 25) /* nodes evaluated, elements made */

typedef struct awl_jmespath_eval evaluator;
typedef const struct awl_jmespath_node node;

void awl_jmespath_raise(struct awl_jmespath_eval *e, const struct awl_jmespath_node *at,
                        const char *code, const char *format, ...)
{
    struct awl_error err = AWL_ERROR_INIT;
    char words[400];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    awl_jmespath_fail(&err, code, awl_jmespath_source(e->tree), at->at, "%s", words);
    awl_raise(e->L, &err);
    abort(); /* awl_raise does not return */
}

void awl_jmespath_step(struct awl_jmespath_eval *e, const struct awl_jmespath_node *at)
{
    if (++e->steps > STEPS_MAX)
        awl_jmespath_raise(e, at, "invalid-value", "there is too much to do");
}

static bool is_a(evaluator *e, int index, unsigned type)
{
    return (awl_jmespath_type(e->L, index) & type) != 0;
}

static void push_text(evaluator *e, node *n)
{
    awl_str text = awl_jmespath_text(e->tree, n);
    lua_pushlstring(e->L, text.ptr, text.len);
}

/* The value on top takes the place of the one below it. */
static void replace_below(evaluator *e)
{
    lua_remove(e->L, -2);
}

/* ---- access ---- */

static void eval_field(evaluator *e, node *n, int current)
{
    if (!is_a(e, current, AWL_JMESPATH_OBJECT)) {
        lua_pushnil(e->L);
        return;
    }
    push_text(e, n);
    lua_rawget(e->L, current);
}

static void eval_index(evaluator *e, node *n, int current)
{
    lua_Integer index = n->numbers[0];
    if (!is_a(e, current, AWL_JMESPATH_ARRAY)) {
        lua_pushnil(e->L);
        return;
    }
    lua_Integer count = (lua_Integer)lua_rawlen(e->L, current);
    index += index < 0 ? count : 0;
    if (index >= 0 && index < count)
        lua_rawgeti(e->L, current, index + 1);
    else
        lua_pushnil(e->L);
}

/* A bound of a slice: from the end if negative, and within `least` to `most`. */
static int64_t slice_bound(int64_t bound, int64_t count, int64_t least, int64_t most)
{
    bound += bound < 0 ? count : 0;
    return bound < least ? least : bound > most ? most : bound;
}

static void eval_slice(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    if (!is_a(e, current, AWL_JMESPATH_ARRAY)) {
        lua_pushnil(L);
        return;
    }
    int64_t count = (int64_t)lua_rawlen(L, current);
    int64_t step = n->numbers[2] == AWL_JMESPATH_ABSENT ? 1 : n->numbers[2];
    int64_t least = step < 0 ? -1 : 0, most = step < 0 ? count - 1 : count;
    int64_t at = step < 0 ? most : 0, end = step < 0 ? least : most;
    if (n->numbers[0] != AWL_JMESPATH_ABSENT)
        at = slice_bound(n->numbers[0], count, least, most);
    if (n->numbers[1] != AWL_JMESPATH_ABSENT)
        end = slice_bound(n->numbers[1], count, least, most);

    lua_Integer made = 0;
    lua_newtable(L);
    int list = lua_gettop(L);
    while (step > 0 ? at < end : at > end) {
        awl_jmespath_step(e, n);
        lua_rawgeti(L, current, at + 1);
        awl_jmespath_list_append(L, list, &made);
        /* Such a step leaves the list in one go, whatever at + step would be. */
        if (step > count || step < -count)
            break;
        at += step;
    }
    awl_jmespath_list_end(L, list, made);
}

/* ---- projections ---- */

/* Appends what `right` gives for the value on top, which is popped; nulls are left out.
 */
static void project(evaluator *e, node *n, int list, lua_Integer *made)
{
    lua_State *L = e->L;
    int element = lua_gettop(L);
    awl_jmespath_step(e, n);
    if (n->op == AWL_JMESPATH_FILTER_PROJECTION) {
        awl_jmespath_eval(e, n->condition, element);
        bool holds = awl_jmespath_truthy(L, -1);
        lua_settop(L, element - (holds ? 0 : 1));
        if (!holds)
            return;
    }
    awl_jmespath_eval(e, n->right, element);
    if (is_a(e, -1, AWL_JMESPATH_NULL))
        lua_pop(L, 1);
    else
        awl_jmespath_list_append(L, list, made);
    lua_settop(L, element - 1);
}

/* The stack index of what is to be projected; 0, and the result is null, unless it has
 * that type. */
static int eval_source(evaluator *e, node *n, int current, unsigned type)
{
    awl_jmespath_eval(e, n->left, current);
    if (is_a(e, -1, type))
        return lua_gettop(e->L);
    lua_pushnil(e->L);
    replace_below(e);
    return 0;
}

static void eval_projection(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    lua_Integer made = 0;
    int from = eval_source(e, n, current, AWL_JMESPATH_ARRAY);
    if (from == 0)
        return;
    lua_Integer count = (lua_Integer)lua_rawlen(L, from);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, from, i);
        project(e, n, from + 1, &made);
    }
    awl_jmespath_list_end(L, from + 1, made);
    replace_below(e);
}

static void eval_value_projection(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    lua_Integer made = 0;
    int from = eval_source(e, n, current, AWL_JMESPATH_OBJECT);
    if (from == 0)
        return;
    lua_newtable(L);
    lua_Integer count = awl_jmespath_push_names(L, from);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, from + 2, i);
        lua_rawget(L, from);
        project(e, n, from + 1, &made);
    }
    lua_pop(L, 1);
    awl_jmespath_list_end(L, from + 1, made);
    replace_below(e);
}

/* Appends the elements of the list on top, which is popped. */
static void append_all(evaluator *e, node *n, int list, lua_Integer *made)
{
    int from = lua_gettop(e->L);
    lua_Integer count = (lua_Integer)lua_rawlen(e->L, from);
    for (lua_Integer i = 1; i <= count; i++) {
        awl_jmespath_step(e, n);
        lua_rawgeti(e->L, from, i);
        awl_jmespath_list_append(e->L, list, made);
    }
    lua_pop(e->L, 1);
}

static void eval_flatten(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    lua_Integer made = 0;
    int from = eval_source(e, n, current, AWL_JMESPATH_ARRAY);
    if (from == 0)
        return;
    lua_Integer count = (lua_Integer)lua_rawlen(L, from);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= count; i++) {
        awl_jmespath_step(e, n);
        lua_rawgeti(L, from, i);
        if (is_a(e, -1, AWL_JMESPATH_ARRAY))
            append_all(e, n, from + 1, &made);
        else
            awl_jmespath_list_append(L, from + 1, &made);
    }
    awl_jmespath_list_end(L, from + 1, made);
    replace_below(e);
}

/* ---- multi-select ---- */

static void eval_list(evaluator *e, node *n, int current)
{
    lua_Integer made = 0;
    if (is_a(e, current, AWL_JMESPATH_NULL)) {
        lua_pushnil(e->L);
        return;
    }
    lua_newtable(e->L);
    int list = lua_gettop(e->L);
    for (uint32_t i = n->left; i != AWL_JMESPATH_NONE; i = e->tree->nodes[i].next) {
        awl_jmespath_eval(e, i, current);
        awl_jmespath_list_append(e->L, list, &made);
    }
    awl_jmespath_list_end(e->L, list, made);
}

static void eval_hash(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    if (is_a(e, current, AWL_JMESPATH_NULL)) {
        lua_pushnil(L);
        return;
    }
    lua_newtable(L);
    for (uint32_t i = n->left; i != AWL_JMESPATH_NONE; i = e->tree->nodes[i].next) {
        push_text(e, &e->tree->nodes[i]);
        awl_jmespath_eval(e, e->tree->nodes[i].left, current);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushlightuserdata(L, NULL);
        }
        lua_rawset(L, -3);
    }
}

/* ---- operators ---- */

/* `or`: the left value if it is true; `and`: if it is false; else the right one. */
static void eval_logic(evaluator *e, node *n, int current)
{
    awl_jmespath_eval(e, n->left, current);
    if (awl_jmespath_truthy(e->L, -1) == (n->op == AWL_JMESPATH_OR))
        return;
    lua_pop(e->L, 1);
    awl_jmespath_eval(e, n->right, current);
}

static void eval_not(evaluator *e, node *n, int current)
{
    awl_jmespath_eval(e, n->left, current);
    lua_pushboolean(e->L, !awl_jmespath_truthy(e->L, -1));
    replace_below(e);
}

static void eval_equality(evaluator *e, node *n, int current)
{
    bool ok = true;
    awl_jmespath_eval(e, n->left, current);
    awl_jmespath_eval(e, n->right, current);
    bool equal = awl_jmespath_equal(e->L, -2, -1, 0, &ok);
    if (!ok)
        awl_jmespath_raise(e, n, "invalid-value", "the values are nested too deeply");
    lua_pop(e->L, 2);
    lua_pushboolean(e->L, equal == (n->op == AWL_JMESPATH_EQ));
}

/* Of numbers only: null for anything else. */
static void eval_order(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    bool swap = n->op == AWL_JMESPATH_GT || n->op == AWL_JMESPATH_GE;
    bool strict = n->op == AWL_JMESPATH_LT || n->op == AWL_JMESPATH_GT;
    awl_jmespath_eval(e, n->left, current);
    awl_jmespath_eval(e, n->right, current);
    if (lua_type(L, -1) != LUA_TNUMBER || lua_type(L, -2) != LUA_TNUMBER) {
        lua_pop(L, 2);
        lua_pushnil(L);
        return;
    }
    bool holds =
        lua_compare(L, swap ? -1 : -2, swap ? -2 : -1, strict ? LUA_OPLT : LUA_OPLE);
    lua_pop(L, 2);
    lua_pushboolean(L, holds);
}

static void check_argument(evaluator *e, node *call, uint32_t argument, int index)
{
    const struct awl_jmespath_signature *signature =
        awl_jmespath_signature(call->function);
    unsigned wanted = awl_jmespath_argument_types(signature, argument);
    unsigned type = awl_jmespath_type(e->L, index);
    char names[AWL_JMESPATH_TYPES_MAX];
    if ((type & wanted) == 0)
        awl_jmespath_raise(e, call, "invalid-type",
                           "argument %u of %s() must be %s, got %s", argument + 1,
                           signature->name, awl_jmespath_type_names(wanted, names),
                           awl_jmespath_type_name(type));
}

static void eval_function(evaluator *e, node *n, int current)
{
    lua_State *L = e->L;
    int base = lua_gettop(L) + 1;
    uint32_t count = 0;
    for (uint32_t i = n->left; i != AWL_JMESPATH_NONE; i = e->tree->nodes[i].next) {
        luaL_checkstack(L, 10, "JMESPath");
        if (e->tree->nodes[i].op == AWL_JMESPATH_EXPREF) {
            lua_pushnil(L); /* its place; the function evaluates the node */
        } else {
            awl_jmespath_eval(e, i, current);
            check_argument(e, n, count, -1);
        }
        count++;
    }
    awl_jmespath_call(e, n, base, count);
    lua_replace(L, base);
    lua_settop(L, base);
}

static void eval_chain(evaluator *e, node *n, int current)
{
    awl_jmespath_eval(e, n->left, current);
    awl_jmespath_eval(e, n->right, lua_gettop(e->L));
    replace_below(e);
}

static void eval_operator(evaluator *e, node *n, int current)
{
    switch (n->op) {
    case AWL_JMESPATH_OR:
    case AWL_JMESPATH_AND:
        eval_logic(e, n, current);
        break;
    case AWL_JMESPATH_NOT:
        eval_not(e, n, current);
        break;
    case AWL_JMESPATH_EQ:
    case AWL_JMESPATH_NE:
        eval_equality(e, n, current);
        break;
    default:
        eval_order(e, n, current);
    }
}

void awl_jmespath_eval(struct awl_jmespath_eval *e, uint32_t index, int current)
{
    node *n = &e->tree->nodes[index];
    luaL_checkstack(e->L, 12, "JMESPath");
    awl_jmespath_step(e, n);
    switch (n->op) {
    case AWL_JMESPATH_IDENTITY:
        lua_pushvalue(e->L, current);
        break;
    case AWL_JMESPATH_FIELD:
        eval_field(e, n, current);
        break;
    case AWL_JMESPATH_STRING:
        push_text(e, n);
        break;
    case AWL_JMESPATH_LITERAL: /* made anew each time: the script may change it */
        awl_jmespath_push_json(e->L, awl_jmespath_text(e->tree, n));
        break;
    case AWL_JMESPATH_INDEX:
        eval_index(e, n, current);
        break;
    case AWL_JMESPATH_SLICE:
        eval_slice(e, n, current);
        break;
    case AWL_JMESPATH_CHAIN:
        eval_chain(e, n, current);
        break;
    case AWL_JMESPATH_FLATTEN:
        eval_flatten(e, n, current);
        break;
    case AWL_JMESPATH_PROJECTION:
    case AWL_JMESPATH_FILTER_PROJECTION:
        eval_projection(e, n, current);
        break;
    case AWL_JMESPATH_VALUE_PROJECTION:
        eval_value_projection(e, n, current);
        break;
    case AWL_JMESPATH_LIST:
        eval_list(e, n, current);
        break;
    case AWL_JMESPATH_HASH:
        eval_hash(e, n, current);
        break;
    case AWL_JMESPATH_FUNCTION:
        eval_function(e, n, current);
        break;
    default:
        eval_operator(e, n, current);
    }
}
