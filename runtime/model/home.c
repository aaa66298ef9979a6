#include "model/home.h"

#include <stdlib.h>

enum awl_rc awl_home_file(const char *name, struct awl_buf *path, struct awl_error *err)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    const char *slash = name[0] != '\0' ? "/" : "";
    enum awl_rc rc;
    if (data != NULL && data[0] == '/') /* one that is relative is to be ignored */
        rc = awl_buf_printf(path, "%s/awl%s%s", data, slash, name);
    else if (home != NULL && home[0] != '\0')
        rc = awl_buf_printf(path, "%s/.local/share/awl%s%s", home, slash, name);
    else
        return awl_error_set(err, AWL_ENOTFOUND, "neither XDG_DATA_HOME nor HOME is set");
    return rc == AWL_OK ? rc
                        : awl_error_set(err, rc, "the path of '%s' is too long", name);
}
