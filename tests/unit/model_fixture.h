/* model_fixture.h - a small service for the tests of runtime/model. */
#ifndef AWL_TESTS_MODEL_FIXTURE_H
#define AWL_TESTS_MODEL_FIXTURE_H

#include "model/compile.h"
#include "model/endpoint.h"
#include "test.h"

#define FIXTURE_MODEL                                                                    \
    "{\"metadata\":{\"apiVersion\":\"2020-02-02\",\"endpointPrefix\":\"library\","       \
    "\"protocol\":\"query\",\"protocols\":[\"query\",\"json\"],\"jsonVersion\":\"1.1\"," \
    "\"serviceFullName\":\"Shelf\",\"serviceId\":\"Book Shelf\","                        \
    "\"signatureVersion\":\"v4\",\"targetPrefix\":\"Shelf\",\"auth\":[\"a\",\"b\"],"     \
    "\"protocolSettings\":{\"h2\":\"optional\"},\"awsQueryCompatible\":{}},"             \
    "\"operations\":{"                                                                   \
    "\"PutBook\":{\"name\":\"PutBook\",\"http\":{\"method\":\"PUT\","                    \
    "\"requestUri\":\"/b/{Title}\",\"responseCode\":201},"                               \
    "\"input\":{\"shape\":\"Book\",\"locationName\":\"BookRequest\","                    \
    "\"xmlNamespace\":{\"uri\":\"urn:b\"}},\"errors\":[{\"shape\":\"NoRoom\"},"          \
    "{\"shape\":\"NoShelf\"}],\"idempotent\":true,\"endpoint\":{\"hostPrefix\":\"x.\"}," \
    "\"httpChecksum\":{\"requestAlgorithmMember\":\"Alg\","                              \
    "\"requestChecksumRequired\":true,\"responseAlgorithms\":[\"CRC32\",\"SHA256\"]},"   \
    "\"staticContextParams\":{\"Secure\":{\"value\":true},\"Kind\":{\"value\":\"k\"},"   \
    "\"Many\":{\"value\":[\"p\",\"q\"]}},"                                               \
    "\"operationContextParams\":{\"Path\":{\"path\":\"keys(Map)\"}}},"                   \
    "\"ListURLs\":{\"name\":\"ListURLs\",\"http\":{\"method\":\"POST\","                 \
    "\"requestUri\":\"/\"},\"output\":{\"shape\":\"Page\",\"resultWrapper\":\"W\"},"     \
    "\"authtype\":\"none\",\"readonly\":true}},"                                         \
    "\"shapes\":{"                                                                       \
    "\"Book\":{\"type\":\"structure\",\"required\":[\"Title\"],\"payload\":\"Body\","    \
    "\"members\":{\"Title\":{\"shape\":\"Text\",\"location\":\"uri\","                   \
    "\"locationName\":\"T\",\"contextParam\":{\"name\":\"Bucket\"}},"                    \
    "\"Other\":{\"shape\":\"Text\",\"locationName\":\"T\"},"                             \
    "\"Body\":{\"shape\":\"Bytes\",\"streaming\":true},"                                 \
    "\"Token\":{\"shape\":\"Text\",\"idempotencyToken\":true},"                          \
    "\"Sequels\":{\"shape\":\"Books\"},\"Map\":{\"shape\":\"Tags\"},"                    \
    "\"When\":{\"shape\":\"Day\"}}},"                                                    \
    "\"Books\":{\"type\":\"list\",\"member\":{\"shape\":\"Book\",\"locationName\":"      \
    "\"item\"},\"flattened\":true},"                                                     \
    "\"Tags\":{\"type\":\"map\",\"key\":{\"shape\":\"Text\",\"locationName\":\"K\"},"    \
    "\"value\":{\"shape\":\"Text\"}},"                                                   \
    "\"Page\":{\"type\":\"structure\",\"members\":{\"Urls\":{\"shape\":\"Books\"},"      \
    "\"Next\":{\"shape\":\"Text\"},\"Any\":{\"shape\":\"Free\"}}},"                      \
    "\"Free\":{\"type\":\"structure\",\"document\":true,\"members\":{}},"                \
    "\"Text\":{\"type\":\"string\",\"min\":1,\"max\":1.5,\"pattern\":\"a+\","            \
    "\"enum\":[\"one\",\"two\"],\"sensitive\":true},"                                    \
    "\"Day\":{\"type\":\"timestamp\",\"timestampFormat\":\"rfc822\"},"                   \
    "\"Bytes\":{\"type\":\"blob\"},"                                                     \
    "\"NoRoom\":{\"type\":\"structure\",\"members\":{\"Message\":{\"shape\":\"Text\"}}," \
    "\"exception\":true,\"error\":{\"code\":\"Full\",\"httpStatusCode\":409,"            \
    "\"senderFault\":true},\"retryable\":{\"throttling\":true}},"                        \
    "\"NoShelf\":{\"type\":\"structure\",\"members\":{},\"exception\":true},"            \
    "\"Full\":{\"type\":\"structure\",\"members\":{},\"exception\":true}}}"

