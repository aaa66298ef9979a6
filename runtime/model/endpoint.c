/* Rules are tried in order; the first whose conditions hold decides. */
#include "model/endpoint.h"

#include "base/json.h"
#include "model/evaluate.h"

#define ARENA_BLOCK_LEN 4096
#define ARENA_MAX (256u << 10) /* bytes of all intermediate values */
#define TEXT_MAX (64u << 10)
#define HEADERS_MAX (16u << 10)

/* ---- the result ---- */

void awl_endpoint_init(struct awl_endpoint *endpoint)
{
    *endpoint = (struct awl_endpoint){.url = STR(""), .backend = STR("")};
    awl_buf_init(&endpoint->text, TEXT_MAX);
    awl_headers_init(&endpoint->headers, HEADERS_MAX);
}

void awl_endpoint_release(struct awl_endpoint *endpoint)
{
    awl_buf_release(&endpoint->text);
    awl_headers_release(&endpoint->headers);
}

static void endpoint_clear(struct awl_endpoint *endpoint)
{
    awl_buf_clear(&endpoint->text);
    awl_headers_clear(&endpoint->headers);
    endpoint->url = endpoint->backend = endpoint->properties = STR("");
    endpoint->auth_scheme_count = 0;
}

struct resolver {
    struct awl_evaluator ev;
    struct awl_endpoint *endpoint;
    struct awl_error *err;
};

/* A rule either leads nowhere, or ends the search. */
enum outcome { OUTCOME_NEXT, OUTCOME_DONE, OUTCOME_FAILED };

static enum outcome fail(struct resolver *r, enum awl_rc rc, const char *what)
{
    awl_error_set(r->err, rc, "cannot resolve the endpoint: %s", what);
    r->ev.rc = rc;
    return OUTCOME_FAILED;
}

static const uint32_t *words_at(const struct resolver *r, uint32_t index)
{
    return r->ev.rules.words + index;
}

/* Writes a property as JSON; false when it has no value. */
static bool json_write(struct resolver *r, uint32_t index, unsigned depth)
{
    struct awl_buf *out = &r->endpoint->text;
    const uint32_t *w = words_at(r, index);
    bool object = w[0] == AWL_EXPRESSION_OBJECT;
    if (object || w[0] == AWL_EXPRESSION_ARRAY) {
        bool written = depth < AWL_RULES_DEPTH_MAX && r->ev.steps++ < TEXT_MAX;
        awl_buf_append_char(out, object ? '{' : '[');
        for (uint32_t i = 0; written && i < w[1]; i++) {
            if (i > 0)
                awl_buf_append_char(out, ',');
            if (object) {
                awl_json_append_string(out,
                                       awl_pack_words_str(&r->ev.rules, w[2 + 2 * i]));
                awl_buf_append_char(out, ':');
            }
            written = json_write(r, w[2 + (object ? 2 * i + 1 : i)], depth + 1);
        }
        awl_buf_append_char(out, object ? '}' : ']');
        return written;
    }
    struct awl_value value = awl_evaluate(&r->ev, index);
    if (value.kind == AWL_VALUE_STRING)
        awl_json_append_string(out, value.as.string);
    else if (value.kind == AWL_VALUE_BOOLEAN)
        awl_buf_append_str(out, value.as.boolean ? STR("true") : STR("false"));
    else if (value.kind == AWL_VALUE_INTEGER)
        awl_buf_append_int64(out, value.as.integer);
    else
        return false;
    return true;
}

/* The expression of an object's member, or none. */
static uint32_t object_get(const struct resolver *r, uint32_t object, awl_str key)
{
    const uint32_t *w = words_at(r, object);
    if (w[0] != AWL_EXPRESSION_OBJECT)
        return AWL_MODEL_NONE;
    for (uint32_t i = 0; i < w[1]; i++)
        if (awl_str_eq(awl_pack_words_str(&r->ev.rules, w[2 + 2 * i]), key))
            return w[3 + 2 * i];
    return AWL_MODEL_NONE;
}

static awl_str object_text(struct resolver *r, uint32_t object, awl_str key)
{
    uint32_t index = object_get(r, object, key);
    if (index == AWL_MODEL_NONE)
        return STR("");
    struct awl_value value = awl_evaluate(&r->ev, index);
    return value.kind == AWL_VALUE_STRING ? value.as.string : STR("");
}

