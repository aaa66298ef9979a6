/* What a service says of itself. */
#include "base/str.h"
#include "model/compiler.h"

static uint32_t protocol_bit(awl_str name)
{
    if (awl_str_eq(name, STR("api-gateway"))) /* but for its times: compile_shapes.c */
        return 1u << AWL_PROTOCOL_REST_JSON;
    for (unsigned i = 0; i < AWL_PROTOCOL_COUNT; i++)
        if (awl_str_eq(awl_protocol_name(i), name))
            return 1u << i;
    return 0;
}

static enum awl_rc compile_protocol(struct awl_compiler *c,
                                    const struct awl_tree *metadata)
{
    struct awl_pack_service *s = &c->service;
    awl_str legacy = awl_tree_text(awl_tree_get(metadata, STR("protocol")));
    const struct awl_tree *list = awl_tree_get(metadata, STR("protocols"));
    for (const struct awl_tree *p = list != NULL ? list->child : NULL; p != NULL;
         p = p->next)
        s->protocols |= protocol_bit(awl_tree_text(p));
    if (s->protocols == 0)
        s->protocols = protocol_bit(legacy);
    if (s->protocols == 0)
        return awl_compiler_fail(c, "unknown protocol '%.*s'", STR_ARG(legacy));
    while ((s->protocols >> s->protocol & 1) == 0)
        s->protocol++;
    return AWL_OK;
}

enum awl_rc awl_compile_metadata(struct awl_compiler *c, const struct awl_tree *model)
{
    const struct awl_tree *metadata = awl_tree_get(model, STR("metadata"));
    struct awl_pack_service *s = &c->service;
    const struct {
        awl_str key;
        uint32_t *offset;
    } texts[] = {
        {STR("apiVersion"), &s->api_version},
        {STR("serviceId"), &s->service_id},
        {STR("endpointPrefix"), &s->endpoint_prefix},
        {STR("signingName"), &s->signing_name},
        {STR("targetPrefix"), &s->target_prefix},
        {STR("jsonVersion"), &s->json_version},
        {STR("signatureVersion"), &s->signature_version},
        {STR("serviceFullName"), &s->full_name},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i].offset =
            awl_compiler_string_of(c, awl_tree_get(metadata, texts[i].key));
    if (s->signing_name == AWL_MODEL_NONE)
        s->signing_name = s->endpoint_prefix;

    const struct awl_tree *ns = awl_tree_get(metadata, STR("xmlNamespace"));
    if (awl_tree_is(ns, AWL_TREE_OBJECT))
        ns = awl_tree_get(ns, STR("uri"));
    s->xml_namespace = awl_compiler_string_of(c, ns);
    s->auth = awl_compiler_joined(c, awl_tree_get(metadata, STR("auth")));
    s->query_compatible = awl_tree_get(metadata, STR("awsQueryCompatible")) != NULL;

    const struct awl_tree *settings = awl_tree_get(metadata, STR("protocolSettings"));
    awl_str http2 = awl_tree_text(awl_tree_get(settings, STR("h2")));
    if (awl_str_eq(http2, STR("eventstream")))
        s->http2 = AWL_HTTP2_EVENT_STREAMS;
    else if (awl_str_eq(http2, STR("optional")))
        s->http2 = AWL_HTTP2_OPTIONAL;
    return compile_protocol(c, metadata);
}