#define FIXTURE_PAGINATORS                                                               \
    "{\"ListURLs\":{\"input_token\":\"Next\",\"output_token\":[\"Next\",\"More\"],"      \
    "\"result_key\":\"Urls\",\"limit_key\":\"Max\",\"non_aggregate_keys\":[\"Any\"]},"   \
    "\"Gone\":{\"input_token\":\"x\",\"output_token\":\"x\",\"result_key\":\"x\"}}"

#define FIXTURE_WAITERS                                                                  \
    "{\"ShelfFull\":{\"operation\":\"ListURLs\",\"delay\":3,\"maxAttempts\":20,"         \
    "\"acceptors\":[{\"matcher\":\"path\",\"argument\":\"Urls[0]\",\"expected\":true,"   \
    "\"state\":\"success\"},{\"matcher\":\"status\",\"expected\":404,"                   \
    "\"state\":\"retry\"}]},"                                                            \
    "\"BookThere\":{\"operation\":\"PutBook\",\"delay\":1,\"maxAttempts\":2,"            \
    "\"acceptors\":[]}}"

#define FIXTURE_RULES                                                                    \
    "{\"version\":\"1.0\",\"parameters\":{"                                              \
    "\"Region\":{\"builtIn\":\"AWS::Region\",\"required\":true,\"type\":\"String\"},"    \
    "\"Secure\":{\"type\":\"Boolean\",\"default\":true,\"required\":true},"              \
    "\"Bucket\":{\"type\":\"String\"},"                                                  \
    "\"Many\":{\"type\":\"stringArray\",\"default\":[\"d\"],\"required\":true}},"        \
    "\"rules\":[{\"type\":\"tree\",\"conditions\":[{\"fn\":\"aws.partition\","           \
    "\"argv\":[{\"ref\":\"Region\"}],\"assign\":\"P\"}],\"rules\":["                     \
    "{\"type\":\"endpoint\",\"conditions\":[{\"fn\":\"aws.parseArn\",\"argv\":["         \
    "{\"ref\":\"Bucket\"}],\"assign\":\"A\"}],\"endpoint\":{"                            \
    "\"url\":\"https://{A#resourceId[1]}.{P#dnsSuffix}\",\"properties\":{"               \
    "\"authSchemes\":[{\"name\":\"sigv4a\",\"signingName\":\"{A#service}\","             \
    "\"signingRegionSet\":[\"*\",\"{Region}\"],\"disableDoubleEncoding\":true},"         \
    "{\"name\":\"sigv4\",\"signingRegion\":\"{Region}\"}],"                              \
    "\"backend\":\"S3Express\",\"n\":{\"deep\":[1,false]}},"                             \
    "\"headers\":{\"x-account\":[\"{A#accountId}\",\"2\"]}}},"                           \
    "{\"type\":\"error\",\"conditions\":[{\"fn\":\"not\",\"argv\":[{\"ref\":"            \
    "\"Secure\"}]}],\"error\":\"not secure: {{{Region}}}\"},"                            \
    "{\"type\":\"endpoint\",\"conditions\":[{\"fn\":\"isSet\",\"argv\":[{\"ref\":"       \
    "\"Bucket\"}]},{\"fn\":\"substring\",\"argv\":[{\"ref\":\"Bucket\"},0,3,true],"      \
    "\"assign\":\"S\"}],\"endpoint\":{\"url\":\"https://{S}.{P#name}\"}},"               \
    "{\"type\":\"endpoint\",\"conditions\":[{\"fn\":\"stringEquals\",\"argv\":["         \
    "{\"fn\":\"getAttr\",\"argv\":[{\"ref\":\"Many\"},\"[0]\"]},\"d\"]}],"               \
    "\"endpoint\":{\"url\":\"https://shelf.{Region}.{P#dnsSuffix}\"}}]}]}"

