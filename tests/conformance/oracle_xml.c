/* The XML scanner against expat: the same documents are accepted, and read alike. */
#include "oracle.h"

#include <expat.h>
#include <stdio.h>

#include "wire/xml_scanner.h"

#define LEVELS_MAX 300
#define ATTRIBUTES_MAX 200

static struct oracle_exception refused[] = {
    {"a document type is not allowed",
     "entities of a sender's own could expand without "
     "end; no service sends any",
     0},
    {"nested too deeply", "a bound on memory: 128 levels", 0},
    {NULL, NULL, 0}};

#define LOOKED_AT "what nobody asks for is not looked at"
#define AS_TAGS "attributes are decoded when they are asked for; names are not compared"
#define DECLARATION "XML declaration not well-formed"
#define NO_TOKEN "not well-formed (invalid token)"
#define NO_NUMBER "reference to invalid character number"

static struct oracle_exception accepted[] = {
    {DECLARATION, LOOKED_AT, 0},
    {NO_TOKEN " in an instruction", LOOKED_AT, 0},
    {NO_TOKEN " in a comment", LOOKED_AT, 0},
    {NO_TOKEN " in a tag", AS_TAGS, 0},
    {NO_NUMBER " in a tag", AS_TAGS, 0},
    {"undefined entity in a tag", AS_TAGS, 0},
    {"duplicate attribute in a tag", AS_TAGS, 0},
    {NO_TOKEN " beside elements", LOOKED_AT, 0},
    {NO_NUMBER " beside elements", LOOKED_AT, 0},
    {"undefined entity beside elements", LOOKED_AT, 0},
    {NO_NUMBER " in text", "S3 writes &#1; for such bytes of its keys", 0},
    {"']]>' in text", "does no harm", 0},
    {NULL, NULL, 0}};

/* Elements as "name@attributes(children)", those without children as "name@...=text;". */
struct spelling {
    struct awl_buf out;
    struct awl_buf text;         /* of the innermost element, before its children */
    size_t children[LEVELS_MAX]; /* of each open element */
    unsigned depth;
    unsigned elements;
    bool unfit; /* deeper than we compare */
    size_t failed_at;

    /* Attributes in the order of their elements, for the other side to ask for. */
    struct attribute {
        unsigned element;
        char name[64];
    } attributes[ATTRIBUTES_MAX];
    size_t attribute_count;
};

static awl_str local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return awl_str_of(colon != NULL ? colon + 1 : name);
}

/* Attributes' white space: a reader of XML makes each a space. */
static void put_attribute(struct awl_buf *out, awl_str name, awl_str value)
{
    awl_buf_printf(out, "@%.*s=", STR_ARG(name));
    for (size_t i = 0; i < value.len; i++)
        awl_buf_append_char(out,
                            strchr("\t\n\r", value.ptr[i]) != NULL && value.ptr[i] != '\0'
                                ? ' '
                                : value.ptr[i]);
}

static void on_attributes(struct spelling *s, const XML_Char **attributes)
{
    for (; *attributes != NULL; attributes += 2) {
        awl_str name = awl_str_of(attributes[0]);
        if (s->attribute_count == ATTRIBUTES_MAX ||
            name.len >= sizeof(s->attributes->name)) {
            s->unfit = true;
            return;
        }
        struct attribute *a = &s->attributes[s->attribute_count++];
        a->element = s->elements;
        memcpy(a->name, name.ptr, name.len + 1);
        put_attribute(&s->out, name, awl_str_of(attributes[1]));
    }
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct spelling *s = data;
    if (s->depth + 1 >= LEVELS_MAX) {
        s->unfit = true;
        return;
    }
    if (s->depth > 0 && s->children[s->depth]++ == 0)
        awl_buf_append_char(&s->out, '(');
    s->children[++s->depth] = 0;
    s->elements++;
    awl_buf_append_str(&s->out, local_name(name));
    on_attributes(s, attributes);
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

/* NULL, or why it is refused. */
static const char *spell_by_expat(awl_str text, struct spelling *s)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    const char *reason = NULL;
    XML_SetUserData(parser, s);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    if (XML_Parse(parser, text.ptr, (int)text.len, 1) != XML_STATUS_OK)
        reason = XML_ErrorString(XML_GetErrorCode(parser));
    s->failed_at = (size_t)XML_GetCurrentByteIndex(parser);
    XML_ParserFree(parser);
    return reason;
}

/* The scanner's way through the document, beside expat's. */
struct way {
    struct awl_xml xml;
    struct awl_buf *out;
    struct awl_buf scratch;
    const struct spelling *other;
    unsigned elements;
    size_t attribute;
    bool in_text; /* where expat failed is text that was read here */
};

