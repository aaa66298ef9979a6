#include "test.h"

#include <stdlib.h>

#include "base/random.h"
#include "wire/xml_scanner.h"

#define TEXT_MAX ((size_t)1 << 16)

static struct awl_xml xml;

static void start(const char *text)
{
    awl_xml_init(&xml, awl_str_of(text));
}

/* The decoded text of the element that was just opened. */
static void check_text(const char *expected)
{
    awl_str raw;
    bool plain;
    struct awl_buf out;
    awl_buf_init(&out, TEXT_MAX);
    CHECK(awl_xml_text(&xml, &raw, &plain));
    if (plain)
        awl_buf_append_str(&out, raw);
    else
        CHECK_OK(awl_xml_decode(&out, raw));
    CHECK_BUF(&out, expected);
    awl_buf_release(&out);
}

static void check_child(const char *name)
{
    CHECK(awl_xml_child(&xml));
    CHECK_STR(xml.name, name);
}

static void check_broken(const char *text)
{
    start(text);
    bool accepted = awl_xml_child(&xml) && awl_xml_skip(&xml) && awl_xml_at_end(&xml);
    if (accepted)
        print_error("accepted: %s\n", text);
    CHECK(!accepted);
}

TEST(children_are_met_in_order_and_passed_over_when_not_wanted)
{
    UNUSED_STATE;
    start("<?xml version='1.0'?>\n<!-- c --><a> <b>1</b>text<c><d/><d x='>'>e</d></c>"
          "<e/></a> <!-- end -->");
    check_child("a");
    check_child("b");
    check_text("1");
    check_child("c");
    CHECK(awl_xml_skip(&xml));
    check_child("e");
    CHECK(!awl_xml_child(&xml)); /* of <e/> */
    CHECK(!awl_xml_child(&xml)); /* of a */
    CHECK(xml.reason == NULL);
    CHECK(awl_xml_at_end(&xml));
}

TEST(prefixes_are_left_out_of_names)
{
    UNUSED_STATE;
    start("<x:a xmlns:x='urn:x'><x:b>1</x:b></x:a>");
    check_child("a");
    check_child("b");
    check_text("1");
}

TEST(text_comes_with_references_and_cdata_resolved)
{
    UNUSED_STATE;
    start("<a><b>&lt;&amp;&gt;&quot;&apos;&#65;&#x20AC;</b>"
          "<b>x<![CDATA[<&amp;]]>y<!-- no --><?no no?>z</b><b>1\r\n2\r3&#13;</b>"
          "<b/><b></b><b>  s </b><b>before<c>in</c>after</b></a>");
    check_child("a");
    check_child("b");
    check_text("<&>\"'A\xe2\x82\xac");
    check_child("b");
    check_text("x<&amp;yz");
    check_child("b");
    check_text("1\n2\n3\r");
    check_child("b");
    check_text("");
    check_child("b");
    check_text("");
    check_child("b");
    check_text("  s ");
    check_child("b");
    check_text("before");
    CHECK(!awl_xml_child(&xml));
    CHECK(awl_xml_at_end(&xml));
}

TEST(attributes_are_found_by_their_name_as_written)
{
    UNUSED_STATE;
    awl_str raw;
    start("<a one='1'  xsi:type = \"t&amp;u\" ><b/></a>");
    check_child("a");
    CHECK(awl_xml_attribute(&xml, STR("xsi:type"), &raw));
    CHECK_STR(raw, "t&amp;u");
    CHECK(!awl_xml_attribute(&xml, STR("type"), &raw));
    check_child("b");
    CHECK(!awl_xml_attribute(&xml, STR("one"), &raw));
}

TEST(what_is_no_xml_is_refused)
{
    UNUSED_STATE;
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "<",
        "<a",
        "<a>",
        "<a><b></a></b>",
        "<a></b>",
        "<a></a",
        "<a x></a>",
        "<a x=1></a>",
        "<a x='1'y='2'></a>",
        "<a x='1></a>",
        "<a x='<'></a>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "</a>",
        "<a><!-- </a>",
        "<a><![CDATA[ </a>",
        "<![CDATA[x]]><a/>",
        "<!DOCTYPE a><a/>",
        "<a><!ELEMENT b></a>",
        "< a/>",
        "<a / >",
        "<1a/>",
        "<-a/>",
        "<a;/>",
        "<a 1='x'/>",
        "<a b;='x'/>",
        "<a><!-- x -- y --></a>",
        "<a><!-- x ---></a>",
        "<? x?><a/>",
        "<?1x?><a/>",
        "<?x!?><a/>",
        " <?xml version='1.0'?><a/>",
        "<a><?xml version='1.0'?></a>",
        "<?XML version='1.0'?><a/>",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_broken(texts[i]);
}

