/* Bodies are equal when they say the same: order and spelling aside. */
#include "protocol_vectors.h"

#include <expat.h>
#include <stdlib.h>

#include "aws/base64.h"
#include "aws/uri.h"
#include "base/json.h"
#include "wire/cbor_scanner.h"

#define BODY_MAX ((size_t)16 * 1024 * 1024)

/* ---- pieces that may stand in any order ---- */

struct pieces {
    awl_str *items; /* each an own copy */
    size_t count;
};

static int compare_pieces(const void *a, const void *b)
{
    return awl_str_cmp(*(const awl_str *)a, *(const awl_str *)b);
}

static awl_str pieces_copy(awl_str text)
{
    char *copy = malloc(text.len + 1);
    if (copy == NULL)
        abort();
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return awl_str_make(copy, text.len);
}

static void pieces_add(struct pieces *pieces, awl_str text)
{
    awl_str *items = realloc(pieces->items, (pieces->count + 1) * sizeof(*items));
    if (items == NULL)
        abort();
    items[pieces->count++] = pieces_copy(text);
    pieces->items = items;
}

static void pieces_sort(struct pieces *pieces)
{
    if (pieces->count > 1)
        qsort(pieces->items, pieces->count, sizeof(*pieces->items), compare_pieces);
}

static void pieces_free(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++)
        free((void *)(uintptr_t)pieces->items[i].ptr);
    free(pieces->items);
}

/* ---- forms and query strings ---- */

/* Where "entry.N.key=K" stands in a pair; NULL if it is none. `*number` is N. */
static const char *entry_of(awl_str pair, awl_str *number, awl_str *key)
{
    size_t equals = awl_str_find(pair, '=', 0);
    awl_str name = awl_str_slice(pair, 0, equals);
    size_t last = name.len;
    while (last > 0 && name.ptr[last - 1] != '.')
        last--;
    size_t begin = last > 0 ? last - 1 : 0;
    while (begin > 0 && awl_char_is_digit(name.ptr[begin - 1]))
        begin--;
    awl_str entry = STR("entry.");
    if (equals == SIZE_MAX || begin < entry.len || begin + 1 >= last ||
        !awl_str_ends(awl_str_slice(name, 0, begin), entry) ||
        !awl_str_eq(awl_str_slice(name, last, name.len), STR("key")))
        return NULL;
    *number = awl_str_slice(name, begin, last);
    *key = awl_str_slice(pair, equals + 1, pair.len);
    return name.ptr + begin - entry.len;
}

/* Entries of a map have no order: their numbers become their keys. */
static void name_entries(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        awl_str number, key;
        const char *entry = entry_of(pieces->items[i], &number, &key);
        if (entry == NULL)
            continue;
        size_t before = (size_t)(entry - pieces->items[i].ptr);
        struct awl_buf prefix;
        awl_buf_init(&prefix, BODY_MAX);
        awl_buf_append(&prefix, pieces->items[i].ptr,
                       (size_t)(number.ptr + number.len - pieces->items[i].ptr));
        struct awl_buf name;
        awl_buf_init(&name, BODY_MAX);
        awl_buf_append(&name, prefix.ptr, before);
        awl_buf_printf(&name, "{%.*s}.", STR_ARG(key));
        for (size_t j = 0; j < pieces->count; j++) {
            awl_str *item = &pieces->items[j];
            if (!awl_str_starts(*item, awl_buf_str(&prefix)))
                continue;
            struct awl_buf renamed;
            awl_buf_init(&renamed, BODY_MAX);
            awl_buf_append_str(&renamed, awl_buf_str(&name));
            awl_buf_append_str(&renamed, awl_str_slice(*item, prefix.len, item->len));
            free((void *)(uintptr_t)item->ptr);
            *item = pieces_copy(awl_buf_str(&renamed));
            awl_buf_release(&renamed);
        }
        awl_buf_release(&prefix);
        awl_buf_release(&name);
    }
}

