#include "call/resolve.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/credentials.h"
#include "aws/uri.h"
#include "call/client.h"
#include "script/jmespath.h"

#define KEPT_MAX 100 /* results kept for a client */
#define KEY_MAX (64 * 1024)
#define LIST_MAX 128 /* strings of a parameter that is a list; more are not looked at */

static struct awl_endpoint_value of_string(awl_str text)
{
    return (struct awl_endpoint_value){.type = AWL_ENDPOINT_STRING, .string = text};
}

static struct awl_endpoint_value of_bool(bool value)
{
    return (struct awl_endpoint_value){.type = AWL_ENDPOINT_BOOLEAN, .boolean = value};
}

/* A bucket in the host name needs a DNS that knows it: with an endpoint of the
 * user's own, the bucket goes into the path unless asked otherwise. */
static bool force_path_style(const struct awl_client *client)
{
    return client->addressing_style == AWL_ADDRESSING_PATH ||
           (client->addressing_style == AWL_ADDRESSING_AUTO &&
            client->endpoint_url.len > 0);
}

static struct awl_endpoint_value built_in(const struct awl_client *client, awl_str name)
{
    bool custom = client->endpoint_url.len > 0;

    if (awl_str_eq(name, STR("AWS::Region")) && client->region.len > 0)
        return of_string(client->region);
    if (awl_str_eq(name, STR("SDK::Endpoint")) && custom)
        return of_string(client->endpoint_url);
    if (awl_str_eq(name, STR("AWS::UseFIPS")))
        return of_bool(client->use_fips);
    if (awl_str_eq(name, STR("AWS::UseDualStack")))
        return of_bool(client->use_dual_stack);
    if (awl_str_eq(name, STR("AWS::S3::ForcePathStyle")))
        return of_bool(force_path_style(client));
    if (awl_str_eq(name, STR("AWS::S3::Accelerate")))
        return of_bool(client->accelerate);
    if (awl_str_eq(name, STR("AWS::S3::UseArnRegion")) ||
        awl_str_eq(name, STR("AWS::S3Control::UseArnRegion")))
        return of_bool(!client->ignore_arn_region);
    if (awl_str_eq(name, STR("AWS::S3::UseGlobalEndpoint")))
        return of_bool(client->s3_global_endpoint);
    if (awl_str_eq(name, STR("AWS::S3::DisableMultiRegionAccessPoints")))
        return of_bool(client->no_multi_region);
    if (awl_str_eq(name, STR("AWS::STS::UseGlobalEndpoint")))
        return of_bool(client->sts_global_endpoint);
    if (awl_str_eq(name, STR("AWS::Auth::AccountIdEndpointMode")))
        return of_string(client->account_id_mode);
    return (struct awl_endpoint_value){.type = AWL_ENDPOINT_UNSET};
}

enum awl_rc awl_resolver_init(struct awl_resolver *resolver,
                              const struct awl_client *client)
{
    const struct awl_model *model = &client->service->model;

    *resolver =
        (struct awl_resolver){.account_id = AWL_MODEL_NONE, .endpoint = AWL_MODEL_NONE};
    resolver->parameter_count = awl_endpoint_parameter_count(model);
    for (uint32_t i = 0; i < resolver->parameter_count; i++) {
        struct awl_endpoint_parameter parameter;
        awl_endpoint_parameter(model, i, &parameter);
        resolver->base[i] = built_in(client, parameter.built_in);
        if (client->no_express_session &&
            awl_str_eq(parameter.name, STR("DisableS3ExpressSessionAuth")))
            resolver->base[i] = of_bool(true);
        if (awl_str_eq(parameter.built_in, STR("AWS::Auth::AccountId")))
            resolver->account_id = i;
        if (awl_str_eq(parameter.built_in, STR("SDK::Endpoint")))
            resolver->endpoint = i;
    }
    return AWL_OK;
}

