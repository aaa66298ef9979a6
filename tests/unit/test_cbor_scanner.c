#include "test.h"

#include <stdlib.h>

#include "base/random.h"
#include "wire/cbor_scanner.h"

static struct awl_cbor cbor;

static void start(awl_str bytes)
{
    awl_cbor_init(&cbor, bytes);
    awl_cbor_next(&cbor);
}

TEST(text_in_chunks_is_put_together)
{
    UNUSED_STATE;
    struct awl_buf scratch;
    awl_str text;
    awl_buf_init(&scratch, 100);
    start(STR("\x7f\x62he\x63llo\xff\x05"));
    CHECK_INT(cbor.token, AWL_CBOR_STRING);
    CHECK(awl_cbor_text(&cbor, &scratch, &text));
    CHECK_STR(text, "hello");
    CHECK_INT(awl_cbor_next(&cbor), AWL_CBOR_UINT);
    start(STR("\x7f\x41x\xff")); /* a chunk of bytes */
    CHECK(!awl_cbor_text(&cbor, &scratch, &text));
    awl_buf_release(&scratch);
}

TEST(items_end_by_count_or_by_break)
{
    UNUSED_STATE;
    start(STR("\x82\x01\x9f\x02\xff"));
    struct awl_cbor outer = cbor;
    CHECK(awl_cbor_item(&cbor, &outer, 0));
    CHECK(awl_cbor_item(&cbor, &outer, 1));
    struct awl_cbor inner = cbor;
    CHECK(awl_cbor_item(&cbor, &inner, 0));
    CHECK(!awl_cbor_item(&cbor, &inner, 1));
    CHECK(!awl_cbor_item(&cbor, &outer, 2));
    CHECK(cbor.pos == cbor.end);
}

TEST(whatever_is_not_wanted_is_passed_over)
{
    UNUSED_STATE;
    start(STR("\xa1\x61x\x82\xc1\x01\x5f\x41y\xff\x07"));
    CHECK(awl_cbor_skip(&cbor));
    CHECK_INT(awl_cbor_next(&cbor), AWL_CBOR_UINT);
    CHECK_INT(cbor.number, 7);
    start(STR("\x82\x01"));
    CHECK(!awl_cbor_skip(&cbor));
}

TEST(depth_is_limited_and_a_count_is_no_promise)
{
    UNUSED_STATE;
    char deep[1000];
    memset(deep, 0x81, sizeof(deep));
    start(awl_str_make(deep, sizeof(deep)));
    CHECK(!awl_cbor_skip(&cbor));
    start(STR("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"));
    CHECK(!awl_cbor_skip(&cbor));
    start(STR("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"));
    CHECK_INT(cbor.token, AWL_CBOR_ERROR);
}

TEST(random_bytes_are_survived)
{
    UNUSED_STATE;
    struct awl_random random;
    awl_random_seed(&random, 42);
    for (int turn = 0; turn < 20000; turn++) {
        size_t len = 1 + awl_random_next(&random) % 40;
        char *bytes = malloc(len);
        assert_non_null(bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)awl_random_next(&random);
        start(awl_str_make(bytes, len));
        (void)awl_cbor_skip(&cbor);
        free(bytes);
    }
}

TEST_MAIN(RUN(text_in_chunks_is_put_together), RUN(items_end_by_count_or_by_break),
          RUN(whatever_is_not_wanted_is_passed_over),
          RUN(depth_is_limited_and_a_count_is_no_promise), RUN(random_bytes_are_survived))