static bool spell_attributes(struct way *w)
{
    awl_str raw;
    w->elements++;
    while (w->attribute < w->other->attribute_count &&
           w->other->attributes[w->attribute].element == w->elements) {
        awl_str name = awl_str_of(w->other->attributes[w->attribute++].name);
        awl_buf_clear(&w->scratch);
        if (!awl_xml_attribute(&w->xml, name, &raw) ||
            awl_xml_decode(&w->scratch, raw) != AWL_OK)
            return false;
        put_attribute(w->out, name, awl_buf_str(&w->scratch));
    }
    return true;
}

static bool spell_element(struct way *w)
{
    struct awl_xml ahead = w->xml;
    awl_str raw;
    bool plain;
    awl_buf_append_str(w->out, w->xml.name);
    if (!spell_attributes(w))
        return false;
    if (awl_xml_child(&ahead)) {
        awl_buf_append_char(w->out, '(');
        while (awl_xml_child(&w->xml))
            if (!spell_element(w))
                return false;
        awl_buf_append_char(w->out, ')');
        return w->xml.reason == NULL;
    }
    awl_buf_append_char(w->out, '=');
    if (!awl_xml_text(&w->xml, &raw, &plain) || awl_xml_decode(w->out, raw) != AWL_OK)
        return false;
    const char *failed = w->xml.start + w->other->failed_at;
    if (failed >= raw.ptr && failed < raw.ptr + raw.len)
        w->in_text = true;
    awl_buf_append_char(w->out, ';');
    return true;
}

/* NULL, or why it is refused. */
static const char *spell_by_scanner(awl_str text, struct awl_buf *out,
                                    const struct spelling *other, bool *in_text)
{
    struct way w = {.out = out, .other = other};
    awl_buf_init(&w.scratch, ORACLE_TEXT_MAX);
    awl_xml_init(&w.xml, text);
    bool ok = awl_xml_child(&w.xml) && spell_element(&w) && awl_xml_at_end(&w.xml);
    awl_buf_release(&w.scratch);
    *in_text = w.in_text;
    if (ok)
        return NULL;
    return w.xml.reason != NULL ? w.xml.reason : "no root, or a bad reference";
}

