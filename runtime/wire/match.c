/* Which operation a request is for. */
#include "wire/wire.h"

#include "aws/uri.h"
#include "wire/codec.h"
#include "wire/form_read.h"
#include "wire/rest.h"

/* ---- REST: by method, path, literal query, and what a member binds ---- */

/* True if the query string has the key, and the value if one is given. */
static bool has_pair(struct awl_buf *scratch, awl_str query, awl_str key, bool valued,
                     awl_str value)
{
    awl_buf_clear(scratch);
    if (awl_query_get(query, key, scratch) != AWL_OK)
        return false;
    return !valued || awl_str_eq(awl_buf_str(scratch), value);
}

/* Literals of a request URI's query, each worth a point; -1 if one is not there. Older
 * clients do not send x-id, which only names the operation. */
static int match_literals(struct awl_buf *scratch, awl_str literals, awl_str query)
{
    int score = 0;
    awl_str key, value;
    while (awl_query_next(&literals, &key, &value)) {
        if (has_pair(scratch, query, key, value.ptr != NULL, value))
            score++;
        else if (!awl_str_eq(key, STR("x-id")) ||
                 has_pair(scratch, query, key, false, value))
            return -1;
    }
    return score;
}

static bool is_bound(struct awl_wire *wire, const struct awl_member *member,
                     const struct awl_request *request)
{
    awl_str name = awl_model_str(wire->model, member->wire_name);
    if (member->location == AWL_LOCATION_HEADER)
        return awl_headers_get(&request->headers, name, NULL);
    return has_pair(&wire->scratch, awl_buf_str(&request->query), name, false,
                    (awl_str){NULL, 0});
}

/* Required members in headers and query strings tell operations apart that share a
 * path, such as PutObject and CopyObject: each worth a point; -1 if one is missing. */
static int match_required(struct awl_wire *wire, const struct awl_operation *operation,
                          const struct awl_request *request)
{
    const struct awl_shape *shape = awl_codec_shape(wire->model, operation->input);
    int score = 0;
    if (shape == NULL)
        return 0;
    const struct awl_member *members = awl_model_members(wire->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        if (!(members[i].flags & AWL_MEMBER_REQUIRED) ||
            (members[i].location != AWL_LOCATION_HEADER &&
             members[i].location != AWL_LOCATION_QUERYSTRING))
            continue;
        if (!is_bound(wire, &members[i], request))
            return -1;
        score++;
    }
    return score;
}

/* Bytes of the path that are the template's own: the longer, the more particular. */
static size_t literal_len(awl_str path)
{
    struct awl_uri_piece piece;
    size_t len = 0;
    while (awl_uri_piece_next(&path, &piece))
        if (!piece.label)
            len += piece.text.len;
    return len;
}

struct candidate {
    size_t literal_len;
    int literals;
    int required; /* -1: one is missing, which its reader will say */
    bool deprecated;
};

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (a->literals != b->literals)
        return a->literals > b->literals;
    if (a->literal_len != b->literal_len)
        return a->literal_len > b->literal_len;
    if (a->required != b->required)
        return a->required > b->required;
    return !a->deprecated && b->deprecated;
}

static bool match_rest_operation(struct awl_wire *wire,
                                 const struct awl_operation *operation,
                                 const struct awl_request *request,
                                 struct candidate *candidate)
{
    awl_str values[AWL_URI_LABELS_MAX];
    awl_str path, query;
    if (!awl_str_eq(awl_model_str(wire->model, operation->http_method), request->method))
        return false;
    awl_uri_split(awl_model_str(wire->model, operation->request_uri), &path, &query);
    if (awl_uri_match(path, awl_buf_str(&request->path), values) < 0)
        return false;
    candidate->literals =
        match_literals(&wire->scratch, query, awl_buf_str(&request->query));
    candidate->literal_len = literal_len(path);
    candidate->required = match_required(wire, operation, request);
    candidate->deprecated = (operation->flags & AWL_OPERATION_DEPRECATED) != 0;
    return candidate->literals >= 0;
}

static const struct awl_operation *match_rest(struct awl_wire *wire,
                                              const struct awl_request *request)
{
    const struct awl_operation *best = NULL;
    struct candidate best_candidate = {.literals = 0}, candidate;
    for (uint32_t i = 0; i < wire->model->operation_count; i++) {
        const struct awl_operation *operation = &wire->model->operations[i];
        if (!match_rest_operation(wire, operation, request, &candidate) ||
            (best != NULL && !is_better(&candidate, &best_candidate)))
            continue;
        best = operation;
        best_candidate = candidate;
    }
    return best;
}

/* ---- the others: by name ---- */

static const struct awl_operation *by_name(const struct awl_wire *wire, awl_str name)
{
    const struct awl_operation *operation = awl_model_operation(wire->model, name);
    /* The model also knows snake_case, which the wire does not. */
    return operation != NULL &&
                   awl_str_eq(awl_model_operation_name(wire->model, operation), name)
               ? operation
               : NULL;
}

static awl_str behind_last(awl_str text, char c)
{
    size_t i = text.len;
    while (i > 0 && text.ptr[i - 1] != c)
        i--;
    return awl_str_slice(text, i, text.len);
}

static const struct awl_operation *match_target(const struct awl_wire *wire,
                                                const struct awl_request *request)
{
    awl_str target;
    return awl_headers_get(&request->headers, STR("X-Amz-Target"), &target)
               ? by_name(wire, behind_last(target, '.'))
               : NULL;
}

static const struct awl_operation *match_action(struct awl_wire *wire,
                                                const struct awl_request *request)
{
    if (awl_form_find(awl_buf_str(&request->body), STR("Action"), &wire->scratch) ||
        awl_form_find(awl_buf_str(&request->query), STR("Action"), &wire->scratch))
        return by_name(wire, awl_buf_str(&wire->scratch));
    return NULL;
}

/* "/service/{target}/operation/{name}" */
static const struct awl_operation *match_cbor(const struct awl_wire *wire,
                                              const struct awl_request *request)
{
    awl_str values[AWL_URI_LABELS_MAX];
    return awl_uri_match(STR("/service/{service}/operation/{operation}"),
                         awl_buf_str(&request->path), values) == 2
               ? by_name(wire, values[1])
               : NULL;
}

const struct awl_operation *awl_wire_match(struct awl_wire *wire,
                                           const struct awl_request *request)
{
    switch (wire->protocol) {
    case AWL_PROTOCOL_REST_JSON:
    case AWL_PROTOCOL_REST_XML:
        return match_rest(wire, request);
    case AWL_PROTOCOL_JSON:
        return match_target(wire, request);
    case AWL_PROTOCOL_QUERY:
    case AWL_PROTOCOL_EC2:
        return match_action(wire, request);
    case AWL_PROTOCOL_CBOR:
        return match_cbor(wire, request);
    case AWL_PROTOCOL_COUNT:
        break;
    }
    return NULL;
}
