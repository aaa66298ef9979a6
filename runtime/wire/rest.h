/* rest.h - HTTP bindings: members in the path, the query string, headers, the status
 * and the payload. */
#ifndef AWL_WIRE_REST_H
#define AWL_WIRE_REST_H

#include "wire/codec.h"

/* ---- writing ---- */

struct awl_rest_write {
    struct awl_walk *walk;
    const struct awl_operation *operation;
    const struct awl_shape *shape;
    int index; /* of the table, or 0 */
    struct awl_presence present;
    struct awl_headers *headers;
    unsigned elsewhere; /* AWL_ELSEWHERE_REQUEST or _ANSWER */
};

/* A text of a request URI: literals and {labels}. */
void awl_rest_write_path(struct awl_rest_write *r, awl_str path, struct awl_buf *out);
/* Appends to the pairs that the operation's URI has itself. */
void awl_rest_write_query(struct awl_rest_write *r, awl_str literal, struct awl_buf *out);
void awl_rest_write_headers(struct awl_rest_write *r);

/* ---- reading: into the table on top ---- */

/* `uri_path` is the template with its {labels}, `path` what the request has. */
enum awl_rc awl_rest_read_labels(struct awl_reader *reader, const struct awl_shape *shape,
                                 awl_str uri_path, awl_str path);
/* `literals` are the pairs that the operation's URI has itself. */
enum awl_rc awl_rest_read_query(struct awl_reader *reader, const struct awl_shape *shape,
                                awl_str literals, awl_str query);
enum awl_rc awl_rest_read_headers(struct awl_reader *reader,
                                  const struct awl_shape *shape,
                                  const struct awl_headers *headers);

void awl_rest_read_status(struct awl_reader *reader, const struct awl_shape *shape,
                          int status);

/* ---- request URIs ---- */

/* The next piece of a path template: a literal, or a label without its braces. False
 * at the end. */
struct awl_uri_piece {
    awl_str text;
    bool label;
    bool greedy; /* {name+}: may hold slashes */
};
bool awl_uri_piece_next(awl_str *path, struct awl_uri_piece *piece);

/* Splits a request URI at its '?'. */
void awl_uri_split(awl_str uri, awl_str *path, awl_str *query);

/* Matches a request's encoded path; on success `values[i]` is what the i-th label
 * stands for. -1 if it does not match, else the number of labels. */
#define AWL_URI_LABELS_MAX 16
int awl_uri_match(awl_str uri_path, awl_str path, awl_str values[AWL_URI_LABELS_MAX]);

#endif
