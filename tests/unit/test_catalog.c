/* tests/unit/test_catalog.c - registered as unit.catalog */
#include "model/catalog.h"

#include "folder.h"
#include "model_fixture.h"

/* A small model of one operation and of one shape. */
#define SMALL(version, prefix, operation)                                                \
    "{\"metadata\":{\"apiVersion\":\"" version "\",\"endpointPrefix\":\"" prefix         \
    "\",\"protocol\":\"json\",\"serviceId\":\"Small\"},\"operations\":{\"" operation     \
    "\":{\"name\":\"x\",\"http\":{\"method\":\"POST\",\"requestUri\":\"/\"}}},"          \
    "\"shapes\":{\"T\":{\"type\":\"string\"}}}"

/* The shelf of the fixture (2020-02-02) as the pack, and two folders. */
struct place {
    struct folder folder;
    struct fixture fixture;
    struct awl_catalog *catalog;
    struct awl_error err;
};

static void place_init(struct place *p)
{
    memset(p, 0, sizeof(*p));
    folder_init(&p->folder);
    fixture_init(&p->fixture);
    p->catalog = awl_catalog_new(p->fixture.pack, "the pack", &p->err);
    CHECK(p->catalog != NULL);
    put_folder(&p->folder, "first");
    put_folder(&p->folder, "second");
    CHECK_OK(awl_catalog_add_folder(p->catalog, in(&p->folder, "first"), &p->err));
    CHECK_OK(awl_catalog_add_folder(p->catalog, in(&p->folder, "second"), &p->err));
    CHECK_OK(awl_catalog_add_folder(p->catalog, in(&p->folder, "third"), &p->err));
}

static void place_release(struct place *p)
{
    awl_catalog_free(p->catalog);
    awl_buf_release(&p->fixture.bytes);
    folder_remove(&p->folder);
}

static enum awl_rc place_open(struct place *p, const char *service, const char *version,
                              struct awl_model *model)
{
    return awl_catalog_open(p->catalog, awl_str_of(service), awl_str_of(version), model,
                            &p->err);
}

/* Which folder, by its last word; "pack" for none. */
static awl_str from(const struct place *p, const struct awl_model *model)
{
    const char *folder = awl_catalog_folder(p->catalog, model);
    return folder != NULL ? awl_str_of(strrchr(folder, '/') + 1) : STR("pack");
}

TEST(without_folders_the_pack_is_all_there_is)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    place_init(&p);
    CHECK_OK(place_open(&p, "shelf", "", &model));
    CHECK_OK(place_open(&p, "shelf", "2020-02-02", &model));
    CHECK_STR(from(&p, &model), "pack");
    CHECK_OK(place_open(&p, "book-shelf", "", &model));
    CHECK_STR(model.name, "shelf");
    CHECK_INT(place_open(&p, "shel", "", &model), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(p.err.message), "unknown service 'shel'; did you mean 'shelf'?");
    place_release(&p);
}

TEST(a_folder_adds_a_service_which_has_an_endpoint_without_rules)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    struct awl_endpoint endpoint;
    struct awl_endpoint_value values[4] = {{.type = AWL_ENDPOINT_STRING}};
    place_init(&p);
    put_file(&p.folder, "second/small/2021-01-01/service-2.json",
             SMALL("2021-01-01", "tiny", "Go"));
    CHECK_OK(place_open(&p, "small", "", &model));
    CHECK_STR(from(&p, &model), "second");
    CHECK(awl_model_operation(&model, STR("go")) != NULL);

    values[0].string = STR("cn-north-1");
    awl_endpoint_init(&endpoint);
    CHECK_INT(awl_endpoint_parameter_count(&model), 4);
    CHECK_INT(awl_endpoint_parameter_find(&model, STR("Region")), 0);
    CHECK_OK(awl_endpoint_resolve(&model, values, &endpoint, &p.err));
    CHECK_STR(endpoint.url, "https://tiny.cn-north-1.amazonaws.com.cn");
    values[0].string = STR("eu-west-1");
    uint32_t fips = awl_endpoint_parameter_find(&model, STR("UseFIPS"));
    values[fips].type = AWL_ENDPOINT_BOOLEAN;
    values[fips].boolean = true;
    CHECK_OK(awl_endpoint_resolve(&model, values, &endpoint, &p.err));
    CHECK_STR(endpoint.url, "https://tiny-fips.eu-west-1.amazonaws.com");
    awl_endpoint_release(&endpoint);
    CHECK_INT(place_open(&p, "smal", "", &model), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(p.err.message), "unknown service 'smal'; did you mean 'small'?");
    place_release(&p);
}