static void resolved_free(struct awl_resolved *resolved)
{
    awl_endpoint_release(&resolved->endpoint);
    awl_buf_release(&resolved->key);
    free(resolved);
}

void awl_resolver_release(struct awl_resolver *resolver)
{
    while (resolver->first != NULL) {
        struct awl_resolved *resolved = resolver->first;
        resolver->first = resolved->next;
        resolved_free(resolved);
    }
    resolver->count = 0;
}

/* Sets a parameter from the Lua value on the stack's top. The string is anchored by
 * the input table for as long as the resolution takes. */
static bool value_of_lua(lua_State *L, struct awl_endpoint_value *value)
{
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
        size_t len;
        const char *text = lua_tolstring(L, -1, &len);
        *value = of_string(awl_str_make(text, len));
        return true;
    }
    case LUA_TBOOLEAN:
        *value = of_bool(lua_toboolean(L, -1));
        return true;
    default:
        return false;
    }
}

/* The parameters that members of the input carry. */
static void bind_input(lua_State *L, const struct awl_model *model,
                       const struct awl_operation *operation, int input,
                       struct awl_endpoint_value *values)
{
    if (operation->input == AWL_MODEL_NONE || !lua_istable(L, input))
        return;
    const struct awl_shape *shape = awl_model_shape(model, operation->input);
    const struct awl_member *members = awl_model_members(model, shape);
    for (uint32_t i = 0; i < shape->member_count; i++) {
        if (!(members[i].flags & AWL_MEMBER_EXTRA))
            continue;
        uint32_t name = awl_model_member_extra(model, &members[i])->context_param;
        if (name == AWL_MODEL_NONE)
            continue;
        uint32_t index = awl_endpoint_parameter_find(model, awl_model_str(model, name));
        if (index == AWL_MODEL_NONE)
            continue;
        lua_getfield(L, input, awl_model_str(model, members[i].name).ptr);
        value_of_lua(L, &values[index]);
        lua_pop(L, 1);
    }
}

/* The parameters that the operation fixes. */
static void bind_static(const struct awl_model *model,
                        const struct awl_operation *operation,
                        struct awl_endpoint_value *values)
{
    uint32_t count = awl_endpoint_binding_count(model, operation);
    for (uint32_t i = 0; i < count; i++) {
        struct awl_endpoint_binding binding;
        awl_endpoint_binding(model, operation, i, &binding);
        uint32_t index = awl_endpoint_parameter_find(model, binding.parameter);
        if (index != AWL_MODEL_NONE && binding.path.len == 0)
            values[index] = binding.value;
    }
}

/* The strings of the table at the stack's top; the input anchors them. */
static void list_of_lua(lua_State *L, struct awl_endpoint_value *value,
                        awl_str strings[LIST_MAX])
{
    *value = (struct awl_endpoint_value){.type = AWL_ENDPOINT_STRING_ARRAY,
                                         .strings = strings};
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count && value->string_count < LIST_MAX; i++) {
        if (lua_rawgeti(L, -1, i) == LUA_TSTRING) {
            awl_str *text = &strings[value->string_count++];
            text->ptr = lua_tolstring(L, -1, &text->len);
        }
        lua_pop(L, 1);
    }
}

/* The parameters that an expression finds in the input. Its results stay on the stack,
 * so that their strings live; there is room for one list. Raises. */
static void bind_found(lua_State *L, const struct awl_model *model,
                       const struct awl_operation *operation, int input,
                       struct awl_endpoint_value *values, awl_str strings[LIST_MAX])
{
    uint32_t count = awl_endpoint_binding_count(model, operation);
    bool list_taken = false;