/* The strings of a list, with commas. */
static awl_str object_list(struct resolver *r, uint32_t object, awl_str key)
{
    uint32_t index = object_get(r, object, key);
    if (index == AWL_MODEL_NONE)
        return STR("");
    struct awl_value value = awl_evaluate(&r->ev, index);
    size_t len = 0;
    if (value.kind != AWL_VALUE_STRINGS || value.as.strings.count == 0)
        return STR("");
    for (size_t i = 0; i < value.as.strings.count; i++)
        len += value.as.strings.items[i].len + 1;
    char *text = awl_arena_alloc(&r->ev.arena, len), *to = text;
    if (text == NULL) {
        awl_evaluator_stop(&r->ev, AWL_ENOMEM);
        return STR("");
    }
    for (size_t i = 0; i < value.as.strings.count; i++) {
        awl_str item = value.as.strings.items[i];
        if (i > 0)
            *to++ = ',';
        if (item.len > 0)
            memcpy(to, item.ptr, item.len);
        to += item.len;
    }
    return (awl_str){text, (size_t)(to - text)};
}

static void auth_scheme_read(struct resolver *r, uint32_t object)
{
    struct awl_endpoint *e = r->endpoint;
    if (e->auth_scheme_count == AWL_ENDPOINT_AUTH_SCHEMES_MAX)
        return;
    struct awl_auth_scheme *scheme = &e->auth_schemes[e->auth_scheme_count++];
    scheme->name = object_text(r, object, STR("name"));
    scheme->signing_name = object_text(r, object, STR("signingName"));
    scheme->signing_region = object_list(r, object, STR("signingRegionSet"));
    if (scheme->signing_region.len == 0)
        scheme->signing_region = object_text(r, object, STR("signingRegion"));
    scheme->disable_double_encoding = false;
    uint32_t flag = object_get(r, object, STR("disableDoubleEncoding"));
    if (flag != AWL_MODEL_NONE) {
        struct awl_value value = awl_evaluate(&r->ev, flag);
        scheme->disable_double_encoding =
            value.kind == AWL_VALUE_BOOLEAN && value.as.boolean;
    }
}

static void properties_read(struct resolver *r, uint32_t properties)
{
    r->endpoint->backend = object_text(r, properties, STR("backend"));
    uint32_t schemes = object_get(r, properties, STR("authSchemes"));
    if (schemes == AWL_MODEL_NONE || words_at(r, schemes)[0] != AWL_EXPRESSION_ARRAY)
        return;
    const uint32_t *w = words_at(r, schemes);
    for (uint32_t i = 0; i < w[1]; i++)
        auth_scheme_read(r, w[2 + i]);
}

/* Moves a text into the buffer, which has room enough to stay where it is. */
static void text_keep(struct awl_buf *buf, awl_str *text)
{
    size_t at = buf->len;
    awl_buf_append_str(buf, *text);
    *text = awl_str_slice(awl_buf_str(buf), at, buf->len);
}

/* The properties as JSON stand in the buffer; the other texts go behind them. */
static enum outcome texts_keep(struct resolver *r)
{
    struct awl_endpoint *e = r->endpoint;
    size_t len = e->url.len + e->backend.len + 1;
    size_t properties_len = e->text.len;
    for (unsigned i = 0; i < e->auth_scheme_count; i++)
        len += e->auth_schemes[i].name.len + e->auth_schemes[i].signing_name.len +
               e->auth_schemes[i].signing_region.len;
    if (awl_buf_reserve(&e->text, len) != AWL_OK)
        return fail(r, awl_buf_rc(&e->text), "too much text");
    e->properties = awl_str_slice(awl_buf_str(&e->text), 0, properties_len);
    text_keep(&e->text, &e->url);
    text_keep(&e->text, &e->backend);
    for (unsigned i = 0; i < e->auth_scheme_count; i++) {
        text_keep(&e->text, &e->auth_schemes[i].name);
        text_keep(&e->text, &e->auth_schemes[i].signing_name);
        text_keep(&e->text, &e->auth_schemes[i].signing_region);
    }
    return OUTCOME_DONE;
}