TEST(the_newest_version_of_all_is_taken_and_others_on_request)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    place_init(&p);
    put_file(&p.folder, "first/shelf/2019-01-01/service-2.json",
             SMALL("2019-01-01", "old", "Old"));
    CHECK_OK(place_open(&p, "shelf", "", &model));
    CHECK_STR(from(&p, &model), "pack");
    CHECK_OK(place_open(&p, "shelf", "2019-01-01", &model));
    CHECK_STR(from(&p, &model), "first");
    CHECK(awl_model_operation(&model, STR("Old")) != NULL);
    CHECK_INT(place_open(&p, "shelf", "2018-01-01", &model), AWL_ENOTFOUND);
    CHECK_STR(awl_str_of(p.err.message), "shelf has no API version '2018-01-01'; there "
                                         "are 2020-02-02, 2019-01-01");
    place_release(&p);

    place_init(&p);
    put_file(&p.folder, "second/shelf/2021-01-01/service-2.json",
             SMALL("2021-01-01", "new", "New"));
    CHECK_OK(place_open(&p, "shelf", "", &model));
    CHECK_STR(from(&p, &model), "second");
    CHECK_OK(place_open(&p, "shelf", "2020-02-02", &model));
    CHECK_STR(from(&p, &model), "pack");
    place_release(&p);
}

TEST(each_file_comes_from_the_first_folder_that_has_it)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    struct awl_paginator paginator;
    place_init(&p);
    put_file(&p.folder, "first/small/1/service-2.json", SMALL("1", "a", "First"));
    put_file(&p.folder, "second/small/1/service-2.json", SMALL("1", "a", "Second"));
    put_file(&p.folder, "second/small/1/paginators-1.json",
             "{\"pagination\":{\"First\":{\"input_token\":\"i\",\"output_token\":"
             "\"o\",\"result_key\":\"r\"}}}");
    put_file(&p.folder, "second/small/1/service-2.sdk-extras.json",
             "{\"version\":1,\"merge\":{\"metadata\":{\"serviceId\":\"Merged\"}}}");
    CHECK_OK(place_open(&p, "small", "", &model));
    const struct awl_operation *op = awl_model_operation(&model, STR("First"));
    CHECK(op != NULL);
    CHECK(awl_model_paginator(&model, op, &paginator));
    CHECK_STR(model.service_id, "Merged");
    place_release(&p);
}

TEST(what_a_folder_does_not_have_comes_from_the_pack)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    struct awl_paginator paginator;
    struct awl_waiter waiter;
    struct awl_waiter_acceptor acceptor;
    place_init(&p);
    put_file(&p.folder, "first/shelf/2020-02-02/service-2.json", FIXTURE_MODEL);
    CHECK_OK(place_open(&p, "shelf", "", &model));
    CHECK_STR(from(&p, &model), "first");
    CHECK(awl_model_paginator(&model, awl_model_operation(&model, STR("list_urls")),
                              &paginator));
    CHECK_INT(paginator.output_token_count, 2);
    CHECK_STR(awl_model_str(&model, paginator.output_tokens[1]), "More");
    CHECK_STR(awl_model_str(&model, paginator.limit_key), "Max");
    CHECK(awl_model_waiter_find(&model, STR("shelf_full"), &waiter));
    CHECK_INT(waiter.max_attempts, 20);
    CHECK_INT(waiter.acceptor_count, 2);
    awl_model_waiter_acceptor(&model, &waiter, 0, &acceptor);
    CHECK_STR(acceptor.expected, "true");
    CHECK_STR(acceptor.argument, "Urls[0]");

    struct awl_endpoint_value values[4] = {
        {.type = AWL_ENDPOINT_STRING, .string = STR("us-odd")}};
    struct awl_endpoint endpoint;
    awl_endpoint_init(&endpoint);
    CHECK_OK(awl_endpoint_resolve(&model, values, &endpoint, &p.err));
    CHECK_STR(endpoint.url, "https://shelf.us-odd.amazonaws.com.cn");
    awl_endpoint_release(&endpoint);
    struct awl_partition partition;
    awl_partition_of_region(&model.partitions, STR("us-odd"), &partition);
    CHECK_STR(partition.name, "aws-cn");
    place_release(&p);
}

TEST(partitions_may_come_from_a_folder)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    struct awl_endpoint endpoint;
    struct awl_endpoint_value values[4] = {
        {.type = AWL_ENDPOINT_STRING, .string = STR("moon-1")}};
    place_init(&p);
    put_file(&p.folder, "first/small/1/service-2.json", SMALL("1", "a", "First"));
    put_file(
        &p.folder, "second/partitions.json",
        "{\"partitions\":[{\"id\":\"aws-moon\",\"regionRegex\":\"^moon\\\\-\\\\d+$\","
        "\"regions\":{},\"outputs\":{\"dnsSuffix\":\"moon.test\"}}]}");
    CHECK_OK(place_open(&p, "small", "", &model));
    awl_endpoint_init(&endpoint);
    CHECK_OK(awl_endpoint_resolve(&model, values, &endpoint, &p.err));
    CHECK_STR(endpoint.url, "https://a.moon-1.moon.test");
    awl_endpoint_release(&endpoint);
    place_release(&p);
}