    for (uint32_t i = 0; i < count && lua_istable(L, input); i++) {
        struct awl_endpoint_binding binding;
        awl_endpoint_binding(model, operation, i, &binding);
        uint32_t index = awl_endpoint_parameter_find(model, binding.parameter);
        if (index == AWL_MODEL_NONE || binding.path.len == 0)
            continue;
        luaL_checkstack(L, 10, NULL);
        awl_jmespath_push_search(L, binding.path, input);
        if (!lua_istable(L, -1)) {
            value_of_lua(L, &values[index]);
        } else if (!list_taken) {
            list_of_lua(L, &values[index], strings);
            list_taken = true;
        }
    }
}

/* Where the input says which URL to call; it anchors the string. */
static void bind_endpoint(lua_State *L, const struct awl_client *client,
                          const struct awl_operation *operation, int input,
                          struct awl_endpoint_value *values)
{
    const struct awl_service *service = client->service;
    const struct awl_service_rules *rules = service->rules;

    if (rules->endpoint_member == NULL || client->resolver.endpoint == AWL_MODEL_NONE ||
        client->endpoint_url.len > 0 || !lua_istable(L, input))
        return;
    const char *member =
        rules->endpoint_member(awl_model_operation_name(&service->model, operation));
    if (member == NULL)
        return;
    lua_getfield(L, input, member);
    value_of_lua(L, &values[client->resolver.endpoint]);
    lua_pop(L, 1);
}

/* With its length before it, no text can be taken for two. */
static void append_counted(struct awl_buf *key, awl_str text)
{
    awl_buf_append(key, &text.len, sizeof(text.len));
    awl_buf_append_str(key, text);
}

/* What distinguishes this call from others of the client, as bytes. */
static enum awl_rc key_of(const struct awl_resolver *resolver,
                          const struct awl_endpoint_value *values, struct awl_buf *key)
{
    for (uint32_t i = 0; i < resolver->parameter_count; i++) {
        const struct awl_endpoint_value *value = &values[i];
        const struct awl_endpoint_value *base = &resolver->base[i];
        if (value->type == base->type && value->string.ptr == base->string.ptr &&
            value->boolean == base->boolean)
            continue;
        awl_buf_append_char(key, (char)(1 + i));
        awl_buf_append_char(key, value->type == AWL_ENDPOINT_BOOLEAN && value->boolean);
        append_counted(key, value->string);
        for (uint32_t j = 0; j < value->string_count; j++)
            append_counted(key, value->strings[j]);
    }
    return awl_buf_rc(key);
}

static struct awl_resolved *find(struct awl_resolver *resolver, awl_str key)
{
    struct awl_resolved **link = &resolver->first;
    for (; *link != NULL; link = &(*link)->next) {
        struct awl_resolved *resolved = *link;
        if (!awl_str_eq(awl_buf_str(&resolved->key), key))
            continue;
        *link = resolved->next;
        resolved->next = resolver->first;
        resolver->first = resolved;
        return resolved;
    }
    return NULL;
}

/* Drops the one that was not used for longest. */
static void drop_oldest(struct awl_resolver *resolver)
{
    struct awl_resolved **oldest = NULL;
    for (struct awl_resolved **link = &resolver->first; *link != NULL;
         link = &(*link)->next)
        if ((*link)->users == 0)
            oldest = link;
    if (oldest == NULL)
        return;
    struct awl_resolved *resolved = *oldest;
    *oldest = resolved->next;
    resolver->count--;
    resolved_free(resolved);
}

awl_str awl_resolve_host(awl_str url)
{
    bool tls = awl_str_starts(url, STR("https://"));
    size_t begin = tls ? 8 : awl_str_starts(url, STR("http://")) ? 7 : 0;
    size_t end = awl_str_find(url, '/', begin);
    awl_str host = awl_str_slice(url, begin, end == SIZE_MAX ? url.len : end);
    awl_str port = tls ? STR(":443") : STR(":80");
    if (awl_str_ends(host, port))
        host.len -= port.len;
    return host;
}

enum awl_rc awl_resolve_no_region(const struct awl_client *client, struct awl_error *err)
{
    return awl_error_code(err, AWL_ECONFIG, "NoRegion",
                          "no region is set for %.*s: give --region, AWS_REGION, or "
                          "'region' in the profile",
                          STR_ARG(client->service->model.name));
}

