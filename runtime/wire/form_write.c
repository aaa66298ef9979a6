#include "wire/form_write.h"

#include "aws/base64.h"
#include "aws/uri.h"

static struct awl_form_writer *self(struct awl_writer *w)
{
    return (struct awl_form_writer *)w; /* `base` is its first member */
}

struct awl_form_name awl_form_ec2_name(const struct awl_model *model,
                                       const struct awl_member *member)
{
    awl_str name = awl_model_str(model, member->wire_name);
    if (member->flags & AWL_MEMBER_EXTRA) {
        uint32_t query_name = awl_model_member_extra(model, member)->query_name;
        if (query_name != AWL_MODEL_NONE) {
            name = awl_model_str(model, query_name);
            return (struct awl_form_name){name.ptr[0], awl_str_slice(name, 1, name.len)};
        }
    }
    return (struct awl_form_name){awl_char_upper(name.ptr[0]),
                                  awl_str_slice(name, 1, name.len)};
}

/* ---- the path ---- */

static void add_dot(struct awl_buf *prefix)
{
    if (prefix->len > 0)
        awl_buf_append_char(prefix, '.');
}

static void add_segment(struct awl_buf *prefix, awl_str name)
{
    add_dot(prefix);
    awl_uri_encode(prefix, name);
}

static void add_index(struct awl_buf *prefix, size_t index)
{
    add_dot(prefix);
    awl_buf_append_int64(prefix, (int64_t)index);
}

static void begin_pair(struct awl_form_writer *f)
{
    awl_buf_append_char(f->base.out, '&');
    awl_buf_append_str(f->base.out, awl_buf_str(f->prefix));
    awl_buf_append_char(f->base.out, '=');
}

static size_t form_member(struct awl_writer *w, const struct awl_member *member)
{
    struct awl_form_writer *f = self(w);
    size_t mark = f->prefix->len;
    if (!f->ec2) {
        add_segment(f->prefix, awl_model_str(w->model, member->wire_name));
        return mark;
    }
    struct awl_form_name name = awl_form_ec2_name(w->model, member);
    add_dot(f->prefix);
    awl_buf_append_char(f->prefix, name.first);
    awl_uri_encode(f->prefix, name.rest);
    return mark;
}

static void form_member_end(struct awl_writer *w, const struct awl_member *member,
                            size_t mark)
{
    (void)member;
    awl_buf_truncate(self(w)->prefix, mark);
}

static void form_nothing(struct awl_writer *w)
{
    (void)w;
}

static void form_structure(struct awl_writer *w, const struct awl_member *through,
                           size_t count)
{
    (void)w, (void)through, (void)count;
}

static bool is_flat(const struct awl_member *through)
{
    return through != NULL && (through->flags & AWL_MEMBER_FLATTENED);
}

static void cut_last_segment(struct awl_buf *prefix)
{
    size_t len = prefix->len;
    while (len > 0 && prefix->ptr[len - 1] != '.')
        len--;
    awl_buf_truncate(prefix, len > 0 ? len - 1 : 0);
}

static size_t form_list(struct awl_writer *w, const struct awl_member *through,
                        const struct awl_shape *shape, size_t count)
{
    struct awl_form_writer *f = self(w);
    if (f->ec2)
        return 0;
    if (count == 0) {
        begin_pair(f);
        return 0;
    }
    const struct awl_member *element = awl_model_members(w->model, shape);
    if (is_flat(through)) {
        /* A flattened list's elements may have a name, which replaces the list's. */
        if (!(element->flags & AWL_MEMBER_NAMED))
            return 0;
        cut_last_segment(f->prefix);
    }
    add_segment(f->prefix, awl_model_str(w->model, element->wire_name));
    return 0;
}

/* What the list added to the path goes with the member or element that it is in. */
static void form_list_end(struct awl_writer *w, size_t mark)
{
    (void)w, (void)mark;
}

static size_t form_element(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, size_t index)
{
    (void)through, (void)shape;
    struct awl_form_writer *f = self(w);
    size_t mark = f->prefix->len;
    add_index(f->prefix, index);
    return mark;
}

static void form_element_end(struct awl_writer *w, const struct awl_member *through,
                             const struct awl_shape *shape, size_t mark)
{
    (void)through, (void)shape;
    awl_buf_truncate(self(w)->prefix, mark);
}

static size_t form_entry(struct awl_writer *w, const struct awl_member *through,
                         const struct awl_shape *shape, size_t index, awl_str key)
{
    struct awl_form_writer *f = self(w);
    const struct awl_member *parts = awl_model_members(w->model, shape);
    size_t mark = f->prefix->len;
    if (!is_flat(through) && !f->ec2)
        add_segment(f->prefix, STR("entry"));
    add_index(f->prefix, index);
    size_t entry = f->prefix->len;
    add_segment(f->prefix, awl_model_str(w->model, parts[0].wire_name));
    begin_pair(f);
    awl_uri_encode(w->out, key);
    awl_buf_truncate(f->prefix, entry);
    add_segment(f->prefix, awl_model_str(w->model, parts[1].wire_name));
    return mark;
}

/* ---- scalars ---- */

static void form_boolean(struct awl_writer *w, bool value)
{
    begin_pair(self(w));
    awl_buf_append_str(w->out, value ? STR("true") : STR("false"));
}

static void form_integer(struct awl_writer *w, int64_t value)
{
    begin_pair(self(w));
    awl_buf_append_int64(w->out, value);
}

static void form_string(struct awl_writer *w, awl_str value)
{
    begin_pair(self(w));
    awl_uri_encode(w->out, value);
}

static void form_scratch(struct awl_writer *w)
{
    form_string(w, awl_buf_str(self(w)->scratch));
}

static void form_real(struct awl_writer *w, double value, bool is_float)
{
    (void)is_float;
    awl_buf_clear(self(w)->scratch);
    awl_append_real(self(w)->scratch, value);
    form_scratch(w); /* an exponent may have a '+' */
}

static void form_blob(struct awl_writer *w, awl_str value)
{
    awl_buf_clear(self(w)->scratch);
    awl_base64_encode(self(w)->scratch, value.ptr, value.len, AWL_BASE64_STANDARD);
    form_scratch(w);
}

static void form_timestamp(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, struct awl_timestamp time)
{
    awl_buf_clear(self(w)->scratch);
    awl_append_timestamp(
        self(w)->scratch, time,
        awl_writer_timestamp_format(through, shape, AWL_TIMESTAMP_ISO8601));
    form_scratch(w);
}

static const struct awl_writer_ops form_ops = {
    .member = form_member,
    .member_end = form_member_end,
    .structure = form_structure,
    .structure_end = form_nothing,
    .list = form_list,
    .list_end = form_list_end,
    .element = form_element,
    .element_end = form_element_end,
    .map = form_structure,
    .map_end = form_nothing,
    .entry = form_entry,
    .entry_end = form_element_end,
    .null = form_nothing,
    .boolean = form_boolean,
    .integer = form_integer,
    .real = form_real,
    .string = form_string,
    .blob = form_blob,
    .timestamp = form_timestamp,
};

void awl_form_writer_init(struct awl_form_writer *f, struct awl_wire *wire,
                          struct awl_buf *out)
{
    *f = (struct awl_form_writer){
        .base = {.ops = &form_ops, .model = wire->model, .out = out},
        .prefix = &wire->scratch2,
        .scratch = &wire->scratch,
        .ec2 = wire->protocol == AWL_PROTOCOL_EC2,
    };
    awl_buf_clear(f->prefix);
}
