/* xml_scanner.h - XML, one element at a time, for a reader that knows what it wants.
 *
 * The caller asks for the next child of the element it is in, then either reads its
 * text, descends into it by asking for its first child, or passes over it. Names come
 * without their prefix; nothing is copied. Entities, character references, CDATA,
 * comments and processing instructions are understood; a DTD is refused. UTF-8 only. */
#ifndef AWL_WIRE_XML_SCANNER_H
#define AWL_WIRE_XML_SCANNER_H

#include "base/buf.h"

#define AWL_XML_DEPTH_MAX 128

struct awl_xml {
    const char *start;
    const char *pos;
    const char *end;
    const char *declared; /* where a declaration may stand */
    awl_str name;         /* of the element that was opened last */
    awl_str attributes;   /* its text from behind the name on, usually empty */
    bool empty;           /* it was <a/>: its end is still to come */
    bool as_expected;     /* see awl_xml_child_expected */
    const char *reason;   /* static text after a failure, else NULL */
    unsigned depth;
    awl_str open[AWL_XML_DEPTH_MAX]; /* names with their prefixes */
};

/* The input must outlive the scanner. */
void awl_xml_init(struct awl_xml *xml, awl_str input);

/* Opens the next child of the current element, at first the root. False at the end of
 * the current element, which is left then; and after a failure, which sets `reason`. */
bool awl_xml_child(struct awl_xml *xml);

/* The same where one name is likely: quicker when it is that, without prefix and
 * attributes; `as_expected` says whether. */
bool awl_xml_child_expected(struct awl_xml *xml, awl_str expected);

/* The text of the element just opened, up to its end, which is passed; child elements
 * are passed over. `raw` is the text itself if `plain`, else awl_xml_decode's input. */
bool awl_xml_text(struct awl_xml *xml, awl_str *raw, bool *plain);

/* Appends the text before the first child element, references resolved and line ends
 * made LF. AWL_EPARSE for a reference that means nothing, and for what is not UTF-8. */
enum awl_rc awl_xml_decode(struct awl_buf *out, awl_str raw);

/* Passes over the rest of the current element with its end. */
bool awl_xml_skip(struct awl_xml *xml);

/* The raw value of an attribute of the element just opened, by its name as written. */
bool awl_xml_attribute(const struct awl_xml *xml, awl_str name, awl_str *raw);

/* True when only white space, comments and instructions follow the root. */
bool awl_xml_at_end(struct awl_xml *xml);

#endif
