#include "protocol_vectors.h"

#include "base/json.h"
#include "model/compile.h"

#define MODEL_MAX ((size_t)16 * 1024 * 1024)

static void put_items(struct awl_buf *out, const struct vectors_json *json)
{
    bool object = json->type == VECTORS_OBJECT;
    awl_buf_append_char(out, object ? '{' : '[');
    for (const struct vectors_json *item = json->first; item != NULL; item = item->next) {
        if (item != json->first)
            awl_buf_append_char(out, ',');
        if (object) {
            awl_json_append_string(out, item->key);
            awl_buf_append_char(out, ':');
        }
        models_put_json(out, item);
    }
    awl_buf_append_char(out, object ? '}' : ']');
}

void models_put_json(struct awl_buf *out, const struct vectors_json *json)
{
    if (json == NULL) {
        awl_buf_append_str(out, STR("{}"));
        return;
    }
    switch (json->type) {
    case VECTORS_NULL:
        awl_buf_append_str(out, STR("null"));
        break;
    case VECTORS_BOOLEAN:
        awl_buf_append_str(out, json->boolean ? STR("true") : STR("false"));
        break;
    case VECTORS_NUMBER:
        awl_buf_append_str(out, json->text);
        break;
    case VECTORS_STRING:
        awl_json_append_string(out, json->text);
        break;
    case VECTORS_ARRAY:
    case VECTORS_OBJECT:
        put_items(out, json);
        break;
    }
}

/* The old suites have a few traits in other places than the models of services:
 * `location` on a shape, `payload` on the reference to the input. */
static void put_reference(struct awl_buf *out, const struct vectors_json *shapes,
                          const struct vectors_json *reference)
{
    const struct vectors_json *target =
        vectors_get(shapes, vectors_text(reference, "shape").ptr);
    awl_str location = vectors_text(target, "location");
    awl_buf_append_char(out, '{');
    if (location.len > 0 && vectors_get(reference, "location") == NULL) {
        awl_buf_append_str(out, STR("\"location\":"));
        awl_json_append_string(out, location);
        awl_buf_append_char(out, ',');
    }
    for (const struct vectors_json *item = reference->first; item != NULL;
         item = item->next) {
        awl_json_append_string(out, item->key);
        awl_buf_append_char(out, ':');
        models_put_json(out, item);
        if (item->next != NULL)
            awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, '}');
}

static void put_members(struct awl_buf *out, const struct vectors_json *shapes,
                        const struct vectors_json *members)
{
    awl_buf_append_char(out, '{');
    for (const struct vectors_json *item = members->first; item != NULL;
         item = item->next) {
        awl_json_append_string(out, item->key);
        awl_buf_append_char(out, ':');
        put_reference(out, shapes, item);
        if (item->next != NULL)
            awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, '}');
}

static void put_shape(struct awl_buf *out, const struct vectors_json *shapes,
                      const struct vectors_json *shape, const struct vectors_json *input)
{
    awl_str payload = vectors_text(input, "payload");
    awl_buf_append_char(out, '{');
    if (payload.len > 0 && awl_str_eq(vectors_text(input, "shape"), shape->key)) {
        awl_buf_append_str(out, STR("\"payload\":"));
        awl_json_append_string(out, payload);
        awl_buf_append_char(out, ',');
    }
    for (const struct vectors_json *item = shape->first; item != NULL;
         item = item->next) {
        awl_json_append_string(out, item->key);
        awl_buf_append_char(out, ':');
        if (awl_str_eq(item->key, STR("members")))
            put_members(out, shapes, item);
        else
            models_put_json(out, item);
        if (item->next != NULL)
            awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, '}');
}

static void put_shapes(struct awl_buf *out, const struct vectors_json *shapes,
                       const struct vectors_json *input)
{
    awl_buf_append_char(out, '{');
    for (const struct vectors_json *item = shapes != NULL ? shapes->first : NULL;
         item != NULL; item = item->next) {
        awl_json_append_string(out, item->key);
        awl_buf_append_char(out, ':');
        put_shape(out, shapes, item, input);
        if (item->next != NULL)
            awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, '}');
}

static void put_model(struct awl_buf *out, const struct vectors_json *suite,
                      const struct vectors_json *given)
{
    awl_str name = vectors_text(given, "name");
    if (name.len == 0)
        name = STR("OperationName");
    awl_buf_append_str(out, STR("{\"version\":\"2.0\",\"metadata\":"));
    models_put_json(out, vectors_get(suite, "metadata"));
    awl_buf_append_str(out, STR(",\"operations\":{"));
    awl_json_append_string(out, name);
    awl_buf_append_str(out, STR(":{\"name\":"));
    awl_json_append_string(out, name);
    for (const struct vectors_json *item = given != NULL ? given->first : NULL;
         item != NULL; item = item->next) {
        if (awl_str_eq(item->key, STR("name")))
            continue;
        awl_buf_append_char(out, ',');
        awl_json_append_string(out, item->key);
        awl_buf_append_char(out, ':');
        models_put_json(out, item);
    }
    awl_buf_append_str(out, STR("}},\"shapes\":"));
    put_shapes(out, vectors_get(suite, "shapes"), vectors_get(given, "input"));
    awl_buf_append_char(out, '}');
}

static bool open_text(struct models_service *service, struct awl_buf *text,
                      struct awl_error *err)
{
    struct awl_compile_input input = {.name = STR("test"), .model = awl_buf_str(text)};
    *service = (struct models_service){.pack = NULL};
    awl_buf_init(&service->bytes, MODEL_MAX);
    enum awl_rc rc = awl_compile_service(&input, &service->bytes, err);
    awl_buf_release(text);
    if (rc != AWL_OK)
        return false;
    service->pack =
        awl_pack_open(service->bytes.ptr, service->bytes.len, "test", false, err);
    return service->pack != NULL &&
           awl_model_open(service->pack, STR("test"), &service->model, err) == AWL_OK;
}

bool models_open(struct models_service *service, const struct vectors_json *suite,
                 const struct vectors_json *given, struct awl_error *err)
{
    struct awl_buf text;
    awl_buf_init(&text, MODEL_MAX);
    put_model(&text, suite, given);
    if (!open_text(service, &text, err))
        return false;
    service->operation = service->model.operations;
    return true;
}

bool models_open_whole(struct models_service *service, const struct vectors_json *model,
                       struct awl_error *err)
{
    struct awl_buf text;
    awl_buf_init(&text, MODEL_MAX);
    models_put_json(&text, model);
    return open_text(service, &text, err);
}

void models_close(struct models_service *service)
{
    if (service->pack != NULL)
        awl_pack_free(service->pack);
    awl_buf_release(&service->bytes);
}
