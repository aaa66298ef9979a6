#include "model/user_model.h"

#include "model/compile.h"
#include "model/model_json.h"
#include "model/pack.h"

#define JSON_MAX ((size_t)16 << 20)

typedef enum awl_rc json_writer(const struct awl_model *model, struct awl_buf *out);

static struct awl_tree *tree_of(struct awl_arena *arena, const struct awl_model *model,
                                json_writer *write)
{
    struct awl_tree *tree = NULL;
    struct awl_buf json;
    awl_buf_init(&json, JSON_MAX);
    if (write(model, &json) == AWL_OK) {
        awl_str copy = awl_arena_copy(arena, awl_buf_str(&json));
        tree = copy.ptr != NULL ? awl_tree_parse(arena, copy, NULL) : NULL;
    }
    awl_buf_release(&json);
    return tree;
}

static enum awl_rc write_plain_rules(const struct awl_model *model, struct awl_buf *out)
{
    return awl_model_write_plain_rules(model->endpoint_prefix, out);
}

/* What a folder does not have comes from the pack: paginators and waiters from the same
 * version, rules (see model_join) from the newest. */
static void parts_complete(struct awl_service_parts *parts, const struct awl_model *base,
                           const char *version, struct awl_arena *arena)
{
    awl_str prefix = awl_tree_text(
        awl_tree_get(awl_tree_get(parts->model, STR("metadata")), STR("endpointPrefix")));
    struct awl_model named = {.endpoint_prefix = prefix};
    if (base == NULL && parts->rules == NULL)
        parts->rules = tree_of(arena, &named, write_plain_rules);
    if (base == NULL || !awl_str_eq(base->api_version, awl_str_of(version)))
        return;
    if (parts->paginators == NULL)
        parts->paginators = tree_of(arena, base, awl_model_write_paginators);
    if (parts->waiters == NULL)
        parts->waiters = tree_of(arena, base, awl_model_write_waiters);
}

static enum awl_rc partitions_read(const struct awl_names *folders,
                                   struct awl_arena *arena, struct awl_tree **partitions,
                                   struct awl_error *err)
{
    struct awl_tree *node = NULL;
    enum awl_rc rc = AWL_OK;
    for (size_t i = 0; rc == AWL_OK && node == NULL && i < folders->count; i++)
        rc = awl_data_read(folders->names[i], "partitions", arena, &node, err);
    *partitions = awl_tree_get(node, STR("partitions"));
    return rc;
}

static enum awl_rc user_compile(const struct awl_user_request *r, struct awl_buf *out,
                                struct awl_error *err)
{
    struct awl_arena arena;
    struct awl_service_parts parts;
    awl_arena_init(&arena, NULL, 0, AWL_DATA_TREE_MAX);
    enum awl_rc rc =
        awl_data_read_service((const char *const *)r->folders->names, r->folders->count,
                              r->service, r->version, &arena, &parts, err);
    if (rc == AWL_OK)
        rc = partitions_read(r->folders, &arena, &parts.partitions, err);
    if (rc == AWL_OK) {
        parts_complete(&parts, r->base, r->version, &arena);
        rc = awl_compile_parts(&parts, out, err);
        if (rc != AWL_OK)
            awl_error_prefix(err, "'%s/%s/%s'", r->folder, r->service, r->version);
    }
    awl_arena_release(&arena);
    return rc;
}

static void model_join(struct awl_model *model, const struct awl_pack *pack,
                       const struct awl_model *base)
{
    if (model->partitions.root == NULL)
        model->partitions = awl_pack_partitions(pack);
    if (model->rules.root == NULL && base != NULL)
        model->rules = base->rules;
}

enum awl_rc awl_user_model_open(struct awl_user_model *user,
                                const struct awl_user_request *request,
                                struct awl_model *model, struct awl_error *err)
{
    struct awl_error why = AWL_ERROR_INIT;
    awl_buf_init(&user->bytes, AWL_PACK_MAX);
    enum awl_rc rc = user_compile(request, &user->bytes, &why);
    if (rc == AWL_OK) {
        user->pack =
            awl_pack_open(user->bytes.ptr, user->bytes.len, request->folder, false, &why);
        rc = user->pack != NULL ? awl_model_open_at(user->pack, 0, model, &why) : why.rc;
    }
    if (rc != AWL_OK) /* a file of the user's is for the user to put right */
        return awl_error_set(err, rc == AWL_EPARSE ? AWL_ECONFIG : rc, "%s", why.message);
    model_join(model, request->pack, request->base);
    return AWL_OK;
}

void awl_user_model_release(struct awl_user_model *user)
{
    awl_pack_free(user->pack);
    awl_buf_release(&user->bytes);
    user->pack = NULL;
}
