/* tests/unit/test_docs.c - registered as unit.docs */
#include <stdio.h>
#include <stdlib.h>

#include "model/docs.h"
#include "model/tree.h"
#include "test.h"

static const char books[] =
    "{\"documentation\":\"<p>Books.</p>\",\"operations\":{\"Put\":{\"documentation\":"
    "\"puts\"},\"Bare\":{}},\"shapes\":{\"Book\":{\"documentation\":\"same\","
    "\"members\":{\"Title\":{\"shape\":\"Text\",\"documentation\":\"same\"},"
    "\"documentation\":{\"shape\":\"Text\"},\"Book\":{\"documentation\":\"<b>x</b>\"}}},"
    "\"Text\":{\"type\":\"string\"}}}";

static void add(struct awl_docs_writer *w, const char *service, const char *json)
{
    struct awl_arena arena;
    struct awl_error err = AWL_ERROR_INIT;
    awl_arena_init(&arena, NULL, 0, 1 << 20);
    struct awl_tree *model = awl_tree_parse(&arena, awl_str_of(json), &err);
    CHECK(model != NULL);
    CHECK_OK(awl_docs_add(w, awl_str_of(service), model, &err));
    awl_arena_release(&arena);
}

static void make(struct awl_buf *out)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_docs_writer *w = awl_docs_writer_new();
    CHECK(w != NULL);
    awl_buf_init(out, 1 << 20);
    add(w, "books", books);
    add(w, "shelves", "{\"documentation\":\"Shelves.\"}");
    CHECK_OK(awl_docs_write(w, STR("botocore 9.9"), out, &err));
    awl_docs_writer_free(w);
}

/* The text, or "-" if there is none. */
static const char *text_of(struct awl_docs *docs, const char *service,
                           enum awl_docs_kind kind, const char *name, const char *member)
{
    static char copy[256];
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf out;
    awl_buf_init(&out, sizeof(copy) - 1);
    enum awl_rc rc = awl_docs_text(docs, awl_str_of(service), kind, awl_str_of(name),
                                   awl_str_of(member), &out, &err);
    snprintf(copy, sizeof(copy), "-");
    if (rc == AWL_OK)
        snprintf(copy, sizeof(copy), "%s", awl_buf_cstr(&out));
    awl_buf_release(&out);
    return copy;
}

TEST(texts_are_found_by_service_kind_and_name)
{
    UNUSED_STATE;
    struct awl_buf bytes;
    struct awl_docs *docs;
    make(&bytes);
    CHECK_OK(awl_docs_open(bytes.ptr, bytes.len, "x", &docs, NULL));
    CHECK_STR(awl_docs_data_version(docs), "botocore 9.9");
    CHECK_INT(awl_docs_service_count(docs), 2);
    CHECK_STR(awl_docs_service_name(docs, 1), "shelves");
    const struct {
        enum awl_docs_kind kind;
        const char *service, *name, *member, *text;
    } wanted[] = {
        {AWL_DOCS_SERVICE, "books", "", "", "<p>Books.</p>"},
        {AWL_DOCS_OPERATION, "books", "Put", "", "puts"},
        {AWL_DOCS_OPERATION, "books", "Bare", "", "-"},
        {AWL_DOCS_OPERATION, "books", "Book", "", "-"},
        {AWL_DOCS_SHAPE, "books", "Book", "", "same"},
        {AWL_DOCS_MEMBER, "books", "Book", "Title", "same"},
        {AWL_DOCS_MEMBER, "books", "Book", "Book", "<b>x</b>"},
        {AWL_DOCS_MEMBER, "books", "Book", "documentation", "-"},
        {AWL_DOCS_SERVICE, "shelves", "", "", "Shelves."},
        {AWL_DOCS_SHAPE, "shelves", "Book", "", "-"},
        {AWL_DOCS_SERVICE, "nothing", "", "", "-"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        CHECK_STR(awl_str_of(text_of(docs, wanted[i].service, wanted[i].kind,
                                     wanted[i].name, wanted[i].member)),
                  wanted[i].text);
    awl_docs_free(docs);
    awl_buf_release(&bytes);
}

TEST(the_same_models_give_the_same_bytes)
{
    UNUSED_STATE;
    struct awl_buf a, b;
    make(&a);
    make(&b);
    CHECK(awl_str_eq(awl_buf_str(&a), awl_buf_str(&b)));
    awl_buf_release(&a);
    awl_buf_release(&b);
}

/* Opens a copy of exactly these bytes and asks for everything. */
static bool try_bytes(const char *bytes, size_t len)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_docs *docs;
    char *copy = malloc(len > 0 ? len : 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, len);
    bool opened = awl_docs_open(copy, len, "x", &docs, &err) == AWL_OK;
    for (uint32_t i = 0; opened && i < awl_docs_service_count(docs); i++) {
        (void)awl_docs_service_name(docs, i);
        text_of(docs, "books", AWL_DOCS_MEMBER, "Book", "Title");
        text_of(docs, "shelves", AWL_DOCS_SERVICE, "", "");
    }
    awl_docs_free(docs);
    free(copy);
    return opened;
}

TEST(a_damaged_docs_pack_is_refused_or_does_no_harm)
{
    UNUSED_STATE;
    struct awl_buf bytes;
    make(&bytes);
    CHECK(try_bytes(bytes.ptr, bytes.len));
    for (size_t len = 0; len < bytes.len; len++)
        CHECK(!try_bytes(bytes.ptr, len));
    for (size_t i = 0; i < bytes.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes.ptr[i] = (char)(bytes.ptr[i] ^ (1 << bit));
            (void)try_bytes(bytes.ptr, bytes.len);
            bytes.ptr[i] = (char)(bytes.ptr[i] ^ (1 << bit));
        }
    }
    awl_buf_release(&bytes);
}

TEST(a_file_that_is_no_docs_pack_is_named)
{
    UNUSED_STATE;
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_docs *docs;
    CHECK_INT(awl_docs_open_file("/nowhere/docs.pack", &docs, &err), AWL_ENOTFOUND);
    CHECK(docs == NULL);
    CHECK_INT(awl_docs_open_file("/proc/self/exe", &docs, &err), AWL_EPARSE);
    CHECK_STR(awl_str_of(err.message), "'/proc/self/exe': not a docs pack");
}

TEST_MAIN(RUN(texts_are_found_by_service_kind_and_name),
          RUN(the_same_models_give_the_same_bytes),
          RUN(a_damaged_docs_pack_is_refused_or_does_no_harm),
          RUN(a_file_that_is_no_docs_pack_is_named))
