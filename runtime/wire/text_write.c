#include "wire/text_write.h"

#include "aws/base64.h"

static void text_boolean(struct awl_writer *w, bool value)
{
    awl_buf_append_str(w->out, value ? STR("true") : STR("false"));
}

static void text_integer(struct awl_writer *w, int64_t value)
{
    awl_buf_append_int64(w->out, value);
}

static void text_real(struct awl_writer *w, double value, bool is_float)
{
    (void)is_float;
    awl_append_real(w->out, value);
}

static void text_string(struct awl_writer *w, awl_str value)
{
    awl_buf_append_str(w->out, value);
}

static void text_blob(struct awl_writer *w, awl_str value)
{
    awl_base64_encode(w->out, value.ptr, value.len, AWL_BASE64_STANDARD);
}

static void text_timestamp(struct awl_writer *w, const struct awl_member *through,
                           const struct awl_shape *shape, struct awl_timestamp time)
{
    const struct awl_text_writer *text = (const struct awl_text_writer *)w;
    awl_append_timestamp(w->out, time,
                         awl_writer_timestamp_format(through, shape, text->time_format));
}

/* Containers never come here: who writes them takes them apart first. */
static const struct awl_writer_ops text_ops = {
    .boolean = text_boolean,
    .integer = text_integer,
    .real = text_real,
    .string = text_string,
    .blob = text_blob,
    .timestamp = text_timestamp,
};

void awl_text_writer_init(struct awl_text_writer *text, const struct awl_model *model,
                          enum awl_timestamp_format time_format, struct awl_buf *out)
{
    *text = (struct awl_text_writer){
        .base = {.ops = &text_ops, .model = model, .out = out},
        .time_format = time_format,
    };
}
