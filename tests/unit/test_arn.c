#include "test.h"

#include "aws/arn.h"

TEST(an_arn_has_six_parts)
{
    UNUSED_STATE;
    struct awl_arn arn;
    CHECK(awl_arn_parse(STR("arn:aws:lambda:eu-west-1:123456789012:function:f:1"), &arn));
    CHECK_STR(arn.partition, "aws");
    CHECK_STR(arn.service, "lambda");
    CHECK_STR(arn.region, "eu-west-1");
    CHECK_STR(arn.account_id, "123456789012");
    CHECK_STR(arn.resource, "function:f:1");
}

TEST(region_and_account_may_be_empty)
{
    UNUSED_STATE;
    struct awl_arn arn;
    CHECK(awl_arn_parse(STR("arn:aws:s3:::bucket/key"), &arn));
    CHECK_STR(arn.region, "");
    CHECK_STR(arn.account_id, "");
    CHECK_STR(arn.resource, "bucket/key");
}

TEST(an_arn_without_partition_service_or_resource_is_none)
{
    UNUSED_STATE;
    struct awl_arn arn;
    static const char *const bad[] = {
        "",
        "asdf",
        "arn",
        "arn:aws:s3:us-west-2:123456789012",
        "arn:aws:s3:us-west-2:123456789012:",
        "arn:aws::us-west-2:123456789012:r",
        "arn::s3:us-west-2:123456789012:r",
        "ARN:aws:s3:::r",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!awl_arn_parse(awl_str_of(bad[i]), &arn));
}

TEST(a_resource_splits_at_colons_and_slashes)
{
    UNUSED_STATE;
    awl_str rest = STR("accesspoint:a/b::"), part;
    static const char *const parts[] = {"accesspoint", "a", "b", "", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        CHECK(awl_arn_resource_next(&rest, &part));
        CHECK_STR(part, parts[i]);
    }
    CHECK(!awl_arn_resource_next(&rest, &part));
}

TEST_MAIN(RUN(an_arn_has_six_parts), RUN(region_and_account_may_be_empty),
          RUN(an_arn_without_partition_service_or_resource_is_none),
          RUN(a_resource_splits_at_colons_and_slashes))
