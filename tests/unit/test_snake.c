/* tests/unit/test_snake.c - registered as unit.snake */
#include "model/snake.h"

#include "test.h"

static void check(const char *name, const char *snake)
{
    struct awl_buf out;
    awl_buf_init(&out, 1024);
    CHECK_OK(awl_snake_append(&out, awl_str_of(name)));
    CHECK_BUF(&out, snake);
    awl_buf_release(&out);
}

TEST(words_are_parted_at_capitals)
{
    UNUSED_STATE;
    check("ListObjectsV2", "list_objects_v2");
    check("GetObject", "get_object");
    check("CreateDBInstance", "create_db_instance");
    check("AssociateVPCWithHostedZone", "associate_vpc_with_hosted_zone");
    check("Get2Things", "get2_things");
    check("X", "x");
    check("", "");
}

TEST(a_plural_of_capitals_is_one_word)
{
    UNUSED_STATE;
    check("ListURLs", "list_urls");
    check("DescribeACLs", "describe_acls");
    check("ListOpenIDConnectProviders", "list_open_id_connect_providers");
    check("GetAs", "get_as");
}

TEST(names_of_products_are_one_word)
{
    UNUSED_STATE;
    check("CreateCachediSCSIVolume", "create_cached_iscsi_volume");
    check("ListHITsForQualificationType", "list_hits_for_qualification_type");
    check("ExecutePartiQLBatch", "execute_partiql_batch");
    check("SendWhatsAppMessage", "send_whatsapp_message");
    check("GetOTelEnrichment", "get_otel_enrichment");
}

TEST(a_name_with_underscores_stays)
{
    UNUSED_STATE;
    check("list_objects_v2", "list_objects_v2");
    check("Already_There", "Already_There");
}

TEST(a_name_too_long_to_be_one_is_an_error)
{
    UNUSED_STATE;
    char name[2000];
    struct awl_buf out;
    memset(name, 'A', sizeof(name));
    awl_buf_init(&out, 4096);
    CHECK_RC(awl_snake_append(&out, awl_str_make(name, sizeof(name))), AWL_ELIMIT);
    awl_buf_release(&out);
}

TEST_MAIN(RUN(words_are_parted_at_capitals), RUN(a_plural_of_capitals_is_one_word),
          RUN(names_of_products_are_one_word), RUN(a_name_with_underscores_stays),
          RUN(a_name_too_long_to_be_one_is_an_error))