static enum outcome headers_read(struct resolver *r, const uint32_t *w)
{
    uint32_t count = *w++;
    for (uint32_t i = 0; i < count; i++, w += 2) {
        awl_str name = awl_pack_words_str(&r->ev.rules, w[0]);
        struct awl_value values = awl_evaluate(&r->ev, w[1]);
        if (values.kind != AWL_VALUE_STRINGS)
            return fail(r, AWL_ECONFIG, "a header field has no value");
        for (size_t j = 0; j < values.as.strings.count; j++)
            if (awl_headers_add(&r->endpoint->headers, name,
                                values.as.strings.items[j]) != AWL_OK)
                return fail(r, AWL_ECONFIG, "a header field has a bad value");
    }
    return OUTCOME_DONE;
}

/* ---- rules ---- */

static enum outcome rule_run(struct resolver *r, const uint32_t *rule, unsigned depth);

static enum outcome endpoint_run(struct resolver *r, const uint32_t *w)
{
    struct awl_endpoint *e = r->endpoint;
    struct awl_value url = awl_evaluate(&r->ev, w[0]);
    if (url.kind != AWL_VALUE_STRING)
        return fail(r, r->ev.rc != AWL_OK ? r->ev.rc : AWL_ECONFIG,
                    "its URL has no value");
    e->url = url.as.string;
    if (w[1] == AWL_MODEL_NONE) {
        awl_buf_append_str(&e->text, STR("{}"));
    } else {
        if (!json_write(r, w[1], 0))
            return fail(r, AWL_ECONFIG, "a property has no value");
        properties_read(r, w[1]);
    }
    enum outcome outcome = headers_read(r, w + 2);
    return outcome == OUTCOME_DONE ? texts_keep(r) : outcome;
}

static enum outcome error_run(struct resolver *r, const uint32_t *w)
{
    struct awl_value message = awl_evaluate(&r->ev, w[0]);
    if (message.kind != AWL_VALUE_STRING)
        return fail(r, AWL_ECONFIG, "a rule's message has no value");
    awl_error_set(r->err, AWL_ECONFIG, "%.*s", STR_ARG(message.as.string));
    r->ev.rc = AWL_ECONFIG;
    return OUTCOME_FAILED;
}

static enum outcome rules_run(struct resolver *r, const uint32_t *indices, uint32_t count,
                              unsigned depth)
{
    enum outcome outcome = OUTCOME_NEXT;
    for (uint32_t i = 0; outcome == OUTCOME_NEXT && i < count; i++)
        outcome = rule_run(r, words_at(r, indices[i]), depth);
    return outcome;
}

/* All conditions must have a value other than false. */
static bool conditions_hold(struct resolver *r, const uint32_t *w, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, w += AWL_CONDITION_WORDS) {
        struct awl_value value = awl_evaluate(&r->ev, w[AWL_CONDITION_TEST]);
        if (value.kind == AWL_VALUE_UNSET ||
            (value.kind == AWL_VALUE_BOOLEAN && !value.as.boolean))
            return false;
        if (w[AWL_CONDITION_SLOT] < r->ev.slot_count)
            r->ev.slots[w[AWL_CONDITION_SLOT]] = value;
    }
    return true;
}

static enum outcome rule_run(struct resolver *r, const uint32_t *rule, unsigned depth)
{
    uint32_t count = rule[AWL_RULE_CONDITION_COUNT];
    const uint32_t *conditions = rule + AWL_RULE_WORDS;
    const uint32_t *body = conditions + (size_t)count * AWL_CONDITION_WORDS;
    if (depth > AWL_RULES_DEPTH_MAX || ++r->ev.steps > AWL_RULES_STEPS_MAX)
        return fail(r, AWL_ELIMIT, "too many rules");
    bool hold = conditions_hold(r, conditions, count);
    if (r->ev.rc != AWL_OK)
        return fail(r, r->ev.rc, "a value is too large");
    if (!hold)
        return OUTCOME_NEXT;
    switch (rule[AWL_RULE_KIND]) {
    case AWL_RULE_ENDPOINT:
        return endpoint_run(r, body);
    case AWL_RULE_ERROR:
        return error_run(r, body);
    default:
        return rules_run(r, body + 1, body[0], depth + 1);
    }
}

/* ---- parameters' values ---- */

