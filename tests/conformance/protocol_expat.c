/* The XML scanner against expat: what expat accepts, it accepts and reads alike.
 *
 * The reverse need not hold: the scanner lets pass what does no harm, such as an
 * attribute that occurs twice. */
#include "protocol_vectors.h"

#include <expat.h>

#include "base/random.h"
#include "wire/xml_scanner.h"

#define TEXT_MAX ((size_t)1 << 16)
#define ROUNDS 20000
#define LEVELS_MAX 64

/* Elements as "name(children)", those without children as "name=text;". */
struct spelling {
    struct awl_buf out;
    struct awl_buf text;         /* of the innermost element, before its children */
    size_t children[LEVELS_MAX]; /* of each open element */
    unsigned depth;
    bool unfit; /* what the scanner means to refuse, or leaves aside */
};

static awl_str local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return awl_str_of(colon != NULL ? colon + 1 : name);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct spelling *s = data;
    (void)attributes;
    if (s->depth + 1 >= LEVELS_MAX) {
        s->unfit = true;
        return;
    }
    if (s->depth > 0 && s->children[s->depth]++ == 0)
        awl_buf_append_char(&s->out, '(');
    s->children[++s->depth] = 0;
    awl_buf_append_str(&s->out, local_name(name));
    awl_buf_clear(&s->text);
}

static void on_text(void *data, const XML_Char *text, int len)
{
    struct spelling *s = data;
    awl_buf_append(&s->text, text, (size_t)len);
}

static void on_end(void *data, const XML_Char *name)
{
    struct spelling *s = data;
    (void)name;
    if (s->unfit)
        return;
    if (s->children[s->depth--] > 0) {
        awl_buf_append_char(&s->out, ')');
        return;
    }
    awl_buf_append_char(&s->out, '=');
    awl_buf_append_str(&s->out, awl_buf_str(&s->text));
    awl_buf_append_char(&s->out, ';');
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    ((struct spelling *)data)->unfit = true;
}

static bool spell_by_expat(awl_str text, struct spelling *s)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, s);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    bool ok = XML_Parse(parser, text.ptr, (int)text.len, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return ok && !s->unfit;
}

static bool spell_element(struct awl_xml *xml, struct awl_buf *out)
{
    struct awl_xml ahead = *xml;
    awl_str raw;
    bool plain;
    awl_buf_append_str(out, xml->name);
    if (awl_xml_child(&ahead)) {
        awl_buf_append_char(out, '(');
        while (awl_xml_child(xml))
            if (!spell_element(xml, out))
                return false;
        awl_buf_append_char(out, ')');
        return xml->reason == NULL;
    }
    awl_buf_append_char(out, '=');
    if (!awl_xml_text(xml, &raw, &plain) || awl_xml_decode(out, raw) != AWL_OK)
        return false;
    awl_buf_append_char(out, ';');
    return true;
}

static bool spell_by_scanner(awl_str text, struct awl_buf *out)
{
    struct awl_xml xml;
    awl_xml_init(&xml, text);
    return awl_xml_child(&xml) && spell_element(&xml, out) && awl_xml_at_end(&xml);
}

static void compare(struct vectors_suite *suite, awl_str text)
{
    struct spelling expected = {.depth = 0};
    struct awl_buf actual;
    awl_buf_init(&expected.out, TEXT_MAX);
    awl_buf_init(&expected.text, TEXT_MAX);
    awl_buf_init(&actual, TEXT_MAX);
    if (spell_by_expat(text, &expected)) {
        bool ok = spell_by_scanner(text, &actual);
        if (ok && awl_str_eq(awl_buf_str(&actual), awl_buf_str(&expected.out)))
            vectors_pass(suite);
        else
            vectors_fail(suite, "a damaged document", "%s of %.*s: %s, expected %s",
                         ok ? "read otherwise" : "refused", STR_ARG(text),
                         awl_buf_cstr(&actual), awl_buf_cstr(&expected.out));
    }
    awl_buf_release(&expected.out);
    awl_buf_release(&expected.text);
    awl_buf_release(&actual);
}

void protocol_expat(struct vectors_suite *suite)
{
    static const char seed[] =
        "<?xml version=\"1.0\"?>\n<!-- a - b --><r xmlns:x=\"u\" a='1'> <x:a>t&lt;u</x:a>"
        "<l><m>1</m><m/><m b=\"&gt;\">3</m></l><t>x<![CDATA[<]]>y<?pi ?>z</t>\r\n"
        "<e>&#x41;&#66;&amp;</e><n><n><n>deep</n></n></n></r> <!-- end -->\n";
    static const char alphabet[] = "<>/&;!-[]?='\"abmx: \r\n#]";
    struct awl_random random;
    awl_random_seed(&random, 7);
    compare(suite, awl_str_make(seed, sizeof(seed) - 1));
    for (int round = 0; round < ROUNDS; round++) {
        char text[sizeof(seed)];
        memcpy(text, seed, sizeof(seed));
        for (uint64_t n = 1 + awl_random_next(&random) % 2; n > 0; n--)
            text[awl_random_next(&random) % (sizeof(seed) - 1)] =
                alphabet[awl_random_next(&random) % (sizeof(alphabet) - 1)];
        compare(suite, awl_str_make(text, sizeof(seed) - 1));
    }
}
