#include "call/user_agent.h"

#include <lua.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "call/state.h"

#define PRODUCT "awl/" AWL_VERSION " ua/2.1"
#define LANGUAGE " lang/lua#" LUA_VERSION_MAJOR "." LUA_VERSION_MINOR

/* Within a word; '#' separates a name from its value. */
static bool is_allowed(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!$%&'*+-.^_`|~,", c) != NULL);
}

/* The prefix and the word, or nothing where there is no word. `more` may stand in it too;
 * the rest becomes "-". */
static void append_text(struct awl_buf *out, const char *prefix, awl_str word,
                        const char *more)
{
    if (word.len > 0)
        awl_buf_append_str(out, awl_str_of(prefix));
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        bool stays = is_allowed(c) || (c != '\0' && strchr(more, c) != NULL);
        awl_buf_append_char(out, stays ? c : '-');
    }
}

static void append_part(struct awl_buf *out, const char *prefix, awl_str word)
{
    append_text(out, prefix, word, "");
}

void awl_user_agent_begin(struct awl_buf *out)
{
    const char *environment = getenv("AWS_EXECUTION_ENV");
    struct utsname system;

    awl_buf_append_str(out, STR(PRODUCT));
    if (uname(&system) == 0) {
        append_part(out, " os/linux#", awl_str_of(system.release));
        append_part(out, " md/arch#", awl_str_of(system.machine));
    }
    awl_buf_append_str(out, STR(LANGUAGE));
    if (environment != NULL)
        append_part(out, " exec-env/", awl_str_of(environment));
}

/* ---- of a client ---- */

static void append_feature(struct awl_buf *out, const char *code)
{
    awl_buf_append_char(out, ',');
    awl_buf_append_str(out, awl_str_of(code));
}

/* The mode is of interest only where an endpoint may depend on the account. */
static void append_account_id_mode(struct awl_buf *out, const struct awl_client *client)
{
    if (client->resolver.account_id == AWL_MODEL_NONE)
        return;
    append_feature(out, awl_str_eq(client->account_id_mode, STR("disabled"))   ? "Q"
                        : awl_str_eq(client->account_id_mode, STR("required")) ? "R"
                                                                               : "P");
}

enum awl_rc awl_user_agent_of_client(struct awl_client *client, awl_str begin,
                                     bool adaptive, awl_str app_id, awl_str extra)
{
    struct awl_buf *out = &client->user_agent;

    awl_buf_append_str(out, begin);
    awl_buf_append_str(out, adaptive ? STR(" m/F") : STR(" m/E"));
    if (client->service->model.protocol == AWL_PROTOCOL_CBOR)
        append_feature(out, "M");
    if (client->endpoint_url.len > 0)
        append_feature(out, "N");
    append_account_id_mode(out, client);
    append_feature(out, client->checksum_when_required ? "a" : "Z");
    append_feature(out, client->validate_when_required ? "c" : "b");
    client->features_end = out->len;
    awl_buf_append_str(out, adaptive ? STR(" cfg/retry-mode#adaptive")
                                     : STR(" cfg/retry-mode#standard"));
    append_text(out, " ", extra, " /#");
    append_part(out, " app/", app_id);
    return awl_buf_rc(out);
}

/* ---- of a call ---- */

/* The algorithm in "x-amz-checksum-ALGORITHM", as a field or named by the trailer's. */
static const char *checksum_code(awl_str name)
{
    static const struct {
        const char *algorithm, *code;
    } codes[] = {
        {"crc32", "U"},     {"crc32c", "V"},     {"crc64nvme", "W"}, {"sha1", "X"},
        {"sha256", "Y"},    {"md5", "AE"},       {"sha512", "AF"},   {"xxhash3", "AG"},
        {"xxhash64", "AH"}, {"xxhash128", "AI"},
    };
    const awl_str prefix = STR("x-amz-checksum-");

    if (!awl_str_starts_nocase(name, prefix))
        return NULL;
    awl_str algorithm = awl_str_slice(name, prefix.len, name.len);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (awl_str_eq_nocase(algorithm, awl_str_of(codes[i].algorithm)))
            return codes[i].code;
    return NULL;
}

static void append_checksum(struct awl_buf *out, const struct awl_call *call)
{
    const struct awl_headers *headers = &call->request.headers;
    awl_str trailer = {0};

    if (call->operation->checksum_member == AWL_MODEL_NONE)
        return;
    const char *code = NULL;
    if (awl_headers_get(headers, STR("X-Amz-Trailer"), &trailer))
        code = checksum_code(trailer);
    for (size_t i = 0; i < headers->count && code == NULL; i++)
        code = checksum_code(awl_headers_name(headers, i));
    if (code != NULL)
        append_feature(out, code);
}

static void append_features(struct awl_buf *out, const struct awl_call *call,
                            const struct awl_credentials_slot *slot)
{
    if (call->options.feature != NULL)
        append_feature(out, call->options.feature);
    if (call->compressed)
        append_feature(out, "L");
    if (call->resolved->auth.kind == AWL_AUTH_S3EXPRESS)
        append_feature(out, "J");
    if (call->resolved->auth.kind == AWL_AUTH_SIGV4A)
        append_feature(out, "S");
    append_checksum(out, call);
    if (slot->features.len > 0) {
        awl_buf_append_char(out, ',');
        awl_buf_append_str(out, slot->features);
    }
}

enum awl_rc awl_user_agent_add(struct awl_call *call,
                               const struct awl_credentials_slot *slot)
{
    const struct awl_client *client = call->client;
    awl_str whole = awl_buf_str(&client->user_agent);
    struct awl_buf *out = &call->text;

    if (call->attempt > 1 ||
        awl_headers_get(&call->request.headers, STR("User-Agent"), NULL))
        return AWL_OK;
    awl_buf_clear(out);
    awl_buf_append_str(out, awl_str_slice(whole, 0, client->features_end));
    append_features(out, call, slot);
    awl_buf_append_str(out, awl_str_slice(whole, client->features_end, whole.len));
    enum awl_rc rc = awl_buf_rc(out);
    return rc == AWL_OK ? awl_headers_add(&call->request.headers, STR("User-Agent"),
                                          awl_buf_str(out))
                        : rc;
}