static struct awl_value parameter_value(struct resolver *r, const uint32_t *w,
                                        const struct awl_endpoint_value *given)
{
    struct awl_value value = {.kind = AWL_VALUE_UNSET};
    switch (given->type) {
    case AWL_ENDPOINT_STRING:
        return awl_value_string(given->string);
    case AWL_ENDPOINT_BOOLEAN:
        return awl_value_boolean(given->boolean);
    case AWL_ENDPOINT_STRING_ARRAY:
        value.kind = AWL_VALUE_STRINGS;
        value.as.strings.items = given->strings;
        value.as.strings.count = given->string_count;
        return value;
    default:
        if (w[AWL_PARAMETER_DEFAULT] != AWL_MODEL_NONE)
            return awl_evaluate(&r->ev, w[AWL_PARAMETER_DEFAULT]);
        return value;
    }
}

static enum awl_rc parameters_fill(struct resolver *r, const uint32_t *rules,
                                   const struct awl_endpoint_value *values)
{
    for (uint32_t i = 0; i < rules[AWL_RULES_PARAMETER_COUNT]; i++) {
        const uint32_t *w = awl_rules_parameter(rules, i);
        awl_str name = awl_pack_words_str(&r->ev.rules, w[AWL_PARAMETER_NAME]);
        if (values[i].type != AWL_ENDPOINT_UNSET &&
            values[i].type != w[AWL_PARAMETER_TYPE])
            return awl_error_set(r->err, AWL_EINPUT,
                                 "endpoint parameter '%.*s' has a value of a wrong type",
                                 STR_ARG(name));
        r->ev.slots[i] = parameter_value(r, w, &values[i]);
        if (r->ev.slots[i].kind == AWL_VALUE_UNSET && w[AWL_PARAMETER_REQUIRED] != 0)
            return awl_error_set(
                r->err, AWL_ECONFIG,
                "cannot resolve the endpoint: parameter '%.*s' is required",
                STR_ARG(name));
    }
    for (uint32_t i = rules[AWL_RULES_PARAMETER_COUNT]; i < r->ev.slot_count; i++)
        r->ev.slots[i].kind = AWL_VALUE_UNSET;
    return AWL_OK;
}

static enum awl_rc resolver_run(struct resolver *r, const uint32_t *rules,
                                const struct awl_endpoint_value *values)
{
    enum awl_rc rc = parameters_fill(r, rules, values);
    if (rc != AWL_OK)
        return rc;
    enum outcome outcome =
        rules_run(r, awl_rules_parameter(rules, rules[AWL_RULES_PARAMETER_COUNT]),
                  rules[AWL_RULES_RULE_COUNT], 0);
    if (outcome == OUTCOME_NEXT)
        fail(r, AWL_ECONFIG, "no rule applies");
    if (outcome == OUTCOME_DONE && r->ev.rc != AWL_OK)
        fail(r, r->ev.rc, "a value is too large");
    return outcome == OUTCOME_DONE ? r->ev.rc : r->err->rc;
}

enum awl_rc awl_endpoint_resolve(const struct awl_model *model,
                                 const struct awl_endpoint_value *values,
                                 struct awl_endpoint *endpoint, struct awl_error *err)
{
    const uint32_t *rules = model->rules.root;
    if (rules == NULL)
        return awl_error_set(err, AWL_ECONFIG, "service '%.*s' has no endpoint rules",
                             STR_ARG(model->name));
    uint64_t block[ARENA_BLOCK_LEN / sizeof(uint64_t)];
    struct awl_error own;
    struct resolver r;
    own.rc = AWL_OK;
    r.endpoint = endpoint;
    r.err = err != NULL ? err : &own;
    r.ev.rules = model->rules;
    r.ev.partitions = model->partitions;
    r.ev.slot_count = rules[AWL_RULES_SLOT_COUNT];
    r.ev.depth = r.ev.steps = 0;
    r.ev.rc = AWL_OK;
    awl_arena_init(&r.ev.arena, block, sizeof(block), ARENA_MAX);
    endpoint_clear(endpoint);
    enum awl_rc rc = resolver_run(&r, rules, values);
    awl_arena_release(&r.ev.arena);
    if (rc != AWL_OK)
        endpoint_clear(endpoint);
    return rc;
}
