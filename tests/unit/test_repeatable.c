#include "call/repeatable.h"

#include "test.h"

/* Puts a string as a pack has it (its length in 16 bits, the text, NUL) and returns
 * its offset. */
static uint32_t put_string(char *strings, uint32_t *at, const char *text)
{
    uint16_t len = (uint16_t)strlen(text);
    uint32_t offset = *at + (uint32_t)sizeof(len);
    memcpy(strings + *at, &len, sizeof(len));
    memcpy(strings + offset, text, len + 1u);
    *at = offset + len + 1u;
    return offset;
}

/* Asks about an operation of a model that has only this one. */
static bool repeatable(const char *name, const char *method, uint32_t flags)
{
    char strings[200];
    uint32_t at = 0;
    struct awl_model model = {.strings = strings};
    struct awl_operation operation = {.flags = flags};

    operation.name = put_string(strings, &at, name);
    operation.http_method = put_string(strings, &at, method);
    return awl_call_repeatable(&model, &operation);
}

TEST(an_operation_that_reads_by_its_name_is_repeatable)
{
    UNUSED_STATE;
    static const char *const names[] = {
        "GetItem", "ListTables", "DescribeInstances", "HeadObject",   "BatchGetItem",
        "Query",   "Scan",       "SearchFaces",       "LookupEvents",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        CHECK(repeatable(names[i], "POST", 0));
}

TEST(an_operation_that_changes_something_is_not)
{
    UNUSED_STATE;
    static const char *const names[] = {
        "Invoke",      "RunInstances", "SendMessage", "Publish",
        "GetawayPlan", "Listen",       "Scanner",     "BatchWriteItem",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        CHECK(!repeatable(names[i], "POST", 0));
}

TEST(the_methods_of_http_that_are_idempotent_count)
{
    UNUSED_STATE;
    CHECK(repeatable("UploadThing", "PUT", 0));
    CHECK(repeatable("RemoveThing", "DELETE", 0));
    CHECK(repeatable("FetchThing", "GET", 0));
    CHECK(repeatable("ProbeThing", "HEAD", 0));
    CHECK(!repeatable("ChangeThing", "PATCH", 0));
    CHECK(!repeatable("ChangeThing", "POST", 0));
}

TEST(the_models_traits_count)
{
    UNUSED_STATE;
    CHECK(repeatable("Compute", "POST", AWL_OPERATION_READONLY));
    CHECK(repeatable("Ensure", "POST", AWL_OPERATION_IDEMPOTENT));
    CHECK(repeatable("RunInstances", "POST", AWL_OPERATION_TOKEN));
    CHECK(!repeatable("RunInstances", "POST", AWL_OPERATION_DEPRECATED));
}

TEST_MAIN(RUN(an_operation_that_reads_by_its_name_is_repeatable),
          RUN(an_operation_that_changes_something_is_not),
          RUN(the_methods_of_http_that_are_idempotent_count),
          RUN(the_models_traits_count))
