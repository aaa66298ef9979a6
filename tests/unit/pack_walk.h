/* pack_walk.h - reads all there is in a pack, through the functions that programs use. */
#ifndef AWL_TESTS_PACK_WALK_H
#define AWL_TESTS_PACK_WALK_H

#include "model/endpoint.h"
#include "model/model.h"
#include "model/model_json.h"

/* A sum over all bytes of a text, so that each is read. */
static inline unsigned walk_text(awl_str text)
{
    unsigned sum = 0;
    for (size_t i = 0; i < text.len; i++)
        sum += (unsigned char)text.ptr[i];
    return sum;
}

static inline unsigned walk_texts(const struct awl_model *model, const uint32_t *offsets,
                                  size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += walk_text(awl_model_str(model, offsets[i]));
    return sum;
}

static inline unsigned walk_member(const struct awl_model *model,
                                   const struct awl_shape *shape,
                                   const struct awl_member *m)
{
    const struct awl_member_extra *rare = awl_model_member_extra(model, m);
    awl_str name = awl_model_str(model, m->name);
    awl_str wire_name = awl_model_str(model, m->wire_name);
    const uint32_t texts[] = {rare->query_name, rare->xml_namespace, rare->xml_prefix,
                              rare->context_param};
    unsigned sum = walk_texts(model, texts, sizeof(texts) / sizeof(texts[0])) +
                   walk_text(name) + walk_text(wire_name) +
                   awl_model_shape(model, m->shape)->type;
    if (shape->type == AWL_SHAPE_STRUCTURE) {
        sum += awl_model_member_by_name(model, shape, name) != NULL;
        sum += awl_model_member_by_wire_name(model, shape, wire_name) != NULL;
    }
    return sum;
}

static inline unsigned walk_shape(const struct awl_model *model,
                                  const struct awl_shape *shape)
{
    struct awl_shape_extra extra;
    awl_model_shape_extra(model, shape, &extra);
    const uint32_t texts[] = {shape->name, extra.wire_name, extra.xml_namespace,
                              extra.xml_prefix};
    unsigned sum = walk_texts(model, texts, sizeof(texts) / sizeof(texts[0])) +
                   walk_texts(model, extra.enum_values, extra.enum_count) +
                   walk_text(extra.error_code) + walk_text(extra.pattern);
    for (uint32_t i = 0; i < shape->member_count; i++)
        sum += walk_member(model, shape, &awl_model_members(model, shape)[i]);
    if (shape->payload > 0)
        sum += awl_model_members(model, shape)[shape->payload - 1].key;
    if (shape->event_payload > 0)
        sum += awl_model_members(model, shape)[shape->event_payload - 1].key;
    return sum;
}

static inline unsigned walk_bindings(const struct awl_model *model,
                                     const struct awl_operation *op)
{
    struct awl_endpoint_binding b;
    unsigned sum = 0;
    for (uint32_t i = 0; i < awl_endpoint_binding_count(model, op); i++) {
        awl_endpoint_binding(model, op, i, &b);
        sum += walk_text(b.parameter) + walk_text(b.path) + walk_text(b.value.string);
        for (size_t j = 0; j < b.value.string_count; j++)
            sum += walk_text(b.value.strings[j]);
    }
    return sum;
}

static inline unsigned walk_operation(const struct awl_model *model,
                                      const struct awl_operation *op)
{
    const uint32_t texts[] = {
        op->name,
        op->method_name,
        op->http_method,
        op->request_uri,
        op->input_wire_name,
        op->input_namespace,
        op->input_prefix,
        op->result_wrapper,
        op->host_prefix,
        op->checksum_member,
        op->checksum_mode_member,
        op->response_checksums,
        op->auth,
    };
    unsigned sum = walk_texts(model, texts, sizeof(texts) / sizeof(texts[0]));
    for (uint32_t i = 0; i < op->error_count; i++)
        sum += model->shapes[model->errors[op->errors + i]].type;
    if (op->input != AWL_MODEL_NONE)
        sum += awl_model_shape(model, op->input)->type;
    if (op->output != AWL_MODEL_NONE)
        sum += awl_model_shape(model, op->output)->type;
    sum += awl_model_error_shape(model, op, STR("Full")) != NULL;
    sum += awl_model_operation(model, awl_model_str(model, op->method_name)) != NULL;
    return sum + walk_bindings(model, op);
}

