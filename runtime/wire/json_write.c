#include "wire/json_write.h"

#include <math.h>

#include "aws/base64.h"
#include "base/json.h"
#include "wire/document.h"

/* A comma goes before every item but the first: the byte before tells. */
static void separate(struct awl_buf *out)
{
    char last = out->len > 0 ? out->ptr[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        awl_buf_append_char(out, ',');
}

static void put_key(struct awl_buf *out, awl_str key)
{
    separate(out);
    awl_json_append_string(out, key);
    awl_buf_append_char(out, ':');
}

static size_t json_member(struct awl_writer *w, const struct awl_member *member)
{
    put_key(w->out, awl_model_str(w->model, member->wire_name));
    return 0;
}

static void json_member_end(struct awl_writer *w, const struct awl_member *member,
                            size_t mark)
{
    (void)w, (void)member, (void)mark;
}

static void json_structure(struct awl_writer *w, const struct awl_member *through,
                           size_t count)
{
    (void)through, (void)count;
    awl_buf_append_char(w->out, '{');
}

static void json_structure_end(struct awl_writer *w)
{
    awl_buf_append_char(w->out, '}');
}

static size_t json_list(struct awl_writer *w, const struct awl_member *through,
                        const struct awl_shape *shape, size_t count)
{
    (void)through, (void)shape, (void)count;
    awl_buf_append_char(w->out, '[');
    return 0;
}

static void json_list_end(struct awl_writer *w, size_t mark)
{
    (void)mark;
    awl_buf_append_char(w->out, ']');
}

static size_t json_element(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, size_t index)
{
    (void)through, (void)shape, (void)index;
    separate(w->out);
    return 0;
}

static void json_element_end(struct awl_writer *w, const struct awl_member *through,
                             const struct awl_shape *shape, size_t mark)
{
    (void)w, (void)through, (void)shape, (void)mark;
}

static size_t json_entry(struct awl_writer *w, const struct awl_member *through,
                         const struct awl_shape *shape, size_t index, awl_str key)
{
    (void)through, (void)shape, (void)index;
    put_key(w->out, key);
    return 0;
}

static void json_null(struct awl_writer *w)
{
    awl_buf_append_str(w->out, STR("null"));
}

static void json_boolean(struct awl_writer *w, bool value)
{
    awl_buf_append_str(w->out, value ? STR("true") : STR("false"));
}

static void json_integer(struct awl_writer *w, int64_t value)
{
    awl_buf_append_int64(w->out, value);
}

static void json_real(struct awl_writer *w, double value, bool is_float)
{
    (void)is_float;
    if (isfinite(value)) {
        awl_json_append_double(w->out, value);
        return;
    }
    awl_buf_append_char(w->out, '"');
    awl_append_real(w->out, value);
    awl_buf_append_char(w->out, '"');
}

static void json_string(struct awl_writer *w, awl_str value)
{
    awl_json_append_string(w->out, value);
}

static void json_blob(struct awl_writer *w, awl_str value)
{
    awl_buf_append_char(w->out, '"');
    awl_base64_encode(w->out, value.ptr, value.len, AWL_BASE64_STANDARD);
    awl_buf_append_char(w->out, '"');
}

static void json_timestamp(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, struct awl_timestamp time)
{
    enum awl_timestamp_format format =
        awl_writer_timestamp_format(through, shape, AWL_TIMESTAMP_UNIX);
    if (format == AWL_TIMESTAMP_UNIX) {
        awl_append_timestamp(w->out, time, format);
        return;
    }
    awl_buf_append_char(w->out, '"');
    awl_append_timestamp(w->out, time, format);
    awl_buf_append_char(w->out, '"');
}

static void json_document(struct awl_writer *w, lua_State *L, const struct awl_path *path,
                          struct awl_problems *problems)
{
    awl_document_write(w->out, L, path, problems);
}

static const struct awl_writer_ops json_ops = {
    .member = json_member,
    .member_end = json_member_end,
    .structure = json_structure,
    .structure_end = json_structure_end,
    .list = json_list,
    .list_end = json_list_end,
    .element = json_element,
    .element_end = json_element_end,
    .map = json_structure,
    .map_end = json_structure_end,
    .entry = json_entry,
    .entry_end = json_element_end,
    .null = json_null,
    .boolean = json_boolean,
    .integer = json_integer,
    .real = json_real,
    .string = json_string,
    .blob = json_blob,
    .timestamp = json_timestamp,
    .document = json_document,
};

void awl_json_writer_init(struct awl_writer *writer, const struct awl_model *model,
                          struct awl_buf *out)
{
    *writer = (struct awl_writer){.ops = &json_ops, .model = model, .out = out};
}
