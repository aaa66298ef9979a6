/* Paginators and waiters of a model. */
#include "model/format.h"
#include "model/model.h"

bool awl_model_paginator(const struct awl_model *model,
                         const struct awl_operation *operation,
                         struct awl_paginator *paginator)
{
    if (operation->paginator == AWL_MODEL_NONE)
        return false;
    const uint32_t *w = model->words + operation->paginator;
    paginator->input_token_count = w[AWL_PAGINATOR_INPUT_COUNT];
    paginator->output_token_count = w[AWL_PAGINATOR_OUTPUT_COUNT];
    paginator->result_key_count = w[AWL_PAGINATOR_RESULT_COUNT];
    paginator->non_aggregate_key_count = w[AWL_PAGINATOR_NON_AGGREGATE_COUNT];
    paginator->limit_key = w[AWL_PAGINATOR_LIMIT_KEY];
    paginator->more_results = w[AWL_PAGINATOR_MORE_RESULTS];
    paginator->input_tokens = w + AWL_PAGINATOR_WORDS;
    paginator->output_tokens = paginator->input_tokens + paginator->input_token_count;
    paginator->result_keys = paginator->output_tokens + paginator->output_token_count;
    paginator->non_aggregate_keys = paginator->result_keys + paginator->result_key_count;
    return true;
}

uint32_t awl_model_waiter_count(const struct awl_model *model)
{
    const struct awl_pack_service *s = model->record;
    return s->waiter_count;
}

void awl_model_waiter(const struct awl_model *model, uint32_t index,
                      struct awl_waiter *waiter)
{
    const struct awl_pack_service *s = model->record;
    const uint32_t *w = model->words + s->waiters + (size_t)index * AWL_WAITER_WORDS;
    *waiter = (struct awl_waiter){
        .name = awl_model_str(model, w[AWL_WAITER_NAME]),
        .method_name = awl_model_str(model, w[AWL_WAITER_METHOD_NAME]),
        .operation = w[AWL_WAITER_OPERATION],
        .delay_s = w[AWL_WAITER_DELAY],
        .max_attempts = w[AWL_WAITER_MAX_ATTEMPTS],
        .acceptor_count = w[AWL_WAITER_ACCEPTOR_COUNT],
        .acceptors = model->words + w[AWL_WAITER_ACCEPTORS],
    };
}

bool awl_model_waiter_find(const struct awl_model *model, awl_str name,
                           struct awl_waiter *waiter)
{
    for (uint32_t i = 0; i < awl_model_waiter_count(model); i++) {
        awl_model_waiter(model, i, waiter);
        if (awl_str_eq(waiter->name, name) || awl_str_eq(waiter->method_name, name))
            return true;
    }
    return false;
}

void awl_model_waiter_acceptor(const struct awl_model *model,
                               const struct awl_waiter *waiter, uint32_t index,
                               struct awl_waiter_acceptor *acceptor)
{
    const uint32_t *w =
        (const uint32_t *)waiter->acceptors + (size_t)index * AWL_ACCEPTOR_WORDS;
    *acceptor = (struct awl_waiter_acceptor){
        .matcher = awl_model_str(model, w[AWL_ACCEPTOR_MATCHER]),
        .state = awl_model_str(model, w[AWL_ACCEPTOR_STATE]),
        .argument = awl_model_str(model, w[AWL_ACCEPTOR_ARGUMENT]),
        .expected = awl_model_str(model, w[AWL_ACCEPTOR_EXPECTED]),
    };
}
