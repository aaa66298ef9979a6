#include "wire/cbor_scanner.h"

#include <cbor.h>

#define SKIP_DEPTH_MAX 128

/* ---- libcbor's callbacks: each notes the one item that was decoded ---- */

static void on_uint(void *data, uint64_t value)
{
    struct awl_cbor *cbor = data;
    cbor->token = AWL_CBOR_UINT;
    cbor->number = value;
}

static void on_uint8(void *data, uint8_t value)
{
    on_uint(data, value);
}

static void on_uint16(void *data, uint16_t value)
{
    on_uint(data, value);
}

static void on_uint32(void *data, uint32_t value)
{
    on_uint(data, value);
}

static void on_negint(void *data, uint64_t value)
{
    on_uint(data, value);
    ((struct awl_cbor *)data)->token = AWL_CBOR_NEGINT;
}

static void on_negint8(void *data, uint8_t value)
{
    on_negint(data, value);
}

static void on_negint16(void *data, uint16_t value)
{
    on_negint(data, value);
}

static void on_negint32(void *data, uint32_t value)
{
    on_negint(data, value);
}

static void note(void *data, enum awl_cbor_token token, bool indefinite)
{
    struct awl_cbor *cbor = data;
    cbor->token = token;
    cbor->indefinite = indefinite;
}

static void note_text(void *data, enum awl_cbor_token token, cbor_data bytes, size_t len)
{
    note(data, token, false);
    ((struct awl_cbor *)data)->text = awl_str_make((const char *)bytes, len);
}

static void note_count(void *data, enum awl_cbor_token token, uint64_t count)
{
    note(data, token, false);
    ((struct awl_cbor *)data)->number = count;
}

static void on_bytes(void *data, cbor_data bytes, size_t len)
{
    note_text(data, AWL_CBOR_BYTES, bytes, len);
}

static void on_bytes_start(void *data)
{
    note(data, AWL_CBOR_BYTES, true);
}

static void on_string(void *data, cbor_data bytes, size_t len)
{
    note_text(data, AWL_CBOR_STRING, bytes, len);
}

static void on_string_start(void *data)
{
    note(data, AWL_CBOR_STRING, true);
}

static void on_array(void *data, size_t count)
{
    note_count(data, AWL_CBOR_ARRAY, count);
}

static void on_array_start(void *data)
{
    note(data, AWL_CBOR_ARRAY, true);
}

static void on_map(void *data, size_t count)
{
    note_count(data, AWL_CBOR_MAP, count);
}

static void on_map_start(void *data)
{
    note(data, AWL_CBOR_MAP, true);
}

static void on_tag(void *data, uint64_t tag)
{
    note_count(data, AWL_CBOR_TAG, tag);
}

static void on_float(void *data, float value)
{
    struct awl_cbor *cbor = data;
    cbor->token = AWL_CBOR_FLOAT;
    cbor->real = (double)value;
    cbor->is_single = true;
}

static void on_double(void *data, double value)
{
    struct awl_cbor *cbor = data;
    cbor->token = AWL_CBOR_FLOAT;
    cbor->real = value;
    cbor->is_single = false;
}

static void on_undefined(void *data)
{
    note(data, AWL_CBOR_UNDEFINED, false);
}

static void on_null(void *data)
{
    note(data, AWL_CBOR_NULL, false);
}

static void on_boolean(void *data, bool value)
{
    note(data, AWL_CBOR_BOOLEAN, false);
    ((struct awl_cbor *)data)->boolean = value;
}

static void on_break(void *data)
{
    note(data, AWL_CBOR_BREAK, false);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint,
    .byte_string_start = on_bytes_start,
    .byte_string = on_bytes,
    .string = on_string,
    .string_start = on_string_start,
    .indef_array_start = on_array_start,
    .array_start = on_array,
    .indef_map_start = on_map_start,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_undefined,
    .null = on_null,
    .boolean = on_boolean,
    .indef_break = on_break,
};

/* ---- the scanner ---- */

void awl_cbor_init(struct awl_cbor *cbor, awl_str input)
{
    *cbor = (struct awl_cbor){.start = input.ptr != NULL ? input.ptr : ""};
    cbor->pos = cbor->start;
    cbor->end = cbor->start + input.len;
}

enum awl_cbor_token awl_cbor_next(struct awl_cbor *cbor)
{
    cbor->token = AWL_CBOR_ERROR;
    if (cbor->pos == cbor->end)
        return AWL_CBOR_ERROR;
    struct cbor_decoder_result result = cbor_stream_decode(
        (cbor_data)cbor->pos, (size_t)(cbor->end - cbor->pos), &callbacks, cbor);
    if (result.status == CBOR_DECODER_FINISHED)
        cbor->pos += result.read;
    else
        cbor->token = AWL_CBOR_ERROR;
    return cbor->token;
}

bool awl_cbor_text(struct awl_cbor *cbor, struct awl_buf *scratch, awl_str *text)
{
    enum awl_cbor_token kind = cbor->token;
    if (!cbor->indefinite) {
        *text = cbor->text;
        return true;
    }
    awl_buf_clear(scratch);
    while (awl_cbor_next(cbor) != AWL_CBOR_BREAK) {
        if (cbor->token != kind || cbor->indefinite) {
            cbor->token = AWL_CBOR_ERROR;
            return false;
        }
        awl_buf_append_str(scratch, cbor->text);
    }
    cbor->token = kind;
    *text = awl_buf_str(scratch);
    return awl_buf_rc(scratch) == AWL_OK;
}

bool awl_cbor_item(struct awl_cbor *cbor, const struct awl_cbor *head, uint64_t taken)
{
    if (!head->indefinite && taken >= head->number)
        return false;
    awl_cbor_next(cbor);
    if (cbor->token != AWL_CBOR_BREAK)
        return true; /* perhaps an error, which the reader of the item meets */
    if (!head->indefinite)
        cbor->token = AWL_CBOR_ERROR;
    return !head->indefinite;
}

static bool skip(struct awl_cbor *cbor, unsigned depth);

static bool skip_items(struct awl_cbor *cbor, unsigned depth)
{
    struct awl_cbor head = *cbor;
    bool map = head.token == AWL_CBOR_MAP;
    if (depth >= SKIP_DEPTH_MAX)
        return false;
    for (uint64_t taken = 0; awl_cbor_item(cbor, &head, taken); taken++) {
        if (!skip(cbor, depth + 1))
            return false;
        if (map && (awl_cbor_next(cbor), !skip(cbor, depth + 1)))
            return false;
    }
    return true;
}

static bool skip(struct awl_cbor *cbor, unsigned depth)
{
    while (cbor->token == AWL_CBOR_TAG)
        awl_cbor_next(cbor);
    switch (cbor->token) {
    case AWL_CBOR_ERROR:
    case AWL_CBOR_BREAK:
        return false;
    case AWL_CBOR_ARRAY:
    case AWL_CBOR_MAP:
        return skip_items(cbor, depth);
    case AWL_CBOR_BYTES:
    case AWL_CBOR_STRING: {
        enum awl_cbor_token kind = cbor->token;
        while (cbor->indefinite && awl_cbor_next(cbor) != AWL_CBOR_BREAK)
            if (cbor->token != kind || cbor->indefinite)
                return false;
            else
                cbor->indefinite = true;
        return true;
    }
    default:
        return true;
    }
}

bool awl_cbor_skip(struct awl_cbor *cbor)
{
    return skip(cbor, 0);
}
