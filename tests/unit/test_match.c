#include "wire_fixture.h"

static struct fixture f;

/* What S3's paths look like. */
static void open(void)
{
    fixture_open(
        &f, "rest-xml", "",
        "'ListBuckets':{'name':'ListBuckets','http':{'method':'GET','requestUri':'/'}},"
        "'ListObjects':{'name':'ListObjects','http':{'method':'GET','requestUri':"
        "'/{Bucket}'},'input':{'shape':'InBucket'}},"
        "'ListObjectsV2':{'name':'ListObjectsV2','http':{'method':'GET','requestUri':"
        "'/{Bucket}?list-type=2'},'input':{'shape':'InBucket'}},"
        "'GetObject':{'name':'GetObject','http':{'method':'GET','requestUri':"
        "'/{Bucket}/{Key+}?x-id=GetObject'},'input':{'shape':'InKey'}},"
        "'GetObjectAcl':{'name':'GetObjectAcl','http':{'method':'GET','requestUri':"
        "'/{Bucket}/{Key+}?acl'},'input':{'shape':'InKey'}},"
        "'ListParts':{'name':'ListParts','http':{'method':'GET','requestUri':"
        "'/{Bucket}/{Key+}?x-id=ListParts'},'input':{'shape':'InUpload'}},"
        "'PutObject':{'name':'PutObject','http':{'method':'PUT','requestUri':"
        "'/{Bucket}/{Key+}'},'input':{'shape':'InKey'}},"
        "'CopyObject':{'name':'CopyObject','http':{'method':'PUT','requestUri':"
        "'/{Bucket}/{Key+}'},'input':{'shape':'InCopy'}},"
        "'Tags':{'name':'Tags','http':{'method':'PUT','requestUri':'/tags/{Key}'},"
        "'input':{'shape':'InTags'}}",
        "'InBucket':{'type':'structure','required':['Bucket'],'members':{"
        "'Bucket':{'shape':'Text','location':'uri','locationName':'Bucket'}}},"
        "'InKey':{'type':'structure','required':['Bucket','Key'],'members':{"
        "'Bucket':{'shape':'Text','location':'uri','locationName':'Bucket'},"
        "'Key':{'shape':'Text','location':'uri','locationName':'Key'}}},"
        "'InTags':{'type':'structure','required':['Key'],'members':{"
        "'Key':{'shape':'Text','location':'uri','locationName':'Key'}}},"
        "'InUpload':{'type':'structure','required':['Bucket','Key','UploadId'],'members':"
        "{"
        "'Bucket':{'shape':'Text','location':'uri','locationName':'Bucket'},"
        "'Key':{'shape':'Text','location':'uri','locationName':'Key'},"
        "'UploadId':{'shape':'Text','location':'querystring','locationName':'uploadId'}}}"
        ","
        "'InCopy':{'type':'structure','required':['Bucket','Key','Source'],'members':{"
        "'Bucket':{'shape':'Text','location':'uri','locationName':'Bucket'},"
        "'Key':{'shape':'Text','location':'uri','locationName':'Key'},"
        "'Source':{'shape':'Text','location':'header','locationName':"
        "'x-amz-copy-source'}}},"
        "'Text':{'type':'string'}");
}

static void request(const char *method, const char *path, const char *query)
{
    awl_request_clear(&f.request);
    f.request.method = awl_str_of(method);
    awl_buf_append_str(&f.request.path, awl_str_of(path));
    awl_buf_append_str(&f.request.query, awl_str_of(query));
}

static void check_match(const char *expected)
{
    const struct awl_operation *operation = awl_wire_match(&f.wire, &f.request);
    if (expected == NULL) {
        CHECK(operation == NULL);
        return;
    }
    assert_non_null(operation);
    CHECK_STR(awl_model_operation_name(&f.model, operation), expected);
}

TEST(path_and_literal_query_decide)
{
    UNUSED_STATE;
    open();
    request("GET", "/", "");
    check_match("ListBuckets");
    request("GET", "/b", "prefix=x");
    check_match("ListObjects");
    request("GET", "/b/", "list-type=2");
    check_match("ListObjectsV2");
    request("GET", "/b/a/b%20c", "");
    check_match("GetObject");
    request("GET", "/b/a", "acl");
    check_match("GetObjectAcl");
    request("GET", "/b/a", "acl=");
    check_match("GetObjectAcl");
    request("DELETE", "/b/a", "");
    check_match(NULL);
    fixture_close(&f);
}

TEST(required_members_tell_apart_what_shares_a_path)
{
    UNUSED_STATE;
    open();
    request("GET", "/b/a", "uploadId=1");
    check_match("ListParts");
    request("PUT", "/b/a/c", "");
    check_match("PutObject");
    CHECK_OK(awl_headers_add(&f.request.headers, STR("x-amz-copy-source"), STR("b/x")));
    check_match("CopyObject");
    fixture_close(&f);
}

TEST(the_longer_literal_wins)
{
    UNUSED_STATE;
    open();
    request("PUT", "/tags/x", "");
    check_match("Tags");
    fixture_close(&f);
}

TEST(labels_are_decoded_when_read)
{
    UNUSED_STATE;
    open();
    request("GET", "/my-b/a/b%20c%2Fd/", "");
    CHECK_OK(awl_wire_read_input(&f.wire, f.L, fixture_operation(&f, "GetObject"),
                                 &f.request, 0, &f.err));
    lua_setglobal(f.L, "out");
    CHECK_LUA(&f, "out.Bucket == 'my-b' and out.Key == 'a/b c/d/'");
    fixture_close(&f);
}

TEST(the_others_go_by_name)
{
    UNUSED_STATE;
    static const char operation[] =
        "'DoIt':{'name':'DoIt','http':{'method':'POST','requestUri':'/'}}";
    fixture_open(&f, "json", "", operation, "");
    request("POST", "/", "");
    check_match(NULL);
    CHECK_OK(awl_headers_add(&f.request.headers, STR("x-amz-target"), STR("T_1.DoIt")));
    check_match("DoIt");
    awl_headers_clear(&f.request.headers);
    CHECK_OK(awl_headers_add(&f.request.headers, STR("x-amz-target"), STR("T.do_it")));
    check_match(NULL);
    fixture_close(&f);

    fixture_open(&f, "query", "", operation, "");
    request("POST", "/", "");
    awl_buf_append_str(&f.request.body, STR("Version=1&Action=Do%49t"));
    check_match("DoIt");
    fixture_close(&f);

    fixture_open(&f, "smithy-rpc-v2-cbor", "", operation, "");
    request("POST", "/service/Target/operation/DoIt", "");
    check_match("DoIt");
    fixture_close(&f);
}

TEST_MAIN(RUN(path_and_literal_query_decide),
          RUN(required_members_tell_apart_what_shares_a_path),
          RUN(the_longer_literal_wins), RUN(labels_are_decoded_when_read),
          RUN(the_others_go_by_name))
