/* xml_write.h - bodies in XML. */
#ifndef AWL_WIRE_XML_WRITE_H
#define AWL_WIRE_XML_WRITE_H

#include "wire/writer.h"

struct awl_xml_writer {
    struct awl_writer base;
    bool open; /* the last start tag still lacks its '>' */
    /* Elements of a list whose shape is flattened go by their own name, if they have
     * one: SimpleDB. */
    bool elements_named;
};

/* Appends to `out`, which must outlive it. */
void awl_xml_writer_init(struct awl_xml_writer *writer, const struct awl_model *model,
                         struct awl_buf *out);

/* Elements that no member stands for. `uri` and `prefix` are of the namespace that the
 * element declares, or AWL_MODEL_NONE. */
void awl_xml_writer_begin(struct awl_xml_writer *writer, awl_str name, uint32_t uri,
                          uint32_t prefix);
void awl_xml_writer_end(struct awl_xml_writer *writer, awl_str name);

/* The root of an answer, with the service's namespace unless that is empty. */
void awl_xml_writer_root(struct awl_xml_writer *writer, awl_str name, awl_str uri);

/* <name>text</name> */
void awl_xml_writer_text(struct awl_xml_writer *writer, awl_str name, awl_str text);

#endif
