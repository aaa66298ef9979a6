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

static void write_xml(struct awl_walk *walk, const struct awl_body_root *root,
                      const struct awl_shape *shape, int index,
                      const struct awl_presence *present, unsigned elsewhere,
                      struct awl_buf *out)
{
    struct awl_xml_writer xml;
    awl_xml_writer_init(&xml, walk->model, out);
    walk->writer = &xml.base;
    awl_xml_writer_begin(&xml, root->name, root->uri, root->prefix);
    awl_walk_members(walk, NULL, NULL, shape, index, present, elsewhere);
    awl_xml_writer_end(&xml, root->name);
}

void awl_body_write_members(struct awl_walk *walk, const struct awl_body_root *root,
                            const struct awl_shape *shape, int index,
                            const struct awl_presence *present, unsigned elsewhere,
                            struct awl_buf *out)
{
    struct awl_writer json;
    if (walk->wire->protocol == AWL_PROTOCOL_REST_XML) {
        write_xml(walk, root, shape, index, present, elsewhere, out);
        return;
    }
    awl_json_writer_init(&json, walk->model, out);
    walk->writer = &json;
    awl_walk_members(walk, NULL, NULL, shape, index, present, elsewhere);
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

static void write_xml_payload(struct awl_walk *walk, const struct awl_path *path,
                              const struct awl_member *member,
                              const struct awl_shape *shape, struct awl_buf *out)
{
    struct awl_xml_writer xml;
    const struct awl_member_extra *extra = awl_model_member_extra(walk->model, member);
    awl_str name = payload_root(walk->model, member, shape, extra);
    awl_xml_writer_init(&xml, walk->model, out);
    walk->writer = &xml.base;
    awl_xml_writer_begin(&xml, name, extra->xml_namespace, extra->xml_prefix);
    awl_walk_value(walk, path, member, shape);
    awl_xml_writer_end(&xml, name);
}

void awl_body_write_payload(struct awl_walk *walk, const struct awl_path *path,
                            const struct awl_member *member, struct awl_buf *out)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    struct awl_writer json;
    if (walk->wire->protocol == AWL_PROTOCOL_REST_XML) {
        write_xml_payload(walk, path, member, shape, out);
        return;
    }
    awl_json_writer_init(&json, walk->model, out);
    walk->writer = &json;
    awl_walk_value(walk, path, member, shape);
}

enum awl_rc awl_body_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body)
{
    if (awl_str_trim(body).len == 0 && shape->type == AWL_SHAPE_STRUCTURE) {
        lua_newtable(reader->L);
        return AWL_OK;
    }
    if (reader->wire->protocol == AWL_PROTOCOL_REST_XML)
        return awl_xml_read(reader, shape, body, (awl_str){NULL, 0});
    return awl_json_read(reader, shape, body);
}
