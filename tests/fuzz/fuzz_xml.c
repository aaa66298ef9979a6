/* The XML scanner: every document is walked, its texts decoded. */
#include "fuzz.h"
#include "wire/xml_scanner.h"

#define TEXT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_xml xml;
    struct awl_buf out;
    awl_str raw;
    bool plain;
    unsigned turn = size > 0 ? data[0] : 0;
    awl_buf_init(&out, TEXT_MAX);
    awl_xml_init(&xml, awl_str_make((const char *)data, size));
    while (xml.reason == NULL) {
        if (!awl_xml_child_expected(&xml, turn % 2 == 0 ? STR("a") : STR(""))) {
            if (xml.depth == 0)
                break;
            continue;
        }
        (void)awl_xml_attribute(&xml, STR("a:b"), &raw);
        turn = turn * 5 + 1;
        if (turn % 3 == 0 && awl_xml_text(&xml, &raw, &plain))
            (void)awl_xml_decode(&out, raw);
        else if (turn % 7 == 0)
            (void)awl_xml_skip(&xml);
    }
    awl_buf_release(&out);
    return 0;
}