/* The endpoint for a region, every parameter set to something. */
static inline unsigned walk_endpoint(const struct awl_model *model, awl_str text,
                                     bool truth)
{
    struct awl_endpoint_value values[AWL_ENDPOINT_PARAMETERS_MAX] = {{0}};
    struct awl_endpoint endpoint;
    unsigned sum = 0;
    for (uint32_t i = 0; i < awl_endpoint_parameter_count(model); i++) {
        struct awl_endpoint_parameter p;
        awl_endpoint_parameter(model, i, &p);
        sum += walk_text(p.name) + walk_text(p.built_in);
        bool region = awl_str_eq(p.built_in, STR("AWS::Region"));
        bool endpoint_url = awl_str_eq(p.built_in, STR("SDK::Endpoint"));
        values[i].type = endpoint_url && !truth ? AWL_ENDPOINT_UNSET : p.type;
        values[i].string = region ? STR("cn-north-1") : text;
        values[i].boolean = truth && i % 2 == 0;
        values[i].strings = &values[i].string;
        values[i].string_count = 1;
    }
    awl_endpoint_init(&endpoint);
    if (awl_endpoint_resolve(model, values, &endpoint, NULL) == AWL_OK)
        sum += walk_text(endpoint.url) + walk_text(endpoint.properties) +
               walk_text(endpoint.backend);
    awl_endpoint_release(&endpoint);
    return sum;
}

/* Paginators and waiters. */
static inline unsigned walk_lists(const struct awl_model *model)
{
    struct awl_waiter w;
    struct awl_buf json;
    unsigned sum = 0;
    awl_buf_init(&json, (size_t)1 << 24);
    if (awl_model_write_paginators(model, &json) == AWL_OK)
        sum += walk_text(awl_buf_str(&json));
    awl_buf_clear(&json);
    if (awl_model_write_waiters(model, &json) == AWL_OK)
        sum += walk_text(awl_buf_str(&json));
    awl_buf_release(&json);
    return sum + awl_model_waiter_find(model, STR("book_there"), &w);
}

static inline unsigned walk_model(const struct awl_model *model)
{
    unsigned sum = walk_text(model->name) + walk_text(model->api_version) +
                   walk_text(model->service_id) + walk_text(model->endpoint_prefix) +
                   walk_text(model->signing_name) + walk_text(model->target_prefix) +
                   walk_text(model->json_version) + walk_text(model->xml_namespace) +
                   walk_text(model->signature_version) + walk_text(model->auth) +
                   walk_text(model->full_name) +
                   walk_text(awl_protocol_name(model->protocol));
    for (uint32_t i = 0; i < model->shape_count; i++)
        sum += walk_shape(model, awl_model_shape(model, i));
    for (uint32_t i = 0; i < model->operation_count; i++)
        sum += walk_operation(model, &model->operations[i]);
    sum += walk_endpoint(model, STR("abcdef"), false) +
           walk_endpoint(model, STR("https://a.b/c"), true) +
           walk_endpoint(model, STR("arn:aws:s3:eu-west-1:123456789012:accesspoint:a"),
                         false);
    return sum + walk_lists(model);
}

static inline unsigned pack_walk(const struct awl_pack *pack)
{
    static const char *const regions[] = {"eu-west-1", "cn-north-1", "us-moon-1", "x"};
    const struct awl_pack_words partitions = awl_pack_partitions(pack);
    unsigned sum = walk_text(awl_pack_data_version(pack));
    for (uint32_t i = 0; i < awl_pack_service_count(pack); i++) {
        struct awl_model model;
        sum += walk_text(awl_pack_service_name(pack, i)) +
               walk_text(awl_pack_service_version(pack, i));
        if (awl_model_open_at(pack, i, &model, NULL) == AWL_OK)
            sum += walk_model(&model);
        (void)awl_model_open(pack, STR("book-shelf"), &model, NULL);
    }
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
        struct awl_partition partition;
        awl_partition_of_region(&partitions, awl_str_of(regions[i]), &partition);
        sum += walk_text(partition.name) + walk_text(partition.dns_suffix) +
               walk_text(partition.dual_stack_dns_suffix) +
               walk_text(partition.implicit_global_region);
    }
    return sum;
}

#endif