static struct pieces pairs_of(awl_str text, bool decode)
{
    struct pieces pieces = {NULL, 0};
    while (text.len > 0) {
        size_t end = awl_str_find(text, '&', 0);
        awl_str pair = awl_str_slice(text, 0, end);
        struct awl_buf plain;
        awl_buf_init(&plain, BODY_MAX);
        if (decode)
            awl_uri_decode(&plain, pair, true);
        else
            awl_buf_append_str(&plain, pair);
        pieces_add(&pieces, awl_buf_str(&plain));
        awl_buf_release(&plain);
        text =
            end == SIZE_MAX ? (awl_str){NULL, 0} : awl_str_slice(text, end + 1, text.len);
    }
    if (decode)
        name_entries(&pieces);
    pieces_sort(&pieces);
    return pieces;
}

static bool equal_pairs(awl_str actual, awl_str expected, bool decode)
{
    struct pieces a = pairs_of(actual, decode);
    struct pieces b = pairs_of(expected, decode);
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++)
        same = awl_str_eq(a.items[i], b.items[i]);
    pieces_free(&a);
    pieces_free(&b);
    return same;
}

bool bodies_equal_form(awl_str actual, awl_str expected)
{
    return equal_pairs(actual, expected, true);
}

bool bodies_equal_query(awl_str actual, awl_str expected)
{
    return equal_pairs(actual, expected, false);
}

/* ---- JSON: one spelling of each value ---- */

static bool spell_json(struct awl_json_reader *json, enum awl_json_token token,
                       struct awl_buf *out);

static bool spell_number(struct awl_json_reader *json, struct awl_buf *out)
{
    double value;
    if (!awl_str_to_double(json->text, &value))
        return false;
    if (json->integral)
        awl_buf_append_str(out, json->text);
    else if (value == (double)(int64_t)value)
        awl_buf_append_int64(out, (int64_t)value);
    else
        awl_json_append_double(out, value);
    return true;
}

static bool spell_object(struct awl_json_reader *json, struct awl_buf *out)
{
    struct pieces pieces = {NULL, 0};
    enum awl_json_token token;
    bool ok = true;
    while (ok && (token = awl_json_next(json)) == AWL_JSON_KEY) {
        struct awl_buf piece;
        awl_buf_init(&piece, BODY_MAX);
        awl_json_unescape(&piece, json->text);
        awl_buf_append_char(&piece, ':');
        ok = spell_json(json, awl_json_next(json), &piece);
        pieces_add(&pieces, awl_buf_str(&piece));
        awl_buf_release(&piece);
    }
    pieces_sort(&pieces);
    awl_buf_append_char(out, '{');
    for (size_t i = 0; i < pieces.count; i++) {
        awl_buf_append_str(out, pieces.items[i]);
        awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, '}');
    pieces_free(&pieces);
    return ok && token == AWL_JSON_OBJECT_END;
}

static bool spell_array(struct awl_json_reader *json, struct awl_buf *out)
{
    enum awl_json_token token;
    awl_buf_append_char(out, '[');
    while ((token = awl_json_next(json)) != AWL_JSON_ARRAY_END) {
        if (!spell_json(json, token, out))
            return false;
        awl_buf_append_char(out, ',');
    }
    awl_buf_append_char(out, ']');
    return true;
}

static bool spell_json(struct awl_json_reader *json, enum awl_json_token token,
                       struct awl_buf *out)
{
    switch (token) {
    case AWL_JSON_OBJECT_BEGIN:
        return spell_object(json, out);
    case AWL_JSON_ARRAY_BEGIN:
        return spell_array(json, out);
    case AWL_JSON_STRING:
        awl_buf_append_char(out, '"');
        awl_json_unescape(out, json->text);
        awl_buf_append_char(out, '"');
        return true;
    case AWL_JSON_NUMBER:
        return spell_number(json, out);
    case AWL_JSON_TRUE:
    case AWL_JSON_FALSE:
    case AWL_JSON_NULL:
        awl_buf_append_char(out, "tfn"[token - AWL_JSON_TRUE]);
        return true;
    default:
        return false;
    }
}

