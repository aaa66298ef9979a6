/* The endpoint rules of real services. The first byte chooses the service, each line is
 * the value of one parameter: "-" for none, "true", or strings with commas between. */
#include "fuzz.h"
#include "model/embedded.h"
#include "model/endpoint.h"

static const char *const services[] = {"s3",     "s3control", "sts",    "dynamodb",
                                       "events", "s3tables",  "lambda", "kinesis"};
#define SERVICES (sizeof(services) / sizeof(services[0]))
#define STRINGS_MAX 8

static struct awl_pack *open_pack(void)
{
    static struct awl_pack *pack;
    size_t len;
    const void *bytes = awl_embedded_pack(&len);
    if (pack == NULL)
        pack = awl_pack_open(bytes, len, "embedded", true, NULL);
    require(pack != NULL);
    return pack;
}

static size_t split(awl_str text, awl_str *strings)
{
    size_t count = 0, from = 0;
    while (count < STRINGS_MAX) {
        size_t comma = awl_str_find(text, ',', from);
        strings[count++] = awl_str_slice(text, from, comma);
        if (comma == SIZE_MAX)
            break;
        from = comma + 1;
    }
    return count;
}

/* `strings` lives as long as the value. */
static void value_set(struct awl_endpoint_value *value, enum awl_endpoint_value_type type,
                      awl_str text, awl_str *strings)
{
    if (awl_str_eq(text, STR("-")))
        return;
    value->type = type;
    value->boolean = awl_str_eq(text, STR("true"));
    value->string = text;
    value->strings = strings;
    value->string_count = split(text, strings);
}

static void check(const struct awl_endpoint *endpoint)
{
    require(endpoint->auth_scheme_count <= AWL_ENDPOINT_AUTH_SCHEMES_MAX);
    require(endpoint->properties.len >= 2 && endpoint->properties.ptr[0] == '{');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_endpoint_value values[AWL_ENDPOINT_PARAMETERS_MAX] = {{0}};
    awl_str strings[AWL_ENDPOINT_PARAMETERS_MAX][STRINGS_MAX];
    awl_str rest = awl_str_make((const char *)data, size), line;
    struct awl_pack *pack = open_pack();
    struct awl_model model;
    struct awl_endpoint endpoint;
    const char *service = services[take_byte(&rest) % SERVICES];
    require(awl_model_open(pack, awl_str_of(service), &model, NULL) == AWL_OK);
    for (uint32_t i = 0; i < awl_endpoint_parameter_count(&model); i++) {
        struct awl_endpoint_parameter parameter;
        awl_endpoint_parameter(&model, i, &parameter);
        if (take_line(&rest, &line))
            value_set(&values[i], parameter.type, line, strings[i]);
    }
    awl_endpoint_init(&endpoint);
    if (awl_endpoint_resolve(&model, values, &endpoint, NULL) == AWL_OK)
        check(&endpoint);
    awl_endpoint_release(&endpoint);
    return 0;
}