TEST(a_reference_that_means_nothing_is_refused)
{
    UNUSED_STATE;
    static const char *const texts[] = {"&x;",      "&",          "&amp", "&#;",  "&#x;",
                                        "&#xD800;", "&#x110000;", "&#0;", "&#1a;"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct awl_buf out;
        awl_buf_init(&out, TEXT_MAX);
        CHECK_RC(awl_xml_decode(&out, awl_str_of(texts[i])), AWL_EPARSE);
        awl_buf_release(&out);
    }
}

TEST(text_must_be_utf_8_without_control_characters)
{
    UNUSED_STATE;
    static const char *const texts[] = {"<a>\x80</a>",
                                        "<a>x\xc3</a>",
                                        "<a>\xed\xa0\x80</a>",
                                        "<a>\xf0\x9f\x98</a>",
                                        "<a><![CDATA[\xff]]></a>",
                                        "<a>\x01</a>",
                                        "<a>&lt;\x1f</a>"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        awl_str raw;
        bool plain;
        struct awl_buf out;
        awl_buf_init(&out, TEXT_MAX);
        start(texts[i]);
        check_child("a");
        CHECK(awl_xml_text(&xml, &raw, &plain) && !plain);
        CHECK_RC(awl_xml_decode(&out, raw), AWL_EPARSE);
        awl_buf_release(&out);
    }
    start("<a>caf\xc3\xa9 \xf0\x9f\x98\x80\t\x7f</a>");
    check_child("a");
    check_text("caf\xc3\xa9 \xf0\x9f\x98\x80\t\x7f");
}

TEST(depth_is_limited)
{
    UNUSED_STATE;
    struct awl_buf text;
    awl_buf_init(&text, TEXT_MAX);
    for (int i = 0; i < AWL_XML_DEPTH_MAX + 1; i++)
        awl_buf_append_str(&text, STR("<a>"));
    awl_xml_init(&xml, awl_buf_str(&text));
    CHECK(awl_xml_child(&xml));
    CHECK(!awl_xml_skip(&xml));
    CHECK_STR(awl_str_of(xml.reason), "nested too deeply");
    awl_buf_release(&text);
}

/* Walks a whole document, taking text, attributes or nothing by turns. */
static void walk(unsigned turn)
{
    awl_str raw;
    bool plain;
    struct awl_buf out;
    awl_buf_init(&out, TEXT_MAX);
    for (int i = 0; i < 10000 && xml.reason == NULL; i++) {
        if (!awl_xml_child(&xml)) {
            if (xml.depth == 0)
                break;
            continue;
        }
        (void)awl_xml_attribute(&xml, STR("x:y"), &raw);
        if ((turn + (unsigned)i) % 3 == 0 && awl_xml_text(&xml, &raw, &plain))
            (void)awl_xml_decode(&out, raw);
        else if ((turn + (unsigned)i) % 5 == 0)
            (void)awl_xml_skip(&xml);
    }
    awl_buf_release(&out);
}

/* Each in memory of its own and exactly as long, so that a sanitizer sees a byte too
 * many. */
TEST(damaged_documents_are_survived)
{
    UNUSED_STATE;
    static const char seed[] =
        "<?xml version=\"1.0\"?><r xmlns='u' x:y='1&amp;2'><a>t&lt;</a><!-- c -->"
        "<l><m>1</m><m/><m a=\"b\">3</m></l><![CDATA[x]]><e>&#x41;</e></r>";
    static const char alphabet[] = "<>/&;!-[]?='\"ax: \r\n#";
    struct awl_random random;
    awl_random_seed(&random, 42);
    for (unsigned turn = 0; turn < 20000; turn++) {
        size_t len = sizeof(seed) - 1 - awl_random_next(&random) % 40;
        char *text = malloc(len);
        assert_non_null(text);
        memcpy(text, seed, len);
        for (uint64_t n = awl_random_next(&random) % 6; n > 0; n--)
            text[awl_random_next(&random) % len] =
                alphabet[awl_random_next(&random) % (sizeof(alphabet) - 1)];
        awl_xml_init(&xml, awl_str_make(text, len));
        walk(turn);
        free(text);
    }
}

TEST_MAIN(RUN(children_are_met_in_order_and_passed_over_when_not_wanted),
          RUN(prefixes_are_left_out_of_names),
          RUN(text_comes_with_references_and_cdata_resolved),
          RUN(attributes_are_found_by_their_name_as_written),
          RUN(what_is_no_xml_is_refused), RUN(a_reference_that_means_nothing_is_refused),
          RUN(text_must_be_utf_8_without_control_characters), RUN(depth_is_limited),
          RUN(damaged_documents_are_survived))
