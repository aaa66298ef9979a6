#include "wire/xml_write.h"

#include "aws/base64.h"

static struct awl_xml_writer *self(struct awl_writer *w)
{
    return (struct awl_xml_writer *)w; /* `base` is its first member */
}

/* The reference that stands for what begins at text.ptr[i], and how many bytes it
 * stands for. Line ends would be changed by the reader's side if they stood as they
 * are. */
static awl_str reference(awl_str text, size_t i, size_t *len)
{
    *len = 1;
    switch (text.ptr[i]) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\r':
        return STR("&#xD;");
    case '\n':
        return STR("&#xA;");
    default:
        break;
    }
    if (awl_str_starts(awl_str_slice(text, i, text.len), STR("\xC2\x85"))) {
        *len = 2;
        return STR("&#x85;");
    }
    if (awl_str_starts(awl_str_slice(text, i, text.len), STR("\xE2\x80\xA8"))) {
        *len = 3;
        return STR("&#x2028;");
    }
    return (awl_str){NULL, 0};
}

static bool is_special(char c)
{
    return c == '&' || c == '<' || c == '>' || c == '"' || c == '\r' || c == '\n' ||
           c == '\xC2' || c == '\xE2';
}

static void put_escaped(struct awl_buf *out, awl_str text)
{
    size_t from = 0;
    size_t len;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_special(text.ptr[i]))
            continue;
        awl_str escaped = reference(text, i, &len);
        if (escaped.ptr == NULL)
            continue;
        awl_buf_append(out, text.ptr + from, i - from);
        awl_buf_append_str(out, escaped);
        from = i + len;
        i += len - 1;
    }
    if (from < text.len)
        awl_buf_append(out, text.ptr + from, text.len - from);
}

/* Ends the start tag; what follows is the element's content. */
static void content(struct awl_xml_writer *x)
{
    if (x->open && !x->base.attributes)
        awl_buf_append_char(x->base.out, '>');
    x->open = x->open && x->base.attributes;
}

static void begin(struct awl_xml_writer *x, awl_str name, awl_str uri, awl_str prefix)
{
    struct awl_buf *out = x->base.out;
    content(x);
    awl_buf_append_char(out, '<');
    awl_buf_append_str(out, name);
    if (uri.len > 0) {
        awl_buf_append_str(out, STR(" xmlns"));
        if (prefix.len > 0) {
            awl_buf_append_char(out, ':');
            awl_buf_append_str(out, prefix);
        }
        awl_buf_append_str(out, STR("=\""));
        put_escaped(out, uri);
        awl_buf_append_char(out, '"');
    }
    x->open = true;
}

void awl_xml_writer_begin(struct awl_xml_writer *x, awl_str name, uint32_t uri,
                          uint32_t prefix)
{
    begin(x, name, awl_model_str(x->base.model, uri),
          awl_model_str(x->base.model, prefix));
}

void awl_xml_writer_root(struct awl_xml_writer *x, awl_str name, awl_str uri)
{
    begin(x, name, uri, (awl_str){NULL, 0});
}

void awl_xml_writer_end(struct awl_xml_writer *x, awl_str name)
{
    content(x);
    awl_buf_append_str(x->base.out, STR("</"));
    awl_buf_append_str(x->base.out, name);
    awl_buf_append_char(x->base.out, '>');
}

void awl_xml_writer_text(struct awl_xml_writer *x, awl_str name, awl_str text)
{
    awl_xml_writer_begin(x, name, AWL_MODEL_NONE, AWL_MODEL_NONE);
    content(x);
    put_escaped(x->base.out, text);
    awl_xml_writer_end(x, name);
}

/* An element named and with the namespace of a member. */
static void begin_member(struct awl_xml_writer *x, const struct awl_member *member)
{
    uint32_t uri = AWL_MODEL_NONE, prefix = AWL_MODEL_NONE;
    if (member->flags & AWL_MEMBER_EXTRA) {
        const struct awl_member_extra *extra =
            awl_model_member_extra(x->base.model, member);
        uri = extra->xml_namespace;
        prefix = extra->xml_prefix;
    }
    awl_xml_writer_begin(x, awl_model_str(x->base.model, member->wire_name), uri, prefix);
}

static void end_member(struct awl_xml_writer *x, const struct awl_member *member)
{
    awl_xml_writer_end(x, awl_model_str(x->base.model, member->wire_name));
}

/* A flattened list or map has no element of its own: its items bear its name. */
static bool is_flat(const struct awl_writer *w, const struct awl_member *member)
{
    if (member == NULL || !(member->flags & AWL_MEMBER_FLATTENED))
        return false;
    unsigned type = awl_model_shape(w->model, member->shape)->type;
    return type == AWL_SHAPE_LIST || type == AWL_SHAPE_MAP;
}

static size_t xml_member(struct awl_writer *w, const struct awl_member *member)
{
    struct awl_xml_writer *x = self(w);
    if (w->attributes) {
        awl_buf_append_char(w->out, ' ');
        awl_buf_append_str(w->out, awl_model_str(w->model, member->wire_name));
        awl_buf_append_str(w->out, STR("=\""));
    } else if (!is_flat(w, member)) {
        begin_member(x, member);
    }
    return 0;
}

