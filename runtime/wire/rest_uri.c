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

static int match_from(awl_str uri_path, awl_str path, awl_str *values, int count);

/* A greedy label takes as much as leaves what stands behind it. */
static int match_greedy(awl_str behind, awl_str path, awl_str *values, int count)
{
    for (size_t len = path.len; len > 0; len--) {
        awl_str rest = awl_str_slice(path, len, path.len);
        int found = match_from(behind, rest, values, count + 1);
        if (found >= 0) {
            values[count] = awl_str_slice(path, 0, len);
            return found;
        }
    }
    return -1;
}

static int match_from(awl_str uri_path, awl_str path, awl_str *values, int count)
{
    struct awl_uri_piece piece;
    while (awl_uri_piece_next(&uri_path, &piece)) {
        if (!piece.label) {
            if (!awl_str_starts(path, piece.text))
                return -1;
            path = awl_str_slice(path, piece.text.len, path.len);
            continue;
        }
        if (count == AWL_URI_LABELS_MAX)
            return -1;
        if (piece.greedy)
            return match_greedy(uri_path, path, values, count);
        size_t slash = awl_str_find(path, '/', 0);
        values[count] = awl_str_slice(path, 0, slash);
        if (values[count].len == 0)
            return -1;
        path = awl_str_slice(path, values[count++].len, path.len);
    }
    /* "/bucket" and "/bucket/" are the same. */
    return path.len == 0 || awl_str_eq(path, STR("/")) ? count : -1;
}

int awl_uri_match(awl_str uri_path, awl_str path, awl_str values[AWL_URI_LABELS_MAX])
{
    return match_from(uri_path, path, values, 0);
}
