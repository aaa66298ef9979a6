#include "model/model_json.h"

#include "base/json.h"

static void write_key(struct awl_buf *out, const char *key, awl_str value)
{
    if (value.len == 0)
        return;
    awl_buf_printf(out, ",\"%s\":", key);
    awl_json_append_string(out, value);
}

static void write_list(const struct awl_model *model, struct awl_buf *out,
                       const char *key, const uint32_t *strings, uint32_t count)
{
    if (count == 0)
        return;
    awl_buf_printf(out, ",\"%s\":[", key);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            awl_buf_append_char(out, ',');
        awl_json_append_string(out, awl_model_str(model, strings[i]));
    }
    awl_buf_append_char(out, ']');
}

/* Begins "name":{ with a first member, so that each further one begins with a comma. */
static void write_open(struct awl_buf *out, awl_str name)
{
    if (out->ptr[out->len - 1] != '{')
        awl_buf_append_char(out, ',');
    awl_json_append_string(out, name);
    awl_buf_append_str(out, STR(":{\"\":0"));
}

enum awl_rc awl_model_write_paginators(const struct awl_model *model, struct awl_buf *out)
{
    struct awl_paginator p;
    enum awl_rc rc = awl_buf_append_char(out, '{');
    for (uint32_t i = 0; rc == AWL_OK && i < model->operation_count; i++) {
        const struct awl_operation *op = &model->operations[i];
        if (!awl_model_paginator(model, op, &p))
            continue;
        write_open(out, awl_model_operation_name(model, op));
        write_list(model, out, "input_token", p.input_tokens, p.input_token_count);
        write_list(model, out, "output_token", p.output_tokens, p.output_token_count);
        write_list(model, out, "result_key", p.result_keys, p.result_key_count);
        write_list(model, out, "non_aggregate_keys", p.non_aggregate_keys,
                   p.non_aggregate_key_count);
        write_key(out, "limit_key", awl_model_str(model, p.limit_key));
        write_key(out, "more_results", awl_model_str(model, p.more_results));
        rc = awl_buf_append_char(out, '}');
    }
    return rc == AWL_OK ? awl_buf_append_char(out, '}') : rc;
}

static void write_acceptor(struct awl_buf *out, const struct awl_waiter_acceptor *a)
{
    awl_buf_append_str(out, STR("{\"expected\":"));
    awl_buf_append_str(out, a->expected.len > 0 ? a->expected : STR("null"));
    write_key(out, "matcher", a->matcher);
    write_key(out, "state", a->state);
    write_key(out, "argument", a->argument);
    awl_buf_append_char(out, '}');
}

enum awl_rc awl_model_write_waiters(const struct awl_model *model, struct awl_buf *out)
{
    struct awl_waiter w;
    struct awl_waiter_acceptor a;
    enum awl_rc rc = awl_buf_append_char(out, '{');
    for (uint32_t i = 0; rc == AWL_OK && i < awl_model_waiter_count(model); i++) {
        awl_model_waiter(model, i, &w);
        write_open(out, w.name);
        write_key(out, "operation", awl_model_str(model, w.operation));
        awl_buf_printf(out, ",\"delay\":%u,\"maxAttempts\":%u,\"acceptors\":[", w.delay_s,
                       w.max_attempts);
        for (uint32_t j = 0; j < w.acceptor_count; j++) {
            awl_model_waiter_acceptor(model, &w, j, &a);
            if (j > 0)
                awl_buf_append_char(out, ',');
            write_acceptor(out, &a);
        }
        rc = awl_buf_append_str(out, STR("]}"));
    }
    return rc == AWL_OK ? awl_buf_append_char(out, '}') : rc;
}

/* A rule that holds when both booleans are as told. */
static void write_rule(struct awl_buf *out, bool fips, bool dual_stack, awl_str prefix)
{
    awl_buf_printf(out,
                   "{\"conditions\":["
                   "{\"fn\":\"booleanEquals\",\"argv\":[{\"ref\":\"UseFIPS\"},%s]},"
                   "{\"fn\":\"booleanEquals\",\"argv\":[{\"ref\":\"UseDualStack\"},%s]}],"
                   "\"endpoint\":{\"url\":\"https://%.*s%s.{Region}.{Partition#%s}\"},"
                   "\"type\":\"endpoint\"}",
                   fips ? "true" : "false", dual_stack ? "true" : "false",
                   STR_ARG(prefix), fips ? "-fips" : "",
                   dual_stack ? "dualStackDnsSuffix" : "dnsSuffix");
}

static void write_boolean_parameter(struct awl_buf *out, const char *name)
{
    awl_buf_printf(out,
                   ",\"%s\":{\"builtIn\":\"AWS::%s\",\"required\":true,"
                   "\"default\":false,\"type\":\"Boolean\"}",
                   name, name);
}

enum awl_rc awl_model_write_plain_rules(awl_str prefix, struct awl_buf *out)
{
    for (size_t i = 0; i < prefix.len; i++)
        if (!awl_char_is_alnum(prefix.ptr[i]) && prefix.ptr[i] != '-' &&
            prefix.ptr[i] != '.')
            return AWL_EPARSE;
    if (prefix.len == 0)
        return AWL_EPARSE;
    awl_buf_append_str(out,
                       STR("{\"version\":\"1.0\",\"parameters\":{"
                           "\"Region\":{\"builtIn\":\"AWS::Region\",\"required\":false,"
                           "\"type\":\"String\"},"
                           "\"Endpoint\":{\"builtIn\":\"SDK::Endpoint\","
                           "\"required\":false,\"type\":\"String\"}"));
    write_boolean_parameter(out, "UseFIPS");
    write_boolean_parameter(out, "UseDualStack");
    awl_buf_append_str(out,
                       STR("},\"rules\":[{\"conditions\":[{\"fn\":\"isSet\",\"argv\":["
                           "{\"ref\":\"Endpoint\"}]}],\"endpoint\":{\"url\":"
                           "{\"ref\":\"Endpoint\"}},\"type\":\"endpoint\"},"
                           "{\"conditions\":[{\"fn\":\"isSet\",\"argv\":["
                           "{\"ref\":\"Region\"}]},{\"fn\":\"aws.partition\",\"argv\":["
                           "{\"ref\":\"Region\"}],\"assign\":\"Partition\"}],"
                           "\"type\":\"tree\",\"rules\":["));
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0)
            awl_buf_append_char(out, ',');
        write_rule(out, (i & 1) != 0, (i & 2) != 0, prefix);
    }
    return awl_buf_append_str(
        out, STR("]},{\"conditions\":[],\"error\":\"Invalid "
                 "Configuration: Missing Region\",\"type\":\"error\"}]}"));
}
