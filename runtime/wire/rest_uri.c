#include "wire/rest.h"

bool awl_uri_piece_next(awl_str *path, struct awl_uri_piece *piece)
{
    if (path->len == 0)
        return false;
    size_t close = SIZE_MAX;
    if (path->ptr[0] == '{')
        close = awl_str_find(*path, '}', 0);
    if (close == SIZE_MAX) {
        size_t end = awl_str_find(*path, '{', 1);
        piece->text = awl_str_slice(*path, 0, end);
        piece->label = piece->greedy = false;
        *path = awl_str_slice(*path, piece->text.len, path->len);
        return true;
    }
    piece->text = awl_str_slice(*path, 1, close);
    piece->label = true;
    piece->greedy = awl_str_ends(piece->text, STR("+"));
    if (piece->greedy)
        piece->text.len--;
    *path = awl_str_slice(*path, close + 1, path->len);
    return true;
}

void awl_uri_split(awl_str uri, awl_str *path, awl_str *query)
{
    size_t mark = awl_str_find(uri, '?', 0);
    *path = awl_str_slice(uri, 0, mark);
    *query =
        mark != SIZE_MAX ? awl_str_slice(uri, mark + 1, uri.len) : (awl_str){NULL, 0};
}

/* How much of `path` a label takes: up to the next slash, or, if greedy, as much as
 * leaves `rest` bytes for the literal behind it. */
static size_t label_len(awl_str path, bool greedy, awl_str literal)
{
    if (!greedy) {
        size_t slash = awl_str_find(path, '/', 0);
        return slash != SIZE_MAX ? slash : path.len;
    }
    return path.len >= literal.len && awl_str_ends(path, literal) ? path.len - literal.len
                                                                  : SIZE_MAX;
}

int awl_uri_match(awl_str uri_path, awl_str path, awl_str values[AWL_URI_LABELS_MAX])
{
    int count = 0;
    struct awl_uri_piece piece;
    while (awl_uri_piece_next(&uri_path, &piece)) {
        if (!piece.label) {
            if (!awl_str_starts(path, piece.text))
                return -1;
            path = awl_str_slice(path, piece.text.len, path.len);
            continue;
        }
        size_t len = label_len(path, piece.greedy, uri_path);
        if (len == 0 || len == SIZE_MAX || count == AWL_URI_LABELS_MAX)
            return -1;
        values[count++] = awl_str_slice(path, 0, len);
        path = awl_str_slice(path, len, path.len);
    }
    /* "/bucket" and "/bucket/" are the same. */
    return path.len == 0 || awl_str_eq(path, STR("/")) ? count : -1;
}
