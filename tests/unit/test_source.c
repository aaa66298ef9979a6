/* tests/unit/test_source.c - registered as unit.source */
#include "model/source.h"

#include <unistd.h>
#include <zlib.h>

#include "folder.h"
#include "test.h"

static void put_gzip(struct folder *f, const char *name, const char *text)
{
    gzFile file = gzopen(in(f, name), "wb");
    CHECK(file != NULL);
    CHECK_INT(gzputs(file, text), (int)strlen(text));
    CHECK_INT(gzclose(file), Z_OK);
}

/* A package with a data directory as botocore's. */
static void folder_make(struct folder *f)
{
    folder_init(f);
    put_folder(f, "data");
    put_file(f, "__init__.py", "import os\n\n__version__ = '9.8.7'\n");
    put_file(f, "data/partitions.json", "{\"version\":\"1.1\", \"partitions\": [ ]}");
    put_file(f, "data/endpoints.json", "{}");
    put_folder(f, "data/zoo");
    put_folder(f, "data/zoo/2020-01-01");
    put_gzip(f, "data/zoo/2020-01-01/service-2.json.gz", "{\"metadata\": {\"n\": 1.50}}");
    put_folder(f, "data/ant");
    put_folder(f, "data/ant/2019-01-01");
    put_file(f, "data/ant/2019-01-01/service-2.json", "{\"old\":true}");
    put_folder(f, "data/ant/2020-01-01");
    put_file(
        f, "data/ant/2020-01-01/service-2.json",
        "{\"documentation\":\"<p>no</p>\", \"b\":{\"documentation\":{\"shape\":\"D\","
        "\"documentation\":\"no\"}}, \"a\":[\"\\u00e9\\/\"], \"examples\":{}}");
    put_file(f, "data/ant/2020-01-01/service-2.sdk-extras.json",
             "{\"version\":1,\"merge\":{\"b\":{\"more\":{}},\"a\":null}}");
    put_file(f, "data/ant/2020-01-01/paginators-1.json",
             "{\"pagination\":{\"L\":{\"input_token\":\"t\"}}}");
    put_file(f, "data/ant/2020-01-01/paginators-1.sdk-extras.json",
             "{\"merge\":{\"pagination\":{\"L\":{\"non_aggregate_keys\":[\"K\"]}}}}");
    put_file(f, "data/ant/2020-01-01/waiters-2.json",
             "{\"version\":2,\"waiters\":{\"W\":{\"description\":\"no\",\"delay\":3}}}");
    put_folder(f, "data/empty");
    put_folder(f, "data/empty/2020-01-01");
}

TEST(the_newest_version_is_read_with_its_extras_and_without_words)
{
    UNUSED_STATE;
    struct folder f;
    struct awl_buf out;
    struct awl_error err = AWL_ERROR_INIT;
    folder_make(&f);
    awl_buf_init(&out, AWL_SOURCE_MAX);
    CHECK_OK(awl_source_read(in(&f, "data"), NULL, &out, &err));
    CHECK_BUF(&out,
              "{\"format\":1,\"version\":\"botocore 9.8.7\",\"partitions\":[]}\n"
              "{\"name\":\"ant\",\"model\":{\"b\":{\"documentation\":{\"shape\":\"D\"},"
              "\"more\":{}},\"a\":null},"
              "\"paginators\":{\"L\":{\"input_token\":\"t\","
              "\"non_aggregate_keys\":[\"K\"]}},\"waiters\":{\"W\":{\"delay\":3}}}\n"
              "{\"name\":\"zoo\",\"model\":{\"metadata\":{\"n\":1.50}}}\n");
    awl_buf_release(&out);
    folder_remove(&f);
}

static void check_read_fails(struct folder *f, enum awl_rc rc, const char *part)
{
    struct awl_buf out;
    struct awl_error err = AWL_ERROR_INIT;
    awl_buf_init(&out, AWL_SOURCE_MAX);
    CHECK_RC(awl_source_read(in(f, "data"), NULL, &out, &err), rc);
    CHECK(strstr(err.message, part) != NULL);
    awl_buf_release(&out);
}

TEST(a_damaged_file_is_named)
{
    UNUSED_STATE;
    struct folder f;
    folder_make(&f);
    put_file(&f, "data/zoo/2020-01-01/service-2.json", "{\"metadata\":}");
    check_read_fails(&f, AWL_EPARSE, "zoo/2020-01-01/service-2.json");
    CHECK_INT(unlink(in(&f, "data/zoo/2020-01-01/service-2.json")), 0);
    put_file(&f, "data/zoo/2020-01-01/service-2.json.gz", "plain text");
    check_read_fails(&f, AWL_EPARSE, "service-2.json.gz: damaged gzip data");
    folder_remove(&f);
}

TEST(a_directory_without_partitions_is_no_data_directory)
{
    UNUSED_STATE;
    struct folder f;
    folder_make(&f);
    CHECK_INT(unlink(in(&f, "data/partitions.json")), 0);
    check_read_fails(&f, AWL_ENOTFOUND, "no botocore data directory");
    folder_remove(&f);
}

TEST(lines_are_taken_off_one_by_one)
{
    UNUSED_STATE;
    awl_str text = STR("a\n\nb"), line;
    CHECK(awl_source_line(&text, &line));
    CHECK_STR(line, "a");
    CHECK(awl_source_line(&text, &line));
    CHECK_STR(line, "");
    CHECK(awl_source_line(&text, &line));
    CHECK_STR(line, "b");
    CHECK(!awl_source_line(&text, &line));
}

TEST_MAIN(RUN(the_newest_version_is_read_with_its_extras_and_without_words),
          RUN(a_damaged_file_is_named),
          RUN(a_directory_without_partitions_is_no_data_directory),
          RUN(lines_are_taken_off_one_by_one))