#define FIXTURE_PARTITIONS                                                               \
    "[{\"id\":\"aws\",\"regionRegex\":\"^(us|eu)\\\\-\\\\w+\\\\-\\\\d+$\","              \
    "\"regions\":{\"aws-global\":{}},\"outputs\":{\"dnsSuffix\":\"amazonaws.com\","      \
    "\"dualStackDnsSuffix\":\"api.aws\",\"implicitGlobalRegion\":\"us-east-1\","         \
    "\"supportsFIPS\":true,\"supportsDualStack\":true}},"                                \
    "{\"id\":\"aws-cn\",\"regionRegex\":\"^cn\\\\-\\\\w+\\\\-\\\\d+$\","                 \
    "\"regions\":{\"us-odd\":{}},\"outputs\":{\"dnsSuffix\":\"amazonaws.com.cn\","       \
    "\"supportsFIPS\":true}}]"

#define FIXTURE_INPUT                                                                    \
    {                                                                                    \
        .name = STR("shelf"), .model = STR(FIXTURE_MODEL), .rules = STR(FIXTURE_RULES),  \
        .paginators = STR(FIXTURE_PAGINATORS), .waiters = STR(FIXTURE_WAITERS),          \
        .partitions = STR(FIXTURE_PARTITIONS)                                            \
    }

struct fixture {
    struct awl_buf bytes;
    struct awl_pack *pack;
    struct awl_model model;
};

/* Compiles and opens a service, checking the pack as a foreign one. */
static inline void fixture_open(struct fixture *f, const struct awl_compile_input *input)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_buf_init(&f->bytes, AWL_PACK_MAX);
    if (awl_compile_service(input, &f->bytes, &err) != AWL_OK)
        fail_msg("%s", err.message);
    f->pack = awl_pack_open(f->bytes.ptr, f->bytes.len, "fixture", false, &err);
    if (f->pack == NULL)
        fail_msg("%s", err.message);
    CHECK_OK(awl_model_open(f->pack, input->name, &f->model, &err));
}

static inline void fixture_init(struct fixture *f)
{
    const struct awl_compile_input input = FIXTURE_INPUT;
    fixture_open(f, &input);
}

static inline void fixture_release(struct fixture *f)
{
    awl_pack_free(f->pack);
    awl_buf_release(&f->bytes);
}

/* A shape by its name, which must exist. */
static inline const struct awl_shape *fixture_shape(const struct fixture *f,
                                                    const char *name)
{
    for (uint32_t i = 0; i < f->model.shape_count; i++) {
        const struct awl_shape *shape = awl_model_shape(&f->model, i);
        if (awl_str_eq(awl_model_str(&f->model, shape->name), awl_str_of(name)))
            return shape;
    }
    fail_msg("no shape '%s'", name);
    return NULL;
}

static inline const struct awl_operation *fixture_operation(const struct fixture *f,
                                                            const char *name)
{
    const struct awl_operation *op = awl_model_operation(&f->model, awl_str_of(name));
    if (op == NULL)
        fail_msg("no operation '%s'", name);
    return op;
}

#endif
