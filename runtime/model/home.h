/* home.h - where a user's own models are: ${XDG_DATA_HOME:-~/.local/share}/awl/. */
#ifndef AWL_MODEL_HOME_H
#define AWL_MODEL_HOME_H

#include "base/buf.h"

#define AWL_HOME_MODELS "models.pack" /* used in place of the embedded one (pack.c) */
#define AWL_HOME_DOCS "docs.pack"     /* docs.h */

/* Appends the path of a file there, or of the folder for "". AWL_ENOTFOUND when the
 * environment names no home. Looks at no file. */
enum awl_rc awl_home_file(const char *name, struct awl_buf *path, struct awl_error *err);

#endif
