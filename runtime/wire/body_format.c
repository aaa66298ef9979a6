#include "wire/cbor_write.h"
#include "wire/codec.h"
#include "wire/json_write.h"
#include "wire/xml_write.h"

awl_str awl_body_content_type(enum awl_protocol protocol)
{
    switch (protocol) {
    case AWL_PROTOCOL_REST_XML:
        return STR("application/xml");
    case AWL_PROTOCOL_CBOR:
        return STR("application/cbor");
    default:
        return STR("application/json");
    }
}

/* Whichever the protocol's bodies need. */
union any_writer {
    struct awl_writer json;
    struct awl_xml_writer xml;
    struct awl_cbor_writer cbor;
};

static void begin(struct awl_walk *walk, union any_writer *writer, struct awl_buf *out)
{
    switch (walk->wire->protocol) {
    case AWL_PROTOCOL_REST_XML:
        awl_xml_writer_init(&writer->xml, walk->model, out);
        walk->writer = &writer->xml.base;
        break;
    case AWL_PROTOCOL_CBOR:
        awl_cbor_writer_init(&writer->cbor, walk->model, out);
        walk->writer = &writer->cbor.base;
        break;
    default:
        awl_json_writer_init(&writer->json, walk->model, out);
        walk->writer = &writer->json;
        break;
    }
}

void awl_body_write_members(struct awl_walk *walk, const struct awl_body_root *root,
                            const struct awl_shape *shape, int index,
                            const struct awl_presence *present, unsigned elsewhere,
                            struct awl_buf *out)
{
    union any_writer writer;
    bool xml = walk->wire->protocol == AWL_PROTOCOL_REST_XML;
    begin(walk, &writer, out);
    if (xml)
        awl_xml_writer_begin(&writer.xml, root->name, root->uri, root->prefix);
    awl_walk_members(walk, root != NULL ? root->path : NULL, NULL, shape, index, present,
                     elsewhere);
    if (xml)
        awl_xml_writer_end(&writer.xml, root->name);
}

/* A payload's root is named by its shape, unless the member says another name. S3's
 * models repeat the member's own name, and mean it: they add a namespace. */
static awl_str payload_root(const struct awl_model *model,
                            const struct awl_member *member,
                            const struct awl_shape *shape,
                            const struct awl_member_extra *extra)
{
    struct awl_shape_extra own;
    awl_model_shape_extra(model, shape, &own);
    if (member->wire_name != member->name ||
        (extra->xml_namespace != AWL_MODEL_NONE &&
         extra->xml_namespace != own.xml_namespace) ||
        shape->type != AWL_SHAPE_STRUCTURE)
        return awl_model_str(model, member->wire_name);
    return awl_model_str(model,
                         own.wire_name != AWL_MODEL_NONE ? own.wire_name : shape->name);
}

void awl_body_write_payload(struct awl_walk *walk, const struct awl_path *path,
                            const struct awl_member *member, struct awl_buf *out)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    const struct awl_member_extra *extra = awl_model_member_extra(walk->model, member);
    bool xml = walk->wire->protocol == AWL_PROTOCOL_REST_XML;
    awl_str name = payload_root(walk->model, member, shape, extra);
    union any_writer writer;
    begin(walk, &writer, out);
    if (xml)
        awl_xml_writer_begin(&writer.xml, name, extra->xml_namespace, extra->xml_prefix);
    awl_walk_value(walk, path, member, shape);
    if (xml)
        awl_xml_writer_end(&writer.xml, name);
}

enum awl_rc awl_body_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body)
{
    bool cbor = reader->wire->protocol == AWL_PROTOCOL_CBOR;
    if ((cbor ? body : awl_str_trim(body)).len == 0 &&
        shape->type == AWL_SHAPE_STRUCTURE) {
        lua_newtable(reader->L);
        return AWL_OK;
    }
    if (cbor)
        return awl_cbor_read(reader, shape, body);
    if (reader->wire->protocol == AWL_PROTOCOL_REST_XML)
        return awl_xml_read(reader, shape, body, (awl_str){NULL, 0});
    return awl_json_read(reader, shape, body);
}