static bool spell_json_text(awl_str text, struct awl_buf *out)
{
    struct awl_json_reader json;
    awl_json_reader_init(&json, text);
    return spell_json(&json, awl_json_next(&json), out) &&
           awl_json_next(&json) == AWL_JSON_END;
}

typedef bool spell(awl_str text, struct awl_buf *out);

/* By their spelling, or by their bytes when the expected one cannot be read. */
static bool equal_spelling(awl_str actual, awl_str expected, spell *one)
{
    struct awl_buf a, b;
    awl_buf_init(&a, BODY_MAX);
    awl_buf_init(&b, BODY_MAX);
    bool same;
    if (!one(expected, &b))
        same = awl_str_eq(actual, expected);
    else
        same = one(actual, &a) && awl_str_eq(awl_buf_str(&a), awl_buf_str(&b));
    awl_buf_release(&a);
    awl_buf_release(&b);
    return same;
}

bool bodies_equal_json(awl_str actual, awl_str expected)
{
    return equal_spelling(actual, expected, spell_json_text);
}

/* ---- XML, read by expat: elements with their namespaces, in any order ---- */

#define LEVELS_MAX 64

struct level {
    struct awl_buf head; /* name, attributes, declared namespaces */
    struct awl_buf text;
    struct pieces children;
};

struct tree {
    struct level levels[LEVELS_MAX];
    unsigned depth;
    struct pieces declared; /* namespaces of the next element */
    bool too_deep;
};

static void on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    struct tree *tree = data;
    struct awl_buf text;
    (void)prefix;
    awl_buf_init(&text, BODY_MAX);
    awl_buf_printf(&text, " xmlns=%s", uri != NULL ? uri : "");
    pieces_add(&tree->declared, awl_buf_str(&text));
    awl_buf_release(&text);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct tree *tree = data;
    if (tree->depth + 1 >= LEVELS_MAX) {
        tree->too_deep = true;
        return;
    }
    struct level *level = &tree->levels[++tree->depth];
    awl_buf_init(&level->head, BODY_MAX);
    awl_buf_init(&level->text, BODY_MAX);
    level->children = (struct pieces){NULL, 0};
    for (; *attributes != NULL; attributes += 2) {
        struct awl_buf text;
        awl_buf_init(&text, BODY_MAX);
        awl_buf_printf(&text, " %s=%s", attributes[0], attributes[1]);
        pieces_add(&tree->declared, awl_buf_str(&text));
        awl_buf_release(&text);
    }
    pieces_sort(&tree->declared);
    awl_buf_append_str(&level->head, awl_str_of(name));
    for (size_t i = 0; i < tree->declared.count; i++)
        awl_buf_append_str(&level->head, tree->declared.items[i]);
    pieces_free(&tree->declared);
    tree->declared = (struct pieces){NULL, 0};
}

static void on_text(void *data, const XML_Char *text, int len)
{
    struct tree *tree = data;
    awl_buf_append(&tree->levels[tree->depth].text, text, (size_t)len);
}

static void on_end(void *data, const XML_Char *name)
{
    struct tree *tree = data;
    (void)name;
    if (tree->too_deep)
        return;
    struct level *level = &tree->levels[tree->depth--];
    struct awl_buf *head = &level->head;
    pieces_sort(&level->children);
    awl_buf_append_char(head, '(');
    awl_buf_append_str(head, awl_str_trim(awl_buf_str(&level->text)));
    for (size_t i = 0; i < level->children.count; i++)
        awl_buf_append_str(head, level->children.items[i]);
    awl_buf_append_char(head, ')');
    pieces_add(&tree->levels[tree->depth].children, awl_buf_str(head));
    pieces_free(&level->children);
    awl_buf_release(head);
    awl_buf_release(&level->text);
}