static bool contains(awl_str text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* In what expat's complaint lies, by the last '<' at or before it. */
static const char *place_of(awl_str text, size_t at, bool in_text)
{
    size_t begin = at < text.len ? at + 1 : text.len;
    while (begin > 0 && text.ptr[begin - 1] != '<')
        begin--;
    awl_str markup = awl_str_slice(text, begin, text.len);
    awl_str before = awl_str_slice(text, begin, at);
    if (awl_str_starts(markup, STR("?")) && !contains(before, "?>"))
        return " in an instruction";
    if (awl_str_starts(markup, STR("!--")) && !contains(before, "-->"))
        return " in a comment";
    if (in_text)
        return " in text";
    return contains(before, ">") ? " beside elements" : " in a tag";
}

static bool excuse_accepted(awl_str text, const char *theirs, const struct spelling *s,
                            bool in_text)
{
    char what[120];
    size_t at = s->failed_at;
    awl_str near = awl_str_slice(text, at > 2 ? at - 2 : 0, at + 3);
    if (in_text && contains(near, "]]>"))
        return oracle_excuse(accepted, "']]>' in text");
    snprintf(what, sizeof(what), "%s%s", theirs,
             strcmp(theirs, DECLARATION) == 0 ? ""
                                              : place_of(text, s->failed_at, in_text));
    if (oracle_excuse(accepted, what))
        return true;
    printf("%s, byte %zu\n", what, s->failed_at);
    return false;
}

static void compare(struct oracle *o, awl_str text)
{
    static struct spelling s;
    struct awl_buf actual;
    bool in_text;
    s.depth = s.elements = 0;
    s.attribute_count = 0;
    s.unfit = false;
    awl_buf_init(&s.out, ORACLE_TEXT_MAX);
    awl_buf_init(&s.text, ORACLE_TEXT_MAX);
    awl_buf_init(&actual, ORACLE_TEXT_MAX);
    const char *theirs = spell_by_expat(text, &s);
    const char *ours = spell_by_scanner(text, &actual, &s, &in_text);
    awl_str expected = awl_buf_str(&s.out), found = awl_buf_str(&actual);
    if (s.unfit)
        ;
    else if (theirs == NULL && ours == NULL && !awl_str_eq(expected, found))
        vectors_fail(&o->suite, "read otherwise", "%.*s: %.*s, expat: %.*s",
                     STR_ARG(text), STR_ARG(found), STR_ARG(expected));
    else if (theirs == NULL && ours != NULL && !oracle_excuse(refused, ours))
        vectors_fail(&o->suite, "refused", "%s: %.*s", ours, STR_ARG(text));
    else if (theirs != NULL && ours == NULL &&
             !excuse_accepted(text, theirs, &s, in_text))
        vectors_fail(&o->suite, "accepted", "expat: %s: %.*s", theirs, STR_ARG(text));
    else
        vectors_pass(&o->suite);
    awl_buf_release(&s.out);
    awl_buf_release(&s.text);
    awl_buf_release(&actual);
}

/* ---- documents of our own ---- */

static const char *const names[] = {"a",         "Book", "x:Title",
                                    "list.item", "_m-1", "\xc3\xa9t\xc3\xa9"};
static const char *const texts[] = {"",
                                    "plain",
                                    " \n\t",
                                    "a &amp; b",
                                    "&lt;&gt;&quot;&apos;",
                                    "&#x20AC;&#65;&#x1F600;",
                                    "<![CDATA[<raw> & ]] >]]>",
                                    "<!-- a - comment -->",
                                    "<?target some data?>",
                                    "\r\nline\rend",
                                    "caf\xc3\xa9 \xf0\x9f\x98\x80",
                                    "]] >",
                                    "1.5e3"};
static const char *const attributes[] = {" k=\"v\"", "\n x:type = 'a b'",
                                         " n=\"&amp;&#10;\"", " e=''"};

#define PICK(list) (list)[oracle_pick(random, sizeof(list) / sizeof((list)[0]))]

static void put_element(struct awl_random *random, struct awl_buf *out, unsigned level)
{
    const char *name = PICK(names);
    awl_buf_printf(out, "<%s", name);
    if (oracle_pick(random, 4) == 0)
        awl_buf_append_str(out, awl_str_of(PICK(attributes)));
    if (oracle_pick(random, 8) == 0) {
        awl_buf_append_str(out, STR(" />"));
        return;
    }
    awl_buf_append_char(out, '>');
    if (level < 6 && oracle_pick(random, 3) > 0) {
        for (size_t n = oracle_pick(random, 5); n > 0; n--) {
            put_element(random, out, level + 1);
            awl_buf_append_str(out, oracle_pick(random, 3) == 0 ? STR("\n  ") : STR(""));
        }
    } else {
        for (size_t n = oracle_pick(random, 4); n > 0; n--)
            awl_buf_append_str(out, awl_str_of(PICK(texts)));
    }
    awl_buf_printf(out, "</%s%s>", name, oracle_pick(random, 9) == 0 ? "\n" : "");
}

static void generate(struct awl_random *random, struct awl_buf *out)
{
    static const char *const before[] = {"",
                                         "",
                                         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                                         "<?xml version='1.0'?><!-- c -->",
                                         "\xef\xbb\xbf",
                                         "\n"};
    static const char *const after[] = {"", "\n", "<!-- end -->", "<?done?>\r\n"};
    awl_buf_append_str(out, awl_str_of(PICK(before)));
    put_element(random, out, 0);
    awl_buf_append_str(out, awl_str_of(PICK(after)));
}

static void run_deep(struct oracle *o)
{
    for (unsigned levels = AWL_XML_DEPTH_MAX - 1; levels < AWL_XML_DEPTH_MAX + 2;
         levels++) {
        awl_buf_clear(&o->text);
        for (unsigned i = 0; i < levels; i++)
            awl_buf_append_str(&o->text, STR("<a>"));
        for (unsigned i = 0; i < levels; i++)
            awl_buf_append_str(&o->text, STR("</a>"));
        compare(o, awl_buf_str(&o->text));
    }
}

int main(int argc, char **argv)
{
    unsigned rounds = oracle_rounds();
    struct oracle o = {.suite = {.name = "expat"},
                       .alphabet = STR("<>/&;!-[]?='\"abmx: \r\n\t#]\x01\x80\xc3\xa9"
                                       "CDATA0.&<"),
                       .generate = generate,
                       .compare = compare};
    awl_random_seed(&o.random, 7);
    awl_buf_init(&o.text, ORACLE_TEXT_MAX);
    if (argc > 1)
        oracle_run_vectors(&o, argv[1], "<", rounds / 100);
    run_deep(&o);
    oracle_run_damaged(&o, STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), rounds / 10);
    oracle_run_generated(&o, rounds, 20);
    printf("refused, though expat accepts:\n");
    oracle_report(&(struct oracle){.suite = {.name = "-"}}, refused);
    printf("accepted, though expat refuses:\n");
    oracle_report(&o, accepted);
    awl_buf_release(&o.text);
    return o.suite.failed > 0;
}
