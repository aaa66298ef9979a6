#include "call/service.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "call/pipeline.h"
#include "call/service/rules.h"
#include "call/turns.h"
#include "model/catalog.h"

const struct awl_service_rules *awl_service_rules_of(awl_str name)
{
    static const struct awl_service_rules none;
    for (size_t i = 0; awl_service_rules_all[i] != NULL; i++)
        if (awl_str_eq(name, awl_str_of(awl_service_rules_all[i]->service)))
            return awl_service_rules_all[i];
    return &none;
}

static enum awl_rc add(struct awl_pipeline *pipeline, const struct awl_model *model,
                       struct awl_service **opened, struct awl_error *err)
{
    struct awl_runtime *runtime = pipeline->runtime;
    struct awl_service *service = calloc(1, sizeof(*service));
    if (service == NULL)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    service->model = *model;
    service->metatable = LUA_NOREF;
    service->rules = awl_service_rules_of(model->name);
    enum awl_rc rc = awl_wire_init(&service->wire, runtime->L, &service->model,
                                   model->protocol, &runtime->random, err);
    if (rc != AWL_OK) {
        free(service);
        return rc;
    }
    service->next = pipeline->services;
    pipeline->services = service;
    *opened = service;
    return AWL_OK;
}

/* Makes one of the protocols that the model lists the model's own. */
static enum awl_rc choose_protocol(struct awl_model *model, awl_str wanted,
                                   struct awl_error *err)
{
    char listed[128] = "";
    size_t len = 0;

    for (unsigned i = 0; i < AWL_PROTOCOL_COUNT; i++) {
        awl_str name = awl_protocol_name(i);
        if ((model->protocols & 1u << i) == 0)
            continue;
        if (awl_str_eq(name, wanted)) {
            model->protocol = (enum awl_protocol)i;
            return AWL_OK;
        }
        len += (size_t)snprintf(listed + len, sizeof(listed) - len, "%s%.*s",
                                len > 0 ? ", " : "", STR_ARG(name));
    }
    return awl_error_set(err, AWL_ECONFIG, "%.*s has no protocol '%.*s'; there is %s",
                         STR_ARG(model->name), STR_ARG(wanted), listed);
}

static bool is_same(const struct awl_service *service, const struct awl_model *model)
{
    return service->model.record == model->record &&
           service->model.protocol == model->protocol;
}

enum awl_rc awl_service_open(struct awl_runtime *runtime, awl_str name,
                             awl_str api_version, awl_str protocol,
                             struct awl_service **service, struct awl_error *err)
{
    struct awl_pipeline *pipeline = awl_pipeline(runtime);
    struct awl_model model;
    enum awl_rc rc = awl_catalog_open(runtime->models, name, api_version, &model, err);
    if (rc == AWL_OK && protocol.len > 0)
        rc = choose_protocol(&model, protocol, err);
    if (rc != AWL_OK)
        return rc;
    *service = pipeline->services;
    while (*service != NULL && !is_same(*service, &model))
        *service = (*service)->next;
    if (*service != NULL)
        return AWL_OK;
    return add(pipeline, &model, service, err);
}

struct awl_service_region *awl_service_region(struct awl_service *service, awl_str name)
{
    for (struct awl_service_region *r = service->regions; r != NULL; r = r->next)
        if (awl_str_eq(awl_str_of(r->name), name))
            return r;

    struct awl_service_region *region = malloc(sizeof(*region) + name.len + 1);
    if (region == NULL)
        return NULL;
    region->quota.tokens = AWL_RETRY_QUOTA;
    region->turns = NULL;
    memcpy(region->name, name.ptr, name.len);
    region->name[name.len] = '\0';
    region->next = service->regions;
    service->regions = region;
    return region;
}

void awl_services_release(struct awl_runtime *runtime)
{
    struct awl_pipeline *pipeline = awl_pipeline(runtime);
    struct awl_service *service = pipeline->services;

    while (service != NULL) {
        struct awl_service *next = service->next;
        while (service->regions != NULL) {
            struct awl_service_region *region = service->regions;
            service->regions = region->next;
            awl_turns_free(region->turns);
            free(region);
        }
        awl_wire_release(&service->wire, runtime->L);
        free(service);
        service = next;
    }
    pipeline->services = NULL;
}