static bool spell_xml(awl_str text, struct awl_buf *out)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    XML_Parser parser = XML_ParserCreateNS("UTF-8", '|');
    if (tree == NULL || parser == NULL)
        abort();
    awl_buf_init(&tree->levels[0].text, BODY_MAX);
    XML_SetUserData(parser, tree);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartNamespaceDeclHandler(parser, on_namespace);
    text = awl_str_trim(text);
    bool ok =
        text.len > 0 && XML_Parse(parser, text.ptr, (int)text.len, 1) == XML_STATUS_OK;
    if (ok && tree->levels[0].children.count == 1)
        awl_buf_append_str(out, tree->levels[0].children.items[0]);
    pieces_free(&tree->levels[0].children);
    awl_buf_release(&tree->levels[0].text);
    XML_ParserFree(parser);
    free(tree);
    return ok;
}

bool bodies_equal_xml(awl_str actual, awl_str expected)
{
    return equal_spelling(actual, expected, spell_xml);
}

/* ---- CBOR ---- */

/* What is known of an item; shape is NULL for nothing. */
struct typed {
    const struct awl_model *model;
    const struct awl_shape *shape;
};

static struct typed typed_at(struct typed in, awl_str key)
{
    if (in.shape == NULL)
        return in;
    const struct awl_member *member =
        in.shape->type == AWL_SHAPE_STRUCTURE
            ? awl_model_member_by_wire_name(in.model, in.shape, key)
            : values_member(in.model, in.shape, key);
    in.shape = member != NULL ? awl_model_shape(in.model, member->shape) : NULL;
    return in;
}

static bool spell_cbor(struct awl_cbor *cbor, struct typed of, struct awl_buf *out);

void bodies_spell_real(struct awl_buf *out, double value)
{
    awl_buf_printf(out, "%.17gf ", value);
}

static bool spell_cbor_map(struct awl_cbor *cbor, struct typed of, struct awl_buf *out)
{
    struct awl_cbor head = *cbor;
    struct pieces pieces = {NULL, 0};
    bool ok = true;
    for (uint64_t taken = 0; ok && awl_cbor_item(cbor, &head, taken); taken++) {
        struct awl_buf piece;
        awl_buf_init(&piece, BODY_MAX);
        ok = spell_cbor(cbor, (struct typed){NULL, NULL}, &piece);
        awl_str key = awl_str_slice(awl_buf_str(&piece), 1, piece.len - 1); /* 'key' */
        struct typed value = typed_at(of, ok ? key : STR(""));
        awl_buf_append_char(&piece, ':');
        if (ok)
            awl_cbor_next(cbor);
        ok = ok && spell_cbor(cbor, value, &piece);
        pieces_add(&pieces, awl_buf_str(&piece));
        awl_buf_release(&piece);
    }
    pieces_sort(&pieces);
    awl_buf_append_char(out, '{');
    for (size_t i = 0; i < pieces.count; i++)
        awl_buf_append_str(out, pieces.items[i]);
    awl_buf_append_char(out, '}');
    pieces_free(&pieces);
    return ok && cbor->token != AWL_CBOR_ERROR;
}

static bool spell_cbor_list(struct awl_cbor *cbor, struct typed of, struct awl_buf *out)
{
    struct awl_cbor head = *cbor;
    awl_buf_append_char(out, '[');
    for (uint64_t taken = 0; awl_cbor_item(cbor, &head, taken); taken++)
        if (!spell_cbor(cbor, typed_at(of, STR("")), out))
            return false;
    awl_buf_append_char(out, ']');
    return cbor->token != AWL_CBOR_ERROR;
}

