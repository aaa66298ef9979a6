/* The folders of models that a user names, as botocore finds them. */
#include <limits.h>
#include <stdlib.h>

#include "model/catalog.h"

static bool is_name(char c)
{
    return awl_char_is_alnum(c) || c == '_';
}

/* Appends the value of $NAME or ${NAME} at the start of `text`, or what stands there if
 * it is not set. Returns how many bytes were read. */
static size_t append_variable(struct awl_buf *out, awl_str text)
{
    bool braces = text.len > 1 && text.ptr[1] == '{';
    size_t from = braces ? 2 : 1, to = from;
    while (to < text.len && is_name(text.ptr[to]))
        to++;
    size_t end = braces && to < text.len && text.ptr[to] == '}' ? to + 1 : to;
    struct awl_buf name;
    awl_buf_init(&name, PATH_MAX);
    awl_buf_append_str(&name, awl_str_slice(text, from, to));
    const char *value =
        to > from && braces == (end > to) ? getenv(awl_buf_cstr(&name)) : NULL;
    awl_buf_append_str(out,
                       value != NULL ? awl_str_of(value) : awl_str_slice(text, 0, end));
    awl_buf_release(&name);
    return end;
}

/* Replaces ~ at the start and variables. */
static enum awl_rc expand(struct awl_buf *out, awl_str path)
{
    const char *home = getenv("HOME");
    size_t at = 0;
    awl_buf_clear(out);
    if (home != NULL && path.len > 0 && path.ptr[0] == '~' &&
        (path.len == 1 || path.ptr[1] == '/')) {
        awl_buf_append_str(out, awl_str_of(home));
        at = 1;
    }
    while (at < path.len) {
        if (path.ptr[at] == '$')
            at += append_variable(out, awl_str_slice(path, at, path.len));
        else
            awl_buf_append_char(out, path.ptr[at++]);
    }
    return awl_buf_rc(out);
}

enum awl_rc awl_catalog_add_user_folders(struct awl_catalog *catalog,
                                         struct awl_error *err)
{
    awl_str list = awl_str_of(getenv("AWS_DATA_PATH"));
    enum awl_rc rc = AWL_OK;
    struct awl_buf path;
    awl_buf_init(&path, PATH_MAX);
    while (rc == AWL_OK && list.len > 0) {
        size_t end = awl_str_find(list, ':', 0);
        awl_str item = awl_str_slice(list, 0, end);
        list = awl_str_slice(list, end == SIZE_MAX ? list.len : end + 1, list.len);
        if (item.len > 0 && expand(&path, item) == AWL_OK)
            rc = awl_catalog_add_folder(catalog, path.ptr, err);
    }
    if (rc == AWL_OK && getenv("HOME") != NULL &&
        expand(&path, STR("~/.aws/models")) == AWL_OK)
        rc = awl_catalog_add_folder(catalog, path.ptr, err);
    awl_buf_release(&path);
    return rc;
}
