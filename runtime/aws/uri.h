/* uri.h - percent-encoding, paths and query strings, as AWS uses them.
 *
 * Unreserved are A-Z a-z 0-9 - . _ ~ and nothing else; hex digits are written in
 * upper case. Slices point into the text that was given. */
#ifndef AWL_AWS_URI_H
#define AWL_AWS_URI_H

#include "base/buf.h"

/* Appends `text` with every byte that is not unreserved as %XX: a query component
 * or a path label. */
enum awl_rc awl_uri_encode(struct awl_buf *out, awl_str text);

/* The same, but '/' stays: a path, or a greedy path label. */
enum awl_rc awl_uri_encode_path(struct awl_buf *out, awl_str text);

/* As encode_path, but what is %XX already stays as it is. */
enum awl_rc awl_uri_encode_path_rest(struct awl_buf *out, awl_str path);

/* A query component in its canonical form: decoded and encoded again. */
enum awl_rc awl_uri_canonicalize(struct awl_buf *out, awl_str component);

/* Appends `text` with %XX resolved and, if wanted, '+' as a space. A '%' that two
 * hex digits do not follow stays as it is. */
enum awl_rc awl_uri_decode(struct awl_buf *out, awl_str text, bool plus_is_space);

/* How many bytes awl_uri_decode would append. */
size_t awl_uri_decoded_len(awl_str text);

/* Appends an absolute path without "." and ".." segments and empty ones; a slash at
 * the very end stays. Never ascends above "/"; "" gives "/". */
enum awl_rc awl_uri_normalize_path(struct awl_buf *out, awl_str path);

/* False when awl_uri_normalize_path might change the path. */
bool awl_uri_path_is_normal(awl_str path);

/* Takes the next pair off a query string, both parts still encoded; empty pieces
 * ("a&&b") are passed over. `value` is empty with a NULL pointer when there is no
 * '='. False at the end. */
bool awl_query_next(awl_str *query, awl_str *key, awl_str *value);

/* The decoded value of the first pair whose decoded key is `name`, appended to
 * `out`. AWL_ENOTFOUND when there is none. */
enum awl_rc awl_query_get(awl_str query, awl_str name, struct awl_buf *out);

#endif
