#include "wire/cbor_write.h"

#include <cbor.h>
#include <math.h>

#define HEAD_MAX 9 /* bytes of an item's head */
#define TAG_EPOCH 1

static void put_uint(struct awl_buf *out, uint64_t value)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(out, head, cbor_encode_uint(value, head, sizeof(head)));
}

void awl_cbor_put_map(struct awl_buf *out, size_t count)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(out, head, cbor_encode_map_start(count, head, sizeof(head)));
}

void awl_cbor_put_string(struct awl_buf *out, awl_str text)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(out, head, cbor_encode_string_start(text.len, head, sizeof(head)));
    awl_buf_append_str(out, text);
}

static size_t cbor_member(struct awl_writer *w, const struct awl_member *member)
{
    awl_cbor_put_string(w->out, awl_model_str(w->model, member->wire_name));
    return 0;
}

static void cbor_member_end(struct awl_writer *w, const struct awl_member *member,
                            size_t mark)
{
    (void)w, (void)member, (void)mark;
}

static void cbor_structure(struct awl_writer *w, const struct awl_member *through,
                           size_t count)
{
    struct awl_cbor_writer *cbor = (struct awl_cbor_writer *)w;
    (void)through;
    awl_cbor_put_map(w->out, count + cbor->prologue_count);
    awl_buf_append_str(w->out, cbor->prologue);
    cbor->prologue_count = 0;
    cbor->prologue.len = 0;
}

static void cbor_nothing(struct awl_writer *w)
{
    (void)w;
}

static size_t cbor_list(struct awl_writer *w, const struct awl_member *through,
                        const struct awl_shape *shape, size_t count)
{
    unsigned char head[HEAD_MAX];
    (void)through, (void)shape;
    awl_buf_append(w->out, head, cbor_encode_array_start(count, head, sizeof(head)));
    return 0;
}

static void cbor_list_end(struct awl_writer *w, size_t mark)
{
    (void)w, (void)mark;
}

static size_t cbor_element(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, size_t index)
{
    (void)w, (void)through, (void)shape, (void)index;
    return 0;
}

static void cbor_element_end(struct awl_writer *w, const struct awl_member *through,
                             const struct awl_shape *shape, size_t mark)
{
    (void)w, (void)through, (void)shape, (void)mark;
}

static void cbor_map(struct awl_writer *w, const struct awl_member *through, size_t count)
{
    (void)through;
    awl_cbor_put_map(w->out, count);
}

static size_t cbor_entry(struct awl_writer *w, const struct awl_member *through,
                         const struct awl_shape *shape, size_t index, awl_str key)
{
    (void)through, (void)shape, (void)index;
    awl_cbor_put_string(w->out, key);
    return 0;
}

static void cbor_null(struct awl_writer *w)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(w->out, head, cbor_encode_null(head, sizeof(head)));
}

static void cbor_boolean(struct awl_writer *w, bool value)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(w->out, head, cbor_encode_bool(value, head, sizeof(head)));
}

static void cbor_integer(struct awl_writer *w, int64_t value)
{
    unsigned char head[HEAD_MAX];
    if (value >= 0) {
        put_uint(w->out, (uint64_t)value);
        return;
    }
    awl_buf_append(w->out, head,
                   cbor_encode_negint((uint64_t)(-1 - value), head, sizeof(head)));
}

static void cbor_real(struct awl_writer *w, double value, bool is_float)
{
    unsigned char head[HEAD_MAX];
    size_t len;
    if (!isfinite(value)) /* fits the half format, which is the shortest */
        len = cbor_encode_half((float)value, head, sizeof(head));
    else if (is_float)
        len = cbor_encode_single((float)value, head, sizeof(head));
    else
        len = cbor_encode_double(value, head, sizeof(head));
    awl_buf_append(w->out, head, len);
}

static void cbor_string(struct awl_writer *w, awl_str value)
{
    awl_cbor_put_string(w->out, value);
}

static void cbor_blob(struct awl_writer *w, awl_str value)
{
    unsigned char head[HEAD_MAX];
    awl_buf_append(w->out, head,
                   cbor_encode_bytestring_start(value.len, head, sizeof(head)));
    awl_buf_append_str(w->out, value);
}

/* Always epoch seconds, whatever format the model names. */
static void cbor_timestamp(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, struct awl_timestamp time)
{
    unsigned char head[HEAD_MAX];
    (void)through, (void)shape;
    awl_buf_append(w->out, head, cbor_encode_tag(TAG_EPOCH, head, sizeof(head)));
    if (time.nanoseconds == 0)
        cbor_integer(w, time.seconds);
    else
        cbor_real(w, awl_timestamp_to_double(time), false);
}

static const struct awl_writer_ops cbor_ops = {
    .member = cbor_member,
    .member_end = cbor_member_end,
    .structure = cbor_structure,
    .structure_end = cbor_nothing,
    .list = cbor_list,
    .list_end = cbor_list_end,
    .element = cbor_element,
    .element_end = cbor_element_end,
    .map = cbor_map,
    .map_end = cbor_nothing,
    .entry = cbor_entry,
    .entry_end = cbor_element_end,
    .null = cbor_null,
    .boolean = cbor_boolean,
    .integer = cbor_integer,
    .real = cbor_real,
    .string = cbor_string,
    .blob = cbor_blob,
    .timestamp = cbor_timestamp,
};

void awl_cbor_writer_init(struct awl_cbor_writer *cbor, const struct awl_model *model,
                          struct awl_buf *out)
{
    *cbor = (struct awl_cbor_writer){
        .base = {.ops = &cbor_ops, .model = model, .out = out},
    };
}