static bool spell_cbor_text(struct awl_cbor *cbor, struct awl_buf *out)
{
    struct awl_buf scratch;
    awl_str text;
    awl_buf_init(&scratch, BODY_MAX);
    awl_buf_append_str(out, cbor->token == AWL_CBOR_BYTES ? STR("h'") : STR("'"));
    bool ok = awl_cbor_text(cbor, &scratch, &text);
    if (ok)
        awl_buf_append_str(out, text);
    awl_buf_append_char(out, '\'');
    awl_buf_release(&scratch);
    return ok;
}

/* A time may be an integer or a float. */
static bool spell_cbor_tagged(struct awl_cbor *cbor, bool time, struct awl_buf *out)
{
    if (awl_cbor_next(cbor) == AWL_CBOR_FLOAT && time &&
        cbor->real == (double)(int64_t)cbor->real) {
        awl_buf_printf(out, "+%lld ", (long long)cbor->real);
        return true;
    }
    return spell_cbor(cbor, (struct typed){NULL, NULL}, out);
}

/* Appends one spelling of the item that begins with the current token; lengths and
 * the width of numbers do not count. A member that is a float has 32 bits. */
static bool spell_cbor(struct awl_cbor *cbor, struct typed of, struct awl_buf *out)
{
    switch (cbor->token) {
    case AWL_CBOR_UINT:
        awl_buf_printf(out, "+%llu ", (unsigned long long)cbor->number);
        return true;
    case AWL_CBOR_NEGINT:
        awl_buf_printf(out, "-1-%llu ", (unsigned long long)cbor->number);
        return true;
    case AWL_CBOR_BYTES:
    case AWL_CBOR_STRING:
        return spell_cbor_text(cbor, out);
    case AWL_CBOR_ARRAY:
        return spell_cbor_list(cbor, of, out);
    case AWL_CBOR_MAP:
        return spell_cbor_map(cbor, of, out);
    case AWL_CBOR_TAG:
        awl_buf_printf(out, "tag %llu ", (unsigned long long)cbor->number);
        return spell_cbor_tagged(cbor, cbor->number == 1, out);
    case AWL_CBOR_BOOLEAN:
        awl_buf_append_str(out, cbor->boolean ? STR("true ") : STR("false "));
        return true;
    case AWL_CBOR_NULL:
    case AWL_CBOR_UNDEFINED:
        awl_buf_append_str(out, STR("null "));
        return true;
    case AWL_CBOR_FLOAT:
        bodies_spell_real(out, of.shape != NULL && of.shape->type == AWL_SHAPE_FLOAT
                                   ? (double)(float)cbor->real
                                   : cbor->real);
        return true;
    case AWL_CBOR_BREAK:
    case AWL_CBOR_ERROR:
        break;
    }
    return false;
}

static bool spell_cbor_whole(awl_str bytes, struct typed of, struct awl_buf *out)
{
    struct awl_cbor cbor;
    awl_cbor_init(&cbor, bytes);
    awl_cbor_next(&cbor);
    return spell_cbor(&cbor, of, out) && cbor.pos == cbor.end;
}

bool bodies_spell_cbor(awl_str bytes, struct awl_buf *out)
{
    return spell_cbor_whole(bytes, (struct typed){NULL, NULL}, out);
}

bool bodies_equal_cbor(const struct awl_model *model, const struct awl_shape *shape,
                       awl_str actual, awl_str expected)
{
    const struct typed of = {model, shape};
    struct awl_buf bytes, a, b;
    awl_buf_init(&bytes, BODY_MAX);
    awl_buf_init(&a, BODY_MAX);
    awl_buf_init(&b, BODY_MAX);
    bool same = awl_base64_decode(&bytes, expected, AWL_BASE64_STANDARD) == AWL_OK;
    if (same && !spell_cbor_whole(awl_buf_str(&bytes), of, &b))
        same = awl_str_eq(actual, awl_buf_str(&bytes));
    else
        same = same && spell_cbor_whole(actual, of, &a) &&
               awl_str_eq(awl_buf_str(&a), awl_buf_str(&b));
    awl_buf_release(&bytes);
    awl_buf_release(&a);
    awl_buf_release(&b);
    return same;
}
