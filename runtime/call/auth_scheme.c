#include "call/auth_scheme.h"

#include "aws/sigv4.h"
#include "call/client.h"

/* Of "aws.auth#sigv4", "smithy.api#httpBearerAuth" or the name alone. Names of
 * schemes that are not supported are undecided. */
static enum awl_auth_kind kind_of(awl_str name)
{
    static const struct {
        awl_str name;
        enum awl_auth_kind kind;
    } kinds[] = {
        {STR("sigv4"), AWL_AUTH_SIGV4},
        {STR("sigv4a"), AWL_AUTH_SIGV4A},
        {STR("sigv4-s3express"), AWL_AUTH_S3EXPRESS},
        {STR("httpBearerAuth"), AWL_AUTH_BEARER},
        {STR("noAuth"), AWL_AUTH_NONE},
    };
    size_t hash = awl_str_find(name, '#', 0);
    if (hash != SIZE_MAX)
        name = awl_str_slice(name, hash + 1, name.len);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (awl_str_eq_nocase(name, kinds[i].name))
            return kinds[i].kind;
    return AWL_AUTH_UNDECIDED;
}

/* The next name of a comma-separated list, which gets shorter. */
static awl_str name_take(awl_str *list)
{
    size_t comma = awl_str_find(*list, ',', 0);
    awl_str name = awl_str_trim(awl_str_slice(*list, 0, comma));
    *list = comma == SIZE_MAX ? STR("") : awl_str_slice(*list, comma + 1, list->len);
    return name;
}

/* The schemes that somebody offers. */
struct offer {
    unsigned kinds; /* a bit each */
    enum awl_auth_kind first;
};

static void offer_add(struct offer *offer, awl_str name)
{
    enum awl_auth_kind kind = kind_of(name);
    if (kind == AWL_AUTH_UNDECIDED)
        return;
    if (offer->kinds == 0)
        offer->first = kind;
    offer->kinds |= 1U << kind;
}

static bool offer_has(const struct offer *offer, enum awl_auth_kind kind)
{
    return kind != AWL_AUTH_UNDECIDED && (offer->kinds >> kind & 1) != 0;
}

/* The one that the user likes best; who has no preference gets the first. */
static enum awl_auth_kind offer_choose(const struct offer *offer, awl_str preference)
{
    while (preference.len > 0) {
        enum awl_auth_kind kind = kind_of(name_take(&preference));
        if (offer_has(offer, kind))
            return kind;
    }
    return offer->first;
}

static enum awl_auth_kind choose_of_list(const struct awl_client *client, awl_str list)
{
    struct offer offer = {0};
    while (list.len > 0)
        offer_add(&offer, name_take(&list));
    if (client->prefer_token && offer_has(&offer, AWL_AUTH_BEARER))
        return AWL_AUTH_BEARER;
    return offer_choose(&offer, client->auth_scheme_preference);
}

enum awl_auth_kind awl_auth_of_client(const struct awl_client *client)
{
    const struct awl_model *model = &client->service->model;
    enum awl_auth_kind kind = choose_of_list(client, model->auth);

    if (kind != AWL_AUTH_UNDECIDED)
        return kind;
    return awl_str_eq(model->signature_version, STR("bearer")) ? AWL_AUTH_BEARER
                                                               : AWL_AUTH_SIGV4;
}

enum awl_auth_kind awl_auth_of_operation(const struct awl_client *client,
                                         const struct awl_operation *operation)
{
    if (!client->sign || (operation->flags & AWL_OPERATION_NO_AUTH))
        return AWL_AUTH_NONE;
    if (operation->auth == AWL_MODEL_NONE)
        return client->auth;
    enum awl_auth_kind kind =
        choose_of_list(client, awl_model_str(&client->service->model, operation->auth));
    return kind != AWL_AUTH_UNDECIDED ? kind : client->auth;
}

/* The endpoint's entry for the scheme that is used there; NULL if it has none. */
static const struct awl_auth_scheme *entry_choose(const struct awl_client *client,
                                                  const struct awl_endpoint *endpoint)
{
    struct offer offer = {0};
    for (unsigned i = 0; i < endpoint->auth_scheme_count; i++)
        offer_add(&offer, endpoint->auth_schemes[i].name);
    enum awl_auth_kind kind = offer_choose(&offer, client->auth_scheme_preference);
    for (unsigned i = 0; i < endpoint->auth_scheme_count; i++)
        if (kind != AWL_AUTH_UNDECIDED && kind_of(endpoint->auth_schemes[i].name) == kind)
            return &endpoint->auth_schemes[i];
    return NULL;
}

/* The user's own set outweighs the rules'; a signature without any is good
 * everywhere. */
static awl_str region_set(const struct awl_client *client, awl_str region)
{
    if (client->region_set.len > 0)
        return client->region_set;
    return region.len > 0 ? region : STR("*");
}

enum awl_rc awl_auth_choose(const struct awl_client *client,
                            const struct awl_endpoint *endpoint, enum awl_auth_kind asked,
                            struct awl_auth *auth, struct awl_error *err)
{
    static const struct awl_auth_scheme none;
    const struct awl_auth_scheme *entry = &none;

    if (endpoint->auth_scheme_count > 0)
        entry = entry_choose(client, endpoint);
    if (entry == NULL)
        return awl_error_code(err, AWL_ECONFIG, "AuthSchemeNotSupported",
                              "the endpoint wants to be signed with %.*s, which is not "
                              "supported yet",
                              STR_ARG(endpoint->auth_schemes[0].name));
    *auth = (struct awl_auth){
        .kind = entry != &none ? kind_of(entry->name) : asked,
        .asked = asked,
        .signing_name = entry->signing_name.len > 0 ? entry->signing_name
                                                    : client->service->model.signing_name,
        .region = entry->signing_region.len > 0 ? entry->signing_region : client->region,
    };
    auth->s3 = awl_sigv4_is_s3(auth->signing_name);
    auth->double_encode = !entry->disable_double_encoding && !auth->s3;
    if (auth->kind == AWL_AUTH_S3EXPRESS)
        auth->token_name = STR("X-Amz-S3session-Token");
    if (auth->kind == AWL_AUTH_SIGV4A)
        auth->region = region_set(client, auth->region);
    return AWL_OK;
}

enum awl_rc awl_auth_no_token(const struct awl_client *client, struct awl_error *err)
{
    return awl_error_code(err, AWL_ECONFIG, "NoToken",
                          "no bearer token for %.*s: give the client option 'token' or "
                          "AWS_BEARER_TOKEN_<SIGNING NAME>",
                          STR_ARG(client->service->model.name));
}