/* Says what to do where the rules only say what is wrong. */
static enum awl_rc explain(const struct awl_client *client, struct awl_error *err)
{
    if (err == NULL || err->rc != AWL_ECONFIG)
        return err != NULL ? err->rc : AWL_ECONFIG;
    if (client->region.len == 0)
        return awl_resolve_no_region(client, err);
    snprintf(err->code, sizeof(err->code), "EndpointError");
    return awl_error_prefix(err, "cannot resolve the endpoint of %.*s in region '%.*s'",
                            STR_ARG(client->service->model.name),
                            STR_ARG(client->region));
}

static enum awl_rc resolve(struct awl_client *client,
                           const struct awl_endpoint_value *values,
                           struct awl_resolved *resolved, struct awl_error *err)
{
    enum awl_rc rc =
        awl_endpoint_resolve(&client->service->model, values, &resolved->endpoint, err);
    if (rc != AWL_OK)
        return explain(client, err);
    resolved->host = awl_resolve_host(resolved->endpoint.url);
    return AWL_OK;
}

static enum awl_rc add(struct awl_client *client, struct awl_buf *key,
                       const struct awl_endpoint_value *values,
                       struct awl_resolved **added, struct awl_error *err)
{
    struct awl_resolver *resolver = &client->resolver;
    struct awl_resolved *resolved = calloc(1, sizeof(*resolved));
    if (resolved == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    awl_endpoint_init(&resolved->endpoint);
    resolved->key = *key;
    awl_buf_init(key, KEY_MAX);

    enum awl_rc rc = resolve(client, values, resolved, err);
    if (rc != AWL_OK) {
        resolved_free(resolved);
        return rc;
    }
    if (resolver->count >= KEPT_MAX)
        drop_oldest(resolver);
    resolved->next = resolver->first;
    resolver->first = resolved;
    resolver->count++;
    *added = resolved;
    return AWL_OK;
}

enum awl_rc awl_resolve(lua_State *L, struct awl_client *client,
                        const struct awl_operation *operation, int input,
                        const struct awl_credentials *credentials,
                        struct awl_resolved **resolved, struct awl_error *err)
{
    struct awl_resolver *resolver = &client->resolver;
    const struct awl_model *model = &client->service->model;
    struct awl_endpoint_value values[AWL_ENDPOINT_PARAMETERS_MAX];
    awl_str strings[LIST_MAX];
    struct awl_buf key;
    int top = lua_gettop(L);

    memcpy(values, resolver->base, resolver->parameter_count * sizeof(values[0]));
    if (resolver->account_id != AWL_MODEL_NONE && credentials != NULL &&
        credentials->account_id.ptr != NULL)
        values[resolver->account_id] = of_string(credentials->account_id);
    bind_static(model, operation, values);
    bind_input(L, model, operation, input, values);
    bind_found(L, model, operation, input, values, strings);
    bind_endpoint(L, client, operation, input, values);
    if (client->service->rules->before_endpoint != NULL)
        client->service->rules->before_endpoint(client, operation, values);

    awl_buf_init(&key, KEY_MAX);
    enum awl_rc rc = key_of(resolver, values, &key);
    if (rc != AWL_OK) {
        lua_settop(L, top);
        awl_buf_release(&key);
        return awl_error_set(err, rc, "endpoint parameters are too long");
    }
    *resolved = find(resolver, awl_buf_str(&key));
    if (*resolved == NULL)
        rc = add(client, &key, values, resolved, err);
    lua_settop(L, top);
    awl_buf_release(&key);
    if (rc == AWL_OK)
        (*resolved)->users++;
    return rc;
}

void awl_resolved_done(struct awl_resolved *resolved)
{
    if (resolved != NULL)
        resolved->users--;
}