TEST(a_model_that_is_not_understood_is_named_with_its_file)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    place_init(&p);
    put_file(&p.folder, "first/small/1/service-2.json", "{\"metadata\":}");
    CHECK_INT(place_open(&p, "small", "", &model), AWL_ECONFIG);
    CHECK(strstr(p.err.message, "first/small/1/service-2.json'") != NULL);
    put_file(&p.folder, "first/other/1/service-2.json",
             "{\"metadata\":{\"protocol\":\"telex\"}}");
    CHECK_INT(place_open(&p, "other", "", &model), AWL_ECONFIG);
    CHECK(strstr(p.err.message, "first/other/1'") != NULL);
    CHECK(strstr(p.err.message, "unknown protocol 'telex'") != NULL);
    CHECK_OK(place_open(&p, "shelf", "", &model));
    place_release(&p);
}

TEST(names_cannot_lead_out_of_a_folder)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    place_init(&p);
    put_file(&p.folder, "first/small/1/service-2.json", SMALL("1", "a", "First"));
    CHECK_INT(place_open(&p, "../first/small", "", &model), AWL_ENOTFOUND);
    CHECK_INT(place_open(&p, "small", "../small/1", &model), AWL_ENOTFOUND);
    CHECK_INT(
        awl_catalog_open(p.catalog, awl_str_make("small\0x", 7), STR(""), &model, &p.err),
        AWL_ENOTFOUND);
    place_release(&p);
}

TEST(services_and_versions_are_listed_once_and_sorted)
{
    UNUSED_STATE;
    struct place p;
    struct awl_names names = {NULL, 0}, versions = {NULL, 0};
    place_init(&p);
    put_file(&p.folder, "first/zoo/1/service-2.json", SMALL("1", "a", "First"));
    put_file(&p.folder, "first/shelf/2020-02-02/service-2.json", FIXTURE_MODEL);
    put_file(&p.folder, "second/shelf/2019-01-01/service-2.json", FIXTURE_MODEL);
    put_folder(&p.folder, "second/empty/1");
    CHECK_OK(awl_catalog_services(p.catalog, &names, &p.err));
    CHECK_INT(names.count, 2);
    CHECK_STR(awl_str_of(names.names[0]), "shelf");
    CHECK_STR(awl_str_of(names.names[1]), "zoo");
    CHECK_OK(awl_catalog_versions(p.catalog, "shelf", &versions, &p.err));
    CHECK_INT(versions.count, 2);
    CHECK_STR(awl_str_of(versions.names[0]), "2019-01-01");
    awl_names_free(&names);
    awl_names_free(&versions);
    place_release(&p);
}

TEST(the_environment_names_folders)
{
    UNUSED_STATE;
    struct place p;
    struct awl_model model;
    char path[600];
    place_init(&p);
    put_file(&p.folder, "a/one/1/service-2.json", SMALL("1", "a", "First"));
    put_file(&p.folder, "b/two/1/service-2.json", SMALL("1", "a", "First"));
    put_file(&p.folder, ".aws/models/three/1/service-2.json", SMALL("1", "a", "First"));
    setenv("HOME", p.folder.root, 1);
    setenv("AWL_TEST_B", "b", 1);
    snprintf(path, sizeof(path), "%s/a:/nowhere::~/${AWL_TEST_B}", p.folder.root);
    setenv("AWS_DATA_PATH", path, 1);
    CHECK_OK(awl_catalog_add_user_folders(p.catalog, &p.err));
    CHECK_OK(place_open(&p, "one", "", &model));
    CHECK_OK(place_open(&p, "two", "", &model));
    CHECK_OK(place_open(&p, "three", "", &model));
    CHECK_STR(from(&p, &model), "models");
    unsetenv("AWS_DATA_PATH");
    place_release(&p);
}

TEST_MAIN(RUN(without_folders_the_pack_is_all_there_is),
          RUN(a_folder_adds_a_service_which_has_an_endpoint_without_rules),
          RUN(the_newest_version_of_all_is_taken_and_others_on_request),
          RUN(each_file_comes_from_the_first_folder_that_has_it),
          RUN(what_a_folder_does_not_have_comes_from_the_pack),
          RUN(partitions_may_come_from_a_folder),
          RUN(a_model_that_is_not_understood_is_named_with_its_file),
          RUN(names_cannot_lead_out_of_a_folder),
          RUN(services_and_versions_are_listed_once_and_sorted),
          RUN(the_environment_names_folders))
