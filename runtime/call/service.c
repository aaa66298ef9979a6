#include "call/service.h"

#include <lauxlib.h>
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

enum awl_rc awl_service_open(struct awl_runtime *runtime, awl_str name,
                             awl_str api_version, struct awl_service **service,
                             struct awl_error *err)
{
    struct awl_pipeline *pipeline = awl_pipeline(runtime);
    struct awl_model model;
    enum awl_rc rc = awl_catalog_open(runtime->models, name, api_version, &model, err);
    if (rc != AWL_OK)
        return rc;
    *service = pipeline->services;
    while (*service != NULL && (*service)->model.record != model.record)
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