static void xml_member_end(struct awl_writer *w, const struct awl_member *member,
                           size_t mark)
{
    (void)mark;
    if (w->attributes)
        awl_buf_append_char(w->out, '"');
    else if (!is_flat(w, member))
        end_member(self(w), member);
}

static void xml_structure(struct awl_writer *w, const struct awl_member *through,
                          size_t count)
{
    (void)through, (void)count;
    content(self(w));
}

static void xml_structure_end(struct awl_writer *w)
{
    (void)w;
}

static size_t xml_list(struct awl_writer *w, const struct awl_member *through,
                       const struct awl_shape *shape, size_t count)
{
    (void)shape, (void)count;
    if (!is_flat(w, through))
        content(self(w));
    return 0;
}

static void xml_list_end(struct awl_writer *w, size_t mark)
{
    (void)w, (void)mark;
}

static const struct awl_member *element_member(struct awl_writer *w,
                                               const struct awl_member *through,
                                               const struct awl_shape *shape)
{
    const struct awl_member *element = awl_model_members(w->model, shape);
    bool named = self(w)->elements_named && (shape->flags & AWL_SHAPE_FLATTENED) &&
                 (element->flags & AWL_MEMBER_NAMED);
    return is_flat(w, through) && !named ? through : element;
}

static size_t xml_element(struct awl_writer *w, const struct awl_member *through,
                          const struct awl_shape *shape, size_t index)
{
    (void)index;
    begin_member(self(w), element_member(w, through, shape));
    return 0;
}

static void xml_element_end(struct awl_writer *w, const struct awl_member *through,
                            const struct awl_shape *shape, size_t mark)
{
    (void)mark;
    end_member(self(w), element_member(w, through, shape));
}

static void xml_map(struct awl_writer *w, const struct awl_member *through, size_t count)
{
    (void)count;
    if (!is_flat(w, through))
        content(self(w));
}

static size_t xml_entry(struct awl_writer *w, const struct awl_member *through,
                        const struct awl_shape *shape, size_t index, awl_str key)
{
    (void)index;
    struct awl_xml_writer *x = self(w);
    const struct awl_member *parts = awl_model_members(w->model, shape);
    if (is_flat(w, through))
        begin_member(x, through);
    else
        awl_xml_writer_begin(x, STR("entry"), AWL_MODEL_NONE, AWL_MODEL_NONE);
    begin_member(x, &parts[0]);
    content(x);
    put_escaped(w->out, key);
    end_member(x, &parts[0]);
    begin_member(x, &parts[1]);
    return 0;
}

static void xml_entry_end(struct awl_writer *w, const struct awl_member *through,
                          const struct awl_shape *shape, size_t mark)
{
    (void)mark;
    struct awl_xml_writer *x = self(w);
    end_member(x, &awl_model_members(w->model, shape)[1]);
    if (is_flat(w, through))
        end_member(x, through);
    else
        awl_xml_writer_end(x, STR("entry"));
}

static void xml_null(struct awl_writer *w)
{
    content(self(w));
}

static void xml_boolean(struct awl_writer *w, bool value)
{
    content(self(w));
    awl_buf_append_str(w->out, value ? STR("true") : STR("false"));
}

static void xml_integer(struct awl_writer *w, int64_t value)
{
    content(self(w));
    awl_buf_append_int64(w->out, value);
}

static void xml_real(struct awl_writer *w, double value, bool is_float)
{
    (void)is_float;
    content(self(w));
    awl_append_real(w->out, value);
}

static void xml_string(struct awl_writer *w, awl_str value)
{
    content(self(w));
    put_escaped(w->out, value);
}

static void xml_blob(struct awl_writer *w, awl_str value)
{
    content(self(w));
    awl_base64_encode(w->out, value.ptr, value.len, AWL_BASE64_STANDARD);
}

static void xml_timestamp(struct awl_writer *w, const struct awl_member *through,
                          const struct awl_shape *shape, struct awl_timestamp time)
{
    content(self(w));
    awl_append_timestamp(
        w->out, time, awl_writer_timestamp_format(through, shape, AWL_TIMESTAMP_ISO8601));
}

static const struct awl_writer_ops xml_ops = {
    .member = xml_member,
    .member_end = xml_member_end,
    .structure = xml_structure,
    .structure_end = xml_structure_end,
    .list = xml_list,
    .list_end = xml_list_end,
    .element = xml_element,
    .element_end = xml_element_end,
    .map = xml_map,
    .map_end = xml_structure_end,
    .entry = xml_entry,
    .entry_end = xml_entry_end,
    .null = xml_null,
    .boolean = xml_boolean,
    .integer = xml_integer,
    .real = xml_real,
    .string = xml_string,
    .blob = xml_blob,
    .timestamp = xml_timestamp,
};

void awl_xml_writer_init(struct awl_xml_writer *x, const struct awl_model *model,
                         struct awl_buf *out)
{
    *x = (struct awl_xml_writer){
        .base = {.ops = &xml_ops, .model = model, .out = out},
    };
}
