#include "call/client.h"

#include <lauxlib.h>

#include "base/log.h"
#include "call/credentials.h"
#include "model/endpoint.h"
#include "call/service/s3_region.h"
#include "call/pipeline.h"
#include "call/turns.h"
#include "call/user_agent.h"
#include "http/http.h"
#include "script/error_value.h"

enum awl_retry_mode {
    AWL_RETRY_STANDARD,
    AWL_RETRY_ADAPTIVE,
    AWL_RETRY_LEGACY,
};

#define TEXT_MAX (16 * 1024)

/* Offsets first: the text moves while it grows. */
struct span {
    size_t offset, len;
};

static struct span append_option(lua_State *L, struct awl_client *client, int options,
                                 const char *name)
{
    struct span span = {.offset = client->text.len};
    lua_getfield(L, options, name);
    const char *value = luaL_optlstring(L, -1, "", &span.len);
    awl_buf_append(&client->text, value, span.len);
    awl_buf_append_char(&client->text, '\0');
    lua_pop(L, 1);
    return span;
}

static awl_str span_text(const struct awl_client *client, struct span span)
{
    return awl_str_make(client->text.ptr + span.offset, span.len);
}

static bool bool_option(lua_State *L, int options, const char *name, bool otherwise)
{
    bool value = otherwise;
    if (lua_getfield(L, options, name) != LUA_TNIL)
        value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

/* Seconds to milliseconds; 0 if it is not given. */
static int duration_option(lua_State *L, int options, const char *name)
{
    int ms = 0;
    if (lua_getfield(L, options, name) != LUA_TNIL) {
        double seconds = luaL_checknumber(L, -1);
        if (!(seconds > 0 && seconds <= 1e6))
            awl_raisef(L, AWL_EINPUT, NULL,
                       "client option '%s' must be a positive number of seconds", name);
        ms = (int)(seconds * 1000.0);
        if (ms == 0)
            ms = 1;
    }
    lua_pop(L, 1);
    return ms;
}

static int attempts_option(lua_State *L, int options, const struct awl_retry_rules *rules)
{
    lua_getfield(L, options, "max_attempts");
    lua_Integer attempts = luaL_optinteger(L, -1, rules->attempts);
    lua_pop(L, 1);
    if (attempts < 1 || attempts > 1000)
        awl_raisef(L, AWL_EINPUT, NULL,
                   "client option 'max_attempts' must be between 1 and 1000");
    return (int)attempts;
}

static enum awl_addressing_style addressing_option(lua_State *L, int options)
{
    static const char *const names[] = {"auto", "path", "virtual", NULL};
    enum awl_addressing_style style = AWL_ADDRESSING_AUTO;

    lua_getfield(L, options, "addressing_style");
    const char *name = luaL_optstring(L, -1, "auto");
    int i = 0;
    while (names[i] != NULL && strcmp(names[i], name) != 0)
        i++;
    if (names[i] == NULL)
        awl_raisef(L, AWL_EINPUT, NULL,
                   "client option 'addressing_style' must be auto, path or virtual, "
                   "not '%s'",
                   name);
    style = (enum awl_addressing_style)i;
    lua_pop(L, 1);
    return style;
}

/* One of a few words, the first if none is given: its position. */
static int word_option(lua_State *L, int options, const char *name,
                       const char *const words[])
{
    int i = 0;

    lua_getfield(L, options, name);
    const char *word = luaL_optstring(L, -1, words[0]);
    while (words[i] != NULL && strcmp(words[i], word) != 0)
        i++;
    if (words[i] == NULL)
        awl_raisef(L, AWL_EINPUT, NULL, "client option '%s' cannot be '%s'", name, word);
    lua_pop(L, 1);
    return i;
}

static void read_endpoint_options(lua_State *L, struct awl_client *client, int options)
{
    static const char *const scopes[] = {"regional", "legacy", NULL};
    static const char *const modes[] = {"preferred", "required", "disabled", NULL};
    static const char *const discoveries[] = {"auto", "true", "false", NULL};

    client->use_fips = bool_option(L, options, "use_fips_endpoint", false);
    client->use_dual_stack = bool_option(L, options, "use_dualstack_endpoint", false);
    client->accelerate = bool_option(L, options, "use_accelerate_endpoint", false);
    client->ignore_arn_region = !bool_option(L, options, "use_arn_region", true);
    client->no_multi_region =
        bool_option(L, options, "disable_multiregion_access_points", false);
    client->no_express_session =
        bool_option(L, options, "s3_disable_express_session_auth", false);
    client->s3_global_endpoint =
        word_option(L, options, "s3_us_east_1_regional_endpoint", scopes) == 1;
    client->sts_global_endpoint =
        word_option(L, options, "sts_regional_endpoints", scopes) == 1;
    client->account_id_mode =
        awl_str_of(modes[word_option(L, options, "account_id_endpoint_mode", modes)]);
    client->no_host_prefix =
        bool_option(L, options, "disable_host_prefix_injection", false);
    client->addressing_style = addressing_option(L, options);
    client->discovery = (enum awl_discovery)word_option(
        L, options, "endpoint_discovery_enabled", discoveries);
}

/* ---- checksums and compression ---- */

static bool host_is_in(awl_str host, awl_str suffix)
{
    return suffix.len > 0 && host.len > suffix.len && awl_str_ends(host, suffix) &&
           host.ptr[host.len - suffix.len - 1] == '.';
}

/* The user's own endpoint is a host of AWS's. */
static bool endpoint_is_aws(const struct awl_client *client)
{
    struct awl_partition partition;
    size_t start = awl_str_find(client->endpoint_url, '/', 0) + 2; /* after "https://" */
    size_t end = start;

    while (end < client->endpoint_url.len &&
           strchr("/:?#", client->endpoint_url.ptr[end]) == NULL)
        end++;
    awl_str host = awl_str_slice(client->endpoint_url, start, end);
    awl_partition_of_region(&client->service->model.partitions, client->region,
                            &partition);
    return host_is_in(host, partition.dns_suffix) ||
           host_is_in(host, partition.dual_stack_dns_suffix);
}

/* Servers that only resemble AWS's may refuse what they were not asked for. */
static bool when_required_option(lua_State *L, const struct awl_client *client,
                                 int options, const char *name)
{
    static const char *const words[] = {"when_supported", "when_required", NULL};

    bool given = lua_getfield(L, options, name) != LUA_TNIL;
    lua_pop(L, 1);
    if (given)
        return word_option(L, options, name, words) == 1;
    return client->endpoint_url.len > 0 && !endpoint_is_aws(client);
}

static void read_integrity_options(lua_State *L, struct awl_client *client, int options)
{
    static const char min_bytes[] = "request_min_compression_size_bytes";
    struct awl_compression *compression = &client->compression;

    client->checksum_when_required =
        when_required_option(L, client, options, "request_checksum_calculation");
    client->validate_when_required =
        when_required_option(L, client, options, "response_checksum_validation");
    client->sign_payload = bool_option(L, options, "payload_signing_enabled", false);
    compression->disabled = bool_option(L, options, "disable_request_compression", false);
    lua_getfield(L, options, min_bytes);
    compression->min_bytes = luaL_optinteger(L, -1, AWL_COMPRESSION_MIN_BYTES);
    lua_pop(L, 1);
    if (compression->min_bytes < 0 ||
        compression->min_bytes > AWL_COMPRESSION_MIN_BYTES_MAX)
        awl_raisef(L, AWL_EINPUT, NULL, "client option '%s' must be between 0 and %d",
                   min_bytes, AWL_COMPRESSION_MIN_BYTES_MAX);
}

static enum awl_retry_mode read_retry_options(lua_State *L, struct awl_client *client,
                                              int options)
{
    static const char *const modes[] = {"standard", "adaptive", "legacy", NULL};
    enum awl_retry_mode mode =
        (enum awl_retry_mode)word_option(L, options, "retry_mode", modes);

    struct awl_pipeline *pipeline = awl_pipeline(awl_runtime(L));
    if (mode == AWL_RETRY_LEGACY && !pipeline->told_of_legacy) {
        awl_log(AWL_LOG_INFO, "retry", "retry mode 'legacy' is taken as 'standard'");
        pipeline->told_of_legacy = true;
    }
    client->retry = awl_retry_rules_of(bool_option(L, options, "retry_revision", false),
                                       client->service->model.name);
    client->max_attempts = attempts_option(L, options, client->retry);
    return mode;
}

/* All clients of the service in its region send at one rate. */
static void join_turns(lua_State *L, struct awl_client *client)
{
    struct awl_service_region *region = client->per_region;
    if (region->turns == NULL)
        region->turns = awl_turns_new(awl_runtime(L)->loop);
    if (region->turns == NULL)
        luaL_error(L, "not enough memory");
    client->turns = region->turns;
}

static void read_strings(lua_State *L, struct awl_client *client, int options)
{
    struct span region = append_option(L, client, options, "region");
    struct span endpoint_url = append_option(L, client, options, "endpoint_url");
    struct span profile = append_option(L, client, options, "profile");
    struct span preference = append_option(L, client, options, "auth_scheme_preference");
    struct span region_set =
        append_option(L, client, options, "sigv4a_signing_region_set");

    if (awl_buf_rc(&client->text) != AWL_OK)
        luaL_error(L, "client options are too long");
    client->region = span_text(client, region);
    client->endpoint_url = span_text(client, endpoint_url);
    client->profile = span_text(client, profile);
    client->auth_scheme_preference = span_text(client, preference);
    client->region_set = span_text(client, region_set);
}

/* Stays on the stack; NULL if it is not given. */
static const char *text_option(lua_State *L, int options, const char *name)
{
    if (lua_getfield(L, options, name) == LUA_TNIL)
        return NULL;
    return luaL_checkstring(L, -1);
}

static void read_transport_options(lua_State *L, struct awl_client *client, int options)
{
    int top = lua_gettop(L);
    const struct awl_route_settings settings = {
        .ca_file = text_option(L, options, "ca_bundle"),
        .insecure = !bool_option(L, options, "verify_ssl", true),
        .client_cert = text_option(L, options, "client_cert"),
        .client_key = text_option(L, options, "client_key"),
        .proxy = text_option(L, options, "proxy"),
        .no_proxy = text_option(L, options, "no_proxy"),
        .proxy_ca_file = text_option(L, options, "proxy_ca_bundle"),
        .proxy_client_cert = text_option(L, options, "proxy_client_cert"),
        .no_keepalive = !bool_option(L, options, "tcp_keepalive", true),
    };
    client->route = awl_http_route(awl_runtime(L)->http, &settings);
    if (client->route == NULL)
        luaL_error(L, "not enough memory");
    lua_getfield(L, options, "max_connections");
    lua_Integer most = luaL_optinteger(L, -1, 0);
    if (most < 0 || most > 1000000)
        awl_raisef(L, AWL_EINPUT, NULL,
                   "client option 'max_connections' must be between 0 and 1000000");
    client->max_connections = (unsigned)most;
    lua_settop(L, top);
}

static awl_str string_option(lua_State *L, int options, const char *name)
{
    awl_str value = {0};
    lua_getfield(L, options, name);
    value.ptr = luaL_optlstring(L, -1, "", &value.len);
    lua_pop(L, 1); /* the table keeps it */
    return value;
}

static void make_user_agent(lua_State *L, struct awl_client *client, int options,
                            bool adaptive)
{
    awl_str begin = awl_buf_str(&awl_pipeline(awl_runtime(L))->user_agent);
    if (awl_user_agent_of_client(client, begin, adaptive,
                                 string_option(L, options, "sdk_ua_app_id"),
                                 string_option(L, options, "user_agent_extra")) != AWL_OK)
        luaL_error(L, "client options are too long");
}

static int client_gc(lua_State *L)
{
    awl_client_release(lua_touserdata(L, 1));
    return 0;
}

static void set_plain_metatable(lua_State *L)
{
    if (luaL_newmetatable(L, "awl.Client.plain")) {
        lua_pushcfunction(L, client_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
}

struct awl_client *awl_client_push(lua_State *L, int options)
{
    struct awl_error err = AWL_ERROR_INIT;

    options = lua_absindex(L, options);
    luaL_checktype(L, options, LUA_TTABLE);
    struct awl_client *client = lua_newuserdatauv(L, sizeof(*client), 3);
    *client = (struct awl_client){0};
    awl_buf_init(&client->text, TEXT_MAX);
    awl_buf_init(&client->user_agent, TEXT_MAX);
    set_plain_metatable(L);

    lua_getfield(L, options, "service");
    lua_getfield(L, options, "api_version");
    awl_str name = {0}, version = {0};
    name.ptr = luaL_checklstring(L, -2, &name.len);
    version.ptr = luaL_optlstring(L, -1, "", &version.len);
    if (awl_service_open(awl_runtime(L), name, version,
                         string_option(L, options, "protocol"), &client->service,
                         &err) != AWL_OK)
        awl_raise(L, &err);
    lua_pop(L, 2);

    read_strings(L, client, options);
    read_transport_options(L, client, options);
    client->sign = bool_option(L, options, "sign", true);
    client->prefer_token = bool_option(L, options, "prefer_token", false);
    client->auth = awl_auth_of_client(client);
    read_endpoint_options(L, client, options);
    read_integrity_options(L, client, options);
    enum awl_retry_mode mode = read_retry_options(L, client, options);
    client->connect_timeout_ms = duration_option(L, options, "connect_timeout");
    client->read_timeout_ms = duration_option(L, options, "read_timeout");

    lua_getfield(L, options, "credentials");
    awl_credentials_check(L, -1);
    lua_setiuservalue(L, -2, AWL_CLIENT_CREDENTIALS);
    if (lua_getfield(L, options, "token") != LUA_TNIL)
        awl_credentials_check(L, -1);
    lua_setiuservalue(L, -2, AWL_CLIENT_TOKEN);
    lua_pushvalue(L, options);
    lua_setiuservalue(L, -2, AWL_CLIENT_OPTIONS);

    client->per_region = awl_service_region(client->service, client->region);
    if (client->per_region == NULL ||
        awl_resolver_init(&client->resolver, client) != AWL_OK)
        luaL_error(L, "not enough memory");
    make_user_agent(L, client, options, mode == AWL_RETRY_ADAPTIVE);
    if (mode == AWL_RETRY_ADAPTIVE)
        join_turns(L, client);
    return client;
}

void awl_client_release(struct awl_client *client)
{
    awl_resolver_release(&client->resolver);
    awl_s3_regions_free(client->bucket_regions);
    awl_buf_release(&client->user_agent);
    awl_buf_release(&client->text);
}
