/* The expected signatures are those of botocore 1.43.11. */
#include "test.h"

#include "aws/sigv2.h"

#define NOW_MS 1767225600000 /* 2026-01-01T00:00:00Z */

static struct awl_buf sign(const char *form, const struct awl_credentials *credentials)
{
    struct awl_buf buf;
    awl_buf_init(&buf, 4096);
    awl_buf_append_str(&buf, awl_str_of(form));
    CHECK_OK(awl_sigv2_sign(credentials, STR("sdb.amazonaws.com"), STR("/"), NOW_MS, &buf,
                            NULL));
    return buf;
}

static const struct awl_credentials keys = {
    .access_key_id = STR("AKIDTEST"),
    .secret_access_key = STR("secret"),
};

#define SELECT                                                                           \
    "Action=Select&Version=2009-04-15&SelectExpression=select%20%2A%20from%20%60d%60"    \
    "%20where%20a%20%3D%20%27x%20y%2Bz%2F~%27"
#define SIGNED                                                                           \
    SELECT "&AWSAccessKeyId=AKIDTEST&SignatureVersion=2&SignatureMethod=HmacSHA256"      \
           "&Timestamp=2026-01-01T00%3A00%3A00Z"                                         \
           "&Signature=4UJpS%2FuIBUR68iwRuC4hHCCqHiqTHj95FPKeQwy9ejs%3D"

TEST(a_form_is_signed_as_botocore_does)
{
    UNUSED_STATE;
    struct awl_buf form = sign(SELECT, &keys);
    CHECK_BUF(&form, SIGNED);
    awl_buf_release(&form);
}

TEST(an_earlier_signature_is_replaced)
{
    UNUSED_STATE;
    struct awl_buf form = sign(SIGNED, &keys);
    CHECK_BUF(&form, SIGNED);
    awl_buf_release(&form);
}

TEST(an_empty_form_and_names_without_values_do_no_harm)
{
    UNUSED_STATE;
    struct awl_buf form = sign("", &keys);
    CHECK(awl_str_starts(awl_buf_str(&form), STR("AWSAccessKeyId=AKIDTEST&")));
    awl_buf_release(&form);
    form = sign("b&&a", &keys);
    CHECK(awl_str_starts(awl_buf_str(&form), STR("b&&a&AWSAccessKeyId=AKIDTEST&")));
    awl_buf_release(&form);
}

TEST(nothing_is_signed_without_keys)
{
    UNUSED_STATE;
    const struct awl_credentials none = {.access_key_id = STR("AKIDTEST")};
    struct awl_buf form;
    awl_buf_init(&form, 4096);
    CHECK_RC(awl_sigv2_sign(&none, STR("h"), STR("/"), NOW_MS, &form, NULL), AWL_ECONFIG);
    awl_buf_release(&form);
}

TEST_MAIN(RUN(a_form_is_signed_as_botocore_does), RUN(an_earlier_signature_is_replaced),
          RUN(an_empty_form_and_names_without_values_do_no_harm),
          RUN(nothing_is_signed_without_keys))
